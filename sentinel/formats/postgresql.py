"""Logs of PostgreSQL: the plain one, CSV and JSON, all with the same names of fields.

In the plain log (`log_destination = stderr`) every message begins with the prefix that `log_line_prefix` gives it, then
its severity, a colon and two spaces; lines that go on with it begin with a tab; DETAIL, HINT, STATEMENT and the like
follow on lines of their own with the same prefix. What a prefix means is found by its parts (a time, `[pid]`,
`user=…`, `user@database`, …), and it is kept whole. See the manual, "Error Reporting and Logging".
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sentinel.formats import entries, lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.postgresql_message import add_computed
from sentinel.language import later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from sentinel.formats.entries import Told
    from sentinel.formats.gather import Gatherer

KIND: Final = EventKind("postgresql.log", provider="postgres")

_SEVERITIES: Final = frozenset(
    ("DEBUG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5", "INFO", "NOTICE", "WARNING", "ERROR", "LOG", "FATAL",
     "PANIC")
)  # fmt: skip
_MORE: Final = {
    "DETAIL": "detail",
    "HINT": "hint",
    "QUERY": "internal_query",
    "CONTEXT": "context",
    "STATEMENT": "statement",
    "LOCATION": "location",
    "BACKTRACE": "backtrace",
}
_BEGINS = re.compile(
    rb"^[^\t\n:][^\n:]*+(?::(?!  )[^\n:]*+)*"
    rb"(?<!DETAIL)(?<!HINT)(?<!QUERY)(?<!CONTEXT)(?<!STATEMENT)(?<!LOCATION)(?<!BACKTRACE):  ",
    re.MULTILINE,
)
_TAG = re.compile(r"[A-Z]{3,9}[1-5]?$")
_LONGEST_PREFIX: Final = 1000
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: (?:[A-Z]{2,5}|[+-]\d\d(?::?\d\d)?)\b)?|\b\d{10}\.\d{3}\b"
)
# A time with its zone at the beginning of a line, and nothing behind it that could belong to it.
_TIME_FIRST = re.compile(
    rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? (?:[A-Z]{2,5}|[+-]\d\d(?::?\d\d)?+)(?=[ :\[<(-])"
)
_CODE = re.compile(r"(?P<state_code>[0-9A-Z]{5}): (?P<message>.*)")
_KEYS: Final = {
    "user": "user",
    "usr": "user",
    "u": "user",
    "db": "dbname",
    "database": "dbname",
    "dbname": "dbname",
    "d": "dbname",
    "app": "application_name",
    "application": "application_name",
    "application_name": "application_name",
    "a": "application_name",
    "client": "remote_host",
    "host": "remote_host",
    "remote": "remote_host",
    "h": "remote_host",
    "pid": "pid",
    "session": "session_id",
    "sess": "session_id",
    "line": "line_num",
    "vxid": "vxid",
    "txid": "txid",
    "xid": "txid",
    "state": "state_code",
    "sqlstate": "state_code",
    "tag": "ps",
    "backend": "backend_type",
}
_ADDRESS = r"\d{1,3}(?:\.\d{1,3}){3}|(?:::|[0-9a-fA-F]{1,4}:)[0-9a-fA-F:.]{1,41}"
_PAIR = re.compile(r"(?<![\w-])([a-z_]{1,20})=([^,\]]*?)(?=,|\]|\s+[a-z_]{1,20}=|:?\s*$)")
_PARTS = (
    ("line_num", re.compile(r"\[(\d{1,10})-\d{1,10}\]")),
    ("pid", re.compile(r"\[(\d{1,10})\]")),
    ("session_id", re.compile(r"(?<![0-9a-f.])([0-9a-f]{7,8}\.[0-9a-f]{1,8})(?![0-9a-f.])")),
    ("user", re.compile(r"(?<![^\s:\[])([^\s:@=]{1,64})@[^\s:@=]{1,64}")),
    ("dbname", re.compile(r"(?<![^\s:\[])[^\s:@=]{1,64}@([^\s:@=]{1,64})")),
    ("remote_host", re.compile(rf"(?<![\w.])(\[local\]|{_ADDRESS})(?=\(\d{{1,5}}\)|[ :]|$)")),
)
_PORT = re.compile(r"(.*)\((\d{1,5})\)")


@lru_cache(maxsize=8192)
def _of_prefix(prefix: str) -> dict[str, str]:
    """Give what the parts of a prefix mean, but for its time."""
    found = {_KEYS[key]: value.strip() for key, value in _PAIR.findall(prefix) if key in _KEYS}
    plain = _PAIR.sub(" ", prefix)
    for key, part in _PARTS:
        match = part.search(plain) if key not in found else None
        if match:
            found[key] = match[1]
    if (port := _PORT.fullmatch(found.get("remote_host", ""))) is not None:
        found["remote_host"], found["remote_port"] = port[1], port[2]
    elif "remote_host" in found and (port := re.search(r"[\d\]a-f]\((\d{1,5})\)", plain)):
        found["remote_port"] = port[1]
    return {key: value for key, value in found.items() if value and value != "[unknown]"}


def split_line(line: str) -> tuple[str, str, str] | None:
    """Give prefix, tag (LOG, DETAIL, …) and text of a line; None where it is none."""
    head, colon, text = line.partition(":  ")
    tag = _TAG.search(head, max(0, len(head) - 10)) if colon and len(head) <= _LONGEST_PREFIX else None
    if tag is None:
        return None
    name = tag[0]
    if name not in _SEVERITIES and name not in _MORE:
        # Where nothing stands between the prefix and the tag (`…UTC-LOG`) the prefix may end in capitals.
        name = next((each for each in (*_SEVERITIES, *_MORE) if name.endswith(each)), "")
    return (head[: len(head) - len(name)], name, text) if name else None


class Head(NamedTuple):
    """What stands in front of a line's text: a prefix, with what its parts mean, and a tag (LOG, DETAIL, …)."""

    prefix: str
    tag: str
    time: str
    parts: dict[str, str]


