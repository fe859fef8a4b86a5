"""How the queue fares: counts, and how long it took until alerts were acknowledged and closed."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sentinel.model.alert import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sentinel.model.alert import Alert

_MOST_NAMED: Final = 1000


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took, in nanoseconds: how many there are, the median, and what 90 of 100 did not exceed."""

    count: int = 0
    median: int = 0
    p90: int = 0


@dataclass(frozen=True, slots=True)
class Noise:
    """A rule: its title, its alerts, how many were closed, and how many of those as false positives or benign."""

    rule: str
    title: str
    alerts: int
    closed: int
    false: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Alerts counted by what they are; names with most alerts come first.

    `overdue` are open ones past their deadline. `took` is by what: `acknowledge` and `close`.
    """

    total: int
    by: Mapping[str, Sequence[tuple[str, int]]]
    overdue: int
    acknowledge: Took
    close: Took
    rules: Sequence[Noise]


COUNTED: Final = ("state", "level", "platform", "agency", "assignee", "reason")


def counted(alerts: Iterable[Alert], now: int) -> Stats:
    """Count alerts; `now` is nanoseconds since 1970, UTC."""
    by: defaultdict[str, Counter[str]] = defaultdict(Counter)
    acknowledge: list[int] = []
    close: list[int] = []
    rules: dict[str, list[int]] = {}
    titles: dict[str, str] = {}
    total = overdue = 0
    for alert in alerts:
        total += 1
        overdue += alert.due is not None and alert.due < now
        for name in COUNTED:
            by[name][_text(alert, name)] += 1
        if alert.acknowledged_at is not None:
            acknowledge.append(alert.acknowledged_at - alert.raised)
        if alert.closed_at is not None:
            close.append(alert.closed_at - alert.raised)
        titles[alert.rule] = alert.title
        noise = rules.setdefault(alert.rule, [0, 0, 0])
        noise[0] += 1
        noise[1] += alert.reason is not None
        noise[2] += alert.reason in {Reason.FALSE_POSITIVE, Reason.BENIGN}
    noisiest = sorted(rules.items(), key=lambda each: (-each[1][0], titles[each[0]]))[:_MOST_NAMED]
    return Stats(
        total,
        {name: by[name].most_common(_MOST_NAMED) for name in COUNTED},
        overdue,
        _took(acknowledge),
        _took(close),
        [Noise(rule, titles[rule], *counts) for rule, counts in noisiest],
    )


def _text(alert: Alert, name: str) -> str:
    if name == "level":
        return alert.level.label
    value = getattr(alert, name)
    return "" if value is None else str(value)


def _took(spans: list[int]) -> Took:
    if not spans:
        return Took()
    spans.sort()
    return Took(len(spans), spans[(len(spans) - 1) // 2], spans[min(len(spans) - 1, len(spans) * 9 // 10)])
