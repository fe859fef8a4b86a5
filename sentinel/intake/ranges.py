"""Which bytes of a source are in the store already, and which are read now.

A range that the store covers is passed over where the source still holds the very same bytes there: they are read and
hashed, not parsed. So a file that merely begins like another, or was written over, is read; and one that was renamed,
packed or has grown is not read again.

A source's last record may not have been all of it when it was read. Where nothing tells that the range which it is in
ended with a whole record, and there are bytes behind it now, it is read again, and `again` says so: what it gives that
is in the store already is not to be stored twice.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats.base import Block, Splits
from sentinel.inputs import reader
from sentinel.inputs.plain import open_file
from sentinel.inputs.streams import STREAM_ERRORS
from sentinel.store.base import Covered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import IO

    from sentinel.formats.base import Fault
    from sentinel.inputs.reader import Piece
    from sentinel.inputs.streams import ByteStream

_RANGE_BYTES: Final = 8 << 20
"""A range is no longer, or hardly: it is held whole where a stream is compared with it."""
_LONGEST_RANGE: Final = 64 << 20
_STEP: Final = 1 << 20
_DIGEST_BYTES: Final = 16
EVERYWHERE: Final = (0, 1 << 63)


@dataclass(frozen=True, slots=True)
class Known:
    """So many bytes of a source are in the store already."""

    bytes: int


@dataclass(slots=True)
class Unread:
    """What there is to read of a source; `again` are the places of which the store may have some events already."""

    known: Sequence[Covered]
    again: list[tuple[int, int]] = field(default_factory=list)

    def of_piece(self, piece: Piece, faults: list[Fault]) -> Iterator[Block | Known]:
        """Give the blocks of a piece that the store has not, and tell of those that it has.

        Raises InputError where the source cannot be opened.
        """
        if not self.known:
            yield from reader.blocks(piece, faults)
        elif not piece.end:
            try:
                with reader.opened(piece.source.path) as stream:
                    yield from self.of_stream(piece, stream, faults)
            except STREAM_ERRORS:
                yield from reader.blocks(piece, faults)  # which tells what is wrong
        elif piece.format.splits is Splits.AT_LINES:
            yield from self._of_lines(piece, faults)
        else:
            yield from self._of_units(piece, faults)

    def of_stream(self, piece: Piece, stream: ByteStream, faults: list[Fault]) -> Iterator[Block | Known]:
        """Give the blocks of a stream that the store has not, from its beginning on."""
        at, left = reader.At(head=piece.head), list(self.known)
        while True:
            data = self._known_at(piece, at, stream, left)
            if data:
                at.pass_over(data, piece.format)
                yield Known(len(data))
                continue
            end = min((each.begin for each in left if each.begin > at.offset), default=None)
            limited = _Limited(stream, None if end is None else end - at.offset)
            yield from reader.blocks_of(piece, limited, faults, at=at)
            if limited.ended:
                return

    def _known_at(self, piece: Piece, at: reader.At, stream: ByteStream, left: list[Covered]) -> bytes:
        """Take from a stream the range that begins where it stands, if the store has it; b"" where it has none."""
        for each in [each for each in left if each.begin == at.offset]:
            left.remove(each)
            size = each.end - each.begin
            data = b""
            with suppress(*STREAM_ERRORS):  # which the one who reads on will meet again
                data = stream.peek(size + 1) if size <= _LONGEST_RANGE else b""
            if len(data) < size or _digest(data[:size]) != each.digest:
                continue
            goes_on = len(data) > size and not any(other.begin == each.end for other in left)
            if goes_on and not _is_whole(piece, at.preamble + data[:size], bool(at.preamble)):
                self._read_again(piece, each)
                continue
            return stream.read(size)
        return b""

    def _read_again(self, piece: Piece, each: Covered) -> None:
        # Where records are counted, their places are no bytes.
        self.again.append(EVERYWHERE if piece.format.preamble else (each.begin, each.end))

    def _of_lines(self, piece: Piece, faults: list[Fault]) -> Iterator[Block | Known]:
        """Give the lines of a plain file that begin within a piece and are not in a range of the store."""
        begin = piece.begin
        for each in self._found(piece):
            if each.begin > begin:
                yield from reader.blocks(replace(piece, begin=begin, end=each.begin), faults)
            own = max(each.begin, begin)
            if each.begin < begin == piece.begin:
                own = _next_line(piece)  # what stands before it is the end of a line of the piece before
            if min(each.end, piece.end) > own:
                yield Known(min(each.end, piece.end) - own)
            begin = max(begin, each.end)
        if begin < piece.end:
            yield from reader.blocks(replace(piece, begin=begin), faults)

    def _found(self, piece: Piece) -> list[Covered]:
        """Give the ranges that a piece of a plain file still holds."""
        touching = [each for each in self.known if each.begin < piece.end and each.end > piece.begin]
        try:
            with open_file(piece.source.path) as file:
                held = [each for each in touching if self._holds(file, piece, each)]
        except OSError:
            return []
        return sorted(held, key=lambda each: each.begin)

    def _holds(self, file: IO[bytes], piece: Piece, each: Covered) -> bool:
        file.seek(each.begin)
        digest, left, last = sha256(), each.end - each.begin, b""
        while left and (part := file.read(min(_STEP, left))):
            digest.update(part)
            left, last = left - len(part), part
        if left or _told(digest) != each.digest:
            return False
        if last.endswith(b"\n") or not file.read(1):
            return True
        self._read_again(piece, each)
        return False

    def _of_units(self, piece: Piece, faults: list[Fault]) -> Iterator[Block | Known]:
        """Give a piece of a file of units, all of it or nothing."""
        held = self._found(piece)
        if any(each.begin <= piece.begin and each.end >= piece.end for each in held):
            yield Known(piece.end - piece.begin)
            return
        self.again += [EVERYWHERE] * bool(held)
        yield from reader.blocks(piece, faults)


def _next_line(piece: Piece) -> int:
    """Give where the first line begins that is a piece's own."""
    try:
        with open_file(piece.source.path) as file:
            file.seek(piece.begin - 1)
            return piece.begin - 1 + len(file.readline(_LONGEST_RANGE))
    except OSError:
        return piece.begin


