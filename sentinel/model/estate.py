"""Shared platforms and agencies, and what they own.

An event belongs to a platform or an agency by a clue in it: the name or address of a host, or the path of the file that
it was read from. Names are compared in lower case and NFC; levels are those of Decree 85/2016/NĐ-CP, 1 to 5.
"""

from __future__ import annotations

import re
import socket
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from sentinel.errors import SentinelError

PLATFORM_ID: Final = "sentinel.platform.id"
PLATFORM_LEVEL: Final = "sentinel.platform.level"
AGENCY_ID: Final = "sentinel.agency.id"
AGENCY_PROVINCE: Final = "sentinel.agency.province"
SOURCE_AGENCY: Final = "sentinel.source.agency"
COLUMNS: Final = (PLATFORM_ID, PLATFORM_LEVEL, AGENCY_ID, AGENCY_PROVINCE, SOURCE_AGENCY)
"""The columns that say what of the estate an event is about."""
LEVELS: Final = range(1, 6)


class Tier(StrEnum):
    """Where an agency stands in the two-tier government; `central` is above both."""

    CENTRAL = "central"
    PROVINCE = "province"
    COMMUNE = "commune"


# A country has thousands of the following: structs are made fifteen times as fast as frozen dataclasses, and what holds
# nothing but texts and numbers is no business of the garbage collector.


class Network(msgspec.Struct, frozen=True, order=True, gc=False):
    """A network: 4 or 6, its first address as a number, the length of its prefix in bits."""

    family: int
    base: int
    length: int

    @property
    def bits(self) -> int:
        """Give how many bits an address of the family has."""
        return 32 if self.family == 4 else 128  # noqa: PLR2004 - IPv4

    @property
    def text(self) -> str:
        """Give it as it is written: `10.61.5.0/24`, and a single address as `10.61.5.17`."""
        address = socket.inet_ntop(_FAMILIES[self.family], self.base.to_bytes(self.bits // 8, "big"))
        return address if self.length == self.bits else f"{address}/{self.length}"

    def holds(self, other: Network) -> bool:
        """Tell whether another lies within it."""
        shift = self.bits - self.length
        return self.family == other.family and self.length <= other.length and self.base >> shift == other.base >> shift


_FAMILIES: Final = {4: socket.AF_INET, 6: socket.AF_INET6}
_MAPPED: Final = 0xFFFF
"""What an IPv4 address within IPv6 begins with (RFC 4291, 2.5.5.2)."""


def address_of(text: str) -> tuple[int, int] | None:
    """Give the family of an address, 4 or 6, and its number; None for what is none."""
    try:
        if ":" not in text:
            return 4, int.from_bytes(socket.inet_pton(socket.AF_INET, text), "big")
        number = int.from_bytes(socket.inet_pton(socket.AF_INET6, text.partition("%")[0]), "big")
    except (OSError, ValueError):  # not an address; a null byte, or a letter that is not ASCII
        return None
    return (4, number & 0xFFFFFFFF) if number >> 32 == _MAPPED else (6, number)


def network_of(text: str) -> Network | None:
    """Read `10.61.5.0/24`, `2001:db8::/32` or a single address; None for what is none. Bits of hosts are cleared."""
    found = parts_of(text)
    if found is None:
        return None
    family, number, length = found
    rest = (32 if family == 4 else 128) - length  # noqa: PLR2004 - IPv4
    return Network(family, number >> rest << rest, length)


def parts_of(text: str) -> tuple[int, int, int] | None:
    """Give the family, number and length of prefix of a network as it is written, bits of hosts included."""
    address, slash, prefix = text.partition("/")
    found = address_of(address)
    if found is None:
        return None
    family, number = found
    bits = 32 if family == 4 else 128  # noqa: PLR2004 - IPv4
    if not slash:
        return family, number, bits
    if not (prefix.isascii() and prefix.isdigit()) or len(prefix) > 3 or int(prefix) > bits:  # noqa: PLR2004 - 128
        return None
    return family, number, int(prefix)


def name_of(text: str) -> str:
    """Give the name of a host in the form that is compared: NFC, lower case, no dot at the end."""
    plain = text if text.isascii() else unicodedata.normalize("NFC", text)
    return plain.strip().lower().rstrip(".")


class Contact(msgspec.Struct, frozen=True, gc=False):
    """Who answers for something at any hour."""

    name: str = ""
    phone: str = ""
    email: str = ""


class Reach(msgspec.Struct, frozen=True, gc=False):
    """What is owned: hosts by name (`*` stands for any characters), domains with all beneath, networks, log files."""

    hosts: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()
    logs: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return bool(self.hosts or self.domains or self.networks or self.logs)


class Platform(msgspec.Struct, frozen=True, gc=False):
    """A shared platform; `owner` is the identifier of an agency, `place` says where it is described (`path:line`)."""

    id: str
    name: str
    level: int
    name_en: str = ""
    owner: str = ""
    contact: Contact = Contact()
    reach: Reach = Reach()
    place: str = ""


class Agency(msgspec.Struct, frozen=True, gc=False):
    """An agency; `id` is its identifier code, `province` and `commune` are those of the General Statistics Office.

    `level` is that of its own information system, 0 where it has none; `place` is as that of a platform.
    """

    id: str
    name: str
    tier: Tier
    province: str = ""
    commune: str = ""
    parent: str = ""
    contact: Contact = Contact()
    level: int = 0
    reach: Reach = Reach()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Estate:
    """What is watched over; `faults` are what could not be read of it, each with its place."""

    platforms: tuple[Platform, ...] = ()
    agencies: tuple[Agency, ...] = ()
    faults: tuple[SentinelError, ...] = ()


_OLD_FORM: Final = re.compile(r"[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}")


def code_of(identifier: str) -> str:
    """Give an identifier code in the order of Decision 20/2020/QĐ-TTg: `000.05.61.H49` is `H49.61.05`.

    The older form of QCVN 102:2016/BTTTT names the highest level last, and fills with zeros the levels that are none.
    """
    plain = identifier.strip().upper()
    if not _OLD_FORM.fullmatch(plain):
        return plain
    levels = plain.split(".")[::-1]
    while not levels[-1].strip("0"):
        levels.pop()
    return ".".join(levels)
