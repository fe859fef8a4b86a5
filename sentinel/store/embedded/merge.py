"""Merges segments of one dataset and day, in the order of time, some rows at a time.

Every segment is sorted by time and id. So of what has been read of each, all rows up to the least of their last rows
can be written: none that is yet to be read comes before them. What is held is a bounded number of bytes, however
large the segments are.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.store.embedded.joining import alike, as_type, common_aliases, sort
from sentinel.store.embedded.segment import GROUP_ROWS, read_groups, type_of
from sentinel.store.embedded.segment_file import GRAMS_ROWS, GROUP_BYTES, SegmentFile
from sentinel.store.embedded.unit import ID, TIME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentinel.store.embedded.layout import Layout
    from sentinel.store.embedded.manifest import Segment
    from sentinel.store.embedded.segment_file import Place
    from sentinel.store.embedded.unit import Unit

    Last = tuple[int, str]

_HELD_BYTES = GROUP_BYTES
"""What is read at once of all segments together, and what is written at once, in bytes (Arrow)."""
_ROW_BYTES = 4096
"""What a row takes where nothing is known of it: rather more than most do."""
_FEWEST_ROWS = 512


def types_of(unit: Unit) -> dict[str, pa.DataType]:
    """Give the types of a segment's columns."""
    return {name: type_of(kind) for name, kind in unit.columns.items()}


def merge(units: Sequence[Unit], layout: Layout, place: Place) -> Segment:
    """Write one segment of the events of several, whose columns are alike; its file is removed where that fails."""
    ((types, _units),) = alike(units, types_of)
    aliases = common_aliases(types, [(unit.columns, unit.aliases) for unit in units])
    written = {name: kind for name, kind in types.items() if name not in aliases}
    file = SegmentFile(layout, place, types, aliases, grams=sum(unit.rows for unit in units) >= GRAMS_ROWS)
    try:
        for table in _grouped(_merged(units, written)):
            file.add(table)
        return file.finish()
    except BaseException:
        file.abandon()
        raise


def _grouped(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Put tables together to what is written at once."""
    held: list[pa.Table] = []
    rows = size = 0
    for table in tables:
        held.append(table)
        rows, size = rows + table.num_rows, size + table.nbytes
        if rows >= GROUP_ROWS or size >= _HELD_BYTES:
            yield pa.concat_tables(held)
            held.clear()
            rows = size = 0
    if held:
        yield pa.concat_tables(held)


def _merged(units: Sequence[Unit], types: Mapping[str, pa.DataType]) -> Iterator[pa.Table]:
    rows = max(_FEWEST_ROWS, min(GROUP_ROWS, _HELD_BYTES // (_ROW_BYTES * _depth(units))))
    waiting = sorted(units, key=lambda unit: unit.first, reverse=True)
    cursors: list[_Cursor] = []
    while waiting or cursors:
        # A segment is not opened before its time comes.
        while waiting and (not cursors or waiting[-1].first <= min(cursor.last for cursor in cursors)[0]):
            cursors.append(_Cursor(waiting.pop(), types, rows))
        last = min(cursor.last for cursor in cursors)
        taken = [table for cursor in cursors if (table := cursor.take(last)).num_rows]
        cursors = [cursor for cursor in cursors if cursor.has_rows()]
        yield sort(pa.concat_tables(taken)) if len(taken) > 1 else taken[0]


def _depth(units: Sequence[Unit]) -> int:
    """Give how many segments at most there are of one time."""
    edges = sorted([(unit.first, -1) for unit in units] + [(unit.last, 1) for unit in units])
    depths = accumulate(-step for _, step in edges)
    return max(depths)


class _Cursor:
    """A segment that is read from its beginning to its end."""

    def __init__(self, unit: Unit, types: Mapping[str, pa.DataType], rows: int) -> None:
        self._types = types
        self._tables = read_groups(unit, list(types), rows=rows)
        self._hold(self._fitted(next(self._tables)))

    def has_rows(self) -> bool:
        """Tell whether there are rows yet; read on where nothing is left of what was read."""
        while not self._table.num_rows:
            table = next(self._tables, None)
            if table is None:
                return False
            self._hold(self._fitted(table))
        return True

    def _hold(self, table: pa.Table) -> None:
        self._table = table
        self._times = table.column(TIME).cast(pa.int64()).to_numpy()

    def _fitted(self, table: pa.Table) -> pa.Table:
        names = set(table.column_names)
        return pa.table(
            {
                name: _as_type(table.column(name), kind) if name in names else pa.nulls(table.num_rows, kind)
                for name, kind in self._types.items()
            }
        )

    @property
    def last(self) -> Last:
        """Time and id of the last row that was read."""
        return int(self._times[-1]), self._table.column(ID)[-1].as_py()

    def take(self, last: Last) -> pa.Table:
        """Give the rows that do not come behind a time and id."""
        before, end = (int(np.searchsorted(self._times, last[0], side)) for side in ("left", "right"))
        ids = self._table.column(ID).slice(before, end - before)
        count = before + (pc.sum(pc.less_equal(ids, last[1])).as_py() or 0)
        taken = self._table.slice(0, count)
        self._hold(self._table.slice(count))
        return taken


def _as_type(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    return column if column.type == kind else pa.chunked_array([as_type(part, kind) for part in column.chunks], kind)
