"""Brings batches together whose columns are not the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.store.embedded.journal import Events
from sentinel.store.embedded.segment import TIME_TYPE
from sentinel.store.embedded.unit import ID, INGESTED, KIND, TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    Types = dict[str, pa.DataType]

_T = TypeVar("_T")
_DAY = 86_400 * 10**9
_ORDER = [(TIME, "ascending"), (ID, "ascending")]
_OWN = frozenset({ID, TIME, INGESTED, KIND})
"""Columns that are never aliases of another."""


def common_type(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    """Give the type that two columns of a name have together: equal ones their own, text and lists of it lists."""
    if one == other:
        return one
    lists = [kind for kind in (one, other) if pa.types.is_list(kind)]
    if len(lists) == 1 and lists[0].value_type in {one, other}:
        return lists[0]
    return None


def alike(parts: Iterable[_T], types_of: Callable[[_T], Mapping[str, pa.DataType]]) -> list[tuple[Types, list[_T]]]:
    """Part things into groups within which every column has one type; give the columns of each group, too.

    They come in the order that they first came in.
    """
    groups: list[tuple[Types, list[_T]]] = []
    for part in parts:
        types = types_of(part)
        for known, group in groups:
            changed = _changed(known, types)
            if changed is not None:
                known.update(changed)
                group.append(part)
                break
        else:
            groups.append((dict(types), [part]))
    return groups


def _changed(known: Types, types: Mapping[str, pa.DataType]) -> Types | None:
    """Give the columns that are new, or get another type, when some come to others; None where types do not agree."""
    changed: Types = {}
    for name, kind in types.items():
        other = known.get(name)
        if other is None:
            changed[name] = kind
        elif kind != other:
            common = common_type(kind, other)
            if common is None:
                return None
            changed[name] = common
    return changed


def common_aliases(names: Iterable[str], parts: Sequence[tuple[Container[str], Mapping[str, str]]]) -> dict[str, str]:
    """Give the columns that hold in all parts what another does; of each part its columns and aliases are given."""
    first: dict[tuple[str | None, ...], str] = {}
    found: dict[str, str] = {}
    for name in names:
        if name not in _OWN:
            roots = tuple(aliases.get(name, name) if name in columns else None for columns, aliases in parts)
            root = first.setdefault(roots, name)
            if root != name:
                found[name] = root
    return found


def as_type(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """Give a column as a common type: its own, or lists of one where it has single values."""
    if column.type == kind:
        return column
    valid = column.is_valid()
    ends = np.cumsum(valid.to_numpy(zero_copy_only=False), dtype=np.int32)
    offsets = pa.array(np.concatenate((np.zeros(1, np.int32), ends)))
    return pa.ListArray.from_arrays(offsets, column.drop_null(), type=kind, mask=pc.invert(valid))


@dataclass(frozen=True, slots=True)
class Joined:
    """Events in a table, sorted: `types` are all its columns, those that `aliases` leaves out of the table included."""

    table: pa.Table
    types: Mapping[str, pa.DataType]
    aliases: Mapping[str, str]

    def by_day(self) -> Iterator[tuple[str, Joined]]:
        """Part the events by day of time (UTC), and leave out columns that have no value on a day."""
        days = self.table.column(TIME).cast(pa.int64()).to_numpy() // _DAY
        ends = [*(np.flatnonzero(np.diff(days)) + 1).tolist(), len(days)]
        begin = 0
        for end in ends:
            day = datetime.fromtimestamp(int(days[begin]) * 86_400, UTC).strftime("%Y-%m-%d")
            yield day, Joined(self.table.slice(begin, end - begin), self.types, self.aliases).with_values()
            begin = end

    def copied(self) -> Joined:
        """Give the same in memory of its own, so that what the rows were cut from can go."""
        return replace(self, table=self.table.take(np.arange(self.table.num_rows)))

    def with_values(self) -> Joined:
        """Leave out columns without any value."""
        rows = self.table.num_rows
        empty = {name for name in self.table.column_names if self.table.column(name).null_count == rows}
        if not empty:
            return self
        kept = {name: kind for name, kind in self.types.items() if self.aliases.get(name, name) not in empty}
        aliases = {name: root for name, root in self.aliases.items() if name in kept}
        return Joined(self.table.drop_columns(sorted(empty)), kept, aliases)


def types_of(part: tuple[Events, int]) -> Types:
    """Give the columns of events that come with when they were taken in."""
    return part[0].types


def joined(parts: Sequence[tuple[Events, int]], types: Types) -> Joined:
    """Put events of one group, each with when it was taken in, into one table by time, then id."""
    aliases = common_aliases(types, [(events.types.keys(), events.aliases) for events, _ in parts])
    table = sort(together(parts, {name: kind for name, kind in types.items() if name not in aliases}))
    return Joined(table, types | {INGESTED: TIME_TYPE}, aliases)


def together(parts: Sequence[tuple[Events, int]], types: Mapping[str, pa.DataType]) -> pa.Table:
    """Put columns of events, each with when it was taken in, one behind the other."""
    blanks: dict[tuple[pa.DataType, int], pa.Array] = {}
    columns = {
        name: pa.chunked_array([column_of(events, name, kind, blanks) for events, _ in parts], kind)
        for name, kind in types.items()
    }
    columns[INGESTED] = pa.chunked_array([taken_in(events, ingested) for events, ingested in parts])
    return pa.table(columns)


def sort(table: pa.Table) -> pa.Table:
    """Sort rows by time, then id."""
    rows = pc.sort_indices(table.select([TIME, ID]), _ORDER)
    if (rows.to_numpy() == np.arange(len(rows))).all():
        return table
    return pa.table([column.combine_chunks().take(rows) for column in table.columns], table.column_names)


def taken_in(events: Events, ingested: int) -> pa.Array:
    """Give the column of when events were taken in: what they say themselves, or else their commit."""
    if INGESTED in events.batch.schema.names:
        return events.batch.column(INGESTED)
    return pa.repeat(pa.scalar(ingested, TIME_TYPE), events.batch.num_rows)


def events_of(dataset: str, of: Joined) -> Events:
    """Give events to keep in a journal; they tell themselves when they were taken in."""
    return Events(dataset, of.table.combine_chunks().to_batches()[0], of.aliases)


def column_of(
    events: Events, name: str, kind: pa.DataType, blanks: dict[tuple[pa.DataType, int], pa.Array]
) -> pa.Array:
    """Give a column of events, or an alias, as a common type; nulls where they have none, kept in `blanks`."""
    if name in events.types:
        return as_type(events.batch.column(events.aliases.get(name, name)), kind)
    key = kind, events.batch.num_rows
    if key not in blanks:
        blanks[key] = pa.nulls(key[1], kind)
    return blanks[key]
