"""Datasets of tables with a header (CSV)."""

from __future__ import annotations

from typing import Final

from sentinel.model.dataset import Dataset

TABLES: Final[tuple[Dataset, ...]] = (
    Dataset(
        "csv.table",
        "Table with a header line: its columns are the fields",
        fields=(
            ("when", "Time, of the column or columns that are named so"),
            ("rest", "Cells beyond the header"),
        ),
        cites="RFC 4180",
    ),
)
