"""Lines about events, packed to be kept beside verdicts."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import msgspec

from sentinel.hunt.stored import Line

if TYPE_CHECKING:
    from collections.abc import Mapping

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(dict[int, Line])


def packed(lines: Mapping[int, Line]) -> bytes:
    """Pack lines, by row."""
    return zlib.compress(_encoder.encode(lines), 1)


def unpacked(content: bytes) -> dict[int, Line]:
    """Give what was packed; nothing where it cannot be read, for it can be made again."""
    try:
        return _decoder.decode(zlib.decompress(content)) if content else {}
    except (zlib.error, msgspec.MsgspecError):
        return {}
