"""The manifest: which segments, journals and ranges exist.

A change is one transaction of SQLite (WAL, FULL): it is there as a whole once it returned, or not at all. Each gives
the store the next *generation*. A segment lives from the generation it was `born` in up to the one it was `dead` in;
a row of a dead one stays until its file is gone.

Every row carries a mark, the hash of all its fields, and `meta` the sum of all marks of a table, so that a field
changed, a row removed and a row added by anyone else are found (`faults`).
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from sentinel.errors import Damaged, StoreError
from sentinel.language import _
from sentinel.store.embedded import databases
from sentinel.store.embedded import layout as layouts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sentinel.store.base import Covered
    from sentinel.store.embedded.layout import Layout

_MARK_BYTES = 16
_MODULO = 1 << 8 * _MARK_BYTES

TABLES: dict[str, tuple[str, ...]] = {
    "segment": (
        "name", "dataset", "day", "rows", "bytes", "first", "last", "least_id", "greatest_id", "shape", "digest",
        "grams_bytes", "grams_digest", "born", "dead",
    ),
    "shape": ("id", "content"),
    "journal": ("name", "born"),
    "covered": ("identity", "begin", "end", "digest"),
}  # fmt: skip
"""Every table's columns, in the order that its marks are made in; `mark` comes behind."""

_SCHEMA = """
create table meta(key text primary key, value) without rowid;
create table segment(
    name text primary key, dataset text not null, day text not null, rows integer not null, bytes integer not null,
    first integer not null, last integer not null, least_id text not null, greatest_id text not null,
    shape text not null, digest blob not null, grams_bytes integer not null, grams_digest blob not null,
    born integer not null, dead integer, mark blob not null
) without rowid;
create index segment_dead on segment(dead) where dead is not null;
create index segment_day on segment(dataset, day) where dead is null;
create table shape(id text primary key, content blob not null, mark blob not null) without rowid;
create table journal(name text primary key, born integer not null, mark blob not null) without rowid;
create table covered(
    identity blob not null, begin integer not null, "end" integer not null, digest blob not null, mark blob not null,
    primary key (identity, begin, "end", digest)
) without rowid;
"""
_ORDERED = {name: ", ".join(f'"{column}"' for column in columns) for name, columns in TABLES.items()}


@dataclass(frozen=True, slots=True)
class Shape:
    """What columns a segment has: name → type (`str(pa.DataType)`); and which are not written → the one that is."""

    columns: Mapping[str, str]
    aliases: Mapping[str, str]


Digest: TypeAlias = bytes


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as the manifest knows it; `first` and `last` are nanoseconds since 1970, UTC.

    `digest` and `grams_digest` are blake2b (16 bytes) of the file and of the one beside it, b"" where there is none.
    """

    name: str
    dataset: str
    day: str
    rows: int
    bytes: int
    first: int
    last: int
    least_id: str
    greatest_id: str
    shape: Shape
    digest: Digest
    grams_bytes: int = 0
    grams_digest: Digest = b""
    born: int = 0
    dead: int | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What the manifest says at one moment: its generation, the segments that live, and the journals not sealed."""

    generation: int
    segments: tuple[Segment, ...]
    journals: tuple[str, ...]


def mark_of(table: str, values: Sequence[Any]) -> bytes:
    """Give the mark of a row: the hash of its table's name and all its fields."""
    return blake2b(msgspec.msgpack.encode([table, *values]), digest_size=_MARK_BYTES).digest()


def create_manifest(layout: Layout) -> None:
    """Make the manifest of a new store, in place of one that was begun."""
    for suffix in ("", "-wal", "-shm"):
        layout.manifest.with_name(layout.manifest.name + suffix).unlink(missing_ok=True)
    with _told(layout):
        connection = databases.connect(layout.manifest, "mode=rwc")
        try:
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = full")
            connection.executescript(f"begin immediate; {_SCHEMA}")
            sums = {f"sum:{table}": bytes(_MARK_BYTES) for table in TABLES}
            meta = {"format": layouts.FORMAT, "store": layout.id, "generation": 0, **sums}
            connection.executemany("insert into meta values(?, ?)", [*meta.items(), ("mark", _meta_mark(meta))])
            connection.execute("commit")
        finally:
            connection.close()


