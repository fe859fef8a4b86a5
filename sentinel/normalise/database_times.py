"""Times as database servers write them.

MySQL and MariaDB: `261123  7:53:21`, `2026-11-23  7:53:21`, `20261123 07:53:21`, or ISO 8601. PostgreSQL names its zone
by an abbreviation; those that mean one offset everywhere are known, and any other is taken for the clock's zone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sentinel.normalise.times import local, read_iso

if TYPE_CHECKING:
    from sentinel.normalise.times import Clock

_MYSQL = re.compile(r"(\d{2}|\d{4})-?(\d\d)-?(\d\d) +(\d{1,2}):(\d\d):(\d\d)")
_POSTGRESQL = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?) ([A-Z]{1,6})")
# Abbreviations of the zone database that stand for one offset.
_ZONES: Final = {
    "UTC": "Z",
    "GMT": "Z",
    "Z": "Z",
    "UCT": "Z",
    "ICT": "+07:00",
    "JST": "+09:00",
    "KST": "+09:00",
    "HKT": "+08:00",
    "CET": "+01:00",
    "CEST": "+02:00",
    "EET": "+02:00",
    "EEST": "+03:00",
    "MSK": "+03:00",
    "WIB": "+07:00",
}


def read_mysql(value: str, clock: Clock) -> int | None:
    """Read a time of MySQL or MariaDB; a year of two digits is of this century."""
    found = _MYSQL.fullmatch(value.strip())
    if found is None:
        return read_iso(value.removesuffix(" UTC") + "Z" if value.endswith(" UTC") else value, clock)
    year, *rest = map(int, found.groups())
    return local(clock, [year + 2000 if len(found[1]) == 2 else year, *rest])  # noqa: PLR2004 - two digits


def read_postgresql(value: str, clock: Clock) -> int | None:
    """Read a time of PostgreSQL; see above for its zone."""
    found = _POSTGRESQL.fullmatch(value.strip())
    return read_iso(found[1] + _ZONES.get(found[2], "") if found else value, clock)
