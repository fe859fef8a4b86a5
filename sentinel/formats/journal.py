"""The journal of systemd as `journalctl -o export` writes it.

https://systemd.io/JOURNAL_EXPORT_FORMATS: an entry is a line `NAME=value` for each field, and ends with an empty line.
A value that is no plain line of text stands as `NAME`, a line feed, its length as eight bytes, the lowest first, the
value, and a line feed. `journal_event` is what both forms of the journal share.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from sentinel.formats.base import LONGEST_RECORD, Block, Format, Splits
from sentinel.formats.messages import add_fields, provider_of, table_of
from sentinel.formats.schema import dotted
from sentinel.formats.syslog_payloads import beside, payload_of
from sentinel.language import _, later
from sentinel.model.batch import EventKind, place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.formats.gather import Gatherer
    from sentinel.formats.message_row import Table

DATASET: Final = "linux.journal"
_STOP: Final = re.compile(rb"\n\n|\n([A-Za-z0-9_]{1,64})\n")
_BEGIN: Final = re.compile(rb"(?:^|\n\n)__CURSOR=[^\n]+\n__REALTIME_TIMESTAMP=\d+\n")
_LENGTH: Final = 8


class _Entry(NamedTuple):
    """Where an entry begins and ends, and its values that are no line: name, begin, end; None where it is damaged."""

    begin: int
    end: int
    values: list[tuple[str, int, int]] | None


def _entries(data: bytes, last: bool) -> Iterator[_Entry]:  # noqa: FBT001 - as cut
    """Give each whole entry; where the data is the last, what is left of one as damaged."""
    at, size = 0, len(data)
    while at < size:
        if data[at] == ord("\n"):
            at += 1
            continue
        entry = _entry(data, at)
        if entry is None:
            if last:
                # Without its empty line an entry may be whole: journalctl was stopped, or the file cut at one.
                yield _Entry(at, size, [] if _STOP.search(data, at) is None else None)
            return
        yield entry
        at = entry.end


def _entry(data: bytes, begin: int) -> _Entry | None:
    """Give the entry that begins here; None where its end is not in the data."""
    values: list[tuple[str, int, int]] = []
    at = begin
    while True:
        stop = _STOP.search(data, at)
        if stop is None:
            return None
        if stop[1] is None:
            return _Entry(begin, stop.end(), values)
        start = stop.end() + _LENGTH
        end = start + int.from_bytes(data[stop.end() : start], "little")
        if end - begin > LONGEST_RECORD or data[end : end + 1] not in {b"\n", b""}:
            following = data.find(b"\n\n__CURSOR=", stop.end())
            return _Entry(begin, following + 2, None) if following >= 0 else None
        if end >= len(data):
            return None
        values.append((stop[1].decode(), start, end))
        at = end


def cut(data: bytes, last: bool) -> int:  # noqa: FBT001 - the signature of every format's cut
    """Give where the last whole entry ends."""
    if last:
        return len(data)
    end = 0
    for entry in _entries(data, last=False):
        end = entry.end
    return end


def recognise(head: bytes) -> bool:
    """Tell whether an entry begins here, or after the rest of one."""
    return _BEGIN.search(head) is not None


def _fields(data: bytes, entry: _Entry) -> dict[str, Any]:
    """Read an entry's fields; raises ValueError where a line is none."""
    parts: list[list[str]] = []
    at = entry.begin
    for name, begin, end in entry.values or ():
        # In front of the value stand its name, its length and two line feeds.
        parts += _lines(data[at : begin - _LENGTH - len(name) - 1])
        parts.append([name, _text(data[begin:end])])
        at = end + 1
    parts += _lines(data[at : entry.end])
    fields: dict[str, Any] = {name: value for name, value in parts}  # noqa: C416 - a part of one text is no field
    if len(fields) < len(parts):
        for name in fields:
            values = [value for each, value in parts if each == name]
            fields[name] = values if len(values) > 1 else values[0]
    return fields


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("utf-8", "backslashreplace")


def _lines(data: bytes) -> list[list[str]]:
    return [line.split("=", 1) for line in _text(data.strip(b"\n")).split("\n") if line]


@lru_cache(maxsize=4096)
def _program(name: str) -> tuple[EventKind, Table]:
    provider = provider_of(name)
    return EventKind(DATASET, provider=provider), table_of(provider)


def journal_event(fields: dict[str, Any]) -> tuple[EventKind, dict[str, Any]]:
    """Give an entry's kind and event, with what its message says beside its fields."""
    program = _first(fields.get("SYSLOG_IDENTIFIER")) or _first(fields.get("_COMM"))
    kind, table = _program(program)
    message = _first(fields.get("MESSAGE"))
    payload = payload_of(kind.provider, message, _first(fields.get("__REALTIME_TIMESTAMP")))
    if payload is not None:
        header = {name: value for name, value in fields.items() if name != "MESSAGE"}
        return payload[0], beside("journal.", header, payload[1])
    if message[:1] == "{" and message[-1:] == "}":
        _add_json(fields, message)
    add_fields(fields, table, message)
    return kind, fields


def _first(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) else ""


def _add_json(event: dict[str, Any], message: str) -> None:
    try:
        record = msgspec.json.decode(message)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return
    if isinstance(record, dict):
        for name, value in dotted(record).items():
            event[f"json.{name}"] = value


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every entry of a block."""
    data, events = block.data, 0
    for entry in _entries(data, last=True):
        position = place(block.source, block.offset + entry.begin)
        fields = None
        if entry.values is not None:
            try:
                fields = _fields(data, entry)
            except ValueError:
                fields = None
        if fields is None:
            gatherer.fault(position, _("damaged: not a whole entry of the journal"))
            continue
        kind, event = journal_event(fields)
        gatherer.of(kind).take(event, data[entry.begin : entry.end], position)
        events += 1
    gatherer.took(events, len(data))


FORMAT = Format("journal", later("systemd journal (export)"), recognise, cut, read, Splits.NEVER)
