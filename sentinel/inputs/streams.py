"""Compressed and oddly encoded streams to plain bytes.

What a stream is packed in is told from its first bytes: gzip (RFC 1952, any number of members), Zstandard (RFC 8878,
any number of frames), UTF-16 with a byte order mark (which PowerShell writes), or nothing. Layers are taken off one
after another. Unpacking goes on in small steps, so that no input decides how much memory is used, and a stream that
breaks off first gives all that came before.
"""

from __future__ import annotations

import codecs
import zlib
from typing import TYPE_CHECKING, Protocol

import zstandard

from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STREAM_ERRORS = (OSError, EOFError, zlib.error, zstandard.ZstdError)
"""What reading from a stream of `decoded` may raise."""

_LONGEST_WINDOW = 1 << 27
"""Bytes: as `zstd --long=27` writes; a frame that asks for more memory is refused."""

_PACKED_READ = 1 << 18
_UNPACKED_STEP = 1 << 20
# Four bytes of Zstandard may say 128 KiB: so few at a time cannot say more than 32 MiB, and cost a tenth more time.
_ZSTD_STEP = 1 << 10
_MOST_LAYERS = 8
SIGNATURE_BYTES = 4
"""Of the longest mark that tells what a stream is packed in."""


class Readable(Protocol):
    """Bytes to read."""

    def read(self, size: int, /) -> bytes:
        """Take `size` bytes, fewer only at the end."""


class ByteStream(Readable, Protocol):
    """Bytes that can be looked at before they are read."""

    def peek(self, size: int, /) -> bytes:
        """Give some of the next bytes without taking them; b"" only at the end."""


class Parts:
    """A stream of bytes that come in parts; what is raised on the way comes after all that was had before it."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        """Take the parts as they are asked for."""
        self._parts = parts
        self._held = bytearray()
        self._error: Exception | None = None
        self._ended = False

    def peek(self, size: int, /) -> bytes:
        """Give the next `size` bytes without taking them, fewer only at the end."""
        self._hold(size)
        if not self._held and self._error:
            raise self._error
        return bytes(memoryview(self._held)[:size])

    def read(self, size: int, /) -> bytes:
        """Take `size` bytes, fewer only at the end or where the stream breaks off: then the next read raises."""
        taken = self.peek(size)
        del self._held[: len(taken)]
        return taken

    def _hold(self, size: int) -> None:
        while len(self._held) < size and not self._ended:
            try:
                part = next(self._parts, None)
            except STREAM_ERRORS as error:
                self._error, part = error, None
            if part is None:
                self._ended = True
            else:
                self._held += part


def as_it_comes(stream: Readable) -> Iterator[bytes]:
    """Give the bytes of a stream in parts."""
    while part := stream.read(_PACKED_READ):
        yield part


def is_plain(head: bytes) -> bool:
    """Tell by its first bytes whether a stream stands as it is, so that a part of it can be read without the rest."""
    return _packing(head) is None


def decoded(stream: ByteStream) -> ByteStream:
    """Give the plain bytes of a stream, whatever it is packed in, up to eight layers deep."""
    for _layer in range(_MOST_LAYERS):
        unpack = _packing(stream.peek(SIGNATURE_BYTES))
        if unpack is None:
            break
        stream = Parts(unpack(stream))
    return stream


def _packing(head: bytes) -> Callable[[ByteStream], Iterator[bytes]] | None:
    return next((unpack for signature, unpack in _PACKINGS if head.startswith(signature)), None)


def _gunzip(stream: ByteStream) -> Iterator[bytes]:
    """Unpack member after member; zeros behind the last are padding (RFC 1952 leaves it open, tapes add it)."""
    packed = stream.read(_PACKED_READ)
    while packed:
        member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        while not member.eof:
            part = member.decompress(packed, _UNPACKED_STEP)
            if part:
                yield part
            packed = member.unconsumed_tail
            if not (packed or member.eof) and len(part) < _UNPACKED_STEP:
                packed = _more(stream)
        packed = member.unused_data.lstrip(b"\0") or _behind_padding(stream)


def _behind_padding(stream: Readable) -> bytes:
    parts = (part.lstrip(b"\0") for part in as_it_comes(stream))
    return next((part for part in parts if part), b"")


def _unzstd(stream: ByteStream) -> Iterator[bytes]:
    """Unpack frame after frame, in steps of few packed bytes: a frame's step cannot be bounded by what it gives."""
    unpacker = zstandard.ZstdDecompressor(max_window_size=_LONGEST_WINDOW)
    packed = stream.read(_PACKED_READ)
    while packed:
        frame = unpacker.decompressobj()
        while not frame.eof:
            packed = packed or _more(stream)
            step, packed = packed[:_ZSTD_STEP], packed[_ZSTD_STEP:]
            part = frame.decompress(step)
            if part:
                yield part
        packed = frame.unused_data + packed or stream.read(_PACKED_READ)


def _more(stream: ByteStream) -> bytes:
    packed = stream.read(_PACKED_READ)
    if not packed:
        raise EOFError(_("it ends in the middle of what is packed"))
    return packed


def _from_utf16(stream: ByteStream) -> Iterator[bytes]:
    """Write UTF-16 as UTF-8; what cannot be decoded becomes U+FFFD."""
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    while packed := stream.read(_PACKED_READ):
        yield decoder.decode(packed).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


_PACKINGS: tuple[tuple[bytes, Callable[[ByteStream], Iterator[bytes]]], ...] = (
    (b"\x1f\x8b", _gunzip),
    (b"\x28\xb5\x2f\xfd", _unzstd),
    *((bytes([number]) + b"\x2a\x4d\x18", _unzstd) for number in range(0x50, 0x60)),  # skippable frames: pzstd
    (codecs.BOM_UTF16_LE, _from_utf16),
    (codecs.BOM_UTF16_BE, _from_utf16),
)
