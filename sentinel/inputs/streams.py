"""Compressed and oddly encoded streams to plain bytes.

What a stream is packed in is told from its first bytes: gzip (RFC 1952), Zstandard (RFC 8878, any number of frames),
UTF-16 with a byte order mark (which PowerShell writes), or nothing.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from typing import IO, TYPE_CHECKING, cast

import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable

STREAM_ERRORS = (OSError, EOFError, zlib.error, zstandard.ZstdError)
"""What reading from a stream of `decoded` may raise."""

_LONGEST_WINDOW = 1 << 27
"""Bytes: as `zstd --long=27` writes; a frame that asks for more memory is refused."""


def is_plain(stream: io.BufferedReader) -> bool:
    """Tell whether a stream's bytes stand as they are, so that a part of it can be read without the rest."""
    head = stream.peek(4)
    return not any(head.startswith(signature) for signature, _unpack in _PACKINGS)


def decoded(stream: io.BufferedReader) -> IO[bytes]:
    """Give the plain bytes of a stream, whatever it is packed in."""
    head = stream.peek(4)
    for signature, unpack in _PACKINGS:
        if head.startswith(signature):
            return unpack(stream)
    return stream


def _gunzip(stream: io.BufferedReader) -> IO[bytes]:
    return decoded(io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=stream, mode="rb"))))


def _unzstd(stream: io.BufferedReader) -> IO[bytes]:
    unpacker = zstandard.ZstdDecompressor(max_window_size=_LONGEST_WINDOW)
    return decoded(io.BufferedReader(unpacker.stream_reader(stream, read_across_frames=True), 1 << 20))


class _Transcoded(io.RawIOBase):
    """UTF-16 read as UTF-8; what cannot be decoded becomes U+FFFD."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        while not self._waiting:
            chunk = self._stream.read(1 << 16)
            text = self._decoder.decode(chunk, final=not chunk)
            self._waiting = text.encode("utf-8", "replace")
            if not chunk and not self._waiting:
                return 0
        size = min(len(view), len(self._waiting))
        view[:size] = self._waiting[:size]
        self._waiting = self._waiting[size:]
        return size


def _from_utf16(stream: io.BufferedReader) -> IO[bytes]:
    return io.BufferedReader(_Transcoded(stream))


_PACKINGS: tuple[tuple[bytes, Callable[[io.BufferedReader], IO[bytes]]], ...] = (
    (b"\x1f\x8b", _gunzip),
    (b"\x28\xb5\x2f\xfd", _unzstd),
    (codecs.BOM_UTF16_LE, _from_utf16),
    (codecs.BOM_UTF16_BE, _from_utf16),
)
