"""Events as one Parquet file, though no two batches of them may have the same columns.

Batches are kept in a temporary file until all are known; then they are written with every column that any has. A column
is typed as the schema says (`model.ecs`); any other is text, or lists of text where any event has several values.
"""

from __future__ import annotations

import tempfile
from typing import IO, TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from sentinel.console.documents import is_chosen
from sentinel.console.event_values import KIND, OVERFLOW, text_of
from sentinel.model.ecs import BY_NAME, arrow_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.store.base import StoredEvent

_OVERFLOWS: Final = pa.map_(pa.string(), pa.string())


class ParquetSink:
    """Writes a Parquet file when it ends."""

    def __init__(self, out: IO[bytes], fields: Sequence[str]) -> None:
        """Write to a stream of bytes; only some fields, or all."""
        self._out, self._fields = out, fields
        self._kept = tempfile.TemporaryFile()  # noqa: SIM115 - to the end of the sink
        self._ends: list[int] = []
        self._types: dict[str, pa.DataType] = {}

    def take(self, events: Sequence[StoredEvent]) -> None:
        """Keep events."""
        if events:
            self.take_batch(_batch(events))

    def take_batch(self, batch: pa.RecordBatch) -> None:
        """Keep a batch."""
        names = [
            name for name in batch.schema.names if name != KIND and (not self._fields or is_chosen(name, self._fields))
        ]
        batch = batch.select(names)
        for field in batch.schema:
            self._types[field.name] = _wider(self._types.get(field.name), field.type)
        with pa.ipc.new_stream(self._kept, batch.schema) as writer:
            writer.write_batch(batch)
        self._ends.append(self._kept.tell())

    def end(self, _after: str) -> None:
        """Write what was kept."""
        import pyarrow.parquet as pq

        schema = pa.schema(list(self._types.items()))
        with pq.ParquetWriter(self._out, schema, compression="zstd") as writer:
            for batch in self._read():
                columns = [_fitted(batch, field) for field in schema]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))
        self.close()

    def close(self) -> None:
        """Forget what was kept."""
        self._kept.close()

    def _read(self) -> Iterator[pa.RecordBatch]:
        begin = 0
        for end in self._ends:
            self._kept.seek(begin)
            with pa.ipc.open_stream(pa.py_buffer(self._kept.read(end - begin))) as reader:
                yield from reader
            begin = end


def _batch(events: Sequence[StoredEvent]) -> pa.RecordBatch:
    rows = [
        {**event.fields, "@timestamp": event.time, "event.id": event.id, "event.dataset": event.dataset}
        for event in events
    ]
    columns = {name: [row.get(name) for row in rows] for name in sorted({name for row in rows for name in row})}
    return pa.RecordBatch.from_arrays([_array(name, values) for name, values in columns.items()], list(columns))


def _array(name: str, values: list[Any]) -> pa.Array:
    if name == OVERFLOW:
        return pa.array([list(value.items()) if value else None for value in values], _OVERFLOWS)
    many = any(isinstance(value, (list, tuple)) for value in values)
    if many:
        values = [value if value is None or isinstance(value, (list, tuple)) else [value] for value in values]
    kind = arrow_type(BY_NAME[name]) if name in BY_NAME else None
    if kind is not None and many != pa.types.is_list(kind):
        kind = pa.list_(kind) if many else kind.value_type
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):  # no schema bound the values of a foreign document
        texts = [value if value is None else _texts(name, value) for value in values]
        return pa.array(texts, pa.list_(pa.string()) if many else pa.string())


def _texts(name: str, value: Any) -> Any:  # noqa: ANN401 - any value of an event
    return [text_of(name, each) for each in value] if isinstance(value, list) else text_of(name, value)


def _wider(one: pa.DataType | None, other: pa.DataType) -> pa.DataType:
    """Give the type that holds the values of both: lists before single values, text before anything else."""
    other = other.value_type if pa.types.is_dictionary(other) else other
    if one is None or one == other or pa.types.is_null(one):
        return other
    if pa.types.is_null(other):
        return one
    if pa.types.is_list(one) or pa.types.is_list(other):
        return pa.list_(_wider(_single(one), _single(other)))
    return pa.float64() if {one, other} == {pa.int64(), pa.float64()} else pa.string()


def _single(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_list(kind) else kind


def _fitted(batch: pa.RecordBatch, field: pa.Field) -> pa.Array:
    """Give a batch's column in the type that it has in all of the file."""
    place = batch.schema.get_field_index(field.name)
    if place < 0:
        return pa.nulls(batch.num_rows, field.type)
    column = batch.column(place)
    if pa.types.is_list(field.type) and not pa.types.is_list(column.type):
        column = pc.cast(column, field.type.value_type)
        offsets = [0, *pc.cumulative_sum(pc.cast(column.is_valid(), pa.int32())).to_pylist()]
        lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), column.drop_null())
        return pc.if_else(column.is_valid(), lists, pa.scalar(None, field.type))
    return pc.cast(column, field.type)
