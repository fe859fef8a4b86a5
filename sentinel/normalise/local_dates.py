"""Dates as people write them in their country, and with months by name.

A date of numbers does not say which of them is the day. The rule, in order: a year in front is followed by month and
day; a number above 12 is the day; points or a morning and afternoon in Vietnamese (SA, CH) mean day first; AM and PM
mean month first, as in the United States; anything else is day first, as in Vietnam and most of the world. A year of
two digits is of this century.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sentinel.normalise.times import local, read_iso

if TYPE_CHECKING:
    from sentinel.normalise.times import Clock

_SECOND: Final = 1_000_000_000
_MONTH_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS: Final = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_NUMBERS = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})\.?[ T,]+(\d{1,2})[:.](\d\d)(?:[:.](\d\d)(?:[.,](\d{1,9}))?)?"
    r"(?:\s?([AaPp])\.?[Mm]\.?|\s?(SA|CH|sa|ch))?"
)
_NAMED = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?")
_YEAR_DIGITS: Final = 3
_MONTHS_OF_YEAR: Final = 12
_NOON: Final = 12


def read_local(value: str, clock: Clock) -> int | None:
    """Read a date of numbers and a time, by the rule above; any other text as `read_iso` does."""
    found = _NUMBERS.fullmatch(value.strip())
    if found is None:
        return read_iso(value, clock)
    day = _date(found)
    hour = _hour(int(found[5]), found[9], found[10])
    fraction = int((found[8] or "0").ljust(9, "0"))
    return local(clock, [*day, hour, int(found[6]), int(found[7] or 0)], fraction)


def read_month_first(value: str, clock: Clock) -> int | None:
    """Read a date that its source always writes as month/day/year."""
    found = _NUMBERS.fullmatch(value.strip())
    if found is None:
        return read_iso(value, clock)
    day = [_year(int(found[4])), int(found[1]), int(found[3])]
    return local(clock, [*day, int(found[5]), int(found[6]), int(found[7] or 0)])


def read_named_month(value: str, clock: Clock) -> int | None:
    """Read `22-Nov-2026 10:00:00.123`; any other text as `read_iso` does."""
    found = _NAMED.fullmatch(value.strip())
    month = found and _MONTHS.get(found[2].lower())
    if not found or not month:
        return read_iso(value, clock)
    parts = [int(found[3]), month, *(int(found[group]) for group in (1, 4, 5, 6))]
    return local(clock, parts, int((found[7] or "0").ljust(9, "0")))


def _date(found: re.Match[str]) -> list[int]:
    """Give year, month and day, by the rule above."""
    first, second, third = int(found[1]), int(found[3]), int(found[4])
    if len(found[1]) >= _YEAR_DIGITS:
        return [first, second, third]
    if second > _MONTHS_OF_YEAR or (found[9] and first <= _MONTHS_OF_YEAR and found[2] != "."):
        return [_year(third), first, second]
    return [_year(third), second, first]


def _year(number: int) -> int:
    return number + 2000 if number < 100 else number  # noqa: PLR2004 - two digits


def _hour(hour: int, latin: str | None, vietnamese: str | None) -> int:
    mark = (latin or vietnamese or "").lower()
    if mark in {"p", "ch"}:
        return hour if hour >= _NOON else hour + _NOON
    return 0 if mark in {"a", "sa"} and hour == _NOON else hour
