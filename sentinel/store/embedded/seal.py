"""Sealing: events of journals become segments.

Events are put together by dataset and day of `@timestamp` (UTC), sorted, and written. Where a column holds text in
one batch and lists of text in another, the segment has lists (of one). No other two types are brought together:
batches whose columns differ otherwise (numbers here, text there) go to segments apart, so that every value stays of
the type that it came with. Nothing is changed and nothing dropped.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from sentinel.store.embedded import disk
from sentinel.store.embedded.joining import alike, events_of, joined, types_of
from sentinel.store.embedded.segment_file import Place, SegmentFile
from sentinel.store.embedded.unit import TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sentinel.store.embedded.joining import Joined
    from sentinel.store.embedded.journal import Events
    from sentinel.store.embedded.layout import Layout
    from sentinel.store.embedded.manifest import Segment

RUN_BYTES = 64 << 20
"""So much of a dataset is sorted at once; what is more goes to further segments."""
GRAMS_ROWS = 8192
"""A segment with fewer rows will perhaps be merged soon: the file beside it is made when the writer ends."""
SMALL_ROWS, SMALL_BYTES = 4096, 4 << 20
"""A day of a dataset with fewer rows and bytes (Arrow) may wait in a journal until more have come."""


@dataclass(frozen=True, slots=True)
class Load:
    """Committed events that wait to be sealed: whose they are, how large, when taken in, and where to get them."""

    dataset: str
    bytes: int
    first: int
    ingested: int
    get: Callable[[], Events]


@dataclass(frozen=True, slots=True)
class Sealed:
    """Segments that were written and that the manifest does not know yet, and events too few for one."""

    segments: list[Segment]
    carried: list[Events]


def load_of(events: Events, ingested: int, get: Callable[[], Events] | None = None) -> Load:
    """Give the load of events that are in memory, or those that `get` fetches."""
    first = pc.min(events.batch.column(TIME)).value or 0
    return Load(events.dataset, events.batch.nbytes, first, ingested, get or (lambda: events))


def seal(loads: Iterable[Load], layout: Layout, name: str, keep: int) -> Sealed:
    """Write segments of what was loaded; `name` begins their names. Where one fails, all their files are removed.

    Of small days up to `keep` bytes (Arrow) are given back instead, the smallest.
    """
    by_dataset: defaultdict[str, list[Load]] = defaultdict(list)
    for load in loads:
        by_dataset[load.dataset].append(load)
    sealing = _Sealing(layout, name, keep)
    try:
        for dataset, own in sorted(by_dataset.items()):
            for run in _runs(own):
                sealing.take(dataset, run)
        return Sealed(sealing.segments, sealing.rest())
    except BaseException:
        remove_files(layout, sealing.segments)
        raise


def _runs(loads: list[Load]) -> Iterator[list[Load]]:
    """Part the loads of a dataset into runs, each of a span of time where possible."""
    run: list[Load] = []
    size = 0
    for load in sorted(loads, key=lambda load: load.first):
        if run and size + load.bytes > RUN_BYTES:
            yield run
            run, size = [], 0
        run.append(load)
        size += load.bytes
    if run:
        yield run


class _Sealing:
    """The segments written so far, and the days that are small."""

    def __init__(self, layout: Layout, name: str, keep: int) -> None:
        self._layout = layout
        self._name = name
        self._keep = keep
        self._small: list[tuple[int, str, str, Joined]] = []
        self.segments: list[Segment] = []

    def take(self, dataset: str, run: Sequence[Load]) -> None:
        parts = [(load.get(), load.ingested) for load in run]
        for types, group in alike(parts, types_of):
            for day, events in joined(group, types).by_day():
                size = events.table.nbytes
                if self._keep and events.table.num_rows < SMALL_ROWS and size < SMALL_BYTES:
                    self._small.append((size, dataset, day, events.copied()))
                else:
                    self._write(dataset, day, events)

    def rest(self) -> list[Events]:
        """Write small days, the largest first, until what is left may be carried; give that, a batch a dataset."""
        self._small.sort(key=lambda small: small[:3], reverse=True)
        total = sum(size for size, *_ in self._small)
        kept: defaultdict[str, list[Joined]] = defaultdict(list)
        for size, dataset, day, events in self._small:
            if total > self._keep:
                self._write(dataset, day, events)
                total -= size
            else:
                kept[dataset].append(events)
        return [events for dataset, days in kept.items() for events in _together(dataset, days)]

    def _write(self, dataset: str, day: str, events: Joined) -> None:
        place = Place(dataset, day, f"{self._name}-{len(self.segments)}")
        file = SegmentFile(self._layout, place, events.types, events.aliases, grams=events.table.num_rows >= GRAMS_ROWS)
        try:
            file.add(events.table)
            self.segments.append(file.finish())
        except BaseException:
            file.abandon()
            raise


def _together(dataset: str, days: Iterable[Joined]) -> Iterator[Events]:
    parts = [(events_of(dataset, day), 0) for day in days]
    for types, group in alike(parts, types_of):
        yield events_of(dataset, joined(group, types))


def remove_files(layout: Layout, segments: Iterable[Segment]) -> None:
    """Remove the files of segments that the manifest does not know."""
    for segment in segments:
        disk.unlink(layout.segment(segment.dataset, segment.day, segment.name))
        disk.unlink(layout.grams(segment.dataset, segment.day, segment.name))
