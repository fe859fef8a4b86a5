"""Stories of alerts, and the entities that tie them: rows that are counted anew from those of alerts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from sentinel.store.alerts import pages
from sentinel.store.alerts.tables import FROM, JOINED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from sentinel.store.alerts.words import Words

_OPEN: Final = "filter (where state < 2)"
_FOLDED: Final = f"coalesce(max(rank) {_OPEN}, 0), count(*) {_OPEN}, count(*), min(first), max(last)"
_HIGHEST: Final = (
    f"coalesce((select alert.rank from alert indexed by alert_by_story {JOINED} where alert.story = story.number "  # noqa: S608
    "and state < 2 order by alert.rank desc limit 1), 0)"
)
"""The highest rank of a story's open alerts."""


class StoryRow(NamedTuple):
    """A story: its number, the highest rank of its open alerts, how many are open, its size and span, its top alert."""

    number: int
    rank: int
    open: int
    size: int
    first: int
    last: int
    top: int


class Stories:
    """The stories of a file of alerts; whoever writes holds its transaction."""

    def __init__(self, db: sqlite3.Connection, words: Words) -> None:
        """Know where they stand."""
        self._db, self._words = db, words

    def of(self, alerts: Iterable[int]) -> dict[int, int]:
        """Give the numbers of the stories of alerts, by theirs."""
        asked = "select number, story from alert where number in (select value from json_each(?))"
        return dict(self._db.execute(asked, (json.dumps(list(alerts)),)))

    def fold(self, stories: Iterable[int]) -> None:
        """Count anew what the stories of these numbers hold."""
        self._db.executemany(
            f"insert or replace into story select ?1, {_FOLDED} {FROM} where story = ?1",
            [(story,) for story in sorted(set(stories))],
        )

    def move(self, moved: Mapping[int, int]) -> None:
        """Count how many more alerts of stories are open now, or fewer, and find their highest ranks anew."""
        asked = f"update story set open = open + ?2, rank = {_HIGHEST} where number = ?1"  # noqa: S608
        self._db.executemany(asked, sorted(moved.items()))

    def rerank(self, rule: int) -> None:
        """Find the highest ranks anew of all stories with an alert of a rule, given as the number of its word."""
        stories = "select story from alert where rule = ?"
        self._db.execute(f"update story set rank = {_HIGHEST} where number in ({stories})", (rule,))  # noqa: S608

    def miscounted(self) -> int | None:
        """Give the number of a story whose row is not what its alerts make it; None where each is."""
        asked = (
            f"select * from (select story, {_FOLDED} {FROM} group by story except select * from story) union all "  # noqa: S608
            f"select * from (select * from story except select story, {_FOLDED} {FROM} group by story) limit 1"
        )
        row = self._db.execute(asked).fetchone()
        return None if row is None else int(row[0])

    def entities(self, keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], tuple[int, int, int]]:
        """Give what is known of entities (kind, name): the number of their story, first and last."""
        found: dict[tuple[int, str], tuple[int, int, int]] = {}
        for kind, name in keys:
            asked = "select story, first, last from entity where kind = ? and word = ?"
            row = self._db.execute(asked, (kind, self._words.number(name))).fetchone()
            if row:
                found[kind, name] = row
        return found

    def set_entities(self, entities: Mapping[tuple[int, str], tuple[int, int, int]]) -> None:
        """Write what is known of entities."""
        self._db.executemany(
            "insert or replace into entity values(?, ?, ?, ?, ?)",
            [(kind, self._words.number(name), *values) for (kind, name), values in entities.items()],
        )

    def page(self, limit: int, after: str) -> tuple[list[StoryRow], str]:
        """Give stories with open alerts, the highest rank first, and what to ask for those behind them with."""
        rank, last, number = pages.behind_story(after)
        asked = (
            "select number, rank, open, size, first, last, "  # noqa: S608
            f"(select alert.number {FROM} where alert.story = story.number "
            "order by state >= 2, alert.rank desc, alert.last desc limit 1) from story where open > 0 and "
            "(rank < ?1 or (rank = ?1 and (last < ?2 or (last = ?2 and number > ?3)))) "
            "order by rank desc, last desc, number limit ?4"
        )
        rows = self._db.execute(asked, (rank, last, number, limit + 1)).fetchall()
        found = [StoryRow(*row) for row in rows[:limit]]
        more = f"{found[-1].rank}.{found[-1].last}.{found[-1].number}" if len(rows) > limit and found else ""
        return found, more

    def sizes(self, stories: Iterable[int]) -> dict[int, int]:
        """Give how many alerts the stories of these numbers have."""
        asked = "select number, size from story where number in (select value from json_each(?))"
        return dict(self._db.execute(asked, (json.dumps(sorted(set(stories))),)))
