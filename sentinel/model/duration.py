"""Spans of time as people write them: 90m, 24h, 7d, 2w."""

from __future__ import annotations

import re
from typing import Final

SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_WRITTEN: Final = re.compile(r"\s*([0-9]{1,6})\s*([smhdw])\s*")
_SECOND: Final = 1_000_000_000


def is_duration(text: str) -> bool:
    """Tell whether a text is a span of time."""
    return _WRITTEN.fullmatch(text) is not None


def nanoseconds_of(text: str) -> int:
    """Give a span of time in nanoseconds. Raises ValueError where it is none: `is_duration` tells."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1]) * SECONDS[found[2]] * _SECOND
