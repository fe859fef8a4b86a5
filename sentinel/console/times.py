"""Times in the reader's zone, and the times that readers write."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

_EVER: Final = (1 << 63) - 1
_SECOND: Final = 1_000_000_000
_UNITS: Final = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_AGO: Final = re.compile(r"(\d{1,6})\s*([mhdw])")
_DATE: Final = re.compile(r"\d{4}-?\d{2}-?\d{2}")
NO_TIME: Final = "–"
WIDE: Final = 100
"""Cells from which on tables write times in full."""


def shown(time: int | None, zone: ZoneInfo) -> str:
    """Give a time to the second, as the clocks of the zone show it: 2026-11-20 10:14:03."""
    if time is None:
        return NO_TIME
    try:
        return datetime.fromtimestamp(time // _SECOND, zone).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return NO_TIME


def common_year(times: Iterable[int | None], zone: ZoneInfo) -> str:
    """Give a blank and the year that all times share; nothing where they share none."""
    years = {shown(time, zone)[:4] for time in times if time is not None}
    return f" {years.pop()}" if len(years) == 1 else ""


def iso(time: int | None) -> str | None:
    """Give a time as RFC 3339 does in UTC, with all nine places of its second; None where there is none."""
    if time is None:
        return None
    try:
        moment = datetime.fromtimestamp(time // _SECOND, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time % _SECOND:09d}Z"


def zone_named(name: str) -> ZoneInfo:
    """Give a zone by its IANA name, which `settings` has checked."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def window(since: str | None, until: str | None, zone: ZoneInfo, now: int) -> Window:
    """Give the span that two options name, as nanoseconds since 1970.

    A date or time is one of the zone unless it carries an offset; a date as `until` includes that day; `24h`, `7d` is
    so long before `now`. Raises InputError for anything else, and for an end that is not after the start.
    """
    span = Window(
        _parsed(since, "--since", zone, now) if since else None,
        _parsed(until, "--until", zone, now, whole_day=True) if until else None,
    )
    if span.since is not None and span.until is not None and span.since >= span.until:
        raise InputError(
            _("'{until}' is not after --since '{since}'").format(until=until, since=since), place="--until"
        )
    return span


def _parsed(text: str, option: str, zone: ZoneInfo, now: int, *, whole_day: bool = False) -> int:
    """Give a moment, no earlier and no later than nanoseconds of 64 bits reach (1677 to 2262)."""
    return max(-_EVER, min(_moment(text, option, zone, now, whole_day=whole_day), _EVER))


def _moment(text: str, option: str, zone: ZoneInfo, now: int, *, whole_day: bool) -> int:
    text = text.strip()
    if ago := _AGO.fullmatch(text):
        return now - int(ago[1]) * _UNITS[ago[2]] * _SECOND
    try:
        moment = datetime.fromisoformat(text)
        if whole_day and _DATE.fullmatch(text):
            moment += timedelta(days=1)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        since_1970 = moment - datetime.fromtimestamp(0, UTC)
    except (ValueError, OverflowError):
        raise InputError(
            _("not a time: '{text}'").format(text=text),
            place=option,
            hint=_("write 2026-11-20, 2026-11-20T10:14 or, for so long ago, 90m, 24h, 7d"),
        ) from None
    return (since_1970.days * 86400 + since_1970.seconds) * _SECOND + since_1970.microseconds * 1000
