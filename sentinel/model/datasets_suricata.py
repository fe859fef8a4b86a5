"""Datasets of Suricata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sentinel.model.dataset import Dataset

SURICATA: Final[tuple[Dataset, ...]] = ()
