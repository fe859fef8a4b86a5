"""Numbers, sizes and durations as people write them."""

from __future__ import annotations

from typing import Final

from sentinel import language
from sentinel.language import _

_UNITS: Final = ("B", "KB", "MB", "GB", "TB", "PB")
_STEP: Final = 1000
_FEW: Final = 10
_MINUTE: Final = 60
_BLINK: Final = 0.1


def number(value: float, places: int = 0) -> str:
    """Give a number with its thousands apart: 1,234.5, in Vietnamese 1.234,5."""
    text = f"{value:,.{places}f}"
    return text.translate(str.maketrans(",.", ".,")) if language.current() == "vi" else text


def size(count: float) -> str:
    """Give a number of bytes in the unit that suits it, in steps of 1,000."""
    unit = 0
    while count >= _STEP and unit < len(_UNITS) - 1:
        count /= _STEP
        unit += 1
    return f"{number(count, 1 if unit and count < _FEW else 0)} {_UNITS[unit]}"


def duration(seconds: float) -> str:
    """Give a time span: 0.04 s, 0.4 s, 12 s, 3 min 5 s."""
    if seconds < _MINUTE:
        return _("{seconds} s").format(seconds=number(seconds, _places(seconds)))
    minutes, rest = divmod(round(seconds), _MINUTE)
    return _("{minutes} min {seconds} s").format(minutes=number(minutes), seconds=rest)


def _places(seconds: float) -> int:
    if seconds >= _FEW:
        return 0
    return 2 if 0 < seconds < _BLINK else 1
