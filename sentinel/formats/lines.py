"""What formats of one record a line share.

A parser takes a line, decoded and without its end, and gives the flat native event, or None where it is not of the
format: then the line is told as a fault, and the next is read. Where lines are of several kinds, `tell` gives the kind
and the event, or what makes it: most kinds are asked for by no rule, and then it is not made.
"""

from __future__ import annotations

import io
import re
from itertools import accumulate, count, repeat
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.language import _, n_
from sentinel.model.batch import place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from sentinel.formats.base import Block
    from sentinel.formats.gather import Gatherer, Gathering
    from sentinel.model.batch import EventKind

    Event: TypeAlias = dict[str, Any]
    Parse: TypeAlias = Callable[[str], Event | None]
    Told: TypeAlias = tuple[EventKind, Event]
    Later: TypeAlias = tuple[EventKind, Callable[[], Event]]
    Tell: TypeAlias = Callable[[str], Told | Later | None]

REFUSALS: Final = (InputError, ValueError, KeyError, IndexError)
"""What a parser may raise for a line that it does not take."""
_CR_LINE = re.compile(rb"[^\r]*+\r|[^\r]++")
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
    head = head.removeprefix(b"\xef\xbb\xbf")
    lines = head.split(b"\n" if b"\n" in head else b"\r", LOOKED_AT + 1)
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
    except REFUSALS:
        return None


def numbered(block: Block) -> Iterator[tuple[bytes, int, int]]:
    """Give each line of a block with its place (`model.batch.place`), and its number, 0 where that is not known."""
    raws = raw_lines(block)
    return zip(raws, _positions(block, raws), _numbers(block), strict=False)


def raw_lines(block: Block) -> list[bytes]:
    """Give the lines of a block with their ends; of a whole source without a line feed, those that end in CR."""
    data = block.data
    # A block ends with a line feed, or the source does with it.
    if not block.offset and b"\n" not in data and b"\r" in data:
        return _CR_LINE.findall(data)
    return io.BytesIO(data).readlines()


def decoded(block: Block) -> Iterator[tuple[bytes, str, int, int]]:
    """Give each line of a block as it is and as text without its end, with its place and number as `numbered` does."""
    raws = raw_lines(block)
    return zip(raws, _texts(block.data, raws), _positions(block, raws), _numbers(block), strict=False)


def _texts(data: bytes, raws: list[bytes]) -> list[str]:
    """Decode all lines at once, which is several times as fast as one by one."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return [text_of_line(raw) for raw in raws]
    texts = text.split("\n" if "\n" in text or len(raws) < 2 else "\r")  # noqa: PLR2004 - one line, whatever ends it
    return [each.rstrip("\r") for each in texts] if "\r" in text else texts


def _positions(block: Block, raws: list[bytes]) -> Iterator[int]:
    return accumulate(map(len, raws), initial=place(block.source, block.offset))


def _numbers(block: Block) -> Iterator[int]:
    return count(block.line) if block.line else repeat(0)


def tell_escapes(block: Block, gatherer: Gatherer) -> None:
    """Tell, once for a block, that lines of it are not UTF-8: they are read, with escapes for what is not."""
    if block.data.isascii():
        return
    try:
        block.data.decode()
    except UnicodeDecodeError:
        odd = [(at, number) for raw, at, number in numbered(block) if not _is_utf_8(raw)]
        at, number = odd[0]
        message = n_(
            "{count} line is not UTF-8: shown with \\x escapes",
            "{count} lines are not UTF-8: shown with \\x escapes",
            len(odd),
        )
        gatherer.fault(at, message.format(count=len(odd)), number)


def _is_utf_8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def now(told: Told | Later | None) -> Told | None:
    """Give the event itself where there is what makes it."""
    if told is None:
        return None
    kind, event = told
    return kind, event() if callable(event) else event


def read_lines(block: Block, gatherer: Gatherer, kind: EventKind, parse: Parse) -> None:
    """Gather every line of a block as an event of one kind; empty lines are passed over."""
    take = gatherer.of(kind).take
    events = 0
    for raw, text, position, number in decoded(block):
        try:
            event = parse(text)
        except REFUSALS:
            event = None
        if event is not None:
            take(event, raw, position)
            events += 1
        elif raw.strip():
            gatherer.fault(position, _("a line that is not of this format"), number)
    tell_escapes(block, gatherer)
    gatherer.took(events, len(block.data))


def read_told(block: Block, gatherer: Gatherer, tell: Tell) -> None:
    """Gather every line of a block, of whatever kind `tell` says; empty lines are passed over."""
    gather_told(block, gatherer, tell, decoded(block))
    tell_escapes(block, gatherer)


def gather_told(block: Block, gatherer: Gatherer, tell: Tell, records: Iterable[tuple[bytes, str, int, int]]) -> None:
    """Gather records of a block, each given as it is, as text, and with its place and the number of its line.

    What makes an event is only called where a rule asks for its kind.
    """
    # By identity, which is quicker than a kind's hash; the kinds are held here, so that none is mistaken.
    known: dict[int, tuple[EventKind, Gathering]] = {}
    events = 0
    for raw, text, position, number in records:
        try:
            told = tell(text)
            if told is not None:
                kind, event = told
                found = known.get(id(kind))
                if found is None:
                    found = known[id(kind)] = kind, gatherer.of(kind)
                if found[1].fields is not None:
                    found[1].take(event() if callable(event) else event, raw, position)
                events += 1
                continue
        except REFUSALS:
            pass
        if raw.strip():
            gatherer.fault(position, _("a line that is not of this format"), number)
    gatherer.took(events, len(block.data))
