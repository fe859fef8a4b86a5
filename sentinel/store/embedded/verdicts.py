"""What rules hit in parts that never change; kept, so that no rule judges a part twice.

A verdict is by part (`store.base.Part.key`) and by what a rule compiled to (`Rule.digest`): the rows that it hits,
which of most rules are none. Rules that judged a part are kept as a set that most parts share. Everything here can be
made again: whatever is wrong with the file, it is begun anew, and a hunt takes longer.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from sentinel import __version__

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import TypeAlias

    import numpy.typing as npt

    Rows: TypeAlias = npt.NDArray[np.int32]

VERSION: Final = 1
"""Counts changes of how rules are evaluated: verdicts of another version are void."""
MOST_RULES: Final = 1 << 15
"""Rules whose verdicts on a part are kept; when there are more, those of the latest hunt."""
_WAIT: Final = 5.0
_MARK_BYTES: Final = 16
_SCHEMA: Final = (
    "create table about(version text not null)",
    "create table rules(id text primary key, digests blob not null) without rowid",
    "create table verdict(part text primary key, rules text not null, hits blob not null, lines blob, mark blob)",
)


@dataclass(frozen=True, slots=True)
class Known:
    """The rules that judged a part, by digest, what they hit, and what hunts tell of the rows, as they pack it."""

    rules: frozenset[bytes]
    packed: bytes
    lines: bytes = b""

    def hits(self) -> dict[bytes, Rows]:
        """Give the rows that rules hit, rising; rules without hits are left out."""
        return {digest: _unpacked(rows) for digest, rows in _decoder.decode(self.packed).items()}


class Verdicts:
    """The verdicts of a store, in a file of its own."""

    def __init__(self, path: Path) -> None:
        """Open the file, or begin it; where that cannot be done, nothing is known and nothing kept."""
        self._path = path
        self._judged: dict[str, Known] = {}
        self._unions: dict[tuple[frozenset[bytes], frozenset[bytes]], frozenset[bytes]] = {}
        self._connection = self._opened()

    def known(self, keys: Collection[str]) -> dict[str, Known]:
        """Give what is known of parts; "" is no part's key."""
        wanted = frozenset(keys) - {""}
        found: dict[str, Known] = {}
        with self._passing_over():
            sets = self._sets()
            for part, rules, hits, lines, mark in self._rows("select part, rules, hits, lines, mark from verdict"):
                if part in wanted and rules in sets and mark == _mark(part, rules, hits, lines):
                    found[part] = Known(sets[rules], hits, lines)
        return found

    def _sets(self) -> dict[str, frozenset[bytes]]:
        return {
            name: frozenset(digests[begin : begin + _MARK_BYTES] for begin in range(0, len(digests), _MARK_BYTES))
            for name, digests in self._rows("select id, digests from rules")
            if name == _name(digests)
        }

    def add(
        self, key: str, before: Known | None, rules: frozenset[bytes], hits: Mapping[bytes, Rows], lines: bytes = b""
    ) -> None:
        """Take what rules hit in a part: of those that `before` does not know; all of `rules` have judged it now.

        `lines` is all that hunts tell of its rows; b"" leaves it as it was.
        """
        known = before or Known(frozenset(), _NOTHING)
        judged = self._union(known.rules, rules)
        packed = _decoder.decode(known.packed) | {digest: _packed(rows) for digest, rows in hits.items()}
        kept = {digest: rows for digest, rows in packed.items() if digest in judged}
        self._judged[key] = Known(judged, _encoder.encode(kept), lines or known.lines)

    def _union(self, before: frozenset[bytes], rules: frozenset[bytes]) -> frozenset[bytes]:
        """Give the same set for the same two: most parts share them."""
        union = self._unions.get((before, rules))
        if union is None:
            union = before | rules
            union = self._unions[before, rules] = union if len(union) <= MOST_RULES else rules
        return union

    def write(self, live: Collection[str] | None = None) -> None:
        """Write down what was added; where the parts that live are given, forget all others."""
        judged, self._judged = self._judged, {}
        with self._passing_over():
            if self._connection is None or not (judged or live is not None):
                return
            sets = {id(each.rules): b"".join(sorted(each.rules)) for each in judged.values()}
            names = {number: _name(digests) for number, digests in sets.items()}
            rows = [(part, names[id(each.rules)], each.packed, each.lines) for part, each in judged.items()]
            marked = [(*row, _mark(*row)) for row in rows]
            with self._connection:
                self._connection.execute("begin immediate")
                self._connection.executemany(
                    "insert or replace into rules values(?, ?)", {names[n]: sets[n] for n in sets}.items()
                )
                self._connection.executemany("insert or replace into verdict values(?, ?, ?, ?, ?)", marked)
                self._forget(self._connection, live)

    def _forget(self, connection: sqlite3.Connection, live: Collection[str] | None) -> None:
        if live is not None:
            dead = [(part,) for (part,) in self._rows("select part from verdict") if part not in live]
            connection.executemany("delete from verdict where part = ?", dead)
        connection.execute("delete from rules where id not in (select rules from verdict)")

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection | None:
        for _attempt in range(2):
            with suppress(OSError, sqlite3.Error):
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
                connection = sqlite3.connect(self._path, timeout=_WAIT, isolation_level=None)
                try:
                    if _is_ours(connection):
                        return connection
                except sqlite3.OperationalError:  # another process holds it, or the disk is full
                    connection.close()
                    return None
                except sqlite3.Error:
                    connection.close()
                self._path.unlink(missing_ok=True)
        return None

    def _rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        return self._connection.execute(query).fetchall() if self._connection else ()

    @contextmanager
    def _passing_over(self) -> Iterator[None]:
        """Do without where the file is damaged, full or held by others; begin it anew where it is damaged."""
        try:
            yield
        except sqlite3.OperationalError:
            pass
        except (sqlite3.Error, msgspec.DecodeError, TypeError, ValueError):
            self.close()
            with suppress(OSError):
                self._path.unlink()
            self._connection = self._opened()


