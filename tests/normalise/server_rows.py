"""Events of server logs, with the ECS columns that they get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentinel.formats.registry import formats
from sentinel.normalise.batch import normalise
from tests.builders import row_of
from tests.formats.reading import batches_of
from tests.formats.server_logs import LOGS

if TYPE_CHECKING:
    from datetime import datetime

NOW = 1_800_000_000_000_000_000


def ecs_of(log: str, dataset: str, row: int = 0) -> dict[str, Any]:
    """Give the ECS columns of an event of a dataset, but for those that are the same for every event."""
    of = next(each for each in formats() if each.name == log)
    batch = next(each for each in batches_of(of, LOGS[log]) if each.kind.dataset == dataset)
    made = row_of(normalise(batch, NOW), row)
    common = ("event.dataset", "event.kind", "event.module", "event.created", "event.ingested", "ecs.version")
    return {
        name: value
        for name, value in made.items()
        if value is not None and name not in common and not name.startswith(f"{dataset}.")
    }


def time_of(columns: dict[str, Any]) -> str:
    """Take the time out of columns, as text."""
    time: datetime = columns.pop("@timestamp")
    return time.isoformat()
