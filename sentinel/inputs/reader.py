"""Opens anything: files and folders, plain or compressed, and standard input.

`find` tells what there is to read; `divide` tells a source's format and cuts it into pieces; `blocks` reads a piece. A
plain file of a format that can be divided becomes several pieces, so that processes can share it; everything else is
one piece, read from its beginning. Compression, encoding and format are told from bytes, never from a name.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sentinel.errors import InputError
from sentinel.formats.base import LONGEST_RECORD, Block, Fault, Format, Splits
from sentinel.formats.registry import HEAD_BYTES
from sentinel.inputs.plain import line_blocks, open_file, too_long, unit_blocks
from sentinel.inputs.recognition import identity_of, recognised
from sentinel.inputs.streams import (
    SIGNATURE_BYTES,
    STREAM_ERRORS,
    Parts,
    TrailingError,
    archive_kind,
    as_it_comes,
    decoded,
    is_plain,
)
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sentinel.inputs.streams import ByteStream

PIECE_BYTES = 8 << 20
READ_BYTES = 4 << 20
STANDARD_INPUT = "-"
_FIRST_STATED = 10**18
"""2001: gzip leaves the time out as 0, and others have written small numbers for it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file or stream: its number in this run, its path ("-" for standard input), and its size on disk in bytes.

    `modified` is when it was last written, in nanoseconds since 1970, UTC, 0 where that is not known. A member of an
    archive has the path `archive!name`, no size, and `within`, the number of the outermost archive. `formats` are tried
    before those that are built in.
    """

    number: int
    path: str
    size: int
    within: int = -1
    modified: int = 0
    formats: tuple[Format, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a source for one process to read: bytes `begin` to `end`; the whole of a stream where `end` is 0.

    `identity` is a hash of the source's first bytes, which stays the same when it is renamed, packed or grows. `head`
    is what its format needs of them in every block. An `archive` is listed before it is read: then its `members` are
    what is to be read of it, each with its place among all that it holds (see `sentinel.inputs.archives`).
    """

    source: Source
    format: Format
    identity: bytes
    begin: int = 0
    end: int = 0
    head: bytes = b""
    archive: bool = False
    members: tuple[tuple[int, Piece], ...] = ()


