"""Flat records to Arrow columns of native text.

The same value comes out the same whatever wrote it: see `texts`, and a GUID comes in lower case within braces.
Everything else is kept to the letter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.formats.texts import text_of
from sentinel.model.batch import column_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sentinel.formats.texts import Text
_BARE, _BRACED = 36, 38
"""Characters of a GUID, without and with braces."""
GUID = r"^\{?([0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})\}?$"


def wanted_columns(fields: Sequence[str], rows: Sequence[tuple[Any, ...]], dataset: str) -> pa.RecordBatch:
    """Build a column for each of `fields` from rows of their values, in order."""
    if not fields or not rows:
        return pa.RecordBatch.from_arrays([], [])
    columns = [_column(values) for values in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays(columns, [column_of(field, dataset) for field in fields])


def every_column(records: Sequence[Mapping[str, Any]], dataset: str) -> pa.RecordBatch:
    """Build a column for every field that any of the flat records has."""
    fields = dict.fromkeys(field for record in records for field in record)
    named: dict[str, str] = {}
    for field in fields:
        named.setdefault(column_of(field, dataset), field)
    columns = [_column([record.get(field) for record in records]) for field in named.values()]
    return pa.RecordBatch.from_arrays(columns, list(named))


def _column(values: Sequence[Any]) -> pa.Array:
    try:
        column = pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeEncodeError):
        lists = _list_column(values)
        return _mixed_column([text_of(value) for value in values]) if lists is None else lists
    return _with_canonical_guids(column)


def _list_column(values: Sequence[Any]) -> pa.Array | None:
    """Build a column of texts and lists of texts at once; None where there is anything else."""
    if not any(type(value) is list for value in values):
        return None
    try:
        lists = pa.array(
            [value if value is None or type(value) is list else [value] for value in values], pa.list_(pa.string())
        )
    except (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeEncodeError):
        return None
    if lists.values.null_count:
        return None
    return pa.ListArray.from_arrays(lists.offsets, _with_canonical_guids(lists.values), mask=lists.is_null())


def _mixed_column(texts: list[Text]) -> pa.Array:
    if any(type(text) is list for text in texts):
        lists = pa.array(
            [text if text is None or type(text) is list else [text] for text in texts], pa.list_(pa.string())
        )
        values = _with_canonical_guids(lists.values)
        return pa.ListArray.from_arrays(lists.offsets, values, mask=lists.is_null())
    return _with_canonical_guids(pa.array(texts, pa.string()))


def _with_canonical_guids(column: pa.StringArray) -> pa.StringArray:
    """Write every GUID as `{lower-case}`: evtx leaves the braces out, agents and the XML have them."""
    lengths = np.diff(np.frombuffer(column.buffers()[1], np.int32, len(column) + 1, column.offset * 4))
    if not ((lengths == _BARE) | (lengths == _BRACED)).any():
        return column
    encoded = column.dictionary_encode()
    values = encoded.dictionary
    found = pc.match_substring_regex(values, GUID)
    if not pc.any(found).as_py():
        return column
    canonical = pc.replace_substring_regex(pc.utf8_lower(values), GUID, r"{\1}")
    return pc.if_else(found, canonical, values).take(encoded.indices)
