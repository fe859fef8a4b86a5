"""Times of alerts that stand on one line."""

from __future__ import annotations

import re

from sentinel.normalise.times import Clock, read_iso

_FAST = re.compile(r"(?:(\d{2}|\d{4})/)?(\d\d)/(\d\d)(?:/(\d{2}|\d{4}))?-(\d\d:\d\d:\d\d\.\d{1,9})")
_CENTURY = "20"


def read_fast(value: str, clock: Clock) -> int | None:
    """Read `11/24/2009-21:27:09.534255` (Suricata), also with the year in front and of two digits (Snort).

    Without a year, as Snort writes it by default, it lies in the year that makes it the latest not more than a day
    after the clock's latest.
    """
    found = _FAST.fullmatch(value.strip())
    if found is None:
        return read_iso(value, clock)
    year, rest = found[4] or found[1], f"{found[2]}-{found[3]} {found[5]}"
    if year:
        return read_iso(f"{_CENTURY if len(year) == 2 else ''}{year}-{rest}", clock)  # noqa: PLR2004 - 09 is 2009
    return _latest(rest, clock)


def _latest(rest: str, clock: Clock) -> int | None:
    day = 86_400_000_000_000
    latest = 1970 + int(clock.latest / day / 365.2425) + 1
    # Four years back there was a 29 February, but for the turns of centuries.
    times = (read_iso(f"{year}-{rest}", clock) for year in range(latest, latest - 10, -1) if year >= 1970)  # noqa: PLR2004
    return next((time for time in times if time is not None and time <= clock.latest + day), None)
