"""Builders of batches as stores take them: `a_batch_of(an_event(1, {"source.ip": "192.0.2.1"}))`."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sentinel.model.batch import EventBatch, EventKind
from sentinel.model.ecs import BY_NAME, OVERFLOW, arrow_type
from sentinel.store.query.tree import Everything, Node, Query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sentinel.store.base import EventStore, Order, Page, Snapshot, StoredEvent

SECOND = 10**9
DAY = 86_400 * SECOND
BEGIN = 1_764_547_200 * SECOND
"""1 December 2025, the midnight."""
_TIME = pa.timestamp("ns", "UTC")


def an_event(number: int, fields: Mapping[str, Any] | None = None, *, at: int | None = None) -> dict[str, Any]:
    """Give an event by column: number `number`, so many seconds after BEGIN unless `at` tells the nanoseconds."""
    time = BEGIN + number * SECOND if at is None else at
    digest = blake2b(str(number).encode(), digest_size=12).hexdigest()
    return {"event.id": f"{max(0, time) // 1_000_000:012x}{digest}", "@timestamp": time, **(fields or {})}


def a_batch_of(*events: Mapping[str, Any], dataset: str = "windows.sysmon", code: str = "1") -> EventBatch:
    """Give a batch of events, typed as the schema says; a column that it does not know holds text, or lists of it."""
    names = sorted({name for event in events for name in event})
    arrays = [pa.array([event.get(name) for event in events], _type(name, events)) for name in names]
    return EventBatch(
        kind=EventKind(dataset, f"{dataset}/channel", f"{dataset}-provider", code),
        columns=pa.RecordBatch.from_arrays(arrays, names),
        raws=[b""] * len(events),
        positions=list(range(len(events))),
        watched=[],
    )


def _type(name: str, events: Sequence[Mapping[str, Any]]) -> pa.DataType:
    if name == OVERFLOW:
        return pa.map_(pa.string(), pa.string())
    if name == "@timestamp":
        return _TIME
    if name in BY_NAME:
        return arrow_type(BY_NAME[name])
    return pa.list_(pa.string()) if any(isinstance(event.get(name), list) for event in events) else pa.string()


def put(store: EventStore, *batches: EventBatch) -> None:
    """Store batches by one commit."""
    writer = store.writer()
    for batch in batches:
        writer.add(batch)
    writer.commit()
    writer.close()


def query(node: Node | None = None, *, accents: bool = True) -> Query:
    """Give a query from a node of the tree; none is everything."""
    return Query(node or Everything(), accents=accents)


def pages(snapshot: Snapshot, ask: Any, order: Order, limit: int) -> list[Page]:  # noqa: ANN401 - a Question
    """Give all pages of a search, one after the other."""
    found = [snapshot.search(ask, order, limit)]
    while found[-1].after:
        found.append(snapshot.search(ask, order, limit, found[-1].after))
    return found


def values_of(event: StoredEvent, like: Mapping[str, Any]) -> dict[str, Any]:
    """Give what an event holds of the columns that a built one has, less those that say who and when it is."""
    return {name: event.fields.get(name) for name in like if name not in {"event.id", "@timestamp"}}
