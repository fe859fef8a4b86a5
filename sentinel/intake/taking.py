"""The way in: sources read whole, normalised, looked at by rules, and committed with the bytes they came from.

    blocks ──► Gatherer(ALL) ──► EventBatch ──┬─► stored: ids, ECS columns ──► Writer.add ──┐
       │                                      └─► Engine.hits ──► alerts ───────────────────┤
       └─► ranges: which bytes ─────────────────────────────────────────────────────────────┴─► commit

A range is committed with all of its events, or none is: before a commit, everything gathered is flushed into it. The
alerts of its events are written first. So whoever is killed at any moment has told too little, never too much: events
that were not committed are read again, and raise the same alerts under the same ids.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from sentinel.detect.engine import Engine
from sentinel.errors import InputError, StoreError
from sentinel.evidence import Witness
from sentinel.formats.base import Block, Fault
from sentinel.formats.gather import ALL, Gatherer
from sentinel.inputs import reader
from sentinel.inputs.workers import Interrupted, Lost, Stop, spread
from sentinel.intake.alerting import sightings_of, wanted_columns_of
from sentinel.intake.ranges import Known, Reading, Unread
from sentinel.intake.stored import ID, Origins, stored, taken
from sentinel.model.batch import source_and_offset
from sentinel.normalise.documents import is_exported
from sentinel.normalise.times import Clock
from sentinel.normalise.views import view_of
from sentinel.reading import TOLD_BYTES, Finding, as_fault, crew_of, divided, gathered, seen_by, texts_of, told_late

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeAlias

    import pyarrow as pa

    from sentinel.detect.plan import Ruleset
    from sentinel.inputs.reader import Piece, Source
    from sentinel.model.alert import Alert, Sighting
    from sentinel.model.batch import EventBatch, EventKind
    from sentinel.normalise.enrich import Enricher
    from sentinel.store.base import Covered, EventStore
    from sentinel.triage.desk import Desk

_COMMIT_SECONDS: Final = 30.0
"""How long it takes at most until what was read is made durable; a writer that is full does it before."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was made durable since it was last told: events, and the alerts that are new or were opened again.

    `known` counts the bytes that were passed over, as the store has them already; `repeated` the events at the end of a
    source that has grown which it had already; `sightings` the hits that alerts count now and did not before, and
    `suppressed` the new alerts that suppressions hold back. `error` is why a process could not go on.
    """

    events: int = 0
    known: int = 0
    repeated: int = 0
    alerts: tuple[Alert, ...] = ()
    sightings: int = 0
    suppressed: int = 0
    error: StoreError | None = None


Told: TypeAlias = "Finding | Taken | Interrupted"


class Open(Protocol):
    """Opens the store and the desk of its alerts, in the process that is to use them."""

    def __call__(self) -> tuple[EventStore, Desk]:
        """Open both; raise StoreError."""


def take(  # noqa: PLR0913 - what an intake is asked for, by name
    sources: Sequence[Source],
    ruleset: Ruleset | None,
    open_store: Open,
    *,
    now: int,
    clock: Clock | None = None,
    enricher: Enricher | None = None,
    processes: int = 0,
    stop: Stop | None = None,
) -> Iterator[Told]:
    """Take sources into a store, and run rules over their events; give what is found and what was stored.

    `now` is nanoseconds since 1970, UTC; `enricher` says which platform and agency events are about; see
    `pipeline.scan` for the rest. Raises StoreError where a process can store no more: what was told as taken is there.
    Once `stop` is asked for, what was read is committed, and `Interrupted` comes last.
    """
    stop = stop or Stop()
    pieces, found = divided(sources)
    yield found
    make = partial(_Intake, ruleset, open_store, now, clock or Clock(latest=now), stop, enricher)
    failed: StoreError | None = None
    for told in spread(iter(pieces), make, crew_of(sources, pieces, processes)):
        yield as_fault(told) if isinstance(told, Lost) else told
        failed = failed or (told.error if isinstance(told, Taken) else None)
    if failed:
        raise failed
    if stop.asked:
        yield Interrupted()


class _Intake:
    """One process's share of an intake."""

    def __init__(  # noqa: PLR0913, PLR0917 - what `take` is asked for
        self,
        ruleset: Ruleset | None,
        open_store: Open,
        now: int,
        clock: Clock,
        stop: Stop,
        enricher: Enricher | None = None,
    ) -> None:
        self._open_store = open_store
        self._enricher = enricher
        self._now = now
        self._stop = stop
        self._origins = Origins(clock)
        self._engine = Engine(ruleset, texts_of) if ruleset else None
        touched = self._engine.touched if self._engine else None
        self._gatherer = Gatherer(lambda _kind: ALL, view_of, touched, lambda _kind: True, self._is_looked_at)
        self._witness = Witness(reader.line_at, None, clock)
        self._ruleset = ruleset
        self._shelf: _Shelf | None = None
        self._error: StoreError | None = None
        self._looked = 0
        self._again: dict[int, list[tuple[int, int]]] = {}

    def _is_looked_at(self, kind: EventKind) -> bool:
        return self._engine is not None and bool(self._engine.plan(kind).rules)

    def work(self, piece: Piece) -> Iterator[Told]:
        """Read what the store has not of a piece, or of every member of an archive."""
        faults: list[Fault] = []
        try:
            if not self._stop.asked and self._error is None:
                yield from self._whole(piece, faults)
        except InputError as error:
            faults.append(Fault(piece.source.number, -1, 0, error.message))
        except StoreError as error:
            yield self._failed(error)
        yield Finding(piece.source.number, faults=tuple(faults))

    def finish(self) -> Iterator[Told]:
        """Commit what still waited, and let go of the store."""
        try:
            if self._error is None and self._shelf is not None:
                yield from self._commit(self._shelf)
            if self._shelf is not None:
                self._shelf.close()
        except StoreError as error:
            yield self._failed(error)
        if self._engine:
            yield seen_by(self._engine, self._looked)

    def _failed(self, error: StoreError) -> Taken:
        self._error = self._error or error
        self._stop.ask()
        return Taken(error=error)

    def _whole(self, piece: Piece, faults: list[Fault]) -> Iterator[Told]:
        if self._shelf is None:
            self._shelf = _Shelf(*self._open_store(), self._now)
        if not piece.archive:
            unread = Unread(self._shelf.covered(piece.identity))
            yield from self._part(self._shelf, piece, unread, unread.of_piece(piece, faults), faults)
            return
        from sentinel.inputs import archives

        for member, stream in archives.streams(piece, faults):
            if self._stop.asked:
                return
            unread = Unread(self._shelf.covered(member.identity))
            yield from self._part(self._shelf, member, unread, unread.of_stream(member, stream, faults), faults)

    def _part(
        self, shelf: _Shelf, piece: Piece, unread: Unread, blocks: Iterable[Block | Known], faults: list[Fault]
    ) -> Iterator[Told]:
        number = piece.source.number
        self._origins.meet(piece.source, piece.identity)
        self._witness.meet(number, piece.source.path, piece.identity, piece.source.modified)
        reading, read = shelf.reading(piece), Finding(number)
        self._again[number] = unread.again
        try:
            for block in blocks:
                if isinstance(block, Known):
                    yield Taken(known=block.bytes)
                    read = replace(read, bytes_read=read.bytes_read + block.bytes)
                else:
                    read = gathered(piece, block, self._gatherer, read)
                    reading.read(block)
                    shelf.waiting += len(block.data)
                    yield from self._store(shelf, self._gatherer.ready())
                if read.bytes_read >= TOLD_BYTES:
                    yield read
                    read = Finding(number)
                if shelf.is_due():
                    yield from self._commit(shelf)
                if self._stop.asked:
                    break
        except InputError as error:
            faults.append(Fault(number, -1, 0, error.message))
        yield read

    def _store(self, shelf: _Shelf, batches: Iterator[EventBatch]) -> Iterator[Told]:
        for batch in batches:
            carried = is_exported(batch)
            for part in stored(batch, self._origins, self._now):
                new = self._without_known(shelf, part, carried=carried)
                shelf.repeated += len(part) - len(new)
                if len(new):
                    new = self._enricher.enriched(new) if self._enricher else new
                    shelf.add(new)
                    yield from self._detect(shelf, new)

    def _without_known(self, shelf: _Shelf, batch: EventBatch, *, carried: bool) -> EventBatch:
        """Leave out events that the store has: of those from bytes that are read again, or carried from a store."""
        if not carried and not any(self._again.values()):
            return batch
        places = map(source_and_offset, batch.positions)
        doubtful = [row for row, place in enumerate(places) if carried or self._is_read_again(*place)]
        if not doubtful:
            return batch
        ids = batch.columns.column("event.id").to_pylist()
        there = shelf.there([ids[row] for row in doubtful])
        if not there:
            return batch
        known = {row for row in doubtful if ids[row] in there}
        return taken(batch, [row for row in range(len(batch)) if row not in known])

    def _is_read_again(self, source: int, offset: int) -> bool:
        return any(begin <= offset < end for begin, end in self._again.get(source, ()))

    def _detect(self, shelf: _Shelf, batch: EventBatch) -> Iterator[Told]:
        engine = self._engine
        if engine is None or self._ruleset is None or not self._is_looked_at(batch.kind):
            return
        self._looked += len(batch)
        asked = wanted_columns_of(batch, engine.plan(batch.kind).fields)
        hits = self._witness.hits(asked, engine.hits(asked))
        if hits:
            shelf.see(sightings_of(hits, batch, self._ruleset.rules, self._now, shelf.fingerprints))
            yield Finding(hits=tuple(hits))

    def _commit(self, shelf: _Shelf) -> Iterator[Told]:
        yield from self._store(shelf, self._gatherer.rest())
        if self._gatherer.faults:
            yield told_late(self._gatherer)
        yield shelf.commit()


