"""General query logs of MySQL and MariaDB.

A heading names the columns: Time, Id, Command and Argument. MariaDB, and MySQL before 5.7, leave the time out where it
is that of the entry before; it is taken from there. A statement may go over several lines: what does not begin as an
entry does goes on with the one before. See the MySQL manual, "The General Query Log".
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import entries
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.lines import text_of_line
from sentinel.formats.mysql_error import TIME
from sentinel.language import later
from sentinel.model.batch import EventKind, place

if TYPE_CHECKING:
    from sentinel.formats.gather import Gatherer

KIND: Final = EventKind("mysql.general", provider="mysqld")

_COMMANDS: Final = (
    "Sleep|Quit|Init DB|Query|Field List|Create DB|Drop DB|Refresh|Shutdown|Statistics|Processlist|Connect Out|Connect"
    "|Kill|Debug|Ping|Time|Delayed insert|Change user|Binlog Dump GTID|Binlog Dump|Table Dump|Register Slave"
    "|Register Replica|Prepare|Execute|Long Data|Close stmt|Reset stmt|Set option|Fetch|Daemon|Reset Connection|clone"
    "|Bulk_execute|Slave_worker|Slave_IO|Slave_SQL|Error|Subscribe Group Replication Stream|Reset connection"
)
# What stands at the top, and again after every start of the server.
HEADING: Final = r"[^\s,]{1,4096}, Version: [^\n]{1,400} started with:"
_BEGINS = re.compile(
    rb"^(?:(" + TIME.encode() + rb")?\t{1,2} *(\d{1,20}) (" + _COMMANDS.encode() + rb")(?=[\t\r\n]|\Z)|"
    + HEADING.encode() + rb")", re.MULTILINE,
)  # fmt: skip
_TIMES = re.compile(rb"^(" + TIME.encode() + rb")\t", re.MULTILINE)
_CONNECT = re.compile(
    r"(?P<user>[^@]{0,128})@(?P<host>\S{0,255})(?: as (?P<proxy>\S{0,128}))? on (?P<db>\S{0,128})"
    r"(?: using (?P<using>.*))?"
)
_DENIED = re.compile(r"Access denied for user '(?P<user>[^']{0,128})'@'(?P<host>[^']{0,255})'")
_STATEMENTS: Final = frozenset({"Query", "Prepare", "Execute", "Bulk_execute"})


def _event(time: str, number: str, command: str, argument: str) -> dict[str, Any]:
    event: dict[str, Any] = {"Time": time, "Id": number, "Command": command}
    if argument:
        event["Argument"] = argument
    if command in _STATEMENTS:
        event["query"] = argument
    elif command == "Init DB":
        event["db"] = argument
    elif command in {"Connect", "Change user"}:
        said = _CONNECT.fullmatch(argument) or _DENIED.match(argument)
        event |= {name: value for name, value in said.groupdict().items() if value} if said else {}
    return event


def head(before: bytes, data: bytes) -> bytes:
    """Give the last time that an entry has."""
    found = _TIMES.match(data, entries.last_beginning(_TIMES, data))
    return found[1] if found else before


def recognise(data: bytes) -> bool:
    """Tell whether it begins with the heading or an entry, or has several entries and no slow query."""
    plain = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    begins = sum(1 for _begin, _number in zip(_BEGINS.finditer(plain), range(3), strict=False))
    return begins > (0 if _BEGINS.match(plain) else 2) and b"\n# User@Host: " not in plain


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every entry of a block; headings are passed over."""
    reading = _Reading(block, gatherer)
    begun = list(_BEGINS.finditer(block.data))
    ends = [*(each.start() for each in begun), len(block.data)]
    reading.no_entry(0, ends[0])
    for found, end in zip(begun, ends[1:], strict=True):
        reading.take(found, end)
    gatherer.took(reading.counted.events, len(block.data))


class _Reading:
    """The entries of a block, each with the time that holds for it."""

    __slots__ = ("_data", "_gathering", "_line", "_place", "_seen", "_time", "counted")

    def __init__(self, block: Block, gatherer: Gatherer) -> None:
        self.counted = entries.Counted(gatherer)
        self._gathering = gatherer.of(KIND)
        self._data = block.data
        self._place = place(block.source, block.offset)
        self._time = text_of_line(block.head)
        self._line, self._seen = block.line, 0

    def take(self, found: re.Match[bytes], end: int) -> None:
        """Take an entry from where it begins to where the next does."""
        time, number, command = found.groups()
        begin, behind = found.span()
        mark = self._data[behind : behind + 1]
        if command is None or (mark != b"\t" and self._data[behind:end].strip(b"\r\n")):
            self.no_entry(begin, end)
            return
        if time:
            self._time = time.decode()
        if self._gathering.fields is not None:
            # The tab in front of the argument goes with it.
            argument = text_of_line(self._data[behind + 1 : end]) if mark == b"\t" else ""
            event = _event(self._time, number.decode(), command.decode(), argument)
            self._gathering.take(event, self._data[begin:end], self._place + begin)
        self.counted.events += 1

    def no_entry(self, begin: int, end: int) -> None:
        """Pass over a heading; tell of anything else."""
        raw = self._data[begin:end]
        if raw.strip() and not entries.is_heading(raw):
            if self._line:
                self._line += self._data.count(b"\n", self._seen, begin)
                self._seen = begin
            self.counted.fault(self._place + begin, self._line)


FORMAT = Format(
    "mysql_general", later("MySQL and MariaDB general query log"), recognise,
    partial(entries.cut_before_last, _BEGINS), read, Splits.NEVER, head=head,
)  # fmt: skip
