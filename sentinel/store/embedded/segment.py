"""A segment: the events of one dataset and one UTC day in a Parquet file that never changes.

Rows stand in the order of `@timestamp`, then `event.id`. A column that holds in every row what another one holds is
not written: it is an *alias* of that other one, which the manifest knows. Columns without any value are not written
either.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sentinel.errors import Damaged
from sentinel.language import _
from sentinel.store.embedded import disk
from sentinel.store.embedded.grams import Grams
from sentinel.store.embedded.manifest import Segment, Shape
from sentinel.store.embedded.unit import ID, TIME, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sentinel.store.embedded.layout import Layout

TIME_TYPE = pa.timestamp("ns", "UTC")
_SINGLE = (pa.string(), pa.int64(), pa.float64(), pa.bool_(), TIME_TYPE)
STORED_TYPES = frozenset({*_SINGLE, *map(pa.list_, _SINGLE), pa.map_(pa.string(), pa.string())})
"""The types that columns of a store have."""
_TYPES = {str(kind): kind for kind in STORED_TYPES}
DIGEST_BYTES = 16
GROUP_ROWS, GROUP_BYTES = 1 << 16, 32 << 20
"""Rows of a group, and their bytes (Arrow), or nearly so: what is read and written at once."""
GRAMS_ROWS = 64
"""A segment with fewer rows has no file beside it that tells what text it holds: it is read as fast as that."""
_FEWEST_ROWS = 1 << 12
_LEVEL = 3
_PLAIN = "none"
_SMALL = 1 << 10, 1 << 15
"""Bytes of a column (Arrow) whose pages are not worth compressing, and of one with few distinct values."""
_DICTIONARY_BYTES = 1 << 28
"""A column is written with a dictionary or without one, not half and half: who reads it knows which."""
_MANY_VALUES = 2
"""A column is written without a dictionary where it has more than 1 distinct value in so many rows."""
_SAMPLE = 256
_WRITTEN_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Whose events a segment holds, and its name."""

    dataset: str
    day: str
    name: str


