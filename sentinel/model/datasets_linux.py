"""Datasets of Linux: syslog and the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sentinel.model.dataset import Dataset

LINUX: Final[tuple[Dataset, ...]] = ()
