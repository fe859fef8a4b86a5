"""Datasets of network sensors: Zeek and Suricata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sentinel.model.dataset import Dataset

NETWORK: Final[tuple[Dataset, ...]] = ()