class Manifest:
    """The manifest, open."""

    def __init__(self, layout: Layout, *, write: bool = True) -> None:
        """Open it; with `write` as False no file of the store is made or changed where SQLite can do without."""
        self.layout = layout
        self._lock = RLock()
        self._shapes: dict[str, Shape] = {}
        with _told(layout):
            self._connection = _connect(layout, write=write)
            try:
                self._check()
            except BaseException:
                self._connection.close()
                raise

    def _check(self) -> None:
        meta = self.meta()
        version = meta.get("format")
        if not isinstance(version, int) or meta.get("store") != self.layout.id:
            raise Damaged(
                _("the manifest is not the one of this store"),
                place=str(self.layout.manifest),
                hint=_("restore the store from a backup"),
            )
        if version > layouts.FORMAT:
            raise StoreError(
                _("the store has format {found}; this version reads up to {known}").format(
                    found=version, known=layouts.FORMAT
                ),
                place=str(self.layout.manifest),
                hint=_("use the version of Sentinel that wrote it, or a newer one"),
            )
        self._whole_meta()

    def close(self) -> None:
        """Close it."""
        with self._lock:
            self._connection.close()

    def meta(self) -> dict[str, Any]:
        """Give what the manifest says of itself."""
        return dict(self._rows("select key, value from meta"))

    def _whole_meta(self) -> dict[str, Any]:
        """Give what the manifest says of itself; raise Damaged where it is not what was written."""
        meta = self.meta()
        if meta.get("mark") != _meta_mark({key: value for key, value in meta.items() if key != "mark"}):
            raise _damaged(self.layout)
        return meta

    def generation(self) -> int:
        """Give the number of changes so far."""
        return int(self._rows("select value from meta where key = 'generation'")[0][0])

    def state(self) -> State:
        """Give what lives now, as of one moment."""
        with self._lock, _told(self.layout):
            self._connection.execute("begin")
            try:
                generation = self.generation()
                segments = self.segments()
                journals = self.journals()
            finally:
                self._connection.execute("rollback")
        return State(generation, segments, journals)

    def segments(self, where: str = "dead is null", values: Sequence[Any] = ()) -> tuple[Segment, ...]:
        """Give segments by dataset, time and name; those that live, unless a condition says otherwise."""
        order = "order by dataset, first, name"
        query = f"select {_ORDERED['segment']} from segment where {where} {order}"  # noqa: S608 - ours
        return tuple(map(self._segment, self._rows(query, values)))

    def _segment(self, row: Sequence[Any]) -> Segment:
        fields = dict(zip(TABLES["segment"], row, strict=True))
        return Segment(**fields | {"shape": self._shape(fields["shape"])})

    def _shape(self, name: str) -> Shape:
        shape = self._shapes.get(name)
        if shape is None:
            found = self._rows("select content from shape where id = ?", (name,))
            # Its name is its hash: what it tells of columns is what files are read by.
            if not found or not isinstance(found[0][0], bytes) or _shape_name(found[0][0]) != name:
                raise _damaged(self.layout)
            shape = Shape(*msgspec.msgpack.decode(found[0][0], type=tuple[dict[str, str], dict[str, str]]))
            self._shapes[name] = shape
        return shape

    def journals(self) -> tuple[str, ...]:
        """Name the journals that exist."""
        return tuple(name for (name,) in self._rows("select name from journal order by name"))

    def has_journal(self, name: str) -> bool:
        """Tell whether a journal exists: it was begun, and is not sealed."""
        return bool(self._rows("select 1 from journal where name = ?", (name,)))

    def has_segment(self, name: str) -> bool:
        """Tell whether a segment is known, living or dead."""
        return bool(self._rows("select 1 from segment where name = ?", (name,)))

    def covered(self, identity: bytes) -> list[tuple[int, int, bytes]]:
        """Give the ranges of a source whose events are in segments: begin, end, digest."""
        return self._rows('select begin, "end", digest from covered where identity = ? order by begin', (identity,))

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock, _told(self.layout):
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def change(self) -> Iterator[Change]:
        """Change the manifest in one transaction, which is durable when the context ends without an exception."""
        with self._lock, _told(self.layout):
            self._connection.execute("begin immediate")
            try:
                change = Change(self._connection, self._whole_meta())
                yield change
                change.finish()
                self._connection.execute("commit")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("rollback")
                raise

    def faults(self) -> list[tuple[str, str]]:
        """Give what is not as it was written: (table, what names the row), the latter "" for the table as a whole."""
        with self._lock, _told(self.layout):
            self._connection.execute("begin")
            try:
                return list(self._faults())
            finally:
                self._connection.execute("rollback")

    def _faults(self) -> Iterator[tuple[str, str]]:
        meta = self.meta()
        said = meta.pop("mark", None)
        if said != _meta_mark(meta):
            yield "meta", ""
        for table in TABLES:
            total = 0
            for *values, mark in self._rows(f"select {_ORDERED[table]}, mark from {table}"):  # noqa: S608 - ours
                if mark != mark_of(table, values):
                    yield table, _shown(values[0])
                total += int.from_bytes(mark) if isinstance(mark, bytes) else 0
            if meta.get(f"sum:{table}") != _sum_bytes(total):
                yield table, ""


