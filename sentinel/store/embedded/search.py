"""Questions, answered from units: the segments and journals of a snapshot.

There is no database at work here: a question is put to one group of rows after another (`evaluate`), several at once,
and what their columns hold is counted or sorted with Arrow and numpy. `docs/explanation/store.md` has the figures that
decided so.
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from itertools import count as numbers
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.model.window import Window
from sentinel.store.base import NEWEST_FIRST, Page, Question
from sentinel.store.embedded.counting import count, fields, histogram, top
from sentinel.store.embedded.evaluate import Asking
from sentinel.store.embedded.groups import Source
from sentinel.store.embedded.paging import begun, ended
from sentinel.store.embedded.sorting import firsts, ordered
from sentinel.store.embedded.texts import chosen
from sentinel.store.embedded.unit import ID, INGESTED, TIME
from sentinel.store.embedded.whole import fetched, plain
from sentinel.store.embedded.work import THREADS, each, on_groups
from sentinel.store.query.tree import Equals, Or, Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.store.base import Order, StoredEvent
    from sentinel.store.embedded.groups import Group
    from sentinel.store.embedded.paging import Cursor
    from sentinel.store.embedded.sorting import Found
from sentinel.store.embedded.unit import Unit

__all__ = ["count", "fields", "get", "histogram", "read", "search", "top"]

_ID_DIGITS = 12
_MILLISECOND = 10**6
_HELD = 4096
"""So many events that may be among the first are kept before those that are not are dropped."""


def search(units: Sequence[Unit], question: Question, order: Order, limit: int, after: str = "") -> Page:
    """Give the first events in an order, or those behind the page that gave `after`."""
    question, cursor = begun(question, after, order)
    asking = Asking(question)
    find = _by_time if order.field == NEWEST_FIRST else _by_field
    found = find(units, asking, order, cursor, max(1, limit) + 1)
    events = tuple(fetched([(one.group, one.row) for one in found[: max(1, limit)]]))
    if len(found) <= limit:
        return Page(events)
    ingested = max(int(event.fields.get(INGESTED, 0)) for event in events)
    return Page(events, ended(question, order, found[limit - 1].key, cursor, ingested))


def _by_field(units: Sequence[Unit], asking: Asking, order: Order, cursor: Cursor | None, limit: int) -> list[Found]:
    """Find the first in any order: all groups are looked at."""
    found: list[Found] = []

    def work(group: Group) -> list[Found]:
        return firsts(group, asking.rows(group), order, cursor, limit)

    for more in on_groups(units, work, asking.groups):
        found += more
        if len(found) > limit + _HELD:
            found = ordered(found, order)[:limit]
    return ordered(found, order)[:limit]


def _by_time(units: Sequence[Unit], asking: Asking, order: Order, cursor: Cursor | None, limit: int) -> list[Found]:
    """Find the first in the order of time: groups come by time, and those behind the last one found are left alone."""
    found: list[Found] = []
    waiting = _Waiting(units, asking, newest=order.descending)
    if cursor is not None and isinstance(cursor.key.value, int):
        waiting.skip_to(cursor.key.value)

    def work(group: Group) -> list[Found]:
        try:
            return firsts(group, asking.rows(group), order, cursor, limit)
        finally:
            group.forget()

    while True:
        last = found[limit - 1].key.value if len(found) >= limit else None
        groups = list(islice(waiting.next(last), THREADS))
        if not groups:
            return found
        for more in each(work, groups):
            found += more
        found = ordered(found, order)[:limit]


class _Waiting:
    """Groups of units that were not looked at yet, by time; a unit is opened when its turn has come."""

    def __init__(self, units: Sequence[Unit], asking: Asking, *, newest: bool) -> None:
        self._asking = asking
        self._newest = newest
        self._numbers = numbers()
        self._skipped: int | None = None
        self._heap: list[tuple[int, int, Source | Group]] = []
        for unit in units:
            self._push(unit.last if newest else unit.first, Source(unit))

    def _push(self, time: int, thing: Source | Group) -> None:
        heapq.heappush(self._heap, (-time if self._newest else time, next(self._numbers), thing))

    def skip_to(self, time: int) -> None:
        """Leave out groups whose times all come before a time in the order."""
        self._skipped = time

    def next(self, last: object) -> Iterator[Group]:
        """Give groups in turn, as long as they may hold events that come before or at a time."""
        while self._heap:
            nearest = self._heap[0][0]
            if isinstance(last, int) and nearest > (-last if self._newest else last):
                return
            _time, _number, thing = heapq.heappop(self._heap)
            if isinstance(thing, Source):
                for group in self._asking.groups(thing):
                    self._take(group)
            else:
                yield thing

    def _take(self, group: Group) -> None:
        first, last = group.span
        if self._skipped is not None and (first > self._skipped if self._newest else last < self._skipped):
            return
        self._push(last if self._newest else first, group)


def get(units: Sequence[Unit], ids: Sequence[str]) -> dict[str, StoredEvent]:
    """Give events by id; ids that are not there are left out."""
    places = _found(units, ids)
    return dict(zip(places, fetched(list(places.values())), strict=True))


def known(units: Sequence[Unit], ids: Sequence[str]) -> set[str]:
    """Tell which ids are those of events."""
    return set(_found(units, ids))


def _found(units: Sequence[Unit], ids: Sequence[str]) -> dict[str, tuple[Group, int]]:
    wanted = set(ids)
    places = _near(units, wanted)
    if left := wanted - places.keys():
        places |= _anywhere(units, left)
    return places


def _near(units: Sequence[Unit], wanted: set[str]) -> dict[str, tuple[Group, int]]:
    """Find ids at the time that they begin with, in milliseconds."""
    by_time = sorted((time, id_) for id_ in wanted if (time := _time_of(id_)) is not None)
    times = np.array([time for time, _id in by_time], np.int64)
    found: dict[str, tuple[Group, int]] = {}
    for unit in units:
        if not _between(times, unit.first, unit.last):
            continue
        for group in Source(unit).groups():
            if here := _between(times, *group.span):
                found |= _in_group(group, {id_ for _time, id_ in by_time[here.start : here.stop]})
    return found


def _between(times: np.ndarray, first: int, last: int) -> range:
    begin, end = np.searchsorted(times, (first // _MILLISECOND, last // _MILLISECOND + 1))
    return range(int(begin), int(end))


def _time_of(id_: str) -> int | None:
    try:
        return int(id_[:_ID_DIGITS], 16) if len(id_) > _ID_DIGITS else None
    except ValueError:
        return None


def _in_group(group: Group, wanted: set[str]) -> dict[str, tuple[Group, int]]:
    ids = group.array(ID)
    if pa.types.is_dictionary(ids.type):
        ids = ids.cast(pa.string())
    rows = np.flatnonzero(pc.is_in(ids, pa.array(sorted(wanted), pa.string())).to_numpy(zero_copy_only=False))
    return {id_: (group, row) for id_, row in zip(chosen(ids, rows).to_pylist(), rows.tolist(), strict=True)}


def _anywhere(units: Sequence[Unit], wanted: set[str]) -> dict[str, tuple[Group, int]]:
    """Find ids that tell no time, or another one than their event's: those of other programs."""
    found: dict[str, tuple[Group, int]] = {}
    asking = Asking(Question(Query(Or(tuple(Equals(ID, id_) for id_ in sorted(wanted)))), Window()))
    for more in on_groups(units, lambda group: _in_group(group, wanted), asking.groups):
        found |= more
    return found


def read(units: Sequence[Unit], question: Question, fields: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
    """Give every event, whole or only some fields, a batch at a time, oldest first within a unit."""
    asking = Asking(question)

    def work(group: Group) -> pa.Table | None:
        rows = asking.rows(group)
        if not np.any(rows):
            return None
        names = [name for name in group.unit.columns if not fields or name in fields]
        table = group.table(names)
        if rows is not True:
            table = table.filter(pa.array(rows, pa.bool_()))
        return plain(table)

    for table in on_groups(list(map(_sorted, units)), work, asking.groups):
        if table is not None:
            yield from table.combine_chunks().to_batches()


def _sorted(unit: Unit) -> Unit:
    if unit.table is None:
        return unit
    return replace(unit, table=unit.table.sort_by([(TIME, "ascending"), (ID, "ascending")]))
