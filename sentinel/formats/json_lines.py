"""NDJSON: one JSON object a line.

See https://github.com/ndjson/ndjson-spec; a carriage return before the line feed and empty lines are let pass.
"""

from __future__ import annotations

import io
from itertools import accumulate
from typing import TYPE_CHECKING

from sentinel.errors import InputError
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.json_decode import decode_anyhow
from sentinel.formats.schemas import is_event
from sentinel.language import later
from sentinel.model.batch import place

if TYPE_CHECKING:
    from sentinel.formats.gather import Gatherer


_LOOKED_AT = 32
"""Lines."""


def recognise(head: bytes) -> bool:
    """Tell whether any of the first lines is one whole JSON object that is an event of a product we know.

    The very first may be damaged, or not be whole: logs are cut from the front. An array is not this format, though
    its last line looks like it; nor is a log of another that has a few lines of JSON among the rest.
    """
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith((b"[", b"Record ")):
        return False
    lines = [line for line in text.split(b"\n", _LOOKED_AT)[:_LOOKED_AT] if line.strip()]
    objects = [line for line in lines if line.lstrip().startswith(b"{")]
    return 2 * len(objects) >= len(lines) and any(map(_is_event, objects))


def _is_event(line: bytes) -> bool:
    try:
        return is_event(decode_anyhow(line))
    except InputError:
        return False


def cut(data: bytes, last: bool) -> int:  # noqa: FBT001 - the signature of every format's cut
    """Give where the last whole line ends."""
    return len(data) if last else data.rfind(b"\n") + 1


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    # Three times as fast as bytes.split.
    lines = io.BytesIO(block.data).readlines()
    positions = accumulate(map(len, lines), initial=place(block.source, block.offset))
    gatherer.add(lines, positions, block=block)


FORMAT = Format("ndjson", later("NDJSON (one JSON object a line)"), recognise, cut, read, Splits.AT_LINES)