class _Limited:
    """A stream that ends after so many bytes; `ended` tells that the stream itself did, or broke off."""

    def __init__(self, stream: ByteStream, size: int | None) -> None:
        self._stream = stream
        self._left = size
        self.ended = False

    def peek(self, size: int, /) -> bytes:
        return self._stream.peek(size if self._left is None else min(size, self._left))

    def read(self, size: int, /) -> bytes:
        wanted = size if self._left is None else min(size, self._left)
        if not wanted:
            return b""
        try:
            data = self._stream.read(wanted)
        except STREAM_ERRORS:
            self.ended = True
            raise
        self.ended = not data
        if self._left is not None:
            self._left -= len(data)
        return data


def _digest(data: bytes) -> bytes:
    return _told(sha256(data))


def _told(digest: Any) -> bytes:  # noqa: ANN401 - hashlib names no type
    return bytes(digest.digest()[:_DIGEST_BYTES])


def _is_whole(piece: Piece, data: bytes, _has_preamble: bool) -> bool:  # noqa: FBT001
    """Tell whether bytes surely end with a whole record, whatever comes behind them."""
    return piece.format.cut(data, False) == len(data)  # noqa: FBT003 - the signature of every format's cut


class Reading:
    """The ranges of one source that are being read, until a commit takes them."""

    def __init__(self, piece: Piece) -> None:
        """Begin with nothing read."""
        self._piece = piece
        self._begin = self._end = 0
        self._digest: Any = None
        self._done: list[Covered] = []

    def read(self, block: Block) -> None:
        """Take a block that was read; what ends its source may not be whole, and is a range of its own."""
        of = self._piece.format
        begin = block.offset + of.preamble if block.offset else 0
        data = memoryview(block.data)[begin - block.offset :]
        whole = len(data)
        if block.last or (of.splits is Splits.AT_LINES and not block.data.endswith(b"\n")):
            whole = of.cut(block.data, False) - (begin - block.offset)  # noqa: FBT003 - as above
        self._add(begin, data[: max(0, whole)])
        if whole < len(data):
            self._close()
            self._add(begin + max(0, whole), data[max(0, whole) :])
            self._close()

    def _add(self, begin: int, data: memoryview) -> None:
        if not data:
            return
        if self._digest is None or begin != self._end:
            self._close()
            self._digest, self._begin, self._end = sha256(), begin, begin
        self._digest.update(data)
        self._end += len(data)
        if self._end - self._begin >= _RANGE_BYTES:
            self._close()

    def _close(self) -> None:
        if self._digest is not None:
            self._done.append(Covered(self._piece.identity, self._begin, self._end, _told(self._digest)))
            self._digest = None

    @property
    def identity(self) -> bytes:
        """The source's."""
        return self._piece.identity

    def waiting(self) -> Sequence[Covered]:
        """Give what was read, to its end, since it was last taken."""
        self._close()
        return self._done

    def take(self) -> Iterable[Covered]:
        """Give what was read since it was last asked."""
        self._close()
        done, self._done = self._done, []
        return done
