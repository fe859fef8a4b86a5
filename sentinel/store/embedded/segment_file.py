"""A segment that is being written, and how its columns are.

A column with few distinct values is written as these and their codes, and any other in the way that suits its type; how
many there are is told by a sample, or by the file beside it that is made at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sentinel.store.embedded import disk
from sentinel.store.embedded.grams import Grams
from sentinel.store.embedded.manifest import Segment, Shape
from sentinel.store.embedded.segment import DIGEST_BYTES, GROUP_ROWS, TIME_TYPE
from sentinel.store.embedded.unit import ID, TIME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sentinel.store.embedded.layout import Layout

GROUP_BYTES = 32 << 20
"""Bytes of a group (Arrow), or nearly so: what is written at once."""
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
