"""Native text to typed values, one at a time.

A converter takes one text, never empty and never "-", and gives its value, None where the text holds no such thing
(`SYSTEM` has no domain: nothing is lost), or MISFIT where the text ought to fit and does not (`LOCAL` as an address:
the text goes to `_overflow`). Converters never raise and keep no state: each is called once a distinct text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final, TypeAlias

from sentinel.normalise.times import nanoseconds


class Fit(Enum):
    """Whether a text fits; one member, so that types can tell it from values."""

    MISFIT = "misfit"


MISFIT: Final = Fit.MISFIT
Value: TypeAlias = str | int | bool | list[str] | Fit | None
Convert: TypeAlias = Callable[[str], Value]

_INT64 = range(-(1 << 63), 1 << 63)
_PORTS = range(1 << 16)
_NUMBER = re.compile(r"[+-]?[0-9]{1,19}|0[xX][0-9a-fA-F]{1,16}")
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False, "%%1842": True, "%%1843": False}
_GUID = re.compile(r"\{?([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})\}?")
_SID = re.compile(r"[sS]-1(?:-(?:[0-9]{1,15}|0[xX][0-9a-fA-F]{1,12})){1,16}")
NOBODY = "S-1-0-0"


def text(value: str) -> Value:
    """As it is; the engine knows this converter and shares the native column."""
    return value


def lower(value: str) -> Value:
    """In lower case."""
    return value.lower()


def integer(value: str) -> Value:
    """Decimal, or hexadecimal after 0x."""
    value = value.strip()
    if not _NUMBER.fullmatch(value):
        return MISFIT
    number = int(value, 16 if value[:2] in {"0x", "0X"} else 10)
    return number if number in _INT64 else MISFIT


def port(value: str) -> Value:
    """Port, 0 to 65535; 0 is none."""
    number = integer(value)
    if not isinstance(number, int) or number not in _PORTS:
        return MISFIT
    return number or None


def boolean(value: str) -> Value:
    """Boolean: true or false, 1 or 0, or Windows' words for yes and no."""
    return _BOOLEANS.get(value.strip().lower(), MISFIT)


def ip(value: str) -> Value:
    """Canonical address; an IPv4 address mapped into IPv6 as IPv4, a zone left off."""
    return _address(value.strip())


def _address(value: str) -> str | Fit:
    try:
        if ":" not in value:
            return str(IPv4Address(value))
        address = IPv6Address(value.partition("%")[0])
    except (AddressValueError, ValueError):
        return MISFIT
    return str(address.ipv4_mapped or address)


def address_type(value: str) -> Value:
    """ipv4 or ipv6, by an address."""
    address = _address(value.strip())
    if isinstance(address, Fit):
        return None
    return "ipv6" if ":" in address else "ipv4"


def endpoint_ip(value: str) -> Value:
    """Address of `10.0.0.1:3389`, `[fe80::1]:3389` or an address alone."""
    return _address(_endpoint(value)[0])


def endpoint_port(value: str) -> Value:
    """Port of `10.0.0.1:3389` or `[fe80::1]:3389`."""
    number = _endpoint(value)[1]
    return port(number) if number else None


def _endpoint(value: str) -> tuple[str, str]:
    value = value.strip()
    if value.startswith("["):
        host, _, rest = value[1:].partition("]")
        return host, rest.removeprefix(":")
    host, _, number = value.partition(":")
    return (value, "") if ":" in number else (host, number)


def date(value: str) -> Value:
    """Time as nanoseconds since 1970."""
    time = nanoseconds(value)
    return MISFIT if time is None else time


def guid(value: str) -> Value:
    """GUID in lower case within braces; anything else as it is."""
    found = _GUID.fullmatch(value)
    return f"{{{found[1].lower()}}}" if found else value


def sid(value: str) -> Value:
    """SID in upper case; none for S-1-0-0, Windows' word for nobody; a name as it is."""
    if not _SID.fullmatch(value):
        return value
    value = value.upper()
    return None if value == NOBODY else value


def user_of(value: str) -> Value:
    r"""Name in `DOMAIN\name`."""
    return value.rpartition("\\")[2] or None


def domain_of(value: str) -> Value:
    r"""Domain in `DOMAIN\name`."""
    return value.rpartition("\\")[0] or None


def account(value: str) -> Value:
    """Name before the realm in `name@REALM`."""
    return value.partition("@")[0] or None


def common_name(value: str) -> Value:
    """First name of a distinguished name: `CN=Nguyen Van A,OU=…` gives `Nguyen Van A`."""
    found = re.match(r"CN=((?:\\.|[^,\\])+)", value, re.IGNORECASE)
    return re.sub(r"\\(.)", r"\1", found[1]) if found else value


def short_name(value: str) -> Value:
    """Host name before its domain, in lower case; an address as it is."""
    if not isinstance(_address(value), Fit):
        return value
    return value.partition(".")[0].lower() or None


def host_of(value: str) -> Value:
    r"""Host name without leading `\\`."""
    return value.lstrip("\\") or None


def digits(value: str) -> Value:
    """Status code as `0x` and hexadecimal digits in lower case, else as it is."""
    return value.lower() if value[:2] in {"0x", "0X"} else value


@dataclass(frozen=True, slots=True)
class Named:
    """A converter made from a table or an expression, with the name and meaning that the reference shows."""

    name: str
    meaning: str
    convert: Convert

    def __call__(self, value: str) -> Value:
        """Convert one text."""
        return self.convert(value)


def name_of_converter(convert: Convert) -> str:
    """Give the name that the reference calls a converter by."""
    return convert.name if isinstance(convert, Named) else str(getattr(convert, "__name__", ""))


def meaning_of_converter(convert: Convert) -> str:
    """Give what a converter makes, in a sentence."""
    return convert.meaning if isinstance(convert, Named) else (convert.__doc__ or "").strip()


def lookup(name: str, meaning: str, table: dict[str, str], *, otherwise: Convert = lambda _: None) -> Named:
    """Make a converter from a table of lower-cased texts; `otherwise` takes what it does not know."""

    def convert(value: str) -> Value:
        found = table.get(value.strip().lower())
        return otherwise(value) if found is None else found

    return Named(name, meaning, convert)


def pattern(name: str, meaning: str, expression: str) -> Named:
    """Make a converter that gives the first group of a regular expression, trimmed."""
    compiled = re.compile(expression)

    def convert(value: str) -> Value:
        found = compiled.search(value)
        return (found[1].strip() or None) if found else None

    return Named(name, meaning, convert)


def after(first: Convert, second: Convert) -> Named:
    """Chain two converters: `second` takes the text that `first` gives."""

    def convert(value: str) -> Value:
        found = first(value)
        return second(found) if isinstance(found, str) and found != "-" else found

    steps = (first, second)
    name = " → ".join(name_of_converter(step) for step in steps)
    return Named(name, " Then: ".join(meaning_of_converter(step) for step in steps), convert)
