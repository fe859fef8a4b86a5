"""What a platform or an agency owns, as its files write it."""

from __future__ import annotations

import re
from socket import AF_INET, AF_INET6, inet_pton
from typing import TYPE_CHECKING, Any, Final

from sentinel.language import _
from sentinel.model.estate import Network, Reach, name_of, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Problem = tuple[str, str]

KINDS: Final = ("hosts", "domains", "networks", "logs")
_NONE: Final = Network(4, 0, 32)
_HOST: Final = re.compile(r"[^\s,;:/\\\[\]?@|<>\"'()]+")
_PLAIN_HOST: Final = re.compile(r"[a-z0-9*-][a-z0-9.*_-]*[a-z0-9_-]").fullmatch
_PLAIN_DOMAIN: Final = re.compile(r"[a-z0-9_-][a-z0-9._-]*[a-z0-9_-]").fullmatch
"""One name that is as it is compared, as nearly every cell has: to look closer costs much more."""
_MAPPED: Final = 0xFFFF
"""What an IPv4 address within IPv6 begins with (RFC 4291, 2.5.5.2)."""


def parse(kind: str, texts: Iterable[str], problems: list[Problem]) -> tuple[Any, ...]:
    """Give what texts of a kind name; every message and hint of what they name wrongly is added to `problems`."""
    read = _READ[kind]
    return tuple([read(text, problems) for text in texts])


def of_cells(hosts: str, domains: str, networks: str, logs: str, problems: list[Problem]) -> Reach:
    """Give what cells of a table name, in the order of `KINDS`; see `parse`.

    Values stand apart by blanks, `;` or `,`, those of log files by `;` alone. A table has thousands of lines: what is
    empty or plain, as nearly all is, is told at a glance.
    """
    return Reach(
        () if not hosts else (hosts,) if _PLAIN_HOST(hosts) else parse("hosts", _split(hosts), problems),
        () if not domains else (domains,) if _PLAIN_DOMAIN(domains) else parse("domains", _split(domains), problems),
        _networks(networks, problems) if networks else (),
        parse("logs", [part.strip() for part in re.split(r"[;\r\n]", logs) if part.strip()], problems) if logs else (),
    )


def _split(cell: str) -> list[str]:
    return cell.replace(";", " ").replace(",", " ").split()


def _host(text: str, problems: list[Problem]) -> str:
    name = name_of(text)
    if not _HOST.fullmatch(name):
        problems.append(
            (_("no name of a host: '{text}'").format(text=text), _("write web01.gov.example or web*.gov.example"))
        )
    elif not name.strip("*."):
        problems.append((_("'{text}' would cover every host").format(text=text), _("name a part of it")))
    return name


def _domain(text: str, problems: list[Problem]) -> str:
    name = name_of(text).removeprefix("*.").lstrip(".")
    if not _HOST.fullmatch(name) or "*" in name:
        problems.append((_("no domain: '{text}'").format(text=text), _("write gov.example: all beneath it is covered")))
    return name


_ALONE: Final = " "
"""What stands for the prefix of an address without one: nothing that stands in a cell."""


def _prefixes(bits: int) -> dict[str, tuple[int, int]]:
    """Give, for each length of prefix as it is written, its number and which bits are those of hosts."""
    return {_ALONE: (bits, 0), **{str(length): (length, (1 << bits - length) - 1) for length in range(1, bits + 1)}}


_FOUR: Final = _prefixes(32)
_SIX: Final = _prefixes(128)


def _networks(cell: str, problems: list[Problem]) -> tuple[Network, ...]:
    """Read the networks of a cell; one of ten thousand that is out of the ordinary is looked at again, and closer."""
    found = []
    for text in _split(cell):
        address, slash, prefix = text.partition("/")
        try:
            if ":" in address:
                family, (length, hosts) = 6, _SIX[prefix if slash else _ALONE]
                number = int.from_bytes(inet_pton(AF_INET6, address), "big")
            else:
                family, (length, hosts) = 4, _FOUR[prefix if slash else _ALONE]
                number = int.from_bytes(inet_pton(AF_INET, address), "big")
        except (OSError, ValueError, KeyError):
            found.append(_network(text, problems))
            continue
        is_odd = number & hosts or number >> 32 == _MAPPED
        found.append(_network(text, problems) if is_odd else Network(family, number, length))
    return tuple(found)


def _network(text: str, problems: list[Problem]) -> Network:
    parts = parts_of(text)
    if parts is None:
        problems.append(
            (_("no network: '{text}'").format(text=text), _("write 10.61.5.0/24, 2001:db8::/32 or an address"))
        )
        return _NONE
    family, number, length = parts
    rest = (32 if family == 4 else 128) - length  # noqa: PLR2004 - IPv4
    found = Network(family, number >> rest << rest, length)
    if found.base != number:
        problems.append(
            (_("'{text}' has bits of hosts").format(text=text), _("did you mean {network}?").format(network=found.text))
        )
    elif not length:
        problems.append((_("'{text}' would cover every address").format(text=text), _("write a smaller network")))
    return found


def _log(text: str, problems: list[Problem]) -> str:
    if not text.strip("*?/."):
        problems.append((_("'{text}' would cover every file").format(text=text), _("name a part of it")))
    return text


_READ: Final[Mapping[str, Callable[[str, list[Problem]], object]]] = {
    "hosts": _host,
    "domains": _domain,
    "networks": _network,
    "logs": _log,
}


def cells_of(reach: Reach) -> tuple[str, str, str, str]:
    """Give each kind as one cell."""
    return (
        " ".join(reach.hosts),
        " ".join(reach.domains),
        " ".join(network.text for network in reach.networks),
        "; ".join(reach.logs),
    )
