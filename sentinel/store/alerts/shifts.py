"""What a shift leaves: how the queue stands, and what happened since a time, counted in the file.

Of lists only the first are given, and how long they are: no alert is read but those.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sentinel.model.alert import OPEN, State
from sentinel.store.alerts.rows import state_places
from sentinel.store.alerts.tables import REASONS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from sentinel.store.alerts.file import AlertFile

_IS_OPEN: Final = f"in ({', '.join(map(str, state_places(OPEN)))})"
_BY_RANK: Final = "alert.rank desc, alert.last desc, alert.number"
_TABLE: Final = (
    "create temp table shift(number integer primary key, subject integer, kind text, at integer, actor text)"
)
_SHIFT: Final = (
    "insert into temp.shift select entry.number, entry.subject, kind, at, actor "
    "from entry cross join act on act.number = entry.act "
    "where entry.number >= ? and kind in ('closed', 'noted') and at >= ?"
)
# Of each alert only what closed it last.
_IS_CLOSED: Final = state_places({State.CLOSED})[0]
_CLOSED: Final = (
    "(select max(number) as number, min(number) as begun, subject from temp.shift where kind = 'closed' "  # noqa: S608
    f"group by subject) as done cross join subject on subject.number = done.subject and state = {_IS_CLOSED}"
)


class Entries(NamedTuple):
    """The first entries of a list, and how many there are: when, who, the alert's number, and what it tells."""

    first: Sequence[tuple[int, str, int, bytes]]
    total: int


class Numbers(NamedTuple):
    """The numbers of the first alerts of a list, and how many there are."""

    first: Sequence[int]
    total: int


class Shift:
    """What happened since a time, and how the queue stands."""

    def __init__(self, db: sqlite3.Connection, since: int, most: int) -> None:
        """Look from `since` on, nanoseconds since 1970, UTC; `most` of each list are given."""
        self._db, self._since, self._most = db, since, most
        self._before = _acts_before(db, since)
        asked = "select number from entry where act > ? order by act, number limit 1"
        found = db.execute(asked, (self._before,)).fetchone()
        self._begin: int = found[0] if found else 1 << 62
        db.execute(_TABLE)
        db.execute(_SHIFT, (self._begin, since))

    def _rows(self, asked: str, *values: object) -> list[Any]:
        return self._db.execute(asked, values).fetchall()

    def _count(self, what: str, *values: object) -> int:
        return int(self._rows(f"select count(*) from {what}", *values)[0][0])  # noqa: S608 - ours, as all below

    # ── how the queue stands ──

    def open_count(self) -> int:
        """Give how many alerts are open."""
        return self._count(f"subject where state {_IS_OPEN}")

    def due(self, begin: int, end: int) -> Numbers:
        """Give the alerts whose deadline lies between two times, the next first."""
        where = "subject where due >= ? and due < ?"
        asked = f"select number from {where} order by due, number limit ?"  # noqa: S608
        first = self._rows(asked, begin, end, self._most)
        return Numbers([number for (number,) in first], self._count(where, begin, end))

    def paused(self) -> Numbers:
        """Give the open alerts whose clocks stand, the highest rank first."""
        where = f"where paused_at is not null and +state {_IS_OPEN}"  # not by state: nearly all may be open
        total = self._count(f"subject {where}")
        asked = f"select alert.number from subject cross join alert on alert.number = subject.number {where} "  # noqa: S608
        first = self._rows(f"{asked} order by {_BY_RANK} limit ?", self._most) if total else []
        return Numbers([number for (number,) in first], total)

    # ── what happened ──

    def raised(self, ids: Sequence[str]) -> tuple[int, set[str]]:
        """Give how many alerts were raised, and which of these ids are among them."""
        numbers = dict(self._rows("select number, id from alert where id in (select value from json_each(?))", _j(ids)))
        asked = (
            "select count(*), json_group_array(entry.subject) "
            "filter (where entry.subject in (select value from json_each(?))) "
            "from entry cross join act on act.number = entry.act where entry.number >= ? and kind = 'raised' "
            "and at >= ?"
        )
        ((count, found),) = self._rows(asked, _j(list(numbers)), self._begin, self._since)
        return count, {numbers[number] for number in json.loads(found)}

    def closed(self) -> Entries:
        """Give what closed alerts that are closed still, those of the highest rank first."""
        asked = (
            "select at, shift.actor, alert.number, entry.body "  # noqa: S608
            f"from {_CLOSED} cross join alert on alert.number = subject.number "
            "cross join temp.shift on shift.number = done.number cross join entry on entry.number = done.number "
            f"order by {_BY_RANK} limit ?"
        )
        return Entries(self._rows(asked, self._most), self._count(_CLOSED))

    def reasons(self) -> dict[str, int]:
        """Give why these were closed and how many each time, the most frequent first."""
        asked = f"select reason, count(*) from {_CLOSED} group by reason order by 2 desc, min(begun)"  # noqa: S608
        found = self._rows(asked)
        return {"" if place is None else REASONS[place].value: count for place, count in found}

    def notes(self) -> Entries:
        """Give what was noted, the newest first."""
        where = "temp.shift cross join alert on alert.number = shift.subject where shift.kind = 'noted'"
        asked = (
            "select at, actor, alert.number, (select body from entry where number = shift.number) "  # noqa: S608
            f"from {where} order by at desc, shift.number limit ?"
        )
        return Entries(self._rows(asked, self._most), self._count(where))

    def doings(self, nobody: str) -> list[tuple[str, str, int]]:
        """Give who did what to how many alerts, person by person, the most frequent first; `nobody` is left out."""
        # One act may leave several entries on an alert: it is done to it once.
        acts = (
            "select act.number as number, actor, action, count(distinct entry.subject) as alerts "
            "from act cross join entry on entry.act = act.number cross join subject on subject.number = entry.subject "
            "where act.number > ? and at >= ? and actor <> ? and state is not null group by act.number"
        )
        asked = (
            f"select actor, action, sum(alerts) from ({acts}) group by actor, action "  # noqa: S608
            "order by actor, 3 desc, min(number)"
        )
        return self._rows(asked, self._before, self._since, nobody)


def _j(values: Sequence[object]) -> str:
    return json.dumps(values)


def _acts_before(db: sqlite3.Connection, since: int) -> int:
    """Give how many acts lie before a time, by halving: acts stand in the order of their times."""
    low, high = 0, int(db.execute("select acts from head").fetchone()[0])
    while low < high:
        middle = (low + high) // 2
        found = db.execute("select at from act where number = ?", (middle + 1,)).fetchone()
        if found and found[0] < since:
            low = middle + 1
        else:
            high = middle
    return low


@contextmanager
def shift(file: AlertFile, since: int, most: int) -> Iterator[Shift]:
    """Give what a shift leaves that began at `since`, as the file is at one moment. Raise StoreError."""
    with file.histories.reading():
        yield Shift(file.histories.db, since, most)  # its table goes with what is taken back when the reading ends
