"""Takes events in: a journal first, segments when there is enough."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from sentinel.errors import Damaged, StoreError
from sentinel.language import _
from sentinel.store.embedded import disk
from sentinel.store.embedded.compact import tidy
from sentinel.store.embedded.frames import events_of, without
from sentinel.store.embedded.journal import JournalFile, JournalReader
from sentinel.store.embedded.seal import load_of, remove_files, seal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sentinel.model.batch import EventBatch
    from sentinel.store.base import Covered
    from sentinel.store.embedded.journal import Events
    from sentinel.store.embedded.layout import Layout
    from sentinel.store.embedded.manifest import Manifest
    from sentinel.store.embedded.seal import Load

HELD_BYTES = 64 << 20
"""Bytes of events (Arrow) that a writer holds before it seals them."""
CARRIED_BYTES = HELD_BYTES // 3
"""So many of them may wait on, of days with few events, for more to come."""
LEFT_CARRIED_BYTES = 4 << 20
"""So many may when the writer ends."""
LEFT_BYTES = 4 << 20
"""Journals of dead writers with fewer bytes together are left for a later writer to seal, as long as they are few."""
_MOST_LEFT = 32


class EmbeddedWriter:
    """A writer with a journal of its own; not for several threads at once."""

    def __init__(self, layout: Layout, manifest: Manifest) -> None:
        """Begin; journals that dead writers left are sealed first where they are worth it."""
        self._layout = layout
        self._manifest = manifest
        self._journal: JournalFile | None = None
        self._added: list[Events] = []
        self._loads: list[Load] = []
        self._covered: list[Covered] = []
        self._bytes = 0
        self._added_bytes = 0
        self._usable = True
        self._sealed = False
        seal_left(layout, manifest)

    def add(self, batch: EventBatch) -> None:
        """Take a batch; it is neither durable nor seen by anyone before the next commit."""
        self._check_usable()
        if batch.columns.num_rows:
            events = events_of(batch)
            self._added.append(events)
            self._added_bytes += events.batch.nbytes

    def drop(self, ids: Collection[str]) -> int:
        """Let go of what was added under these ids since the last commit; give how many events that were."""
        before = _rows(self._added)
        kept = (without(events, ids) for events in self._added)
        self._added = [events for events in kept if events.batch.num_rows]
        self._added_bytes = sum(events.batch.nbytes for events in self._added)
        return before - _rows(self._added)

    def is_full(self) -> bool:
        """Tell whether so much was added that it is packed at once, without a journal, when it is committed now."""
        return self._bytes + self._added_bytes >= HELD_BYTES

    def commit(self, covered: Sequence[Covered] = ()) -> None:
        """Make all that was added durable, together with what it covers; readers see it from here on."""
        if not self._added and not covered:
            return
        if self.is_full():
            self._seal_at_once(covered)
            return
        with self._writing() as journal:
            for events in self._added:
                journal.add(events)
            ingested = journal.commit(covered).ingested
        self._take_added(covered, ingested)

    def _take_added(self, covered: Sequence[Covered], ingested: int) -> None:
        self._loads += [load_of(events, ingested) for events in self._added]
        self._bytes += self._added_bytes
        self._covered += covered
        self._added.clear()
        self._added_bytes = 0

    def _seal_at_once(self, covered: Sequence[Covered]) -> None:
        """Commit what was added by sealing it with what the journal holds: the manifest makes both durable."""
        self._check_usable()
        self._usable = False
        if self._journal is None:
            with disk.told(self._layout.journals):
                self._journal = begin_journal(self._layout)  # its lock says whose the new segments are
        self._take_added(covered, time.time_ns())
        try:
            self._seal(CARRIED_BYTES)
        except StoreError:
            self._leave()  # what was committed before stays in its journal
            raise
        self._usable = True

    def close(self) -> None:
        """Let go of what was added and not committed, and leave the store in order."""
        self._usable = False
        self._added.clear()
        if self._bytes > LEFT_CARRIED_BYTES:
            self._seal_or_leave(LEFT_CARRIED_BYTES)
        self._leave()
        if self._sealed:
            tidy(self._layout, self._manifest)

    def _check_usable(self) -> None:
        if not self._usable:
            raise StoreError(
                _("this writer takes no more events, since it was closed or could not write"),
                place=str(self._layout.folder),
                hint=_("begin again: what was acknowledged is there"),
            )

    @contextmanager
    def _writing(self) -> Iterator[JournalFile]:
        """Give the journal; after a write that failed nobody knows what the file holds, so that it takes no more."""
        self._check_usable()
        self._usable = False
        with disk.told(self._layout.journals):
            if self._journal is None:
                self._journal = begin_journal(self._layout)
                with self._manifest.change() as change:
                    change.add_journal(self._journal.name)
            yield self._journal
        self._usable = True

    def _seal_or_leave(self, keep: int) -> None:
        """Seal what was committed; where that cannot be done now, its journal keeps it for the next writer."""
        try:
            self._seal(keep)
        except Damaged:
            raise
        except StoreError:
            self._leave()

    def _seal(self, keep: int) -> None:
        """Seal all that is held, or raise StoreError."""
        journal = self._journal
        assert journal is not None  # noqa: S101 - it holds what is to be sealed, or stands for it
        carried = seal_journals(self._layout, self._manifest, [journal.name], self._loads, self._covered, keep)
        self._sealed = True
        disk.unlink(journal.path)
        journal.close()
        self._forget()
        if carried:
            self._journal, self._loads = carried
            self._bytes = sum(load.bytes for load in self._loads)

    def _leave(self) -> None:
        if self._journal is not None:
            with suppress(OSError):  # what is not written there is told by its absence, too
                self._journal.end()
            self._journal.close()
        self._forget()

    def _forget(self) -> None:
        self._journal = None
        self._loads.clear()
        self._covered.clear()
        self._bytes = 0


def _rows(added: Iterable[Events]) -> int:
    return sum(int(events.batch.num_rows) for events in added)


def begin_journal(layout: Layout) -> JournalFile:
    """Make a journal that nobody sweeps, for the manifest to know; raise OSError."""
    while True:
        journal = JournalFile(layout.journal(os.urandom(8).hex()))
        # Whoever sweeps may have come between making the file and locking it; from here on nobody does.
        if journal.is_ours():
            return journal
        journal.close()


def seal_journals(  # noqa: PLR0913, PLR0917 - what is sealed, and how
    layout: Layout,
    manifest: Manifest,
    names: Sequence[str],
    loads: Sequence[Load],
    covered: Sequence[Covered],
    keep: int,
) -> tuple[JournalFile, list[Load]] | None:
    """Let journals whose locks are held become segments: all at once, or, with StoreError, not at all.

    What is too little for a segment, up to `keep` bytes, goes to a new journal; give that, and what it holds.
    """
    sealed = seal(loads, layout, names[0], keep)
    carried: tuple[JournalFile, list[Load]] | None = None
    disk.point("before sealing")
    try:
        if sealed.carried:
            carried = _carry(layout, sealed.carried)
        with manifest.change() as change:
            if carried:
                change.add_journal(carried[0].name)
            for segment in sealed.segments:
                change.add_segment(segment)
            change.add_covered(covered)
            for name in names:
                change.end_journal(name)
    except StoreError:
        if not any(manifest.has_segment(segment.name) for segment in sealed.segments[:1]):
            remove_files(layout, sealed.segments)
            if carried:
                disk.unlink(carried[0].path)
                carried[0].close()
        raise
    disk.point("sealed")
    return carried


def _carry(layout: Layout, carried: Sequence[Events]) -> tuple[JournalFile, list[Load]]:
    with disk.told(layout.journals):
        journal = begin_journal(layout)
        for events in carried:
            journal.add(events)
        ingested = journal.commit(()).ingested
    return journal, [load_of(events, ingested) for events in carried]


def seal_left(layout: Layout, manifest: Manifest, *, least: int = LEFT_BYTES) -> int:
    """Seal the journals that dead writers left, all together, if they have enough bytes; give how many.

    With `least` as 0 all events in them go to segments, be they ever so few.
    """
    readers = _left(layout, manifest)
    try:
        if not readers or (len(readers) < _MOST_LEFT and sum(reader.end for reader in readers) < least):
            return 0
        loads = [
            load_of(reader.read(frame), frame.commit.ingested, partial(reader.read, frame))
            for reader in readers
            for frame in reader.frames
        ]
        covered = [each for reader in readers for commit in reader.commits for each in commit.ranges]
        names = [reader.name for reader in readers]
        carried = seal_journals(layout, manifest, names, loads, covered, LEFT_CARRIED_BYTES if least else 0)
        if carried:
            carried[0].end()
            carried[0].close()
        for reader in readers:
            disk.unlink(reader.path)
        return len(readers)
    finally:
        for reader in readers:
            reader.close()


def _left(layout: Layout, manifest: Manifest) -> list[JournalReader]:
    """Give the journals of dead writers, locked and read through; damaged ones are left to `verify`."""
    found = []
    for name in manifest.journals():
        try:
            reader = JournalReader(layout.journal(name))
        except FileNotFoundError:  # sealed meanwhile, or damage
            continue
        with suppress(Damaged):
            # Another may have sealed it before its lock was taken.
            if reader.take_lock() and manifest.has_journal(name):
                reader.advance()
                found.append(reader)
                continue
        reader.close()
    return found
