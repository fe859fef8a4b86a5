"""The map: inputs → formats → detect → normalise, in one sitting.

    sources ── divide ──► pieces ── blocks ──► Block ── format.read ──► Gatherer ── ready ──► EventBatch
                                                            ▲                                     │
                              what rules want of a kind ────┘                      Engine.hits ◄──┘
                                                                                        │
                                          Finding ◄── Hit ◄── normalise ◄── rows that hit, read whole

Only the fields that rules ask for are built; only events that rules hit are read whole, get an id and ECS columns.
Pieces are shared between processes; each process has a gatherer and an engine of its own, and tells what it finds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING

from sentinel.detect.engine import Engine
from sentinel.errors import InputError
from sentinel.evidence import Witness
from sentinel.formats.base import Fault
from sentinel.formats.gather import Gatherer
from sentinel.formats.schema import texts
from sentinel.formats.windows import texts_of_record
from sentinel.inputs import reader
from sentinel.inputs.workers import Interrupted, Lost, Stop, spread, usable_processors
from sentinel.language import _
from sentinel.normalise.times import Clock
from sentinel.normalise.views import view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sentinel.detect.plan import Ruleset
    from sentinel.formats.base import Block
    from sentinel.inputs.reader import Piece, Source
    from sentinel.model.batch import EventBatch, EventKind
    from sentinel.model.hit import Hit

_TOLD_BYTES = 4 << 20
"""How much is read before it is told, for progress to move."""
_WORTH_SHARING = 64 << 20
"""Bytes. Less than this is read sooner by one process than a second one has started."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What has been found since the last one: hits, faults, and how much was read for it.

    `formats` tells, before anything is read, of every source that could be opened: the name of its format, "" where it
    is empty; `sources` tells then too what was found in archives, numbered on from those that were given. `fields`
    tells, at a process's end, of every kind of event seen: the fields that rules ask of it, and whether any event of
    the kind had them. It tells too how many events rules `looked` at, and the datasets `unlooked` at: those of kinds
    that no rule asks for.
    """

    source: int = -1
    hits: tuple[Hit, ...] = ()
    faults: tuple[Fault, ...] = ()
    events: int = 0
    bytes_read: int = 0
    fields: Mapping[EventKind, Mapping[str, bool]] = field(default_factory=dict)
    formats: Mapping[int, str] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    looked: int = 0
    unlooked: frozenset[str] = frozenset()


def scan(  # noqa: PLR0913 - what a scan is asked for, by name
    sources: Sequence[Source],
    ruleset: Ruleset,
    *,
    now: int,
    clock: Clock | None = None,
    evidence: bool = False,
    processes: int = 0,
    stop: Stop | None = None,
) -> Iterator[Finding | Interrupted]:
    """Run rules over sources; give findings as they come, in no order.

    With `evidence`, hits carry their event in ECS layout; `now` (nanoseconds since 1970, UTC) tells which times lie in
    the future, and `clock` how times are read that leave out their zone or year. `processes` is how many share the
    work, 0 for as many as there are processors. A source that cannot be read at all is told as a fault of it; nothing
    stops the others. Once `stop` is asked for, what was read is finished, nothing more is read, and `Interrupted` comes
    last.
    """
    stop = stop or Stop()
    pieces, found = _divided(sources)
    yield found
    size = sum(source.size or _WORTH_SHARING for source in sources)
    crew = processes or (usable_processors() if size >= _WORTH_SHARING else 1)
    if any(source.path == reader.STANDARD_INPUT for source in sources):
        crew = 1  # standard input is this process's own: others find it closed
    make_scanner = partial(_Scanner, ruleset, now if evidence else None, clock or Clock(latest=now), stop)
    for told in spread(iter(pieces), make_scanner, min(crew, max(1, len(pieces)))):
        yield _as_fault(told) if isinstance(told, Lost) else told
    if stop.asked:
        yield Interrupted()


def _as_fault(lost: Lost[Piece]) -> Finding:
    message = _("the process that read this was killed; what it had not told is missing")
    return Finding(faults=(Fault(lost.task.source.number, lost.task.begin, 0, message),))


def _divided(sources: Sequence[Source]) -> tuple[list[Piece], Finding]:
    """Give what is to be read, and what is known of it before."""
    pieces: list[Piece] = []
    inner: list[Source] = []
    faults: list[Fault] = []
    formats: dict[int, str] = {}
    for source in sources:
        try:
            found = reader.divide(source)
            formats[source.number] = found[0].format.name if found else ""
            for piece in found:
                if piece.archive:
                    from sentinel.inputs import archives  # few scans meet one

                    listing = archives.listed(piece, len(sources) + len(inner))
                    pieces += listing.pieces
                    inner += listing.sources
                    faults += listing.faults
                    formats |= listing.formats
                else:
                    pieces.append(piece)
        except InputError as error:
            faults.append(Fault(source.number, -1, 0, error.message))
    return pieces, Finding(faults=tuple(faults), formats=formats, sources=tuple(inner))


def texts_of(batch: EventBatch, row: int) -> list[str]:
    """Give every text of a row's event, for keywords; that of a line of text is, besides its fields, the whole line."""
    raw = batch.raws[row]
    if batch.records is None:
        return texts_of_record(raw)
    found = texts(batch.records[row])
    return found if raw.startswith(b"{") else [*found, raw.decode("utf-8", "backslashreplace").rstrip()]


