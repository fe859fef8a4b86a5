"""Linux audit logs: auditd's own files, and what ausearch writes of them.

A record is a line: `type=SYSCALL msg=audit(1700000000.123:456): arch=c000003e …`, with `node=NAME ` in front where
records of several hosts come together. Records of one node, time and serial are one event; those of another may stand
between them. See auditd.conf(5), ausearch(8) and the audit project's SPEC-Audit-Event-Format.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from sentinel.formats import lines
from sentinel.formats.auditd_events import event_of
from sentinel.formats.auditd_numbers import RECORD_TYPES
from sentinel.formats.base import Block, Format, Splits
from sentinel.language import _, later
from sentinel.model.batch import EventKind, place

if TYPE_CHECKING:
    from sentinel.formats.gather import Gatherer, Gathering

DATASET = "linux.auditd"
_HEAD = re.compile(
    rb"(?:node=([^ ]{1,256}) )?type=([A-Z0-9_a-z]{1,64}(?:\[\d{1,9}\])?) msg=audit\((\d{1,12}\.\d{1,9}:\d{1,20})\):"
)
_RECORD = re.compile(
    r"(?:node=(?P<node>[^ ]{1,256}) )?(?:type=(?P<type>[A-Z0-9_a-z]{1,64}(?:\[\d{1,9}\])?) )?(?:msg=)?"
    r"audit\((?P<time>\d{1,12}\.\d{1,9}):(?P<serial>\d{1,20})\):"
)
# As journald and rsyslog write the kernel's records: `[ 12.345678] audit: `, and `SYSCALL arch=…` without a serial.
_IN_FRONT = re.compile(r"(?:\[ *\d+\.\d+\] )?(?:audit: )?")
_NAMED = re.compile(r"([A-Z][A-Z0-9_]{2,31})(?: |$)")
# What ausearch writes between events (`----`, `time->…`), and auditd where it begins a line anew.
_BETWEEN = (b"----", b"time->")
_UNKNOWN = re.compile(r"UNKNOWN\[(\d{1,9})\]")
_NAMES = frozenset(RECORD_TYPES.values())
_NAME_OF = {name.encode(): name for name in _NAMES}

_LATE_LINES = 64
"""How many records of other events may stand between two of one event at the border of two blocks."""
_TAIL = 1 << 18
"""How many bytes before its end a block is first looked at for a border, in the hope that there is one."""
_LONGEST_EVENT = 12 << 20
"""Bytes: the arguments of a program (2 MiB and more) are written as twice as many digits."""


def name_of_type(kind: str) -> str:
    """Give the name of a record's type, which old kernels and auditd write as a number: `1300`, `UNKNOWN[1300]`."""
    found = _UNKNOWN.fullmatch(kind)
    return RECORD_TYPES.get(found[1] if found else kind, kind)


def recognise(head: bytes) -> bool:
    """Tell whether most of the first lines are records of the audit system."""
    found = [line for line in lines.head_lines(head) if not line.startswith(("----", "time->"))]
    return 2 * sum(_HEAD.match(line.encode()) is not None for line in found) > len(found)


def cut(data: bytes, last: bool) -> int:  # noqa: FBT001 - the signature of every format's cut
    """Give where the events end of which no more records are to be expected.

    Events that had a record among the last few lines may go on: a block ends before the first of them begins, at a
    place where no event does both end and begin.
    """
    end = len(data) if last else data.rfind(b"\n") + 1
    if last or not end:
        return end
    begin = data.rfind(b"\n", 0, max(0, end - _TAIL)) + 1
    return _border(data, begin, end) or (begin and _border(data, 0, end)) or (end if end > _LONGEST_EVENT else 0)


def _border(data: bytes, begin: int, end: int) -> int:
    """Give where the events begin, of those that begin at `begin` or after it, that may go on; 0 where all may."""
    places, spans = [begin], dict[bytes, tuple[int, int]]()
    for number, line in enumerate(io.BytesIO(data[begin:end]).readlines()):
        key = _key(line)
        if key:
            spans[key] = (spans[key][0] if key in spans else number, number)
        places.append(places[-1] + len(line))
    border = late = len(places) - 1
    for first, final in sorted(spans.values(), key=lambda span: span[1], reverse=True):
        if final < min(border, late - _LATE_LINES):
            break
        border = min(border, first)
    # An event that began before the tail may lie across its beginning.
    return places[border] if border > (_LATE_LINES if begin else 0) else 0


