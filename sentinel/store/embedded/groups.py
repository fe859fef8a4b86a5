"""Rows that are read together: the row groups of a segment, or slices of what a journal holds.

A column of a group is read when it is first asked for. Of columns that the segment holds with a dictionary, the
distinct values are told apart from where they stand, so that a question is answered once for each of them.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sentinel.errors import Damaged
from sentinel.language import _
from sentinel.store.embedded import disk, footers
from sentinel.store.embedded.held import opened
from sentinel.store.embedded.unit import TIME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.store.embedded.folding import Array
    from sentinel.store.embedded.footers import Footer
    from sentinel.store.embedded.held import Held
    from sentinel.store.embedded.unit import Unit

_TABLE_ROWS: Final = 1 << 16
_FEW_ROWS: Final = 1 << 12
_BATCH_ROWS: Final = 1 << 13


@dataclass(frozen=True, slots=True)
class Column:
    """The values of a column of some rows: `values` are without nulls.

    Entry i, of row `rows_of[i]` (None: of row i), has value `codes[i]` (None: value i). A row of several values has as
    many entries, one of none has none.
    """

    rows: int
    values: pa.Array
    codes: Array | None
    rows_of: Array | None

    @property
    def entries(self) -> int:
        """The number of entries."""
        return len(self.values) if self.codes is None else len(self.codes)

    def rows_where(self, found: Array) -> Array:
        """Tell which rows have a value that something was found for."""
        of_entries = found if self.codes is None else found[self.codes]
        if self.rows_of is None:
            return of_entries
        rows = np.zeros(self.rows, bool)
        rows[self.rows_of[of_entries]] = True
        return rows

    def rows_with_any(self) -> Array:
        """Tell which rows have a value."""
        rows = np.full(self.rows, self.rows_of is None)
        if self.rows_of is not None:
            rows[self.rows_of] = True
        return rows

    def of_rows(self, chosen: Array) -> tuple[Array, Array]:
        """Give the codes of the entries of some rows (a truth each), and their rows."""
        codes = np.arange(len(self.values)) if self.codes is None else self.codes
        rows_of = np.arange(self.rows) if self.rows_of is None else self.rows_of
        kept = chosen[rows_of]
        return codes[kept], rows_of[kept]


def column_of(array: pa.Array) -> Column:
    """Give the column of an Arrow array: of values, lists of them, or either with a dictionary."""
    rows = len(array)
    rows_of: Array | None = None
    if pa.types.is_list(array.type):
        lengths = pc.list_value_length(array).fill_null(0).to_numpy()
        rows_of = np.repeat(np.arange(rows), lengths)
        array = array.flatten()
    if array.null_count:
        there = np.flatnonzero(array.is_valid().to_numpy(zero_copy_only=False))
        rows_of = there if rows_of is None else rows_of[there]
        array = array.drop_null()
    if pa.types.is_dictionary(array.type):
        return Column(rows, array.dictionary, array.indices.to_numpy(), rows_of)
    return Column(rows, array, None, rows_of)


class Group:
    """Rows of a unit; `number` is the group's in the unit. It is used by one thread at a time."""

    def __init__(self, source: Source, number: int, begin: int, rows: int) -> None:
        """Take what `Source.groups` gives."""
        self.source = source
        self.unit = source.unit
        self.number = number
        self.begin = begin
        self.rows = rows
        self._columns: dict[str, Column | None] = {}

    @cached_property
    def span(self) -> tuple[int, int]:
        """Give the first and the last time, in nanoseconds: rows stand in the order of time in segments."""
        return self.source.span(self)

    def column(self, name: str) -> Column | None:
        """Give a column, None where the unit has none of that name."""
        root = self.unit.aliases.get(name, name)
        if root not in self._columns:
            self._columns[root] = column_of(self.array(root)) if root in self.unit.columns else None
        return self._columns[root]

    def load(self, names: Sequence[str]) -> None:
        """Read columns at once where rows are few, since each reading takes a while of its own."""
        roots = dict.fromkeys(self.unit.aliases.get(name, name) for name in names)
        names = [root for root in roots if root not in self._columns]
        if len(names) > 1 and self.rows <= _FEW_ROWS:
            table = self.table(names)
            self._columns |= {name: column_of(_one(table.column(name))) for name in names}

    def times(self) -> Array:
        """Give the time of each row, in nanoseconds."""
        column = self.column(TIME)
        assert column is not None  # noqa: S101 - every unit has it
        times: Array = column.values.cast(pa.int64()).to_numpy()
        return times

    def forget(self) -> None:
        """Let go of what was read."""
        self._columns.clear()

    def array(self, name: str) -> pa.Array:
        """Give a column that the unit has as an Arrow array."""
        return _one(self.table((name,)).column(0))

    def table(self, names: Sequence[str], *, threads: bool = False) -> pa.Table:
        """Give columns that the unit has, in this order; texts may have dictionaries."""
        return self.source.read(self, names, threads=threads)

    def batches(self, names: Sequence[str], rows: int, *, threads: bool = False) -> Iterator[pa.RecordBatch]:
        """Give columns that are written, some rows at a time, until so many were given."""
        return self.source.batches(self, names, rows, threads=threads)

    def nulls(self, name: str) -> int | None:
        """Give how many rows have no value in a column that is no list; None where nothing tells without reading."""
        return self.source.nulls(self, name)


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


