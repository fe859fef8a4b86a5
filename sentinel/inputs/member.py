"""What stands in an archive, and how much of it is unpacked.

Nothing is ever written to a path that an archive names: a member is a name to show and bytes to read.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from sentinel.inputs.streams import PackingError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.inputs.streams import ByteStream

FREE_BYTES: Final = 1 << 30
MOST_RATIO: Final = 1000
MOST_BYTES: Final = 256 << 30
"""An archive may unpack to the first of these; to more only as far as both others allow."""
FREE_BYTES_OF_MEMBER: Final = 64 << 20
"""Likewise for what is packed once more within a member, so that one bomb leaves the others their share."""
MOST_MEMBERS: Final = 100_000
MOST_NAMES: Final = 16 << 20
"""Bytes that an archive's table of contents may take: it is held in memory."""
_STEP: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its name there and its bytes, or why these cannot be had.

    The bytes are to be read before the next member is asked for. Where `name` is empty, the fault is the archive's own.
    `size` is how many bytes the archive says that these are, and `modified` when it says that they were last written,
    in nanoseconds since 1970, UTC, 0 where it does not.
    """

    name: str
    stream: ByteStream | None = None
    fault: str = ""
    size: int = 0
    modified: int = 0


_FIRST_TIME: Final = 315_619_200
"""Seconds, of 1980-01-02: archivers that leave times out write 0 or 1, or the first day that a zip can state."""


def written_at(seconds: float) -> int:
    """Give a time that an archive states, in seconds since 1970, as nanoseconds; 0 where it can be none."""
    return int(seconds) * 10**9 if _FIRST_TIME <= seconds < 1 << 33 else 0


class Allowance:
    """How many more bytes an archive, and all that is packed in it, may unpack to."""

    def __init__(self, packed: int) -> None:
        """Begin with what an archive of so many bytes may unpack to."""
        self.left = _allowed(packed, FREE_BYTES)

    def metered(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        """Give the parts on; raise PackingError where they are more than is left."""
        for part in parts:
            self.left -= len(part)
            if self.left < 0:
                raise too_much()
            yield part

    def metered_within(self, packed: int, parts: Iterator[bytes]) -> Iterator[bytes]:
        """Do so for what a member of so many bytes unpacks to, which has an allowance of its own besides."""
        left = _allowed(packed, FREE_BYTES_OF_MEMBER)
        for part in self.metered(parts):
            left -= len(part)
            if left < 0:
                raise too_much()
            yield part

    def allows(self, size: int, packed: int) -> bool:
        """Tell whether so many packed bytes may unpack to so many as are stated: a bomb that says so costs nothing."""
        return size <= min(self.left, _allowed(packed, FREE_BYTES_OF_MEMBER))


def _allowed(packed: int, free: int) -> int:
    return min(MOST_BYTES, max(free, MOST_RATIO * packed))


def too_much() -> PackingError:
    """Give the error for what unpacks to too much."""
    return PackingError(_too_much())


def bomb(name: str) -> Member:
    """Give a member that says of itself that it unpacks to too much."""
    return Member(name, fault=_too_much())


def _too_much() -> str:
    return _("it unpacks to too much to be a log; unpack it first, if it is one")


def slice_of(file: IO[bytes], begin: int, end: int) -> Iterator[bytes]:
    """Give the bytes of a file from `begin` to `end`, wherever it stood before."""
    while begin < end:
        file.seek(begin)
        part = file.read(min(_STEP, end - begin))
        if not part:
            raise EOFError(_("it ends in the middle of what is packed"))
        begin += len(part)
        yield part


def as_stated(parts: Iterator[bytes], size: int, checksum: int | None) -> Iterator[bytes]:
    """Give as many bytes as an archive states; raise PackingError where they are others, or more or fewer."""
    left, found = size, 0
    for part in parts:
        given = part[:left]
        left -= len(given)
        found = zlib.crc32(given, found)
        if given:
            yield given
        if len(given) < len(part):
            raise PackingError(_("it is longer than the archive says"))
    if left:
        raise PackingError(_("it is shorter than the archive says"))
    if checksum is not None and found != checksum:
        raise PackingError(_("its checksum is wrong: it is damaged"))


class Body:
    """The bytes of one member of a stream that holds several, and what they are padded with."""

    def __init__(self, stream: ByteStream, size: int, padding: int = 0) -> None:
        """Begin where the stream stands."""
        self._stream = stream
        self._left = size
        self._padding = padding

    def peek(self, size: int, /) -> bytes:
        """Give the next bytes without taking them."""
        return self._stream.peek(min(size, self._left))

    def read(self, size: int, /) -> bytes:
        """Take bytes; raise EOFError where the stream ends first."""
        taken = self._stream.read(min(size, self._left))
        if self._left and size and not taken:
            raise EOFError(_("it ends in the middle of what is packed"))
        self._left -= len(taken)
        return taken

    def pass_over(self) -> None:
        """Take what is left, for the next member to begin."""
        while self._left:
            self.read(_STEP)
        self._stream.read(self._padding)
        self._padding = 0


class Bounded(io.BufferedIOBase):
    """A file of which nothing large is read at once, as a table of contents that is a bomb would be."""

    def __init__(self, file: IO[bytes]) -> None:
        """Share a file and its position."""
        self._file = file

    def read(self, size: int | None = -1, /) -> bytes:
        """Read no more than a table may take; raise OSError where more is asked for."""
        if size is None or size > MOST_NAMES:
            raise OSError(_("it is too large"))
        return self._file.read(size if size >= 0 else MOST_NAMES)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to an offset."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Give the offset."""
        return self._file.tell()

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def readable(self) -> bool:
        """Say yes."""
        return True


def encrypted(name: str) -> Member:
    """Give a member that cannot be read without a password."""
    return Member(name, fault=_("encrypted; unpack it with its password first"))


def of_unknown_method(name: str) -> Member:
    """Give a member that is packed in a way that is not read."""
    return Member(name, fault=_("packed by a method that is not read; unpack it first"))
