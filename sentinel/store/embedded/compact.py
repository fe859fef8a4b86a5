"""Compaction: many small segments of a dataset's day become few large ones.

A segment is merged with those of its size and smaller ones, when there are enough of its size, so that an event is not
written again and again as others come: of each size there are few at a time.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from dataclasses import dataclass
from hashlib import blake2b
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from sentinel.errors import StoreError
from sentinel.language import _
from sentinel.store.embedded import disk
from sentinel.store.embedded.grams import build
from sentinel.store.embedded.joining import alike
from sentinel.store.embedded.merge import merge, types_of
from sentinel.store.embedded.seal import remove_files
from sentinel.store.embedded.segment import DIGEST_BYTES, groups_of, unit_of
from sentinel.store.embedded.segment_file import GRAMS_ROWS, Place
from sentinel.store.embedded.sweep import collect, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentinel.store.embedded.layout import Layout
    from sentinel.store.embedded.manifest import Manifest, Segment

    Told = Callable[[int, int], None]

LARGE_ROWS, LARGE_BYTES = 1 << 20, 256 << 20
"""A segment has no more rows or bytes than this, or nearly so; one of half as many is large enough."""
_STEP = 8
_SMALLEST_ROWS = 4096
"""A size is of segments that have up to so many rows, up to a step as many, and so on."""
_MANY, _SOME = (_STEP,), (2, 4, _STEP)
"""So many of the smallest size, the next, and so on are merged: as they come, and where asked for."""
_TOLD_AT_ONCE = 64
_MOST_AT_ONCE = 32
"""So many segments at most are read at once: those of one time."""


@dataclass(frozen=True, slots=True)
class Compaction:
    """What was done: segments that were merged, those made of them, and files removed."""

    merged: int = 0
    made: int = 0
    removed: int = 0


def compact(layout: Layout, manifest: Manifest, told: Told = lambda _done, _total: None) -> Compaction:
    """Merge small segments wherever that is worth it, waiting for whoever does so already; remove what nobody needs.

    `told` is called with the bytes merged so far and all that are to be; these may become more.
    """
    with disk.locked(layout.lock):
        merged, made = _merge_all(layout, manifest, _SOME, told)
        _add_grams(layout, manifest)
        return Compaction(merged, made, collect(layout, manifest) + sweep(layout, manifest))


def tidy(layout: Layout, manifest: Manifest) -> Compaction:
    """Merge small segments where there are many of a dataset's day; if another does so already, leave it to that."""
    with disk.locked(layout.lock, wait=False) as free:
        if not free:
            return Compaction()
        merged, made = _merge_all(layout, manifest, _MANY)
        _add_grams(layout, manifest)
        return Compaction(merged, made, collect(layout, manifest))


def _merge_all(
    layout: Layout, manifest: Manifest, least: Sequence[int], told: Told = lambda _done, _total: None
) -> tuple[int, int]:
    """Merge segments and what they become; what comes meanwhile is left, or there would be no end where many write."""
    known = {segment.name: segment for segment in manifest.segments()}
    merged = made = done = total = 0
    while tasks := list(_tasks(list(known.values()), layout, least)):
        total += sum(each.bytes for task in tasks for each in task)
        for task in tasks:
            told(done, total)
            segment = _merge(task, layout, manifest)
            done += sum(each.bytes for each in task)
            known[segment.name] = segment
            for each in task:
                del known[each.name]
            merged, made = merged + len(task), made + 1
    return merged, made


def _add_grams(layout: Layout, manifest: Manifest) -> None:
    """Make the files beside segments that were left without, since they could have been merged soon."""
    lacking = [segment for segment in manifest.segments() if segment.rows >= GRAMS_ROWS and not segment.grams_bytes]
    for begin in range(0, len(lacking), _TOLD_AT_ONCE):
        some = lacking[begin : begin + _TOLD_AT_ONCE]
        made = [(segment.name, build(groups_of(unit_of(segment, layout)))) for segment in some]
        paths = [layout.grams(segment.dataset, segment.day, segment.name) for segment in some]
        with disk.told(layout.folder):
            for path, (_name, content) in zip(paths, made, strict=True):
                disk.put_unnamed(path, content)
            for folder in {path.parent for path in paths}:
                disk.sync_folder(folder)
        disk.point("beside")
        with manifest.change() as change:
            for name, content in made:
                change.tell_grams(name, len(content), blake2b(content, digest_size=DIGEST_BYTES).digest())


def _tasks(segments: Sequence[Segment], layout: Layout, least: Sequence[int]) -> Iterator[list[Segment]]:
    days: defaultdict[tuple[str, str], list[Segment]] = defaultdict(list)
    for segment in segments:
        if segment.rows < LARGE_ROWS // 2 and segment.bytes < LARGE_BYTES // 2:
            days[segment.dataset, segment.day].append(segment)
    for day in days.values():
        chosen, many = _chosen(day, least)
        for _types, group in alike(chosen, lambda segment: types_of(unit_of(segment, layout))):
            *full, last = _portions(group)
            yield from (task for task in full if len(task) > 1)
            if len(last) >= many:
                yield last


def _chosen(day: Sequence[Segment], least: Sequence[int]) -> tuple[list[Segment], int]:
    """Give the segments of the largest size that has enough, and all smaller ones; and how many are enough."""
    sizes = Counter(map(_size, day))
    enough = {size: least[min(size, len(least) - 1)] for size in sizes}
    size = max((size for size, count in sizes.items() if count >= enough[size]), default=-1)
    return [segment for segment in day if _size(segment) <= size], enough.get(size, 0)


def _size(segment: Segment) -> int:
    """Give the power of the step that a segment's rows reach."""
    size, rows = 0, segment.rows // _SMALLEST_ROWS
    while rows:
        size, rows = size + 1, rows // _STEP
    return size


def _portions(group: Sequence[Segment]) -> list[list[Segment]]:
    """Part segments, by time, into what makes a segment that is not too large, with few of one time."""
    portions: list[list[Segment]] = []
    rows = size = 0
    ends: list[int] = []
    for segment in sorted(group, key=lambda segment: (segment.first, segment.name)):
        while ends and ends[0] < segment.first:
            heappop(ends)
        rows, size = rows + segment.rows, size + segment.bytes
        if not portions or rows > LARGE_ROWS or size > LARGE_BYTES or len(ends) >= _MOST_AT_ONCE:
            portions.append([])
            rows, size = segment.rows, segment.bytes
            ends.clear()
        portions[-1].append(segment)
        heappush(ends, segment.last)
    return portions


def _merge(task: Sequence[Segment], layout: Layout, manifest: Manifest) -> Segment:
    place = Place(task[0].dataset, task[0].day, f"{os.urandom(8).hex()}-m")
    segment = merge([unit_of(each, layout) for each in task], layout, place)
    disk.point("before merging")
    known = False
    try:
        with manifest.change() as change:
            if not all(change.end_segment(each.name) for each in task):
                raise StoreError(  # the transaction ends, and nothing of it is done
                    _("a segment went while it was merged"), place=str(layout.folder), hint=_("try again")
                )
            change.add_segment(segment)
            # Whether a transaction that fails when it ends is there is not known: then the file stays, for the sweeper.
            known = True
    finally:
        if not known:
            remove_files(layout, [segment])
    disk.point("merged")
    return segment
