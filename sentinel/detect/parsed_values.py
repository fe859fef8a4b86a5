"""Atoms that read a value as an address, a number or a time."""

from __future__ import annotations

import ipaddress
import operator
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@lru_cache(maxsize=65536)
def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip("[] ").split("%", 1)[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=4096)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


def _in_network(texts: Sequence[str], value: tuple[str, ...]) -> Iterator[bool]:
    network = _network(value[0])
    for text in texts:
        address = _address(text)
        yield address is not None and address in network


@lru_cache(maxsize=65536)
def _number(text: str) -> float | None:
    try:
        return float(int(text, 16)) if text[:2].lower() == "0x" else float(text)
    except ValueError:
        return None


def _compared(compare: Callable[[float, float], bool]) -> Callable[[Sequence[str], tuple[str, ...]], Iterator[bool]]:
    def answers(texts: Sequence[str], value: tuple[str, ...]) -> Iterator[bool]:
        bound = float(value[0])
        for text in texts:
            number = _number(text)
            yield number is not None and compare(number, bound)

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
