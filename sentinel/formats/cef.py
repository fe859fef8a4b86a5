"""CEF and LEEF: how security appliances write an event into one line.

CEF: ArcSight, "Implementing ArcSight Common Event Format", version 26. LEEF: IBM, "Log Event Extended Format", versions
1.0 and 2.0. Both stand in a syslog message, or alone on a line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.language import later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from sentinel.formats.gather import Gatherer

CEF: Final = EventKind("cef.event")
LEEF: Final = EventKind("leef.event")
_PART: Final = r"\|((?:[^|\\]++|\\.)*+)"
_CEF: Final = re.compile(rf"CEF: ?(\d{{1,3}}(?:\.\d{{1,3}})?){_PART * 6}(?:\|(.*))?", re.DOTALL)
_CEF_NAMES: Final = (
    "version",
    "deviceVendor",
    "deviceProduct",
    "deviceVersion",
    "deviceEventClassId",
    "name",
    "severity",
)
# A key stands at the beginning or behind a space; an equals sign within a value has a backslash before it.
_KEY: Final = re.compile(r"(?:^| )([A-Za-z0-9_.:\-\[\]]{1,128}+)=")
_ESCAPE: Final = re.compile(r"\\([\\=|nrt])")
_CHARACTERS: Final = {"n": "\n", "r": "\r", "t": "\t"}
_LEEF: Final = re.compile(r"LEEF: ?([12](?:\.\d{1,3})?)\|([^|]*+)\|([^|]*+)\|([^|]*+)\|([^|]*+)\|(.*)", re.DOTALL)
_LEEF_NAMES: Final = ("version", "vendor", "product", "productVersion", "eventId")
_DELIMITER: Final = re.compile(r"(?:0?[xX]([0-9A-Fa-f]{1,4})|([^|]?))\|", re.DOTALL)
_TIMES: Final = ("rt", "end", "start", "deviceReceiptTime", "devTime")
_MARK: Final = re.compile(r"(?<![A-Za-z0-9])(?:CEF|LEEF): ?\d")


def find(text: str) -> int:
    """Give where a CEF or LEEF record begins in a message, -1 where none does."""
    if "CEF:" not in text and "LEEF:" not in text:
        return -1
    found = _MARK.search(text)
    return found.start() if found else -1


def event_of(text: str) -> tuple[EventKind, dict[str, Any]] | None:
    """Read a record that begins a text; None where none does.

    The parts of the header have the names that the standards give them; beside them stand the extension's keys as they
    are written. `time` is the first of the event's own times.
    """
    if text.startswith("LEEF:"):
        event = _leef(text)
        return None if event is None else (LEEF, event)
    event = _cef(text)
    return None if event is None else (CEF, event)


def _cef(text: str) -> dict[str, Any] | None:
    found = _CEF.match(text)
    if found is None:
        return None
    *head, extension = found.groups()
    event: dict[str, Any] = {name: _unescaped(part) for name, part in zip(_CEF_NAMES, head, strict=True) if part}
    if extension:
        first, *parts = _KEY.split(extension.strip(" "))
        if first.strip():
            event["rest"] = first
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            _add(event, key, _unescaped(value.rstrip(" ")))
    return _timed(event)


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda found: _CHARACTERS.get(found[1], found[1]), value)


def _leef(text: str) -> dict[str, Any] | None:
    found = _LEEF.match(text)
    if found is None:
        return None
    *head, attributes = found.groups()
    event: dict[str, Any] = {name: part for name, part in zip(_LEEF_NAMES, head, strict=True) if part}
    separator = "\t"
    delimiter = _DELIMITER.match(attributes) if head[0].startswith("2") else None
    if delimiter is not None:
        attributes = attributes[delimiter.end() :]
        separator = chr(int(delimiter[1], 16)) if delimiter[1] else delimiter[2] or "\t"
    for part in attributes.split(separator):
        key, equals, value = part.partition("=")
        if equals:
            _add(event, key.strip(), value)
        elif part.strip():
            _add(event, "rest", part)
    return _timed(event)


def _add(event: dict[str, Any], key: str, value: str) -> None:
    before = event.get(key)
    event[key] = value if before is None else [*(before if isinstance(before, list) else [before]), value]


def _timed(event: dict[str, Any]) -> dict[str, Any]:
    for name in _TIMES:
        time = event.get(name)
        if time:
            event["time"] = time if isinstance(time, str) else time[0]
            break
    return event


def parse(line: str) -> dict[str, Any] | None:
    """Read a line that is one record and nothing else; None where it is not."""
    found = event_of(line)
    return found[1] if found else None


def recognise(head: bytes) -> bool:
    """Tell whether most of the first lines are records."""
    return (b"CEF:" in head or b"LEEF:" in head) and lines.most_parse(head, parse)


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    lines.read_told(block, gatherer, event_of)


FORMAT = Format("cef", later("CEF or LEEF records, one a line"), recognise, lines.cut, read, Splits.AT_LINES)
