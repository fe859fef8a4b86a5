"""Datasets of tables with a header (CSV)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sentinel.model.dataset import Dataset

TABLES: Final[tuple[Dataset, ...]] = ()