def forget(path: Path, parts: Iterable[str]) -> None:
    """Forget what is known of parts that are gone; where that cannot be done, of all."""
    if not path.exists():
        return
    try:
        connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
        try:
            connection.execute("pragma synchronous = off")
            connection.execute("pragma secure_delete = on")
            connection.execute("begin immediate")
            connection.executemany("delete from verdict where part = ?", ((part,) for part in parts))
            connection.execute("commit")
        finally:
            connection.close()
    except sqlite3.Error:
        with suppress(OSError):
            path.unlink()


def _is_ours(connection: sqlite3.Connection) -> bool:
    """Tell whether a file holds verdicts of this version; make it one where it is empty."""
    version = f"{VERSION} {__version__} {pa.__version__}"
    connection.execute("pragma synchronous = off")
    with connection:
        connection.execute("begin immediate")
        if not connection.execute("select 1 from sqlite_master").fetchone():
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute("insert into about values(?)", (version,))
        return bool(connection.execute("select version from about").fetchall() == [(version,)])


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(dict[bytes, bytes])
_NOTHING: Final = _encoder.encode({})


def _mark(*fields: str | bytes) -> bytes:
    return blake2b(_encoder.encode(fields), digest_size=_MARK_BYTES).digest()


def _name(digests: bytes) -> str:
    return blake2b(digests, digest_size=_MARK_BYTES).hexdigest()


def _packed(rows: Rows) -> bytes:
    """Pack rising rows: a rule that hits every event takes next to nothing."""
    return zlib.compress(np.diff(rows, prepend=np.int32(0)).astype("<i4").tobytes(), 1)


def _unpacked(packed: bytes) -> Rows:
    return np.cumsum(np.frombuffer(zlib.decompress(packed), "<i4"), dtype=np.int32)
