"""What a batch is before it is stored: its own columns, each written once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from sentinel.store.embedded.journal import Events
from sentinel.store.embedded.segment import STORED_TYPES, TIME_TYPE
from sentinel.store.embedded.unit import ID, INGESTED, KIND, KIND_SEPARATOR, TIME

if TYPE_CHECKING:
    from collections.abc import Collection

    from sentinel.model.batch import EventBatch

_FIRST = (ID, TIME, KIND)


def events_of(batch: EventBatch) -> Events:
    """Give the events of a batch as they are stored, less `event.ingested`, which the commit tells.

    Columns without a value are left out, and columns that hold what one before them does become its aliases: ECS
    columns stand behind native ones. `event.id` and `@timestamp` must be there, without null.
    """
    columns = batch.columns
    table = dict(zip(columns.schema.names, columns.columns, strict=True))
    if KIND not in table:
        table[KIND] = _kind_of(batch)
    for name in (ID, TIME):
        if name not in table or table[name].null_count:
            raise ValueError(name)  # whoever adds events owes them
    table.pop(INGESTED, None)
    rows = columns.num_rows
    ordered = [(name, _kept(table[name])) for name in (*_FIRST, *(name for name in table if name not in _FIRST))]
    kept, aliases = _without_copies([(name, column) for name, column in ordered if column.null_count < rows])
    stored = pa.RecordBatch.from_arrays(list(kept.values()), list(kept))
    return Events(batch.kind.dataset, stored, aliases)


def without(events: Events, ids: Collection[str]) -> Events:
    """Give events less those with some ids, and less the columns that have no value then."""
    known = pc.is_in(events.batch.column(ID), value_set=pa.array(ids, pa.string()))
    if not pc.any(known).as_py():
        return events
    batch = events.batch.filter(pc.invert(known))
    kept = [name for name in batch.schema.names if batch.column(name).null_count < batch.num_rows]
    aliases = {name: root for name, root in events.aliases.items() if root in kept}
    return Events(events.dataset, batch.select(kept), aliases)


def _kind_of(batch: EventBatch) -> pa.Array:
    kind = batch.kind
    return pa.repeat(pa.scalar(KIND_SEPARATOR.join((kind.channel, kind.provider, kind.code))), batch.columns.num_rows)


def _kept(column: pa.Array) -> pa.Array:
    """Give a column as one of the types that are stored, which hold any value of those that are not."""
    kind = column.type
    if kind in STORED_TYPES:
        return column
    if pa.types.is_dictionary(kind):
        return _kept(column.dictionary_decode())
    wide = _wide(kind)
    return column.cast(wide)


def _wide(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_wide(kind.value_type))
    if pa.types.is_timestamp(kind):
        return TIME_TYPE
    if pa.types.is_integer(kind) and kind != pa.uint64():
        return pa.int64()
    return pa.float64() if pa.types.is_floating(kind) else kind if pa.types.is_boolean(kind) else pa.string()


def _without_copies(columns: list[tuple[str, pa.Array]]) -> tuple[dict[str, pa.Array], dict[str, str]]:
    kept: dict[str, pa.Array] = {}
    aliases: dict[str, str] = {}
    seen: dict[tuple[pa.DataType, int, int], list[str]] = {}
    for name, column in columns:
        # Columns that differ in these are not equal, and those that do not mostly are.
        alike = seen.setdefault((column.type, column.null_count, column.nbytes), [])
        same = next((other for other in alike if column.equals(kept[other])), None)
        if same is None or name in _FIRST:
            kept[name] = column
            alike.append(name)
        else:
            aliases[name] = same
    return kept, aliases
