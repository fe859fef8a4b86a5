"""What a platform or an agency owns, as its files write it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sentinel.language import _
from sentinel.model.estate import Network, Reach, name_of, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Problem = tuple[str, str]

KINDS: Final = ("hosts", "domains", "networks", "logs")
_NONE: Final = Network(4, 0, 32)
_HOST: Final = re.compile(r"[^\s,;:/\\\[\]?@|<>\"'()]+")


def parse(kind: str, texts: Iterable[str], problems: list[Problem]) -> tuple[Any, ...]:
    """Give what texts of a kind name; every message and hint of what they name wrongly is added to `problems`."""
    read = _READ[kind]
    return tuple([read(text, problems) for text in texts])


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
