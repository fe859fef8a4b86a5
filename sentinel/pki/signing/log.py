"""The signer's own log: only ever added to, chained, on the disk before an answer leaves.

It is a SQLite file. An act is one answer of the signer: signatures that it made, a refusal, an approval that it
accepted, a grant. Its body is msgpack; `digest(act n) = SHA-256(digest(act n - 1) ‖ body)`, so that no act can be
changed, left out or moved without every later digest telling. The other tables only find what the bodies say: which
bytes were signed where, the last number of each list, what grants were used. `verify` holds them against the bodies.

SQLite writes ahead and syncs with every act (`synchronous = full`): what a killed signer left half-written is not
there when it starts again, and what it answered is.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from sentinel.errors import Damaged, StoreError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

VERSION: Final = 1
_TABLES: Final = """
create table act (number integer primary key, body blob not null, digest blob not null);
create table signed (digest blob primary key, act integer not null) without rowid;
create table list (key text, scope blob, number blob not null, primary key (key, scope)) without rowid;
create table used (granted text, at integer, act integer, count integer not null, primary key (granted, at, act))
    without rowid;
create table granted (name text primary key, act integer not null, withdrawn integer) without rowid;
create trigger act_stays before update on act begin select raise(abort, 'acts stay'); end;
create trigger act_remains before delete on act begin select raise(abort, 'acts stay'); end;
create trigger signed_stays before update on signed begin select raise(abort, 'signatures stay'); end;
create trigger signed_remains before delete on signed begin select raise(abort, 'signatures stay'); end;
"""
_AT_ONCE: Final = 500
"""Values in one question to SQLite."""


class Made(msgspec.Struct, frozen=True, array_like=True):
    """A signature: the SHA-256 of what was signed, the intent that it was made for, itself."""

    digest: bytes
    intent: int
    signature: bytes


class Act(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """One answer of the signer: `at` is nanoseconds since 1970, `uid` the user who asked.

    `kind` is `started`, `covered`, `signed`, `refused`, `granted` or `withdrawn`; `values` are what there is to say of
    it; `papers` the approvals and grants it rests on; `cover` the number of the act that accepted them.
    """

    number: int
    at: int
    kind: str
    uid: int
    key: str = ""
    values: dict[str, str] = {}
    papers: tuple[bytes, ...] = ()
    cover: int = 0
    grant: str = ""
    emergency: bool = False
    made: tuple[Made, ...] = ()


@dataclass(frozen=True, slots=True)
class ListNumber:
    """The number of a list that was signed, of one key and scope."""

    key: str
    scope: bytes
    number: int


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Act)


@dataclass(slots=True)
class Log:
    """An open log; `clock` gives nanoseconds since 1970. One thread at a time may use it."""

    path: Path
    _base: sqlite3.Connection = field(repr=False)
    _clock: Callable[[], int] = time.time_ns
    _number: int = 0
    _digest: bytes = b""

    @classmethod
    def open(cls, path: Path, clock: Callable[[], int] = time.time_ns) -> Log:
        """Open a log; it is made where it is not there. Raises StoreError, or Damaged where it is no log."""
        with _told(path):
            base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            base.executescript("pragma journal_mode = wal; pragma synchronous = full; pragma trusted_schema = off;")
            _migrate(base, path)
            path.chmod(0o600)
            row = base.execute("select number, digest from act order by number desc limit 1").fetchone() or (0, b"")
            return cls(path, base, clock, *row)

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    @property
    def last(self) -> tuple[int, bytes]:
        """Give the number and the digest of the last act."""
        return self._number, self._digest

    def add(self, kind: str, uid: int, *, lists: Sequence[ListNumber] = (), **said: object) -> Act:
        """Add an act, see `Act`; it is durable when this returns. Raises StoreError where it cannot be written."""
        values = {"number": self._number + 1, "at": self._clock(), "kind": kind, "uid": uid, **said}
        act = Act(**values)  # type: ignore[arg-type]  # as keyword arguments of `Act` are
        body = _encoder.encode(act)
        digest = sha256(self._digest + body).digest()
        with _told(self.path), self._base:
            self._base.execute("begin immediate")
            self._base.execute("insert into act values (?, ?, ?)", (act.number, body, digest))
            _index(self._base, act, lists)
        self._number, self._digest = act.number, digest
        return act

    def signed_before(self, digests: Iterable[bytes]) -> dict[bytes, int]:
        """Give of these SHA-256 those of what was signed already, and in which acts."""
        wanted, found = list(digests), dict[bytes, int]()
        with _told(self.path):
            for start in range(0, len(wanted), _AT_ONCE):
                part = wanted[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(part))
                asked = f"select digest, act from signed where digest in ({marks})"  # noqa: S608 - marks alone
                found.update(self._base.execute(asked, part))
        return found

    def recall(self, digests: Iterable[bytes]) -> dict[bytes, bytes]:
        """Give of these SHA-256 the signatures that were made over what has them."""
        wanted = set(digests)
        acts = sorted(set(self.signed_before(wanted).values()))
        made = (each for number in acts for each in self.act(number).made)
        return {each.digest: each.signature for each in made if each.digest in wanted}

    def last_number(self, key: str, scope: bytes) -> int:
        """Give the number of the last list of a key and scope; -1 where there is none."""
        asked = "select number from list where key = ? and scope = ?"
        with _told(self.path):
            row = self._base.execute(asked, (key, scope)).fetchone()
        return int.from_bytes(row[0]) if row else -1

    def used(self, grant: str, since: int) -> int:
        """Count what a grant gave since a time."""
        asked = "select coalesce(sum(count), 0) from used where granted = ? and at > ?"
        with _told(self.path):
            return int(self._base.execute(asked, (grant, since)).fetchone()[0])

    def granted(self, name: str) -> tuple[bytes, ...]:
        """Give the papers of a grant, its statement first; none where it was never given, or withdrawn."""
        asked = "select act from granted where name = ? and withdrawn is null"
        with _told(self.path):
            row = self._base.execute(asked, (name,)).fetchone()
        return self.act(row[0]).papers if row else ()

    def is_granted(self, name: str) -> bool:
        """Tell whether a grant of this name was ever given."""
        with _told(self.path):
            return self._base.execute("select 1 from granted where name = ?", (name,)).fetchone() is not None

    def act(self, number: int) -> Act:
        """Give an act."""
        with _told(self.path):
            row = self._base.execute("select body from act where number = ?", (number,)).fetchone()
        if row is None:
            raise _damaged(self.path, number)
        return read_act(row[0])

    def rows(self, after: int = 0, most: int = -1) -> Iterator[tuple[bytes, bytes]]:
        """Give the bodies and digests of acts behind a number, in their order, at most so many."""
        asked = "select cast(body as blob), digest from act where number > ? order by number limit ?"
        with _told(self.path):
            yield from self._base.execute(asked, (after, most))

    def verify(self) -> int:
        """Check every act and what the other tables say of them; give how many there are. Raises Damaged."""
        found, before, signatures = 0, b"", 0
        for found, (body, digest) in enumerate(self.rows(), 1):
            before = check_row(body, digest, before, found, str(self.path))
            made = [each.digest for each in read_act(body).made]
            if self.signed_before(made) != dict.fromkeys(made, found):
                raise _damaged(self.path, found)
            signatures += len(made)
        if signatures != self._base.execute("select count(*) from signed").fetchone()[0]:
            raise _damaged(self.path, found)
        return found


def read_log(path: Path) -> Iterator[Act]:
    """Give every act of a log that is only read, a copy of it say, checked. Raises Damaged, or StoreError."""
    before = b""
    with _told(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as base:
        asked = "select cast(body as blob), digest from act order by number"
        for number, (body, digest) in enumerate(base.execute(asked), 1):
            before = check_row(body, digest, before, number, str(path))
            yield read_act(body)


def read_act(body: bytes) -> Act:
    """Read the body of an act."""
    return _decoder.decode(body)


def check_row(body: bytes, digest: bytes, before: bytes, number: int, place: str) -> bytes:
    """Check an act that is behind the one with digest `before`; give its digest. Raises Damaged."""
    try:
        whole = sha256(before + body).digest() == digest and read_act(body).number == number
    except msgspec.MsgspecError:
        whole = False
    if not whole:
        raise _damaged(place, number)
    return digest


def _index(base: sqlite3.Connection, act: Act, lists: Sequence[ListNumber]) -> None:
    base.executemany("insert into signed values (?, ?)", [(made.digest, act.number) for made in act.made])
    for each in lists:
        number = each.number.to_bytes(each.number.bit_length() // 8 + 1)
        base.execute("insert or replace into list values (?, ?, ?)", (each.key, each.scope, number))
    if act.kind == "granted":
        base.execute("insert into granted values (?, ?, null)", (act.grant, act.number))
    elif act.kind == "withdrawn":
        base.execute("update granted set withdrawn = ? where name = ?", (act.number, act.grant))
    elif act.grant and act.made:
        base.execute("insert into used values (?, ?, ?, ?)", (act.grant, act.at, act.number, len(act.made)))


def _migrate(base: sqlite3.Connection, path: Path) -> None:
    (version,) = base.execute("pragma user_version").fetchone()
    if version == VERSION:
        return
    if version:
        told = _("the log is of version {version}, and this is for {ours}").format(version=version, ours=VERSION)
        raise StoreError(told, place=str(path), hint=_("use the Sentinel that wrote it, or a newer one"))
    base.executescript(f"begin immediate; {_TABLES} pragma user_version = {VERSION}; commit;")


def _damaged(path: Path | str, number: int) -> Damaged:
    return Damaged(
        _("the signer's log is not what was written: act {number}").format(number=number),
        place=str(path),
        hint=_("sign nothing more: find out who changed it, and restore it from a backup"),
    )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        kind = Damaged if isinstance(error, sqlite3.DatabaseError) and _is_damage(error) else StoreError
        raise kind(_("the signer's log cannot be used: {reason}").format(reason=error), place=str(path)) from None


def _is_damage(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
