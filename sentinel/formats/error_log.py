"""Error logs of nginx and of Apache.

nginx writes `2026/11/22 10:00:00 [error] 12#12: *34 message, client: …, server: …, request: "…"` (ngx_log.c and
ngx_http_request.c, ngx_http_log_error_handler), Apache `[Wed Oct 11 14:32:52.123456 2026] [core:error] [pid 1:tid 2]
[client ip:port] AH00037: message` (core directive ErrorLogFormat; before 2.4 without module and process). Lines that do
not begin so belong to the message before. What ModSecurity says stands in both.

A client can write into these messages what looks like the fields behind them. Those of nginx are looked for from the
end, in front of the referrer, which is what a client writes most freely.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sentinel.formats import lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.modsecurity import add_modsecurity
from sentinel.formats.request_line import parts_of_request
from sentinel.language import _, later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.formats.gather import Gatherer
    from sentinel.formats.lines import Parse

NGINX = EventKind("nginx.error")
APACHE = EventKind("apache.error")
_NGINX = re.compile(
    r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(debug|info|notice|warn|error|crit|alert|emerg)\] "
    r"(\d+)#(\d+): (?:\*(\d+) )?(.*)",
    re.DOTALL,
)
_APACHE = re.compile(
    r"\[([A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? \d{4})\] "
    r"\[(?:([\w-]{0,64}):)?(debug|info|notice|warn|error|crit|alert|emerg|trace[1-8])\] "
    r"(?:\[pid (\d+)(?::tid (\d+))?\] )?(.*)",
    re.DOTALL,
)
# Of Apache's fields in front of the message, in any order and number (ErrorLogFormat), those with a name of their own.
_FIELD = re.compile(r"\[(client|remote|host) ([^\]\s]++)\] ?")
_STATUS = re.compile(r"\((\d{1,6})\)([^:\n]{1,200}+): ")
_CODE = re.compile(r"(AH\d{5}): ")
_NAMES = {_STATUS: ("status", "reason"), _CODE: ("code",)}
# The order of ngx_http_log_error_handler, ngx_http_upstream_log_error and ngx_stream_log_error.
_CONTEXT = tuple((name, f", {name}: ") for name in ("server", "login", "request", "subrequest", "upstream", "host"))
_ONE_IN = 4
_MOST_LINES = 1000
"""Lines of one message: a trace is long, a file that is something else after all is longer."""


def parse_nginx(line: str) -> dict[str, Any] | None:
    """Read a message of nginx; None where it is none."""
    found = _NGINX.fullmatch(line)
    if found is None:
        return None
    time, level, pid, tid, connection, text = found.groups()
    event: dict[str, Any] = {"time": time, "level": level, "pid": pid, "tid": tid, "connection": connection}
    _add_context(event, text)
    if "request" in event:
        event |= parts_of_request(event["request"])
    add_modsecurity(event, event["message"])
    return event


def _add_context(event: dict[str, Any], text: str) -> None:
    """Take the fields behind a message apart."""
    text, found, referrer = text.partition(', referrer: "')
    message, known, rest = text.rpartition(", client: ")
    event["message"] = message if known else text
    name = "client"
    if known:
        for each, marker in _CONTEXT:
            value, met, after = rest.partition(marker)
            if met:
                event[name] = _bare(value)
                name, rest = each, after
        event[name] = _bare(rest)
    if found:
        event["referrer"] = referrer.removesuffix('"')


def _bare(value: str) -> str:
    return value.removeprefix('"').removesuffix('"') if value.startswith('"') else value


def parse_apache(line: str) -> dict[str, Any] | None:
    """Read a message of Apache; None where it is none."""
    found = _APACHE.fullmatch(line)
    if found is None:
        return None
    time, module, level, pid, tid, text = found.groups()
    event: dict[str, Any] = {"time": time, "module": module, "level": level, "pid": pid, "tid": tid}
    at = _add_fields(event, text)
    message, known, referer = text[at:].rpartition(", referer: ")
    event["message"] = message if known else text[at:]
    if known:
        event["referer"] = referer
    add_modsecurity(event, event["message"])
    return event


def _add_fields(event: dict[str, Any], text: str) -> int:
    """Add the fields in front of a message of Apache; give where the message begins."""
    at = 0
    while field := _FIELD.match(text, at) or _STATUS.match(text, at) or _CODE.match(text, at):
        names = _NAMES.get(field.re, (field[1],))
        if not event.keys().isdisjoint(names):
            break  # a second one belongs to the message
        at = field.end()
        event |= zip(names, field.groups()[-len(names) :], strict=True)
    return at


@dataclass(frozen=True, slots=True)
class ErrorLog:
    """An error log: its kind of events, what reads a message, and how the first line of one begins."""

    kind: EventKind
    parse: Parse
    begin: re.Pattern[bytes]

    def recognise(self, head: bytes) -> bool:
        """Tell whether a quarter of the first lines begin a message: the others may belong to one."""
        looked_at = lines.head_lines(head)
        return _ONE_IN * sum(self.parse(line) is not None for line in looked_at) >= max(1, len(looked_at))

    def read(self, block: Block, gatherer: Gatherer) -> None:
        """Gather every message of a block; lines in front of the first are told as faults."""
        take, events = gatherer.of(self.kind).take, 0
        for raw, position, number in self._records(block):
            event = self.parse(lines.text_of_line(raw))
            if event is not None:
                take(event, raw, position)
                events += 1
            elif raw.strip():
                gatherer.fault(position, _("a line that is not of this format"), number)
        lines.tell_escapes(block, gatherer)
        gatherer.took(events, len(block.data))

    def _records(self, block: Block) -> Iterator[tuple[bytes, int, int]]:
        """Give each message, with the lines that belong to it, its place and the number of its first line."""
        begins = self.begin.match
        held: list[bytes] = []
        at = first = 0
        for line, position, number in lines.numbered(block):
            if held and not begins(line) and begins(held[0]) and len(held) < _MOST_LINES:
                held.append(line)
                continue
            if held:
                yield b"".join(held), at, first
            held, at, first = [line], position, number
        if held:
            yield b"".join(held), at, first


_LOGS = (
    ErrorLog(NGINX, parse_nginx, re.compile(rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[")),
    ErrorLog(APACHE, parse_apache, re.compile(rb"\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:")),
)
NGINX_FORMAT, APACHE_FORMAT = (
    Format(name, title, of.recognise, lines.cut, of.read, Splits.AT_LINES)
    for of, name, title in zip(
        _LOGS, ("nginx_error", "apache_error"), (later("nginx error log"), later("Apache error log")), strict=True
    )
)