class _Scanner:
    """One process's share of a scan."""

    def __init__(self, ruleset: Ruleset, now: int | None, clock: Clock, stop: Stop) -> None:
        self._engine = Engine(ruleset, texts_of)
        self._gatherer = Gatherer(self._engine.wanted, view_of, self._engine.touched, self._engine.needs_whole)
        self._witness = Witness(reader.line_at, now, clock)
        self._stop = stop
        self._looked = 0

    def work(self, piece: Piece) -> Iterator[Finding]:
        """Read a piece, or every member of an archive; give what it and what waited before it hold."""
        faults: list[Fault] = []
        try:
            for part, blocks in self._parts(piece, faults):
                yield from self._part(part, blocks, faults)
        except InputError as error:
            faults.append(Fault(piece.source.number, -1, 0, error.message))
        yield Finding(piece.source.number, faults=tuple(faults))

    def _parts(self, piece: Piece, faults: list[Fault]) -> Iterable[tuple[Piece, Iterable[Block]]]:
        if self._stop.asked:
            return ()
        if not piece.archive:
            return ((piece, reader.blocks(piece, faults)),)
        from sentinel.inputs import archives

        return takewhile(lambda _part: not self._stop.asked, archives.parts(piece, faults))

    def _part(self, piece: Piece, blocks: Iterable[Block], faults: list[Fault]) -> Iterator[Finding]:
        number = piece.source.number
        self._witness.meet(number, piece.source.path, piece.identity, piece.source.modified)
        read = Finding(number)
        try:
            for block in blocks:
                read = self._read(piece, block, read)
                if read.bytes_read >= _TOLD_BYTES:
                    yield read
                    read = Finding(number)
                yield from self._detect(self._gatherer.ready())
                if self._stop.asked:
                    break
        except InputError as error:
            faults.append(Fault(number, -1, 0, error.message))
        yield read

    def _read(self, piece: Piece, block: Block, read: Finding) -> Finding:
        """Gather a block; give what has been read with it added."""
        gatherer, before = self._gatherer, self._gatherer.events
        piece.format.read(block, gatherer)
        faults, gatherer.faults = gatherer.faults, []
        return replace(
            read,
            faults=(*read.faults, *faults),
            events=read.events + gatherer.events - before,
            bytes_read=read.bytes_read + len(block.data),
        )

    def finish(self) -> Iterator[Finding]:
        """Give what still waited, and which fields were seen."""
        yield from self._detect(self._gatherer.rest())
        yield Finding(
            fields={
                kind: {name: name in seen for name in self._engine.plan(kind).fields}
                for kind, seen in self._engine.seen.items()
            },
            looked=self._looked,
            unlooked=frozenset(kind.dataset for kind in self._engine.seen if self._engine.wanted(kind) is None),
        )

    def _detect(self, batches: Iterator[EventBatch]) -> Iterator[Finding]:
        for batch in batches:
            self._looked += len(batch)
            hits = self._witness.hits(batch, self._engine.hits(batch))
            if hits:
                yield Finding(hits=tuple(hits))
