"""What the desk tells: pages of the queue, what happened to an alert, what came of an action, stories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentinel.triage import entries
from sentinel.triage.fold import fold, raised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.model.alert import Alert
    from sentinel.store.histories import Happening
    from sentinel.triage.entries import Happened


@dataclass(frozen=True, slots=True)
class Page:
    """Alerts in the order of the queue; `total` is how many there are, of very many `MOST_COUNTED` (`is_more`).

    `after` is what to ask for those behind them with, "" where there are none.
    """

    alerts: tuple[Alert, ...]
    total: int
    after: str = ""
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened to an alert: which entry, when, whose doing and how that was proved, and what.

    `at` is nanoseconds since 1970, UTC; `act` the number of the call, and `action` its name.
    """

    seq: int
    at: int
    actor: str
    via: str
    act: int
    action: str
    happened: Happened


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action came to on one alert: the alert as it is now, and why it was not done.

    `meanwhile` is what others did to it after it was looked at. `is_noted` says that what was written along with the
    action was kept as a note. `back` is what an undo would take back.
    """

    id: str
    alert: Alert | None
    problem: str = ""
    meanwhile: tuple[Told, ...] = ()
    is_noted: bool = False
    back: tuple[Told, ...] = ()

    @property
    def is_done(self) -> bool:
        """Tell whether the action was done."""
        return not self.problem


@dataclass(frozen=True, slots=True)
class Story:
    """Alerts that belong together: the id of the first, the highest rank of those open, and how many are open.

    `size` counts all of them, `first` and `last` are the times of the earliest and latest sighting in nanoseconds since
    1970, UTC. `top` is the alert that comes first.
    """

    id: str
    rank: int
    open: int
    size: int
    first: int
    last: int
    top: Alert


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened to an alert, which entry of the ledger told it, and the alert as it is now."""

    number: int
    told: Told
    alert: Alert


def folded(id_: str, told: Sequence[Told]) -> Alert:
    """Give an alert from its history, which has one entry at least."""
    first = told[0]
    assert isinstance(first.happened, entries.Raised)  # noqa: S101 - histories of alerts begin so
    alert = raised(id_, first.happened, first.at, first.actor)
    for each in told[1:]:
        alert = fold(alert, each.happened, each.at, each.actor)
    return alert


def told_of(each: Happening) -> Told:
    """Give one thing that happened, as its entry and act tell it."""
    happened = entries.read(each.entry.kind, each.entry.body)
    act = each.act
    return Told(each.entry.seq, act.at, act.actor, act.via, act.number, act.action, happened)
