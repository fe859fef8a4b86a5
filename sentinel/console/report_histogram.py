"""Counts hits over time without keeping them, and cuts the time into bars.

The span is not known before the scan ends. Hits are counted in cells, which grow (1 s, 10 s, 1 min …) whenever there
are too many; at the end the bars are cut from cells at round times of the reader's clock.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from sentinel.model.severity import Level

SECOND: Final = 1_000_000_000
_CELLS: Final = (1, 10, 60, 600, 3600, 86400)
_MOST_CELLS: Final = 20_000
_DAY: Final = 86400
# Seconds of a bar; each is a whole number of the cells that can be in use with it.
_STEPS: Final = (
    1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 3 * 3600, 6 * 3600, 12 * 3600, _DAY, 2 * _DAY,
    7 * _DAY, 14 * _DAY, 28 * _DAY, 91 * _DAY, 364 * _DAY, 3640 * _DAY, 36400 * _DAY,
)  # fmt: skip
MOST_BARS: Final = 100
_FAR: Final = 30
"""How many times the span of nearly all hits the whole span must be for the few others to be left out."""
_FEW: Final = 0.01


@dataclass(frozen=True, slots=True)
class Bar:
    """Hits by level from `begin` (nanoseconds since 1970, UTC) for as long as a bar is."""

    begin: int
    counts: Mapping[Level, int]

    @property
    def hits(self) -> int:
        """Count the hits of all levels."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars of `step` seconds, side by side; `outside` hits lie so far from all others that they are not drawn.

    There is no bar where no hit tells a time.
    """

    bars: tuple[Bar, ...] = ()
    step: int = 1
    outside: int = 0

    @property
    def highest(self) -> int:
        """Give the hits of the highest bar."""
        return max((bar.hits for bar in self.bars), default=0)


class Cells:
    """Hits so far, by second or longer; cells are counted on the clock of a zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        """Begin with no hit."""
        self._zone = zone
        self._shift: int | None = None
        self._size = 0
        self._counts: Counter[tuple[int, Level]] = Counter()

    def add(self, time: int | None, level: Level, hits: int = 1) -> None:
        """Count hits; what tells no time is in no cell."""
        if time is None:
            return
        if self._shift is None:
            self._shift = _offset(time, self._zone)
        self._counts[(time // SECOND + self._shift) // _CELLS[self._size], level] += hits
        while len(self._counts) > _MOST_CELLS and self._size + 1 < len(_CELLS):
            self._grow()

    def _grow(self) -> None:
        times = _CELLS[self._size + 1] // _CELLS[self._size]
        grown: Counter[tuple[int, Level]] = Counter()
        for (cell, level), hits in self._counts.items():
            grown[cell // times, level] += hits
        self._counts, self._size = grown, self._size + 1

    def histogram(self) -> Histogram:
        """Give the bars."""
        if not self._counts:
            return Histogram()
        cell, shift = _CELLS[self._size], self._shift or 0
        first, last, outside = _drawn(self._counts)
        step = next(step for step in _STEPS if step >= cell and _bars(first, last, cell, step) <= MOST_BARS)
        begin = first * cell // step
        bars: list[dict[Level, int]] = [{} for _bar in range(_bars(first, last, cell, step))]
        for (number, level), hits in self._counts.items():
            if first <= number <= last:
                bar = bars[number * cell // step - begin]
                bar[level] = bar.get(level, 0) + hits
        return Histogram(
            tuple(Bar(((begin + place) * step - shift) * SECOND, counts) for place, counts in enumerate(bars)),
            step,
            outside,
        )


def _bars(first: int, last: int, cell: int, step: int) -> int:
    return last * cell // step - first * cell // step + 1


def _drawn(counts: Mapping[tuple[int, Level], int]) -> tuple[int, int, int]:
    """Give the first and last cell to draw, and how many hits lie outside: a wrong clock must not flatten the rest."""
    by_cell: Counter[int] = Counter()
    for (cell, _level), hits in counts.items():
        by_cell[cell] += hits
    cells = sorted(by_cell)
    total = by_cell.total()
    below = list(accumulate((by_cell[cell] for cell in cells), initial=0))
    low = next(place for place, (_before, upto) in enumerate(pairwise(below)) if upto > _FEW * total)
    high = max(place for place, before in enumerate(below[:-1]) if before < (1 - _FEW) * total)
    if cells[-1] - cells[0] <= _FAR * max(1, cells[high] - cells[low]) or low > high:
        return cells[0], cells[-1], 0
    near = cells[high] - cells[low] + 1  # what lies no farther from nearly all than they from each other is drawn
    drawn = [cell for cell in cells if cells[low] - near <= cell <= cells[high] + near]
    return drawn[0], drawn[-1], total - sum(by_cell[cell] for cell in drawn)


def _offset(time: int, zone: ZoneInfo) -> int:
    """Give the zone's seconds from UTC at a time; a change of clocks within the logs moves no bar."""
    try:
        offset = datetime.fromtimestamp(time // SECOND, UTC).astimezone(zone).utcoffset()
    except (OverflowError, ValueError, OSError):
        return 0
    return int(offset.total_seconds()) if offset else 0
