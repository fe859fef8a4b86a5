"""JSON arrays and objects one after another, over as many lines as they like.

Records are the outermost objects: an array's brackets and commas, and whatever else stands between objects, are
passed over, so that arrays, pretty-printed objects in a row and `evtx_dump -o json` all read the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sentinel.errors import InputError
from sentinel.formats.base import LONGEST_RECORD, Block, Format, Splits
from sentinel.formats.json_decode import decode_anyhow
from sentinel.formats.windows import flatten
from sentinel.language import _
from sentinel.model.batch import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.formats.gather import Gatherer

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[{}]', re.DOTALL)
_RESTART = re.compile(rb"[\n,\[]\s*+\{")


def spans(data: bytes) -> Iterator[tuple[int, int]]:
    """Give begin and end of every outermost object that closes; where one does not, try again at the next."""
    position = 0
    while True:
        begin = -1
        for begin, end in _closed(data, position):
            if end < 0:
                break
            yield begin, end
            position = end
        else:
            return
        restart = _RESTART.search(data, begin + 1)
        if restart is None or not _closes(data, restart.end() - 1):
            return
        position = restart.end() - 1


def _closed(data: bytes, position: int) -> Iterator[tuple[int, int]]:
    """Give the outermost objects from `position` on; the end of one that does not close is -1."""
    depth, begin = 0, 0
    for token in _TOKEN.finditer(data, position):
        if token[0] == b"{":
            if depth == 0:
                begin = token.start()
            depth += 1
        elif token[0] == b"}" and depth:
            depth -= 1
            if depth == 0:
                yield begin, token.end()
    if depth:
        yield begin, -1


def _closes(data: bytes, begin: int) -> bool:
    return next(_closed(data, begin), (0, -1))[1] >= 0


def recognise(head: bytes) -> bool:
    """Tell whether the first object, which may be cut short by the end of `head`, looks like a Windows event."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text.startswith((b"{", b"[", b"Record ")):
        return False
    first = next(_closed(text, 0), None)
    if first is None:
        return False
    begin, end = first
    if end < 0:
        return any(mark in text for mark in (b'"Event"', b'"System"', b'"EventID"', b'"winlog"'))
    try:
        return flatten(decode_anyhow(text[begin:end])) is not None
    except InputError:
        return False


def cut(data: bytes, last: bool) -> int:  # noqa: FBT001 - the signature of every format's cut
    """Give where the last object that closes ends; at the limit of a record, everything."""
    if last or len(data) > LONGEST_RECORD:
        return len(data)
    end = 0
    for _begin, closing in _closed(data, 0):
        end = max(end, closing)
    return end


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every object of a block; tell what does not close."""
    begin_of_block = place(block.source, block.offset)
    found = list(spans(block.data))
    gatherer.add([block.data[begin:end] for begin, end in found], [begin_of_block + begin for begin, _end in found])
    previous = 0
    for begin, end in [*found, (len(block.data), 0)]:
        between = block.data.find(b"{", previous, begin)
        if between >= 0:
            gatherer.fault(
                begin_of_block + between,
                _("a JSON object that does not close"),
                block.line and block.line + block.data.count(b"\n", 0, between),
            )
        previous = end


FORMAT = Format("json", "JSON array or objects in a row", recognise, cut, read, Splits.NEVER)
