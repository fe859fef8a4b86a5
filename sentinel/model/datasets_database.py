"""Datasets of database servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sentinel.model.dataset import Dataset

DATABASE: Final[tuple[Dataset, ...]] = ()
