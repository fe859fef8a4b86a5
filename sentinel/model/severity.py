"""Sigma's five levels, in order."""

from __future__ import annotations

from enum import IntEnum


class Level(IntEnum):
    """How grave a hit is (Sigma specification 2.0, attribute `level`); a rule without one is informational."""

    INFORMATIONAL = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        """Give the level as Sigma writes it, such as `high`."""
        return self.name.lower()
