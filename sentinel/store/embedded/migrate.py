"""Brings a store that an earlier version wrote to the format of this one.

`STEPS[n]` leads from format n to n + 1. A step changes the manifest, in one transaction that also raises the format
that the manifest tells; whatever files it needs besides (a sidecar, say) it writes before, under new names. Only then
does `sentinel-store.json` tell the new format. So a migration that is interrupted anywhere is taken up where it was:
between the two, the manifest's word counts. While it runs it holds the lock of those who merge and remove, and it does
not begin while anyone holds a journal open.

Format 1 is the first; the table grows with the next.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import Damaged, StoreError
from sentinel.language import _
from sentinel.store.embedded import disk
from sentinel.store.embedded import layout as layouts
from sentinel.store.embedded.journal import JournalReader
from sentinel.store.embedded.manifest import mark_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import TypeAlias

    from sentinel.store.embedded.layout import Layout

    # Gets the store's layout and the manifest's connection, in a transaction that it neither begins nor ends.
    Step: TypeAlias = Callable[[Layout, sqlite3.Connection], None]

STEPS: Final[Mapping[int, Step]] = {}


def migrate(folder: Path, steps: Mapping[int, Step] = STEPS, to: int = layouts.FORMAT) -> tuple[int, int]:
    """Bring a store to a format; give the one that it had and the one that it has now.

    Raise StoreError where it is newer, where no step leads on, or where somebody writes to it.
    """
    head = _head(folder)
    found = int(head["format"])
    if found == to:
        return found, to
    if found > to or any(version not in steps for version in range(found, to)):
        raise StoreError(
            _("the store has format {found}; this version reads up to {known}").format(found=found, known=to)
            if found > to
            else _("no way leads from format {found} to format {known}").format(found=found, known=to),
            place=str(folder / layouts.NAME),
            hint=_("use the version of Sentinel that wrote it, or a newer one"),
        )
    layout = layouts.Layout(folder, str(head["id"]))
    with disk.told(folder), disk.locked(layout.lock):
        _check_quiet(layout)
        for version in range(found, to):
            _step(layout, version, steps[version])
            disk.put(folder / layouts.NAME, json.dumps({**head, "format": version + 1}, indent=1).encode() + b"\n")
    return found, to


def _head(folder: Path) -> dict[str, Any]:
    path = folder / layouts.NAME
    try:
        head = json.loads(path.read_bytes())
        return {**head, "format": int(head["format"]), "id": str(head["id"])}
    except OSError as error:
        raise disk.refused(error, path) from error
    except (ValueError, TypeError, KeyError):
        raise Damaged(
            _("the file that tells the store's format cannot be read"),
            place=str(path),
            hint=_("restore it from a backup: it never changes after the store was made"),
        ) from None


def _check_quiet(layout: Layout) -> None:
    """Raise StoreError where a writer of an earlier version is at work."""
    for path in sorted(layout.journals.glob("*.journal")):
        journal = JournalReader(path)
        try:
            if not journal.take_lock():
                raise StoreError(
                    _("another process writes to this store"), place=str(path), hint=_("try again when it has ended")
                )
        finally:
            journal.close()


def _step(layout: Layout, version: int, step: Step) -> None:
    """Take a step, unless it was taken before the power went; the manifest tells."""
    try:
        with closing(sqlite3.connect(layout.manifest, timeout=60, isolation_level=None)) as manifest:
            manifest.execute("pragma synchronous = full")
            manifest.execute("begin immediate")
            ((told,),) = manifest.execute("select value from meta where key = 'format'").fetchall()
            if told == version:
                step(layout, manifest)
                _tell_format(manifest, version + 1)
            manifest.execute("commit")
    except sqlite3.Error as error:
        raise StoreError(
            _("the store cannot be brought to format {version}: {reason}").format(version=version + 1, reason=error),
            place=str(layout.manifest),
            hint=_("nothing was changed; use the version of Sentinel that wrote it"),
        ) from error


def _tell_format(manifest: sqlite3.Connection, version: int) -> None:
    meta = {**dict(manifest.execute("select key, value from meta").fetchall()), "format": version}
    meta.pop("mark", None)
    meta["mark"] = mark_of("meta", sorted(meta.items()))
    manifest.executemany("insert or replace into meta values(?, ?)", meta.items())
