"""Copies a store while others write to it, and makes one of such a copy again.

A backup is a store's folder as any other: the manifest of one moment, its segments, what its journals held that was
committed, and the alerts. Segments never change, so they are links where the disk allows it, and a backup into the
same folder again copies only what is new.

Whenever it is interrupted, the folder holds what it held before, or (the first time) is no store yet: segments and
journals come first, then the alerts (those of all events that are in the copy), then the manifest in one step, and the
file that makes a folder a store last.
"""

from __future__ import annotations

import errno
import json
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING

from sentinel.errors import Damaged, StoreError
from sentinel.language import _
from sentinel.store.embedded import databases, disk
from sentinel.store.embedded import layout as layouts
from sentinel.store.embedded.journal import JournalReader
from sentinel.store.embedded.leases import lease
from sentinel.store.embedded.manifest import Manifest
from sentinel.store.embedded.segment import DIGEST_BYTES
from sentinel.store.embedded.verify import verify
from sentinel.store.histories import NAME as ALERTS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from sentinel.store.embedded.layout import Layout
    from sentinel.store.embedded.manifest import State

    Told = Callable[[int, int], None]

_BLOCK = 1 << 20
_TRIES = 20
"""How often a store may merge or seal what is being copied before we give up; each time less is left to copy."""
_BEGUN = "backup-begun.json"
_NO_LINKS = frozenset({errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS})


@dataclass(frozen=True, slots=True)
class Copied:
    """What a backup or restore did: files linked, copied, and those that were there already; `bytes` are the copied."""

    linked: int = 0
    copied: int = 0
    kept: int = 0
    bytes: int = 0
    events: int = 0


class _Moved(Exception):  # noqa: N818 - not an error: the store went on
    """What was being copied is no part of the store any more."""


def backup(folder: Path, into: Path, told: Told = lambda _done, _total: None) -> Copied:
    """Copy a store, which others may write to meanwhile, to a folder: a new or empty one, or a backup of it.

    `told` is called with the bytes done and all there are. Raise StoreError where the folder is another's, Damaged
    where a segment that is copied is not what was written; then the folder is as it was.
    """
    source = layouts.find(folder)
    if into.absolute().is_relative_to(folder.absolute()):
        raise StoreError(_("a backup cannot lie in its store"), place=str(into), hint=_("name another folder"))
    manifest = Manifest(source, write=False)
    try:
        generation = manifest.generation()
    finally:
        manifest.close()
    with lease(source.leases, generation):
        return _copy(source, into, _Task(told, links=True))


def restore(backup_folder: Path, into: Path, told: Told = lambda _done, _total: None) -> Copied:
    """Make a store of a backup in a new or empty folder, or go on where that was interrupted.

    The backup is looked at first: raise Damaged where it is not what was written, StoreError where the folder is not
    empty. `told` is called with the bytes done and all there are: looking counts as much as copying.
    """
    if not (backup_folder / layouts.NAME).exists():
        raise StoreError(
            _("there is no backup here"),
            place=str(backup_folder),
            hint=_("name the folder that 'sentinel store backup' made"),
        )
    source = layouts.find(backup_folder)
    if (into / layouts.NAME).exists():
        raise StoreError(
            _("there is a store already"), place=str(into), hint=_("name a new folder; nothing is overwritten")
        )
    _check_target(source, into)
    verify(backup_folder, lambda done, total: told(done, 2 * total)).check()
    return _copy(source, into, _Task(lambda done, total: told(total + done, 2 * total), links=False))


@dataclass(slots=True)
class _Task:
    """A copy that is being made."""

    told: Told
    links: bool
    result: Copied = Copied()
    total: int = 0
    done: int = 0

    def count(self, size: int, **more: int) -> None:
        self.done += size
        self.result = replace(self.result, **{name: getattr(self.result, name) + n for name, n in more.items()})
        self.told(min(self.done, self.total), self.total)


