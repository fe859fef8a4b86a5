"""Parts of a snapshot, for hunts: segments and what journals hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from sentinel.store.embedded import segment
from sentinel.store.embedded.held import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow.parquet as pq

    from sentinel.store.embedded.unit import Unit

_TEXTS: Final = frozenset({"string", "list<element: string>", "list<item: string>"})
_KEPT_BYTES: Final = 12 << 20


class UnitPart:
    """A unit, as `store.base.Part` says."""

    def __init__(self, unit: Unit) -> None:
        """Take a unit; nothing is opened yet."""
        self._unit = unit
        self._file: pq.ParquetFile | None = None
        self._kept: dict[tuple[int, str], pa.ChunkedArray] = {}
        self._room = _KEPT_BYTES
        self.key = unit.key
        self.dataset = unit.dataset
        self.rows = unit.rows
        self.columns: Mapping[str, str] = unit.columns

    def read(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Read columns, those that it has, a group of rows at a time; texts as distinct values and codes."""
        if self._unit.table is not None:
            yield from segment.read_groups(self._unit, columns)
            return
        with segment.guarded(self._unit):
            file = self._opened()
            groups = range(file.num_row_groups)
        for group in groups:
            with segment.guarded(self._unit):
                table = self._read_group(file, group, columns)
            self._keep(group, table)
            yield table

    def _keep(self, group: int, table: pa.Table) -> None:
        """Keep a little of what was read, for rows of it may be told of soon."""
        new = [name for name in table.column_names if (group, name) not in self._kept]
        if len(new) == table.num_columns and table.get_total_buffer_size() <= self._room:
            self._room -= table.get_total_buffer_size()
            self._kept |= {(group, name): table.column(name) for name in new}
            return
        for name in new:
            column = table.column(name)
            size = column.get_total_buffer_size()
            if size <= self._room:
                self._kept[group, name] = column
                self._room -= size

    def take(self, columns: Sequence[str], rows: Sequence[int]) -> pa.Table:
        """Read columns, those that it has, of some rows, given rising; texts as strings."""
        table = self._unit.table
        if table is not None:
            return table.select([name for name in columns if name in self.columns]).take(pa.array(rows, pa.int64()))
        taken, begin = list[pa.Table](), 0
        with segment.guarded(self._unit):
            file = self._opened()
            for group in range(file.num_row_groups):
                end = begin + file.metadata.row_group(group).num_rows
                here = [row - begin for row in rows if begin <= row < end]
                if here:
                    taken.append(_plain(self._read_group(file, group, columns).take(pa.array(here, pa.int64()))))
                begin = end
        return pa.concat_tables(taken)

    def _read_group(self, file: pq.ParquetFile, group: int, columns: Sequence[str]) -> pa.Table:
        """Read columns of a group, less those that were kept."""
        names = [name for name in dict.fromkeys(columns) if name in self.columns]
        unread = [name for name in names if (group, name) not in self._kept]
        read = segment.read_groups_of(file, self._unit, unread, (group,)) if unread else None
        arrays = [read.column(name) if read and name in unread else self._kept[group, name] for name in names]
        return pa.table(arrays, names)

    def holding(self, texts: Sequence[str], columns: Sequence[str]) -> Sequence[str]:
        """Name those of the columns in which one of the texts may stand, in any case."""
        there = [name for name in columns if self.columns.get(name) in _TEXTS] if texts else []
        held = opened(Path(self._unit.path).with_suffix(".grams")) if self._unit.path and there else None
        if held is None:
            return there
        roots = {name: self._unit.aliases.get(name, name) for name in there}
        likely = frozenset(held.columns_with(list(dict.fromkeys(roots.values())), texts))
        return [name for name, root in roots.items() if root in likely]

    def _opened(self) -> pq.ParquetFile:
        if self._file is None:
            self._file = segment.open_file(self._unit)
        return self._file

    def close(self) -> None:
        """Close its file; it opens again when it is read."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._kept.clear()
        self._room = _KEPT_BYTES


def _plain(table: pa.Table) -> pa.Table:
    """Give texts as strings."""
    for number, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(number, field.name, table.column(number).cast(pa.string()))
        elif pa.types.is_list(field.type) and pa.types.is_dictionary(field.type.value_type):
            table = table.set_column(number, field.name, table.column(number).cast(pa.list_(pa.string())))
    return table
