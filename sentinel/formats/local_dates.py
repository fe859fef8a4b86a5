"""Dates of numbers, as people write them in their country, to ISO 8601.

Such a date does not say which of its numbers is the day. The rule, in order: a year in front is followed by month and
day; a number above 12 is the day; points, or a morning and afternoon in Vietnamese (SA, CH), mean day first; AM and PM
mean month first, as in the United States; anything else is day first, as in Vietnam and most of the world. A year of
two digits is of this century.
"""

from __future__ import annotations

import re
from typing import Final

_NUMBERS = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})\.?[ T,]+(\d{1,2})[:.](\d\d)(?:[:.](\d\d)(?:[.,](\d{1,9}))?)?"
    r"(?:\s?([AaPp])\.?[Mm]\.?|\s?(SA|CH|sa|ch))?"
)
_YEAR_DIGITS: Final = 3
_MONTHS: Final = 12
_NOON: Final = 12


def iso_of(value: str, *, month_first: bool | None = None) -> str | None:
    """Give a date of numbers and a time in ISO 8601, without a zone; None where it is none.

    `month_first` says which comes first, where that is known; else the rule above does.
    """
    found = _NUMBERS.fullmatch(value.strip())
    if found is None:
        return None
    year, month, day = _date(found, month_first=month_first)
    fraction = f".{found[8]}" if found[8] else ""
    hour = _hour(int(found[5]), (found[9] or found[10] or "").lower())
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{found[6]}:{found[7] or '00'}{fraction}"


def _date(found: re.Match[str], *, month_first: bool | None) -> tuple[int, int, int]:
    first, second, third = int(found[1]), int(found[3]), int(found[4])
    if len(found[1]) >= _YEAR_DIGITS:
        return first, second, third
    if month_first is None:
        american = found[9] is not None and found[2] != "."
        month_first = second > _MONTHS or (american and first <= _MONTHS)
    year = third + 2000 if len(found[4]) < _YEAR_DIGITS else third
    return (year, first, second) if month_first else (year, second, first)


def _hour(hour: int, half: str) -> int:
    """Give the hour of the day; `half` is a or sa for the morning, p or ch for the afternoon."""
    if half in {"p", "ch"}:
        return hour if hour >= _NOON else hour + _NOON
    return 0 if half in {"a", "sa"} and hour == _NOON else hour
