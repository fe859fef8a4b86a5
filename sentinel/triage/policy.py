"""What an organisation lays down about its queue: deadlines, what opens a closed alert again, how wide a story is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sentinel.model.alert import Reason
from sentinel.model.duration import nanoseconds_of
from sentinel.model.severity import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.settings import Settings

MINUTE: Final = 60 * 1_000_000_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Clock:
    """How long it may take until an alert is acknowledged, and closed: nanoseconds, None for as long as it takes."""

    acknowledge: int | None = None
    close: int | None = None


CLOCKS: Final = {
    Level.CRITICAL: Clock(15 * MINUTE, 4 * HOUR),
    Level.HIGH: Clock(HOUR, DAY),
    Level.MEDIUM: Clock(8 * HOUR, 7 * DAY),
    Level.LOW: Clock(3 * DAY, 30 * DAY),
    Level.INFORMATIONAL: Clock(),
}
REOPENING: Final = frozenset({Reason.TRUE_POSITIVE})


@dataclass(frozen=True, slots=True)
class Policy:
    """What is laid down.

    A new hit of an alert that was closed for one of the reasons `reopening` opens it again; for another it is counted.
    `story_window` is nanoseconds: how far apart in time two alerts of one story may be. `fingerprints` names, by the id
    of a rule, the fields in which its hits agree to be one alert.
    """

    clocks: Mapping[Level, Clock] = field(default_factory=lambda: CLOCKS)
    reopening: frozenset[Reason] = REOPENING
    story_window: int = 12 * HOUR
    fingerprints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def policy_of(settings: Settings) -> Policy:
    """Give what the settings lay down."""
    clocks = {Level[level.upper()]: _clock(text) for level, text in settings.deadlines.items()}
    return Policy(
        CLOCKS | clocks,
        frozenset(Reason(each) for each in settings.reopen),
        nanoseconds_of(settings.story_window),
        dict(settings.fingerprints),
    )


def _clock(text: str) -> Clock:
    acknowledge, _slash, close = text.partition("/")
    return Clock(*(nanoseconds_of(each) if each.strip() not in {"", "-"} else None for each in (acknowledge, close)))
