"""What the next shift has to know of the queue: what is open, what was done, what waits, what is due soon."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from sentinel.model.alert import OPEN, Alert, Wanted
from sentinel.store.alerts.shifts import shift
from sentinel.triage import entries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sentinel.store.alerts.shifts import Entries, Numbers, Shift
    from sentinel.triage.desk import Desk
    from sentinel.triage.suppressions import Suppression
    from sentinel.triage.told import Story

MOST: Final = 20
"""So many of each are shown; of the others, how many there are."""
SOON: Final = 3 * 86_400 * 1_000_000_000
"""A suppression that ends within this (nanoseconds) is shown."""
_STORIES: Final = 1000
_EVER: Final = -(1 << 63)
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
    open: Some[Alert] = Some()
    overdue: Some[Alert] = Some()
    soon: Some[Alert] = Some()
    paused: Some[Alert] = Some()
    closed: Some[Written] = Some()
    reasons: Mapping[str, int] = field(default_factory=dict)
    notes: Some[Written] = Some()
    stories: Some[Story] = Some()
    expiring: Some[Suppression] = Some()
    raised: int = 0
    doings: Sequence[tuple[str, Mapping[str, int]]] = ()


def handover(desk: Desk, since: int, now: int) -> Handover:
    """Give the page for who comes next, of a shift that began at `since`. Raise StoreError."""
    if not desk.file.is_there:
        return Handover(since, now)
    with shift(desk.file, since, MOST) as left:
        raised, stories = _stories(desk, left)
        return Handover(
            since=since,
            now=now,
            open=Some(desk.page(Wanted(states=OPEN), MOST).alerts, left.open_count()),
            overdue=_some(desk, left.due(_EVER, now)),
            soon=_some(desk, left.due(now, min(now + (now - since), ~_EVER))),
            paused=_some(desk, left.paused()),
            closed=_written(desk, left.closed(), "closed"),
            reasons=left.reasons(),
            notes=_written(desk, left.notes(), "noted"),
            stories=stories,
            expiring=_expiring(desk, now),
            raised=raised,
            doings=_doings(left),
        )


def _some(desk: Desk, found: Numbers) -> Some[Alert]:
    return Some(tuple(desk.file.numbered(found.first)), found.total)


def _written(desk: Desk, found: Entries, kind: str) -> Some[Written]:
    alerts = {alert.number: alert for alert in desk.file.numbered([number for _at, _who, number, _body in found.first])}
    read = [
        Written(at, actor, alerts[number], str(getattr(entries.read(kind, body), "text", "")))
        for at, actor, number, body in found.first
    ]
    return Some(tuple(read), found.total)


def _stories(desk: Desk, left: Shift) -> tuple[int, Some[Story]]:
    """Give how many alerts were raised, and the stories of two alerts or more that began with one of them.

    They are those of the stories with the highest ranks.
    """
    found, _more = desk.stories(_STORIES)
    several = [story for story in found if story.size > 1]
    raised, began = left.raised([story.id for story in several])
    new = [story for story in several if story.id in began]
    return raised, Some(tuple(new[:MOST]), len(new))


def _expiring(desk: Desk, now: int) -> Some[Suppression]:
    active = [each for each in desk.suppressions() if each.is_active(now) and each.until < now + SOON]
    return Some(tuple(nsmallest(MOST, active, key=lambda each: each.until)), len(active))


def _doings(left: Shift) -> list[tuple[str, Mapping[str, int]]]:
    told = groupby(left.doings(_NOBODY), key=itemgetter(0))
    return [(who, {action: count for _who, action, count in done}) for who, done in told]
