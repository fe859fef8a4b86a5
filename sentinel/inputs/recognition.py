"""Tells a source's format: by its first bytes, or further on.

What foreign lines or one very long line stand before its own is still told, by windows further on: of formats alone
that are read line by line, for what others say at their beginning cannot be told from their middle.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.formats.base import Splits
from sentinel.formats.registry import HEAD_BYTES, recognise
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.formats.base import Format
    from sentinel.inputs.reader import Source
    from sentinel.inputs.streams import ByteStream

_FURTHEST: Final = 4 << 20
_IDENTITY_BYTES: Final = 1024


def recognised(stream: ByteStream, source: Source) -> Format:
    """Tell the format of a source whose stream stands at its beginning; raises InputError where that is none.

    Raises what the stream raises, too.
    """
    found = recognise(stream.peek(HEAD_BYTES), source.formats)
    if found:
        return found
    for window in _windows(stream):
        found = recognise(window, source.formats)
        if found and found.splits is Splits.AT_LINES and not found.head:
            return found
    hint = _("`sentinel formats` shows what is read")
    raise InputError(_("not recognised as any log format"), place=source.path, hint=hint)


def _windows(stream: ByteStream) -> Iterator[bytes]:
    """Give what begins with whole lines halfway, and again halfway from there, of ever more of a stream.

    Text only: what holds a zero byte may be a database or a program with lines of a log in it.
    """
    size = 0
    for most in (HEAD_BYTES, _FURTHEST):
        data = stream.peek(most)
        if len(data) == size or b"\0" in data:
            return
        size = len(data)
        for begin in (size // 2, size * 3 // 4, size - HEAD_BYTES // 2):
            line = data.find(b"\n", max(0, begin)) + 1
            if line:
                yield data[line : line + HEAD_BYTES]


def identity_of(head: bytes) -> bytes:
    """Give the hash of a source's first bytes."""
    return blake2b(head[:_IDENTITY_BYTES], digest_size=16).digest()
