"""What it costs that events say which platform and agency they are about."""

from __future__ import annotations

import shutil
import time
from functools import partial
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Final

from sentinel.estate.load import load
from sentinel.inputs import reader
from sentinel.intake.taking import Taken, take
from sentinel.normalise.enrich import Enricher
from sentinel.store.embedded.store import open_store
from sentinel.triage.desk import Desk
from tests.benchmarks import estate

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.store.base import EventStore

EVENTS: Final = 100_000


def sample(million: Path, path: Path) -> Path:
    """Write every tenth of the million events."""
    if not path.exists():
        with million.open("rb") as lines, path.open("wb") as out:
            out.writelines(islice(lines, 0, None, 10))
    return path


def measured(log: Path, folder: Path, turns: int) -> tuple[float, float, float]:
    """Give µs of CPU an event without and with an estate, medians of turns, and what loading it takes in seconds."""
    estate.write(folder / "estate")
    begun = time.process_time()
    enricher = Enricher(load(folder / "estate"))
    loading = time.process_time() - begun
    runs: dict[bool, list[float]] = {False: [], True: []}
    _take(log, folder / "store", None)
    for _turn in range(turns):
        for has_estate, figures in runs.items():
            figures.append(_take(log, folder / "store", enricher if has_estate else None))
    return median(runs[False]), median(runs[True]), loading


def _both(folder: Path) -> tuple[EventStore, Desk]:
    store: EventStore = open_store(folder)
    return store, Desk(folder, write=True)


def _take(log: Path, folder: Path, enricher: Enricher | None) -> float:
    shutil.rmtree(folder, ignore_errors=True)
    open_store(folder, create=True).close()
    begun = time.process_time()
    told = take(
        reader.find([str(log)]), None, partial(_both, folder), now=time.time_ns(), enricher=enricher, processes=1
    )
    events = sum(each.events for each in told if isinstance(each, Taken))
    return (time.process_time() - begun) / events * 1e6
