"""The contract of every store of events.

**Events** come in batches of one kind (`model.batch.EventBatch`) and are kept whole. A column is a field: native ones
(`winlog.event_data.Image`, `nginx.access.status`) hold text or lists of text, to the letter; those of the Elastic
Common Schema are typed (`model.ecs.arrow_type`). Every event has `event.id`, `@timestamp` and `event.ingested`. What
did not fit the type of its column stands in `_overflow`, a map from column to native text, and questions see it as part
of the column.

**What is acknowledged stays.** `Writer.commit` returns when everything added before it will survive the loss of power:
all of it or, where it does not return, perhaps nothing; never a part. Writers of any number of processes write at once
and wait for each other no longer than an instant.

**Nothing is there twice.** Whoever reads a source commits, together with its events, which bytes of it they came from
(`Covered`). `covered` tells what a source has given already, so that reading it again adds nothing; a crash between
the two cannot happen, as they are one commit. Sources are told apart by their first bytes *and* the hash of what was
covered, so that a file that merely begins like another is not taken for it. Who commits while another may be reading
the same bytes does so within `settling`, and drops what the other was quicker to commit.

**A snapshot is one moment.** All that is asked of a `Snapshot` is answered from the same events: those acknowledged
when it was taken, and none taken in, sealed, merged or dropped since. Pages follow one another without repeating or
leaving out an event that was there when the first was asked for, also from a later snapshot.

**A question** is a query (`store.query`), a window of time and perhaps datasets. A field that no event has matches
nothing.

**Errors** are `StoreError`, with the store's place and what to do next; `Damaged` where what is stored is not what was
written. No other exception leaves a store for anything that a user, a full disk or another process can cause.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sentinel.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    import pyarrow as pa

    from sentinel.model.batch import EventBatch
    from sentinel.store.query.tree import Query

NEWEST_FIRST = "@timestamp"


@dataclass(frozen=True, slots=True)
class Covered:
    """Bytes `begin` up to `end` of a source whose events are stored; `digest` is the hash of these bytes.

    `identity` is the hash of the source's first bytes (`inputs.reader.Piece.identity`). Where a format is read as a
    whole (EVTX, archives), the range is what its reader counts by.
    """

    identity: bytes
    begin: int
    end: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a query, and where to look. No datasets means all; times in dates without a zone are of `zone`."""

    query: Query
    window: Window = field(default_factory=Window)
    datasets: tuple[str, ...] = ()
    zone: str = "UTC"
    now: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """A field to sort by; events without a value come last, and equal ones in the order of their ids."""

    field: str = NEWEST_FIRST
    descending: bool = True


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it is stored: `time` is nanoseconds since 1970, UTC; `fields` are its columns that have a value.

    Values are str, int, float, bool, nanoseconds as int for times (see `types` of the page), lists of these, and for
    `_overflow` a dict.
    """

    id: str
    time: int
    dataset: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some events in the order asked for; `after` is what to ask the next page with, "" where this is the last."""

    events: tuple[StoredEvent, ...]
    after: str = ""


class Bar(NamedTuple):
    """A part of a histogram: events from `begin` (nanoseconds, UTC) for the histogram's interval, of one value."""

    begin: int
    count: int  # type: ignore[assignment] # tuples have a method of that name
    value: str = ""


@dataclass(frozen=True, slots=True)
class Top:
    """The most frequent values of a field: (text, events) each; an event counts for every value that it has.

    `distinct` is how many values there are, `missing` how many events have none.
    """

    values: tuple[tuple[str, int], ...]
    distinct: int
    missing: int


@dataclass(frozen=True, slots=True)
class FieldUse:
    """A field that events have: its type (`model.field.FieldType`'s word), in how many, and in which datasets."""

    name: str
    type: str
    events: int
    datasets: tuple[str, ...]


class Writer(Protocol):
    """Takes events in; one for each process that does."""

    def add(self, batch: EventBatch) -> None:
        """Take a batch; it is neither durable nor seen by anyone before the next commit."""

    def is_full(self) -> bool:
        """Tell whether enough was added for a commit to be as cheap as it gets; more only takes memory."""

    def drop(self, ids: Collection[str]) -> int:
        """Let go of what was added under these ids since the last commit; give how many events that were."""

    def commit(self, covered: Sequence[Covered] = ()) -> None:
        """Make all that was added durable, together with what it covers; readers see it from here on."""

    def close(self) -> None:
        """Let go of what was added and not committed, and leave the store in order."""


class Part(Protocol):
    """A part of a snapshot that can be read apart, for rules to look back over it.

    `key` names its contents: a part with the same key holds the same events, in the same order, for ever; "" where it
    has no such name. `columns` are the types of its columns, by name.
    """

    key: str
    dataset: str
    rows: int
    columns: Mapping[str, str]

    def read(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Read columns, those that it has, some rows at a time; texts may come as distinct values and codes."""

    def take(self, columns: Sequence[str], rows: Sequence[int]) -> pa.Table:
        """Read columns, those that it has, of some rows, given rising; texts as strings."""

    def holding(self, texts: Sequence[str], columns: Sequence[str]) -> Sequence[str]:
        """Name those of the columns in which one of the texts may stand, in any case; "" stands everywhere."""

    def close(self) -> None:
        """Let go of what reading keeps open; it may be read again."""


class Snapshot(Protocol):
    """The events of one moment."""

    def search(self, question: Question, order: Order, limit: int, after: str = "") -> Page:
        """Give the first events in an order, or those after the page that gave `after`."""

    def count(self, question: Question) -> int:
        """Give how many events there are."""

    def histogram(self, question: Question, interval: int, by: str = "") -> tuple[Bar, ...]:
        """Count events by time (`interval` nanoseconds) and, with `by`, by a field's values; empty bars left out."""

    def top(self, question: Question, field: str, limit: int) -> Top:
        """Count the values of a field."""

    def fields(self, question: Question) -> tuple[FieldUse, ...]:
        """Name the fields of events, by name."""

    def get(self, ids: Sequence[str]) -> dict[str, StoredEvent]:
        """Give events by id; ids that are not there are left out."""

    def known(self, ids: Sequence[str]) -> set[str]:
        """Tell which ids are those of events."""

    def read(self, question: Question, fields: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Give every event, whole or only some fields, a batch at a time, oldest first within a part."""

    def parts(self, window: Window) -> Sequence[Part]:
        """Give the parts that may hold events of a window."""


class EventStore(Protocol):
    """A store, open."""

    def writer(self) -> Writer:
        """Begin to take events in."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Take a snapshot, for as long as the context lasts."""

    def covered(self, identity: bytes) -> tuple[Covered, ...]:
        """Tell what is stored of a source, committed by anyone, by where it begins."""

    def settling(self, covered: Sequence[Covered]) -> AbstractContextManager[bool]:
        """Wait until nobody else is settling any bytes of these ranges; while the context lasts, others wait.

        It gives whether any of these bytes are in ranges that are stored by now.
        """

    def close(self) -> None:
        """Close it; what was acknowledged is safe with or without."""
