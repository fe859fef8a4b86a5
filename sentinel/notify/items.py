"""What is told of an alert: one thing that happened to it, in the form that every channel tells.

Texts come from logs, which strangers write: they are cut here, and every channel escapes them in its own way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from sentinel.model.severity import Level
from sentinel.notify.channels import Event
from sentinel.triage import entries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentinel.model.alert import Alert
    from sentinel.triage.entries import Happened
    from sentinel.triage.told import Told

_LONGEST: Final = 300
_LONGEST_DETAIL: Final = 600


class Newsworthy(Protocol):
    """An entry of the ledger, the number of its place there, and the alert as it is now."""

    @property
    def number(self) -> int:
        """Give the number."""

    @property
    def told(self) -> Told:
        """Give the entry."""

    @property
    def alert(self) -> Alert:
        """Give the alert."""


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened to one alert at `at`; times are nanoseconds since 1970, UTC."""

    event: str
    at: int
    id: str
    level: int
    rank: int
    rule: str
    title: str
    first: int
    last: int
    count: int
    story: str
    state: str
    tags: tuple[str, ...] = ()
    host: str = ""
    user: str = ""
    peer: str = ""
    detail: str = ""
    platform: str = ""
    agency: str = ""
    assignee: str = ""
    reason: str = ""
    due: int | None = None

    @property
    def weight(self) -> tuple[int, int, int, str]:
        """Give what orders items: the gravest last, of equal ones the earliest."""
        return self.level, self.rank, -self.at, self.id


def item_of(news: Newsworthy) -> Item | None:
    """Give what an entry tells; None where it is no news to anybody."""
    kind = _EVENTS.get(type(news.told.happened))
    event = kind(news.told.happened, news.alert, news.told.at) if kind else None
    return item(event, news.alert, news.told.at) if event else None


def item(event: Event, alert: Alert, at: int) -> Item:
    """Give what is told of an alert as it is; `at` is when it happened."""
    return Item(
        event=event.value, at=at, id=alert.id, level=int(alert.level), rank=alert.rank, rule=_cut(alert.rule),
        title=_cut(alert.title), first=alert.first, last=alert.last, count=alert.count, story=alert.story or alert.id,
        state=alert.state.value, tags=alert.tags[:20], host=_cut(alert.host), user=_cut(alert.user),
        peer=_cut(alert.peer), detail=_cut(alert.detail, _LONGEST_DETAIL), platform=_cut(alert.platform),
        agency=_cut(alert.agency), assignee=_cut(alert.assignee), reason=alert.reason.value if alert.reason else "",
        due=alert.due,
    )  # fmt: skip


def sample(now: int) -> Item:
    """Give an item about nothing, to try a channel with."""
    return Item(
        event=Event.NEW.value, at=now, id="0" * 32, level=int(Level.HIGH), rank=42, rule="sentinel-test",
        title="Sentinel: thử kênh thông báo / a test of this channel", first=now, last=now, count=1, story="0" * 32,
        state="new", host="máy-thử.gov.example", user="lan.nguyen", peer="203.0.113.5", platform="portal",
        detail="no alert was raised",
    )  # fmt: skip


def _cut(text: str, most: int = _LONGEST) -> str:
    plain = text.encode("utf-8", "replace").decode()  # half of a pair of surrogates travels nowhere
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def _raised(happened: entries.Raised, _alert: Alert, _at: int) -> Event | None:
    return None if happened.suppression else Event.NEW


def _seen(happened: entries.SeenAgain, _alert: Alert, _at: int) -> Event | None:
    return Event.REOPENED if happened.reopens and not happened.suppression else None


def _undone(_happened: entries.Undone, alert: Alert, at: int) -> Event | None:
    """Tell where what was taken back has brought a deadline back that is over: nothing else would find it."""
    return Event.OVERDUE if alert.due is not None and alert.due <= at else None


_EVENTS: Final[Mapping[type[Happened], Callable[..., Event | None]]] = {
    entries.Raised: _raised,
    entries.SeenAgain: _seen,
    entries.Reopened: lambda _happened, _alert, _at: Event.REOPENED,
    # While it was held back nobody was told of it.
    entries.Released: lambda _happened, _alert, _at: Event.NEW,
    entries.Closed: lambda _happened, _alert, _at: Event.CLOSED,
    entries.Undone: _undone,
}
