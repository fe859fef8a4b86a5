"""What a scan and an intake share: sources divided, their parts read into a gatherer, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.formats.base import Fault
from sentinel.formats.schema import texts
from sentinel.formats.windows import texts_of_record
from sentinel.inputs import reader
from sentinel.inputs.workers import Stop, usable_processors
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sentinel.detect.engine import Engine
    from sentinel.formats.base import Block
    from sentinel.formats.gather import Gatherer
    from sentinel.inputs.reader import Piece, Source
    from sentinel.inputs.workers import Lost
    from sentinel.model.batch import EventBatch, EventKind
    from sentinel.model.hit import Hit

TOLD_BYTES: Final = 4 << 20
"""How much is read before it is told, for progress to move."""
_WORTH_SHARING: Final = 64 << 20
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


def divided(sources: Sequence[Source]) -> tuple[list[Piece], Finding]:
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
                    from sentinel.inputs import archives  # few runs meet one

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


def crew_of(sources: Sequence[Source], pieces: Sequence[Piece], processes: int) -> int:
    """Give how many processes are to share the pieces; 0 asks for as many as there are processors."""
    if any(source.path == reader.STANDARD_INPUT for source in sources):
        return 1  # standard input is this process's own: others find it closed
    size = sum(source.size or _WORTH_SHARING for source in sources)
    crew = processes or (usable_processors() if size >= _WORTH_SHARING else 1)
    return min(crew, max(1, len(pieces)))


def parts(piece: Piece, faults: list[Fault], stop: Stop) -> Iterable[tuple[Piece, Iterable[Block]]]:
    """Give a piece, or every member of an archive, with its blocks; no more once `stop` is asked for."""
    if stop.asked:
        return ()
    if not piece.archive:
        return ((piece, reader.blocks(piece, faults)),)
    from sentinel.inputs import archives

    return takewhile(lambda _part: not stop.asked, archives.parts(piece, faults))


def gathered(piece: Piece, block: Block, gatherer: Gatherer, read: Finding) -> Finding:
    """Gather a block; give what has been read with it added."""
    before = gatherer.events
    piece.format.read(block, gatherer)
    faults, gatherer.faults = gatherer.faults, []
    return replace(
        read,
        faults=(*read.faults, *faults),
        events=read.events + gatherer.events - before,
        bytes_read=read.bytes_read + len(block.data),
    )


def told_late(gatherer: Gatherer) -> Finding:
    """Give the faults that were only found when batches were made."""
    faults, gatherer.faults = gatherer.faults, []
    return Finding(faults=tuple(faults))


def seen_by(engine: Engine, looked: int) -> Finding:
    """Tell, at the end, which fields an engine saw, and which kinds it looked at."""
    return Finding(
        fields={kind: {name: name in seen for name in engine.plan(kind).fields} for kind, seen in engine.seen.items()},
        looked=looked,
        unlooked=frozenset(kind.dataset for kind in engine.seen if engine.wanted(kind) is None),
    )


def as_fault(lost: Lost[Piece]) -> Finding:
    """Tell of a piece whose process died."""
    message = _("the process that read this was killed; what it had not told is missing")
    return Finding(faults=(Fault(lost.task.source.number, lost.task.begin, 0, message),))


def texts_of(batch: EventBatch, row: int) -> list[str]:
    """Give every text of a row's event, for keywords; that of a line of text is, besides its fields, the whole line."""
    raw = batch.raws[row]
    if batch.records is None or batch.kind.is_windows:
        return texts_of_record(raw)
    found = texts(batch.records[row])
    return found if raw.startswith(b"{") else [*found, raw.decode("utf-8", "backslashreplace").rstrip()]
