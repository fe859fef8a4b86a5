"""The file of alerts: histories, and the queue that they fold into."""

from __future__ import annotations

import json
import zlib
from contextlib import contextmanager
from hashlib import sha256
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from sentinel.model.alert import Alert, Sighting
from sentinel.store.alerts import pages
from sentinel.store.alerts.rows import acted, alerts_of, counted, row_of, state_of
from sentinel.store.alerts.stories import Stories
from sentinel.store.alerts.tables import COLUMNS, FROM, OWN, SELECTED, STATE, TABLES
from sentinel.store.alerts.words import Words, storable
from sentinel.store.embedded.databases import damaged, told
from sentinel.store.histories import Histories, Layout, chunks, places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sentinel.ledger.chain import Act
    from sentinel.model.alert import Wanted
    from sentinel.store.alerts.pages import Found
    from sentinel.store.histories import Draft

SUBJECT: Final = "alert:"
"""What the names of subjects begin with that are alerts; the alert's id follows."""
_SHORTEST_PREFIX: Final = 4
_INSERT: Final = f"insert into alert values({places(len(OWN))})"
_NUMBER: Final = COLUMNS.index("number")


class AlertFile:
    """The alerts of a store's folder, with whatever their histories fold into."""

    def __init__(self, folder: Path, *, write: bool = False) -> None:
        """Open the file; with `write` make it where it is not. Raise StoreError."""
        self.histories = Histories(folder, Layout(tables=TABLES, state=STATE), write=write)
        self._words: Words | None = None
        if self.histories.is_there:
            self._words = Words(self.histories.db)

    @property
    def path(self) -> Path:
        """Give the file's path."""
        return self.histories.path

    @property
    def is_there(self) -> bool:
        """Tell whether any alert was ever raised here."""
        return self._words is not None

    @property
    def _names(self) -> Words:
        self.histories.db  # noqa: B018 - raises where the file is closed
        assert self._words is not None  # noqa: S101 - there are words where there is a file
        return self._words

    @property
    def stories(self) -> Stories:
        """Give the stories; there must be a file."""
        return Stories(self.histories.db, self._names)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one writing transaction: all of it is durable when this ends, or none of it happened."""
        try:
            with self.histories.writing():
                yield
        except BaseException:
            self._names.forget()
            raise

    # ── what is asked ──

    def page(self, wanted: Wanted, limit: int, after: str = "") -> tuple[list[Alert], Found]:
        """Give the first alerts that are wanted, and how the page was found. Raise InputError for a bad `after`."""
        if not self.is_there:
            return [], pages.Found([], 0, "")
        with self.histories.reading():
            found = pages.page(self.histories.db, self._names, wanted, limit, after)
            return self.numbered(found.numbers), found

    def numbers(self, wanted: Wanted) -> list[int]:
        """Give the numbers of all alerts that are wanted."""
        with told(self.path):
            return pages.numbers(self.histories.db, self._names, wanted) if self.is_there else []

    def numbered(self, numbers: Sequence[int]) -> list[Alert]:
        """Give alerts by their numbers, in the order of these."""
        if not numbers:
            return []
        asked = f"select {SELECTED} {FROM} where alert.number in (select value from json_each(?))"  # noqa: S608
        with told(self.path):
            rows = self.histories.db.execute(asked, (json.dumps(list(numbers)),)).fetchall()
            by_number = {alert.number: alert for alert in self._alerts(rows)}
        return [by_number[number] for number in numbers if number in by_number]

    def named(self, ids: Iterable[str]) -> dict[str, Alert]:
        """Give the alerts of these ids that there are."""
        found: dict[str, Alert] = {}
        with told(self.path):
            for chunk in chunks(ids):
                asked = f"select {SELECTED} {FROM} where id in ({places(len(chunk))})"
                rows = self.histories.db.execute(asked, chunk).fetchall()
                found |= {alert.id: alert for alert in self._alerts(rows)}
        return found

    def now(self, alerts: Sequence[Alert]) -> dict[str, Alert]:
        """Give alerts as they are now, those that there are; what nothing has happened to is not read anew."""
        seen = {alert.number: alert for alert in alerts}
        asked = "select number, name, seq, touched from subject where number in (select value from json_each(?))"
        with told(self.path):
            heads = self.histories.db.execute(asked, (json.dumps(list(seen)),)).fetchall()
        told_of = ((seen[number], head) for number, *head in heads)
        found = {each.id: each for each, head in told_of if head == [SUBJECT + each.id, each.version, each.touched]}
        return found | self.named(alert.id for alert in alerts if alert.id not in found)

    def beginning(self, prefix: str) -> list[Alert]:
        """Give the alerts whose id begins so, two at most; none for less than four digits."""
        if not self.is_there or len(prefix) < _SHORTEST_PREFIX or not prefix.isascii():
            return []
        asked = f"select {SELECTED} {FROM} where id >= ? and id < ? order by id limit 2"
        with told(self.path):
            rows = self.histories.db.execute(asked, (prefix.lower(), prefix.lower() + "g")).fetchall()
            return self._alerts(rows)

    def _alerts(self, rows: Sequence[Sequence[Any]]) -> list[Alert]:
        place = COLUMNS.index("story")
        try:
            return alerts_of(rows, self._names, self.ids(row[place] for row in rows))
        except (ValueError, KeyError, IndexError, TypeError) as error:  # a row that nobody of us wrote
            raise damaged(self.path) from error

    def ids(self, numbers: Iterable[int]) -> dict[int, str]:
        """Give the ids of alerts by their numbers."""
        every = sorted(set(numbers))
        if not every:
            return {}
        asked = "select number, id from alert where number in (select value from json_each(?))"
        return dict(self.histories.db.execute(asked, (json.dumps(every),)))

    def every(self) -> Iterator[list[Alert]]:
        """Give all alerts in the order of their numbers, some thousands at a time."""
        last = 0
        both = "alert left join subject on subject.number = alert.number"  # who checks must see one without a subject
        asked = f"select {SELECTED} from {both} where alert.number > ? order by alert.number limit 5000"  # noqa: S608
        while self.is_there and (rows := self.histories.db.execute(asked, (last,)).fetchall()):
            last = rows[-1][_NUMBER]
            yield self._alerts(rows)

    # ── sightings ──

    def known(self, ids: Iterable[str]) -> set[str]:
        """Tell which sightings are there."""
        found: set[str] = set()
        for chunk in chunks(ids):
            asked = f"select id from sighting where id in ({places(len(chunk))})"  # noqa: S608
            values = [bytes.fromhex(each) for each in chunk]
            found |= {each.hex() for (each,) in self.histories.db.execute(asked, values)}
        return found

    def sightings(self, alert: Alert, limit: int, *, latest: bool = False) -> list[Sighting]:
        """Give an alert's first sightings, or its latest, in the order they came, with what evidence is kept."""
        asked = "select id, event, time, seen, evidence from sighting where alert = ? order by number limit ?"
        if latest:
            asked = asked.replace("number", "number desc")
        with told(self.path):
            rows = self.histories.db.execute(asked, (alert.number, limit)).fetchall()
        found = [_sighting(alert, *row) for row in rows]
        return found[::-1] if latest else found

    def sighting_digests(self) -> Iterator[tuple[int, str, str, int | None, int, str]]:
        """Give of every sighting: its alert, id, event, time, when it was seen, and the digest of its evidence."""
        asked = "select alert, id, event, time, seen, evidence from sighting order by number"
        for alert, id_, event, time, seen, evidence in self.histories.db.execute(asked) if self.is_there else ():
            yield alert, id_.hex(), event, time, seen, evidence_digest(evidence)

    def add_sightings(self, rows: Iterable[tuple[int, Sighting, bytes | None]]) -> None:
        """Add sightings: the number of the alert, the sighting, its evidence as it is kept."""
        self.histories.db.executemany(
            "insert into sighting(id, alert, event, time, seen, evidence) values(?, ?, ?, ?, ?, ?)",
            [
                (bytes.fromhex(each.id), alert, storable(each.group), each.time, each.seen, evidence)
                for alert, each, evidence in rows
            ],
        )

    # ── what a transaction writes ──

    def append(
        self,
        act: Act,
        drafts: Sequence[Draft],
        new: Sequence[tuple[Alert, int]],
        changed: Sequence[tuple[Alert, Alert]],
    ) -> None:
        """Add an act and the entries that it leaves, and write what they fold to.

        `new` are the alerts that they raise, each with the number of its story's first alert; `changed` those that
        were there, as they were and as they are.
        """
        names = self._names
        state = {SUBJECT + alert.id: state_of(alert, names) for alert, _story in new}
        state |= {SUBJECT + now.id: acted(was, now, names) for was, now in changed}
        self.histories.append(act, drafts, state)
        self.histories.db.executemany(_INSERT, [row_of(alert, names, story) for alert, story in new])
        counts = [row for was, now in changed if (row := counted(was, now))]
        asked = "update alert set first = ?, last = ?, count = ? where number = ?"
        self.histories.db.executemany(asked, sorted(counts, key=itemgetter(-1)))

    def rule_alerts(self, rules: Iterable[str]) -> dict[str, int]:
        """Give how many alerts each rule has raised."""
        counts: dict[str, int] = {}
        for rule in rules:
            asked = "select alerts from rule where word = ?"
            row = self.histories.db.execute(asked, (self._names.number(rule),)).fetchone()
            counts[rule] = row[0] if row else 0
        return counts

    def set_rule_alerts(self, counts: Mapping[str, int]) -> None:
        """Write how many alerts each rule has raised."""
        self.histories.db.executemany(
            "insert or replace into rule values(?, ?)",
            [(self._names.number(rule), count) for rule, count in counts.items()],
        )

    def rank_rule(self, rule: str, rank: Callable[[int, int], int]) -> None:
        """Rank all alerts of a rule anew; `rank` gives it by level and importance."""
        word = self._names.number(rule)
        asked = "select distinct level, importance from alert where rule = ?"
        pairs = self.histories.db.execute(asked, (word,)).fetchall()
        self.histories.db.executemany(
            "update alert set rank = ?1 where rule = ?2 and level = ?3 and importance = ?4 and rank <> ?1",
            [(rank(level, importance), word, level, importance) for level, importance in pairs],
        )
        self.stories.rerank(word)

    # ── suppressions ──

    def suppressions(self) -> list[tuple[str, bytes, int]]:
        """Give every suppression: its name, what it is as JSON, and how many sightings it held back."""
        asked = "select name, body, hits from suppression order by rowid"
        with told(self.path):
            return self.histories.db.execute(asked).fetchall() if self.is_there else []

    def set_suppression(self, name: str, body: bytes) -> None:
        """Write a suppression, new or changed."""
        asked = "insert into suppression values(?, ?, 0) on conflict(name) do update set body = ?2"
        self.histories.db.execute(asked, (name, body))

    def count_suppressed(self, hits: Mapping[str, int]) -> None:
        """Add to how many sightings suppressions held back."""
        asked = "update suppression set hits = hits + ? where name = ?"
        self.histories.db.executemany(asked, [(count, name) for name, count in hits.items()])

    def close(self) -> None:
        """Close the file."""
        self.histories.close()


def packed(evidence: bytes) -> bytes:
    """Give evidence as it is kept."""
    return zlib.compress(evidence, 1)


def evidence_digest(evidence: bytes | None) -> str:
    """Give the digest of evidence as it is kept, that an alert's history names; "" where none is kept."""
    return "" if evidence is None else sha256(evidence).hexdigest()


def _sighting(  # noqa: PLR0913, PLR0917 - a row
    alert: Alert, id_: bytes, event: str, time: int | None, seen: int, evidence: bytes | None
) -> Sighting:
    return Sighting(
        id=id_.hex(), alert=alert.id, rule=alert.rule, title=alert.title, level=alert.level, tags=alert.tags,
        group=event, window=0, dataset=alert.dataset, code=alert.code, host=alert.host, user=alert.user,
        peer=alert.peer, detail=alert.detail, time=time, seen=seen, platform=alert.platform,
        importance=alert.importance, agency=alert.agency, fingerprint=alert.fingerprint,
        evidence=b"" if evidence is None else zlib.decompress(evidence),
    )  # fmt: skip
