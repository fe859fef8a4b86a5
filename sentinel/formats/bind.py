"""Logs of BIND 9: queries, and what else it tells.

A query is `client @0x… 192.0.2.1#53 (name): query: name class type flags (server)`; what each part means is said under
"The Query Log Format" in the BIND 9 Administrator Reference Manual, and the flags there. In front stand, each where
`print-time`, `print-category` and `print-severity` say so, a time, a category and a severity. The same text goes to
syslog: `tell` reads it without the time too.
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
    from sentinel.formats.gather import Gatherer
    from sentinel.formats.lines import Later, Told

QUERY: Final = EventKind("bind.query", provider="named")
LOG: Final = EventKind("bind.log", provider="named")

_CATEGORIES = (
    "client|cname|config|database|default|delegation-only|dispatch|dnssec|dnstap|edns-disabled|general|lame-servers"
    "|network|notify|nsid|queries|query-errors|rate-limit|resolver|responses|rpz|rpz-passthru|security|serve-stale"
    "|spill|sslkeylog|trust-anchor-telemetry|unmatched|update|update-security|xfer-in|xfer-out|zoneload"
)
_HEAD = (
    r"(?:(?P<time>\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d\.\d{3}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z?) )?"
    rf"(?:(?P<category>{_CATEGORIES}): )?"
    r"(?:(?P<severity>debug(?: \d+)?|info|notice|warning|error|critical): )?"
)
# A name's own parentheses are written with a backslash.
_CLIENT = (
    r"client (?:(?P<object>@0x[0-9a-f]+) )?(?P<client>[^ #]+)#(?P<port>\d+)(?:/key (?P<key>[^ ]+))?"
    r"(?: \((?P<name>(?:[^)\\]|\\.)*+)\))?: (?:view (?P<view>[^: ]+): )?"
)
_QUERY = re.compile(
    _HEAD + _CLIENT + r"query: (?P<query>[^ ]+) (?P<qclass>[^ ]+) (?P<qtype>[^ ]+) (?P<flags>[-+][^ ]*)"
    r"(?: \((?P<server>[^)]+)\))?(?: (?P<rest>.*))?"
)
_LOG = re.compile(_HEAD + r"(?P<message>.+)")
_OF_CLIENT = re.compile(_CLIENT)
_TRIPLE = r"(?P<query>[^ '/]+)/(?P<qtype>[A-Z0-9-]+)/(?P<qclass>[A-Z0-9]+)"
# What lines of other categories say about a query: was it refused, did it fail, did a policy zone rewrite it?
_SAYS = tuple(
    re.compile(says)
    for says in (
        rf"(?P<operation>[a-z ()]{{1,40}}) '{_TRIPLE}' (?P<result>denied|approved)",
        r"query failed \((?P<rcode>[A-Za-z ]+)\) for (?P<query>[^ '/]+)/(?P<qclass>[A-Z0-9]+)/(?P<qtype>[A-Z0-9-]+)",
        rf"(?:disabled )?rpz (?P<trigger>\S+) (?P<policy>\S+) rewrite {_TRIPLE}(?: via (?P<rule>\S+))?",
    )
)
# How lines begin where nothing but a time stands in front: other programs (Tomcat) write times in this form too.
_STARTS = ("client ", "zone ", "transfer of '", "starting BIND", "received control channel", "all zones loaded")


def tell(text: str) -> Told | None:
    """Read a message of BIND, with or without a time in front; None where it is empty."""
    found = _match(text)
    return found and (_kind(found), _event(found))


def _match(text: str) -> re.Match[str] | None:
    return _QUERY.fullmatch(text) or _LOG.fullmatch(text)


def _kind(found: re.Match[str]) -> EventKind:
    return QUERY if found.re is _QUERY else LOG


def _event(found: re.Match[str]) -> dict[str, Any]:
    event: dict[str, Any] = found.groupdict()
    if found.re is _QUERY:
        return event
    event = {name: value for name, value in event.items() if value}
    _add_client(event, event["message"])
    return event


def _add_client(event: dict[str, Any], message: str) -> None:
    """Add whom and what a message is about, where it says so."""
    client = _OF_CLIENT.match(message)
    if client is None:
        return
    event |= {name: value for name, value in client.groupdict().items() if value}
    said = (says.match(message, client.end()) for says in _SAYS)
    event |= next((found.groupdict() for found in said if found), {})


def parse_strictly(line: str) -> dict[str, Any] | None:
    """Read a line that only BIND writes: a query, or one with its time and category."""
    kind, event = tell(line) or (LOG, {})
    if kind is QUERY or (event.get("time") and event.get("category") and event.get("severity")):
        return event
    return event if event.get("time") and event["message"].startswith(_STARTS) else None


def _tell_line(line: str) -> Later | None:
    """Read a line of a file: with a time or a category, or a query."""
    found = _match(line)
    if found is None or not (found.re is _QUERY or found["time"] or found["category"]):
        return None
    return _kind(found), partial(_event, found)


def recognise(head: bytes) -> bool:
    """Tell whether most of the first lines are of BIND."""
    return lines.most_parse(head, parse_strictly)


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    lines.read_told(block, gatherer, _tell_line)


FORMAT = Format("bind", later("BIND 9 query log, and its other logs"), recognise, lines.cut, read, Splits.AT_LINES)
