"""What journals hold, as units to read."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeAlias

import pyarrow.compute as pc

from sentinel.store.embedded.joining import alike, together, types_of
from sentinel.store.embedded.journal import boot
from sentinel.store.embedded.unit import TIME, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from sentinel.store.embedded.journal import Events, Frame, JournalReader

    _Place: TypeAlias = tuple[bytes, int, int]

_KEPT_BYTES: Final = 64 << 20
"""What is read of journals is kept where it takes no more than so many bytes (Arrow)."""


class Unsealed:
    """Reads what journals hold, and keeps it for the next to ask: what was committed does not change."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._kept: dict[_Place, Events] = {}
        self._units: tuple[tuple[_Place, ...], list[Unit]] = (), []

    def units(self, readers: Iterable[JournalReader], moment: int) -> list[Unit]:
        """Give the events that journals had committed at a moment, by dataset; columns of one type each in a unit."""
        here = boot()
        frames = {
            _place(frame): (reader, frame)
            for reader in readers
            for frame in reader.frames
            if frame.commit.moment <= moment or frame.commit.boot != here
        }
        places, units = self._units
        if places != tuple(frames):
            known = self._kept
            read = {place: known.get(place) or reader.read(frame) for place, (reader, frame) in frames.items()}
            units = _joined([(events, frames[place][1].commit.ingested) for place, events in read.items()])
            if sum(events.batch.nbytes for events in read.values()) <= _KEPT_BYTES:
                self._kept, self._units = read, (tuple(frames), units)
        return units


def _place(frame: Frame) -> _Place:
    return frame.commit.mark, frame.offset, frame.check


def _joined(parts: Iterable[tuple[Events, int]]) -> list[Unit]:
    found: defaultdict[str, list[tuple[Events, int]]] = defaultdict(list)
    for part in parts:
        found[part[0].dataset].append(part)
    return [
        _unit(dataset, together(group, types))
        for dataset, own in sorted(found.items())
        for types, group in alike(own, types_of)
    ]


def _unit(dataset: str, table: pa.Table) -> Unit:
    span = pc.min_max(table.column(TIME))
    return Unit(
        dataset=dataset,
        columns={field.name: str(field.type) for field in table.schema},
        aliases={},
        rows=table.num_rows,
        first=span["min"].value,
        last=span["max"].value,
        table=table,
    )
