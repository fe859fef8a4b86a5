"""Takes events in: a journal first, segments when there is enough."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from sentinel.errors import Damaged, StoreError
from sentinel.language import _
from sentinel.store.embedded import disk
from sentinel.store.embedded.frames import events_of
from sentinel.store.embedded.journal import JournalFile, JournalReader
from sentinel.store.embedded.seal import load_of, remove_files, seal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.model.batch import EventBatch
    from sentinel.store.base import Covered
    from sentinel.store.embedded.journal import Events
    from sentinel.store.embedded.layout import Layout
    from sentinel.store.embedded.manifest import Manifest
    from sentinel.store.embedded.seal import Load

HELD_BYTES = 96 << 20
"""Bytes of events (Arrow) that a writer holds before it seals them."""
LEFT_BYTES = 1 << 20
"""A journal with fewer bytes is not worth segments of its own: it is left for the next writer to seal with others."""


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
        self._usable = True
        seal_left(layout, manifest)

    def add(self, batch: EventBatch) -> None:
        """Take a batch; it is neither durable nor seen by anyone before the next commit."""
        if not batch.columns.num_rows:
            return
        events = events_of(batch)
        with self._writing() as journal:
            journal.add(events)
        self._added.append(events)

    def commit(self, covered: Sequence[Covered] = ()) -> None:
        """Make all that was added durable, together with what it covers; readers see it from here on."""
        if not self._added and not covered:
            return
        with self._writing() as journal:
            ingested = journal.commit(covered).ingested
        self._loads += [load_of(events, ingested) for events in self._added]
        self._bytes += sum(events.batch.nbytes for events in self._added)
        self._covered += covered
        self._added.clear()
        if self._bytes >= HELD_BYTES:
            self._seal_or_leave()

    def close(self) -> None:
        """Let go of what was added and not committed, and leave the store in order."""
        self._usable = False
        self._added.clear()
        if self._journal is not None:
            if self._loads and self._journal.size >= LEFT_BYTES:
                self._seal_or_leave()
            else:
                self._leave()

    @contextmanager
    def _writing(self) -> Iterator[JournalFile]:
        """Give the journal; after a write that failed nobody knows what the file holds, so that it takes no more."""
        if not self._usable:
            raise StoreError(
                _("this writer takes no more events, since it was closed or could not write"),
                place=str(self._layout.folder),
                hint=_("begin again: what was acknowledged is there"),
            )
        self._usable = False
        with disk.told(self._layout.journals):
            if self._journal is None:
                self._journal = begin_journal(self._layout, self._manifest)
            yield self._journal
        self._usable = True

    def _seal_or_leave(self) -> None:
        """Seal what was committed; where that cannot be done now, its journal keeps it for the next writer."""
        journal = self._journal
        assert journal is not None  # noqa: S101 - it holds what is to be sealed
        try:
            seal_journals(self._layout, self._manifest, [journal.name], self._loads, self._covered)
        except Damaged:
            raise
        except StoreError:
            self._leave()
            return
        disk.unlink(journal.path)
        journal.close()
        self._forget()

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


def begin_journal(layout: Layout, manifest: Manifest) -> JournalFile:
    """Make a journal that the manifest knows; raise OSError or StoreError."""
    while True:
        journal = JournalFile(layout.journal(os.urandom(8).hex()))
        # Whoever sweeps may have come between making the file and locking it; from here on nobody does.
        if journal.is_ours():
            break
        journal.close()
    try:
        with manifest.change() as change:
            change.add_journal(journal.name)
    except BaseException:
        journal.close()
        raise
    return journal


def seal_journals(
    layout: Layout, manifest: Manifest, names: Sequence[str], loads: Sequence[Load], covered: Sequence[Covered]
) -> None:
    """Let journals whose locks are held become segments: all at once, or, with StoreError, not at all."""
    segments = seal(loads, layout, names[0])
    disk.point("before sealing")
    try:
        with manifest.change() as change:
            for segment in segments:
                change.add_segment(segment)
            change.add_covered(covered)
            for name in names:
                change.end_journal(name)
    except StoreError:
        if manifest.has_journal(names[0]):
            remove_files(layout, segments)
        raise
    disk.point("sealed")


def seal_left(layout: Layout, manifest: Manifest, *, least: int = LEFT_BYTES) -> int:
    """Seal the journals that dead writers left, all together, if they have enough bytes; give how many."""
    readers = _left(layout, manifest)
    try:
        if not readers or sum(reader.end for reader in readers) < least:
            return 0
        loads = [
            load_of(reader.read(frame), frame.commit.ingested, partial(reader.read, frame))
            for reader in readers
            for frame in reader.frames
        ]
        covered = [each for reader in readers for commit in reader.commits for each in commit.ranges]
        seal_journals(layout, manifest, [reader.name for reader in readers], loads, covered)
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
