"""Sightings from the events of a batch that rules hit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.evidence import nested, sighting_of
from sentinel.model.batch import column_of, source_and_offset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sentinel.detect.plan import Rule
    from sentinel.model.alert import Sighting
    from sentinel.model.batch import EventBatch
    from sentinel.model.hit import Hit


def wanted_columns_of(batch: EventBatch, fields: Iterable[str]) -> EventBatch:
    """Give a batch with just the columns of native fields, as text; null where the batch has none."""
    names = [column_of(field, batch.kind.dataset) for field in fields]
    arrays = [_native(batch, name) for name in names]
    return replace(batch, columns=pa.RecordBatch.from_arrays(arrays, names))


def _native(batch: EventBatch, name: str) -> pa.Array:
    index = batch.columns.schema.get_field_index(name)
    if index < 0:
        return pa.nulls(len(batch), pa.string())
    column = batch.columns.column(index)
    if pa.types.is_list(column.type):
        return column if column.type.value_type == pa.string() else column.cast(pa.list_(pa.string()))
    return column if column.type == pa.string() else column.cast(pa.string())


def sightings_of(
    hits: Sequence[Hit],
    batch: EventBatch,
    rules: Sequence[Rule],
    now: int,
    fingerprints: Mapping[str, tuple[str, ...]],
) -> Iterator[Sighting]:
    """Give a sighting for each rule and event of a batch as it is stored; `now` is nanoseconds since 1970, UTC.

    `fingerprints` names the fields in which sightings of one alert agree, by the id of the rule.
    """
    rows = {source_and_offset(position): row for row, position in enumerate(batch.positions)}
    at = [rows[hit.source, hit.offset] for hit in hits]
    chosen = batch.columns.take(pa.array(at, pa.int64()))
    for hit, evidence in zip(hits, _documents(chosen), strict=True):
        for number in hit.rules:
            yield sighting_of(hit, rules[number], evidence, now, fingerprints.get(rules[number].id, ()))


def _documents(columns: pa.RecordBatch) -> list[bytes]:
    """Give each row as JSON, all of it: what the alert keeps may outlive the event."""
    shown = {name: _plain(columns.column(name)) for name in columns.schema.names}
    return [
        msgspec.json.encode(nested({name: values[row] for name, values in shown.items() if values[row] is not None}))
        for row in range(columns.num_rows)
    ]


def _plain(column: pa.Array) -> list[Any]:
    if pa.types.is_timestamp(column.type):
        return list(pc.strftime(column, "%Y-%m-%dT%H:%M:%SZ").to_pylist())
    if pa.types.is_map(column.type):
        return [dict(pairs) if pairs else None for pairs in column.to_pylist()]
    return list(column.to_pylist())
