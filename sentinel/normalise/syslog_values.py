"""What headers of syslog write, to typed values."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Final

from sentinel.normalise.convert import Value, integer, ip, lookup
from sentinel.normalise.times import read_bsd

if TYPE_CHECKING:
    from sentinel.normalise.times import Clock

_ZONE: Final = re.compile(r"(.*\d) ?(?:(UTC|GMT|Z)|[A-Z]{2,5})(?:[+-]\d\d:?\d\d)?")
_SEVERITIES: Final = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_HIGHEST: Final = 191


def read_syslog(value: str, clock: Clock) -> int | None:
    """Read a time of syslog; `UTC` and `GMT` behind it hold, other names of zones mean too many things to."""
    time = read_bsd(value, clock)
    if time is not None:
        return time
    found = _ZONE.fullmatch(value.strip())
    if found is None:
        return None
    return read_bsd(found[1], replace(clock, zone=UTC) if found[2] else clock)


def facility_of(value: str) -> Value:
    """Facility, of a priority."""
    number = integer(value)
    return number // 8 if isinstance(number, int) and 0 <= number <= _HIGHEST else None


def severity_of(value: str) -> Value:
    """Severity, of a priority."""
    number = integer(value)
    return number % 8 if isinstance(number, int) and 0 <= number <= _HIGHEST else None


def address(value: str) -> Value:
    """Address, where it is one and not a name."""
    found = ip(value)
    return found if isinstance(found, str) else None


def name(value: str) -> Value:
    """Host name, where it is no address."""
    return value if address(value) is None else None


severity_name = lookup(
    "severity name", "Name of a severity, by its number.", {str(at): word for at, word in enumerate(_SEVERITIES)}
)
log_level = lookup(
    "syslog level",
    "Level, by the name or number of a severity.",
    {
        **dict.fromkeys(("emerg", "alert", "crit", "0", "1", "2"), "critical"),
        **dict.fromkeys(("err", "3"), "error"),
        **dict.fromkeys(("warning", "4"), "warning"),
        **dict.fromkeys(("notice", "info", "5", "6"), "information"),
        **dict.fromkeys(("debug", "7"), "verbose"),
    },
)
verdict = lookup(
    "type of verdict",
    "ECS's types of a connection that a firewall let through or not.",
    {
        **dict.fromkeys(("accept", "built", "allow", "allowed", "permit", "pass", "forward"), "allowed"),
        **dict.fromkeys(("drop", "deny", "denied", "reject", "block", "blocked", "dropped"), "denied"),
    },
)
