"""Which alert comes first: severity × platform level × rarity.

    rank = 100 × severity/10 × platform/5 × rarity

- severity: informational 1, low 2, medium 4, high 7, critical 10;
- platform: the level 1 to 5 of the platform that it happened on (Decree 85/2016), 2 where the estate knows none;
- rarity: how often the rule has raised alerts in this store: a rule that seldom hits says more than one that always
  does. Up to 3 alerts count 1, up to 10 count 0.8, up to 100 count 0.6, up to 1,000 count 0.4, more 0.25.

Rarity changes only when a rule's count passes one of these bounds: then all its alerts are ranked anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sentinel.model.severity import Level

_SEVERITY: Final = {Level.INFORMATIONAL: 1, Level.LOW: 2, Level.MEDIUM: 4, Level.HIGH: 7, Level.CRITICAL: 10}
_UNKNOWN_PLATFORM: Final = 2
_HIGHEST_PLATFORM: Final = 5
_RARITIES: Final = ((3, 1.0), (10, 0.8), (100, 0.6), (1000, 0.4))
_COMMON: Final = 0.25


@dataclass(frozen=True, slots=True)
class Ranked:
    """A rank, 0 to 100, and the factors that made it; `alerts` is how many the rule has raised."""

    rank: int
    severity: int
    platform: int
    is_platform_known: bool
    rarity: float
    alerts: int


def rarity(alerts: int) -> float:
    """Give what the alerts of a rule count that has raised so many."""
    return next((factor for most, factor in _RARITIES if alerts <= most), _COMMON)


def ranked(level: Level, importance: int, alerts: int) -> Ranked:
    """Rank an alert of a level, on a platform of a level (0 unknown), whose rule has raised so many alerts."""
    severity, platform, rare = _SEVERITY[level], importance or _UNKNOWN_PLATFORM, rarity(alerts)
    rank = round(100 * severity / 10 * platform / _HIGHEST_PLATFORM * rare)
    return Ranked(rank, severity, platform, importance > 0, rare, alerts)
