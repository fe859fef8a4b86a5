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
from sentinel.model.batch import EventKind

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
    rb"^(?:(?:" + TIME.encode() + rb")?\t{1,2} *\d{1,20} (?:" + _COMMANDS.encode() + rb")(?=[\t\r\n]|\Z)|"
    + HEADING.encode() + rb")", re.MULTILINE,
)  # fmt: skip
_ENTRY = re.compile(
    rf"(?P<Time>{TIME})?\t{{1,2}} *(?P<Id>\d{{1,20}}) (?P<Command>{_COMMANDS})(?:\t(?P<Argument>.*))?", re.DOTALL
)
_TIMES = re.compile(rb"^(" + TIME.encode() + rb")\t", re.MULTILINE)
_CONNECT = re.compile(
    r"(?P<user>[^@]{0,128})@(?P<host>\S{0,255})(?: as (?P<proxy>\S{0,128}))? on (?P<db>\S{0,128})"
    r"(?: using (?P<using>.*))?"
)
_DENIED = re.compile(r"Access denied for user '(?P<user>[^']{0,128})'@'(?P<host>[^']{0,255})'")
_STATEMENTS: Final = frozenset({"Query", "Prepare", "Execute", "Bulk_execute"})


def parse(text: str) -> dict[str, Any] | None:
    """Read an entry; None where it is none."""
    found = _ENTRY.fullmatch(text)
    if found is None:
        return None
    event: dict[str, Any] = {name: value for name, value in found.groupdict().items() if value}
    argument = event.get("Argument", "")
    if found["Command"] in _STATEMENTS:
        event["query"] = argument
    elif found["Command"] == "Init DB":
        event["db"] = argument
    elif found["Command"] in {"Connect", "Change user"}:
        said = _CONNECT.fullmatch(argument) or _DENIED.match(argument)
        event |= {name: value for name, value in said.groupdict().items() if value} if said else {}
    return event


def head(before: bytes, data: bytes) -> bytes:
    """Give the last time that an entry has."""
    place = entries.last_beginning(_TIMES, data)
    found = _TIMES.match(data, place)
    return found[1] if found else before


def recognise(data: bytes) -> bool:
    """Tell whether it begins with the heading or an entry, or has several entries and no slow query."""
    plain = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    begins = sum(1 for _begin, _number in zip(_BEGINS.finditer(plain), range(3), strict=False))
    return begins > (0 if _BEGINS.match(plain) else 2) and b"\n# User@Host: " not in plain


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every entry of a block; headings are passed over."""
    counted, take = entries.Counted(gatherer), gatherer.of(KIND).take
    time = text_of_line(block.head)
    for raw, position, number in entries.entries(_BEGINS, block):
        event = parse(text_of_line(raw))
        if event is not None:
            time = event.setdefault("Time", time)
            take(event, raw, position)
            counted.events += 1
        elif raw.strip() and not entries.is_heading(raw):
            counted.fault(position, number)
    gatherer.took(counted.events, len(block.data))


FORMAT = Format(
    "mysql_general", later("MySQL and MariaDB general query log"), recognise,
    partial(entries.cut_before_last, _BEGINS), read, Splits.NEVER, head=head,
)  # fmt: skip
