"""HAProxy's log: what `option httplog` and `option tcplog` write, alone or behind a header of syslog.

See HAProxy's Configuration Manual, sections 8.2.2 ("TCP log format") and 8.2.3 ("HTTP log format"); the names are its
own. What HAProxy says besides (a server is down, a handshake failed) is read as a message.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from sentinel.formats import lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.request_line import parts_of_request
from sentinel.language import later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from sentinel.formats.gather import Gatherer
    from sentinel.formats.lines import Later

HTTP, TCP, OTHER = (EventKind(f"haproxy.{name}") for name in ("http", "tcp", "log"))
_FRONT = (
    r"(?P<client_ip>[^ ]+):(?P<client_port>\d{1,5}) \[(?P<accept_date>\d\d/[A-Z][a-z]{2}/\d{4}:[\d:.]{8,15})\] "
    r"(?P<frontend_name>[^ ]++) (?P<backend_name>[^ /]++)/(?P<server_name>[^ ]++) "
)
_QUEUES = r"(?P<srv_queue>\d++)/(?P<backend_queue>\d++)"
_CONNECTIONS = r"(?P<actconn>\d++)/(?P<feconn>\d++)/(?P<beconn>\d++)/(?P<srv_conn>\d++)/(?P<retries>\+?\d++) " + _QUEUES
_HTTP = re.compile(
    _FRONT + r"(?P<TR>-?\d++)/(?P<Tw>-?\d++)/(?P<Tc>-?\d++)/(?P<Tr>-?\d++)/(?P<Ta>\+?-?\d++) "
    r"(?P<status_code>-?\d{1,3}) (?P<bytes_read>\+?\d++) "
    r"(?P<captured_request_cookie>[^ ]++) (?P<captured_response_cookie>[^ ]++) (?P<termination_state>[^ ]{4}) "
    + _CONNECTIONS
    + r' (?P<captured_headers>\{[^"]*+)?"(?P<http_request>[^"]*+)"?(?: (?P<rest>.++))?'
)
_TCP = re.compile(
    _FRONT + r"(?P<Tw>-?\d++)/(?P<Tc>-?\d++)/(?P<Tt>\+?-?\d++) (?P<bytes_read>\+?\d++) "
    r"(?P<termination_state>[^ ]{2}) " + _CONNECTIONS + r"(?: (?P<rest>.++))?"
)
_SYSLOG = (
    r"(?:<\d{1,3}>)?"
    r"(?P<syslog_time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]{8,15}(?:Z|[+-]\d\d:?\d\d)) "
    r"(?P<syslog_hostname>[^ ]++) "
)
_HEADER = re.compile(_SYSLOG + r"haproxy\[(?P<pid>\d++)\]: ")
_ANY_HEADER = re.compile(_SYSLOG)
_HEADERS = re.compile(r"\{([^{}]*+)\}")
_ANY = ("captured_headers", "rest")
# In headers and the request, HAProxy writes `#XX` for what does not print and for `"#{|}` (section 8.6).
_ENCODED = re.compile(r"(?:#[0-9A-F]{2})++")


def parse_message(message: str) -> tuple[EventKind, dict[str, Any]] | None:
    """Read a message without the header of syslog; None where it is neither of HTTP nor of TCP."""
    found = _match(message)
    return found and (_kind(found), _event(found))


def _match(message: str, at: int = 0) -> re.Match[str] | None:
    return _HTTP.fullmatch(message, at) or _TCP.fullmatch(message, at)


def _kind(found: re.Match[str]) -> EventKind:
    return HTTP if found.re is _HTTP else TCP


def _event(found: re.Match[str]) -> dict[str, Any]:
    event: dict[str, Any] = found.groupdict()
    _leave_out(event)
    if found.re is _HTTP:
        _add_headers(event)
        event |= parts_of_request(_as_sent(event["http_request"]))
    return event


def _leave_out(event: dict[str, Any]) -> None:
    for name in _ANY:
        if name in event and not event[name]:
            del event[name]


def _add_headers(event: dict[str, Any]) -> None:
    """Add what was captured of headers: one group in braces is the request's, a second one the answer's."""
    groups = _HEADERS.findall(event.get("captured_headers", ""))
    for name, group in zip(("captured_request_headers", "captured_response_headers"), groups, strict=False):
        event[name] = [_as_sent(header) for header in group.split("|")]


def _as_sent(text: str) -> str:
    """Undo HAProxy's own encoding, so that rules find in a header what a client wrote there."""
    return _ENCODED.sub(_character, text) if "#" in text else text


def _character(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace("#", "")).decode(errors="backslashreplace")


def parse(line: str) -> tuple[EventKind, dict[str, Any]] | None:
    """Read a line, with or without the header of syslog; None where it is not HAProxy's."""
    return lines.now(tell(line))


def tell(line: str) -> Later | None:
    """Read so much of a line that its kind is known; what makes the event comes with it."""
    header = _HEADER.match(line)
    found = _match(line, header.end() if header else 0)
    if header is None:
        return found and (_kind(found), partial(_event, found))
    return _kind(found) if found else OTHER, partial(_headed, header, found)


def _headed(header: re.Match[str], found: re.Match[str] | None) -> dict[str, Any]:
    if found is None:
        event = {"message": header.string[header.end() :], "accept_date": header["syslog_time"]}
    else:
        event = _event(found)
    event["syslog_time"], event["syslog_hostname"], event["pid"] = header.groups()
    return event


def recognise(head: bytes) -> bool:
    """Tell whether the first lines are HAProxy's alone: of a log that it shares with others, that one's format is."""
    looked_at = lines.head_lines(head)
    read = [parse(line) for line in looked_at]
    unread = [line for line, each in zip(looked_at, read, strict=True) if each is None]
    if any(map(_ANY_HEADER.match, unread)) or 2 * len(unread) >= len(read):
        return False
    return any(each and each[0] is not OTHER for each in read)


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    lines.read_told(block, gatherer, tell)


FORMAT = Format("haproxy", later("HAProxy log"), recognise, lines.cut, read, Splits.AT_LINES)
