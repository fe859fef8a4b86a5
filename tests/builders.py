"""Builders of what tests are about: `a_batch("windows.sysmon", 1, Image=…)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

from sentinel.model.batch import EventBatch, EventKind, column_of
from sentinel.model.datasets import DATASETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Text: TypeAlias = str | list[str] | None

_CHANNELS = {dataset.name: dataset.channels[0] for dataset in DATASETS if dataset.channels}
_PROVIDERS = {dataset.name: dataset.providers[0] for dataset in DATASETS if dataset.providers}


def a_batch(dataset: str, code: str | int, **fields: Text) -> EventBatch:
    """Build a batch of one event from fields under Sigma's names; `EventID` is the code unless given."""
    return batch_of(dataset, code, [{"EventID": str(code), **fields}])


def batch_of(dataset: str, code: str | int, events: Sequence[Mapping[str, Text]]) -> EventBatch:
    """Build a batch of several events: flat records under Sigma's names."""
    names = list(dict.fromkeys(name for event in events for name in event))
    columns = [_column([event.get(name) for event in events]) for name in names]
    return EventBatch(
        kind=EventKind(dataset, _CHANNELS.get(dataset, ""), _PROVIDERS.get(dataset, ""), str(code)),
        columns=pa.RecordBatch.from_arrays(columns, [column_of(name) for name in names]),
        raws=[b"{}"] * len(events),
        positions=list(range(len(events))),
        watched=[],
    )


def _column(values: list[Text]) -> pa.Array:
    if any(isinstance(value, list) for value in values):
        return pa.array([[value] if isinstance(value, str) else value for value in values], pa.list_(pa.string()))
    return pa.array(values, pa.string())


def row_of(batch: EventBatch, row: int = 0) -> dict[str, Any]:
    """Give one event of a batch as a dictionary from column to value."""
    return {name: values[0] for name, values in batch.columns.slice(row, 1).to_pydict().items()}
