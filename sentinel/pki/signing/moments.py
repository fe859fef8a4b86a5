"""Moments as refusals and logs tell them: UTC, to the second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_SECOND: Final = 1_000_000_000
_FIRST: Final = datetime.fromtimestamp(0, UTC)


def shown(at: int) -> str:
    """Give nanoseconds since 1970 as `2026-11-23T09:30:00Z`; the number where no calendar has it."""
    try:
        return f"{_FIRST + timedelta(seconds=at // _SECOND):%Y-%m-%dT%H:%M:%SZ}"
    except OverflowError:
        return str(at)
