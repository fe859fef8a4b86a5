"""Logs of dnsmasq: queries and answers, leases, and what else it tells.

See dnsmasq(8), `--log-queries` (with `extra`, a serial number and the requestor stand in front) and `--log-facility`: a
file that it writes itself has the head of syslog without the host's name.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.language import later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.formats.gather import Gatherer
    from sentinel.formats.lines import Later, Told

QUERY: Final = EventKind("dnsmasq.query", provider="dnsmasq")
LOG: Final = EventKind("dnsmasq.log", provider="dnsmasq")
DHCP: Final = EventKind("dnsmasq.dhcp", provider="dnsmasq-dhcp")

_LINE = re.compile(
    r"(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (?P<program>dnsmasq(?:-[a-z]+)?)\[(?P<pid>\d+)\]: (?P<message>.*)"
)
_EXTRA = r"(?:(?P<serial>\d+) (?P<requestor>[^ /]+)/(?P<port>\d+) )?"
_QUERY = re.compile(
    _EXTRA + r"(?P<action>query|auth|dnssec-query)\[(?P<qtype>[^\]]+)\] (?P<query>\S+) (?:from|to) (?P<client>\S+)"
)
_ANSWER = re.compile(
    _EXTRA + r"(?P<action>reply|cached|cached-stale|config|DHCP|auth|/\S+|(?:gravity|exactly|regex) \w+) "
    r"(?P<query>\S+) is (?P<answer>.*)"
)
_FORWARDED = re.compile(_EXTRA + r"(?P<action>forwarded|retry) (?P<query>\S+) to (?P<upstream>\S+)")
_DHCP = re.compile(
    r"(?:(?P<transaction>\d+) )?(?P<action>[A-Z]+)\((?P<interface>[^)]+)\)(?: (?P<client>[0-9a-fA-F.:]++))?"
    r"(?: (?P<mac>(?:[0-9a-fA-F]{2}[:-]){5,19}[0-9a-fA-F]{2}))(?: (?P<host>.*))?"
)


def tell(message: str, program: str = "dnsmasq") -> Told | None:
    """Read a message of `dnsmasq`, or of `dnsmasq-dhcp`; None where it is empty."""
    return lines.now(_told_later(message, program))


def _told_later(message: str, program: str) -> Later | None:
    if program == "dnsmasq-dhcp":
        return DHCP, partial(_message, _DHCP, message)
    queried = _QUERY.fullmatch(message) or _ANSWER.fullmatch(message)
    if queried and queried["action"] != "dnssec-query":
        return QUERY, partial(_query, queried)
    return (LOG, partial(_message, _FORWARDED, message)) if message else None


def _query(found: re.Match[str]) -> dict[str, Any]:
    event: dict[str, Any] = found.groupdict()
    event["type"] = "answer" if found.re is _ANSWER else "query"
    return event


def _message(expression: re.Pattern[str], message: str) -> dict[str, Any]:
    found = expression.fullmatch(message)
    return {**(found.groupdict() if found else {}), "message": message}


def tell_line(line: str) -> Later | None:
    """Read a line of a file."""
    found = _LINE.fullmatch(line)
    told = _told_later(found["message"], found["program"]) if found else None
    return (told[0], partial(_headed, found, told[1])) if found and told else None


def _headed(found: re.Match[str], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    event = make()
    event["time"], event["program"], event["pid"], _text = found.groups()
    return event


def _parse(line: str) -> dict[str, Any] | None:
    told = tell_line(line)
    return told[1]() if told else None


def recognise(head: bytes) -> bool:
    """Tell whether most of the first lines are of dnsmasq."""
    return lines.most_parse(head, _parse)


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    lines.read_told(block, gatherer, tell_line)


FORMAT = Format("dnsmasq", later("dnsmasq query log, and its other logs"), recognise, lines.cut, read, Splits.AT_LINES)
