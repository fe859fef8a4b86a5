"""A segment: the events of one dataset and one UTC day in a Parquet file that never changes.

Rows stand in the order of `@timestamp`, then `event.id`. A column that holds in every row what another one holds is
not written: it is an *alias* of that other one, which the manifest knows. Columns without any value are not written
either.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from sentinel.errors import Damaged
from sentinel.language import _
from sentinel.store.embedded import disk
from sentinel.store.embedded.unit import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.store.embedded.layout import Layout
    from sentinel.store.embedded.manifest import Segment

TIME_TYPE = pa.timestamp("ns", "UTC")
_SINGLE = (pa.string(), pa.int64(), pa.float64(), pa.bool_(), TIME_TYPE)
STORED_TYPES = frozenset({*_SINGLE, *map(pa.list_, _SINGLE), pa.map_(pa.string(), pa.string())})
"""The types that columns of a store have."""
_TYPES = {str(kind): kind for kind in STORED_TYPES}
DIGEST_BYTES = 16
GROUP_ROWS = 1 << 16
"""Rows of a group, or nearly so: what is read at once."""


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


def groups_of(unit: Unit) -> Iterator[pa.Table]:
    """Read all that is written of a segment, a group at a time, texts as they are written."""
    with guarded(unit), open_file(unit) as file:
        for number in range(file.num_row_groups):
            yield file.read_row_group(number, use_threads=False)


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
