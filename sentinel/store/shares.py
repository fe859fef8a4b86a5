"""Parts of a store, read together: batches of one kind for the engine.

Rules are matched on distinct values, so it pays to read much at once: many small parts, or a large part some rows at a
time. Only the columns are read that rules ask for of the kinds that are there.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.detect.watch import Needles
from sentinel.model.batch import WINDOWS, EventBatch, EventKind, column_of
from sentinel.store.embedded.unit import KIND, KIND_SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from sentinel.store.base import Part

ROWS: Final = 1 << 17
BYTES: Final = 32 << 20
"""Rows of parts that are read together, and the bytes of their columns."""
_DISTINCT: Final = pa.dictionary(pa.int32(), pa.string())
_COLUMNS: Final = 8
"""How many columns are held at once that are only looked through."""
_LONG: Final = 256
"""Bytes of a text, on average."""
_ORIGINAL: Final = "event.original"
_CODE: Final = "event.code"


@dataclass(frozen=True, slots=True)
class Asked:
    """What rules ask of a kind: native fields, and texts of which one stands in every event that a keyword hits.

    `computed` are fields whose text is not the event's own: keywords are not looked for in them.
    """

    fields: Sequence[str]
    keywords: Sequence[str] = ()
    computed: Collection[str] = ()


def batches(parts: Sequence[Part], asked: Callable[[EventKind], Asked | None]) -> Iterator[EventBatch]:
    """Give the events of parts of one dataset, a kind at a time; kinds of which nothing is asked are left out.

    Positions number the rows of all parts, in their order. Besides the fields that are asked for, a batch has every
    native column in which a keyword may stand.
    """
    kinds = {kind: found for kind in _kinds(parts) if (found := asked(kind))}
    if not kinds:
        return
    fields = dict.fromkeys(column_of(field, kind.dataset) for kind, each in kinds.items() for field in each.fields)
    keywords = tuple(dict.fromkeys(text for each in kinds.values() for text in each.keywords))
    needles = Needles(keywords)
    anywhere = [_holding(part, keywords, needles) if keywords else [] for part in parts]
    searched = list(dict.fromkeys(name for names in anywhere for name in names))
    tables_of = (
        table
        for part, held in zip(parts, anywhere, strict=True)
        for table in part.read(list(dict.fromkeys((KIND, *fields, *held))))
    )
    begin = 0
    for tables in _together(tables_of):
        yield from _split(tables, begin, kinds, searched)
        begin += sum(table.num_rows for table in tables)


def _together(tables: Iterable[pa.Table]) -> Iterator[list[pa.Table]]:
    """Put tables together that are not too much at once."""
    waiting: list[pa.Table] = []
    rows = size = 0
    for table in tables:
        if waiting and (rows + table.num_rows > ROWS or size + table.nbytes > BYTES):
            yield waiting
            waiting, rows, size = [], 0, 0
        waiting.append(table)
        rows, size = rows + table.num_rows, size + table.nbytes
    if waiting:
        yield waiting


def _kinds(parts: Sequence[Part]) -> list[EventKind]:
    """Give the kinds of events that parts hold."""
    named = {
        text: None
        for part in parts
        for table in part.read((KIND,))
        for text in _as_distinct(_joined([table], KIND)).dictionary.to_pylist()
    }
    return [EventKind(parts[0].dataset, *text.split(KIND_SEPARATOR)) for text in named]


def native(dataset: str, columns: Sequence[str]) -> list[str]:
    """Give those of the columns that hold texts of the events themselves."""
    if dataset.startswith(WINDOWS):
        return [name for name in columns if name.startswith("winlog.") or name == _CODE]
    return [name for name in columns if name.startswith(f"{dataset}.") or name == _ORIGINAL]


def _holding(part: Part, keywords: Sequence[str], needles: Needles) -> list[str]:
    """Name the native columns of a part in which a keyword stands."""
    likely = part.holding(keywords, native(part.dataset, list(part.columns)))
    held: dict[str, None] = {}
    for begin in range(0, len(likely), _COLUMNS):
        for table in part.read(likely[begin : begin + _COLUMNS]):
            for name, column in zip(table.column_names, table.columns, strict=True):
                if name not in held and any(needles.stand_in(_values(chunk)) for chunk in column.chunks):
                    held[name] = None
    return list(held)


def _values(chunk: pa.Array) -> pa.StringArray:
    """Give the texts of a column, each at least once."""
    if pa.types.is_list(chunk.type):
        chunk = chunk.flatten()
    return chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk.cast(pa.string()).drop_null()


def _split(
    tables: Sequence[pa.Table], begin: int, kinds: Mapping[EventKind, Asked], searched: Sequence[str]
) -> Iterator[EventBatch]:
    """Give the rows of tables, one kind after another."""
    names = dict.fromkeys(name for table in tables for name in table.column_names)
    columns = {name: _joined(tables, name) for name in names}
    by_kind = _as_distinct(columns.pop(KIND))
    codes = by_kind.indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(by_kind.dictionary) + 1))
    dataset = next(iter(kinds)).dataset
    for code, text in enumerate(by_kind.dictionary.to_pylist()):
        kind = EventKind(dataset, *text.split(KIND_SEPARATOR))
        rows = order[bounds[code] : bounds[code + 1]]
        if kind not in kinds or not len(rows):
            continue
        computed = {column_of(field, dataset) for field in kinds[kind].computed}
        looked_in = [name for name in searched if name in columns and name not in computed]
        if not kinds[kind].keywords:
            looked_in = []
        wanted = dict.fromkeys((*(column_of(field, dataset) for field in kinds[kind].fields), *looked_in))
        batch = _rows(columns, [name for name in wanted if name in columns], None if len(rows) == len(codes) else rows)
        yield EventBatch(kind, batch, [], array("q", (rows + begin).astype(np.int64).tobytes()), [], searched=looked_in)


def _rows(columns: Mapping[str, pa.Array], names: Sequence[str], rows: npt.NDArray[np.int64] | None) -> pa.RecordBatch:
    """Give some rows of columns, or all of them."""
    if rows is None:
        return pa.RecordBatch.from_arrays([columns[name] for name in names], names)
    some = pa.array(rows)
    return pa.RecordBatch.from_arrays([columns[name].take(some) for name in names], names)


def _joined(tables: Sequence[pa.Table], name: str) -> pa.Array:
    """Give a column of tables as one array: texts, distinct values and codes, or lists of texts."""
    columns = [table.column(name).chunks if name in table.column_names else [] for table in tables]
    chunks = [chunk for column in columns for chunk in column]
    if any(pa.types.is_list(chunk.type) for chunk in chunks):
        return pa.concat_arrays(_filled(tables, columns, pa.list_(pa.string()), _as_lists))
    plain = sum(len(chunk) for chunk in chunks if pa.types.is_string(chunk.type))
    if 2 * plain > sum(map(len, chunks)):
        # Written without a dictionary, for few values repeat: the engine makes one of what a kind has.
        texts = pa.concat_arrays(_filled(tables, columns, pa.string(), lambda chunk: chunk.cast(pa.string())))
        return _each_distinct(texts) if texts.nbytes > _LONG * len(texts) else texts
    return _unified(tables, columns)


def _filled(
    tables: Sequence[pa.Table],
    columns: Sequence[list[pa.Array]],
    kind: pa.DataType,
    convert: Callable[[pa.Array], pa.Array],
) -> list[pa.Array]:
    """Give the chunks of all tables as one type, nulls for tables that have none."""
    filled: list[pa.Array] = []
    for table, column in zip(tables, columns, strict=True):
        filled += map(convert, column) if column else [pa.nulls(table.num_rows, kind)]
    return filled


def _unified(tables: Sequence[pa.Table], columns: Sequence[list[pa.Array]]) -> pa.Array:
    """Give chunks as one array with one dictionary, nulls for tables that have none."""
    chunks = [_as_distinct(chunk) for column in columns for chunk in column]
    unified = pa.chunked_array(chunks, _DISTINCT).unify_dictionaries().chunks
    if all(columns) and len(unified) == 1:
        return unified[0]
    codes = np.full(sum(table.num_rows for table in tables), -1, np.int32)
    begin, waiting = 0, iter(unified)
    for table, column in zip(tables, columns, strict=True):
        end = begin + table.num_rows
        for _chunk in column:
            indices = next(waiting).indices
            codes[begin : begin + len(indices)] = indices.fill_null(-1) if indices.null_count else indices
            begin += len(indices)
        begin = end
    values = unified[0].dictionary if unified else pa.array([], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), values)


def _each_distinct(texts: pa.StringArray) -> pa.DictionaryArray:
    """Take every text for a value of its own: to tell which long ones are equal costs more than to search them all."""
    codes = pa.array(np.arange(len(texts), dtype=np.int32))
    return pa.DictionaryArray.from_arrays(pc.if_else(texts.is_valid(), codes, None), texts)


def _as_distinct(chunk: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(chunk.type):
        return chunk
    return (chunk if pa.types.is_string(chunk.type) else chunk.cast(pa.string())).dictionary_encode()


def _as_lists(chunk: pa.Array) -> pa.Array:
    if pa.types.is_list(chunk.type):
        return chunk.cast(pa.list_(pa.string()))
    texts = chunk.cast(pa.string())
    return pa.ListArray.from_arrays(pa.array(range(len(texts) + 1), pa.int32()), texts, mask=texts.is_null())
