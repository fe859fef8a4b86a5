"""Audit log of the DHCP server of Windows: `DhcpSrvLog-Mon.log` and its IPv6 twin.

Lines of comma-separated fields below a heading that explains the event ids, the last line of which names the fields
(`ID,Date,Time,Description,IP Address,…`). See Microsoft, "DHCP server audit logging", and the heading itself. Dates are
always month/day/year.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import entries, lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.language import later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.formats.gather import Gatherer

SERVER: Final = EventKind("msdhcp.server")

_V4 = (
    "ID,Date,Time,Description,IP Address,Host Name,MAC Address,User Name,TransactionID,QResult,Probationtime,"
    "CorrelationID,Dhcid,VendorClass(Hex),VendorClass(ASCII),UserClass(Hex),UserClass(ASCII),RelayAgentInformation,"
    "DnsRegError"
)
_V6 = "ID,Date,Time,Description,IPv6 Address,Host Name,Error Code,Duid Length,Duid Bytes(Hex),User Name,Dhcid"
_NAMED = re.compile(rb"^ID,[ ]?Date,[ ]?Time,[^\r\n]*", re.MULTILINE)
_EVENT = re.compile(r"\d{2,6},\d\d/\d\d/\d\d(?:\d\d)?,\d\d:\d\d:\d\d,[^,]*,.*")
# Lines of the heading: its title and explanations, which are indented or begin with an id and no comma.
_HEADING = re.compile(r"[ \t]|\d\d\+?[ \t]|Event ID|QResult|ID,|Microsoft|[^\d,]+$")
_V6_PLACES = re.compile(r"\d+,[^,]*,[^,]*,[^,]*,[0-9A-Fa-f]*:[0-9A-Fa-f:]*,")


def names_of(header: str) -> tuple[str, ...]:
    """Give the names that the heading's last line tells."""
    return tuple(name.strip() for name in header.strip().rstrip(",.").split(","))


def event_of(line: str, names: Sequence[str]) -> dict[str, Any] | None:
    """Read a line; None where it is no event. What stands behind the last named field is `rest`."""
    if _EVENT.fullmatch(line) is None:
        return None
    cells = line.split(",")
    event: dict[str, Any] = {name: cell for name, cell in zip(names, cells, strict=False) if cell}
    more = ",".join(cells[len(names) :])
    if more.strip(","):
        event["rest"] = more
    event["date_time"] = f"{cells[1]} {cells[2]}"
    return event


def head(before: bytes, data: bytes) -> bytes:
    """Give the line that names the fields; the last that is there."""
    found = _NAMED.findall(data)
    return found[-1] if found else before


def _names(header: bytes, line: str = "") -> tuple[str, ...]:
    if header:
        return names_of(lines.text_of_line(header))
    return names_of(_V6 if _V6_PLACES.match(line) else _V4)


def recognise(data: bytes) -> bool:
    """Tell whether it has the line that names the fields below such a heading, or most lines are events."""
    if _NAMED.search(data) and b"DHCP" in data[: data.find(b"ID,")]:
        return True
    return lines.most_parse(data, lambda line: event_of(line, names_of(_V4)))


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every event of a block; lines of the heading are passed over."""
    counted, take = entries.Counted(gatherer), gatherer.of(SERVER).take
    names: tuple[str, ...] = ()
    header = block.head
    for line, position, number in lines.numbered(block):
        text = lines.text_of_line(line)
        if line.startswith(b"ID,"):
            header, names = line, ()
        names = names or _names(header, text)
        event = event_of(text, names)
        if event is not None:
            take(event, line, position)
            counted.events += 1
        elif text.strip() and not _HEADING.match(text.removeprefix("\ufeff")):
            counted.fault(position, number)
    gatherer.took(counted.events, len(block.data))


FORMAT = Format(
    "windows_dhcp", later("Windows DHCP server audit log"), recognise, lines.cut, read, Splits.AT_LINES, head=head
)  # fmt: skip
