"""Readers of dates as people write them in their country, and with months by name.

Which number of a date is its day is told by the rule of `sentinel.formats.local_dates`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sentinel.formats.local_dates import iso_of
from sentinel.normalise.times import local, read_bsd, read_iso

if TYPE_CHECKING:
    from sentinel.normalise.times import Clock

_MONTH_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS: Final = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_NAMED = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?")


def read_local(value: str, clock: Clock) -> int | None:
    """Read a date of numbers and a time, by the rule; any other text as `read_iso` does."""
    return read_iso(iso_of(value) or value, clock)


def read_month_first(value: str, clock: Clock) -> int | None:
    """Read a date that its source always writes as month/day/year; any other text as `read_iso` does."""
    return read_iso(iso_of(value, month_first=True) or value, clock)


def read_named_month(value: str, clock: Clock) -> int | None:
    """Read `22-Nov-2026 10:00:00.123`; any other text as `read_bsd` does."""
    found = _NAMED.fullmatch(value.strip())
    month = found and _MONTHS.get(found[2].lower())
    if not found or not month:
        return read_bsd(value, clock)
    parts = [int(found[3]), month, *(int(found[group]) for group in (1, 4, 5, 6))]
    return local(clock, parts, int((found[7] or "0").ljust(9, "0")))
