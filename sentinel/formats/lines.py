"""What formats of one record a line share.

A parser takes a line, decoded and without its end, and gives the flat native event, or None where it is not of the
format: then the line is told as a fault, and the next is read.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.model.batch import place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentinel.formats.base import Block
    from sentinel.formats.gather import Gatherer
    from sentinel.model.batch import EventKind

    Parse = Callable[[str], dict[str, Any] | None]

LOOKED_AT = 32
"""Lines of a head that are looked at to tell a format."""


def cut(data: bytes, last: bool) -> int:  # noqa: FBT001 - the signature of every format's cut
    """Give where the last whole line ends."""
    return len(data) if last else data.rfind(b"\n") + 1


def text_of_line(line: bytes) -> str:
    """Decode a line: what is not UTF-8 becomes backslash escapes, so that nothing of it is lost."""
    return line.rstrip(b"\r\n").decode("utf-8", "backslashreplace")


def head_lines(head: bytes) -> list[str]:
    """Give the first whole lines of a head that hold anything, decoded, without a byte order mark."""
    lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", LOOKED_AT + 1)
    whole = lines[:-1] if len(lines) > 1 else lines
    return [text_of_line(line) for line in whole[:LOOKED_AT] if line.strip()]


def most_parse(head: bytes, parse: Parse) -> bool:
    """Tell whether a parser reads most of the first lines; logs are cut from the front, and lines get damaged."""
    lines = head_lines(head)
    read = sum(_parsed(parse, line) is not None for line in lines)
    return 2 * read > len(lines)


def _parsed(parse: Parse, line: str) -> dict[str, Any] | None:
    try:
        return parse(line)
    except (InputError, ValueError, KeyError, IndexError):
        return None


def numbered(block: Block) -> Iterator[tuple[bytes, int, int]]:
    """Give each line of a block with its place (`model.batch.place`), and its number, 0 where that is not known."""
    position = place(block.source, block.offset)
    number = block.line
    for line in io.BytesIO(block.data).readlines():
        yield line, position, number
        position += len(line)
        number += bool(number)


def read_lines(block: Block, gatherer: Gatherer, kind: EventKind, parse: Parse) -> None:
    """Gather every line of a block as an event of one kind; empty lines are passed over."""
    take = gatherer.of(kind).take
    events = 0
    for line, position, number in numbered(block):
        try:
            event = parse(line.rstrip(b"\r\n").decode())
        except UnicodeDecodeError:
            event = _parsed(parse, text_of_line(line))
        except (InputError, ValueError, KeyError, IndexError):
            event = None
        if event is not None:
            take(event, line, position)
            events += 1
        elif line.strip():
            gatherer.fault(position, _("a line that is not of this format"), number)
    gatherer.took(events, len(block.data))
