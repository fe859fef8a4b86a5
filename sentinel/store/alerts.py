"""Alerts: events that are only ever added, in a file of SQLite beside the events that raised them.

An alert that is there already is not added again, so reading a source twice raises nothing twice. Every alert carries
a hash of itself and of the alert before it: who changes, removes or reorders one breaks the chain (`verify`), and who
removes the last ones contradicts the count that is kept beside them.

Any number of processes add at once; each waits for its turn.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import Damaged, StoreError
from sentinel.language import _
from sentinel.model.alert import Alert, Wanted
from sentinel.model.severity import Level
from sentinel.store.embedded.databases import read_only

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

NAME: Final = "alerts.db"
FORMAT: Final = 1
_PATIENCE: Final = 60.0
"""Seconds to wait for another process that is adding."""
_SHORTEST_PREFIX: Final = 4

_TABLES: Final = """
create table if not exists alert(
  seq integer primary key, id text not null unique, rule text not null, title text not null, level integer not null,
  tags text not null, "group" text not null, "window" integer not null, dataset text not null, code text not null,
  host text not null, user text not null, peer text not null, detail text not null, time integer, seen integer not null,
  at integer not null, digest blob not null
);
create table if not exists evidence(seq integer primary key, event blob not null);
create table if not exists head(
  one integer primary key check (one = 1), format integer not null, count integer not null, digest blob not null
);
create index if not exists alert_by_time on alert(at desc, id);
create index if not exists alert_by_level on alert(level, at desc, id);
create index if not exists alert_by_host on alert(host collate nocase, at desc, id);
create index if not exists alert_by_rule on alert(rule, at desc, id);
create index if not exists alert_by_dataset on alert(dataset collate nocase, at desc, id);
"""
_COLUMNS: Final = (
    "id", "rule", "title", "level", "tags", "group", "window", "dataset", "code", "host", "user", "peer", "detail",
    "time", "seen",
)  # fmt: skip
_SELECTED: Final = ", ".join(f'alert."{name}"' for name in _COLUMNS)
_ADD: Final = (
    f"insert into alert(seq, {', '.join(chr(34) + name + chr(34) for name in _COLUMNS)}, at, digest) "
    f"values({', '.join('?' * (len(_COLUMNS) + 3))})"
)


class Alerts:
    """The alerts of a store."""

    def __init__(self, folder: Path, *, write: bool = True) -> None:
        """Open the alerts of a store's folder, and with `write` make them where they are not; raise StoreError."""
        self.path = folder / NAME
        self._db: sqlite3.Connection | None = None
        if not write and not self.path.exists():
            return  # no rule has hit yet
        with _told(self.path):
            if not write:
                self._db = read_only(self.path)
            else:
                address = f"{self.path.absolute().as_uri()}?mode=rwc"
                self._db = sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None)
            if write:
                self._make(self._db)
            self._check_format(self._db)

    def _make(self, db: sqlite3.Connection) -> None:
        db.execute("pragma journal_mode=wal")
        db.execute("pragma synchronous=full")
        if not db.execute("select 1 from sqlite_master where name = 'head'").fetchone():
            db.executescript(f"begin immediate; {_TABLES} commit;")
        db.execute("insert or ignore into head values(1, ?, 0, ?)", (FORMAT, b""))

    def _check_format(self, db: sqlite3.Connection) -> None:
        ((version,),) = db.execute("select format from head").fetchall()
        if version > FORMAT:
            raise StoreError(
                _("the alerts have format {found}; this version reads up to {known}").format(
                    found=version, known=FORMAT
                ),
                place=str(self.path),
                hint=_("use the version of Sentinel that wrote it, or a newer one"),
            )

    def add(self, alerts: Iterable[Alert]) -> list[Alert]:
        """Add alerts and give those that were not there yet; they are durable when this returns."""
        waiting = list({alert.id: alert for alert in alerts}.values())
        if not waiting:
            return []
        with _told(self.path):
            db = self._open()
            db.execute("begin immediate")
            try:
                new = self._add(db, waiting)
                db.execute("commit")
            except BaseException:
                db.execute("rollback")
                raise
        return new

    def _add(self, db: sqlite3.Connection, waiting: list[Alert]) -> list[Alert]:
        ((count, digest),) = db.execute("select count, digest from head").fetchall()
        new: list[Alert] = []
        for alert in waiting:
            if db.execute("select 1 from alert where id = ?", (alert.id,)).fetchone():
                continue
            count += 1
            row = _row(alert)
            digest = _digest(digest, count, row, alert.evidence)
            db.execute(_ADD, (count, *row, _at(alert), digest))
            db.execute("insert into evidence values(?, ?)", (count, zlib.compress(alert.evidence, 1)))
            new.append(alert)
        if new:
            db.execute("update head set count = ?, digest = ?", (count, digest))
        return new

    def page(self, wanted: Wanted, limit: int, after: str = "") -> tuple[list[Alert], str]:
        """Give the newest alerts that are wanted, without their evidence, and what to ask for those behind them.

        `after` is what the page before gave; "" ends them. Raises StoreError where it is none.
        """
        if self._db is None:
            return [], ""
        terms, values = _terms(wanted)
        if after:
            at, identity = self._place(after)
            terms.append("(alert.at < ? or (alert.at = ? and alert.id > ?))")
            values += [at, at, identity]
        where = f"where {' and '.join(terms)}" if terms else ""
        asked = f"select {_SELECTED}, alert.at from alert {where} order by alert.at desc, alert.id limit ?"  # noqa: S608
        with _told(self.path):
            rows = self._db.execute(asked, (*values, limit + 1)).fetchall()
        found = [_alert(row[:-1]) for row in rows[:limit]]
        more = f"{rows[limit - 1][-1]}.{found[-1].id}" if len(rows) > limit else ""
        return found, more

    def _place(self, after: str) -> tuple[int, str]:
        at, _dot, identity = after.partition(".")
        if not at.removeprefix("-").isdigit() or not identity:
            raise StoreError(_("this is not where a page of alerts ended"), place=after)
        return int(at), identity

    def count(self, wanted: Wanted) -> int:
        """Count the alerts that are wanted."""
        if self._db is None:
            return 0
        terms, values = _terms(wanted)
        where = f"where {' and '.join(terms)}" if terms else ""
        with _told(self.path):
            return int(self._db.execute(f"select count(*) from alert {where}", values).fetchone()[0])  # noqa: S608

    def get(self, prefix: str) -> list[Alert]:
        """Give the alerts whose id begins so, two at most, with their evidence; none for less than four digits."""
        if self._db is None or len(prefix) < _SHORTEST_PREFIX:
            return []
        asked = (
            f"select {_SELECTED}, evidence.event from alert join evidence using (seq) "  # noqa: S608
            "where alert.id >= ? and alert.id < ? order by alert.id limit 2"
        )
        with _told(self.path):
            rows = self._db.execute(asked, (prefix.lower(), prefix.lower() + "g")).fetchall()
            return [_alert(row[:-1], zlib.decompress(row[-1])) for row in rows]

    def verify(self) -> int:
        """Recompute the chain and give how many alerts there are; raise Damaged where anything was changed."""
        if self._db is None:
            return 0
        digest, seen = b"", 0
        asked = (
            f"select seq, digest, event, at, {_SELECTED} from alert "  # noqa: S608
            "left join evidence using (seq) order by seq"
        )
        with _told(self.path):
            self._db.execute("begin")
            try:
                ((count, last),) = self._db.execute("select count, digest from head").fetchall()
                for seq, found, event, at, *row in self._db.execute(asked):
                    seen += 1
                    evidence = zlib.decompress(event) if event is not None else b""
                    digest = _digest(digest, seen, tuple(row), evidence)
                    if seq != seen or digest != found or at != _at(_alert(row)):
                        raise self._broken(seq)
                ((kept,),) = self._db.execute("select count(*) from evidence").fetchall()
            finally:
                self._db.execute("rollback")
        if (seen, digest) != (count, last) or kept != seen:
            raise self._broken(min(seen, count) + 1)
        return seen

    def _broken(self, seq: int) -> Damaged:
        return Damaged(
            _("alert number {number} is not what was written, or is missing").format(number=seq),
            place=str(self.path),
            hint=_("restore the alerts from a backup"),
        )

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            raise StoreError(_("the alerts are closed"), place=str(self.path))
        return self._db

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()
            self._db = None


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into StoreError, or Damaged where the file is not what it was."""
    try:
        yield
    except (sqlite3.DatabaseError, zlib.error, ValueError) as error:
        if isinstance(error, sqlite3.OperationalError):
            hint = _("free the disk, or give this user the right to write there; nothing that was acknowledged is lost")
            raise StoreError(
                _("the alerts cannot be read or written: {reason}").format(reason=error), place=str(path), hint=hint
            ) from error
        raise Damaged(
            _("the alerts are damaged: {reason}").format(reason=error),
            place=str(path),
            hint=_("restore the alerts from a backup"),
        ) from error


def _at(alert: Alert) -> int:
    """Give the time that alerts are ordered by."""
    return alert.seen if alert.time is None else alert.time


def _row(alert: Alert) -> tuple[Any, ...]:
    shown = {"tags": json.dumps(alert.tags), "level": int(alert.level)}
    return tuple(shown[name] if name in shown else _storable(getattr(alert, name)) for name in _COLUMNS)


def _storable(value: object) -> object:
    """Let what UTF-8 cannot hold be its escape."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _alert(row: Iterable[Any], evidence: bytes = b"") -> Alert:
    fields = dict(zip(_COLUMNS, row, strict=True))
    fields["tags"], fields["level"] = tuple(json.loads(fields["tags"])), Level(fields["level"])
    return Alert(**fields, evidence=evidence)


