"""What the footer of a segment's file tells: groups of rows, their times, and which columns are written how."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow.parquet as pq

from sentinel.model.ecs import OVERFLOW
from sentinel.store.embedded.kept import Kept
from sentinel.store.embedded.unit import TIME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEPT_CHUNKS: Final = 1 << 16
"""Footers are kept of so many chunks of columns in all; one takes about 600 bytes."""


@dataclass(frozen=True, slots=True)
class Footer:
    """A footer; `leaves` are the numbers of each column's parts, as Parquet counts them."""

    metadata: pq.FileMetaData
    leaves: Mapping[str, tuple[int, ...]]
    distinct: tuple[str, ...]
    """The columns of texts that are written with a dictionary, as Parquet names them."""
    rows: tuple[int, ...]
    spans: tuple[tuple[int, int] | None, ...]
    """The first and last time of each group, None where that is not told."""

    def numbers(self, names: Sequence[str]) -> list[int]:
        """Give the numbers of the parts of columns."""
        return [number for name in names for number in self.leaves[name]]

    def nulls(self, group: int, name: str) -> int | None:
        """Give how many rows of a group have no value in a column that is no list; None where nothing tells."""
        numbers = self.leaves.get(name, ())
        if len(numbers) != 1 or self.metadata.schema.column(numbers[0]).max_repetition_level:
            return None
        told = self.metadata.row_group(group).column(numbers[0]).statistics
        return told.null_count if told is not None and told.has_null_count else None


_kept: Final = Kept[Footer](_KEPT_CHUNKS, lambda footer: footer.metadata.num_columns * len(footer.rows))


def footer(path: str) -> Footer:
    """Read the footer of a file, or give it as it was read before. Raise what reading raises."""
    status = Path(path).stat()
    known = _kept.get(path, status)
    if known is None:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            known = _read(file)
        _kept.put(path, status, known)
    return known


def _read(file: pq.ParquetFile) -> Footer:
    metadata = file.metadata
    leaves: dict[str, tuple[int, ...]] = {}
    for number, (name, *_parts) in enumerate(file.reader.column_paths):
        leaves[name] = (*leaves.get(name, ()), number)
    (time,) = leaves[TIME]
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    return Footer(
        metadata,
        leaves,
        tuple(_distinct(groups[0], leaves)) if groups else (),
        tuple(group.num_rows for group in groups),
        tuple(_span(group.column(time).statistics) for group in groups),
    )


def _distinct(group: pq.RowGroupMetaData, leaves: Mapping[str, tuple[int, ...]]) -> list[str]:
    columns = [group.column(number) for name, numbers in leaves.items() if name != OVERFLOW for number in numbers]
    return [
        column.path_in_schema
        for column in columns
        if column.has_dictionary_page and column.physical_type == "BYTE_ARRAY"
    ]


def _span(told: pq.Statistics | None) -> tuple[int, int] | None:
    if told is None or not told.has_min_max or not isinstance(told.min_raw, int):
        return None
    return told.min_raw, told.max_raw
