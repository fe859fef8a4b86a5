"""Events as they are stored: normalised, with an id, the place they came from, and their line where they had one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from sentinel.model.batch import EventBatch, source_and_offset
from sentinel.model.hit import event_id, is_event_id
from sentinel.normalise.batch import normalise
from sentinel.normalise.documents import is_documents, is_exported, told_times
from sentinel.normalise.tables import family_of
from sentinel.normalise.times import Clock, read_utc

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentinel.inputs.reader import Source

ID: Final = "event.id"
ORIGINAL: Final = "event.original"
PATH: Final = "log.file.path"
OFFSET: Final = "log.offset"
_ENDS: Final = "\r\n"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where events come from: the source's path, the hash of its first bytes, and the clock that reads its times."""

    path: str
    identity: bytes
    clock: Clock


class Origins:
    """The sources that events come from, by number."""

    def __init__(self, clock: Clock) -> None:
        """Begin with none; times without a zone or a year are read by the clock."""
        self._clock = clock
        self._known: dict[int, Origin] = {}

    def meet(self, source: Source, identity: bytes) -> None:
        """Learn of a source before events of it come; no event in it is later than it was written."""
        latest = replace(self._clock, latest=source.modified) if source.modified else self._clock
        self._known[source.number] = Origin(source.path, identity, latest)

    def of(self, number: int) -> Origin:
        """Give what was learned of a source."""
        return self._known[number]


def stored(batch: EventBatch, origins: Origins, now: int) -> Iterator[EventBatch]:
    """Give a batch as it is stored, in parts where its times are read by several clocks.

    `now` is nanoseconds since 1970, UTC: when events without a time are said to have happened.
    """
    places = [source_and_offset(position) for position in batch.positions]
    if is_documents(batch) or family_of(batch.kind.dataset).read_time is read_utc:
        yield _stored(batch, places, origins, now)
        return
    for rows in _by_source([source for source, _offset in places]):
        part = batch if len(rows) == len(batch) else taken(batch, rows)
        yield _stored(part, [places[row] for row in rows], origins, now)


def _by_source(sources: Sequence[int]) -> list[list[int]]:
    rows: dict[int, list[int]] = {}
    for row, source in enumerate(sources):
        rows.setdefault(source, []).append(row)
    return list(rows.values())


def taken(batch: EventBatch, rows: Sequence[int]) -> EventBatch:
    """Give some rows of a batch, rising."""
    marks = set(batch.watched)
    return replace(
        batch,
        columns=batch.columns.take(pa.array(rows, pa.int64())),
        raws=[batch.raws[row] for row in rows],
        positions=[batch.positions[row] for row in rows],
        watched=[number for number, row in enumerate(rows) if row in marks],
        records=[batch.records[row] for row in rows] if batch.records is not None else None,
    )


def _stored(batch: EventBatch, places: list[tuple[int, int]], origins: Origins, now: int) -> EventBatch:
    whole = normalise(batch, now, origins.of(places[0][0]).clock)
    columns = dict(zip(whole.columns.schema.names, whole.columns.columns, strict=True))
    given = is_documents(batch)
    created = told_times(batch, columns) if given else columns["event.created"]
    named = _plausible(columns, is_exported(batch)) if given else None
    columns[ID] = pa.array(_ids(batch, places, origins, created, named), pa.string())
    _put(columns, ORIGINAL, _originals(batch.raws))
    # What says where else a document was read holds both, or neither.
    if PATH not in columns:
        columns.pop(OFFSET, None)
        columns[PATH] = _paths(places, origins)
        columns[OFFSET] = pa.array([offset for _source, offset in places], pa.int64())
    return replace(whole, columns=pa.RecordBatch.from_arrays(list(columns.values()), list(columns)))


def _put(columns: dict[str, pa.Array], name: str, column: pa.Array | None) -> None:
    if column is not None:
        columns[name] = column


def _plausible(columns: Mapping[str, pa.Array], exported: bool) -> list[str | None]:  # noqa: FBT001
    """Give the ids that documents have and that are ours: those of an export, and those that begin with the time."""
    column = columns.get(ID)
    times = columns["@timestamp"]
    if column is None or column.type != pa.string():
        return [None] * len(times)
    if exported:
        return list(column.to_pylist())
    return [
        named if named and is_event_id(named, time) else None
        for named, time in zip(column.to_pylist(), times.cast(pa.int64()).to_pylist(), strict=True)
    ]


def _ids(
    batch: EventBatch,
    places: list[tuple[int, int]],
    origins: Origins,
    created: pa.Array,
    named: list[str | None] | None,
) -> list[str]:
    if named is not None and None not in named:
        return [name or "" for name in named]
    times = created.cast(pa.int64()).to_pylist()
    identities = {source: origins.of(source).identity for source in {source for source, _offset in places}}
    made = [
        event_id(time, identities[source], raw, offset)
        for time, (source, offset), raw in zip(times, places, batch.raws, strict=True)
    ]
    return [name or own for name, own in zip(named, made, strict=True)] if named else made


def _originals(raws: list[bytes]) -> pa.Array | None:
    """Give the lines of text formats; JSON is made again from the fields, and so keeps none."""
    if all(raw.startswith(b"{") for raw in raws):
        return None
    texts = [None if raw.startswith(b"{") else raw.decode("utf-8", "backslashreplace").rstrip(_ENDS) for raw in raws]
    return pa.array(texts, pa.string())


def _paths(places: list[tuple[int, int]], origins: Origins) -> pa.Array:
    numbers = np.fromiter((source for source, _offset in places), np.int64, len(places))
    known, codes = np.unique(numbers, return_inverse=True)
    paths = [origins.of(int(number)).path.encode("utf-8", "backslashreplace").decode() for number in known]
    return pa.array(paths, pa.string()).take(pa.array(codes, pa.int64()))