def _key(line: bytes) -> bytes:
    """Give what all records of an event have in common, b"" where a line is no record."""
    begin = line.find(b"msg=audit(")
    end = line.find(b"):", begin)
    if begin < 0 or end < 0:
        return b""
    return line[: line.find(b" ")] + line[begin:end] if line.startswith(b"node=") else line[begin:end]


class _Open:
    """The records of an event so far."""

    __slots__ = ("heads", "lines", "position")

    def __init__(self, position: int) -> None:
        self.position = position
        self.lines: list[bytes] = []
        self.heads: list[re.Match[bytes]] = []


def read(block: Block, gatherer: Gatherer) -> None:
    """Join the records of a block to events, and gather these in the order of their first records."""
    takers: dict[str, Gathering] = {}
    events = _events(block, gatherer)
    for each in events:
        raw = b"".join(each.lines)
        code, event = _event(each, raw)
        taker = takers.get(code)
        if taker is None:
            taker = takers[code] = gatherer.of(EventKind(DATASET, code=code))
        taker.take(event, raw, each.position)
    lines.tell_escapes(block, gatherer)
    gatherer.took(len(events), len(block.data))


def _events(block: Block, gatherer: Gatherer) -> list[_Open]:
    """Give the events of a block; a record that is there twice begins its event anew."""
    events: list[_Open] = []
    waiting: dict[tuple[bytes | None, ...], _Open] = {}
    position, number = place(block.source, block.offset), block.line
    for line in io.BytesIO(block.data).readlines():
        head = _HEAD.match(line)
        if head is not None:
            key = head.group(1, 3)
            found = waiting.get(key)
            if found is None or line == found.lines[0]:
                found = waiting[key] = _Open(position)
                events.append(found)
            found.lines.append(line)
            found.heads.append(head)
        elif line.strip() and not line.startswith(_BETWEEN):
            gatherer.fault(position, _("not a record of the audit system"), number)
        position += len(line)
        number += bool(number)
    return events


def _event(each: _Open, raw: bytes) -> tuple[str, dict[str, Any]]:
    if raw.isascii():
        text = raw.decode().replace("\x1d", " ").replace("\r\n", "\n")
        ends = [head.end() + 1 for head in each.heads]
        bodies = [line[end:] for line, end in zip(text.split("\n"), ends, strict=False)]
    else:
        bodies = [_text_behind(head, line) for head, line in zip(each.heads, each.lines, strict=True)]
    kinds = [_NAME_OF.get(head[2]) or name_of_type(head[2].decode()) for head in each.heads]
    code, event = event_of(list(zip(kinds, bodies, strict=True)))
    first = each.heads[0]
    event["time"], _colon, event["serial"] = first[3].decode().partition(":")
    if first[1]:
        event["node"] = first[1].decode("utf-8", "backslashreplace")
    return code, event


def _text_behind(head: re.Match[bytes], line: bytes) -> str:
    return line[head.end() + 1 :].rstrip(b"\r\n").decode("utf-8", "backslashreplace").replace("\x1d", " ")


def parse_record(message: str) -> tuple[EventKind, dict[str, Any]] | None:
    """Read a record that came as the message of a syslog line: an event of its own; None where it is none.

    These are read: what audisp-syslog forwards (`type=SYSCALL msg=audit(…): …`), the kernel's own (`audit: type=1300
    audit(…): …`), and what journald makes of them (`SYSCALL arch=…`), which has neither time nor serial.
    """
    front = _IN_FRONT.match(message)
    message = message[front.end() :] if front else message
    found = _RECORD.match(message)
    if found is not None:
        kind, text = found["type"] or OTHER_TYPE, message[found.end() :]
    else:
        named = _NAMED.match(message)
        if named is None or named[1] not in _NAMES:
            return None
        kind, text = named[1], message[named.end() :]
    code, event = event_of([(name_of_type(kind), text.replace("\x1d", " "))])
    if found is not None:
        event |= {name: found[name] for name in ("time", "serial", "node") if found[name]}
    return EventKind(DATASET, code=code), event


OTHER_TYPE = "KERNEL"
"""Type of a record of the kernel that names none."""

# Never divided: an event may lie across any border, and what belongs to it is only told by reading on from a known one.
FORMAT = Format("auditd", later("Linux audit log (auditd, ausearch)"), recognise, cut, read, Splits.NEVER)
