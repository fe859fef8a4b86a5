"""What journals hold, as units to read."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from sentinel.store.embedded.joining import alike, together, types_of
from sentinel.store.embedded.journal import boot
from sentinel.store.embedded.unit import TIME, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from sentinel.store.embedded.journal import Events, JournalReader


def units_of(readers: Iterable[JournalReader], moment: int) -> list[Unit]:
    """Give the events that journals had committed at a moment, by dataset; columns of one type each in a unit."""
    here = boot()
    found: defaultdict[str, list[tuple[Events, int]]] = defaultdict(list)
    for reader in readers:
        for frame in reader.frames:
            if frame.commit.moment <= moment or frame.commit.boot != here:
                events = reader.read(frame)
                found[events.dataset].append((events, frame.commit.ingested))
    return [
        _unit(dataset, together(group, types))
        for dataset, parts in sorted(found.items())
        for types, group in alike(parts, types_of)
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