@dataclass(slots=True)
class At:
    """How far a stream has been read: bytes, lines (the number of the next), and what stands before every block."""

    offset: int = 0
    line: int = 1
    preamble: bytes = b""
    head: bytes = b""

    def pass_over(self, data: bytes, of: Format) -> None:
        """Go on behind what is not read now but has been before."""
        self.preamble = self.preamble or data[: of.preamble]
        self.head = of.head(self.head, data) if of.head else self.head
        self.line += data.count(b"\n")
        self.offset += len(data)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read at a time, and how long a record may be, in bytes."""

    piece: int = PIECE_BYTES
    read: int = READ_BYTES
    record: int = LONGEST_RECORD


_LIMITS = Limits()


def find(paths: Iterable[str], formats: tuple[Format, ...] = ()) -> list[Source]:
    """Give every file under the paths, each once, folders walked in name order.

    Hidden files and folders, and links to folders, are passed over. What stands in a folder and is no file, or cannot
    be opened, is given too: `divide` tells why it is not read. Raises InputError where a path does not exist.
    """
    found: dict[object, Source] = {}
    for path in paths:
        for file in [path] if path == STANDARD_INPUT else _files(path):
            identity, size, modified = (path, 0, 0) if path == STANDARD_INPUT else _known_of(file)
            found.setdefault(identity, Source(len(found), file, size, modified=modified, formats=formats))
    return list(found.values())


# Files come by the thousand, and a Path costs more than what is done with it: these use plain names.


def _files(path: str) -> Iterator[str]:
    try:
        is_folder = stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116
    except (FileNotFoundError, NotADirectoryError):
        hint = _("check the path; `-` reads standard input")
        raise InputError(_("no such file or folder"), place=path, hint=hint) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    if not is_folder:
        yield str(Path(path))
        return
    shut: list[str] = []
    for folder, folders, names in os.walk(str(Path(path)), onerror=lambda error: shut.append(error.filename)):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inside = os.path.join(folder, "").removeprefix(os.path.join(os.curdir, ""))  # noqa: PTH118
        yield from (inside + name for name in sorted(names) if not name.startswith("."))
    yield from shut


def _known_of(path: str) -> tuple[object, int, int]:
    """Give what tells a file from all others, however it was reached, its size, and when it was written."""
    try:
        of = os.stat(path)  # noqa: PTH116
    except OSError:
        return path, 0, 0
    return (of.st_dev, of.st_ino), of.st_size, of.st_mtime_ns


def divide(source: Source, limits: Limits = _LIMITS) -> list[Piece]:
    """Tell a source's format and cut it into pieces; an empty file has none, an archive one.

    Raises InputError where the source cannot be opened, or its format is not recognised.
    """
    try:
        if source.path == STANDARD_INPUT:
            return _divided(source, standard_input(), False, limits)  # noqa: FBT003 - it cannot be read again
        with open_file(source.path) as file:
            stream = _peekable(file)
            begin = stream.peek(SIGNATURE_BYTES)
            written = replace(source, modified=_written(begin, source.modified))
            return _divided(written, decoded(stream), is_plain(begin), limits)
    except STREAM_ERRORS as error:
        raise _unreadable(source.path, error) from None


def _written(begin: bytes, modified: int) -> int:
    """Give when a source was last written: before it was packed, where it is a gzip that tells (RFC 1952, MTIME)."""
    stated = int.from_bytes(begin[4:8], "little") * 10**9 if begin.startswith(b"\x1f\x8b") else 0
    return stated if _FIRST_STATED < stated < modified else modified


def _divided(source: Source, stream: ByteStream, plain: bool, limits: Limits) -> list[Piece]:  # noqa: FBT001
    head = stream.peek(HEAD_BYTES)
    if not head.strip():
        return []
    identity = identity_of(head)
    if kind := archive_kind(head):
        from sentinel.inputs.archive_formats import ARCHIVES

        return [Piece(source, ARCHIVES[kind], identity, archive=True)]
    found = recognised(stream, source)
    if not plain or found.splits is Splits.NEVER:
        return [Piece(source, found, identity)]
    leader = found.head(b"", head) if found.head else b""
    step = max(1, limits.piece // found.unit) * found.unit if found.unit else limits.piece
    begins = range(found.preamble, max(source.size, found.preamble + 1), step)
    ends = [max(begin, min(begin + step, source.size)) for begin in begins]
    return [Piece(source, found, identity, *span, head=leader) for span in zip(begins, ends, strict=True)]


def blocks(piece: Piece, faults: list[Fault], limits: Limits = _LIMITS) -> Iterator[Block]:
    """Read a piece; a stream that breaks off gives what came before, and a fault.

    Raises InputError where the source cannot be opened.
    """
    try:
        yield from _READERS[piece.format.splits if piece.end else Splits.NEVER](piece, faults, limits)
    except STREAM_ERRORS as error:
        raise _unreadable(piece.source.path, error) from None


def line_at(path: str, offset: int) -> bytes:
    """Read again the line that begins at an offset of a file; b"" where that cannot be done any more."""
    try:
        with open_file(path) as file:
            file.seek(offset)
            return file.readline(LONGEST_RECORD)
    except OSError:
        return b""


def _stream_blocks(piece: Piece, faults: list[Fault], limits: Limits) -> Iterator[Block]:
    with opened(piece.source.path) as stream:
        yield from blocks_of(piece, stream, faults, limits)


@contextmanager
def opened(path: str) -> Iterator[ByteStream]:
    """Open a source at its beginning, whatever it is packed in; raises what a stream raises."""
    if path == STANDARD_INPUT:
        yield standard_input()
        return
    with open_file(path) as file:
        yield decoded(_peekable(file))


def blocks_of(
    piece: Piece, stream: ByteStream, faults: list[Fault], limits: Limits = _LIMITS, at: At | None = None
) -> Iterator[Block]:
    """Cut a stream into blocks of whole records, each behind the preamble of the format.

    What is too long to be a record is left out up to the next line feed. `at` tells where the stream stands, and is
    kept up to date.
    """
    number, of = piece.source.number, piece.format
    at = at or At(head=piece.head)
    data, skipping = at.preamble, False
    for chunk in _chunks(stream, piece.source, faults, limits):
        data += chunk
        whole = 0
        if not skipping and len(data) > limits.record and _begins_too_long(data, of, limits):
            faults.append(too_long(piece.source, at.offset - len(at.preamble), at.line, limits))
            skipping = True
        if skipping:
            done = data.find(b"\n") + 1 or len(data)
            skipping = not data.endswith(b"\n", 0, done)
            at.line += data.count(b"\n", 0, done)
            at.offset, data = at.offset + done, data[done:]
        if not skipping:
            whole = of.cut(data, not chunk)
        if whole > len(at.preamble) or (at.preamble and not chunk):
            begin = at.offset - len(at.preamble)
            yield Block(number, begin, data[:whole], at.line, last=not chunk, head=at.head)
            at.head = of.head(at.head, data[:whole]) if of.head else at.head
            at.offset = begin + whole
            at.line += data.count(b"\n", 0, whole)
            at.preamble = at.preamble or data[: of.preamble]
            data = at.preamble + data[whole:]


def _begins_too_long(data: bytes, of: Format, limits: Limits) -> bool:
    """Tell whether what `data` begins with is longer than a record may be."""
    if of.splits is Splits.AT_LINES:
        return not 0 < data.find(b"\n") + 1 <= limits.record
    return not of.cut(data, False)  # noqa: FBT003 - the signature of every format's cut


def _chunks(stream: ByteStream, source: Source, faults: list[Fault], limits: Limits) -> Iterator[bytes]:
    """Give what a stream holds, and b"" at its end, also where it breaks off."""
    read = 0
    while True:
        try:
            chunk = stream.read(limits.read)
        except STREAM_ERRORS as error:
            whole = isinstance(error, TrailingError)
            reason = str(error) if whole else _("breaks off: {reason}").format(reason=error)
            faults.append(Fault(source.number, read, 0, reason))
            chunk = b""
        yield chunk
        if not chunk:
            return
        read += len(chunk)


_READERS = {Splits.AT_LINES: line_blocks, Splits.AT_UNITS: unit_blocks, Splits.NEVER: _stream_blocks}


def _peekable(file: IO[bytes]) -> ByteStream:
    """Give a file's bytes from its beginning, with a head that can be looked at before it is read."""
    file.seek(0)
    return Parts(as_it_comes(file))


_standard_inputs: list[tuple[object, ByteStream]] = []


def standard_input() -> ByteStream:
    """Open standard input once, unpacked: its head is looked at by `divide` and read by `blocks`."""
    if sys.stdin is None:
        raise OSError(_("standard input is closed"))
    for of, stream in _standard_inputs:
        if of is sys.stdin:
            return stream
    stream = decoded(Parts(as_it_comes(sys.stdin.buffer)))
    _standard_inputs.append((sys.stdin, stream))
    return stream


def _unreadable(path: str, error: Exception) -> InputError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InputError(_("cannot be read: {reason}").format(reason=reason), place=path)