class SegmentFile:
    """A segment that is being written, a group of rows at a time; it exists when the manifest names it.

    `types` are its columns; those of `aliases` are not written, and all rows have the others, in their order. With
    `grams`, a file beside it tells where text may stand.
    """

    def __init__(
        self, layout: Layout, place: Place, types: Mapping[str, pa.DataType], aliases: Mapping[str, str], *, grams: bool
    ) -> None:
        """Make the file, under another name than it will have."""
        self._layout = layout
        self._place = place
        self._aliases = dict(aliases)
        self._types = dict(types)
        self._path = layout.segment(place.dataset, place.day, place.name)
        self._writer: pq.ParquetWriter | None = None
        self._rows = 0
        self._grams = Grams() if grams else None
        self._times: list[int] = []
        self._ids: list[str] = []
        with disk.told(self._path):
            disk.make_folder(self._path.parent)
            self._file = _Sink(self._path.with_suffix(".tmp"))

    @property
    def rows(self) -> int:
        """The number of rows so far."""
        return self._rows

    @property
    def bytes(self) -> int:
        """The number of bytes so far."""
        return self._file.tell()

    def add(self, table: pa.Table) -> None:
        """Add rows, in order and behind those that were added before."""
        if not table.num_rows:
            return
        with disk.told(self._path):
            most = min(GROUP_ROWS, max(_FEWEST_ROWS, table.num_rows * GROUP_BYTES // (table.nbytes + 1)))
            # Parts of one size: a few rows left over would be a group that takes as long to be begun as any.
            rows = -(-table.num_rows // max(1, round(table.num_rows / most)))
            for begin in range(0, table.num_rows, rows):
                group = table.slice(begin, rows)
                if self._grams:
                    self._grams.add(group)
                if self._writer is None:
                    self._writer = self._begin(group)
                self._writer.write_table(group, row_group_size=rows)
        times = table.column(TIME)
        self._times += [times[0].value, times[-1].value]
        self._ids += pc.min_max(table.column(ID)).as_py().values()
        self._rows += table.num_rows

    def _begin(self, table: pa.Table) -> pq.ParquetWriter:
        """Begin to write; the first rows tell which columns have few distinct values."""
        names = [name for name in self._types if name not in self._aliases]
        schema = pa.schema([(name, self._types[name]) for name in names])
        repeating = {name for name in names if self._repeats(name, table.column(name))}
        small = {name for name in names if table.column(name).nbytes <= _SMALL[name in repeating]}
        codecs = {leaf: _PLAIN if field.name in small else "zstd" for field in schema for leaf in _leaves(field)}
        return pq.ParquetWriter(
            pa.PythonFile(self._file, mode="w"),
            schema,
            compression=codecs,
            compression_level={leaf: _LEVEL for leaf, codec in codecs.items() if codec != _PLAIN} or None,
            use_dictionary=[leaf for name in repeating for leaf in _leaves(schema.field(name))],
            dictionary_pagesize_limit=_DICTIONARY_BYTES,
            column_encoding={
                name: _ENCODINGS[self._types[name]]
                for name in names
                if name not in repeating and self._types[name] in _ENCODINGS
            },
            write_statistics=True,
            store_schema=False,
        )

    def _repeats(self, name: str, column: pa.ChunkedArray) -> bool:
        told = self._grams.repeats(name) if self._grams else None
        return _repeats_as_before(self._place.dataset, name, column) if told is None else told

    def finish(self) -> Segment:
        """Make the file durable under its name, and give what the manifest is to know of it."""
        disk.point("segment written")
        with disk.told(self._path):
            if self._writer:
                self._writer.close()
            self._file.flush()
            self._file.file.sync()
            self._file.file.close()
            grams = self._grams.content() if self._grams else b""
            if grams:
                disk.put_unnamed(self._path.with_suffix(".grams"), grams)
            disk.rename(self._file.file.path, self._path)
            disk.sync_folder(self._path.parent)
        disk.point("segment named")
        types = {name: str(kind) for name, kind in self._types.items()}
        place = self._place
        return Segment(
            name=place.name,
            dataset=place.dataset,
            day=place.day,
            rows=self._rows,
            bytes=self._file.file.size,
            first=min(self._times),
            last=max(self._times),
            least_id=min(self._ids),
            greatest_id=max(self._ids),
            shape=Shape(types, self._aliases),
            digest=self._file.digest.digest(),
            grams_bytes=len(grams),
            grams_digest=blake2b(grams, digest_size=DIGEST_BYTES).digest() if grams else b"",
        )

    def abandon(self) -> None:
        """Remove what was written."""
        self._file.file.close()
        disk.unlink(self._file.file.path)
        disk.unlink(self._path.with_suffix(".grams"))


class _Sink:
    """A file for pyarrow to write to; it hashes what passes."""

    def __init__(self, path: Path) -> None:
        disk.unlink(path)
        self.file = disk.File(path)
        self.digest = blake2b(digest_size=DIGEST_BYTES)
        self._waiting = bytearray()
        self.closed = False

    def write(self, data: Any) -> int:  # noqa: ANN401 - anything with a buffer
        self._waiting += data
        if len(self._waiting) >= _WRITTEN_AT_ONCE:
            self.flush()
        return len(data)

    def tell(self) -> int:
        return self.file.size + len(self._waiting)

    def flush(self) -> None:
        self.digest.update(self._waiting)
        self.file.write(self._waiting)
        self._waiting = bytearray()

    def close(self) -> None:
        self.flush()
        self.closed = True


_ENCODINGS = {
    pa.int64(): "DELTA_BINARY_PACKED",
    TIME_TYPE: "DELTA_BINARY_PACKED",
    pa.string(): "DELTA_LENGTH_BYTE_ARRAY",
}
"""How columns are written that have few values twice."""


def _leaves(field: pa.Field) -> list[str]:
    """Name the parts of a column as Parquet does."""
    if pa.types.is_map(field.type):
        return [f"{field.name}.key_value.key", f"{field.name}.key_value.value"]
    if pa.types.is_list(field.type):
        return [f"{field.name}.list.element"]
    return [field.name]


_decided: dict[tuple[str, str, pa.DataType], tuple[bool, int]] = {}
_LOOKS, _MOST_DECIDED = 8, 1 << 14


def _repeats_as_before(dataset: str, name: str, column: pa.ChunkedArray) -> bool:
    """Tell whether a column has few distinct values, from a sample of this segment or of one before it."""
    key = dataset, name, column.type
    answer, left = _decided.get(key, (False, 0))
    if not left or len(column) > GROUP_ROWS // 4:
        answer, left = _repeats(column), _LOOKS
        if len(_decided) >= _MOST_DECIDED:
            _decided.clear()
    _decided[key] = answer, left - 1
    return answer


def _repeats(column: pa.ChunkedArray) -> bool:
    """Tell from a sample whether a column has few enough distinct values to be worth a dictionary."""
    kind = column.type
    if pa.types.is_map(kind) or pa.types.is_boolean(kind):
        return not pa.types.is_boolean(kind)
    step = max(1, len(column) // _SAMPLE)
    sample = column.take(np.arange(0, len(column), step)) if step > 1 else column
    values = (pc.list_flatten(sample) if pa.types.is_list(kind) else sample).drop_null()
    return bool(len(values) >= _MANY_VALUES * pc.count_distinct(values).as_py())


def unit_of(segment: Segment, layout: Layout) -> Unit:
    """Give what a snapshot reads of a segment."""
    return Unit(
        dataset=segment.dataset,
        columns=segment.shape.columns,
        aliases=segment.shape.aliases,
        rows=segment.rows,
        first=segment.first,
        last=segment.last,
        path=str(layout.segment(segment.dataset, segment.day, segment.name)),
        key=segment.name,
    )


def read(unit: Unit, names: Sequence[str], *, distinct: Sequence[str] = ()) -> pa.Table:
    """Read columns of a unit; those that it lacks are left out, and aliases are as any other column.

    Columns of `distinct` come as distinct values and codes.
    """
    if unit.table is not None:
        return unit.table.select(_known(unit, names))
    with opened(unit, distinct) as file:
        return _named(file.read(_written(unit, names), use_threads=False), unit, names)


def read_groups(
    unit: Unit, names: Sequence[str], *, distinct: Sequence[str] = (), rows: int = GROUP_ROWS
) -> Iterator[pa.Table]:
    """Read columns of a unit as `read` does, in order, some rows (at most `rows`) at a time."""
    if unit.table is not None:
        table = unit.table.select(_known(unit, names))
        yield from (table.slice(begin, rows) for begin in range(0, unit.rows, rows))
        return
    with opened(unit, distinct) as file:
        for batch in file.iter_batches(rows, columns=_written(unit, names), use_threads=False):
            yield _named(pa.Table.from_batches([batch]), unit, names)


@contextmanager
def opened(unit: Unit, distinct: Sequence[str] = ()) -> Iterator[pq.ParquetFile]:
    """Open a segment's file; whatever cannot be read while it is open raises Damaged."""
    with guarded(unit), open_file(unit, distinct) as file:
        yield file


def open_file(unit: Unit, distinct: Sequence[str] | None = None) -> pq.ParquetFile:
    """Open a segment's file, to be read under `guarded`; without names, all texts come as they are written."""
    if distinct is not None:
        leaves = [_leaf(unit, name) for name in distinct if name in unit.columns]
        return pq.ParquetFile(unit.path, read_dictionary=leaves, pre_buffer=False)
    metadata = pq.read_metadata(unit.path)
    return pq.ParquetFile(
        unit.path, metadata=metadata, read_dictionary=list(_with_dictionary(metadata)), pre_buffer=False
    )


def _with_dictionary(metadata: pq.FileMetaData) -> Iterator[str]:
    """Name the texts that are written as distinct values and codes: no other can be read so."""
    if metadata.num_row_groups:
        group = metadata.row_group(0)
        for number in range(metadata.num_columns):
            column = group.column(number)
            if column.has_dictionary_page and column.physical_type == "BYTE_ARRAY":
                yield column.path_in_schema


def read_groups_of(file: pq.ParquetFile, unit: Unit, names: Sequence[str], groups: Sequence[int]) -> pa.Table:
    """Read columns of some groups of rows from an open file, as `read` does."""
    return _named(file.read_row_groups(groups, _written(unit, names), use_threads=False), unit, names)


@contextmanager
def guarded(unit: Unit) -> Iterator[None]:
    """Let whatever cannot be read of a segment raise Damaged."""
    try:
        yield
    except FileNotFoundError:
        raise _damaged(unit, _("the segment is gone")) from None
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise disk.refused(error, unit.path) from error
        raise _damaged(unit, _("the segment cannot be read")) from error


def _damaged(unit: Unit, problem: str) -> Damaged:
    hint = _("'sentinel store verify' tells more; restore the store from a backup")
    return Damaged(problem, place=unit.path, hint=hint)


def _leaf(unit: Unit, name: str) -> str:
    root = unit.aliases.get(name, name)
    return f"{root}.list.element" if unit.columns[name].startswith("list<") else root


def _known(unit: Unit, names: Sequence[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name in unit.columns]


def _written(unit: Unit, names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(unit.aliases.get(name, name) for name in _known(unit, names)))


def _named(table: pa.Table, unit: Unit, names: Sequence[str]) -> pa.Table:
    known = _known(unit, names)
    columns = [table.column(unit.aliases.get(name, name)) for name in known]
    return pa.table([_typed(column, unit.columns[name]) for name, column in zip(known, columns, strict=True)], known)


def type_of(name: str) -> pa.DataType:
    """Give the type that a name in `Unit.columns` means."""
    return _TYPES[name]


def _typed(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Give a column the very type that it was written with: Parquet names the values of lists otherwise."""
    if pa.types.is_list(column.type) and not pa.types.is_dictionary(column.type.value_type):
        return column.cast(_TYPES[name])
    return column.cast(_TYPES[name]) if pa.types.is_map(column.type) else column
