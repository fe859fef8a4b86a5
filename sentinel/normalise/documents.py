"""Documents of the Elastic Common Schema: their fields are there already, and get the types that the schema gives.

What does not fit its type goes to `_overflow` as its text. Native fields are text, as everywhere. Fields that are
neither keep what the JSON holds. Nothing is computed from others, as whoever wrote the document has; only Winlogbeat's
documents may lack what others are given, and get it.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.formats.columns import lists_of_one
from sentinel.model import ecs
from sentinel.model.batch import EVENT_DATA, SYSTEM_COLUMNS
from sentinel.model.exported import KIND, MARK
from sentinel.model.field import FieldType
from sentinel.model.hit import is_event_id
from sentinel.normalise.convert import MISFIT, boolean, integer, ip
from sentinel.normalise.filling import missing_columns
from sentinel.normalise.mapping import OVERFLOW_TYPE, Misfits, overflow, repeated
from sentinel.normalise.times import TIME, judge_times, read_times

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sentinel.model.batch import EventBatch
    from sentinel.model.field import Field

TIMESTAMP: Final = "@timestamp"
_DATASET: Final = "event.dataset"
_ID: Final = "event.id"
_INGESTED: Final = "event.ingested"
_LEFT_OUT: Final = frozenset({TIMESTAMP, _INGESTED, ecs.OVERFLOW, MARK, KIND, _DATASET})
_NATIVE: Final = frozenset(SYSTEM_COLUMNS.values())


def is_documents(batch: EventBatch) -> bool:
    """Tell whether a batch holds documents as they were read: they name their time, as text."""
    index = batch.columns.schema.get_field_index(TIMESTAMP)
    return index >= 0 and not pa.types.is_timestamp(batch.columns.schema.field(index).type)


def is_exported(batch: EventBatch) -> bool:
    """Tell whether a store exported the documents, all of them."""
    index = batch.columns.schema.get_field_index(MARK)
    return index >= 0 and not batch.columns.column(index).null_count


def told_times(batch: EventBatch, typed: Mapping[str, pa.Array]) -> pa.Array:
    """Give the times that documents tell themselves; `typed` are their columns when these were judged."""
    flags: pa.Array | None = typed.get(ecs.TIME_FLAG)
    if flags is None or flags.null_count == len(flags):
        return typed[TIMESTAMP]
    return read_times(_joined(_texts(batch.columns.column(TIMESTAMP))))


def typed_documents(batch: EventBatch, ingested: int) -> pa.RecordBatch:
    """Give the columns of a batch of documents, typed; `ingested` is nanoseconds since 1970, UTC."""
    columns, rows, misfits = batch.columns, batch.columns.num_rows, list[Misfits]()
    made: dict[str, pa.Array] = {}
    for name, column in zip(columns.schema.names, columns.columns, strict=True):
        if name not in _LEFT_OUT:
            field = ecs.BY_NAME.get(name)
            if field is not None:
                made[name] = _typed(field, column, misfits)
            else:
                made[name] = _texts(column) if _is_native(name, batch.kind.dataset) else column
    created, times = _times(columns, made, ingested, misfits)
    made |= times
    if batch.lacks_ecs:
        made |= missing_columns(batch, made, created, misfits)
    if _ID in made and not is_exported(batch):
        _tell_foreign_ids(made[_ID], made[TIMESTAMP], misfits)
    made[_DATASET] = repeated(_DATASET, batch.kind.dataset, rows)
    made[_INGESTED] = pa.array([ingested] * rows, TIME)
    made[ecs.OVERFLOW] = _overflow(columns, overflow(misfits, rows))
    return pa.RecordBatch.from_arrays(list(made.values()), list(made))


def _is_native(name: str, dataset: str) -> bool:
    return name.startswith((EVENT_DATA, f"{dataset}.")) or (name in _NATIVE and name not in ecs.BY_NAME)


def _times(
    columns: pa.RecordBatch, made: dict[str, pa.Array], ingested: int, misfits: list[Misfits]
) -> tuple[pa.Array, dict[str, pa.Array]]:
    """Read `@timestamp`, and judge it where no store has before; give it as read, and the columns."""
    texts = _joined(_texts(columns.column(TIMESTAMP)))
    created = read_times(texts)
    if MARK in columns.schema.names and not columns.column(MARK).null_count and not created.null_count:
        return created, {TIMESTAMP: created}
    times, flags = judge_times(texts, created, ingested)
    if flags.null_count < len(flags):
        misfits.append(Misfits(TIMESTAMP, pc.and_(texts.is_valid(), flags.is_valid()), texts))
    given = made.get(ecs.TIME_FLAG)
    flags = flags if given is None else pc.coalesce(flags, _joined(given))
    return created, {TIMESTAMP: times, ecs.TIME_FLAG: flags}


def _tell_foreign_ids(ids: pa.Array, times: pa.Array, misfits: list[Misfits]) -> None:
    """Put ids that are not ours to what does not fit: the event gets one of ours."""
    texts = _joined(ids)
    named = zip(texts.to_pylist(), times.cast(pa.int64()).to_pylist(), strict=True)
    foreign = pa.array([text is not None and not is_event_id(text, time) for text, time in named], pa.bool_())
    if pc.any(foreign).as_py():
        misfits.append(Misfits(_ID, foreign, texts))


def _overflow(columns: pa.RecordBatch, found: pa.Array) -> pa.Array:
    """Put what did not fit now to what had not before, when the document was exported."""
    if ecs.OVERFLOW not in columns.schema.names:
        return found
    rows = []
    for text, pairs in zip(columns.column(ecs.OVERFLOW).to_pylist(), found.to_pylist(), strict=True):
        before = _told_before(text)
        rows.append([*before.items(), *(pair for pair in pairs or () if pair[0] not in before)] or None)
    return pa.array(rows, OVERFLOW_TYPE)


def _told_before(text: object) -> dict[str, str]:
    try:
        told = json.loads(str(text))
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in told.items()} if isinstance(told, dict) else {}


def _typed(field: Field, column: pa.Array, misfits: list[Misfits]) -> pa.Array:
    """Give a column its type; a list where the schema has one value stays one where it is text."""
    is_list = pa.types.is_list(column.type)
    if is_list and not field.many:
        if pc.max(pc.list_value_length(column)).as_py() in {0, 1, None}:
            column, is_list = _first(column), False
        elif field.type is FieldType.KEYWORD:
            return _texts(column)
        else:
            return _misfit(field, column, misfits)
    values = column.flatten() if is_list else column
    bad = list[Misfits]()
    made = _values(field, values, bad)
    if bad and is_list:
        return _misfit(field, column, misfits)
    misfits += bad
    if is_list:
        return _listed(column, made)
    return lists_of_one(made) if field.many else made


def _first(column: pa.Array) -> pa.Array:
    return pc.list_element(pc.list_slice(column, 0, 1, return_fixed_size_list=True), 0)


def _listed(column: pa.ListArray, values: pa.Array) -> pa.Array:
    if values is column.values:
        return column
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=column.is_null())


def _misfit(field: Field, column: pa.Array, misfits: list[Misfits]) -> pa.Array:
    """Put a whole column of lists to what does not fit."""
    texts = pa.array(
        [None if value is None else json.dumps(value, ensure_ascii=False) for value in column.to_pylist()], pa.string()
    )
    misfits.append(Misfits(field.name, column.is_valid(), texts))
    return pa.nulls(len(column), ecs.arrow_type(field))


def _values(field: Field, column: pa.Array, misfits: list[Misfits]) -> pa.Array:
    """Give single values the type of a field."""
    wanted = ecs.arrow_type(field)
    wanted = wanted.value_type if pa.types.is_list(wanted) else wanted
    if field.type is FieldType.KEYWORD:
        return _texts(column)
    if field.type is FieldType.DATE:
        texts = _texts(column)
        times = read_times(texts)
        return _without(field, times, pc.and_(texts.is_valid(), times.is_null()), texts, misfits)
    if column.type == wanted and (field.type is not FieldType.IP or _are_plain_ipv4(column)):
        return column
    return _converted(field, _texts(column), wanted, misfits)


def _without(field: Field, made: pa.Array, misfit: pa.Array, texts: pa.Array, misfits: list[Misfits]) -> pa.Array:
    if pc.any(misfit).as_py():
        misfits.append(Misfits(field.name, misfit, texts))
    return made


_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_PLAIN_IPV4: Final = rf"^{_OCTET}(?:\.{_OCTET}){{3}}$"


def _are_plain_ipv4(texts: pa.Array) -> bool:
    """Tell whether all are addresses as they are kept: looked at one by one, they take ten times as long."""
    return pc.all(pc.match_substring_regex(texts, _PLAIN_IPV4)).as_py() is not False


_ip = lru_cache(maxsize=1 << 16)(ip)
_CONVERTERS: Final[dict[FieldType, Callable[[str], object]]] = {
    FieldType.IP: _ip,
    FieldType.LONG: integer,
    FieldType.BOOLEAN: boolean,
}


def _converted(field: Field, texts: pa.Array, wanted: pa.DataType, misfits: list[Misfits]) -> pa.Array:
    """Convert the distinct texts of a column."""
    encoded = texts.dictionary_encode()
    before: Sequence[str] = encoded.dictionary.to_pylist()
    convert = _CONVERTERS[field.type]
    after = [convert(text) for text in before]
    if after == before:
        return texts
    if MISFIT in after:
        misfit = pa.array([value is MISFIT for value in after], pa.bool_()).take(encoded.indices)
        misfits.append(Misfits(field.name, pc.fill_null(misfit, fill_value=False), texts))
        after = [None if value is MISFIT else value for value in after]
    return pa.array(after, wanted).take(encoded.indices)


def _joined(texts: pa.Array) -> pa.Array:
    """Give lists of text as one text each."""
    return pc.binary_join(texts, ", ") if pa.types.is_list(texts.type) else texts


def _texts(column: pa.Array) -> pa.Array:
    """Give a column as text, or as lists of it."""
    if pa.types.is_list(column.type):
        wanted = pa.list_(pa.string())
        return column if column.type == wanted else column.cast(wanted)
    return column if column.type == pa.string() else column.cast(pa.string())
