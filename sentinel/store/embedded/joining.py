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
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

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


def alike(parts: Iterable[_T], types_of: Callable[[_T], Mapping[str, pa.DataType]]) -> list[list[_T]]:
    """Part things into groups within which every column has one type."""
    groups: list[tuple[Types, list[_T]]] = []
    for part in parts:
        types = types_of(part)
        for known, group in groups:
            merged = {name: common_type(kind, known.get(name, kind)) for name, kind in types.items()}
            if None not in merged.values():
                known.update(merged)
                group.append(part)
                break
        else:
            groups.append((dict(types), [part]))
    return [group for _types, group in groups]


def joined_types(every: Iterable[Mapping[str, pa.DataType]]) -> Types:
    """Give the columns of things of one group, in the order that they first come in."""
    found: Types = {}
    for types in every:
        for name, kind in types.items():
            common = common_type(kind, found.get(name, kind))
            assert common is not None, name  # noqa: S101 - a group has one type for each
            found[name] = common
    return found


def common_aliases(names: Iterable[str], parts: Sequence[tuple[frozenset[str], Mapping[str, str]]]) -> dict[str, str]:
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


def types_of(table: pa.Table | pa.RecordBatch, aliases: Mapping[str, str]) -> Types:
    """Give the columns of a table and those that it has as aliases."""
    types = {field.name: field.type for field in table.schema}
    return types | {name: types[root] for name, root in aliases.items()}


def joined(parts: Sequence[tuple[Events, int]]) -> Joined:
    """Put events of one group, each with when it was taken in, into one table by time, then id."""
    all_types = [types_of(events.batch, events.aliases) for events, _ in parts]
    types = joined_types(all_types)
    aliases = common_aliases(
        types, [(frozenset(own), events.aliases) for own, (events, _) in zip(all_types, parts, strict=True)]
    )
    columns = {
        name: pa.chunked_array([column_of(events, name, kind) for events, _ in parts], kind)
        for name, kind in types.items()
        if name not in aliases
    }
    columns[INGESTED] = pa.chunked_array([taken_in(events, ingested) for events, ingested in parts])
    table = sort(pa.table(columns))
    return Joined(table, types | {INGESTED: TIME_TYPE}, aliases)


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


def column_of(events: Events, name: str, kind: pa.DataType) -> pa.Array:
    """Give a column of events, or an alias, as a common type; nulls where they have none."""
    root = events.aliases.get(name, name)
    at = events.batch.schema.get_field_index(root)
    if at < 0:
        return pa.nulls(events.batch.num_rows, kind)
    return as_type(events.batch.column(at), kind)
