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

from sentinel.detect.watch import Needles
from sentinel.model.batch import EVENT_DATA, SYSTEM_COLUMNS, WINDOWS, EventBatch, EventKind, column_of
from sentinel.store.embedded.unit import KIND, KIND_SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from sentinel.store.base import Part

ROWS: Final = 1 << 17
BYTES: Final = 32 << 20
"""Rows of parts that are read together, and the bytes of their columns."""
_DISTINCT: Final = pa.dictionary(pa.int32(), pa.string())
_LONG: Final = 256
"""Bytes of a text, on average."""
_SHORT: Final = 1 << 16
"""Bytes of a column: so many are copied sooner than searched apart."""
_ORIGINAL: Final = "event.original"
_SYSTEM: Final = frozenset(SYSTEM_COLUMNS.values())


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
    reading = _Reading(parts[0].dataset, asked)
    begin = 0
    for reads in _together(read for part in parts for read in reading.read(part)):
        yield from _split(reads, begin, reading)
        begin += sum(read.rows for read in reads)


@dataclass(frozen=True, slots=True)
class _Read:
    """Some rows of a part: the columns that were asked for, and the names of those in which a keyword stands."""

    rows: int
    size: int
    columns: Mapping[str, pa.ChunkedArray]
    held: Sequence[str]


class _Reading:
    """Reads parts, each column once, and of each part no more than its own kinds ask for."""

    def __init__(self, dataset: str, asked: Callable[[EventKind], Asked | None]) -> None:
        self.dataset = dataset
        self._ask = asked
        self._asked: dict[EventKind, Asked | None] = {}
        self._needles: dict[tuple[str, ...], Needles] = {}

    def asked(self, kind: EventKind) -> Asked | None:
        """Give what is asked of a kind."""
        if kind not in self._asked:
            self._asked[kind] = self._ask(kind)
        return self._asked[kind]

    def read(self, part: Part) -> Iterator[_Read]:
        """Read what is asked of a part's kinds, and of the columns where a keyword may stand those where one does."""
        kinds = [(kind, found) for kind in _kinds(part) if (found := self.asked(kind))]
        fields = dict.fromkeys(column_of(field, kind.dataset) for kind, each in kinds for field in each.fields)
        keywords = tuple(sorted({text for _kind, each in kinds for text in each.keywords}))
        likely = part.holding(keywords, native(part.dataset, list(part.columns))) if keywords else ()
        kept = frozenset((KIND, *fields))
        for table in part.read(list(dict.fromkeys((KIND, *fields, *likely)))):
            columns = dict(zip(table.column_names, table.columns, strict=True))
            held = _holding(self._needles_of(keywords), {name: columns[name] for name in likely}) if likely else []
            columns = {name: column for name, column in columns.items() if name in kept or name in held}
            yield _Read(table.num_rows, _size(columns.values()), columns, held)

    def _needles_of(self, keywords: tuple[str, ...]) -> Needles:
        needles = self._needles.get(keywords)
        if needles is None:
            needles = self._needles[keywords] = Needles(keywords)
        return needles


def _together(reads: Iterable[_Read]) -> Iterator[list[_Read]]:
    """Put rows together that are not too much at once."""
    waiting: list[_Read] = []
    rows = size = 0
    for read in reads:
        if waiting and (rows + read.rows > ROWS or size + read.size > BYTES):
            yield waiting
            waiting, rows, size = [], 0, 0
        waiting.append(read)
        rows, size = rows + read.rows, size + read.size
    if waiting:
        yield waiting


def _kinds(part: Part) -> list[EventKind]:
    """Give the kinds of events that a part holds."""
    chunks = (chunk for table in part.read((KIND,)) for chunk in table.column(KIND).chunks)
    named = dict.fromkeys(text for chunk in chunks for text in _as_distinct(chunk).dictionary.to_pylist())
    return [EventKind(part.dataset, *text.split(KIND_SEPARATOR)) for text in named]


def native(dataset: str, columns: Sequence[str]) -> list[str]:
    """Give those of the columns that hold texts of the events themselves."""
    if dataset.startswith(WINDOWS):
        return [name for name in columns if name.startswith(EVENT_DATA) or name in _SYSTEM]
    return [name for name in columns if name.startswith(f"{dataset}.") or name == _ORIGINAL]


def _size(arrays: Iterable[pa.Array | pa.ChunkedArray]) -> int:
    """Give the bytes that arrays take."""
    return sum(array.get_total_buffer_size() for array in arrays)


def _holding(needles: Needles, columns: Mapping[str, pa.ChunkedArray]) -> list[str]:
    """Name those of the columns in which a keyword stands: mostly none, so short ones are searched as one first."""
    values = {name: [_values(chunk) for chunk in column.chunks] for name, column in columns.items()}
    short = {name: chunks for name, chunks in values.items() if _size(chunks) <= _SHORT}
    together = [chunk for chunks in short.values() for chunk in chunks]
    without = frozenset() if together and needles.stand_in(pa.concat_arrays(together)) else frozenset(short)
    return [name for name, chunks in values.items() if name not in without and any(map(needles.stand_in, chunks))]


def _values(chunk: pa.Array) -> pa.StringArray:
    """Give the texts of a column, each at least once; there may be nulls."""
    if pa.types.is_list(chunk.type):
        chunk = chunk.flatten()
    if pa.types.is_dictionary(chunk.type):
        return chunk.dictionary
    return chunk if pa.types.is_string(chunk.type) else chunk.cast(pa.string())


