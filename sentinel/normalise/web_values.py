"""Texts of web logs to typed values: statuses, durations, the first of several addresses, times."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from sentinel.normalise.convert import MISFIT, Named, integer, ip
from sentinel.normalise.times import read_bsd, read_clf, read_iso

if TYPE_CHECKING:
    from sentinel.normalise.convert import Value
    from sentinel.normalise.times import Clock

_FAILED = 400
_LONGEST = 24
_INT64 = 1 << 63
_SLASHES = re.compile(r"(\d{4})/(\d\d)/(\d\d)")


def outcome(value: str) -> Value:
    """Failure of a status of 400 or above, else success."""
    status = integer(value)
    if not isinstance(status, int) or status <= 0:
        return None
    return "failure" if status >= _FAILED else "success"


def status(value: str) -> Value:
    """Status; none of 0 or below, which say that there was no answer."""
    number = integer(value)
    return number if not isinstance(number, int) or number > 0 else None


def count(value: str) -> Value:
    """Decimal, without the `+` by which HAProxy says that more may come."""
    return integer(value.removeprefix("+"))


def lasting(unit: str, nanoseconds: int) -> Named:
    """Make a converter from a number of units of that many nanoseconds; one below 0 says that it is not known."""

    def convert(value: str) -> Value:
        try:
            time = Decimal(value.strip()[:_LONGEST]) * nanoseconds
        except InvalidOperation:
            return MISFIT
        if not time.is_finite() or abs(time) >= _INT64:
            return MISFIT
        return int(time) if time >= 0 else None

    return Named(f"lasting({unit})", f"Nanoseconds, from a number of {unit}.", convert)


seconds = lasting("seconds", 10**9)
milliseconds = lasting("milliseconds", 10**6)
microseconds = lasting("microseconds", 10**3)
nanoseconds = lasting("nanoseconds", 1)


def first_address(value: str) -> Value:
    """First address of a list with commas between."""
    return ip(value.partition(",")[0])


def version_of_http(value: str) -> Value:
    """Version behind `HTTP/`."""
    return value.removeprefix("HTTP/") or None


def host_part(value: str) -> Value:
    """Host of `host:port`, without the brackets of an IPv6 address."""
    if value.startswith("["):
        return value[1:].partition("]")[0] or None
    return value.partition(":")[0] if value.count(":") == 1 else value


def port_part(value: str) -> Value:
    """Port of `host:port`; none where there is none."""
    host, _, number = value.rpartition(":")
    if not host or (":" in host and not host.endswith("]")):
        return None
    return integer(number)


def without_tls_mark(value: str) -> Value:
    """Name of a frontend without the `~` that says the connection was TLS."""
    return value.removesuffix("~") or None


def read_access(value: str, clock: Clock) -> int | None:
    """Read the time of an access log: that of the Common Log Format, ISO 8601, or a number since 1970."""
    time = read_clf(value, clock)
    return read_iso(value, clock) if time is None else time


def read_error(value: str, clock: Clock) -> int | None:
    """Read the time of an error log: `2026/11/22 10:00:00` or `Wed Oct 11 14:32:52.123456 2026`."""
    found = _SLASHES.match(value)
    return read_iso(f"{found[1]}-{found[2]}-{found[3]}{value[10:]}", clock) if found else read_bsd(value, clock)


def read_haproxy(value: str, clock: Clock) -> int | None:
    """Read HAProxy's accept date, or the time of a header of syslog."""
    time = read_clf(value, clock)
    return read_bsd(value, clock) if time is None else time
