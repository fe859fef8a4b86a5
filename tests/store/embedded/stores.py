"""Builders of embedded stores: `a_store(folder)`, `sealed(store, batches…)`, `left(store, batches…)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentinel.model.window import Window
from sentinel.store.embedded import segment
from sentinel.store.embedded import writer as embedded_writer
from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.unit import ID
from tests.store.batches import a_batch_of, an_event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sentinel.model.batch import EventBatch
    from sentinel.store.base import Covered
    from sentinel.store.embedded.store import EmbeddedStore


def put(store: EmbeddedStore, *batches: EventBatch, covered: Sequence[Covered] = (), keep: int = 0) -> None:
    """Store batches by one commit and seal them, but for days up to `keep` bytes (Arrow), which stay in a journal."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded_writer, "LEFT_CARRIED_BYTES", keep)
        writer = store.writer()
        for batch in batches:
            writer.add(batch)
        writer.commit(covered)
        writer.close()


def leave(store: EmbeddedStore, *batches: EventBatch, covered: Sequence[Covered] = ()) -> None:
    """Store batches by one commit, and leave them in a journal."""
    put(store, *batches, covered=covered, keep=1 << 40)


def ids_in(folder: Path) -> list[str]:
    """Give the ids of all events of a store."""
    store = open_store(folder, write=False)
    try:
        with store.snapshot() as snapshot:
            units = snapshot.units(Window())
            return sorted(id_ for unit in units for id_ in segment.read(unit, [ID]).column(ID).to_pylist())
    finally:
        store.close()


def numbered(*numbers: int, dataset: str = "windows.sysmon") -> EventBatch:
    """Give a batch of numbered events."""
    return a_batch_of(*(an_event(n, {"winlog.event_data.Image": f"image {n}"}) for n in numbers), dataset=dataset)


def numbered_ids(*numbers: int) -> list[str]:
    """Give the ids of numbered events."""
    return sorted(an_event(n)["event.id"] for n in numbers)
