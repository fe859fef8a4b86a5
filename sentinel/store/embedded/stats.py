"""Tells what a store holds, and what it takes on the disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sentinel.model.window import Window
from sentinel.store.embedded import disk
from sentinel.store.embedded import layout as layouts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.store.embedded.store import EmbeddedStore
    from sentinel.store.embedded.unit import Unit


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of a dataset; `unsealed` of the events are in journals still, which `bytes` leaves out.

    `bytes` are those of its segments, `search_bytes` of what lies beside them for free text; `first` and `last` its
    earliest and latest `@timestamp`, in nanoseconds since 1970, UTC.
    """

    dataset: str
    events: int
    unsealed: int
    segments: int
    bytes: int
    search_bytes: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Stats:
    """What a store holds, by dataset, and all the bytes that its folder takes, alerts and caches too."""

    folder: Path
    id: str
    format: int
    datasets: tuple[Held, ...]
    journals: int
    bytes: int

    @property
    def events(self) -> int:
        """Count the events."""
        return sum(held.events for held in self.datasets)


def stats(store: EmbeddedStore) -> Stats:
    """Look what a store holds at one moment."""
    by_dataset: dict[str, list[Unit]] = {}
    with store.snapshot() as snapshot:
        for unit in snapshot.units(Window()):
            by_dataset.setdefault(unit.dataset, []).append(unit)
        held = tuple(_held(dataset, units) for dataset, units in sorted(by_dataset.items()))
    layout = store.layout
    return Stats(layout.folder, layout.id, layouts.FORMAT, held, len(store.manifest.journals()), _taken(layout.folder))


def _held(dataset: str, units: Sequence[Unit]) -> Held:
    files = [Path(unit.path) for unit in units if unit.path]
    return Held(
        dataset=dataset,
        events=sum(unit.rows for unit in units),
        unsealed=sum(unit.rows for unit in units if not unit.path),
        segments=len(files),
        bytes=sum(map(_size, files)),
        search_bytes=sum(_size(path.with_suffix(".grams")) for path in files),
        first=min(unit.first for unit in units),
        last=max(unit.last for unit in units),
    )


def _size(path: Path) -> int:
    """Give a file's size, 0 where it is not there."""
    try:
        return path.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return 0


def _taken(folder: Path) -> int:
    """Add up the sizes of all files."""
    with disk.told(folder):
        return sum(_size(Path(place, name)) for place, _folders, names in os.walk(folder) for name in names)
