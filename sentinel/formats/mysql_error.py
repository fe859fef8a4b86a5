"""Error logs of MySQL and MariaDB.

`time thread [label] [code] [subsystem] message` since MySQL 8.0, without code and subsystem before; MariaDB the same
with another time. See the MySQL manual, "Error Log Output Format" (the names here are those of its JSON form), and
MariaDB's "Error Log". Lines without a time go on with the message before.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import compress, pairwise
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import entries, lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.database_json import ERROR
from sentinel.language import later
from sentinel.model.batch import place

if TYPE_CHECKING:
    from sentinel.formats.entries import Told
    from sentinel.formats.gather import Gatherer

TIME: Final = (
    r"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)?"
    r"|(?:\d{4}-\d\d-\d\d|\d{6}) [ \d]\d:\d\d:\d\d)"
)
_BEGINS = re.compile(rb"^" + TIME.encode() + rb" ", re.MULTILINE)
_ENTRY = re.compile(
    rf"(?P<time>{TIME})(?: +(?P<thread>\d{{1,20}}|0x[0-9a-f]{{1,16}})(?= \[))?"
    r"(?: +(?P<program>mysqld_safe|mariadbd-safe))?"
    r"(?: +\[(?P<label>Note|Warning|ERROR|Error|System|INFO)\]"
    r"(?: \[(?P<err_code>[A-Z]{1,4}-\d{1,8})\](?: \[(?P<subsystem>[A-Za-z_-]{1,32})\])?)?)? *(?P<msg>.*)",
    re.DOTALL,
)
_NAMES: Final = tuple(_ENTRY.groupindex)
_ACCOUNT = re.compile(r"for user '(?P<user>[^']{0,128})'@'(?P<host>[^']{0,255})'")
_ABORTED = re.compile(
    r"connection \d+ to db: '(?P<db>[^']{0,128})' user: '(?P<user>[^']{0,128})' host: '(?P<host>[^']{0,255})'"
)
_KNOWN = ("InnoDB:", "mysqld", "mariadbd", "Server ")


def tell(text: str) -> Told | None:
    """Read an entry, of one line or several; None where it does not begin with a time."""
    found = _ENTRY.fullmatch(text)
    return (ERROR, _event(found)) if found else None


def _event(found: re.Match[str]) -> dict[str, Any]:
    values = found.groups()
    event: dict[str, Any] = dict(compress(zip(_NAMES, values, strict=True), values))
    message = event.setdefault("msg", "")
    said = (_ACCOUNT.search(message, 0, 1000) if "for user '" in message else None) or (
        _ABORTED.search(message, 0, 1000) if "connection " in message else None
    )
    if said:
        event |= {name: value for name, value in said.groupdict().items() if value}
    return event


def parse(line: str) -> dict[str, Any] | None:
    """Read a line that only these servers write: with a label, or by one of their programs."""
    _kind, event = tell(line) or (ERROR, {})
    ours = "label" in event or "program" in event or event.get("msg", "").startswith(_KNOWN)
    return event if ours else None


def recognise(head: bytes) -> bool:
    """Tell whether most of the first lines that begin with a time are of this format."""
    begun = b"\n".join(line for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n") if _BEGINS.match(line))
    return bool(begun) and lines.most_parse(begun, parse)


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every entry of a block; what begins with a time and a space is one, whatever follows."""
    counted, gathering = entries.Counted(gatherer), gatherer.of(ERROR)
    begun = [found.start() for found in _BEGINS.finditer(block.data)]
    first = block.data[: begun[0]] if begun else block.data
    if _ENTRY.fullmatch(lines.text_of_line(first)):  # a time and no space
        begun.insert(0, 0)
    elif first.strip():
        counted.fault(place(block.source, block.offset), block.line)
    counted.events = len(begun)
    if gathering.fields is not None:
        for begin, end in pairwise([*begun, len(block.data)]):
            raw = block.data[begin:end]
            if (found := _ENTRY.fullmatch(lines.text_of_line(raw))) is not None:
                gathering.take(_event(found), raw, place(block.source, block.offset + begin))
    gatherer.took(counted.events, len(block.data))


FORMAT = Format(
    "mysql_error", later("MySQL and MariaDB error log"), recognise, partial(entries.cut_before_last, _BEGINS), read,
    Splits.NEVER,
)  # fmt: skip
