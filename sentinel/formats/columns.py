"""Flat records to Arrow columns of native text.

The same value comes out the same whatever wrote it: see `texts`, and a GUID comes in lower case within braces.
Everything else is kept to the letter.

Records kept whole are turned into columns a few hundred at a time, while a processor's cache still holds their texts,
and the pieces joined for a batch: that takes two thirds of the time that one go takes.
"""

from __future__ import annotations

import re
from itertools import chain
from operator import itemgetter
from types import NoneType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.formats.texts import text_of
from sentinel.model.batch import column_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sentinel.formats.texts import Text

    Names = Mapping[str, tuple[str, ...]]
    Columns = dict[str, pa.Array]
    Shape = tuple[str, ...]
_BARE, _BRACED, _DASH = 36, 38, 8
"""Characters of a GUID, without and with braces, and before its first dash."""
_CAPITALS = 6
"""A to F."""
_DIGITS = r"([0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})"
_GUID = re.compile(rf"\{{{_DIGITS}\}}|{_DIGITS}")
PIECE_ROWS = 256
"""So many records that are kept whole are made columns, while a processor's cache holds them."""
_REFUSALS = (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeEncodeError, OverflowError)


def wanted_columns(fields: Sequence[str], rows: Sequence[tuple[Any, ...]], dataset: str) -> pa.RecordBatch:
    """Build a column for each of `fields` from rows of their values, in order."""
    if not fields or not rows:
        return pa.RecordBatch.from_arrays([], [])
    columns = [finished(_column(values)) for values in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays(columns, [column_of(field, dataset) for field in fields])


def every_column(records: Sequence[Mapping[str, Any]], dataset: str) -> pa.RecordBatch:
    """Build a column for every field that any of the flat records has."""
    known: dict[Shape, Shape] = {}
    pieces = Pieces()
    for begin in range(0, len(records), PIECE_ROWS):
        some = records[begin : begin + PIECE_ROWS]
        pieces.add([known.setdefault(shape, shape) for shape in map(tuple, some)], [each.values() for each in some])
    return pieces.join(dataset)


class Pieces:
    """Columns for every field of records that come a few hundred at a time.

    `names` are fields that also answer to another name: a record that lacks a field, or has null there, gives the
    first of its other names that it has. A field that stands for another in every row shares that one's column.
    """

    __slots__ = ("_names", "_pieces")

    def __init__(self, names: Names | None = None) -> None:
        """Begin with no records."""
        self._names = names or {}
        self._pieces: list[tuple[int, Columns]] = []

    def add(self, shapes: Sequence[Shape], rows: Sequence[Iterable[Any]]) -> None:
        """Take flat records in order, each as its values and their fields; equal shapes should be one object."""
        if rows:
            columns = _columns(shapes, rows)
            _add_names(columns, self._names)
            self._pieces.append((len(rows), columns))

    def join(self, dataset: str) -> pa.RecordBatch:
        """Give the columns of all records so far, and forget them."""
        pieces, self._pieces = self._pieces, []
        fields: dict[str, str] = {}
        for field in dict.fromkeys(chain.from_iterable(columns for _, columns in pieces)):
            fields.setdefault(column_of(field, dataset), field)
        joined: dict[tuple[int, ...], pa.Array] = {}
        columns = []
        for field in fields.values():
            parts = [(rows, each.get(field)) for rows, each in pieces]
            key = tuple(id(part) for _, part in parts)
            if key not in joined:
                joined[key] = _joined(parts)
            columns.append(joined[key])
        return pa.RecordBatch.from_arrays(columns, list(fields))


def _joined(pieces: list[tuple[int, pa.Array | None]]) -> pa.Array:
    """Join the pieces of a column; None stands for so many nulls."""
    kind = next(part.type for _, part in pieces if part is not None)
    parts = [pa.nulls(rows, kind) if part is None else part for rows, part in pieces]
    if len(parts) == 1:
        return finished(parts[0])
    return finished(pa.concat_arrays(alike(parts)))


def alike(parts: list[pa.Array]) -> list[pa.Array]:
    """Give columns of any types as ones of a single type: texts where they differ, or lists of texts."""
    if all(part.type == parts[0].type for part in parts):
        return parts
    if not any(pa.types.is_list(part.type) for part in parts):
        return [_as_texts(part) for part in parts]
    return [part if pa.types.is_list(part.type) else lists_of_one(_as_texts(part)) for part in parts]


def _as_texts(column: pa.Array) -> pa.StringArray:
    return column if pa.types.is_string(column.type) else column.cast(pa.string())


def lists_of_one(values: pa.Array) -> pa.ListArray:
    """Give each value as a list of its own; null where there is none."""
    valid = values.is_valid()
    ends = np.cumsum(valid.to_numpy(zero_copy_only=False), dtype=np.int32)
    offsets = pa.array(np.concatenate((np.zeros(1, np.int32), ends)))
    return pa.ListArray.from_arrays(offsets, values.drop_null(), mask=pc.invert(valid))


def _columns(shapes: Sequence[Shape], rows: Sequence[Iterable[Any]]) -> Columns:
    distinct = {id(shape): shape for shape in shapes}
    fields = dict.fromkeys(chain.from_iterable(distinct.values()))
    if len(distinct) > 1 and fields:
        placed = {number: _place_in(fields, shape) for number, shape in distinct.items()}
        rows = [placed[id(shape)]((*row, None)) for shape, row in zip(shapes, rows, strict=True)]
    return {field: _column(values) for field, values in zip(fields, zip(*rows, strict=True), strict=False)}


def _place_in(fields: Iterable[str], shape: Shape) -> itemgetter[Any]:
    """Make what puts a shape's values, and a None after them, into the order of `fields`."""
    places = {field: place for place, field in enumerate(shape)}
    # One more, since an itemgetter of one gives no tuple.
    return itemgetter(*(places.get(field, len(shape)) for field in fields), 0)


def _add_names(columns: Columns, names: Names) -> None:
    for name, others in names.items():
        column = columns.get(name)
        for other in others:
            if other not in columns or (column is not None and not column.null_count):
                continue
            column = columns[other] if column is None else pc.coalesce(*alike([column, columns[other]]))
        if column is not None and (name in columns or column.null_count < len(column)):
            columns[name] = column


def _column(values: Sequence[Any]) -> pa.Array:
    """Build a column of the type that the values have, if that can be one; else of texts, or of lists of them."""
    try:
        return pa.array(values, pa.string())
    except _REFUSALS:
        types = set(map(type, values)) - {NoneType}
    try:
        if types == {int}:
            return pa.array(values, pa.int64())
        if types == {bool}:
            return pa.array(values, pa.bool_())
        if types <= {list, str}:
            lists = _list_column(values)
            if lists is not None:
                return lists
    except _REFUSALS:  # integers of more than 64 bits, or lists of something else than texts
        pass
    return _mixed_column([text_of(value) for value in values])


def finished(column: pa.Array) -> pa.Array:
    """Give a column of any type as texts, or as lists of texts, in their canonical form."""
    if pa.types.is_string(column.type):
        return _with_canonical_guids(column)
    if not pa.types.is_list(column.type):
        return column.cast(pa.string())
    values = _with_canonical_guids(column.values)
    return (
        column if values is column.values else pa.ListArray.from_arrays(column.offsets, values, mask=column.is_null())
    )


def _list_column(values: Sequence[Any]) -> pa.Array | None:
    """Build a column of texts and lists of texts at once; None where a list has a null."""
    lists = pa.array(
        [value if value is None or type(value) is list else [value] for value in values], pa.list_(pa.string())
    )
    return None if lists.values.null_count else lists


def _mixed_column(texts: list[Text]) -> pa.Array:
    if any(type(text) is list for text in texts):
        return pa.array(
            [text if text is None or type(text) is list else [text] for text in texts], pa.list_(pa.string())
        )
    return pa.array(texts, pa.string())


def _with_canonical_guids(column: pa.StringArray) -> pa.StringArray:
    """Write every GUID as `{lower-case}`: evtx leaves the braces out, agents and the XML have them."""
    if not _may_have_guids_to_write(column):
        return column
    encoded = column.dictionary_encode()
    values = encoded.dictionary.to_pylist()
    canonical = [_canonical(value) for value in values]
    return column if canonical == values else pa.array(canonical, pa.string()).take(encoded.indices)


def _canonical(value: str) -> str:
    found = _GUID.fullmatch(value)
    return f"{{{(found[1] or found[2]).lower()}}}" if found else value


def lengths_of(texts: pa.StringArray) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Give the bytes of each text of a column; what it gives for a null says nothing."""
    if not len(texts):
        return np.zeros(0, np.int32)
    ends = np.frombuffer(texts.buffers()[1], np.int32, len(texts) + 1, texts.offset * 4)
    return ends[1:] - ends[:-1]


def _may_have_guids_to_write(column: pa.StringArray) -> bool:
    """Tell whether any text may be a GUID without braces or with capital letters: in most columns none is."""
    _, offsets, data = column.buffers()
    begins, lengths = np.frombuffer(offsets, np.int32, len(column), column.offset * 4), lengths_of(column)
    bare, braced = begins[lengths == _BARE], begins[lengths == _BRACED]
    if not (len(bare) or len(braced)):
        return False
    letters = np.frombuffer(data, np.uint8)
    if (letters[bare + _DASH] == ord("-")).any():
        return True
    braced = braced[letters[braced + _DASH + 1] == ord("-")]
    # First all texts at once: a column of GUIDs holds little else.
    return (
        len(braced) > 0
        and _has_capitals(letters[begins[0] : begins[-1] + lengths[-1]])
        and _has_capitals(letters[braced[:, None] + np.arange(_BRACED)])
    )


def _has_capitals(letters: np.ndarray[Any, np.dtype[np.uint8]]) -> bool:
    """Tell whether any letter is a capital hexadecimal digit."""
    return bool((letters - np.uint8(ord("A")) < _CAPITALS).any())