class Change:
    """A transaction on the manifest that is under way; `generation` is the one that it makes."""

    def __init__(self, connection: sqlite3.Connection, meta: dict[str, Any]) -> None:
        """Begin with what the manifest says of itself."""
        self._connection = connection
        self._meta = meta
        self._sums = {table: int.from_bytes(meta[f"sum:{table}"]) for table in TABLES}
        self.generation = int(meta["generation"]) + 1

    def add_segment(self, segment: Segment) -> None:
        """Let a segment live from this generation on."""
        content = msgspec.msgpack.encode((segment.shape.columns, segment.shape.aliases))
        name = _shape_name(content)
        if not self._connection.execute("select 1 from shape where id = ?", (name,)).fetchone():
            self._insert("shape", (name, content))
        fields = [getattr(segment, column) for column in TABLES["segment"]]
        fields[9], fields[13], fields[14] = name, self.generation, None
        self._insert("segment", fields)

    def end_segment(self, name: str) -> bool:
        """Let a segment live no longer; its row stays until its file is gone. Tell whether it did live."""
        row = self._take("segment", "name = ? and dead is null", (name,))
        if row is None:
            return False
        self._insert("segment", [*row[:14], self.generation])
        return True

    def tell_grams(self, name: str, size: int, digest: bytes) -> bool:
        """Tell of the file beside a segment that had none; tell whether the segment lives."""
        row = self._take("segment", "name = ? and dead is null", (name,))
        if row is None:
            return False
        told = {"grams_bytes": size, "grams_digest": digest}
        self._insert(
            "segment", [told.get(column, value) for column, value in zip(TABLES["segment"], row, strict=False)]
        )
        return True

    def forget_segment(self, name: str) -> None:
        """Remove the row of a dead segment."""
        self._take("segment", "name = ? and dead is not null", (name,))

    def add_journal(self, name: str) -> None:
        """Let a journal exist."""
        self._insert("journal", (name, self.generation))

    def end_journal(self, name: str) -> bool:
        """Let a journal exist no longer; tell whether it did."""
        return self._take("journal", "name = ?", (name,)) is not None

    def add_covered(self, ranges: Iterable[Covered]) -> None:
        """Note ranges of sources whose events are in segments."""
        for each in ranges:
            key = (each.identity, each.begin, each.end, each.digest)
            found = self._connection.execute(
                'select 1 from covered where identity = ? and begin = ? and "end" = ? and digest = ?', key
            )
            if not found.fetchone():
                self._insert("covered", key)

    def finish(self) -> None:
        """Write the generation and the sums of marks."""
        self._meta["generation"] = self.generation
        self._meta |= {f"sum:{table}": _sum_bytes(total) for table, total in self._sums.items()}
        self._meta.pop("mark", None)
        self._meta["mark"] = _meta_mark(self._meta)
        self._connection.executemany("insert or replace into meta values(?, ?)", self._meta.items())

    def _insert(self, table: str, values: Sequence[Any]) -> None:
        mark = mark_of(table, values)
        self._sums[table] += int.from_bytes(mark)
        marks = ", ".join("?" * (len(values) + 1))
        self._connection.execute(f"insert into {table} values({marks})", (*values, mark))

    def _take(self, table: str, where: str, values: Sequence[Any]) -> list[Any] | None:
        rows = self._connection.execute(
            f"delete from {table} where {where} returning {_ORDERED[table]}, mark",  # noqa: S608 - ours
            values,
        ).fetchall()
        for row in rows:
            self._sums[table] -= int.from_bytes(row[-1])
        return list(rows[0][:-1]) if rows else None


def _shape_name(content: bytes) -> str:
    return blake2b(content, digest_size=_MARK_BYTES).hexdigest()


def _meta_mark(meta: Mapping[str, Any]) -> bytes:
    return mark_of("meta", sorted(meta.items(), key=lambda item: str(item[0])))


def _sum_bytes(total: int) -> bytes:
    return (total % _MODULO).to_bytes(_MARK_BYTES)


def _shown(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _connect(layout: Layout, *, write: bool) -> sqlite3.Connection:
    """Connect to the manifest; a store that is only read may lie where nothing can be written."""
    if not write:
        return databases.read_only(layout.manifest)
    connection = databases.connect(layout.manifest, "mode=rw")
    connection.execute("pragma synchronous = full")
    return connection


def _damaged(layout: Layout) -> Damaged:
    return databases.damaged(layout.manifest)


def _told(layout: Layout) -> AbstractContextManager[None]:
    return databases.told(layout.manifest)
