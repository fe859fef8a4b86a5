"""Native columns of Winlogbeat's documents, beside the documents' own.

What `winlogbeat.flatten_winlogbeat` does to one record is done here to the columns of many, all of one kind: rules and
people see the names that Windows gives, and nothing of the document is lost. What the document says of its dataset or
code that is not what its kind says goes to its `_overflow`.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.formats.columns import alike, every_column, finished
from sentinel.formats.document_columns import OVERFLOW
from sentinel.formats.texts import text_of
from sentinel.formats.winlogbeat import (
    CLASHING,
    DIRECTIONS,
    HASHED,
    HASHES,
    LEFT_OUT,
    PREFIXES,
    SYSMON_CHANNEL,
    SYSTEM,
    moved_fields,
)
from sentinel.model.batch import column_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from sentinel.model.batch import EventKind

    Flat: TypeAlias = dict[str, Any]
    Columns: TypeAlias = dict[str, pa.Array]

TIMESTAMP: Final = "@timestamp"
_DATASET: Final = "event.dataset"
_DATASETS: Final = (_DATASET, "data_stream.dataset")
_CODE: Final = "event.code"


def with_native_columns(
    columns: pa.RecordBatch, kind: EventKind, view: Callable[[Flat], Flat] | None = None
) -> pa.RecordBatch:
    """Give the columns of documents of one kind, by dotted names, with their native ones in front.

    `view` adds the fields that are computed from others. A column of either sort that has the name of the other is the
    native one; `@timestamp` is there, if without a value.
    """
    own = dict(zip(columns.schema.names, columns.columns, strict=True))
    own.setdefault(TIMESTAMP, pa.nulls(columns.num_rows, pa.string()))
    natives = {name: finished(column) for name, column in _natives(own, kind).items()}
    if view:
        natives |= _computed(natives, view, kind.dataset)
    placed = {column_of(name): column for name, column in natives.items()}
    told = _told_otherwise(own, kind, placed)
    if told is not None:
        own[OVERFLOW] = told
    placed |= {name: column for name, column in own.items() if name not in placed}
    return pa.RecordBatch.from_arrays(list(placed.values()), list(placed))


def _natives(own: Mapping[str, pa.Array], kind: EventKind) -> Columns:
    """Give native fields as texts or lists of them."""
    texts = {name: _texts(column) for name, column in own.items()}
    natives: Columns = {}
    for prefix in PREFIXES:
        for name, column in texts.items():
            if name.startswith(prefix):
                _add(natives, name.removeprefix(prefix), column)
    natives.pop(LEFT_OUT, None)
    clashing = {name: natives.pop(name) for name in CLASHING & natives.keys()}
    for name, sources in SYSTEM:
        stored = column_of(name)
        for source in sources if stored in sources else (stored, *sources):
            _add(natives, name, texts.get(source))
    for name, column in clashing.items():
        natives["EventData_" + name] = column
        _add(natives, name, column)
    _add(natives, "Message", texts.get("message"))
    for name, source in moved_fields(kind.channel, kind.code):
        _add(natives, name, texts.get(source))
    if kind.channel == SYSMON_CHANNEL:
        for name, column in _joined(texts).items():
            _add(natives, name, column)
    return natives


def _add(natives: Columns, name: str, column: pa.Array | None) -> None:
    """Put a column where a native field has no value yet."""
    before = natives.get(name)
    if column is None or (before is not None and not before.null_count):
        return
    natives[name] = column if before is None else pc.coalesce(*alike([before, column]))


def _texts(column: pa.Array) -> pa.Array:
    """Give any column as texts or lists of texts, each as `text_of` gives it."""
    kind = column.type
    if pa.types.is_string(kind) or (pa.types.is_list(kind) and pa.types.is_string(kind.value_type)):
        return column
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return column.cast(pa.string())
    wanted = pa.list_(pa.string()) if pa.types.is_list(kind) else pa.string()
    return pa.array([text_of(value) for value in column.to_pylist()], wanted)


def _joined(texts: Mapping[str, pa.Array]) -> Columns:
    """Put together what Winlogbeat took apart of Sysmon's events."""
    single = {name: column for name, column in texts.items() if pa.types.is_string(column.type)}
    found: Columns = {}
    if "user.name" in single:
        found["User"] = _account(single["user.name"], single.get("user.domain"))
    if "network.direction" in single:
        wanted = pc.index_in(single["network.direction"], pa.array(list(DIRECTIONS)))
        found["Initiated"] = pa.array(list(DIRECTIONS.values())).take(wanted)
    hashes = _hashes(single)
    if hashes:
        # Arrow leaves out rows of nothing but nulls: the first text is always there, and its comma goes.
        listed = pc.binary_join_element_wise("", *hashes, ",", null_handling="skip")
        found["Hashes"] = _without_empty(pc.utf8_slice_codeunits(listed, 1))
    return found


