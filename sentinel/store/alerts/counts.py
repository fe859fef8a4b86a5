"""Counts of the queue, made in its file: no alert is read for them.

Where all alerts are counted, each question goes to the index or the table that is shortest for it. Where only those of
a span are, what is asked of them is first set down in a table of its own, which goes when the counting ends.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from sentinel.model.severity import Level
from sentinel.store.alerts.tables import ACTED, REASONS, STATES
from sentinel.store.alerts.words import Words

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from sentinel.model.alert import Reason
    from sentinel.model.window import Window
    from sentinel.store.alerts.file import AlertFile

_BOTH: Final = "subject cross join alert on alert.number = subject.number"
_SPAN: Final = (
    "create temp table counted as select alert.number as number, level, platform, agency, rule, title, state, "
    "assignee, reason, due, acknowledged_at, closed_at, raised from alert indexed by alert_by_last "
    "cross join subject on subject.number = alert.number where last >= ? and last < ? order by alert.number"
)
_EVER: Final = (-(1 << 63), (1 << 63) - 1)


class Answered(NamedTuple):
    """Of an alert that somebody acted on: its rule's word, why it is closed, nanoseconds until each of the two."""

    rule: int
    reason: Reason | None
    acknowledge: int | None
    close: int | None


class RuleCount(NamedTuple):
    """How many alerts a rule has: its word, its id, the title of its latest alert, and how many."""

    word: int
    id: str
    title: str
    alerts: int


class Counts:
    """Counts of alerts: of all, or of those set down in `counted`."""

    def __init__(self, db: sqlite3.Connection, *, whole: bool) -> None:
        """Count in a file, all alerts or those of `counted`."""
        self._db, self._words = db, Words(db)
        self._alert, self._subject, self._both = (
            ("alert", "subject", _BOTH) if whole else ("counted", "counted", "counted")
        )

    def total(self) -> int:
        """Give how many alerts there are."""
        return int(self._db.execute(f"select count(*) from {self._alert}").fetchone()[0])  # noqa: S608 - ours, as below

    def overdue(self, now: int) -> int:
        """Give how many have a deadline before `now`, nanoseconds since 1970, UTC."""
        asked = f"select count(*) from {self._subject} where due < ?"  # noqa: S608
        return int(self._db.execute(asked, (now,)).fetchone()[0])

    def names(self, column: str, most: int) -> list[tuple[str, int]]:
        """Give the names in a column and how often each is there; the most frequent first, of equals the oldest."""
        found = self._frequent(column, most)
        texts = self._words.texts(value for value, _count in found)
        return [(texts[value], count) for value, count in found]

    def states(self) -> list[tuple[str, int]]:
        """Give how many alerts are in each state, in the order of `names`."""
        return [(STATES[value].value, count) for value, count in self._frequent("state", len(STATES))]

    def _frequent(self, column: str, most: int) -> list[tuple[int, int]]:
        table = self._subject if column in ACTED else self._alert
        asked = (
            f"select {column}, count(*), min(number) from {table} where {column} is not null "  # noqa: S608
            f"group by {column} order by 2 desc, 3 limit ?"
        )
        return [(value, count) for value, count, _first in self._db.execute(asked, (most,))]

    def levels(self) -> list[tuple[str, int]]:
        """Give how many alerts are of each level, in the order of `names`."""
        # One pass with a sum a level: to group, a million rows would be sorted first.
        sums = ", ".join(f"count(*) filter (where level = {int(level)})" for level in Level)
        row = self._db.execute(f"select {sums} from {self._alert}").fetchone()  # noqa: S608
        found = [(level, count) for level, count in zip(Level, row, strict=True) if count]
        frequent = Counter(count for _level, count in found)
        found.sort(key=lambda each: (-each[1], self._first(each[0]) if frequent[each[1]] > 1 else 0))
        return [(level.label, count) for level, count in found]

    def _first(self, level: Level) -> int:
        asked = f"select min(number) from {self._alert} where level = ?"  # noqa: S608
        return int(self._db.execute(asked, (int(level),)).fetchone()[0])

    def first_unclosed(self) -> int:
        """Give the number of the oldest alert that has no reason; 0 where each has one."""
        asked = f"select min(number) from {self._subject} where reason is null and state is not null"  # noqa: S608
        return int(self._db.execute(asked).fetchone()[0] or 0)

    def answered(self) -> Iterator[tuple[int, Answered]]:
        """Give what became of alerts that somebody acted on, and their numbers, the oldest first."""
        number = "subject.number" if self._both == _BOTH else "number"
        asked = (
            f"select {number}, rule, reason, acknowledged_at - raised, closed_at - raised from {self._both} "  # noqa: S608
            f"where reason is not null or acknowledged_at is not null or closed_at is not null order by {number}"
        )
        for place, rule, reason, acknowledge, close in self._db.execute(asked):
            yield place, Answered(rule, None if reason is None else REASONS[reason], acknowledge, close)

    def rules(self) -> list[RuleCount]:
        """Give the rules in the order in which they first raised one of the alerts."""
        asked = f"select rule, count(*), max(number) from {self._alert} group by rule order by min(number)"  # noqa: S608
        found = self._db.execute(asked).fetchall()
        latest = json.dumps([number for _rule, _count, number in found])
        titles = dict(
            self._db.execute(
                "select number, title from alert where number in (select value from json_each(?))", (latest,)
            )
        )
        texts = self._words.texts([rule for rule, _count, _number in found] + list(titles.values()))
        return [RuleCount(rule, texts[rule], texts[titles[number]], count) for rule, count, number in found]


@contextmanager
def counting(file: AlertFile, window: Window) -> Iterator[Counts]:
    """Give the counts of alerts whose latest sighting lies in a window, as the file is at one moment.

    Raise StoreError, also where the file is not there.
    """
    db, whole = file.histories.db, window.since is None and window.until is None
    with file.histories.reading():
        if not whole:
            since, until = (
                bound if given is None else given
                for given, bound in zip((window.since, window.until), _EVER, strict=True)
            )
            db.execute(_SPAN, (since, until))
        yield Counts(db, whole=whole)  # the table goes with what is taken back when the reading ends
