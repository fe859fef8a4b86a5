"""Removes files that nobody reads any more: those of dead segments, and what a death left half done.

A file that the manifest does not know is rubbish, unless whoever writes it is about to make it known. A segment's name
begins with that of the journal it comes from, which its sealer has locked until all is done; other segments are
written under the store's own lock. So a file is first seen, then found not to be anyone's, and then, if the manifest
still does not know it, removed.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sentinel.store.embedded import disk
from sentinel.store.embedded.journal import JournalReader
from sentinel.store.embedded.leases import least_generation

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.store.embedded.layout import Layout
    from sentinel.store.embedded.manifest import Manifest


def collect(layout: Layout, manifest: Manifest) -> int:
    """Remove the files of dead segments that no reader looks at; the store's lock must be held. Give how many."""
    dead = manifest.segments("dead is not null")
    if not dead:
        return 0
    with disk.told(layout.folder):
        least = least_generation(layout.leases)
        gone = [segment for segment in dead if least is None or (segment.dead or 0) <= least]
        for segment in gone:
            disk.unlink(layout.segment(segment.dataset, segment.day, segment.name))
            disk.unlink(layout.grams(segment.dataset, segment.day, segment.name))
    if gone:
        from sentinel.store.embedded.verdicts import forget

        forget(layout.verdicts, [segment.name for segment in gone])
        with manifest.change() as change:
            for segment in gone:
                change.forget_segment(segment.name)
    return len(gone)


def sweep(layout: Layout, manifest: Manifest) -> int:
    """Remove files that the manifest does not know and nobody writes; the store's lock must be held. Give how many."""
    with disk.told(layout.folder):
        seen = [path for path in layout.segments.rglob("*") if path.is_file()]
        seen = [path for path in seen if not _is_locked(layout.journal(path.name.partition("-")[0].lstrip(".")))]
        known = _known(layout, manifest)
        rubbish = [path for path in seen if path not in known]
        for path in rubbish:
            disk.unlink(path)
        return len(rubbish) + sum(_remove(path, manifest) for path in layout.journals.glob("*.journal"))


def _known(layout: Layout, manifest: Manifest) -> set[Path]:
    places = [(each.dataset, each.day, each.name) for each in manifest.segments("true")]
    return {layout.segment(*place) for place in places} | {layout.grams(*place) for place in places}


def _is_locked(journal: Path) -> bool:
    """Tell whether a journal's writer, or whoever seals it, lives."""
    try:
        reader = JournalReader(journal)
    except FileNotFoundError:
        return False
    try:
        return not reader.take_lock()
    finally:
        reader.close()


def _remove(journal: Path, manifest: Manifest) -> bool:
    """Remove a journal's file if it is sealed, or was never begun."""
    with suppress(FileNotFoundError):
        reader = JournalReader(journal)
        try:
            if reader.take_lock() and not manifest.has_journal(reader.name):
                disk.unlink(journal)
                return True
        finally:
            reader.close()
    return False