def _account(names: pa.Array, domains: pa.Array | None) -> pa.Array:
    if domains is None:
        return names
    return pc.coalesce(pc.binary_join_element_wise(_without_empty(domains), names, "\\"), names)


def _without_empty(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _hashes(texts: Mapping[str, pa.Array]) -> list[pa.Array]:
    """Give columns of `MD5=…` and the like; of one name, those of the first owner that an event has."""
    found: list[pa.Array] = []
    named: Columns = {}
    for owner in HASHED:
        for name in HASHES:
            column = texts.get(f"{owner}.hash.{name}")
            column = texts.get(f"{owner}.pe.{name}") if column is None else column
            if column is None:
                continue
            before = named.get(name)
            if before is not None:
                column = pc.if_else(before.is_valid(), pa.scalar(None, pa.string()), column)
            named[name] = column if before is None else pc.coalesce(before, column)
            found.append(pc.binary_join_element_wise(f"{name.upper()}=", pc.utf8_upper(column), ""))
    return found


def _computed(natives: Columns, view: Callable[[Flat], Flat], dataset: str) -> Columns:
    """Give the fields that a view adds to events, with those values of them that were there."""
    made: list[Flat] = []
    for row in zip(*(column.to_pylist() for column in natives.values()), strict=True):
        flat = {name: value for name, value in zip(natives, row, strict=True) if value is not None}
        own = len(flat)
        made.append(dict(islice(view(flat).items(), own, None)))
    fields = list(dict.fromkeys(name for each in made for name in each))
    columns = every_column(made, dataset)
    found = {name: natives[name] for name in fields if name in natives}
    for name in fields:
        _add(found, name, columns.column(column_of(name, dataset)))
    return found


def _told_otherwise(own: Mapping[str, pa.Array], kind: EventKind, placed: Columns) -> pa.Array | None:
    """Give, as JSON, what documents say that another column of theirs does not, and no column holds."""
    rows: dict[int, Flat] = {}
    if _DATASET in own:
        said = _as_text(own[_DATASET])
        kept = [pa.scalar(kind.dataset), *(_as_text(own[name]) for name in _DATASETS[1:] if name in own)]
        _tell(rows, _DATASET, said, kept)
    if _CODE in own:
        _tell(rows, _CODE, _as_text(own[_CODE]), [_as_text(placed[_CODE])])
    if not rows:
        return None
    before = own[OVERFLOW].to_pylist() if OVERFLOW in own else [None] * len(own[TIMESTAMP])
    return pa.array([_merged(told, rows.get(row)) for row, told in enumerate(before)], pa.string())


def _tell(rows: dict[int, Flat], name: str, said: pa.Array, kept: Sequence[pa.Array | pa.Scalar]) -> None:
    lost = said.is_valid()
    for each in kept:
        lost = pc.and_(lost, pc.fill_null(pc.not_equal(said, each), fill_value=True))
    for row in pc.indices_nonzero(lost).to_pylist():
        rows.setdefault(row, {})[name] = said[row].as_py()


def _as_text(column: pa.Array) -> pa.Array:
    texts = _texts(column)
    return pc.binary_join(texts, ", ") if pa.types.is_list(texts.type) else texts


def _merged(before: object, told: Flat | None) -> str | None:
    if told is None:
        return before if isinstance(before, str) else None
    try:
        kept = msgspec.json.decode(before, type=dict[str, Any]) if isinstance(before, str) else {}
    except msgspec.DecodeError:
        kept = {}
    return msgspec.json.encode(kept | told).decode()
