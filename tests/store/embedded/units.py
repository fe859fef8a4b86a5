"""Units as snapshots give them, made from events without a store: `a_segment(folder, events)`, `a_journal(events)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from sentinel.model.ecs import BY_NAME, OVERFLOW, arrow_type
from sentinel.store.embedded.grams import build
from sentinel.store.embedded.unit import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    Event = Mapping[str, Any]

_NS = pa.timestamp("ns", "UTC")


def a_table(events: Sequence[Event]) -> pa.Table:
    """Give events as a table; columns that the schema does not know hold text, or lists where any event has one."""
    names = list(dict.fromkeys(name for event in events for name in event))
    return pa.table({name: pa.array([event.get(name) for event in events], _type(name, events)) for name in names})


def _type(name: str, events: Sequence[Event]) -> pa.DataType:
    if name == OVERFLOW:
        return pa.map_(pa.string(), pa.string())
    if name in {"@timestamp", "event.ingested"}:
        return _NS
    if name in BY_NAME:
        kind = arrow_type(BY_NAME[name])
        many = any(isinstance(event.get(name), list) for event in events)
        return pa.list_(kind) if many and not pa.types.is_list(kind) else kind
    return pa.list_(pa.string()) if any(isinstance(event.get(name), list) for event in events) else pa.string()


def a_journal(events: Sequence[Event], dataset: str = "test.log") -> Unit:
    """Give a unit of what a journal holds."""
    return _unit(a_table(events), dataset, {})


def a_segment(
    folder: Path,
    events: Sequence[Event],
    dataset: str = "test.log",
    *,
    rows: int = 3,
    dictionary: bool = True,
    grams: bool = True,
) -> Unit:
    """Give a unit of a segment, sorted, of groups of so many rows; columns that are the same are aliases."""
    table = a_table(events).sort_by([("@timestamp", "ascending"), ("event.id", "ascending")])
    aliases: dict[str, str] = {}
    for number, name in enumerate(table.column_names[3:], 3):
        for other in table.column_names[3:number]:
            same = table.column(name).type == table.column(other).type and table.column(name).equals(
                table.column(other)
            )
            if same and other not in aliases and name != OVERFLOW:
                aliases.setdefault(name, other)
    written = table.drop_columns(list(aliases))
    path = folder / f"{len(list(folder.iterdir()))}.parquet"
    pq.write_table(
        written, path, row_group_size=rows, compression="zstd", use_dictionary=dictionary, store_schema=False
    )
    if grams:
        groups = [written.slice(begin, rows) for begin in range(0, written.num_rows, rows)]
        path.with_suffix(".grams").write_bytes(build(groups))
    return _unit(table, dataset, aliases, str(path))


def _unit(table: pa.Table, dataset: str, aliases: Mapping[str, str], path: str = "") -> Unit:
    times = table.column("@timestamp").cast(pa.int64()).to_pylist()
    columns = {field.name: str(field.type) for field in table.schema}
    return Unit(dataset, columns, aliases, table.num_rows, min(times), max(times), path, path, None if path else table)
