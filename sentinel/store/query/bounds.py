"""Typed values as numbers, and what a text stands for among them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final, TypeAlias

from sentinel.model.field import FieldType
from sentinel.store.query.moments import Clock, instants
from sentinel.store.query.tree import Equals, Range

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.store.query.tree import Network

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,40}|0[xX][0-9a-fA-F]{1,32}")
_BOOLEANS: Final = {"true": 1, "false": 0}
_MAPPED: Final = 0xFFFF << 32
_IPV4: Final = range(_MAPPED, _MAPPED + (1 << 32))
_INT64: Final = (-(1 << 63), (1 << 63) - 1)


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers from low to high, both included; None is no bound.

    Of long columns these are the values, of dates nanoseconds since 1970, of addresses what `address` gives, and of
    booleans 0 and 1.
    """

    low: int | None
    high: int | None


# Every number that a column of the type can hold.
_DOMAINS: Final[dict[FieldType, tuple[int, int]]] = {
    FieldType.LONG: _INT64,
    FieldType.DATE: _INT64,
    FieldType.IP: (0, (1 << 128) - 1),
    FieldType.BOOLEAN: (0, 1),
}


def span(node: Equals | Range, kind: FieldType, clock: Clock) -> Span | None:
    """Give the typed values that a node asks for; None where there are none, as where a text cannot be read.

    Bounds that every value of the type keeps are left out: both are None where every typed value is asked for.
    """
    if kind not in _READERS or (kind is FieldType.BOOLEAN and isinstance(node, Range)):
        return None
    if isinstance(node, Equals):
        found = _READERS[kind](node.text, clock)
        return _within(found[0], found[1], kind) if found else None
    low, high = _DOMAINS[kind]
    if node.low is not None:
        found = _READERS[kind](node.low, clock)
        if found is None:
            return None
        low = found[0] if node.low_included else found[1] + 1
    if node.high is not None:
        found = _READERS[kind](node.high, clock)
        if found is None:
            return None
        high = found[1] if node.high_included else found[0] - 1
    return _within(low, high, kind)


def _within(low: int, high: int, kind: FieldType) -> Span | None:
    least, most = _DOMAINS[kind]
    if low > high or low > most or high < least:
        return None
    return Span(low if low > least else None, high if high < most else None)


def readable(text: str, kind: FieldType) -> bool:
    """Tell whether a text can be read as a value of the type; every text can as a keyword."""
    return kind not in _READERS or _READERS[kind](text, Clock()) is not None


def address(text: str) -> int | None:
    """Give an address as the 128 bits of IPv6, an IPv4 one as `::ffff:a.b.c.d`, a zone left off; None where it is none.

    RFC 4291, 2.5.5.2; as Elasticsearch sorts addresses.
    """
    try:
        if ":" not in text:
            return _MAPPED + int(IPv4Address(text))
        return int(IPv6Address(text.partition("%")[0]))
    except ValueError:
        return None


def address_text(number: int) -> str:
    """Give the canonical text of an address, as columns hold it."""
    return str(IPv4Address(number - _MAPPED) if number in _IPV4 else IPv6Address(number))


def network_span(network: Network) -> Span:
    """Give the addresses of a network, by the numbers of `address`; both bounds are given."""
    shift = _MAPPED if network.version == 4 else 0  # noqa: PLR2004 - the version of IP
    return Span(int(network.network_address) + shift, int(network.broadcast_address) + shift)


def _number(text: str, _clock: Clock) -> tuple[int, int] | None:
    if not _INTEGER.fullmatch(text):
        return None
    number = int(text, 16 if text[:2] in {"0x", "0X"} else 10)
    return number, number


def _address(text: str, _clock: Clock) -> tuple[int, int] | None:
    number = address(text)
    return None if number is None else (number, number)


def _truth(text: str, _clock: Clock) -> tuple[int, int] | None:
    number = _BOOLEANS.get(text.lower())
    return None if number is None else (number, number)


_Reader: TypeAlias = "Callable[[str, Clock], tuple[int, int] | None]"
# The first and the last number that a text stands for.
_READERS: Final[dict[FieldType, _Reader]] = {
    FieldType.LONG: _number,
    FieldType.IP: _address,
    FieldType.DATE: instants,
    FieldType.BOOLEAN: _truth,
}
