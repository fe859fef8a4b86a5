"""Times in queries: dates of any precision, and date maths from now.

A text stands for every instant that it leaves open: `2026-11` for a month, `2026-11-20T10:14` for a minute, `now/d` for
today; digits of a second as well. Instants are nanoseconds since 1970-01-01T00:00Z, leap seconds not counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

SECOND: Final = 1_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Longer ago, or later, than the nanoseconds of 64 bits tell.
_BEYOND: Final = 1 << 70
_FIRST_YEAR, _LAST_YEAR = 1677, 2262
_MONTHS: Final = 12

_DATE: Final = re.compile(
    r"(?P<year>[0-9]{4})(-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2})"
    r"([Tt ](?P<hour>[0-9]{2})(:(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})([.,](?P<fraction>[0-9]{1,9}))?)?)?)?"
    r"(?P<offset>[Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?)?)?"
)
_MATHS: Final = re.compile(r"now(?P<steps>([+-][0-9]{1,6}[smhdwMy]|/[smhdwMy])*)")
_STEP: Final = re.compile(r"(?P<move>[+-][0-9]{1,6})(?P<unit>[smhdwMy])|/(?P<whole>[smhdwMy])")
# Units that always last as long; M and y are the calendar's.
_FIXED: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_PARTS: Final = {"year": 1, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}
_DAYS_OF_MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class Clock:
    """What times are read by: the zone of those without an offset, and what `now` is (nanoseconds)."""

    zone: tzinfo = UTC
    now: int = 0


def instants(text: str, clock: Clock) -> tuple[int, int] | None:
    """Give the first and the last nanosecond that a text stands for; None where it is no time.

    Years that 64 bits of nanoseconds do not reach give instants beyond them.
    """
    if found := _MATHS.fullmatch(text):
        return _reckoned(found["steps"], clock)
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return _written({name: value for name, value in found.groupdict().items() if value}, clock)
    except ValueError:
        return None


def _written(parts: dict[str, str], clock: Clock) -> tuple[int, int]:
    numbers = [int(parts.get(name, least)) for name, least in _PARTS.items()]
    moment = datetime(*numbers, tzinfo=_zone(parts.get("offset"), clock))  # type: ignore[arg-type,misc]
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        beyond = _BEYOND if moment.year > _LAST_YEAR else -_BEYOND
        return beyond, beyond
    if fraction := parts.get("fraction"):
        begin = _nanoseconds(moment) + int(fraction.ljust(9, "0"))
        return begin, begin + 10 ** (9 - len(fraction)) - 1
    return _whole(moment, "yMdhms"[sum(name in parts for name in _PARTS) - 1])


def _zone(offset: str | None, clock: Clock) -> tzinfo:
    if offset is None:
        return clock.zone
    if offset in {"Z", "z"}:
        return UTC
    digits = offset[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-ahead if offset[0] == "-" else ahead)


def _nanoseconds(moment: datetime) -> int:
    since = moment - _EPOCH
    return (since.days * 86400 + since.seconds) * SECOND + since.microseconds * 1000


def _whole(begin: datetime, unit: str) -> tuple[int, int]:
    first = _nanoseconds(begin)
    if unit in {"h", "m", "s"}:
        return first, first + _FIXED[unit] * SECOND - 1
    return first, _nanoseconds(_next(begin, unit)) - 1


def _next(begin: datetime, unit: str) -> datetime:
    """Give the first moment of the next unit by the calendar and clocks of the zone."""
    if unit in {"y", "M"}:
        return _months_later(begin, _MONTHS if unit == "y" else 1)
    return begin + timedelta(days=7 if unit == "w" else 1)


def _months_later(moment: datetime, months: int) -> datetime:
    """Move by months of the calendar; a day that the month does not have becomes its last."""
    year, month = divmod(moment.year * _MONTHS + moment.month - 1 + months, _MONTHS)
    for day in range(moment.day, moment.day - 4, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day, fold=0)
        except ValueError:
            continue
    raise OverflowError


def _reckoned(steps: str, clock: Clock) -> tuple[int, int]:
    begin = end = clock.now
    for step in _STEP.finditer(steps):
        if unit := step["whole"]:
            begin, end = _rounded(begin, unit, clock)
        else:
            begin = end = _moved(begin, int(step["move"]), step["unit"], clock)
    return begin, end


def _rounded(time: int, unit: str, clock: Clock) -> tuple[int, int]:
    try:
        return _whole(_ROUND[unit](_local(time, clock)), unit)
    except (OverflowError, ValueError):  # beyond the years of datetime, and so of every column
        return time, time


def _moved(time: int, count: int, unit: str, clock: Clock) -> int:
    if unit in _FIXED:
        return time + count * _FIXED[unit] * SECOND
    months = count * (_MONTHS if unit == "y" else 1)
    try:
        return _nanoseconds(_months_later(_local(time, clock), months)) + time % 1000
    except (OverflowError, ValueError):  # as above: any time beyond will do
        return time + months * _DAYS_OF_MONTH * 86400 * SECOND


def _local(time: int, clock: Clock) -> datetime:
    return (_EPOCH + timedelta(microseconds=time // 1000)).astimezone(clock.zone)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


# The beginning of the unit that a moment is in; weeks begin on Monday (ISO 8601).
_ROUND: Final[dict[str, Callable[[datetime], datetime]]] = {
    "s": lambda moment: moment.replace(microsecond=0),
    "m": lambda moment: moment.replace(second=0, microsecond=0),
    "h": lambda moment: moment.replace(minute=0, second=0, microsecond=0),
    "d": _midnight,
    "w": lambda moment: _midnight(moment) - timedelta(days=moment.weekday()),
    "M": lambda moment: _midnight(moment).replace(day=1),
    "y": lambda moment: _midnight(moment).replace(day=1, month=1),
}