class _Shelf:
    """A store that is open in this process, and what waits to be committed to it."""

    def __init__(self, store: EventStore, desk: Desk, now: int) -> None:
        self._store = store
        self._desk = desk
        self._now = now
        self._writer = store.writer()
        self._reading: Reading | None = None
        self._by_source: defaultdict[bytes, list[Reading]] = defaultdict(list)
        self._ids: list[pa.Array] = []
        self._events = 0
        self._since = time.monotonic()
        self._sightings: list[Sighting] = []
        self.fingerprints = desk.policy.fingerprints
        self.waiting = 0
        self.repeated = 0

    def covered(self, identity: bytes) -> tuple[Covered, ...]:
        """Tell what is stored of a source, or was read here and waits."""
        waiting = [each for reading in self._by_source[identity] for each in reading.waiting()]
        return (*self._store.covered(identity), *waiting)

    def reading(self, piece: Piece) -> Reading:
        self._reading = Reading(piece)
        self._by_source[piece.identity].append(self._reading)
        return self._reading

    def there(self, ids: Sequence[str]) -> set[str]:
        """Tell which events the store has."""
        with self._store.snapshot() as snapshot:
            return snapshot.known(ids)

    def is_due(self) -> bool:
        """Tell whether enough waits, or for long enough, to be committed."""
        waited = time.monotonic() - self._since
        return self._writer.is_full() or (self.waiting > 0 and waited >= _COMMIT_SECONDS)

    def see(self, sightings: Iterable[Sighting]) -> None:
        self._sightings += sightings

    def add(self, batch: EventBatch) -> None:
        self._writer.add(batch)
        self._events += len(batch)
        self._ids.append(batch.columns.column(ID))

    def commit(self) -> Taken:
        """Make durable what was added: alerts first, which events read again raise under the same ids."""
        raised = self._desk.take(self._sightings, self._now)
        ranges = [each for readings in self._by_source.values() for reading in readings for each in reading.take()]
        with self._store.settling(ranges) as stored_meanwhile:
            if stored_meanwhile:
                self._drop_stored()
            self._writer.commit(ranges)
        done = Taken(
            self._events,
            repeated=self.repeated,
            alerts=(*raised.new, *raised.reopened),
            sightings=raised.sightings,
            suppressed=len(raised.suppressed),
        )
        self._by_source.clear()
        if self._reading is not None:
            self._by_source[self._reading.identity].append(self._reading)
        self._ids.clear()
        self._sightings.clear()
        self._events = self.waiting = self.repeated = 0
        self._since = time.monotonic()
        return done

    def _drop_stored(self) -> None:
        """Let go of events that another was quicker to store, from the same bytes."""
        dropped = self._writer.drop(self.there([id_ for ids in self._ids for id_ in ids.to_pylist()]))
        self._events -= dropped
        self.repeated += dropped

    def close(self) -> None:
        self._writer.close()
        self._desk.close()
        self._store.close()