def _copy(source: Layout, into: Path, task: _Task) -> Copied:
    _check_target(source, into)
    with disk.told(into):
        disk.make_folder(into.absolute())
        target = layouts.Layout(into, source.id)
        with disk.locked(into / "lock", wait=False) as alone:
            if not alone:
                raise StoreError(_("another process writes to this folder"), place=str(into), hint=_("try again later"))
            if not (into / layouts.NAME).exists():
                disk.put(into / _BEGUN, (source.folder / layouts.NAME).read_bytes())
            for path in (target.leases, target.journals, target.segments):
                disk.make_folder(path.absolute())
            _settle(target)
            disk.make_folder(_aside(target).folder.absolute())
            state = _copy_files(source, target, task)
            _finish(source, target)
            _sweep(target, state)
    return task.result


def _check_target(source: Layout, into: Path) -> None:
    """Raise StoreError unless a folder is new, empty, a backup of this store, or one that was begun."""
    if not into.exists():
        return
    try:
        names = {path.name for path in into.iterdir()}
    except OSError as error:
        raise disk.refused(error, into) from error
    for name in (layouts.NAME, _BEGUN):
        if name in names:
            if _id_in(into / name) == source.id:
                return
            raise StoreError(
                _("the folder holds another store"),
                place=str(into),
                hint=_("name a new folder, or this store's backup"),
            )
    if any(name != "lock" and not name.startswith(f".{_BEGUN}.") for name in names):
        raise StoreError(_("the folder is not empty"), place=str(into), hint=_("name an empty or new folder"))


def _id_in(path: Path) -> str:
    try:
        return str(json.loads(path.read_bytes())["id"])
    except (ValueError, TypeError, KeyError):
        return ""


def _settle(target: Layout) -> None:
    """Bring the manifest of an earlier backup into one file, where somebody opened it since."""
    for path in (target.manifest, target.folder / ALERTS):
        if path.with_name(path.name + "-wal").exists() and path.exists():
            with databases.told(path), closing(databases.connect(path, "mode=rw")) as connection:
                connection.execute("pragma wal_checkpoint(truncate)")
        for suffix in ("-wal", "-shm"):
            disk.unlink(path.with_name(path.name + suffix))


def _copy_files(source: Layout, target: Layout, task: _Task) -> State:
    """Copy the manifest beside that of the target, and all files that it names; give what it says."""
    for _try in range(_TRIES):
        _copy_database(source.manifest, _aside(target).manifest)
        state = _state(target)
        task.total = task.done + sum(segment.bytes + segment.grams_bytes for segment in state.segments)
        task.result = replace(task.result, kept=0)
        try:
            _copy_state(source, target, state, task)
        except _Moved:
            continue
        return state
    raise StoreError(
        _("the store changes faster than it can be copied"), place=str(source.folder), hint=_("try again later")
    )


def _state(target: Layout) -> State:
    """Read the manifest that was copied."""
    manifest = Manifest(_aside(target), write=False)
    try:
        return manifest.state()
    finally:
        manifest.close()


def _copy_state(source: Layout, target: Layout, state: State, task: _Task) -> None:
    events = 0
    for name in state.journals:
        events += _copy_journal(source.journal(name), target.journal(name))
    folders = set()
    for segment in state.segments:
        here = segment.dataset, segment.day, segment.name
        disk.make_folder(target.day(*here[:2]).absolute())
        folders.add(target.day(*here[:2]))
        _copy_file(source.segment(*here), target.segment(*here), (segment.bytes, segment.digest), task)
        if segment.grams_digest:
            _copy_file(source.grams(*here), target.grams(*here), (segment.grams_bytes, segment.grams_digest), task)
    for path in sorted(folders):
        disk.sync_folder(path)
    disk.sync_folder(target.journals)
    task.result = replace(task.result, events=events + sum(segment.rows for segment in state.segments))


