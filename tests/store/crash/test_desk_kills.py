"""SIGKILL at any moment of work on the queue: what was reported as done is there, and nothing is half done."""

from __future__ import annotations

import os
import signal
import time
from random import Random
from typing import TYPE_CHECKING

import pytest

from sentinel.cli.main import main
from sentinel.store.embedded.store import open_store
from tests.store.crash import acting
from tests.store.crash.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

MOST = 12
"""Calls that a process may report before it is killed."""
LONGEST = 0.05
"""Seconds that it may go on from there."""
UNSAID = 2
"""Acts of one call that may be there though it did not return: one that holds back makes two."""


def kill_often(folder: Path, kills: int, seed: int) -> int:
    """Kill a process at work on the queue, again and again, and look each time; give how many entries there are."""
    random, store, said = Random(seed), folder / "store", folder / "said"  # noqa: S311 - chance, not secrecy
    open_store(store, create=True).close()
    entries = 0
    with serving("tests.store.crash.acting") as start:
        for kill in range(1, kills + 1):
            process, ended = start(f"{store} {said} {seed + kill}")
            wait_for(said, len(acting.heard(said)) + random.randrange(1, MOST))
            time.sleep(random.random() * LONGEST)
            os.kill(process, signal.SIGKILL)
            assert signal.SIGKILL == ended()
            entries = acting.look(store, acting.heard(said), kill * UNSAID)
    return entries


def wait_for(said: Path, calls: int) -> None:
    """Wait until so many calls were reported, be the machine ever so busy."""
    patience = time.monotonic() + 60
    while (said.read_bytes().count(b"\n") if said.exists() else 0) < calls:
        assert time.monotonic() < patience
        time.sleep(0.002)


def test_kills_leave_nothing_half_done_and_lose_nothing_reported(tmp_path: Path) -> None:
    assert kill_often(tmp_path, 5, seed=1) > 300
    assert 0 == main(["--store", str(tmp_path / "store"), "store", "verify"])
    assert 0 == main(["--store", str(tmp_path / "store"), "ledger", "verify"])


@pytest.mark.deep
@pytest.mark.parametrize("seed", [100, 200, 300])
def test_many_kills_leave_nothing_half_done_and_lose_nothing_reported(tmp_path: Path, seed: int) -> None:
    assert kill_often(tmp_path, 20, seed) > 3000
