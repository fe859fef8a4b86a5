"""Opens anything: files and folders, plain or compressed, and standard input.

`find` tells what there is to read; `divide` tells a source's format and cuts it into pieces; `blocks` reads a piece. A
plain file of a format that can be divided becomes several pieces, so that processes can share it; everything else is
one piece, read from its beginning. Compression, encoding and format are told from bytes, never from a name.
"""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from sentinel.errors import InputError
from sentinel.formats.base import LONGEST_RECORD, Block, Fault, Format, Splits
from sentinel.formats.registry import FORMATS, HEAD_BYTES, recognise
from sentinel.inputs.streams import STREAM_ERRORS, decoded, is_plain
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PIECE_BYTES = 8 << 20
READ_BYTES = 4 << 20
STANDARD_INPUT = "-"
_IDENTITY_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Source:
    """A file or stream: its number in this run, its path ("-" for standard input), and its size on disk in bytes."""

    number: int
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a source for one process to read: bytes `begin` to `end`; the whole of a stream where `end` is 0.

    `identity` is a hash of the source's first bytes, which stays the same when it is renamed, packed or grows.
    """

    source: Source
    format: Format
    identity: bytes
    begin: int = 0
    end: int = 0


def find(paths: Iterable[str]) -> list[Source]:
    """Give every file under the paths, folders walked in name order; hidden files and folders are passed over.

    Raises InputError where a path does not exist.
    """
    found: list[Source] = []
    for path in paths:
        if path == STANDARD_INPUT:
            found.append(Source(len(found), path, 0))
            continue
        for file in _files(Path(path)):
            found.append(Source(len(found), str(file), file.stat().st_size))
    return found


def _files(path: Path) -> Iterator[Path]:
    if not path.exists():
        raise InputError(
            _("no such file or folder"), place=str(path), hint=_("check the path; `-` reads standard input")
        )
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and Path(folder, name).is_file():
                yield Path(folder, name)


def divide(source: Source) -> list[Piece]:
    """Tell a source's format and cut it into pieces; an empty file has none.

    Raises InputError where the source cannot be opened, or its format is not recognised.
    """
    if source.path == STANDARD_INPUT:
        head = _standard_input().peek(HEAD_BYTES)
        return [Piece(source, _recognised(head, source), _identity(head))] if head.strip() else []
    try:
        with Path(source.path).open("rb") as file:
            plain = is_plain(file)
            head = _head(decoded(file))
    except STREAM_ERRORS as error:
        raise _unreadable(source, error) from None
    if not head.strip():
        return []
    found, identity = _recognised(head, source), _identity(head)
    if not plain or found.splits is Splits.NEVER:
        return [Piece(source, found, identity)]
    step = PIECE_BYTES // found.unit * found.unit if found.unit else PIECE_BYTES
    begins = range(found.preamble, max(source.size, found.preamble + 1), step)
    return [Piece(source, found, identity, begin, min(begin + step, source.size)) for begin in begins]


def blocks(piece: Piece, faults: list[Fault]) -> Iterator[Block]:
    """Read a piece; a stream that breaks off gives what came before, and a fault.

    Raises InputError where the source cannot be opened.
    """
    try:
        yield from _READERS[piece.format.splits if piece.end else Splits.NEVER](piece, faults)
    except STREAM_ERRORS as error:
        raise _unreadable(piece.source, error) from None


def _line_blocks(piece: Piece, faults: list[Fault]) -> Iterator[Block]:
    """Read the lines that begin within a piece; the last may end behind it."""
    with Path(piece.source.path).open("rb") as file:
        begin = _first_line(file, piece)
        if begin is None:
            return
        data = file.read(piece.end - begin)
        if data and not data.endswith(b"\n"):
            data += file.readline(LONGEST_RECORD)
            if not data.endswith(b"\n") and file.peek(1):
                kept = data.rfind(b"\n") + 1
                faults.append(_too_long(piece.source, begin + kept, 0))
                data = data[:kept]
    if data:
        yield Block(piece.source.number, begin, data, line=1 if begin == 0 else 0)


def _first_line(file: IO[bytes], piece: Piece) -> int | None:
    """Give where the first line that begins within a piece does; None where none does."""
    if piece.begin == 0:
        return 0
    file.seek(piece.begin - 1)
    while file.tell() < piece.end:
        skipped = file.readline(min(LONGEST_RECORD, piece.end - file.tell()))
        if skipped.endswith(b"\n"):
            return file.tell()
        if not skipped:
            return None
    return None


def _unit_blocks(piece: Piece, _faults: list[Fault]) -> Iterator[Block]:
    """Read the units of a piece, with the preamble in front."""
    with Path(piece.source.path).open("rb") as file:
        preamble = file.read(piece.format.preamble)
        file.seek(piece.begin)
        data = preamble + file.read(piece.end - piece.begin)
    yield Block(piece.source.number, piece.begin - len(preamble), data)


def _stream_blocks(piece: Piece, faults: list[Fault]) -> Iterator[Block]:
    """Read a source from its beginning, whatever it is packed in."""
    if piece.source.path == STANDARD_INPUT:
        yield from _whole_records(piece, cast("IO[bytes]", _standard_input()), faults)
        return
    with Path(piece.source.path).open("rb") as file:
        yield from _whole_records(piece, decoded(file), faults)


def _whole_records(piece: Piece, stream: IO[bytes], faults: list[Fault]) -> Iterator[Block]:
    """Cut a stream into blocks of whole records, each behind the preamble of the format."""
    number, of = piece.source.number, piece.format
    data, offset, line, preamble, skipping = b"", 0, 1, b"", False
    for chunk in _chunks(stream, piece.source, faults):
        data += chunk
        if skipping:
            # The record that was too long goes on to the next line feed.
            skipped = data.find(b"\n") + 1
            skipping = not skipped
            skipped = skipped or len(data)
        else:
            skipped = 0
        whole = 0 if skipped else of.cut(data, not chunk)
        if whole:
            yield Block(number, offset, data[:whole], line, last=not chunk)
            preamble = preamble or data[: of.preamble]
        elif not skipped and len(data) > LONGEST_RECORD:
            faults.append(_too_long(piece.source, offset, line))
            skipping, skipped = True, len(data)
        done = whole or skipped
        if done:
            line += data.count(b"\n", 0, done)
            offset += done - len(preamble)
            data = preamble + data[done:]


def _chunks(stream: IO[bytes], source: Source, faults: list[Fault]) -> Iterator[bytes]:
    """Give what a stream holds, and b"" at its end, also where it breaks off."""
    read = 0
    while True:
        try:
            chunk = stream.read(READ_BYTES)
        except STREAM_ERRORS as error:
            faults.append(Fault(source.number, read, 0, _("breaks off: {reason}").format(reason=error)))
            chunk = b""
        yield chunk
        if not chunk:
            return
        read += len(chunk)


_READERS = {Splits.AT_LINES: _line_blocks, Splits.AT_UNITS: _unit_blocks, Splits.NEVER: _stream_blocks}


def _head(stream: IO[bytes]) -> bytes:
    """Read the first bytes of a stream, as many as can be had of a broken one."""
    head = b""
    while len(head) < HEAD_BYTES:
        try:
            chunk = stream.read(HEAD_BYTES - len(head))
        except STREAM_ERRORS:
            if not head:
                raise
            break
        if not chunk:
            break
        head += chunk
    return head


def _standard_input() -> io.BufferedReader:
    return _opened_input[0] if _opened_input else _open_standard_input()


_opened_input: list[io.BufferedReader] = []


def _open_standard_input() -> io.BufferedReader:
    """Open standard input once, unpacked, with a head that can be looked at before it is read."""
    raw = cast("io.BufferedReader", sys.stdin.buffer)
    plain = decoded(raw)
    _opened_input.append(io.BufferedReader(cast("io.RawIOBase", plain), HEAD_BYTES))
    return _opened_input[0]


def _recognised(head: bytes, source: Source) -> Format:
    found = recognise(head)
    if found is None:
        raise InputError(
            _("not recognised as any log format"),
            place=source.path,
            hint=_("these are read: {formats}").format(formats="; ".join(each.title for each in FORMATS)),
        )
    return found


def _identity(head: bytes) -> bytes:
    return blake2b(head[:_IDENTITY_BYTES], digest_size=16).digest()


def _too_long(source: Source, offset: int, line: int) -> Fault:
    limit = LONGEST_RECORD >> 20
    return Fault(source.number, offset, line, _("a record of more than {limit} MiB was left out").format(limit=limit))


def _unreadable(source: Source, error: Exception) -> InputError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InputError(_("cannot be read: {reason}").format(reason=reason), place=source.path)
