"""Suricata's and Snort's alerts, one a line (`fast.log`, `alert_fast`).

    11/24/2009-21:27:09.534255  [**] [1:2100498:7] GPL ATTACK_RESPONSE id check returned root [**]
    [Classification: Potentially Bad Traffic] [Priority: 2] {TCP} 192.0.2.7:80 -> 198.51.100.9:40000

(on one line). Snort leaves the year out, or writes it with two digits; Suricata in line says `[Drop]` or `[wDrop]`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sentinel.formats import lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.language import later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from sentinel.formats.gather import Gatherer

KIND = EventKind("suricata.fast")
_LINE = re.compile(
    r"(?P<timestamp>(?:\d\d(?:\d\d)?/)?\d\d/\d\d(?:/\d\d(?:\d\d)?)?-\d\d:\d\d:\d\d\.\d{1,6}) +"
    r"(?:\[(?P<action>[A-Za-z]{1,16})\] +)?"
    r"\[\*\*\] \[(?P<gid>\d{1,10}):(?P<signature_id>\d{1,10}):(?P<rev>\d{1,10})\] (?P<rest>.*)",
    re.DOTALL,
)
_TAIL = re.compile(
    r"(?:\[Classification: (?P<category>[^\]]*)\] +)?(?:\[Priority: (?P<priority>\d{1,3})\] +)?"
    r"(?:\[AppID: (?P<app_id>[^\]]*)\] +)?"
    r"\{(?P<proto>[^}]{1,32})\} (?P<source>\S+) -> (?P<destination>\S+)(?P<rest> .*)?",
    re.DOTALL,
)
_END = " [**] "


def parse(line: str) -> dict[str, Any] | None:
    """Read a line; None where it is not of this format."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    message, mark, behind = found["rest"].rpartition(_END)
    tail = _TAIL.fullmatch(behind) if mark else None
    if tail is None:
        return None
    event: dict[str, Any] = {name: text for name, text in {**found.groupdict(), **tail.groupdict()}.items() if text}
    event["signature"] = message.removesuffix(" [**]").strip('"')
    _add_ends(event)
    return event


_PORTS = frozenset({"TCP", "UDP", "SCTP", "006", "017"})


def _add_ends(event: dict[str, Any]) -> None:
    """Split `192.0.2.7:80`; an IPv6 address stands without brackets, its port behind the last colon.

    Of ICMP, Suricata writes the type in the place of the source's port, the code in that of the destination's.
    """
    proto = event["proto"]
    ported = proto.upper() in _PORTS
    for side, prefix, icmp in (("source", "src", "icmp_type"), ("destination", "dest", "icmp_code")):
        end = event.pop(side)
        host, _colon, number = end.rpartition(":")
        splits = number.isdecimal() and host and (":" not in host or ported or proto == "IPv6-ICMP")
        event[f"{prefix}_ip"] = host.strip("[]") if splits else end
        if splits:
            event[f"{prefix}_port" if ported else icmp] = number


def recognise(head: bytes) -> bool:
    """Tell whether most of the first lines are of this format."""
    return lines.most_parse(head, parse)


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    lines.read_lines(block, gatherer, KIND, parse)


FORMAT = Format(
    "suricata_fast", later("Suricata or Snort alerts (fast.log)"), recognise, lines.cut, read, Splits.AT_LINES
)
