"""JSON arrays and objects one after another, over as many lines as they like.

Records are the outermost objects: an array's brackets and commas, and the lines `Record 1` of evtx_dump, are passed
over, so that arrays, pretty-printed objects in a row and `evtx_dump -o json` all read the same. So is an object that
only wraps a list of records, as cloud services deliver them: `{"Records": [`, `{"value": [`, `{"hits": {"hits": [`.
What else stands between objects is told.

Damage costs the record it is in. Where an object does not close, the objects within it that do not stand behind a
colon are taken for the records that followed it. A string ends at a line feed at the latest, which JSON forbids within
one; where a quote is missing and there are no lines, reading begins anew at the next object, a few times a block.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from sentinel.errors import InputError
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.json_decode import decode_anyhow
from sentinel.formats.schemas import is_event, schemas
from sentinel.language import _, later
from sentinel.model.batch import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.formats.gather import Gatherer

# What stands before the next brace outside a string, and that brace or the end. It matches wherever it is tried and
# is possessive, so that it never goes back.
_BRACE = re.compile(rb'[^"{}]*+(?:"(?:[^"\\\n]++|\\.)*+(?:["\n]|\\?\Z)[^"{}]*+)*+([{}]|\Z)', re.DOTALL)
_PARTED = re.compile(rb"[\n,\[]\s*+\Z")
_BETWEEN = re.compile(rb"(?:[\s,\[\]]++|Record \d++|\xef\xbb\xbf)*+")
# An object's names and plain values up to a list of records under a name that such lists have; flat objects among them.
_PLAIN = rb'(?:[^\[\]{}"]++|"(?:[^"\\\n]++|\\.)*+"|\{(?:[^\[\]{}"]++|"(?:[^"\\\n]++|\\.)*+")*+\})*?'
_WRAPPER = re.compile(
    rb"[\s\xef\xbb\xbf]*+\{" + _PLAIN + rb'(?:"hits"\s*+:\s*+\{' + _PLAIN + rb")?"
    rb'"(?:Records|records|value|items|events|entries|hits|data)"\s*+:\s*+\[\s*+(?=\{)'
)
_WRAPPED_END = re.compile(rb"[\s,]*+\]" + _PLAIN + rb"\}(?:\s*+\})?\s*+")
_WRAPPER_HEAD = 4096
"""Bytes at a source's beginning within which a wrapper's list begins."""
_WITHIN = re.compile(rb":\s*+\Z")
_RESCANS = 4
"""How often, on average, a byte of a block may be looked at again."""
_BACK = 64
"""Bytes that are looked at in front of an object."""
_DEEPEST = 500
"""Levels of objects. What is deeper is damage or malice; decoders give up at about 1,000."""
_DOUBTFUL = 4 << 20
"""Bytes. In an object this long that has not closed, others are taken for records already."""

_LOOKED_AT = 8
_WINDOWS_MARKS = (b'"EventID"', b'"EventId"', b'"event_id"', b'"EventData"', b'"UserData"', b'"winlog')


def unwrapped(data: bytes) -> int:
    """Give where the first record stands within an object that only wraps a list of records; 0 where none does."""
    found = _WRAPPER.match(data, 0, _WRAPPER_HEAD)
    if not found:
        return 0
    _begin, end, closes = next(_outermost(data, 0), (0, 0, False))
    if closes and _is_event(data[:end]):
        return 0
    inner = next(_outermost(data, found.end()), (0, 0, False))
    return found.end() if inner[2] and _is_event(data[inner[0] : inner[1]]) else 0


def spans(data: bytes, position: int = 0) -> Iterator[tuple[int, int]]:
    """Give begin and end of every record that closes, in order, from `position` on."""
    budget = (_RESCANS + 1) * len(data)
    while budget > 0:
        for begin, end, closes in _outermost(data, position):
            budget -= end - position
            if not closes:
                break
            yield begin, end
            position = end
        else:
            return
        inner = _inner(data, begin)
        yield from inner
        # Where it was too deep to go on, go on behind that; a record may begin just before.
        behind = inner[-1][1] if inner else begin + 1
        position = _next(data, max(behind, end - _BACK) if end < len(data) else behind)
        if position < 0:
            return


def _outermost(data: bytes, position: int) -> Iterator[tuple[int, int, bool]]:
    """Give begin and end of the outermost objects from `position` on; the last may not close."""
    depth, begin = 0, 0
    for match in _BRACE.finditer(data, position):
        if match[1] == b"{":
            if depth == 0:
                begin = match.end() - 1
            depth += 1
            if depth > _DEEPEST:
                break
        elif match[1] and depth:
            depth -= 1
            if depth == 0:
                yield begin, match.end(), True
    if depth:
        yield begin, match.end(), False


def _next(data: bytes, position: int) -> int:
    """Give where the next object begins that stands where a record may; -1 where there is none."""
    begin = data.find(b"{", position)
    while begin >= 0 and not _PARTED.search(data, max(0, begin - _BACK), begin):
        begin = data.find(b"{", begin + 1)
    return begin


def _inner(data: bytes, position: int) -> list[tuple[int, int]]:
    """Give the objects that close within unclosed ones from `position` on, and are not the value of a name."""
    open_objects: list[tuple[int, list[tuple[int, int]]]] = [(-1, [])]
    for match in _BRACE.finditer(data, position):
        if match[1] == b"{":
            if len(open_objects) > _DEEPEST:
                break
            open_objects.append((match.end() - 1, []))
        elif match[1] and len(open_objects) > 1:
            begin, _inside = open_objects.pop()
            if not _WITHIN.search(data, max(0, begin - _BACK), begin):
                open_objects[-1][1].append((begin, match.end()))
    return [span for _begin, inside in open_objects for span in inside]


def recognise(head: bytes) -> bool:
    """Tell whether one of the first objects is an event of a product we know; `head` may cut it short."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text.startswith((b"{", b"[", b"Record ")):
        return False
    if unwrapped(text) or any(_is_event(text[begin:end]) for begin, end in islice(spans(text), _LOOKED_AT)):
        return True
    _begin, _end, closes = next(_outermost(text, 0), (0, 0, True))
    return not closes and any(mark in text for mark in _marks())


def _marks() -> tuple[bytes, ...]:
    return (*_WINDOWS_MARKS, *(mark for schema in schemas() for mark in schema.marks))


def _is_event(text: bytes) -> bool:
    try:
        return is_event(decode_anyhow(text))
    except InputError:
        return False


def cut(data: bytes, last: bool) -> int:  # noqa: FBT001 - the signature of every format's cut
    """Give where the last record that closes ends, or the first object begins; 0 where nothing can be told."""
    if last:
        return len(data)
    end = 0
    for begin, found, closes in _outermost(data, unwrapped(data)):
        if not closes:
            if len(data) - begin < _DOUBTFUL:
                return begin
            inner = _inner(data, begin)
            return inner[-1][1] if inner else begin
        end = found
    return end or data.rfind(b"\n") + 1


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every record of a block; tell what does not close and what is not JSON."""
    begin_of_block = place(block.source, block.offset)
    first = unwrapped(block.data) if block.offset == 0 else 0
    found = list(spans(block.data, first))
    line, told = block.line, 0
    gatherer.add([block.data[begin:end] for begin, end in found], [begin_of_block + begin for begin, _end in found])
    for odd, end in _unread(block.data, found, first):
        opens = block.data.find(b"{", odd, end) >= 0
        message = _("a JSON object that does not close") if opens else _("neither a JSON object nor what parts them")
        line += block.data.count(b"\n", told, odd) if line else 0
        told = odd
        gatherer.fault(begin_of_block + odd, message, line)


def _unread(data: bytes, found: list[tuple[int, int]], previous: int) -> Iterator[tuple[int, int]]:
    """Give begin and end of what lies between records, from `previous` on, and is not what parts or wraps them."""
    for begin, end in [*found, (len(data), 0)]:
        between = _BETWEEN.match(data, previous, begin)
        if begin == len(data) and (wrapped := _WRAPPED_END.fullmatch(data, previous)):
            between = wrapped
        odd = between.end() if between else previous
        if odd < begin:
            yield odd, begin
        previous = end


FORMAT = Format("json", later("JSON array or objects in a row"), recognise, cut, read, Splits.NEVER)
