"""Writes a day of events of a country's platforms: `python -m tests.benchmarks.corpus FOLDER [--events N]`.

ECS documents as shippers send them, 48 to 72 fields each, one NDJSON file an hour: processes and log-ons of Windows,
audit and log-ons of Linux, web requests, DNS, TLS and flows. The same seed writes the same bytes. Few hosts, users,
names and addresses come often and most of them hardly ever; half a percent of the events come late, some by days; a
few fields have another type in some documents; and a few events are the needles that benchmarks look for.
"""

from __future__ import annotations

import argparse
import random
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from tests.benchmarks import corpus_linux, corpus_network, corpus_windows
from tests.benchmarks.corpus_world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    Event: TypeAlias = dict[str, Any]
    Make: TypeAlias = Callable[[World, random.Random, datetime], Event]

BEGIN: Final = datetime(2026, 11, 20, tzinfo=UTC)
HOURS: Final = 24
_LATE, _VERY_LATE = 0.005, 0.0005


MIX: Final[dict[Make, int]] = {
    corpus_windows.process_start: 20,
    corpus_windows.process_connects: 8,
    corpus_windows.windows_log_on: 8,
    corpus_windows.windows_other: 5,
    corpus_linux.linux_process: 14,
    corpus_linux.linux_log_on: 6,
    corpus_linux.web_request: 17,
    corpus_network.name_question: 10,
    corpus_network.handshake: 4,
    corpus_network.flow: 8,
}


@lru_cache(maxsize=1)
def _world(seed: int) -> World:
    return World(seed)


def write_hour(path: Path, hour: int, events: int, seed: int) -> int:
    """Write one hour's file; give its size."""
    world, dice = _world(seed), random.Random(seed * 1000 + hour)  # noqa: S311
    makes, weights = list(MIX), list(MIX.values())
    encoder = msgspec.json.Encoder()
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        for number in range(events):
            second = hour * 3600 + number * 3600 / events
            chance = dice.random()
            if chance < _VERY_LATE:
                second -= dice.random() * 2 * 86_400
            elif chance < _LATE:
                second -= dice.random() * 3600
            (make,) = dice.choices(makes, weights)
            file.write(encoder.encode(make(world, dice, BEGIN + timedelta(seconds=second))) + b"\n")
    temporary.replace(path)
    return path.stat().st_size


def write(folder: Path, events: int, seed: int = 2) -> list[Path]:
    """Write a day of so many events, a file an hour, unless it is there; give the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"hour-{hour:02d}.ndjson" for hour in range(HOURS)]
    missing = [(path, hour) for hour, path in enumerate(paths) if not path.exists()]
    with ProcessPoolExecutor() as crew:
        shares = {hour: events // HOURS + (hour < events % HOURS) for _path, hour in missing}
        written = [crew.submit(write_hour, path, hour, shares[hour], seed) for path, hour in missing]
        for each in written:
            each.result()
    return paths


def main() -> None:
    """Write the corpus and say how large it is."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.corpus", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=2)
    arguments = parser.parse_args()
    began = time.monotonic()
    size = sum(path.stat().st_size for path in write(arguments.folder, arguments.events, arguments.seed))
    print(f"{arguments.events:,} events, {size:,} bytes, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
