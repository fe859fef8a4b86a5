"""Answers of OCSP that were signed beforehand, in a file of SQLite that the server reads.

One row is one answer: what is said, from when until when, and the bytes that were signed. How far the file has followed
the register (`followed`) is written in the same transaction as the answers that follow from it: whoever is killed in
between leaves the file as it was before, and whoever comes next goes on from there. A reader sees the file as it was
before or after a transaction, never between (WAL), and waits for nobody.

Nothing here is the only copy of anything: a file that is lost or damaged may be removed, and is made anew.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sentinel.errors import StoreError
from sentinel.language import _
from sentinel.pki.status.ocsp import Hash, State, Status, Window
from sentinel.pki.status.values import CODES
from sentinel.store.embedded.databases import connect, keep_log, read_only, told

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sentinel.pki.status.replies import Responder

NAME: Final = "answers.db"
FORMAT: Final = 1
_CACHE_KIB: Final = 32 << 10
"""What a writer keeps of the file at most: serial numbers are random, and thousands touch pages all over it."""
_LOG_PAGES: Final = 8 << 10
_TABLES: Final = (
    "create table head(one integer primary key check (one = 1), format integer not null)",
    "create table issuer(number integer primary key, name text not null unique, followed integer not null)",
    "create table responder(number integer primary key, tail blob not null unique)",
    """create table answer(
      issuer integer not null, serial blob not null, hash integer not null, state integer not null, at integer not null,
      reason integer not null, begins integer not null, ends integer not null, not_after integer not null,
      responder integer not null, signed blob not null, primary key (issuer, serial, hash)
    ) without rowid""",
    "create index answer_by_end on answer(issuer, ends, hash)",
    f"insert into head values(1, {FORMAT})",
)
_REASONS: Final = {code: reason for reason, code in CODES.items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of a certificate, and the answer that says so: the part that is signed, and the responder's tail."""

    serial: int
    status: Status
    window: Window
    not_after: int
    signed: bytes
    tail: bytes = b""


