"""Converters for what network sensors write."""

from __future__ import annotations

import re
from typing import Final

from sentinel.normalise.convert import MISFIT, Value, lookup

_SECONDS = re.compile(r"(-?[0-9]{1,9})(?:\.([0-9]{1,9}))?")
_VERSION = re.compile(r"(TLS|SSL|DTLS) ?v?([0-9.]+)", re.IGNORECASE)


def duration(value: str) -> Value:
    """Seconds, perhaps with a fraction, as nanoseconds."""
    found = _SECONDS.fullmatch(value)
    if found is None:
        return MISFIT
    fraction = int((found[2] or "").ljust(9, "0"))
    whole = int(found[1]) * 1_000_000_000
    return whole - fraction if value.startswith("-") else whole + fraction


def tls_version(value: str) -> Value:
    """Version of TLS alone: `TLSv12` and `TLS 1.2` are 1.2."""
    found = _VERSION.fullmatch(value.strip())
    if found is None:
        return None
    digits = found[2]
    return digits if "." in digits else ".".join(digits) if len(digits) > 1 else f"{digits}.0"


def tls_protocol(value: str) -> Value:
    """`tls` or `ssl`, by a version."""
    found = _VERSION.fullmatch(value.strip())
    return found[1].lower().removeprefix("d") if found else None


def first_protocol(value: str) -> Value:
    """First of several protocols with commas between, in lower case."""
    return value.partition(",")[0].lower() or None


def transport(value: str) -> Value:
    """Transport in lower case; Suricata's IPv6-ICMP as ECS has it."""
    low = value.lower()
    return {"icmp6": "ipv6-icmp", "ipv6-icmp": "ipv6-icmp", "unknown_transport": None}.get(low, low)


def sni(value: str) -> Value:
    """Name without a dot at its end."""
    return value.rstrip(".") or None


outcome: Final = lookup(
    "outcome of a sensor",
    "success or failure, from true or false and from words of network sensors",
    {
        "true": "success", "t": "success", "success": "success", "noerror": "success", "status_success": "success",
        "false": "failure", "f": "failure", "failed": "failure", "failure": "failure", "nxdomain": "failure",
        "servfail": "failure", "refused": "failure", "formerr": "failure", "notimp": "failure",
    },
)  # fmt: skip
