"""Histories: what happened to subjects, in a file of SQLite that is only ever added to.

Every entry is one thing that happened to one subject (an alert, a suppression), numbered within the subject and within
the file, and chained as `sentinel.ledger.chain` says. An act is the call that left entries. Whoever writes holds the
file's one transaction, so the entry `<subject>-<seq>` is made once: that is the compare-and-set.

Whatever else the file holds (the state that entries fold into, indexes) is a cache of them. What changes with every
entry stands in the row of its subject, beside the end of its chain: an action on thousands of subjects among a million
writes one short row of each. Any number of processes write at once, each waiting for its turn, and read meanwhile.
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import Damaged, StoreError
from sentinel.language import _
from sentinel.ledger.chain import FIRST, Act, Entry, act_digest, entry_digest
from sentinel.store.embedded.databases import connect, damaged, keep_log, read_only, told

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Container, Generator, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sentinel.ledger.base import ActRow, EntryRow

NAME: Final = "alerts.db"
"""The file that alerts are kept in."""
FORMAT: Final = 3
"""The format of that file."""
_CHUNK: Final = 500
_ORIGIN_BYTES: Final = 8
_LOG_PAGES: Final = 32 << 10
"""Pages (of 4 KiB) that the log holds until they are written to their places: not within an action on thousands."""
_CACHE_KIB: Final = 64 << 10
"""What a connection keeps of the file at most: an action on thousands of alerts touches pages all over it."""

TABLES: Final = """
create table head(
  one integer primary key check (one = 1), format integer not null, origin text not null,
  acts integer not null, entries integer not null
);
create table act(
  number integer primary key, at integer not null, actor text not null, via text not null, action text not null,
  body blob not null, signature blob not null, digest blob not null
);
create table subject(
  number integer primary key, name text unique not null, seq integer not null, newest integer not null,
  digest blob not null{state}
);
create table entry(
  number integer primary key, subject integer not null, seq integer not null, before integer not null,
  kind text not null, act integer not null, body blob not null, digest blob not null
);
create index entry_by_act on entry(act);
"""
_HEADS: Final = ("number", "name", "seq", "newest", "digest")
_HEAD: Final = ", ".join(_HEADS)
_FIXED: Final = 2
"""Of a subject's row these never change: number and name."""


@dataclass(slots=True)
class Subject:
    """A subject: its number in the file, how many entries it has, the number of the newest (0 none), and its digest."""

    number: int
    name: str
    seq: int
    newest: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be: what happens to a subject, as JSON; `number` is the subject's where it is known, or 0."""

    subject: str
    kind: str
    body: bytes
    number: int = 0


@dataclass(frozen=True, slots=True)
class Happening:
    """An entry and the act that left it."""

    entry: Entry
    act: Act


@dataclass(frozen=True, slots=True)
class Layout:
    """A file of histories: its name and format, tables beside the histories' own, and columns of subjects.

    The columns of `state` say what the entries of a subject fold to.
    """

    name: str = NAME
    version: int = FORMAT
    tables: str = ""
    state: tuple[str, ...] = ()


ALERTS: Final = Layout()


