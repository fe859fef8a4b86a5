"""Atoms that read a value as an address, a number or a time."""

from __future__ import annotations

import ipaddress
import operator
import re
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@lru_cache(maxsize=65536)
def _addresses(text: str) -> tuple[Address, ...]:
    """Give the address that a text is, and the one of IPv4 that is mapped into it (RFC 4291, 2.5.5.2)."""
    try:
        address = ipaddress.ip_address(text.strip("[] ").split("%", 1)[0])
    except ValueError:
        return ()
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (address, mapped) if mapped else (address,)


@lru_cache(maxsize=4096)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


def _in_network(texts: Sequence[str], value: tuple[str, ...]) -> Iterator[bool]:
    network = _network(value[0])
    for text in texts:
        yield any(address in network for address in _addresses(text))


@lru_cache(maxsize=65536)
def _number(text: str) -> int | float | None:
    """Read plain decimal or hexadecimal digits; Python would also take `1_000`, `inf` and digits of other scripts."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    if found["hexadecimal"]:
        return int(found["hexadecimal"], 16)
    if found["fraction"] is None and len(text) <= _MOST_DIGITS:
        return int(text)
    return float(text)


_NUMBER = re.compile(
    r" *(?:0[xX](?P<hexadecimal>[0-9a-fA-F]+)|[+-]?[0-9]+(?P<fraction>(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)??) *"
)
_MOST_DIGITS = 400
"""Characters. Reading longer integers exactly would cost time that grows with their square."""


def _compared(compare: Callable[[float, float], bool]) -> Callable[[Sequence[str], tuple[str, ...]], Iterator[bool]]:
    def answers(texts: Sequence[str], value: tuple[str, ...]) -> Iterator[bool]:
        bound = _number(value[0])
        for text in texts:
            number = _number(text)
            yield number is not None and bound is not None and compare(number, bound)

    return answers


@lru_cache(maxsize=65536)
def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _at_time(texts: Sequence[str], value: tuple[str, ...]) -> Iterator[bool]:
    part, number = _PARTS[value[0]], int(value[1])
    for text in texts:
        time = _time(text)
        yield time is not None and part(time) == number


_PARTS: dict[str, Callable[[datetime], int]] = {
    "minute": lambda time: time.minute,
    "hour": lambda time: time.hour,
    "day": lambda time: time.day,
    "week": lambda time: time.isocalendar().week,
    "month": lambda time: time.month,
    "year": lambda time: time.year,
}

PARSED: dict[str, Callable[[Sequence[str], tuple[str, ...]], Iterator[bool]]] = {
    "cidr": _in_network,
    "lt": _compared(operator.lt),
    "lte": _compared(operator.le),
    "gt": _compared(operator.gt),
    "gte": _compared(operator.ge),
    "timestamp": _at_time,
}
"""Operator → answers, one for each text."""