def _digest(before: bytes, seq: int, row: tuple[Any, ...], evidence: bytes) -> bytes:
    written = json.dumps([seq, *row], ensure_ascii=True).encode()
    digest = blake2b(before, digest_size=32)
    for part in (written, evidence):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def _terms(wanted: Wanted) -> tuple[list[str], list[Any]]:
    """Give conditions of SQL, and the values in them."""
    pattern = "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in wanted.rule)
    asked: tuple[tuple[bool, str, tuple[Any, ...]], ...] = (
        (wanted.level > Level.INFORMATIONAL, "alert.level >= ?", (int(wanted.level),)),
        (
            bool(wanted.rule),
            "(alert.rule = ? or alert.title like ? escape '\\')",
            (wanted.rule, f"%{pattern}%"),
        ),
        (bool(wanted.host), "alert.host = ? collate nocase", (wanted.host,)),
        (bool(wanted.dataset), "alert.dataset = ? collate nocase", (wanted.dataset,)),
        (wanted.window.since is not None, "alert.at >= ?", (wanted.window.since,)),
        (wanted.window.until is not None, "alert.at < ?", (wanted.window.until,)),
    )
    chosen = [(term, values) for applies, term, values in asked if applies]
    return [term for term, _values in chosen], [value for _term, values in chosen for value in values]