def _split(reads: Sequence[_Read], begin: int, reading: _Reading) -> Iterator[EventBatch]:
    """Give the rows that were read, one kind after another."""
    names = dict.fromkeys(name for read in reads for name in read.columns)
    searched = list(dict.fromkeys(name for read in reads for name in read.held))
    columns = {name: _joined(reads, name) for name in names}
    by_kind = _as_distinct(columns.pop(KIND))
    codes = by_kind.indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(by_kind.dictionary) + 1))
    dataset = reading.dataset
    for code, text in enumerate(by_kind.dictionary.to_pylist()):
        kind = EventKind(dataset, *text.split(KIND_SEPARATOR))
        asked, rows = reading.asked(kind), order[bounds[code] : bounds[code + 1]]
        if asked is None or not len(rows):
            continue
        computed = {column_of(field, dataset) for field in asked.computed}
        looked_in = [name for name in searched if name not in computed] if asked.keywords else []
        wanted = dict.fromkeys((*(column_of(field, dataset) for field in asked.fields), *looked_in))
        batch = _rows(columns, [name for name in wanted if name in columns], None if len(rows) == len(codes) else rows)
        yield EventBatch(kind, batch, [], array("q", (rows + begin).astype(np.int64).tobytes()), [], searched=looked_in)


def _rows(columns: Mapping[str, pa.Array], names: Sequence[str], rows: npt.NDArray[np.int64] | None) -> pa.RecordBatch:
    """Give some rows of columns, or all of them."""
    if rows is None:
        return pa.RecordBatch.from_arrays([columns[name] for name in names], names)
    some = pa.array(rows)
    return pa.RecordBatch.from_arrays([columns[name].take(some) for name in names], names)


def _joined(reads: Sequence[_Read], name: str) -> pa.Array:
    """Give a column of all that was read as one array: texts, distinct values and codes, or lists of texts."""
    columns = [column.chunks if (column := read.columns.get(name)) is not None else [] for read in reads]
    chunks = [chunk for column in columns for chunk in column]
    if any(pa.types.is_list(chunk.type) for chunk in chunks):
        return pa.concat_arrays(_filled(reads, columns, pa.list_(pa.string()), _as_lists))
    plain = sum(len(chunk) for chunk in chunks if pa.types.is_string(chunk.type))
    if 2 * plain > sum(map(len, chunks)):
        # Written without a dictionary, for few values repeat: the engine makes one of what a kind has.
        texts = pa.concat_arrays(_filled(reads, columns, pa.string(), lambda chunk: chunk.cast(pa.string())))
        return _each_distinct(texts) if texts.nbytes > _LONG * len(texts) else texts
    return _unified(reads, columns)


def _filled(
    reads: Sequence[_Read],
    columns: Sequence[list[pa.Array]],
    kind: pa.DataType,
    convert: Callable[[pa.Array], pa.Array],
) -> list[pa.Array]:
    """Give the chunks of all that was read as one type, nulls for what has none."""
    filled: list[pa.Array] = []
    for read, column in zip(reads, columns, strict=True):
        filled += map(convert, column) if column else [pa.nulls(read.rows, kind)]
    return filled


def _unified(reads: Sequence[_Read], columns: Sequence[list[pa.Array]]) -> pa.Array:
    """Give chunks as one array with one dictionary, nulls for what has none."""
    chunks = [_as_distinct(chunk) for column in columns for chunk in column]
    unified = pa.chunked_array(chunks, _DISTINCT).unify_dictionaries().chunks
    if all(columns) and len(unified) == 1:
        return unified[0]
    codes = np.full(sum(read.rows for read in reads), -1, np.int32)
    begin, waiting = 0, iter(unified)
    for read, column in zip(reads, columns, strict=True):
        end = begin + read.rows
        for _chunk in column:
            indices = next(waiting).indices
            codes[begin : begin + len(indices)] = indices.fill_null(-1) if indices.null_count else indices
            begin += len(indices)
        begin = end
    values = unified[0].dictionary if unified else pa.array([], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), values)


def _each_distinct(texts: pa.StringArray) -> pa.DictionaryArray:
    """Take every text for a value of its own: to tell which long ones are equal costs more than to search them all."""
    valid = texts.is_valid().to_numpy(zero_copy_only=False)
    codes = np.cumsum(valid, dtype=np.int32) - np.int32(1)
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=~valid), _without_nulls(texts, valid))


def _without_nulls(texts: pa.StringArray, valid: npt.NDArray[np.bool_]) -> pa.StringArray:
    """Leave out nulls, without a copy of the texts where nothing is written for a null, as is usual."""
    _validity, begins, data = texts.buffers()
    bounds = np.frombuffer(begins, np.int32, len(texts) + 1, texts.offset * 4)
    if data is None or np.any(np.diff(bounds)[~valid]):
        return texts.drop_null()
    kept = np.append(bounds[:-1][valid], bounds[-1])
    return pa.StringArray.from_buffers(len(kept) - 1, pa.py_buffer(kept), data)


def _as_distinct(chunk: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(chunk.type):
        return chunk
    return (chunk if pa.types.is_string(chunk.type) else chunk.cast(pa.string())).dictionary_encode()


def _as_lists(chunk: pa.Array) -> pa.Array:
    if pa.types.is_list(chunk.type):
        return chunk.cast(pa.list_(pa.string()))
    texts = chunk.cast(pa.string())
    return pa.ListArray.from_arrays(pa.array(range(len(texts) + 1), pa.int32()), texts, mask=texts.is_null())
