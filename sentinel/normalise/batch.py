"""A batch with ECS columns beside its native ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from sentinel.model import ecs
from sentinel.normalise.documents import is_documents, typed_documents
from sentinel.normalise.mapping import Misfits, Natives, overflow, plan_columns
from sentinel.normalise.related import related_columns
from sentinel.normalise.tables import family_of, plan_of
from sentinel.normalise.times import TIME, Clock, judge_times, read_times, read_times_with, read_utc

if TYPE_CHECKING:
    from sentinel.model.batch import EventBatch
    from sentinel.normalise.mapping import Family


def normalise(batch: EventBatch, ingested: int, clock: Clock | None = None) -> EventBatch:
    """Give the batch with ECS columns beside its native ones.

    `ingested` is when the events were taken in, in nanoseconds since 1970, UTC; `clock` says how times without a zone
    or a year are read (in UTC, and as the latest that they can be by then, where it is not given). A column is made
    where a native field of it is in the batch; made always are the constants of the event's kind, `@timestamp`,
    `event.created`, `event.ingested`, `sentinel.time_flag` and `_overflow` (per event a map from ECS field to the
    native text that did not fit its type, or null). A column that the batch has already is left alone. Documents of
    the schema have theirs, which get their types; of Winlogbeat's, what they lack is made. Never raises because of what
    events hold.
    """
    if is_documents(batch):
        return replace(batch, columns=typed_documents(batch, ingested))
    rows = batch.columns.num_rows if batch.columns.num_columns else len(batch)
    natives, misfits = Natives(batch.columns, batch.kind.dataset), list[Misfits]()
    plan = plan_of(batch.kind.dataset, batch.kind.code)
    family = family_of(batch.kind.dataset)
    made = _times(natives, family, clock or Clock(latest=ingested), ingested, rows, misfits)
    made |= plan_columns(plan, natives, rows, misfits)
    made |= related_columns(made)
    made[ecs.OVERFLOW] = overflow(misfits, rows)
    return replace(batch, columns=_beside(batch.columns, made))


def _times(  # noqa: PLR0913, PLR0917 - what times depend on
    natives: Natives, family: Family, clock: Clock, ingested: int, rows: int, misfits: list[Misfits]
) -> dict[str, pa.Array]:
    texts = natives.texts(family.time)
    if texts is None:
        texts = pa.nulls(rows, pa.string())
    created = read_times(texts) if family.read_time is read_utc else read_times_with(family.read_time, texts, clock)
    if created.null_count > texts.null_count:
        misfits.append(Misfits("event.created", pc.and_(texts.is_valid(), created.is_null()), texts))
    times, flags = judge_times(texts, created, ingested)
    taken_in = pa.repeat(pa.scalar(ingested, pa.int64()), rows).cast(TIME)
    return {"@timestamp": times, "event.created": created, "event.ingested": taken_in, ecs.TIME_FLAG: flags}


def _beside(columns: pa.RecordBatch, made: dict[str, pa.Array]) -> pa.RecordBatch:
    names = columns.schema.names
    added = {name: column for name, column in made.items() if name not in names}
    return pa.RecordBatch.from_arrays([*columns.columns, *added.values()], [*names, *added])