class Histories:
    """The histories of a store's folder."""

    def __init__(self, folder: Path, layout: Layout = ALERTS, *, write: bool = True) -> None:
        """Open the file, and with `write` make it where it is not.

        Raise StoreError where it is of another format or cannot be opened.
        """
        self.path, self._layout = folder / layout.name, layout
        self._db: sqlite3.Connection | None = None
        self.origin = ""
        if not write and not self.path.exists():
            return  # nothing has happened yet
        with told(self.path):
            self._db = connect(self.path, "mode=rwc") if write else read_only(self.path)
            self._db.execute(f"pragma cache_size=-{_CACHE_KIB}")
            self._db.execute(f"pragma wal_autocheckpoint={_LOG_PAGES}")
            if write:
                self._make(self._db)
            self._check_format(self._db)

    def _make(self, db: sqlite3.Connection) -> None:
        layout = self._layout
        state = "".join(f", {column}" for column in layout.state)
        keep_log(db)
        db.execute("pragma synchronous=full")
        if db.execute("select 1 from sqlite_master where name = 'head'").fetchone():
            return
        db.execute("begin immediate")
        try:
            if not db.execute("select 1 from sqlite_master where name = 'head'").fetchone():
                for statement in (TABLES.format(state=state) + layout.tables).split(";\n"):
                    db.execute(statement)
                db.execute(
                    "insert into head values(1, ?, ?, 0, 0)", (self._layout.version, secrets.token_hex(_ORIGIN_BYTES))
                )
            db.execute("commit")
        except BaseException:
            db.execute("rollback")
            raise

    def _check_format(self, db: sqlite3.Connection) -> None:
        version, self.origin = db.execute("select format, origin from head").fetchone() or (None, "")
        if version is None or not isinstance(self.origin, str):
            raise Damaged(_("{name} does not say what it is").format(name=self.path.name), place=str(self.path))
        if version != self._layout.version:
            newer = isinstance(version, int) and version > self._layout.version
            db.close()
            self._db = None
            raise StoreError(
                _("{name} has format {found}; this version reads format {known}").format(
                    name=self.path.name, found=version, known=self._layout.version
                ),
                place=str(self.path),
                hint=_("use the version of Sentinel that wrote it, or a newer one")
                if newer
                else _("move the file away and take the logs in again: no release has written this format"),
            )

    @property
    def is_there(self) -> bool:
        """Tell whether there is a file."""
        return self._db is not None

    @property
    def db(self) -> sqlite3.Connection:
        """Give the connection; raise StoreError where it was closed, or there is no file."""
        if self._db is None:
            raise StoreError(_("{name} is closed").format(name=self.path.name), place=str(self.path))
        return self._db

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the file's one writing transaction; all of it is durable when this ends, or none of it happened.

        Within one that this process holds already it is part of that.
        """
        with told(self.path):
            if self.db.in_transaction:
                yield
                return
            self.db.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._roll_back()
                raise
            self.db.execute("commit")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See the file as it is now, whatever is written meanwhile."""
        with told(self.path):
            if self.db.in_transaction:
                yield
                return
            self.db.execute("begin")
            try:
                yield
            finally:
                self._roll_back()

    def _roll_back(self) -> None:
        if self.db.in_transaction:  # who is interrupted is out of it already
            self.db.execute("rollback")

    def subjects(self, drafts: Iterable[Draft]) -> dict[str, Subject]:
        """Give the subjects of entries to be that there are, by their names."""
        numbers = {draft.subject: draft.number for draft in drafts}
        known = [number for number in numbers.values() if number]
        asked = f"select {_HEAD} from subject where number in (select value from json_each(?))"  # noqa: S608
        found = {row[1]: Subject(*row) for row in self.db.execute(asked, (json.dumps(known),))}
        for chunk in chunks(name for name in numbers if name not in found):
            asked = f"select {_HEAD} from subject where name in ({places(len(chunk))})"  # noqa: S608
            found |= {row[1]: Subject(*row) for row in self.db.execute(asked, chunk)}
        return {name: subject for name, subject in found.items() if name in numbers}

    def last_subject(self) -> int:
        """Give the highest number of a subject; those that come next are numbered on from it, as they are drafted."""
        return int(self.db.execute("select coalesce(max(number), 0) from subject").fetchone()[0])

    def append(self, act: Act, drafts: Sequence[Draft], state: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """Add an act and what it leaves, within `writing`.

        The act's number is given here. `state` says what the entries change in the state of subjects, by their names
        and by columns.
        """
        db = self.db
        ((acts, entries),) = db.execute("select acts, entries from head").fetchall()
        act = replace(act, number=acts + 1)
        digest = act_digest(act)
        subjects = self.subjects(drafts)
        there = set(subjects)
        last = self.last_subject()
        rows: list[tuple[int, int, int, int, str, int, bytes, bytes]] = []
        for draft in drafts:
            subject = subjects.get(draft.subject)
            if subject is None:
                last += 1
                subject = subjects[draft.subject] = Subject(last, draft.subject, 0, 0, FIRST)
            entries += 1
            subject.seq += 1
            entry = Entry(entries, draft.subject, subject.seq, draft.kind, act.number, draft.body)
            subject.digest = entry_digest(entry, subject.digest, digest)
            before, subject.newest = subject.newest, entries
            told_ = draft.kind, act.number, draft.body, subject.digest
            rows.append((entries, subject.number, subject.seq, before, *told_))
        db.execute(
            "insert into act values(?, ?, ?, ?, ?, ?, ?, ?)",
            (act.number, act.at, act.actor, act.via, act.action, act.body, act.signature, digest),
        )
        db.executemany("insert into entry values(?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._write_subjects(subjects.values(), there, state or {})
        db.execute("update head set acts = ?, entries = ?", (act.number, entries))

    def _write_subjects(
        self, subjects: Iterable[Subject], there: Container[str], state: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Write the heads of subjects and what changed of their state; only indexes of that are touched."""
        groups: defaultdict[tuple[bool, tuple[str, ...]], list[tuple[Any, ...]]] = defaultdict(list)
        for each in subjects:
            changed = state.get(each.name, {})
            group = groups[each.name in there, tuple(changed)]
            group.append((each.number, each.name, each.seq, each.newest, each.digest, *changed.values()))
        for (is_there, names), rows in groups.items():
            columns = (*_HEADS, *names)
            if is_there:
                sets = ", ".join(f'"{name}" = ?{place}' for place, name in enumerate(columns, 1) if place > _FIXED)
                asked = f"update subject set {sets} where number = ?1 and name = ?2"  # noqa: S608
            else:
                named = ", ".join(f'"{name}"' for name in columns)
                asked = f"insert into subject({named}) values({places(len(columns))})"
            self.db.executemany(asked, sorted(rows, key=itemgetter(0)))  # neighbours in the file one after another

    def count(self) -> int:
        """Give how many entries there are."""
        return int(self.db.execute("select entries from head").fetchone()[0]) if self.is_there else 0

    def acts(self) -> Iterator[tuple[Act, bytes]]:
        """Give every act in order, with the digest that was written with it."""
        for row in self.act_rows():
            yield Act(*row[:7]), row[7]

    def entries(self, after: int = 0) -> Iterator[tuple[Entry, bytes]]:
        """Give every entry behind number `after` in order, with the digest that was written with it."""
        for row in self.entry_rows(after):
            yield Entry(*row[:6]), row[6]

    def act_rows(self) -> Iterator[ActRow]:
        """Give the rows of `acts`."""
        asked = "select number, at, actor, via, action, body, signature, digest from act order by number"
        return self._rows(asked)

    def entry_rows(self, after: int = 0) -> Iterator[EntryRow]:
        """Give the rows of `entries`."""
        asked = (
            "select entry.number, name, entry.seq, kind, act, body, entry.digest from entry "
            "left join subject on subject.number = entry.subject where entry.number > ? order by entry.number"
        )
        return self._rows(asked, after)

    def digests(self) -> Generator[bytes, None, None]:
        """Give the digest of every entry in order; b"" for what somebody put there that is none."""
        for (digest,) in self._rows("select digest from entry order by number"):
            yield digest if isinstance(digest, bytes) else b""

    def by_subject(self, beginning: str) -> Iterator[tuple[int, str, int, int, str, bytes, int, str]]:
        """Give the entries of subjects whose names begin so, subject by subject.

        Each is the subject's number and name, the entry's number and that of the one before it, the kind, the body,
        when it was and who left it.
        """
        asked = (
            "select subject.number, name, entry.number, before, kind, entry.body, at, actor from entry "
            "join subject on entry.subject = subject.number join act on act.number = entry.act "
            "where name >= ? and name < ? order by subject.number, entry.seq"
        )
        return self._rows(asked, beginning, beginning + "\U0010ffff")

    def heads(self) -> Iterator[tuple[str, int, bytes]]:
        """Give of every subject its name, how many entries it has, and the digest of the last."""
        return self._rows("select name, seq, digest from subject order by number")

    def _rows(self, asked: str, *values: object) -> Iterator[Any]:
        if not self.is_there:
            return
        with told(self.path):
            yield from self.db.execute(asked, values)

    def counts(self) -> tuple[int, int]:
        """Give how many acts and entries the file says there are."""
        if not self.is_there:
            return 0, 0
        with told(self.path):
            found = self.db.execute("select acts, entries from head").fetchone()
        if found is None or not all(type(each) is int for each in found):
            raise damaged(self.path)
        return found[0], found[1]

    def history(self, subject: str) -> list[Happening]:
        """Give what happened to a subject, in order."""
        chain = (
            "with recursive chain(number) as (select newest from subject where name = ? union "
            "select before from entry join chain on entry.number = chain.number) select number from chain"
        )
        return self._happenings(f"entry.number in ({chain}) order by entry.seq", (subject,))

    def since(self, after: int, limit: int) -> list[Happening]:
        """Give what happened behind entry `after`, in order, at most so many entries."""
        return self._happenings("entry.number > ? order by entry.number limit ?", (after, limit))

    def _happenings(self, which: str, values: tuple[object, ...]) -> list[Happening]:
        asked = (
            "select entry.number, subject.name, entry.seq, kind, act.number, entry.body, "  # noqa: S608
            "at, actor, via, action, act.body, signature from entry "
            f"join act on act.number = entry.act join subject on subject.number = entry.subject where {which}"
        )
        with told(self.path):
            rows = self.db.execute(asked, values).fetchall() if self.is_there else []
        return [Happening(Entry(*row[:6]), Act(row[4], *row[6:])) for row in rows]

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()
            self._db = None


def places(count: int) -> str:
    """Give as many places for values in a statement."""
    return ", ".join("?" * count)


def open_histories(folder: Path) -> Histories:
    """Open the histories of a store's folder for reading; raise StoreError."""
    return Histories(folder, write=False)


def chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """Give values in lists that a statement has places for."""
    every = list(values)
    for begin in range(0, len(every), _CHUNK):
        yield every[begin : begin + _CHUNK]
