"""What is wrong with a ledger: each fault with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sentinel.errors import Damaged
from sentinel.language import _, later, n_

MOST: Final = 100
"""Faults that are kept of a ledger; further ones are counted."""
_SHOWN: Final = 10
KEEP: Final = later("this history is not the one that was written: keep a copy")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was written: 0 and "" stand for what it does not concern."""

    what: str
    entry: int = 0
    subject: str = ""
    act: int = 0
    checkpoint: str = ""

    def __str__(self) -> str:
        """Give its place and what is wrong."""
        parts = [
            _("entry {number}").format(number=self.entry) if self.entry else "",
            self.subject,
            _("act {number}").format(number=self.act) if self.act else "",
            self.checkpoint,
        ]
        return ": ".join(filter(None, (", ".join(filter(None, parts)), self.what)))


class Faults:
    """The first faults that were found, in order, and how many there are."""

    __slots__ = ("count", "kept")

    def __init__(self) -> None:
        self.count = 0
        self.kept: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Take a fault down."""
        self.count += 1
        if len(self.kept) < MOST:
            self.kept.append(fault)


def damaged(faults: tuple[Fault, ...], count: int, place: str) -> Damaged:
    """Give the error of a ledger with these faults, the first of `count`: it names the first one, and some more."""
    first, *others = faults
    lines = [str(first), *(f"  {fault}" for fault in others[: _SHOWN - 1])]
    more = count - len(lines)
    if more:
        lines.append("  " + n_("and {count} more", "and {count} more", more).format(count=more))
    return Damaged("\n".join(lines), place=place, hint=_(KEEP))
