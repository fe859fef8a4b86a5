"""Builders of batches, and what a store holds as plain rows: `a_batch(rows=3)`, `rows_of(store)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sentinel.model.batch import EventBatch, EventKind
from sentinel.model.window import Window
from sentinel.store.embedded.segment import read
from sentinel.store.embedded.unit import ID, INGESTED, KIND, TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.store.embedded.snapshot import EmbeddedSnapshot
    from sentinel.store.embedded.store import EmbeddedStore

    Row = dict[str, Any]

TIME_TYPE = pa.timestamp("ns", "UTC")
MAP_TYPE = pa.map_(pa.string(), pa.string())
NOON = 1_790_000_000_000_000_000
SECOND = 1_000_000_000
DAY = 86_400 * SECOND
LOGINS = EventKind("linux.auth", provider="sshd", code="1")


def a_batch(
    first: int = 0,
    rows: int = 3,
    *,
    kind: EventKind = LOGINS,
    begin: int = NOON,
    step: int = SECOND,
    **columns: Sequence[Any] | pa.Array,
) -> EventBatch:
    """Give events `first`, `first + 1`, …, a step apart; `columns` are named with `__` for a dot."""
    numbers = range(first, first + rows)
    made: dict[str, pa.Array] = {
        ID: pa.array([f"{number:036x}" for number in numbers], pa.string()),
        TIME: pa.array([begin + number * step for number in numbers], TIME_TYPE),
        "user.name": pa.array([f"user{number % 7}" for number in numbers], pa.string()),
    }
    made |= {
        name.replace("__", "."): values if isinstance(values, pa.Array) else pa.array(values)
        for name, values in columns.items()
    }
    batch = pa.RecordBatch.from_arrays(list(made.values()), list(made))
    return EventBatch(kind, batch, [b""] * rows, [0] * rows, [])


def plain(table: pa.Table | pa.RecordBatch) -> list[Row]:
    """Give rows with the columns that have a value, times as nanoseconds, and without what the store adds."""
    columns = {
        name: column.cast(pa.int64()) if column.type == TIME_TYPE else column
        for name, column in zip(table.column_names, table.columns, strict=True)
        if name not in {INGESTED, KIND}
    }
    rows = pa.table(columns).to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def rows_in(snapshot: EmbeddedSnapshot) -> list[Row]:
    """Give all events of a snapshot by time and id."""
    units = snapshot.units(Window())
    rows = [row for unit in units for row in plain(read(unit, list(unit.columns)))]
    return sorted(rows, key=lambda row: (row[TIME], row[ID]))


def rows_of(store: EmbeddedStore) -> list[Row]:
    """Give all events of a store by time and id."""
    with store.snapshot() as snapshot:
        return rows_in(snapshot)


def numbers_of(store: EmbeddedStore) -> list[int]:
    """Give the numbers of all events of a store, by time."""
    return [int(row[ID], 16) for row in rows_of(store)]


def segments_of(store: EmbeddedStore) -> int:
    """Give how many segments live."""
    return len(store.manifest.segments())
