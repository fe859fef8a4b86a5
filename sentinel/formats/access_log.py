"""Access logs of web servers: the Common Log Format and the combined one, of nginx, Apache and others.

See https://httpd.apache.org/docs/2.4/logs.html#accesslog; nginx's `combined` is the same. A virtual host may stand in
front (`vhost_combined`), and more quoted fields behind.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sentinel.formats import lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from sentinel.formats.gather import Gatherer

KIND = EventKind("web.access")
# A quoted field holds what a client sent: nginx writes a quote in it as \\x22, Apache as \\".
_LINE = re.compile(
    r"(?:(?P<vhost>[^ \[\"]+:\d+) )?"
    r"(?P<remote_addr>[^ ]+) (?P<ident>[^ ]+) (?P<remote_user>.{1,256}?) \[(?P<time_local>[^\]]{20,40})\] "
    r'"(?P<request>[^"\\]*(?:\\.[^"\\]*)*)" (?P<status>\d{3}|-) (?P<body_bytes_sent>\d+|-)'
    r'(?: "(?P<http_referer>[^"\\]*(?:\\.[^"\\]*)*)" "(?P<http_user_agent>[^"\\]*(?:\\.[^"\\]*)*)"(?P<rest>.*))?'
)
_PARTS = 3
_NOTHING = frozenset({"vhost", "rest"})


def parse(line: str) -> dict[str, Any] | None:
    """Read a line; None where it is not of this format."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    event: dict[str, Any] = found.groupdict()
    for name in _NOTHING:
        if not event[name]:
            del event[name]
    add_request(event, event["request"])
    return event


def add_request(event: dict[str, Any], request: str) -> None:
    """Add the parts of a request line (RFC 9112 section 3); of what is none, nothing."""
    parts = request.split(" ")
    if len(parts) >= _PARTS:
        # A URI with spaces in it is what an attacker sends: all between the first and the last part is it.
        event["method"], event["protocol"] = parts[0], parts[-1]
        uri = event["uri"] = " ".join(parts[1:-1])
        event["uri_path"], mark, query = uri.partition("?")
        if mark:
            event["uri_query"] = query


def recognise(head: bytes) -> bool:
    """Tell whether most of the first lines are of this format."""
    return lines.most_parse(head, parse)


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    lines.read_lines(block, gatherer, KIND, parse)


FORMAT = Format("access_log", "web server access log (common or combined)", recognise, lines.cut, read, Splits.AT_LINES)
