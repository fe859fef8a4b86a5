"""Where a fault is: the path, and the line wherever the source has lines."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from sentinel.inputs.reader import STANDARD_INPUT
from sentinel.inputs.streams import SIGNATURE_BYTES, is_plain
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.console.tally import FileCount
    from sentinel.formats.base import Fault
    from sentinel.inputs.reader import Source

_WITHOUT_LINES: Final = frozenset({"evtx", "", None})
_STEP: Final = 1 << 20
SHOWN_INPUT: Final = "<stdin>"


def places_of(faults: Sequence[Fault], files: Sequence[FileCount]) -> list[str]:
    """Give each fault's place; lines that are not known are counted, in one pass over each file.

    The faults are in order of source and place. A file that has changed or gone meanwhile keeps its offsets.
    """
    places = []
    for number, group in groupby(faults, key=lambda fault: fault.source):
        of_file = list(group)
        path = SHOWN_INPUT if files[number].path == STANDARD_INPUT else files[number].path
        lines = _lines(of_file, files[number])
        places += [_place(path, fault, lines.get(fault.offset, 0)) for fault in of_file]
    return places


def _place(path: str, fault: Fault, counted: int) -> str:
    if line := fault.line or counted:
        return f"{path}:{line}"
    return path if fault.offset < 0 else _("{path} (at {offset})").format(path=path, offset=fault.offset)


def _lines(faults: Sequence[Fault], file: FileCount) -> dict[int, int]:
    """Give the line numbers of the offsets that have none yet."""
    wanted = sorted({fault.offset for fault in faults if not fault.line and fault.offset >= 0})
    if not wanted or file.format in _WITHOUT_LINES or file.path == STANDARD_INPUT or file.within >= 0:
        return {}
    try:
        with Path(file.path).open("rb") as stream:
            plain = is_plain(stream.read(SIGNATURE_BYTES))
            stream.seek(0)
            return dict(_counted(stream, wanted)) if plain else {}
    except OSError:
        return {}


def _counted(stream: IO[bytes], offsets: Sequence[int]) -> Iterator[tuple[int, int]]:
    line, read = 1, 0
    for offset in offsets:
        while read < offset:
            chunk = stream.read(min(_STEP, offset - read))
            if not chunk:
                return
            line += chunk.count(b"\n")
            read += len(chunk)
        yield offset, line


def is_measured(source: Source) -> bool:
    """Tell whether a source's size says how much there is to read."""
    try:
        with Path(source.path).open("rb") as stream:
            return source.path != STANDARD_INPUT and is_plain(stream.read(SIGNATURE_BYTES))
    except OSError:
        return True  # nothing will be read of it
