"""ECS columns that documents do not say themselves, made of their native ones.

Winlogbeat moves some of what an event tells to ECS fields, and its modules more; what they leave is made here as it is
for any event of Windows. What a document says stays, be it a value that does not fit its field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from sentinel.formats.columns import lists_of_one
from sentinel.normalise.mapping import Misfits, Natives, Plan, plan_columns
from sentinel.normalise.related import RELATED, related_columns
from sentinel.normalise.tables import plan_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sentinel.model.batch import EventBatch

_CREATED: Final = "event.created"
_DATASET: Final = "event.dataset"


def missing_columns(
    batch: EventBatch, typed: Mapping[str, pa.Array], created: pa.Array, misfits: list[Misfits]
) -> dict[str, pa.Array]:
    """Give the ECS columns that documents lack, and those that some of them lack, filled.

    `typed` are the documents' own columns, typed; `created` is when the events happened, as they tell. What does not
    fit is added to `misfits`.
    """
    columns = batch.columns
    said = {name: column.is_valid() for name, column in zip(columns.schema.names, columns.columns, strict=True)}
    complete = {name for name in columns.schema.names if not columns.column(name).null_count} | {_DATASET}
    plan = _without(plan_of(batch.kind.dataset, batch.kind.code), complete)
    found = list[Misfits]()
    made = plan_columns(plan, Natives(columns, batch.kind.dataset), columns.num_rows, found)
    if _CREATED not in complete:
        made.setdefault(_CREATED, created)
    filled = {name: _filled(typed.get(name), column, said.get(name)) for name, column in made.items()}
    if not complete.issuperset(RELATED):
        related = related_columns({**typed, **filled})
        filled |= {
            name: _filled(typed.get(name), column, said.get(name))
            for name, column in related.items()
            if name not in complete
        }
    misfits += [Misfits(each.target, _unsaid(each.rows, said.get(each.target)), each.texts) for each in found]
    return filled


def _without(plan: Plan, names: Collection[str]) -> Plan:
    return Plan(
        {name: lines for name, lines in plan.maps.items() if name not in names},
        {name: value for name, value in plan.constants.items() if name not in names},
    )


def _filled(own: pa.Array | None, made: pa.Array, said: pa.Array | None) -> pa.Array:
    """Give what documents say, and what was made where they say nothing."""
    if own is None or said is None:
        return made
    if own.type != made.type:
        made = lists_of_one(made)
    return pc.if_else(said, own, made)


def _unsaid(rows: pa.Array, said: pa.Array | None) -> pa.Array:
    return rows if said is None else pc.and_not(rows, said)