@lru_cache(maxsize=8192)
def _behind_time(rest: bytes) -> Head | None:
    """Read what stands between a time and a line's text: in line after line it is the same."""
    found = split_line(f"{lines.text_of_line(rest)}:  ")
    return Head(found[0], found[1], "", _of_prefix(found[0])) if found else None


def head_of(line: str) -> tuple[Head, str] | None:
    """Give the head and the text of a line; None where it is none."""
    parts = split_line(line)
    return (_any_head(*parts[:2]), parts[2]) if parts else None


def _any_head(prefix: str, tag: str) -> Head:
    time = _TIME.search(prefix)
    if time is None:
        return Head(prefix, tag, "", _of_prefix(prefix))
    return Head(prefix, tag, time[0], _of_prefix(prefix[: time.start()] + prefix[time.end() :]))


def begin(head: Head, text: str) -> dict[str, Any]:
    """Begin an event with the first line of its entry."""
    event: dict[str, Any] = {"timestamp": head.time} if head.time else {}
    event |= head.parts
    event["prefix"] = head.prefix
    if head.tag in _SEVERITIES:
        event["error_severity"] = head.tag
    add(event, head.tag, text)
    return event


def add(event: dict[str, Any], tag: str, text: str) -> str:
    """Add the text of a tagged line; give the field that lines after it go on with."""
    field = _MORE.get(tag, "message")
    coded = _CODE.fullmatch(text) if text[5:7] == ": " and field == "message" else None
    if coded and "state_code" not in event:
        event["state_code"], text = coded["state_code"], coded["message"]
    event[field] = f"{event[field]}\n{text}" if field in event else text
    return field


def tell(message: str) -> Told | None:
    """Read a message as it stands in syslog, one line of it: `[5-1] …LOG:  …`."""
    text = re.sub(r"^\[\d{1,10}-\d{1,10}\] ", "", message)
    found = head_of(text)
    return (KIND, add_computed(begin(*found) if found else {"message": text})) if text else None


