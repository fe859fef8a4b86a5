"""What journals hold, as units to read."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from sentinel.store.embedded.joining import alike, column_of, joined_types, taken_in, types_of
from sentinel.store.embedded.journal import boot
from sentinel.store.embedded.unit import INGESTED, TIME, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    groups = ((dataset, alike(parts, _types)) for dataset, parts in sorted(found.items()))
    return [_unit(dataset, group) for dataset, own in groups for group in own]


def _types(part: tuple[Events, int]) -> dict[str, pa.DataType]:
    return types_of(part[0].batch, part[0].aliases)


def _unit(dataset: str, parts: Sequence[tuple[Events, int]]) -> Unit:
    types = joined_types(map(_types, parts))
    columns = {
        name: pa.chunked_array([column_of(events, name, kind) for events, _ in parts], kind)
        for name, kind in types.items()
    }
    columns[INGESTED] = pa.chunked_array([taken_in(events, ingested) for events, ingested in parts])
    table = pa.table(columns)
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
