"""Where things lie in a store's folder.

    sentinel-store.json      the format's version and the store's id; a folder without it is no store
    manifest.db              which segments and journals exist (SQLite)
    journals/<name>.journal  what a writer took in and did not seal yet
    segments/<dataset>/<day of @timestamp, UTC>/<name>.parquet and .grams
    alerts.db, verdicts.db   alerts, and what hunts may forget
    leases/                  locked by readers: no segment that they read is removed
    lock                     locked by whoever merges, retains or sweeps

A file in journals or segments that the manifest does not know does not exist, and is removed some day.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sentinel.errors import Damaged, StoreError
from sentinel.language import _
from sentinel.store.embedded import disk

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
NAME = "sentinel-store.json"
"""The file that makes a folder a store; it is written last and never changes."""
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")
_LONGEST = 120
_PLAIN = re.compile(rf"(?!\.)[A-Za-z0-9_.-]{{1,{_LONGEST}}}\Z")


@dataclass(frozen=True, slots=True)
class Layout:
    """The folder of a store that is there, and its id."""

    folder: Path
    id: str

    @property
    def manifest(self) -> Path:
        """The manifest's file."""
        return self.folder / "manifest.db"

    @property
    def verdicts(self) -> Path:
        """The file of what hunts need not do again."""
        return self.folder / "verdicts.db"

    @property
    def lock(self) -> Path:
        """The file whose lock one process at a time has that removes or merges segments."""
        return self.folder / "lock"

    @property
    def leases(self) -> Path:
        """The folder of readers' leases."""
        return self.folder / "leases"

    @property
    def journals(self) -> Path:
        """The folder of journals."""
        return self.folder / "journals"

    @property
    def segments(self) -> Path:
        """The folder of segments."""
        return self.folder / "segments"

    def journal(self, name: str) -> Path:
        """Give a journal's file."""
        return self.journals / f"{name}.journal"

    def day(self, dataset: str, day: str) -> Path:
        """Give the folder of the segments of a dataset's day."""
        return self.segments / folder_name(dataset) / day

    def segment(self, dataset: str, day: str, name: str) -> Path:
        """Give a segment's file."""
        return self.day(dataset, day) / f"{name}.parquet"

    def grams(self, dataset: str, day: str, name: str) -> Path:
        """Give the file beside a segment that helps to find text in it."""
        return self.day(dataset, day) / f"{name}.grams"


def folder_name(dataset: str) -> str:
    """Give the name of a dataset's folder: its own where that is a plain one, else one that no other dataset has."""
    if _PLAIN.match(dataset):
        return dataset
    digest = blake2b(dataset.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    # A plain name has no "%".
    return f"{_UNSAFE.sub('_', dataset)[:_LONGEST].lstrip('.')}%{digest}"


def find(folder: Path) -> Layout:
    """Give the layout of the store in a folder; raise StoreError where there is none that can be read."""
    path = folder / NAME
    try:
        head = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise _no_store(folder) from None
    except OSError as error:
        raise disk.refused(error, path) from error
    return Layout(folder, _checked(head, path))


def create(folder: Path) -> Layout:
    """Make a store in a folder that is not there, empty, or holds a store begun; give the one that is there already."""
    with disk.told(folder):
        if (folder / NAME).exists():
            return find(folder)
        _check_ours(folder)
        disk.make_folder(folder.absolute())
        with disk.locked(folder / "lock"):
            if (folder / NAME).exists():
                return find(folder)
            return _create(folder)


def _create(folder: Path) -> Layout:
    from sentinel.store.embedded.manifest import create_manifest  # which needs this module

    layout = Layout(folder, str(uuid.uuid4()))
    for each in (layout.leases, layout.journals, layout.segments):
        disk.make_folder(each.absolute())
    create_manifest(layout)
    head = {"format": FORMAT, "id": layout.id, "created": datetime.now(UTC).isoformat(timespec="seconds")}
    # Last: a folder with this file is a whole store.
    disk.put(folder / NAME, json.dumps(head, indent=1).encode() + b"\n")
    return layout


def _check_ours(folder: Path) -> None:
    if not folder.exists():
        return
    # NAME: another may have made the store just now.
    names = {NAME, "lock", "leases", "journals", "segments", "manifest.db", "manifest.db-wal", "manifest.db-shm"}
    foreign = sorted(each.name for each in folder.iterdir() if each.name not in names and not _is_begun(each.name))
    if foreign:
        raise StoreError(
            _("the folder is not empty and is no store: it holds {name}").format(name=foreign[0]),
            place=str(folder),
            hint=_("name an empty or new folder"),
        )


def _is_begun(name: str) -> bool:
    return name.startswith(f".{NAME}.")


def _no_store(folder: Path) -> StoreError:
    if not folder.exists():
        problem = _("there is no store here")
    elif not folder.is_dir():
        problem = _("this is no folder, and so no store")
    else:
        problem = _("this folder is no store")
    return StoreError(problem, place=str(folder), hint=_("'sentinel ingest' makes a store where there is none"))


def _checked(head: bytes, path: Path) -> str:
    try:
        said: Any = json.loads(head)
        version, store = int(said["format"]), str(said["id"])
    except (ValueError, TypeError, KeyError):
        raise Damaged(
            _("the file that tells the store's format cannot be read"),
            place=str(path),
            hint=_("restore it from a backup: it never changes after the store was made"),
        ) from None
    if version > FORMAT:
        raise StoreError(
            _("the store has format {found}; this version reads up to {known}").format(found=version, known=FORMAT),
            place=str(path),
            hint=_("use the version of Sentinel that wrote it, or a newer one"),
        )
    if version < FORMAT:
        raise StoreError(
            _("the store has format {found}, which is an earlier one").format(found=version),
            place=str(path),
            hint=_("'sentinel store compact' brings it to format {known}").format(known=FORMAT),
        )
    return store
