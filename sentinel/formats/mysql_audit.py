"""Audit log of MariaDB's plugin `server_audit`.

`timestamp,serverhost,username,host,connectionid,queryid,operation,database,object,retcode`; the object, a statement,
stands in single quotes, with quotes and line feeds in it escaped. In syslog the timestamp is left out. See MariaDB
"Audit Plugin Log Format".
"""

from __future__ import annotations

import re
from itertools import compress
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.database_json import AUDIT
from sentinel.language import later

if TYPE_CHECKING:
    from sentinel.formats.entries import Told
    from sentinel.formats.gather import Gatherer

_LINE = re.compile(
    r"(?:(?P<timestamp>\d{8} [ \d]\d:\d\d:\d\d),)?(?P<serverhost>[^,]{0,255}),(?P<username>[^,]{0,255}),"
    r"(?P<host>[^,]{0,255}),(?P<connectionid>\d{1,20}),(?P<queryid>\d{1,20}),(?P<operation>[A-Z][A-Z_]{1,32}),"
    r"(?P<database>[^,]{0,255}),(?P<object>'(?:[^'\\]++|\\.|'(?!,\d{1,6}(?:,|$)))*'|[^,]*),(?P<retcode>\d{1,6})"
    r"(?:,(?P<rest>.*))?"
)
_NAMES: Final = tuple(_LINE.groupindex)
_STATEMENT: Final = frozenset({"QUERY", "QUERY_DDL", "QUERY_DML", "QUERY_DML_NO_SELECT", "QUERY_DCL"})
_ESCAPED = re.compile(r"\\(.)")
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b"}


def parse(line: str) -> dict[str, Any] | None:
    """Read a line of the file; None where it is none."""
    event = _event(line)
    return event if event and "timestamp" in event else None


def tell(message: str) -> Told | None:
    """Read a message as it stands in syslog, without a timestamp."""
    event = _event(message)
    return (AUDIT, event) if event else None


def _event(text: str) -> dict[str, Any] | None:
    found = _LINE.fullmatch(text)
    if found is None:
        return None
    values = found.groups()
    event: dict[str, Any] = dict(compress(zip(_NAMES, values, strict=True), values))
    if "username" in event:
        event["user"] = event["username"]
    if event["operation"] in _STATEMENT:
        quoted = event.get("object", "").removeprefix("'").removesuffix("'")
        event["query"] = _ESCAPED.sub(_unescaped, quoted) if "\\" in quoted else quoted
    return event


def _unescaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[1], found[1])


def recognise(head: bytes) -> bool:
    """Tell whether most of the first lines are of this format."""
    return lines.most_parse(head, parse)


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    lines.read_lines(block, gatherer, AUDIT, parse)


FORMAT = Format("mysql_audit", later("MariaDB audit log"), recognise, lines.cut, read, Splits.AT_LINES)
