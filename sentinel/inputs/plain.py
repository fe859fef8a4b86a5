"""Plain files: a piece is read at its place, without what stands before it."""

from __future__ import annotations

import os
import stat
from typing import IO, TYPE_CHECKING

from sentinel.formats.base import LONGEST_RECORD, Block, Fault
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.inputs.reader import Limits, Piece, Source

BLOCK_BYTES = 1 << 20
"""Small enough to stay in a processor's cache while its lines are looked at several times."""


def open_file(path: str) -> IO[bytes]:
    """Open a file; raises OSError, also for what is no file: a pipe or a device might never end."""
    mode = os.stat(path).st_mode  # noqa: PTH116
    if stat.S_ISREG(mode):
        return open(path, "rb")  # noqa: PTH123
    raise OSError(_("a folder, not a file") if stat.S_ISDIR(mode) else _("not a file; `-` reads standard input"))


def line_blocks(piece: Piece, faults: list[Fault], limits: Limits) -> Iterator[Block]:
    """Read the lines that begin within a piece, a few at a time; the last may end behind it."""
    with open_file(piece.source.path) as file:
        _tell_if_shorter(file, piece, faults)
        begin = _first_line(file, piece)
        while begin is not None and begin < piece.end:
            data = file.read(min(BLOCK_BYTES, piece.end - begin))
            if not data:
                return
            kept = data.rfind(b"\n") + 1
            if kept < len(data):
                data += file.readline(max(0, limits.record + 1 - (len(data) - kept)))
            end = begin + len(data)
            if len(data) - kept > limits.record:
                faults.append(too_long(piece.source, begin + kept, 0, limits))
                data = data[:kept]
            if data:
                yield Block(piece.source.number, begin, data, line=1 if begin == 0 else 0, again=True, head=piece.head)
            begin = end if len(data) == end - begin else _next_line(file, piece.end)


def _first_line(file: IO[bytes], piece: Piece) -> int | None:
    """Give where the first line that begins within a piece does; None where none does."""
    if piece.begin == 0:
        return 0
    file.seek(piece.begin - 1)
    return _next_line(file, piece.end)


def _next_line(file: IO[bytes], end: int) -> int | None:
    """Pass over the rest of a line; give where the next begins, None where that is not before `end`."""
    while file.tell() < end:
        skipped = file.readline(min(LONGEST_RECORD, end - file.tell()))
        if skipped.endswith(b"\n"):
            return file.tell()
        if not skipped:
            return None
    return None


def _tell_if_shorter(file: IO[bytes], piece: Piece, faults: list[Fault]) -> None:
    """Tell of a file that has become shorter than it was when it was divided."""
    size = os.fstat(file.fileno()).st_size
    if piece.begin <= size < piece.end:
        faults.append(Fault(piece.source.number, size, 0, _("shorter than when it was first looked at")))


def unit_blocks(piece: Piece, faults: list[Fault], _limits: Limits) -> Iterator[Block]:
    """Read the units of a piece, with the preamble in front."""
    with open_file(piece.source.path) as file:
        _tell_if_shorter(file, piece, faults)
        preamble = file.read(piece.format.preamble)
        file.seek(piece.begin)
        data = preamble + file.read(piece.end - piece.begin)
    yield Block(piece.source.number, piece.begin - len(preamble), data, last=piece.end >= piece.source.size)


def too_long(source: Source, offset: int, line: int, limits: Limits) -> Fault:
    """Give the fault of a record that is left out."""
    message = _("a record of more than {limit:,} bytes was left out").format(limit=limits.record)
    return Fault(source.number, offset, line, message)
