"""Syslog as it goes over TCP and TLS: each message with its length in front (RFC 6587 section 3.4.1).

A receiver that writes what it gets to a file leaves `123 <34>1 2026-…`, with or without line feeds between the frames.
A length that is wrong is found by what follows the frame; then reading goes on at the next thing that looks like one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.lines import gather_told, text_of_line
from sentinel.formats.syslog import event_of, tell
from sentinel.language import _, later
from sentinel.model.batch import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.formats.gather import Gatherer

_LONGEST: Final = 1 << 20
_HEAD: Final = re.compile(rb"[\r\n]{0,2}([1-9]\d{0,6}) (?=<\d{1,3}>)")
_NEXT: Final = re.compile(rb"(?<!\d)[1-9]\d{0,6} <\d{1,3}>")
_ENDS: Final = re.compile(rb"[\r\n]{0,2}(?:$|[1-9]\d{0,6} <)")


def _frames(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Give where each frame begins, where its message does, and where it ends.

    What is no frame is given as one whose message begins at -1; the last, where it is cut off, as one that ends at -1.
    """
    at, size = 0, len(data)
    while at < size:
        head = _HEAD.match(data, at)
        if head is None:
            if not data[at:].strip():
                yield at, size, size
                return
            found = _NEXT.search(data, at)
        else:
            end = head.end() + int(head[1])
            if end > size and end - at < _LONGEST:
                yield at, head.end(), -1
                return
            if end <= size and _ENDS.match(data, end):
                yield at, head.end(), end
                at = end
                continue
            found = _NEXT.search(data, head.end())
        after = found.start() if found else size
        yield at, -1, after
        at = after


def cut(data: bytes, last: bool) -> int:  # noqa: FBT001 - the signature of every format's cut
    """Give where the last whole frame ends."""
    whole = 0
    for _begin, message, end in _frames(data):
        # What is no frame may be the beginning of one, as long as nothing follows it.
        if end < 0 or (message < 0 and end == len(data)):
            break
        whole = end
    return len(data) if last else whole


def recognise(head: bytes) -> bool:
    """Tell whether most of what stands here are frames, and the first holds a message."""
    if _NEXT.search(head) is None:
        return False
    whole = [(message, end) for _begin, message, end in _frames(head) if end >= 0]
    messages = [head[message:end] for message, end in whole if message >= 0 and head[message:end].strip()]
    return 2 * len(messages) > len(whole) and event_of(messages[0].decode("utf-8", "backslashreplace")) is not None


def _records(block: Block, gatherer: Gatherer) -> Iterator[tuple[bytes, str, int, int]]:
    for begin, message, end in _frames(block.data):
        position = place(block.source, block.offset + begin)
        if message < 0 or end < 0:
            gatherer.fault(position, _("a frame whose length is wrong, or that is cut off"))
        else:
            record = block.data[message:end]
            yield record, text_of_line(record), position, 0


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather the message of every frame of a block."""
    gather_told(block, gatherer, tell, _records(block, gatherer))


FORMAT = Format(
    "syslog_frames", later("syslog over TCP (RFC 6587, octet counting)"), recognise, cut, read, Splits.NEVER
)