def _copy_file(path: Path, to: Path, expected: tuple[int, bytes], task: _Task) -> None:
    """Link or copy a file that never changes; `expected` are its size and digest."""
    if to.exists() and to.stat().st_size == expected[0]:
        task.count(expected[0], kept=1)
        return
    disk.unlink(to)
    try:
        if task.links and _linked(path, to):
            task.count(expected[0], linked=1)
            return
        if _written(_blocks(path), to) != expected:
            disk.unlink(_beside(to))
            raise Damaged(
                _("the file's bytes are not those that were written"),
                place=str(path),
                hint=_("'sentinel store verify' tells more; restore the store from a backup"),
            )
    except FileNotFoundError:
        raise _Moved from None
    disk.rename(_beside(to), to)
    task.count(expected[0], copied=1, bytes=expected[0])


def _linked(path: Path, to: Path) -> bool:
    try:
        disk.link(path, to)
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise
    return True


def _copy_journal(path: Path, to: Path) -> int:
    """Copy what a journal holds that was committed; give the number of events."""
    try:
        journal = JournalReader(path)
    except FileNotFoundError:
        raise _Moved from None
    try:
        journal.advance()
        # The end proves that all before it was whole.
        _written(chain(_blocks(path, journal.end), [journal.closing] if journal.end else []), to)
        rows = sum(commit.rows for commit in journal.commits)
    except FileNotFoundError:
        raise _Moved from None
    finally:
        journal.close()
    disk.rename(_beside(to), to)
    return rows


def _blocks(path: Path, end: int | None = None) -> Iterator[bytes]:
    """Give a file's bytes, or those up to an end."""
    left = path.stat().st_size if end is None else end
    with path.open("rb", buffering=0) as file:
        while left and (block := file.read(min(_BLOCK, left))):
            left -= len(block)
            yield block


def _written(blocks: Iterable[bytes], to: Path) -> tuple[int, bytes]:
    """Write bytes to a file beside another, durably; give their number and digest."""
    beside, digest = _beside(to), blake2b(digest_size=DIGEST_BYTES)
    disk.unlink(beside)
    file = disk.File(beside)
    try:
        for block in blocks:
            digest.update(block)
            file.write(block)
        file.sync()
    finally:
        file.close()
    return file.size, digest.digest()


def _copy_database(path: Path, to: Path) -> None:
    """Copy a database of SQLite as of one moment, durably."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        disk.unlink(to.with_name(to.name + suffix))
    with databases.told(path), closing(databases.read_only(path)) as source, _made(to) as target:
        source.backup(target)
        # Closed with nothing beside it, so that what is renamed is all there is.
        target.execute("pragma journal_mode = wal")


@contextmanager
def _made(path: Path) -> Iterator[sqlite3.Connection]:
    with databases.told(path), closing(databases.connect(path, "mode=rwc")) as connection:
        yield connection


def _finish(source: Layout, target: Layout) -> None:
    """Put what was copied in force: the alerts, then the manifest, then the file that says that this is a store."""
    aside = _aside(target).folder
    if (source.folder / ALERTS).exists():
        _copy_database(source.folder / ALERTS, aside / ALERTS)
        disk.rename(aside / ALERTS, target.folder / ALERTS)
    disk.rename(_aside(target).manifest, target.manifest)
    disk.sync_folder(target.folder)
    head = (source.folder / layouts.NAME).read_bytes()
    if not (target.folder / layouts.NAME).exists() or (target.folder / layouts.NAME).read_bytes() != head:
        disk.put(target.folder / layouts.NAME, head)
    disk.unlink(target.folder / _BEGUN)
    with suppress(OSError):
        aside.rmdir()
    disk.sync_folder(target.folder)


def _sweep(target: Layout, state: State) -> None:
    """Remove from a backup what its manifest does not name any more."""
    known = {target.journal(name) for name in state.journals}
    for segment in state.segments:
        here = segment.dataset, segment.day, segment.name
        known |= {target.segment(*here), target.grams(*here)}
    for path in [*target.segments.rglob("*"), *target.journals.iterdir()]:
        if path.is_file() and path not in known:
            disk.unlink(path)


def _aside(target: Layout) -> Layout:
    """Give the place where databases are put together before they are in force."""
    return layouts.Layout(target.folder / ".copy", target.id)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.copy")
