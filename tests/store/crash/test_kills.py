"""SIGKILL at any moment of taking in, sealing and merging: nothing acknowledged is lost, doubled or torn."""

from __future__ import annotations

import os
import signal
import time
from random import Random
from typing import TYPE_CHECKING

import pytest

from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.verify import verify
from tests.store.crash import ingesting
from tests.store.crash.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

PLAN = "cccKccCcclcclctcsmclcmcCm*"
MOST = 12
"""Commits that a process may make before it is killed; some are while they open the store."""
LONGEST = 0.05
"""Seconds that it may go on from there."""


def kill_often(folder: Path, kills: int, seed: int) -> int:
    """Kill a process at work, again and again, and look each time; give how many commits were acknowledged."""
    random, said = Random(seed), folder / "said"  # noqa: S311 - chance, not secrecy
    with serving("tests.store.crash.ingesting") as start:
        for kill in range(kills):
            process, ended = start(f"{folder / 'store'} {said} {kill * 10_000} {PLAN}")
            wait_for(folder, len(acknowledged(folder)) + random.randrange(MOST))
            time.sleep(random.random() * LONGEST)
            os.kill(process, signal.SIGKILL)
            assert signal.SIGKILL == ended()
            look(folder, kill + 1)
    return len(acknowledged(folder))


def wait_for(folder: Path, commits: int) -> None:
    """Wait until so many commits were acknowledged, be the machine ever so busy."""
    patience = time.monotonic() + 60
    while len(acknowledged(folder)) < commits:
        assert time.monotonic() < patience
        time.sleep(0.002)


def acknowledged(folder: Path) -> list[int]:
    said = folder / "said"
    return [int(line) for line in said.read_bytes().splitlines()] if said.exists() else []


def look(folder: Path, kills: int) -> None:
    if not (folder / "store" / "sentinel-store.json").exists():
        assert [] == acknowledged(folder)
        return
    store = open_store(folder / "store")
    ingesting.check(store, acknowledged(folder), kills)
    store.close()
    if kills % 5 == 0:
        verify(folder / "store").check()


def test_twenty_kills_lose_nothing(tmp_path: Path) -> None:
    assert kill_often(tmp_path, 20, seed=1) > 50


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(10))
def test_hundreds_of_kills_lose_nothing(tmp_path: Path, seed: int) -> None:
    assert kill_often(tmp_path, 25, seed=100 + seed) > 50
