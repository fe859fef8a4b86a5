"""Slow query logs of MySQL and MariaDB.

An entry is a few lines that begin with `#` (when, who, how long, how many rows) and the statements, `use` and `SET
timestamp` among them. The time is left out where it is that of the entry before; it is taken from there. See the MySQL
manual, "The Slow Query Log", and MariaDB's "Slow Query Log Extended Statistics".
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import entries
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.lines import text_of_line
from sentinel.formats.mysql_general import HEADING
from sentinel.language import later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from sentinel.formats.gather import Gatherer

KIND: Final = EventKind("mysql.slow", provider="mysqld")

_BEGINS = re.compile(rb"^(?:# Time: [^\n]{1,60}\n# User@Host: |# User@Host: |" + HEADING.encode() + rb")", re.MULTILINE)
_TIMES = re.compile(rb"^# Time: ([^\r\n]{1,60})", re.MULTILINE)
_USER = re.compile(
    r"# User@Host: (?P<user>[^\[]{0,128})\[(?P<effective>[^\]]{0,128})\] @ (?P<host>\S{0,255}) \[(?P<ip>[^\]]{0,64})\]"
    r"(?: +Id: +(?P<Id>\d+))?"
)
_PAIR = re.compile(r"(?<!\S)([A-Z][A-Za-z_]{1,40}): +([^\s:]\S*)")
_USE = re.compile(r"use `?(?P<db>[^;`]{1,128})`?;")
_TIMESTAMP = re.compile(r"SET timestamp=(?P<timestamp>\d+(?:\.\d+)?)[;,]", re.IGNORECASE)
_ADMINISTRATOR: Final = "# administrator command: "


def parse(text: str) -> dict[str, Any] | None:
    """Read an entry; None where it is none."""
    event: dict[str, Any] = {}
    statement: list[str] = []
    for line in text.split("\n"):
        if statement or not _add_line(event, line):
            statement.append(line)
    if "User@Host" not in event:
        return None
    query = "\n".join(statement).strip()
    if query:
        event["query"] = query
    return event


def _add_line(event: dict[str, Any], line: str) -> bool:
    """Add what a line in front of the statement says; False where it is of the statement."""
    if line.startswith(_ADMINISTRATOR):
        event["administrator_command"] = line.removeprefix(_ADMINISTRATOR).rstrip("; ")
    elif line.startswith("# explain: "):
        event["explain"] = "\n".join(filter(None, (event.get("explain"), line.removeprefix("# explain: "))))
    elif line.startswith("# User@Host: "):
        _add_user(event, line)
    elif line.startswith("# Time: "):
        event["Time"] = line.removeprefix("# Time: ").strip()
    elif line.startswith("# "):
        event |= dict(_PAIR.findall(line))
    elif (said := _USE.fullmatch(line) or _TIMESTAMP.fullmatch(line)) is not None:
        event |= said.groupdict()
    else:
        return False
    return True


def _add_user(event: dict[str, Any], line: str) -> None:
    event["User@Host"] = line.removeprefix("# User@Host: ").strip()
    said = _USER.match(line)
    if said:
        event |= {name: value for name, value in said.groupdict().items() if value}


def head(before: bytes, data: bytes) -> bytes:
    """Give the last time that an entry has."""
    place = entries.last_beginning(_TIMES, data)
    found = _TIMES.match(data, place)
    return found[1].strip() if found else before


def recognise(data: bytes) -> bool:
    """Tell whether it has the lines that only a slow query log has."""
    return bool(re.search(rb"^# User@Host: [^\n]* @ ", data, re.MULTILINE)) and b"\n# Query_time: " in data


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every entry of a block; headings are passed over."""
    counted, take = entries.Counted(gatherer), gatherer.of(KIND).take
    time = text_of_line(block.head)
    for raw, position, number in entries.entries(_BEGINS, block):
        event = parse(text_of_line(raw).replace("\r\n", "\n"))
        if event is not None:
            time = event.setdefault("Time", time)
            take(event, raw, position)
            counted.events += 1
        elif raw.strip() and not entries.is_heading(raw):
            counted.fault(position, number)
    gatherer.took(counted.events, len(block.data))


FORMAT = Format(
    "mysql_slow", later("MySQL and MariaDB slow query log"), recognise, partial(entries.cut_before_last, _BEGINS), read,
    Splits.NEVER, head=head,
)  # fmt: skip
