"""What stands in front of a syslog message: RFC 3164, RFC 5424, and what devices and files make of them.

RFC 3164 describes what programs did, and they differ: the priority is left out in files, the time has a year, a
fraction or is ISO 8601, the host or the program is missing. Where one word stands between the time and a tag that ends
in a colon, it is the host; where the first word is the tag, there is none. Devices of Cisco write a sequence number,
`*` or `.` before the time, and a colon after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias

Header: TypeAlias = tuple[str, str, Callable[[Any], dict[str, Any]], Any]
"""The program, "" where none is named, the message, and what makes the event of both and of the rest, from what."""

_BSD: Final = r"[A-Z][a-z]{2} [ \d]?\d(?: \d{4})? \d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_ISO: Final = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_TAG: Final = (
    r"(?:(?P<program>[^\s\[\]:{}\"|=<]{1,128}+)(?:\[(?P<pid>[^\]\s]{0,64}+)\]:? ?|:(?: |$)))?"
    r"(?P<message>.*)"
)
_LINE: Final = re.compile(
    rf"(?:<(?P<pri>\d{{1,3}})>)?(?P<timestamp>{_BSD}|{_ISO}) +"
    rf"(?:(?P<host>[^\s\[\]{{}}|\"=<]{{0,254}}[^\s\[\]{{}}|\"=<:]) +)?{_TAG}",
    re.DOTALL,
)
_UNTIMED: Final = re.compile(rf"<(?P<pri>\d{{1,3}})>{_TAG}", re.DOTALL)
# [ID name="value" …] where a value writes ", \ and ] with a backslash before them (RFC 5424 section 6.3).
_ELEMENTS: Final = r"-|(?:\[(?:[^\"\]]++|\"(?:[^\"\\]++|\\.)*+\")*\])+"
_PROTOCOL: Final = re.compile(
    rf"(?:<(?P<pri>\d{{1,3}})>)?(?P<version>[1-9]\d?) (?P<timestamp>-|{_ISO}) (?P<host>\S{{1,255}}) "
    rf"(?P<program>\S{{1,128}}) (?P<pid>\S{{1,128}}) (?P<msgid>\S{{1,128}})"
    rf"(?: (?P<sd>{_ELEMENTS})(?= |$))?(?: (?P<message>.*))?",
    re.DOTALL,
)
_PROTOCOL_FIELDS: Final = tuple(_PROTOCOL.groupindex)
_PARAMETER: Final = re.compile(
    r"\[(?P<id>[^ \]\"=]+)| (?P<name>[^ \]\"=]+)=\"(?P<value>(?:[^\"\\]++|\\.)*+)\"", re.DOTALL
)
_SPACED: Final = re.compile(r"\d{4}-\d\d-\d\d ")
_ESCAPED: Final = re.compile(r"\\([\"\\\]])")
_DEVICE: Final = re.compile(
    rf"(?:<(?P<pri>\d{{1,3}})>)?(?:(?P<sequence>\d{{1,10}}): )?(?:(?P<host>[^\s:%]{{1,255}}) ?: )?"
    rf"(?:[*.]?(?P<timestamp>{_BSD}|{_ISO})(?P<zone> [A-Z]{{2,5}})?: )?(?P<message>%[A-Z].*)",
    re.DOTALL,
)

FACILITIES: Final = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "audit", "alert", "clock",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
"""Names of facilities by number (RFC 5424 section 6.2.1, as rsyslog spells them)."""
SEVERITIES: Final = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_PRIORITIES: Final = {
    str(8 * facility + severity): (name, word)
    for facility, name in enumerate(FACILITIES)
    for severity, word in enumerate(SEVERITIES)
}


def parse(line: str) -> dict[str, Any] | None:
    """Read the header of a message; None where the line is no syslog.

    `message` is always there; the time, host, program and the rest where the header has them.
    """
    header = header_of(line)
    return header and header[2](header[3])


def header_of(line: str) -> Header | None:
    """Read what is needed of a header to tell the kind of an event; None where the line is no syslog."""
    found = _LINE.match(line)
    if found is not None:
        program, message = found.group(4, 6)
        return program or "", message, _event, found
    found = _PROTOCOL.match(line)
    if found is not None:
        program, message = found.group(5, 9)
        return "" if program == "-" else program, _text(message), _protocol_event, found
    event = _other(line)
    return (event.get("program", ""), event["message"], dict, event) if event else None


def _event(found: re.Match[str]) -> dict[str, Any]:
    pri, timestamp, host, program, pid, message = found.groups()
    event = {"timestamp": timestamp, "message": message}
    if host is not None:
        event["host"] = host
    if program is not None:
        event["program"] = program
        if pid is not None:
            event["pid"] = pid
    if pri is not None:
        _add_priority(event, pri)
    return event


def is_whole(line: str) -> bool:
    """Tell whether a line has so much of a header that it can be nothing else."""
    event = parse(line)
    if event is None or "timestamp" not in event:
        return False
    if "pri" in event or "version" in event or "sequence" in event:
        return True
    # A date with a space in it begins lines of many programs.
    if _SPACED.match(event["timestamp"]):
        return False
    message = event["message"]
    return "program" in event or " IN=" in message or message.startswith("%")


def _other(line: str) -> dict[str, Any] | None:
    found = _DEVICE.match(line) if "%" in line else None
    if found is None or not (found["pri"] or found["timestamp"]):
        found = _UNTIMED.match(line)
        if found is None:
            return None
    event = {name: value for name, value in found.groupdict().items() if value}
    event.setdefault("message", "")
    if "timestamp" in event:
        event["timestamp"] += event.pop("zone", "")
    if "pri" in event:
        _add_priority(event, event["pri"])
    return event


def _add_priority(event: dict[str, Any], pri: str) -> None:
    event["pri"] = pri
    known = _PRIORITIES.get(pri) or _PRIORITIES.get(pri.lstrip("0"))
    if known is not None:
        event["facility"], event["severity"] = known


def _text(message: str | None) -> str:
    """Give a message as it was meant: in UTF-8 a byte order mark stands before it (RFC 5424 section 6.4).

    rsyslog leaves the space of RFC 3164 there.
    """
    return message.removeprefix("\ufeff").removeprefix(" ") if message else ""


def _protocol_event(found: re.Match[str]) -> dict[str, Any]:
    fields = zip(_PROTOCOL_FIELDS, found.groups(), strict=True)
    event: dict[str, Any] = {name: value for name, value in fields if value and value != "-"}
    event["message"] = _text(found[9])
    if "pri" in event:
        _add_priority(event, event["pri"])
    if "sd" in event:
        _add_structured_data(event, event.pop("sd"))
    return event


def _add_structured_data(event: dict[str, Any], text: str) -> None:
    prefix = "sd"
    for found in _PARAMETER.finditer(text):
        element, name, value = found.groups()
        if element is not None:
            prefix = f"sd.{element}"
            event.setdefault(prefix, "")
            continue
        event.pop(prefix, None)
        value = _ESCAPED.sub(r"\1", value) if "\\" in value else value
        field = f"{prefix}.{name}"
        before = event.get(field)
        event[field] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
