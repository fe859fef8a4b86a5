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

from functools import partial
from typing import TYPE_CHECKING

from sentinel.detect.engine import Engine
from sentinel.errors import InputError
from sentinel.evidence import Witness
from sentinel.formats.base import Fault
from sentinel.formats.gather import Gatherer
from sentinel.inputs import reader
from sentinel.inputs.workers import Interrupted, Lost, Stop, spread
from sentinel.normalise.times import Clock
from sentinel.normalise.views import view_of
from sentinel.reading import (
    TOLD_BYTES,
    Finding,
    as_fault,
    crew_of,
    divided,
    gathered,
    parts,
    seen_by,
    texts_of,
    told_late,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sentinel.detect.plan import Ruleset
    from sentinel.formats.base import Block
    from sentinel.inputs.reader import Piece, Source
    from sentinel.model.batch import EventBatch


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
    pieces, found = divided(sources)
    yield found
    make_scanner = partial(_Scanner, ruleset, now if evidence else None, clock or Clock(latest=now), stop)
    for told in spread(iter(pieces), make_scanner, crew_of(sources, pieces, processes)):
        yield as_fault(told) if isinstance(told, Lost) else told
    if stop.asked:
        yield Interrupted()


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
            for part, blocks in parts(piece, faults, self._stop):
                yield from self._part(part, blocks, faults)
        except InputError as error:
            faults.append(Fault(piece.source.number, -1, 0, error.message))
        yield Finding(piece.source.number, faults=tuple(faults))

    def _part(self, piece: Piece, blocks: Iterable[Block], faults: list[Fault]) -> Iterator[Finding]:
        number = piece.source.number
        self._witness.meet(number, piece.source.path, piece.identity, piece.source.modified)
        read = Finding(number)
        try:
            for block in blocks:
                read = gathered(piece, block, self._gatherer, read)
                if read.bytes_read >= TOLD_BYTES:
                    yield read
                    read = Finding(number)
                yield from self._detect(self._gatherer.ready())
                if self._stop.asked:
                    break
        except InputError as error:
            faults.append(Fault(number, -1, 0, error.message))
        yield read

    def finish(self) -> Iterator[Finding]:
        """Give what still waited, and which fields were seen."""
        yield from self._detect(self._gatherer.rest())
        yield told_late(self._gatherer)
        yield seen_by(self._engine, self._looked)

    def _detect(self, batches: Iterator[EventBatch]) -> Iterator[Finding]:
        for batch in batches:
            self._looked += len(batch)
            hits = self._witness.hits(batch, self._engine.hits(batch))
            if hits:
                yield Finding(hits=tuple(hits))
