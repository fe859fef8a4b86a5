"""What the next shift has to know of the queue: what is open, what was done, what waits, what is due soon."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from sentinel.model.alert import OPEN, Alert, State, Wanted
from sentinel.store.alerts.file import SUBJECT
from sentinel.triage import entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sentinel.store.histories import Happening
    from sentinel.triage.desk import Desk, Story
    from sentinel.triage.suppressions import Suppression

MOST: Final = 20
"""So many of each are shown; of the others, how many there are."""
SOON: Final = 3 * 86_400 * 1_000_000_000
"""A suppression that ends within this (nanoseconds) is shown."""
_STORIES: Final = 1000
_PAGE: Final = 5000
_NOBODY: Final = "sentinel"
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Some(Generic[Item]):
    """The first of a list, and how many there are in all."""

    items: tuple[Item, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote: when (nanoseconds since 1970, UTC), who, to which alert, which words."""

    at: int
    actor: str
    alert: Alert
    text: str


@dataclass(frozen=True, slots=True)
class Handover:
    """The page for the next shift; `since` and `now` are nanoseconds since 1970, UTC.

    `soon` are alerts due before a shift of the same length ends, `reasons` counts what was closed by why, `raised` is
    how many alerts came, and `doings` is who did what, and to how many alerts.
    """

    since: int
    now: int
    open: Some[Alert]
    overdue: Some[Alert]
    soon: Some[Alert]
    paused: Some[Alert]
    closed: Some[Written]
    reasons: Mapping[str, int]
    notes: Some[Written]
    stories: Some[Story]
    expiring: Some[Suppression]
    raised: int
    doings: Sequence[tuple[str, Mapping[str, int]]]


def handover(desk: Desk, since: int, now: int) -> Handover:
    """Give the page for who comes next, of a shift that began at `since`. Raise StoreError."""
    open_ = desk.every(Wanted(states=OPEN))
    until = now + (now - since)
    shift = _shift(desk, since)
    alerts = desk.file.named(shift.alerts) if shift.alerts else {}
    closed = [each for each in _written(shift.closed.values(), alerts) if each.alert.state is State.CLOSED]
    active = [each for each in desk.suppressions() if each.is_active(now) and each.until < now + SOON]
    return Handover(
        since=since,
        now=now,
        open=_some(open_, _by_rank),
        overdue=_some((each for each in open_ if each.due is not None and each.due < now), _by_due),
        soon=_some((each for each in open_ if each.due is not None and now <= each.due < until), _by_due),
        paused=_some((each for each in open_ if each.paused_at is not None), _by_rank),
        closed=_some(closed, lambda each: _by_rank(each.alert)),
        reasons=dict(Counter(str(each.alert.reason or "") for each in closed).most_common()),
        notes=_some(_written(shift.notes, alerts), lambda each: -each.at),
        stories=_new_stories(desk, shift.raised),
        expiring=_some(active, lambda each: each.until),
        raised=len(shift.raised),
        doings=sorted(
            ((who, dict(done.most_common())) for who, done in shift.doings.items()), key=lambda each: each[0]
        ),
    )


def _by_rank(alert: Alert) -> tuple[int, int, int]:
    return (-alert.rank, -alert.last, alert.number)


def _by_due(alert: Alert) -> tuple[int, int]:
    return (alert.due or 0, alert.number)


def _some(items: Iterable[Item], key: Callable[[Item], tuple[int, ...] | int]) -> Some[Item]:
    every = list(items)
    return Some(tuple(nsmallest(MOST, every, key=key)), len(every))


class _Shift:
    """What the ledger says of a shift: who did what, and the entries with words."""

    def __init__(self) -> None:
        self.raised: set[str] = set()
        self.closed: dict[str, Happening] = {}
        self.notes: list[Happening] = []
        self.doings: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._last = (0, "")

    @property
    def alerts(self) -> set[str]:
        """Give the ids of the alerts that are to be looked up."""
        return {_id(each) for each in (*self.closed.values(), *self.notes)}

    def take(self, each: Happening) -> None:
        """Note one entry."""
        if not each.entry.subject.startswith(SUBJECT):
            return
        kind = each.entry.kind
        if kind == "raised":
            self.raised.add(_id(each))
        elif kind == "closed":
            self.closed[_id(each)] = each
        elif kind == "noted":
            self.notes.append(each)
        # One act may leave several entries on an alert, one behind the other: it is done to it once.
        done, self._last = self._last, (each.act.number, each.entry.subject)
        if each.act.actor != _NOBODY and done != self._last:
            self.doings[each.act.actor][each.act.action] += 1


def _id(each: Happening) -> str:
    return each.entry.subject.removeprefix(SUBJECT)


def _shift(desk: Desk, since: int) -> _Shift:
    """Read what happened from a time on, some thousands of entries at once."""
    shift = _Shift()
    after = _entries_before(desk, since)
    while desk.file.is_there and (page := desk.file.histories.since(after, _PAGE)):
        for each in page:
            if each.act.at >= since:
                shift.take(each)
        after = page[-1].entry.number
    return shift


def _entries_before(desk: Desk, since: int) -> int:
    """Give how many entries lie before a time, by halving: entries stand in the order of their times."""
    low, high = 0, desk.newest()
    while low < high:
        middle = (low + high) // 2
        (entry,) = desk.file.histories.since(middle, 1)
        if entry.act.at < since:
            low = middle + 1
        else:
            high = middle
    return low


def _written(told: Iterable[Happening], alerts: Mapping[str, Alert]) -> list[Written]:
    read = ((each, alerts.get(_id(each)), entries.read(each.entry.kind, each.entry.body)) for each in told)
    return [
        Written(each.act.at, each.act.actor, alert, str(getattr(body, "text", "")))
        for each, alert, body in read
        if alert
    ]


def _new_stories(desk: Desk, raised: set[str]) -> Some[Story]:
    """Give the stories of two alerts or more that began in the shift, of those with the highest ranks."""
    found, _more = desk.stories(_STORIES)
    new = [story for story in found if story.id in raised and story.size > 1]
    return Some(tuple(new[:MOST]), len(new))
