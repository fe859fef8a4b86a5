"""Error logs of MySQL and MariaDB.

`time thread [label] [code] [subsystem] message` since MySQL 8.0, without code and subsystem before; MariaDB the same
with another time. See the MySQL manual, "Error Log Output Format" (the names here are those of its JSON form), and
MariaDB's "Error Log". Lines without a time go on with the message before.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import entries, lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.database_json import ERROR
from sentinel.language import later

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
_ACCOUNT = re.compile(r"for user '(?P<user>[^']{0,128})'@'(?P<host>[^']{0,255})'")
_ABORTED = re.compile(
    r"connection \d+ to db: '(?P<db>[^']{0,128})' user: '(?P<user>[^']{0,128})' host: '(?P<host>[^']{0,255})'"
)
_KNOWN = ("InnoDB:", "mysqld", "mariadbd", "Server ")


def tell(text: str) -> Told | None:
    """Read an entry, of one line or several; None where it does not begin with a time."""
    found = _ENTRY.fullmatch(text)
    if found is None:
        return None
    event: dict[str, Any] = {name: value for name, value in found.groupdict().items() if value}
    message = event.setdefault("msg", "")
    said = _ACCOUNT.search(message, 0, 1000) or _ABORTED.search(message, 0, 1000)
    if said:
        event |= {name: value for name, value in said.groupdict().items() if value}
    return ERROR, event


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
    """Gather every entry of a block."""
    entries.read_entries(block, gatherer, _BEGINS, tell)


FORMAT = Format(
    "mysql_error", later("MySQL and MariaDB error log"), recognise, partial(entries.cut_before_last, _BEGINS), read,
    Splits.NEVER,
)  # fmt: skip
