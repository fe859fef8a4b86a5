"""Syslog: what programs and devices log, one message a line.

RFC 3164, RFC 5424 and the forms that files keep them in (`syslog_header`); what known programs say is taken apart
(`messages`), and logs of other formats that travel in messages become events of their own (`syslog_payloads`).
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from sentinel.formats import lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.messages import add_fields, provider_of, table_of
from sentinel.formats.schema import dotted
from sentinel.formats.schemas import schema_of
from sentinel.formats.syslog_header import header_of, is_whole
from sentinel.formats.syslog_payloads import PROGRAMS, beside, payload_of
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.formats.gather import Gatherer
    from sentinel.formats.lines import Later, Told
    from sentinel.formats.message_row import Table

DATASET: Final = "linux.syslog"
_DEVICES: Final = {"ASA": EventKind("cisco.asa"), "FTD": EventKind("cisco.asa"), "PIX": EventKind("cisco.asa")}
_IOS: Final = EventKind("cisco.ios")
_MNEMONIC: Final = re.compile(
    r"%(?P<component>[A-Z][A-Z0-9_]{0,31}+(?:-[A-Z][A-Z0-9_]{0,31}+)*)-(?P<level>[0-7])-"
    r"(?P<mnemonic>[A-Z0-9_]{1,64}+): ?(?P<text>.*)",
    re.DOTALL,
)
_COMMAND: Final = re.compile(r"User:(?P<user>[^ ]*) +logged command:(?P<command>.*)", re.DOTALL)
_LOGIN: Final = re.compile(
    r"Login (?P<login>Success|failed) \[user: (?P<user>[^\]]*)\] \[Source: (?P<ip>[^\]]*)\] "
    r"\[localport: (?P<port>\d+)\].*",
    re.DOTALL,
)
_FLOW: Final = re.compile(
    r"(?P<verdict>Deny|Built|Teardown) (?:(?P<direction>inbound|outbound) )?(?P<protocol>[A-Za-z0-9]+) "
    r"(?:connection (?P<connection>\d+) )?(?:src|for) (?P<src_interface>[^: ]+):"
    r"(?P<src_ip>[^/ ]+)(?:/(?P<src_port>\d+))?.*? (?:dst|to) (?P<dst_interface>[^: ]+):"
    r"(?P<dst_ip>[^/ ]+)(?:/(?P<dst_port>\d+))?.*",
    re.DOTALL,
)
_TEXTS: Final = {"PARSER": _COMMAND, "SEC_LOGIN": _LOGIN, "ASA": _FLOW, "FTD": _FLOW, "PIX": _FLOW}
_LONGEST: Final = 1 << 16


class _Program(NamedTuple):
    """What is looked up of a program: its kind, its messages, and whether it may write lines of another format."""

    kind: EventKind
    table: Table
    carries: bool


@lru_cache(maxsize=4096)
def _program(name: str) -> _Program:
    provider = provider_of(name)
    return _Program(EventKind(DATASET, provider=provider), table_of(provider), provider in PROGRAMS or name in _CUT)


def event_of(line: str) -> tuple[EventKind, dict[str, Any]] | None:
    """Read a message with its header; None where the line is no syslog."""
    return lines.now(tell(line))


def tell(line: str) -> Told | Later | None:
    """Read so much of a message that its kind is known; what makes the event comes with it."""
    header = header_of(line)
    if header is None:
        return None
    name, message, make, found = header
    program = _program(name)
    if "%" in line:
        device = _device(name, message)
        if device is not None:
            return device[0], make(found) | device[1]
    if program.carries or "|" in message or message[:1] in _JSON_BEGINS:
        event = make(found)
        payload = _payload(program.kind.provider, event)
        if payload is not None:
            del event["message"]
            return payload[0], beside("syslog.", event, payload[1])
    return program.kind, partial(_event, make, found, program.table, message)


def _event(make: Callable[[Any], dict[str, Any]], found: object, table: Table, message: str) -> dict[str, Any]:
    event = make(found)
    if message[:1] in _JSON_BEGINS:
        _add_json(event, message)
    add_fields(event, table, message)
    return event


def _payload(provider: str, event: dict[str, Any]) -> tuple[EventKind, dict[str, Any]] | None:
    message, name = event["message"], event.get("program", "")
    if message[:1] in _JSON_BEGINS:
        return _json(message)
    return payload_of(provider, f"{name}:{message}" if name in _CUT else message, event.get("timestamp", ""))


_JSON_BEGINS: Final = frozenset("{@")
# Where a space stands behind the colon, the mark of a record looks like a program.
_CUT: Final = frozenset({"CEF", "LEEF"})


def _device(program: str, message: str) -> tuple[EventKind, dict[str, Any]] | None:
    """Read `%FACILITY-SEVERITY-MNEMONIC: text`, as devices of Cisco write it."""
    text = f"{program}: {message}" if program.startswith("%") else message
    found = _MNEMONIC.search(text, 0, 512 + _LONGEST) if "%" in text[:512] else None
    if found is None:
        return None
    event: dict[str, Any] = {"message": text[found.start() :], **found.groupdict()}
    component = event["component"]
    about = _TEXTS.get(component)
    inner = about.fullmatch(event.pop("text")) if about is not None and len(text) < _LONGEST else None
    event.pop("text", None)
    if inner is not None:
        event |= {name: value for name, value in inner.groupdict().items() if value}
    return _DEVICES.get(component, _IOS), event


def _decoded(message: str) -> dict[str, Any] | None:
    text = message.removeprefix("@cee:")
    try:
        record = msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _json(message: str) -> tuple[EventKind, dict[str, Any]] | None:
    """Read a message that is one JSON record of a product that is known."""
    record = _decoded(message)
    schema = schema_of(record) if record is not None else None
    if record is None or schema is None:
        return None
    try:
        return schema.read(record)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _add_json(event: dict[str, Any], message: str) -> None:
    record = _decoded(message)
    for name, value in dotted(record or {}).items():
        event[f"json.{name}"] = value


def recognise(head: bytes) -> bool:
    """Tell whether most of the first lines have the header of a syslog message."""
    found = lines.head_lines(head)
    return 2 * sum(map(is_whole, found)) > len(found)


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    lines.read_told(block, gatherer, tell)


FORMAT = Format("syslog", "syslog (RFC 3164, RFC 5424)", recognise, lines.cut, read, Splits.AT_LINES)
