"""Datasets of cloud services and Kubernetes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sentinel.model.dataset import Dataset

CLOUD: Final[tuple[Dataset, ...]] = ()
