"""The columns of the screen's lists: what each shows, and which of them fit.

Widths depend on the window, not on what is in it, so that nothing jumps while the list moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from sentinel.console.screen import words
from sentinel.console.text import fitted, visible, width_of
from sentinel.console.theme import FAINT, LEVELS, WARNING
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sentinel.model.alert import Alert
    from sentinel.triage.told import Story

T = TypeVar("T")
_GAP: Final = 1


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell: its text and style."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A column: its heading, what it shows of a row at a time, how wide it is at least and at most, and when it goes.

    A column of a higher `place` goes sooner; those of place 0 stay. `words` are what may stand in it: it is as wide as
    the widest.
    """

    heading: str
    cell: Callable[[T, int], Shown]
    least: int
    most: int = 0
    place: int = 0
    right: bool = False
    words: tuple[str, ...] = ()


def _level(alert: Alert) -> Shown:
    look = LEVELS[alert.level]
    return Shown(_(look.label), look.style)


def _due(alert: Alert, now: int) -> Shown:
    text, is_late = words.due(alert, now)
    return Shown(text, WARNING if is_late else "")


def _where(alert: Alert) -> str:
    return alert.platform or alert.dataset


_LEVELS: Final = tuple(look.label for look in LEVELS.values())
ALERTS: Final[tuple[Column[Alert], ...]] = (
    Column(later("rank"), lambda alert, _now: Shown(str(alert.rank)), 4, right=True),
    Column(later("level"), lambda alert, _now: _level(alert), 4, words=_LEVELS),
    Column(later("title"), lambda alert, _now: Shown(alert.title), 27, 72),
    Column("×", lambda alert, _now: _count(alert), 4, place=3, right=True),
    Column(later("host"), lambda alert, _now: Shown(alert.host), 12, 32, place=1),
    Column(later("user"), lambda alert, _now: Shown(alert.user), 8, 20, place=6),
    Column(later("source"), lambda alert, _now: Shown(alert.peer), 15, 24, place=7),
    Column(later("platform"), lambda alert, _now: Shown(_where(alert)), 10, 18, place=8),
    Column(later("agency"), lambda alert, _now: Shown(alert.agency), 9, 14, place=9),
    Column(later("age"), lambda alert, now: Shown(words.span(now - alert.raised), FAINT), 4, place=5, right=True),
    Column(later("due"), _due, 8, place=2, words=(later("paused"),)),
    Column(
        later("state"), lambda alert, _now: Shown(_(words.IN_BRIEF[alert.state])), 3, place=2,
        words=tuple(words.IN_BRIEF.values()),
    ),
    Column(later("whose"), lambda alert, _now: Shown(alert.assignee), 6, 12, place=4),
)  # fmt: skip
STORIES: Final[tuple[Column[Story], ...]] = (
    Column(later("rank"), lambda story, _now: Shown(str(story.rank)), 4, right=True),
    Column(later("level"), lambda story, _now: _level(story.top), 4, words=_LEVELS),
    Column(later("open"), lambda story, _now: Shown(f"{story.open}/{story.size}"), 7, right=True),
    Column(later("the first alert"), lambda story, _now: Shown(story.top.title), 20, 72),
    Column(later("host"), lambda story, _now: Shown(story.top.host), 12, 32, place=1),
    Column(later("user"), lambda story, _now: Shown(story.top.user), 8, 20, place=3),
    Column(later("source"), lambda story, _now: Shown(story.top.peer), 15, 24, place=4),
    Column(later("platform"), lambda story, _now: Shown(_where(story.top)), 10, 18, place=5),
    Column(later("agency"), lambda story, _now: Shown(story.top.agency), 9, 14, place=6),
    Column(later("lasted"), lambda story, _now: Shown(words.span(story.last - story.first)), 4, place=2, right=True),
)


def _count(alert: Alert) -> Shown:
    text = str(alert.count) if alert.count < 10_000 else f"{alert.count // 1000}k"  # noqa: PLR2004 - four cells
    return Shown(text, FAINT if alert.count == 1 else "")


@dataclass(frozen=True, slots=True)
class Layout(Generic[T]):
    """The columns that fit a width, each with its own."""

    columns: tuple[tuple[Column[T], int], ...]

    def cells(self, row: T, now: int) -> list[Shown]:
        """Give the cells of a row, each as wide as its column; they are safe to show."""
        shown = ((column, wide, column.cell(row, now)) for column, wide in self.columns)
        return [Shown(fitted(visible(cell.text), wide, right=column.right), cell.style) for column, wide, cell in shown]

    def headings(self) -> list[str]:
        """Give the headings, each as wide as its column."""
        return [fitted(_(column.heading), wide, right=column.right) for column, wide in self.columns]


def layout(columns: Sequence[Column[T]], width: int) -> Layout[T]:
    """Give the columns that fit a width, each as wide as it may be."""
    kept = list(columns)
    while _taken(kept) > width and any(column.place for column in kept):
        kept.remove(max(kept, key=lambda column: column.place))
    widths = {column.heading: _least(column) for column in kept}
    spare = width - _taken(kept)
    for column in sorted(kept, key=lambda column: column.place):
        grown = min(max(0, spare), max(0, column.most - widths[column.heading]))
        widths[column.heading] += grown
        spare -= grown
    if spare < 0:
        flexible = max(kept, key=lambda column: column.most)
        widths[flexible.heading] = max(1, widths[flexible.heading] + spare)
    return Layout(tuple((column, widths[column.heading]) for column in kept))


def _least(column: Column[T]) -> int:
    return max(column.least, width_of(_(column.heading)), *(width_of(_(word)) for word in column.words), 0)


def _taken(columns: Sequence[Column[T]]) -> int:
    return sum(map(_least, columns)) + _GAP * (len(columns) - 1)
