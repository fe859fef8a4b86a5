"""How the queue fares: counts, and how long it took until alerts were acknowledged and closed."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sentinel.model.alert import Reason
from sentinel.store.alerts.counts import counting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sentinel.model.window import Window
    from sentinel.store.alerts.counts import Counts
    from sentinel.store.alerts.file import AlertFile

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
    """Alerts counted by what they are; names with most alerts come first, of equals what was there first.

    `overdue` are open ones past their deadline. `took` is by what: `acknowledge` and `close`.
    """

    total: int
    by: Mapping[str, Sequence[tuple[str, int]]]
    overdue: int
    acknowledge: Took
    close: Took
    rules: Sequence[Noise]


_NAMES: Final = ("platform", "agency", "assignee")
COUNTED: Final = ("state", "level", *_NAMES, "reason")
_FALSE: Final = frozenset({Reason.FALSE_POSITIVE, Reason.BENIGN})


def counted(file: AlertFile, window: Window, now: int) -> Stats:
    """Count the alerts whose latest sighting lies in a window; `now` is nanoseconds since 1970, UTC.

    Raise StoreError.
    """
    if not file.is_there:
        return Stats(0, {name: [] for name in COUNTED}, 0, Took(), Took(), [])
    with counting(file, window) as counts:
        total, answers = counts.total(), _Answers(counts)
        by = {"state": counts.states(), "level": counts.levels()}
        by |= {name: counts.names(name, _MOST_NAMED) for name in _NAMES}
        by |= {"reason": answers.reasons(total, counts.first_unclosed())}
        return Stats(
            total,
            by,
            counts.overdue(now),
            _took(answers.acknowledge),
            _took(answers.close),
            _noise(counts, answers),
        )


class _Answers:
    """What became of the alerts that somebody acted on: how long it took, and why they were closed."""

    def __init__(self, counts: Counts) -> None:
        self.acknowledge: list[int] = []
        self.close: list[int] = []
        self.rules: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
        """By the word of a rule: how many are closed, and how many of those as false positives or benign."""
        self._reasons: Counter[Reason] = Counter()
        self._first: dict[Reason, int] = {}
        for number, answered in counts.answered():
            if answered.acknowledge is not None:
                self.acknowledge.append(answered.acknowledge)
            if answered.close is not None:
                self.close.append(answered.close)
            if answered.reason is not None:
                self._closed(number, answered.rule, answered.reason)

    def _closed(self, number: int, rule: int, reason: Reason) -> None:
        self._reasons[reason] += 1
        self._first.setdefault(reason, number)
        tally = self.rules[rule]
        tally[0] += 1
        tally[1] += reason in _FALSE

    def reasons(self, total: int, first_unclosed: int) -> list[tuple[str, int]]:
        """Give how many of so many alerts were closed for each reason, and for none."""
        unclosed = total - self._reasons.total()
        found = [(reason.value, count, self._first[reason]) for reason, count in self._reasons.items()]
        found += [("", unclosed, first_unclosed)] if unclosed else []
        return [(name, count) for name, count, _first in sorted(found, key=lambda each: (-each[1], each[2]))]


def _noise(counts: Counts, answers: _Answers) -> list[Noise]:
    rules = sorted(counts.rules(), key=lambda each: (-each.alerts, each.title))[:_MOST_NAMED]
    return [Noise(each.id, each.title, each.alerts, *answers.rules.get(each.word, (0, 0))) for each in rules]


def _took(spans: list[int]) -> Took:
    if not spans:
        return Took()
    spans.sort()
    return Took(len(spans), spans[(len(spans) - 1) // 2], spans[min(len(spans) - 1, len(spans) * 9 // 10)])
