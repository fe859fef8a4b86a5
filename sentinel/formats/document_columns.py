"""Lines of JSON to columns, all lines of a kind at once.

Arrow reads a run of lines four times as fast as they can be decoded and put into columns one by one. It refuses what
JSON allows and columns do not (text here and a number there), guesses at times, and takes big numbers for fractions:
then the run is read one document at a time. Columns hold what the JSON holds: text, whole numbers, fractions, truth,
or lists of these; a column that holds several is text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from sentinel.formats.json_decode import REFUSALS, decode_anyhow
from sentinel.formats.schema import dotted
from sentinel.formats.texts import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SAFE: Final = float(1 << 53)
"""From here on a fraction may stand for a whole number that was another."""
_TEXTS: Final = pa.list_(pa.string())
_READ: Final = pj.ReadOptions(use_threads=False, block_size=64 << 20)
_PLAIN_TYPES: Final = frozenset({
    pa.string(), pa.int64(), pa.float64(), pa.bool_(), _TEXTS, pa.list_(pa.int64()), pa.list_(pa.float64()),
    pa.list_(pa.bool_()), pa.null(),
})  # fmt: skip
_decode = msgspec.json.Decoder().decode
OVERFLOW: Final = "_overflow"


def flat_document(record: dict[str, Any]) -> dict[str, Any]:
    """Give a document's fields by dotted names; a map of what did not fit a column stays one, as its JSON."""
    overflow = record.get(OVERFLOW)
    if isinstance(overflow, dict):
        return dotted({**record, OVERFLOW: None}) | {OVERFLOW: msgspec.json.encode(overflow).decode()}
    return dotted(record)


def decoded_document(line: bytes) -> dict[str, Any]:
    """Decode a line; raise InputError where it is no JSON object."""
    try:
        record = _decode(line)
        if type(record) is dict:
            return record
    except REFUSALS:
        pass
    return decode_anyhow(line)


class DocumentColumns:
    """Makes columns of lines; it remembers which fields only look like times, so as not to be wrong twice."""

    def __init__(self) -> None:
        """Begin without having seen any line."""
        self._schema = pa.schema([])

    def of(self, lines: Sequence[bytes]) -> pa.RecordBatch | None:
        """Give the columns of documents, nested or dotted, a line each; None where that loses something."""
        found = self._read(b"".join(line if line.endswith(b"\n") else line + b"\n" for line in lines))
        return None if found is None or found.num_rows != len(lines) else _with_values(found)

    def _read(self, data: bytes) -> pa.RecordBatch | None:
        """Read lines at once; None where that cannot be done without a loss."""
        if not data.isascii():
            try:
                data.decode()
            except UnicodeDecodeError:
                return None
        table = self._table(data)
        if table is not None and any(_looks_timed(kind) for kind in table.schema.types):
            self._schema = pa.schema(_with_texts(self._schema, table.schema))
            table = self._table(data)
        table = _flattened(table) if table is not None else None
        if table is None or not _PLAIN_TYPES.issuperset(table.schema.types) or any(map(_may_be_wrong, table.columns)):
            return None
        batches = table.combine_chunks().to_batches()
        return batches[0] if len(batches) == 1 else None

    def _table(self, data: bytes) -> pa.Table | None:
        options = pj.ParseOptions(explicit_schema=self._schema, unexpected_field_behavior="infer")
        try:
            return pj.read_json(pa.BufferReader(data), read_options=_READ, parse_options=options)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError):
            return None


def _looks_timed(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        return any(_looks_timed(each.type) for each in kind.fields)
    return bool(pa.types.is_timestamp(kind))


def _with_texts(known: Iterable[pa.Field], found: Iterable[pa.Field]) -> list[pa.Field]:
    """Give known fields and those found that look like times, as texts."""
    fields = {each.name: each for each in known}
    for each in found:
        if pa.types.is_struct(each.type) and _looks_timed(each.type):
            before = fields[each.name].type.fields if each.name in fields else ()
            fields[each.name] = pa.field(each.name, pa.struct(_with_texts(before, each.type.fields)))
        elif _looks_timed(each.type):
            fields[each.name] = pa.field(each.name, pa.string())
    return list(fields.values())


def _flattened(table: pa.Table) -> pa.Table | None:
    """Give nested fields dotted names; None where a name stands twice, or what overflowed is no text."""
    while any(map(pa.types.is_struct, table.schema.types)):
        table = table.flatten()
    names = table.schema.names
    nested = any(name.startswith(f"{OVERFLOW}.") for name in names)
    return None if nested or len(set(names)) < len(names) else table


def _may_be_wrong(column: pa.ChunkedArray) -> bool:
    """Tell whether fractions may be whole numbers that were too big, or lists hold nothings, of which some get lost."""
    if pa.types.is_list(column.type):
        return any(_is_broken(chunk) or _holds_too_big(chunk.values) for chunk in column.chunks)
    return any(map(_holds_too_big, column.chunks))


def _is_broken(lists: pa.ListArray) -> bool:
    return lists.values.null_count > 0 or (len(lists) > 0 and lists.offsets[-1].as_py() > len(lists.values))


def _holds_too_big(values: pa.Array) -> bool:
    if not pa.types.is_floating(values.type):
        return False
    largest = pc.max(pc.abs(values)).as_py()
    return largest is not None and not largest < _SAFE


def _without_nothings(values: list[Any]) -> list[Any] | None:
    return [value for value in values if value is not None] or None


def _with_values(found: pa.RecordBatch) -> pa.RecordBatch:
    """Leave out columns without any value."""
    names = [name for name in found.schema.names if found.column(name).null_count < found.num_rows]
    return found.select(names) if len(names) < found.num_columns else found


def columns_of(records: Sequence[dict[str, Any]]) -> pa.RecordBatch:
    """Give the columns of documents by dotted names; those without any value are left out."""
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = [_column([record.get(name) for record in records]) for name in names]
    return _with_values(pa.RecordBatch.from_arrays(columns, names))


def _column(values: list[Any]) -> pa.Array:
    values = [_without_nothings(value) if type(value) is list else value for value in values]
    try:
        column = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError, UnicodeEncodeError):
        column = None
    if column is None or column.type not in _PLAIN_TYPES or _may_be_wrong(pa.chunked_array([column])):
        texts = [text_of(value) for value in values]
        if any(type(text) is list for text in texts):
            return pa.array([[text] if type(text) is str else text for text in texts], _TEXTS)
        return pa.array(texts, pa.string())
    return column
