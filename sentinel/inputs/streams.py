"""Compressed and oddly encoded streams to plain bytes.

What a stream is packed in is told from its first bytes: gzip (RFC 1952, any number of members), Zstandard (RFC 8878,
any number of frames), bzip2 and xz (any number of streams), the older .lzma, UTF-16 with a byte order mark (which
PowerShell writes), or nothing. Layers are taken off one after another. Unpacking goes on in small steps, so that no
input decides how much memory is used, and a stream that breaks off first gives all that came before. What few files
need is imported when one is met.
"""

from __future__ import annotations

import codecs
import zlib
from functools import partial
from typing import TYPE_CHECKING, Protocol

import zstandard

from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

STREAM_ERRORS = (OSError, EOFError, zlib.error, zstandard.ZstdError)
"""What reading from a stream of `decoded` may raise."""

LONGEST_WINDOW = 1 << 27
"""Bytes: as `zstd --long=27` writes; what asks for more memory is refused, in every packing."""
_BESIDE_WINDOW = 1 << 20
"""What a decoder of xz takes besides its dictionary, or nearly so."""

_PACKED_READ = 1 << 18
_UNPACKED_STEP = 1 << 20
# Four bytes of Zstandard may say 128 KiB: so few at a time cannot say more than 32 MiB, and cost a tenth more time.
_ZSTD_STEP = 1 << 10
_MOST_LAYERS = 8
SIGNATURE_BYTES = 512
"""Of the longest mark that tells what a stream is packed in: the header of a tar archive."""


class PackingError(OSError):
    """Packed bytes that are damaged, cut off, or not to be unpacked here."""


class TrailingError(PackingError):
    """Bytes behind what is packed that are not packed in the same way: all before them is whole."""


class Readable(Protocol):
    """Bytes to read."""

    def read(self, size: int, /) -> bytes:
        """Take `size` bytes, fewer only at the end."""


class ByteStream(Readable, Protocol):
    """Bytes that can be looked at before they are read."""

    def peek(self, size: int, /) -> bytes:
        """Give the next `size` bytes without taking them, fewer only at the end."""


class Decompressor(Protocol):
    """What bz2 and lzma make to unpack a stream step by step."""

    @property
    def eof(self) -> bool:
        """Tell whether the end of the packed stream was reached."""

    @property
    def needs_input(self) -> bool:
        """Tell whether nothing more comes without more packed bytes."""

    @property
    def unused_data(self) -> bytes:
        """Give what stood behind the end of the packed stream."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Give at most so many unpacked bytes."""


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
    return _packing(head) is None and not archive_kind(head)


ARCHIVE_KINDS = frozenset({"zip", "tar", "7z"})


def archive_kind(head: bytes) -> str:
    """Tell by the first bytes of a stream which kind of archive it is: zip, tar or 7z; "" where it is none."""
    if head.startswith(_ZIP_SIGNATURES):
        return "zip"
    if head.startswith(b"7z\xbc\xaf\x27\x1c"):
        return "7z"
    return "tar" if _begins_tar(head) else ""


# A local file, an empty archive's end, and the mark of one that was to be split.
_ZIP_SIGNATURES = (b"PK\3\4", b"PK\5\6", b"PK\7\x08PK\3\4", b"PK00PK\3\4")


def _begins_tar(head: bytes) -> bool:
    """Tell whether this is a tar header: of POSIX or GNU by its mark, an older one by its checksum."""
    if len(head) < _TAR_HEADER or b"\0" not in head[:_TAR_HEADER] or head[0] == 0:
        return False
    checksum = head[148:156].strip(b" \0")
    return head[257:262] == b"ustar" or (
        checksum.isdigit()
        and not checksum.strip(b"01234567")
        and int(checksum, 8) == sum(head[:148]) + 8 * ord(" ") + sum(head[156:_TAR_HEADER])
    )


_TAR_HEADER = 512


def decoded(stream: ByteStream, metered: Callable[[Iterator[bytes]], Iterator[bytes]] = iter) -> ByteStream:
    """Give the plain bytes of a stream, whatever it is packed in, up to eight layers deep.

    What comes out of every layer goes through `metered`, which may raise one of STREAM_ERRORS.
    """
    for _layer in range(_MOST_LAYERS):
        unpack = _packing(stream.peek(SIGNATURE_BYTES))
        if unpack is None:
            break
        stream = Parts(metered(unpack(stream)))
    return stream


def _packing(head: bytes) -> Callable[[ByteStream], Iterator[bytes]] | None:
    return next((unpack for signature, unpack in _PACKINGS if head.startswith(signature)), None)


def _gunzip(stream: ByteStream) -> Iterator[bytes]:
    """Unpack member after member; zeros behind the last are padding (RFC 1952 leaves it open, tapes add it)."""
    packed = stream.read(_PACKED_READ)
    while packed:
        behind = yield from _inflated(stream, zlib.decompressobj(16 + zlib.MAX_WBITS), packed)
        packed = _next_part(stream, behind, (b"\x1f\x8b",))


def inflate(stream: ByteStream) -> Iterator[bytes]:
    """Unpack what is deflated, without a header of any kind (RFC 1951)."""
    yield from _inflated(stream, zlib.decompressobj(-zlib.MAX_WBITS))