class Source:
    """A unit to read groups of, by any number of threads."""

    def __init__(self, unit: Unit) -> None:
        """Take a unit; nothing is opened yet."""
        self.unit = unit
        self._lock = Lock()
        self._free: list[pq.ParquetFile] = []

    @cached_property
    def held(self) -> Held | None:
        """Give what the file beside the segment tells."""
        held = opened(Path(self.unit.path).with_suffix(".grams")) if self.unit.path else None
        return held if held is not None and sum(held.rows) == self.unit.rows else None

    @cached_property
    def footer(self) -> Footer:
        """Give the footer of the segment's file."""
        with _told(self.unit):
            return footers.footer(self.unit.path)

    def groups(self) -> list[Group]:
        """Give the groups, in order."""
        if self.unit.table is not None:
            rows = [min(_TABLE_ROWS, self.unit.rows - begin) for begin in range(0, self.unit.rows, _TABLE_ROWS)]
        elif self.held is not None:
            rows = list(self.held.rows)  # which spares to read the footer of what is not looked into
        else:
            rows = list(self.footer.rows)
        begins = accumulate(rows, initial=0)
        return [
            Group(self, number, begin, count) for number, (begin, count) in enumerate(zip(begins, rows, strict=False))
        ]

    def span(self, group: Group) -> tuple[int, int]:
        """Give the first and the last time of a group."""
        if group.rows == self.unit.rows:
            return self.unit.first, self.unit.last
        if self.unit.table is None and (told := self.footer.spans[group.number]):
            return told
        times = group.times()
        return int(times.min()), int(times.max())

    def nulls(self, group: Group, name: str) -> int | None:
        """Give how many rows of a group have no value in a column that is no list; None where nothing tells."""
        if self.unit.table is not None:
            return None
        return self.footer.nulls(group.number, self.unit.aliases.get(name, name))

    def read(self, group: Group, names: Sequence[str], *, threads: bool = False) -> pa.Table:
        """Read columns of a group."""
        table = self.unit.table
        if table is not None:
            return table.select(list(names)).slice(group.begin, group.rows)
        roots = [self.unit.aliases.get(name, name) for name in names]
        with _told(self.unit), self._file() as file:
            # Its reader takes numbers, which spares it to look all names of the file up.
            numbers = self.footer.numbers(list(dict.fromkeys(roots)))
            found = file.reader.read_row_group(group.number, column_indices=numbers, use_threads=threads)
            return pa.Table.from_arrays([found.column(root) for root in roots], list(names))

    def batches(self, group: Group, names: Sequence[str], rows: int, *, threads: bool) -> Iterator[pa.RecordBatch]:
        """Read columns of a group that are written, until so many rows were given."""
        if self.unit.table is not None:
            yield self.read(group, names).slice(0, rows).combine_chunks().to_batches()[0]
            return
        with _told(self.unit), self._file() as file:
            given = 0
            numbers = [group.number]
            for batch in file.iter_batches(_BATCH_ROWS, row_groups=numbers, columns=list(names), use_threads=threads):
                yield batch
                given += batch.num_rows
                if given >= rows:
                    return

    @contextmanager
    def _file(self) -> Iterator[pq.ParquetFile]:
        """Lend the open file: a thread's own."""
        with self._lock:
            file = self._free.pop() if self._free else None
        if file is None:
            known = self.footer
            file = pq.ParquetFile(
                self.unit.path,
                metadata=known.metadata,
                read_dictionary=known.distinct,
                memory_map=True,
                pre_buffer=False,
            )
        yield file
        self._free.append(file)


@contextmanager
def _told(unit: Unit) -> Iterator[None]:
    """Turn what goes wrong while a segment is read into errors of the store."""
    hint = _("'sentinel store verify' tells more; restore the store from a backup")
    try:
        yield
    except FileNotFoundError:
        raise Damaged(_("the segment is gone"), place=unit.path, hint=hint) from None
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise disk.refused(error, unit.path) from error
        raise Damaged(_("the segment cannot be read"), place=unit.path, hint=hint) from error
