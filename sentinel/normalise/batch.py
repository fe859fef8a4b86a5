"""A batch with ECS columns beside its native ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from sentinel.model import ecs
from sentinel.normalise.mapping import Misfits, Natives, make_column, overflow, repeated
from sentinel.normalise.related import related_columns
from sentinel.normalise.tables import plan_of
from sentinel.normalise.times import TIME, judge_times, read_times

if TYPE_CHECKING:
    from sentinel.model.batch import EventBatch
    from sentinel.normalise.mapping import Plan


def normalise(batch: EventBatch, ingested: int) -> EventBatch:
    """Give the batch with ECS columns beside its native ones.

    `ingested` is when the events were taken in, in nanoseconds since 1970, UTC. A column is made where a native field
    of it is in the batch; made always are the constants of the event's kind, `@timestamp`, `event.created`,
    `event.ingested`, `sentinel.time_flag` and `_overflow` (per event a map from ECS field to the native text that did
    not fit its type, or null). A column that the batch has already is left alone. Never raises because of what events
    hold.
    """
    rows = batch.columns.num_rows if batch.columns.num_columns else len(batch)
    natives, misfits = Natives(batch.columns), list[Misfits]()
    plan = plan_of(batch.kind.dataset, batch.kind.code)
    made = _times(natives, ingested, rows, misfits)
    made |= _columns(plan, natives, rows, misfits)
    made |= related_columns(made)
    made[ecs.OVERFLOW] = overflow(misfits, rows)
    return replace(batch, columns=_beside(batch.columns, made))


def _columns(plan: Plan, natives: Natives, rows: int, misfits: list[Misfits]) -> dict[str, pa.Array]:
    made = {name: repeated(name, value, rows) for name, value in plan.constants.items()}
    for name, lines in plan.maps.items():
        column = make_column(lines, natives, misfits)
        if column is not None:
            # A constant stands where the event itself says nothing.
            made[name] = pc.coalesce(column, made[name]) if name in made else column
    return made


def _times(natives: Natives, ingested: int, rows: int, misfits: list[Misfits]) -> dict[str, pa.Array]:
    texts = natives.texts("TimeCreated")
    if texts is None:
        texts = pa.nulls(rows, pa.string())
    created = read_times(texts)
    misfit = pc.and_(texts.is_valid(), created.is_null())
    if pc.any(misfit).as_py():
        misfits.append(Misfits("event.created", misfit, texts))
    times, flags = judge_times(texts, created, ingested)
    taken_in = pa.array([ingested] * rows, TIME)
    return {"@timestamp": times, "event.created": created, "event.ingested": taken_in, ecs.TIME_FLAG: flags}


def _beside(columns: pa.RecordBatch, made: dict[str, pa.Array]) -> pa.RecordBatch:
    names = columns.schema.names
    added = {name: column for name, column in made.items() if name not in names}
    return pa.RecordBatch.from_arrays([*columns.columns, *added.values()], [*names, *added])