class Answers:
    """The file of answers, to be read, and with `write` to be written, made where it is not."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        """Open it. Raise StoreError where it cannot be, or is of another format."""
        self.path = path
        self._db: sqlite3.Connection | None = None
        if not write and not path.exists():
            return
        with told(path):
            self._db = connect(path, "mode=rwc") if write else read_only(path)
            if write:
                self._make(self._db)
            row = self._db.execute("select format from head").fetchone()
        if not row or row[0] != FORMAT:
            raise StoreError(
                _("{name} is of another format").format(name=path.name),
                place=str(path),
                hint=_("remove it: it is made anew from the register"),
            )

    def _make(self, db: sqlite3.Connection) -> None:
        keep_log(db)
        db.execute("pragma synchronous=full")
        db.execute(f"pragma cache_size=-{_CACHE_KIB}")
        db.execute(f"pragma wal_autocheckpoint={_LOG_PAGES}")
        if db.execute("select 1 from sqlite_master where name = 'head'").fetchone():
            return
        db.execute("begin immediate")
        try:
            if not db.execute("select 1 from sqlite_master where name = 'head'").fetchone():
                for table in _TABLES:
                    db.execute(table)
            db.execute("commit")
        except BaseException:
            db.execute("rollback")
            raise

    @property
    def db(self) -> sqlite3.Connection:
        """Give the connection. Raise StoreError where there is no file, or it was closed."""
        if self._db is None:
            raise StoreError(
                _("no answers were signed yet"), place=str(self.path), hint=_("`sentinel pki serve` signs them")
            )
        return self._db

    @property
    def is_there(self) -> bool:
        """Tell whether there is a file to read."""
        return self._db is not None

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def find(self, issuer: str, serial: int, hashed: Hash | None = None) -> Answer | None:
        """Give the answer about a certificate, named with a hash or with any; None where there is none.

        Raise StoreError, Damaged.
        """
        named = _ANY if hashed is None else hashed
        with told(self.path):
            row = self.db.execute(_FIND, (issuer, octets(serial), named, named)).fetchone()
        return _answer(*row) if row else None

    def due(self, issuer: str, hashed: Hash, before: int, now: int, most: int) -> list[Answer]:
        """Give answers that end before some time and whose certificates have not, those that end first in front."""
        with told(self.path):
            rows = self.db.execute(_DUE, (issuer, hashed, before, now, most)).fetchall()
        return [_answer(*row) for row in rows]

    def followed(self, issuer: str) -> int:
        """Give the number of the last change of the register that is answered for; 0 where there is none."""
        with told(self.path):
            row = self.db.execute("select followed from issuer where name = ?", (issuer,)).fetchone()
        return int(row[0]) if row else 0

    def ended(self, issuer: str, now: int) -> int:
        """Give how many answers have ended though their certificates have not."""
        with told(self.path):
            row = self.db.execute(_ENDED, (issuer, now, now)).fetchone()
        return int(row[0])

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────
    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the file's one writing transaction; all of it is durable when this ends, or none of it happened."""
        with told(self.path):
            self.db.execute("begin immediate")
            try:
                yield
            except BaseException:
                self.db.execute("rollback")
                raise
            self.db.execute("commit")

    def put(self, responder: Responder, hashed: Hash, answers: Iterable[Answer]) -> None:
        """Write answers, in the place of those there were about the same certificates; within `writing`."""
        issuer = self._number("issuer", "name", responder.issuer.id)
        signer = self._number("responder", "tail", responder.tail)
        self.db.executemany(
            "insert or replace into answer values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (issuer, octets(each.serial), hashed, each.status.state, each.status.at, CODES[each.status.reason],
                 each.window.begins, each.window.ends, each.not_after, signer, each.signed)
                for each in answers
            ),
        )  # fmt: skip

    def follow(self, issuer: str, number: int) -> None:
        """Write down how far the register is followed; within `writing`."""
        self._number("issuer", "name", issuer)
        self.db.execute("update issuer set followed = ? where name = ?", (number, issuer))

    def drop(self, issuer: str, before: int) -> int:
        """Remove what ended before some time about certificates that did so too; give how many answers."""
        with told(self.path):
            if not self.db.execute(f"select exists(select 1 {_GONE})", (issuer, before, before)).fetchone()[0]:
                return 0
        with self.writing():
            return self.db.execute(f"delete {_GONE}", (issuer, before, before)).rowcount

    def forget(self, issuer: str) -> None:
        """Remove all answers about an authority's certificates, to be signed anew when its responder's key was lost."""
        with self.writing():
            self.db.execute("delete from answer where issuer = (select number from issuer where name = ?)", (issuer,))
            self.db.execute("update issuer set followed = 0 where name = ?", (issuer,))

    def _number(self, table: str, column: str, value: str | bytes) -> int:
        """Give the number of a row that stands for a value, made where there is none."""
        asked = f"select number from {table} where {column} = ?"  # noqa: S608 - names of ours
        row = self.db.execute(asked, (value,)).fetchone()
        if row is None:
            values = (value, 0) if table == "issuer" else (value,)
            marks = ", ".join("?" * len(values))
            row = (self.db.execute(f"insert into {table} values(null, {marks})", values).lastrowid,)
        return int(row[0])


def octets(serial: int) -> bytes:
    """Give a serial number as the key of a row."""
    return serial.to_bytes((serial.bit_length() + 7) // 8, "big")


def _answer(  # noqa: PLR0913, PLR0917 - the columns of a row
    serial: bytes, state: int, at: int, reason: int, begins: int, ends: int, not_after: int, signed: bytes, tail: bytes
) -> Answer:
    status = Status(State(state), at, _REASONS[reason])
    return Answer(int.from_bytes(serial, "big"), status, Window(begins, ends), not_after, signed, tail)


_ANY: Final = 0
_SELECT: Final = """select serial, state, at, reason, begins, ends, not_after, signed, tail from answer
join responder on responder.number = answer.responder where issuer = (select number from issuer where name = ?)"""
_FIND: Final = f"{_SELECT} and serial = ? and (? = 0 or hash = ?) limit 1"
_DUE: Final = f"{_SELECT} and hash = ? and ends < ? and not_after > ? order by ends limit ?"
_ENDED: Final = """select count(*) from answer where issuer = (select number from issuer where name = ?)
and ends <= ? and not_after > ?"""
_GONE: Final = """from answer where issuer = (select number from issuer where name = ?)
and ends < ? and not_after < ?"""
