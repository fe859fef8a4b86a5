"""A program that backs a store up, again after it changed, and restores the backup; and what may be left of each.

python -m tests.store.crash.copying FOLDER SAID
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sentinel.store.embedded.backup import backup, restore
from sentinel.store.embedded.compact import compact
from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.verify import verify
from tests.store.embedded.stores import ids_in, leave, numbered, numbered_ids, put

FIRST, SECOND = range(1, 7), range(1, 9)
"""The events of the first backup, and of the second and the restored store."""


def look(folder: Path, heard: list[bytes]) -> None:
    """Check that copies are whole where they are stores, hold what was said of them, and can be made again."""
    for name, least in (("backup", 1 + (b"second" in heard)), ("restored", 2)):
        copy = folder / name
        if (copy / "sentinel-store.json").exists():
            verify(copy).check()
            held = ids_in(copy)
            assert held in (numbered_ids(*SECOND), *([numbered_ids(*FIRST)] if least == 1 else []))
        else:
            assert {b"backup": b"first", b"restored": b"restored"}[name.encode()] not in heard
    if b"made" in heard:
        before = ids_in(folder / "store")
        backup(folder / "store", folder / "backup")
        verify(folder / "backup").check()
        assert before == ids_in(folder / "backup")
    if b"second" in heard and not (folder / "restored" / "sentinel-store.json").exists():
        restore(folder / "backup", folder / "restored")
        assert numbered_ids(*SECOND) == ids_in(folder / "restored")


def main(folder: str, said: str) -> None:
    """Do it, saying what is done."""
    out = os.open(said, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    place = Path(folder)
    store = open_store(place / "store", create=True)
    put(store, numbered(1, 2), numbered(3, dataset="web.access"))
    put(store, numbered(4))
    leave(store, numbered(5, 6))
    os.write(out, b"made\n")
    backup(place / "store", place / "backup")
    os.write(out, b"first\n")
    compact(store.layout, store.manifest)
    put(store, numbered(7))
    leave(store, numbered(8))
    backup(place / "store", place / "backup")
    os.write(out, b"second\n")
    store.close()
    restore(place / "backup", place / "restored")
    os.write(out, b"restored\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
