"""Whole events, from where they were found."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sentinel.model.ecs import OVERFLOW
from sentinel.store.base import StoredEvent
from sentinel.store.embedded.texts import chosen
from sentinel.store.embedded.unit import ID, TIME
from sentinel.store.embedded.work import each

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sentinel.store.embedded.folding import Array
    from sentinel.store.embedded.groups import Group


def fetched(places: Sequence[tuple[Group, int]]) -> list[StoredEvent]:
    """Give events by group and row, in the same order; each group is read once."""
    by_group: defaultdict[Group, list[int]] = defaultdict(list)
    for group, row in places:
        by_group[group].append(row)
    threads = len(by_group) == 1
    found: dict[tuple[Group, int], StoredEvent] = {}
    for group, events in each(lambda group: (group, _of_group(group, by_group[group], threads=threads)), by_group):
        found |= zip(((group, row) for row in by_group[group]), events, strict=True)
    return [found[place] for place in places]


def _of_group(group: Group, rows: Sequence[int], *, threads: bool) -> list[StoredEvent]:
    unit = group.unit
    written = [name for name in unit.columns if name not in unit.aliases]
    columns: dict[str, list[Any]] = {name: [] for name in written}
    at = np.asarray(rows, np.int64)
    order = np.argsort(at, kind="stable")
    begin = 0
    # Stops behind the last row: what comes after it in the group is not read.
    for batch in group.batches(written, int(at.max()) + 1, threads=threads):
        here = at[order][(at[order] >= begin) & (at[order] < begin + batch.num_rows)] - begin
        begin += batch.num_rows
        if len(here):
            for name in written:
                columns[name] += values(batch.column(name), here)
    place = np.argsort(order, kind="stable").tolist()
    columns = {name: [column[number] for number in place] for name, column in columns.items()}
    columns |= {name: columns[root] for name, root in unit.aliases.items()}
    events = [
        {name: columns[name][number] for name in unit.columns if columns[name][number] is not None}
        for number in range(len(rows))
    ]
    return [_event(unit.dataset, fields) for fields in events]


def _event(dataset: str, fields: Mapping[str, Any]) -> StoredEvent:
    return StoredEvent(fields[ID], fields[TIME], dataset, fields)


def values(chunk: pa.Array, rows: Array) -> list[Any]:
    """Give the values of some rows as `StoredEvent` has them, None where there is none."""
    taken = chosen(chunk, rows)
    kind = taken.type
    if pa.types.is_timestamp(kind):
        taken = taken.cast(pa.int64())
    elif pa.types.is_list(kind):
        if pa.types.is_timestamp(kind.value_type):
            taken = taken.cast(pa.list_(pa.int64()))
        return [value or None for value in taken.to_pylist()]
    elif pa.types.is_map(kind):
        return [dict(pairs) if pairs else None for pairs in taken.to_pylist()]
    found: list[Any] = taken.to_pylist()
    return found


def plain(table: pa.Table) -> pa.Table:
    """Give a table with its texts as strings, not as dictionaries."""
    for number, field in enumerate(table.schema):
        kind = _plain_type(field.name, field.type)
        if kind != field.type:
            table = table.set_column(number, field.name, table.column(number).cast(kind))
    return table


def _plain_type(name: str, kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if name == OVERFLOW:
        return pa.map_(pa.string(), pa.string())
    return pa.list_(_plain_type("", kind.value_type)) if pa.types.is_list(kind) else kind
