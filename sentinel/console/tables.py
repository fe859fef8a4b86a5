"""Tables that fit: columns shorten, then go, and no row ever wraps.

Every column says how narrow it may get and how soon it may go. What width is left is given to the columns in order of
their rank, so that the most telling one is shortened last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.text import Text

from sentinel.console.text import fitted, visible, width_of
from sentinel.console.theme import HEAD, MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_GAP: Final = 2
_INDENT: Final = 4
_LEAST_OF_ALL: Final = 3
EXTRA: Final = 4
"""The rank from which on columns are a luxury."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading and cells.

    `rank` orders columns by how much they tell: those of rank 0 always stay, the highest rank goes first. `least` is
    how many cells it may be shortened to, 0 stands for never; below `fair` it is not shortened while there are columns
    of rank `EXTRA` or more to leave out. `most` bounds what it takes. `from_left` cuts the beginning of long cells.
    `style` is one for all cells. `marks` finds in a cell, as it is shown, what is to stand out.
    """

    heading: str
    cells: Sequence[str | Text]
    rank: int = 0
    least: int = 0
    fair: int = 0
    most: int = 0
    right: bool = False
    from_left: bool = False
    style: str = ""
    marks: Callable[[str], Iterable[tuple[int, int]]] | None = None


def table(columns: Sequence[Column], width: int) -> list[Text]:
    """Give the lines of a table that is at most `width` cells wide: the heading, then a line for every row."""
    plain = [_visible(column) for column in columns]
    natural = [_natural(column, cells) for column, cells in zip(columns, plain, strict=True)]
    widths = _widths(columns, natural, width)
    kept = [number for number, given in enumerate(widths) if given]
    lines = [_line([(columns[number].heading, HEAD) for number in kept], columns, widths, kept)]
    for row in range(len(plain[0])):
        cells = [(plain[number][row], _style(columns[number], row)) for number in kept]
        lines.append(_line(cells, columns, widths, kept))
    return lines


def wrapped(line: Text, width: int) -> list[Text]:
    """Give a line of words in as many lines as it needs; those that follow are indented."""
    from rich.console import Console

    first, *rest = lines = line.wrap(Console(width=width), max(20, width - _INDENT)) or [line]
    for each in lines:
        each.rstrip()
    return [first, *(Text(" " * _INDENT) + each for each in rest)]


def _visible(column: Column) -> list[str]:
    return [visible(cell if isinstance(cell, str) else cell.plain) for cell in column.cells]


def _style(column: Column, row: int) -> str:
    cell = column.cells[row]
    return column.style if isinstance(cell, str) else str(cell.style)


def _natural(column: Column, cells: Sequence[str]) -> int:
    widest = max(width_of(column.heading), *map(width_of, cells)) if cells else width_of(column.heading)
    return min(widest, column.most) if column.most else widest


def _widths(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[int]:
    """Give each column's width; 0 for those that are left out."""
    least = [min(column.least or wide, wide) for column, wide in zip(columns, natural, strict=True)]
    fair = [min(max(column.fair, low), wide) for column, low, wide in zip(columns, least, natural, strict=True)]
    kept = _kept(columns, list(range(len(columns))), fair, width, EXTRA)
    kept = _kept(columns, kept, least, width, 1)
    widths = [least[number] if number in kept else 0 for number in range(len(columns))]
    spare = width - _taken([widths[number] for number in kept])
    for number in sorted(kept, key=lambda number: columns[number].rank):
        if spare < 0 and columns[number].least:
            shrunk = max(_LEAST_OF_ALL, widths[number] + spare)
            spare += widths[number] - shrunk
            widths[number] = shrunk
        grown = min(natural[number] - widths[number], max(0, spare))
        widths[number] += grown
        spare -= grown
    return widths


def _kept(columns: Sequence[Column], kept: list[int], widths: Sequence[int], width: int, rank: int) -> list[int]:
    """Leave out columns of this rank or more until the others fit."""
    while _taken([widths[number] for number in kept]) > width:
        last = max(kept, key=lambda number: (columns[number].rank, number))
        if columns[last].rank < rank:
            break
        kept.remove(last)
    return kept


def _taken(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _line(
    cells: Sequence[tuple[str, str]], columns: Sequence[Column], widths: Sequence[int], kept: Sequence[int]
) -> Text:
    line = Text()
    for place, ((cell, style), number) in enumerate(zip(cells, kept, strict=True)):
        text = fitted(cell, widths[number], right=columns[number].right, from_left=columns[number].from_left)
        stripped = text.strip() if columns[number].right else text.rstrip()
        if columns[number].right:
            line.append(" " * (len(text) - len(stripped)))
        begin = len(line)
        line.append(stripped, style=style)
        marks = columns[number].marks if style != HEAD else None
        for first, last in marks(stripped) if marks else ():
            line.stylize(MARK, begin + first, begin + last)
        if place < len(kept) - 1:
            tail = 0 if columns[number].right else len(text) - len(stripped)
            line.append(" " * (tail + _GAP))
    return line
