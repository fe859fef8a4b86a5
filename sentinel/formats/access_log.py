"""Access logs of web servers: the Common Log Format and the combined one, of nginx, Apache and others.

See https://httpd.apache.org/docs/2.4/logs.html#accesslog; nginx's `combined` is the same, so a line does not tell the
product, and there is one dataset for all. A virtual host may stand in front (`vhost_combined`); what stands behind is
kept as `rest`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sentinel.formats import lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.request_line import parts_of_request
from sentinel.language import later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from sentinel.formats.gather import Gatherer

KIND = EventKind("web.access")
# A quoted field holds what a client sent: nginx writes a quote in it as \\x22, Apache as \\".
QUOTED = r'[^"\\]*+(?:\\.[^"\\]*+)*+'
_LINE = re.compile(
    r"([^ ]++) ([^ ]++) ([^\[\"]{1,512}) \[([^\]]{20,40}+)\] "
    rf'"({QUOTED})" (\d{{3}}|-) (\d++|-)(?: "({QUOTED})" "({QUOTED})")?(?: (.*))?'
)
# Behind nginx's `main` format stands what proxies said; only what is addresses is taken for it.
_FORWARDED = re.compile(r'"([0-9A-Fa-f.:]++(?:, ?[0-9A-Fa-f.:]++)*+)"')
_ADDRESS = re.compile(r"[0-9.]{7,15}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
# A server that logs to syslog: the line is one of syslog, and the header tells the host.
_SYSLOG = re.compile(r"<\d{1,3}>|(?:1 )?\d{4}-\d\d-\d\dT\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ")


def parse(line: str) -> dict[str, Any] | None:
    """Read a line; None where it is not of this format."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    address, ident, user, time, request, status, size, referer, agent, rest = found.groups()
    event: dict[str, Any] = {"remote_addr": address, "ident": ident, "remote_user": user}
    if " " in user:
        if _SYSLOG.match(line):
            return None
        _place_host(event)
    event["time_local"], event["request"], event["status"], event["body_bytes_sent"] = time, request, status, size
    if agent is not None:
        event["http_referer"], event["http_user_agent"] = referer, agent
    if rest:
        event["rest"] = rest
        forwarded = _FORWARDED.match(rest)
        if forwarded:
            event["http_x_forwarded_for"] = forwarded[1]
    event |= parts_of_request(request)
    return event


def _place_host(event: dict[str, Any]) -> None:
    """Tell a virtual host in front of the address from a user's name with spaces in it."""
    host, address, user = event["remote_addr"], event["ident"], event["remote_user"]
    if _ADDRESS.fullmatch(address) or _port_of(host):
        ident, _, user = user.partition(" ")
        event |= {"vhost": host, "remote_addr": address, "ident": ident, "remote_user": user}


def _port_of(host: str) -> str:
    """Give the port of `portal.gov.example:443`; "" where there is none, as in an address of IPv6."""
    name, _, port = host.partition(":")
    return port if name and port.isdecimal() else ""


def recognise(head: bytes) -> bool:
    """Tell whether most of the first lines are of this format."""
    return lines.most_parse(head, parse)


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    lines.read_lines(block, gatherer, KIND, parse)


FORMAT = Format(
    "access_log", later("web server access log (common or combined)"), recognise, lines.cut, read, Splits.AT_LINES
)
