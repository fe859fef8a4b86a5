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
from sentinel.store.embedded.joining import alike, joined, types_of
from sentinel.store.embedded.segment import Place, SegmentFile
from sentinel.store.embedded.unit import TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sentinel.store.embedded.joining import Joined
    from sentinel.store.embedded.journal import Events
    from sentinel.store.embedded.layout import Layout
    from sentinel.store.embedded.manifest import Segment

RUN_BYTES = 96 << 20
"""So much of a dataset is sorted at once; what is more goes to further segments."""


@dataclass(frozen=True, slots=True)
class Load:
    """Committed events that wait to be sealed: whose they are, how large, when taken in, and where to get them."""

    dataset: str
    bytes: int
    first: int
    ingested: int
    get: Callable[[], Events]


def load_of(events: Events, ingested: int, get: Callable[[], Events] | None = None) -> Load:
    """Give the load of events that are in memory, or those that `get` fetches."""
    first = pc.min(events.batch.column(TIME)).value or 0
    return Load(events.dataset, events.batch.nbytes, first, ingested, get or (lambda: events))


def seal(loads: Iterable[Load], layout: Layout, name: str) -> list[Segment]:
    """Write segments of all that was loaded; `name` begins their names. Files are removed where one fails."""
    by_dataset: defaultdict[str, list[Load]] = defaultdict(list)
    for load in loads:
        by_dataset[load.dataset].append(load)
    sealing = _Sealing(layout, name)
    try:
        for dataset, own in sorted(by_dataset.items()):
            for run in _runs(own):
                sealing.write(dataset, run)
    except BaseException:
        remove_files(layout, sealing.segments)
        raise
    return sealing.segments


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
    """The segments written so far."""

    def __init__(self, layout: Layout, name: str) -> None:
        self._layout = layout
        self._name = name
        self.segments: list[Segment] = []

    def write(self, dataset: str, run: Sequence[Load]) -> None:
        parts = [(load.get(), load.ingested) for load in run]
        for group in alike(parts, lambda part: types_of(part[0].batch, part[0].aliases)):
            for day, events in joined(group).by_day():
                self._write_day(dataset, day, events)

    def _write_day(self, dataset: str, day: str, events: Joined) -> None:
        place = Place(dataset, day, f"{self._name}-{len(self.segments)}")
        file = SegmentFile(self._layout, place, events.types, events.aliases)
        try:
            file.add(events.table)
            self.segments.append(file.finish())
        except BaseException:
            file.abandon()
            raise


def remove_files(layout: Layout, segments: Iterable[Segment]) -> None:
    """Remove the files of segments that the manifest does not know."""
    for segment in segments:
        disk.unlink(layout.segment(segment.dataset, segment.day, segment.name))
        disk.unlink(layout.grams(segment.dataset, segment.day, segment.name))
