"""A long list, of which only what is looked at is there.

The list is cut into leaves, each asked for with what the one before it ended with. When something has changed, every
leaf is stale: it is drawn as it was until it is asked for again, from where it began to where the next one begins. So
whoever looks at the thousandth row stays there, whatever comes in above.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from sentinel.triage.desk import Desk

T = TypeVar("T")
LEAF: Final = 200
"""How many rows are asked for at once."""
_KEPT: Final = 40
"""Leaves whose rows are kept; of the others only how many there are is known."""


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """Rows that follow each other, what to ask for those behind them with, and how many there are in all.

    `is_more` says that there are more than `total`, which nobody counted.
    """

    rows: tuple[T, ...]
    after: str
    total: int = 0
    is_more: bool = False


class Listing(Protocol[T]):
    """What a list is of: how rows are asked for, told apart and ordered."""

    def batch(self, desk: Desk, limit: int, after: str) -> Batch[T]:
        """Give the rows behind `after`."""

    def name(self, row: T) -> str:
        """Give what a row is called: no other row is called so."""

    def key(self, row: T) -> tuple[int, ...]:
        """Give what rows are ordered by; it is less for a row that comes first."""


@dataclass(slots=True, eq=False)
class Leaf(Generic[T]):
    """A part of the list: the rows behind `after`, up to the one with the key `until`, None where it has no end yet.

    `size` stays when the rows are let go. What is stale has to be asked for.
    """

    after: str
    rows: tuple[T, ...] = ()
    size: int = 0
    until: tuple[int, ...] | None = None
    is_stale: bool = True


def asked(desk: Desk, listing: Listing[T], leaf: Leaf[T]) -> Batch[T]:
    """Ask for the rows of a leaf: those behind `after`, up to the row with the key `until` where it has one."""
    batch = listing.batch(desk, LEAF, leaf.after)
    if leaf.until is None:
        return batch
    inside = tuple(row for row in batch.rows if listing.key(row) <= leaf.until)
    return Batch(inside, batch.after if len(inside) == len(batch.rows) else "", batch.total, batch.is_more)


@dataclass(slots=True)
class Leaves(Generic[T]):
    """What is known of a list; `more` is what to ask for what is behind it with, "" where nothing is."""

    listing: Listing[T]
    leaves: list[Leaf[T]] = field(default_factory=lambda: [Leaf[Any]("")])
    more: str = ""
    total: int = 0
    is_more: bool = False
    _ends: list[int] = field(default_factory=lambda: [0])

    @property
    def rows(self) -> int:
        """Give how many rows are known."""
        return self._ends[-1]

    def at(self, row: int) -> T | None:
        """Give a row, None where it is not there (yet)."""
        if not 0 <= row < self.rows:
            return None
        place = bisect_right(self._ends, row)
        leaf = self.leaves[place]
        row -= self._ends[place] - leaf.size
        return leaf.rows[row] if row < len(leaf.rows) else None

    def place_of(self, name: str) -> int | None:
        """Give which row is called so, None where it is not among those that are there."""
        for leaf, end in zip(self.leaves, self._ends, strict=True):
            for place, row in enumerate(leaf.rows):
                if self.listing.name(row) == name:
                    return end - leaf.size + place
        return None

    def wanting(self, first: int, last: int) -> Leaf[T] | None:
        """Give the next leaf to ask for so that the rows from the first to the last are there, None where they are."""
        for leaf, end in zip(self.leaves, self._ends, strict=True):
            if end - leaf.size > last:
                return None
            if leaf.is_stale and end >= first:
                return leaf
        if self.rows > last or not self.more:
            return None
        self.leaves.append(Leaf(self.more))
        self._count()
        return self.leaves[-1]

    def asking(self, leaf: Leaf[T]) -> Leaf[T]:
        """Give a leaf as it is to be asked for: the last one has no end yet."""
        return Leaf(leaf.after, until=None if leaf is self.leaves[-1] else leaf.until)

    def put(self, leaf: Leaf[T], batch: Batch[T], *, near: int = 0, sight: int | None = None) -> None:
        """Put what was asked for into its leaf; rows far from both `near` and the row in `sight` are let go."""
        is_last = leaf is self.leaves[-1]
        leaf.rows, leaf.size, leaf.is_stale = batch.rows, len(batch.rows), False
        if leaf is self.leaves[0]:  # the others count what is behind them
            self.total, self.is_more = batch.total, batch.is_more
        if is_last:
            self.more = batch.after
            leaf.until = self.listing.key(batch.rows[-1]) if batch.rows and batch.after else None
        elif batch.after:  # more came in between than a leaf holds
            self.leaves.insert(self.leaves.index(leaf) + 1, Leaf(batch.after, until=leaf.until))
            leaf.until = self.listing.key(batch.rows[-1])
        self._count()
        self._let_go(near, near if sight is None else sight)

    def _count(self) -> None:
        self._ends = list(accumulate(leaf.size for leaf in self.leaves))

    def _let_go(self, near: int, sight: int) -> None:
        kept = [
            (min(abs(end - near), abs(end - sight)), leaf)
            for leaf, end in zip(self.leaves, self._ends, strict=True)
            if leaf.rows
        ]
        if len(kept) > _KEPT:
            for _distance, leaf in sorted(kept, key=lambda each: -each[0])[: len(kept) - _KEPT]:
                leaf.rows, leaf.is_stale = (), True

    def grow_stale(self) -> None:
        """Take it that something has changed."""
        for leaf in self.leaves:
            leaf.is_stale = True

    def loaded(self) -> list[T]:
        """Give all rows that are there."""
        return [row for leaf in self.leaves for row in leaf.rows]