def parse(line: str) -> dict[str, Any] | None:
    """Read a line that begins an entry; None where it is not of this format."""
    found = head_of(line)
    if found is None or not (found[0].time or re.search(r"\[\d+\]", found[0].prefix)):
        return None
    return begin(*found)


def recognise(head: bytes) -> bool:
    """Tell whether most lines that do not go on with the one before are of this format."""
    plain = b"\n".join(line for line in head.split(b"\n") if not line.startswith(b"\t"))
    return lines.most_parse(plain, parse) if plain.strip() else False


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every entry of a block; a line of neither an entry nor its rest is told as a fault."""
    reading = _Reading(gatherer)
    for line, position, number in lines.numbered(block):
        if line.startswith(b"\t") and reading.head:
            reading.go_on(line)
        elif not reading.tagged(line, position) and lines.text_of_line(line).strip():
            reading.flush()
            reading.counted.fault(position, number)
    reading.flush()
    gatherer.took(reading.counted.events, len(block.data))


class _Reading:
    """The entry that is being read, and what takes it when it is whole."""

    __slots__ = ("_event", "_field", "_gathering", "_more", "_position", "_raws", "counted", "head")

    def __init__(self, gatherer: Gatherer) -> None:
        self.counted = entries.Counted(gatherer)
        self.head: Head | None = None
        self._event: dict[str, Any] = {}
        self._gathering = gatherer.of(KIND)
        self._raws: list[bytes] = []
        self._more: list[bytes] = []
        self._field = "message"
        self._position = 0

    def tagged(self, line: bytes, position: int) -> bool:
        """Take a line with a tag: of the entry that is being read, or the first of the next; False where it is none."""
        colon = line.find(b":  ")
        time = _TIME_FIRST.match(line, 0, colon) if 0 < colon <= _LONGEST_PREFIX else None
        if time is None:
            found = head_of(lines.text_of_line(line))
            head = found[0] if found else None
        else:
            head = _behind_time(line[time.end() : colon])
        if head is None:
            return False
        goes_on = head.tag in _MORE and self.head and _are_of_one_process(self.head, head)
        if not goes_on:
            self.flush()
            self.head, self._position = head, position
        self._raws.append(line)
        if self._gathering.fields is not None:
            text = lines.text_of_line(line[colon + 3 :])
            if goes_on:
                self._end_field()
                self._field = add(self._event, head.tag, text)
            else:
                self._begin(head, text, time[0].decode() if time else "")
        return True

    def _begin(self, head: Head, text: str, time: str) -> None:
        whole = Head(time + head.prefix, head.tag, time, head.parts) if time else head
        self._event, self._field = begin(whole, text), _MORE.get(head.tag, "message")

    def go_on(self, line: bytes) -> None:
        """Take a line that goes on with the one before."""
        self._more.append(line)
        self._raws.append(line)

    def _end_field(self) -> None:
        if self._more:
            more = [lines.text_of_line(line)[1:] for line in self._more]
            self._event[self._field] = "\n".join((self._event[self._field], *more))
            self._more = []

    def flush(self) -> None:
        """Hand over the entry that has been read, where anyone asks for it."""
        if self.head:
            self.counted.events += 1
            if self._event:
                self._end_field()
                self._gathering.take(add_computed(self._event), b"".join(self._raws), self._position)
            self.head, self._event, self._raws, self._more = None, {}, [], []


def _are_of_one_process(first: Head, then: Head) -> bool:
    """Tell whether a line's prefix names the process of an entry, or none."""
    pid = first.parts.get("pid")
    return pid is None or then.parts.get("pid", pid) == pid


FORMAT = Format(
    "postgresql", later("PostgreSQL log"), recognise, partial(entries.cut_before_last, _BEGINS), read, Splits.NEVER
)  # fmt: skip