def _inflated(stream: Readable, member: zlib._Decompress, packed: bytes = b"") -> Generator[bytes, None, bytes]:
    """Unpack to the end of what is deflated; return what stands behind it."""
    part = b""
    while not member.eof:
        if not packed and len(part) < _UNPACKED_STEP:
            packed = _more(stream)
        before = member.copy()
        try:
            part = member.decompress(packed, _UNPACKED_STEP)
        except zlib.error:
            yield from _up_to_damage(before, packed)
            raise
        if part:
            yield part
        packed = member.unconsumed_tail
    return member.unused_data


def _up_to_damage(member: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
    """Unpack all that stands before damaged bytes: zlib itself gives nothing of a step in which it meets them."""
    step = len(packed)
    while step:
        before = member.copy()
        try:
            part = member.decompress(packed[:step], _UNPACKED_STEP)
        except zlib.error:
            member, step = before, step // 2
            continue
        if part:
            yield part
        packed = member.unconsumed_tail + packed[step:]


def _next_part(stream: Readable, behind: bytes, marks: tuple[bytes, ...]) -> bytes:
    """Give the packed bytes from where the next part begins, behind padding; raise TrailingError where none does."""
    packed = behind.lstrip(b"\0") or _behind_padding(stream)
    if len(packed) < _LONGEST_MARK:
        packed += stream.read(_PACKED_READ)
    if packed and not packed.startswith(marks):
        raise TrailingError(_("trailing bytes: what stands behind the packed log is left out"))
    return packed


_LONGEST_MARK = 6


def _behind_padding(stream: Readable) -> bytes:
    parts = (part.lstrip(b"\0") for part in as_it_comes(stream))
    return next((part for part in parts if part), b"")


def unzstd(stream: ByteStream) -> Iterator[bytes]:
    """Unpack frame after frame, in steps of few packed bytes: a frame's step cannot be bounded by what it gives."""
    unpacker = zstandard.ZstdDecompressor(max_window_size=LONGEST_WINDOW)
    packed = stream.read(_PACKED_READ)
    while packed:
        frame = unpacker.decompressobj()
        while not frame.eof:
            packed = packed or _more(stream)
            step, packed = packed[:_ZSTD_STEP], packed[_ZSTD_STEP:]
            part = frame.decompress(step)
            if part:
                yield part
        packed = _next_part(stream, frame.unused_data + packed, _ZSTD_MARKS)


def bunzip2(stream: ByteStream) -> Iterator[bytes]:
    """Unpack stream after stream of bzip2."""
    import bz2

    return _one_after_another(stream, bz2.BZ2Decompressor, b"BZh")


def unxz(stream: ByteStream, *, alone: bool = False) -> Iterator[bytes]:
    """Unpack stream after stream of xz, or of the older .lzma; a dictionary that is too large is refused."""
    import lzma

    form = lzma.FORMAT_ALONE if alone else lzma.FORMAT_XZ
    limit = LONGEST_WINDOW + _BESIDE_WINDOW
    try:
        mark = _LZMA_MARK if alone else _XZ_MARK
        yield from _one_after_another(stream, lambda: lzma.LZMADecompressor(form, memlimit=limit), mark)
    except lzma.LZMAError as error:
        raise PackingError(str(error)) from None


def _one_after_another(stream: ByteStream, make: Callable[[], Decompressor], mark: bytes) -> Iterator[bytes]:
    packed = stream.read(_PACKED_READ)
    while packed:
        yield from unpacked(stream, unpacker := make(), packed)
        packed = _next_part(stream, unpacker.unused_data, (mark,))


def unpacked(stream: ByteStream, unpacker: Decompressor, packed: bytes = b"") -> Iterator[bytes]:
    """Give what a decompressor unpacks of a stream, in steps, to its end."""
    while not unpacker.eof:
        if not packed and unpacker.needs_input:
            packed = _more(stream)
        part, packed = unpacker.decompress(packed, _UNPACKED_STEP), b""
        if part:
            yield part


def _more(stream: Readable) -> bytes:
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


# What a stream of bzip2 goes on with: a block, or its end where it is empty.
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
_XZ_MARK, _LZMA_MARK = b"\xfd7zXZ\0", b"\x5d\0\0"
# The last are of skippable frames: pzstd writes them.
_ZSTD_MARKS = (b"\x28\xb5\x2f\xfd", *(bytes([number]) + b"\x2a\x4d\x18" for number in range(0x50, 0x60)))
_PACKINGS: tuple[tuple[bytes, Callable[[ByteStream], Iterator[bytes]]], ...] = (
    (b"\x1f\x8b", _gunzip),
    *((b"BZh%d" % size + block, bunzip2) for size in range(1, 10) for block in _BZIP2_BLOCKS),
    (_XZ_MARK, unxz),
    (_LZMA_MARK, partial(unxz, alone=True)),
    *((mark, unzstd) for mark in _ZSTD_MARKS),
    (codecs.BOM_UTF16_LE, _from_utf16),
    (codecs.BOM_UTF16_BE, _from_utf16),
)
