"""What formats share whose lines are of several kinds, or whose entries go over several lines.

Where a line may go on with the entry before it, a format says by an expression which lines begin one; all lines up to
the next such line are the entry.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sentinel.errors import InputError
from sentinel.formats import lines
from sentinel.language import _
from sentinel.model.batch import place

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from sentinel.formats.base import Block
    from sentinel.formats.gather import Gatherer
    from sentinel.model.batch import EventKind

    Told: TypeAlias = tuple[EventKind, dict[str, Any]]
    Tell: TypeAlias = Callable[[str], Told | None]

_WINDOW = 1 << 16


def tell_line(tell: Tell, line: bytes) -> Told | None:
    """Give the kind and the flat event of a line or an entry; None where it is not of the format."""
    try:
        return tell(lines.text_of_line(line))
    except (InputError, ValueError, KeyError, IndexError):
        return None


class Counted:
    """The events that were read of a block, and where faults go."""

    __slots__ = ("_gatherer", "events")

    def __init__(self, gatherer: Gatherer) -> None:
        self._gatherer = gatherer
        self.events = 0

    def fault(self, position: int, number: int) -> None:
        """Tell of a line that is not of the format."""
        self._gatherer.fault(position, _("a line that is not of this format"), number)


def last_beginning(begins: re.Pattern[bytes], data: bytes) -> int:
    """Give where the last line of `data` is that an entry begins with; 0 where none does.

    `begins` is a MULTILINE expression that matches from the beginning of such a line. It is looked for from the end,
    in windows that grow, so that it takes no longer than the data are long.
    """
    size = _WINDOW
    while True:
        start = data.rfind(b"\n", 0, max(0, len(data) - size)) + 1
        found = -1
        for match in begins.finditer(data, start):
            found = match.start()
        if found >= 0 or not start:
            return _with_line_before(begins, data, max(found, 0))
        size *= 2


def _with_line_before(begins: re.Pattern[bytes], data: bytes, found: int) -> int:
    """Give where an entry begins whose first line may lie in front of the window it was found in."""
    before = data.rfind(b"\n", 0, max(0, found - 1)) + 1
    match = begins.match(data, before) if found else None
    return before if match and match.end() > found else found


def cut_before_last(begins: re.Pattern[bytes], data: bytes, last: bool) -> int:  # noqa: FBT001 - as every cut
    """Give where the last entry of `data` begins, for more of it may come; at the end of a source, all."""
    return len(data) if last else last_beginning(begins, data)


def entries(begins: re.Pattern[bytes], block: Block) -> Iterator[tuple[bytes, int, int]]:
    """Give each entry of a block with its place, and the number of its first line, 0 where that is not known.

    What stands before the first beginning is given too: the caller tells whether it is a heading or the rest of an
    entry that was cut off.
    """
    data, line = block.data, block.line
    starts = [match.start() for match in begins.finditer(data)]
    if not starts or starts[0]:
        starts.insert(0, 0)
    starts.append(len(data))
    for start, end in pairwise(starts):
        yield data[start:end], place(block.source, block.offset + start), line
        if line:
            line += data.count(b"\n", start, end)


_HEADING = (b", Version: ", b"Tcp port: ", b"Time ", b"TCP Port: ")


def is_heading(raw: bytes) -> bool:
    """Tell whether this is what MySQL and MariaDB write at the top of a log of queries, or a part of it."""
    return any(mark in raw[:8192] for mark in _HEADING[:1]) or raw.lstrip().startswith(_HEADING[1:])
