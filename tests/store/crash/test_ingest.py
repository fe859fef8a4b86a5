"""SIGKILL while `sentinel ingest` runs: taken up again, it stores every event once, and raises every alert once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from random import Random
from typing import TYPE_CHECKING

import pytest

from sentinel.model.alert import Wanted
from sentinel.model.window import Window
from sentinel.store.embedded import segment
from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.verify import verify
from sentinel.triage.checking import check
from sentinel.triage.desk import Desk
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

RULE = """
title: A path that is looked for
id: 5f0d1d3e-0000-4000-8000-000000000001
status: test
logsource: {category: webserver}
detection:
  selection: {cs-uri-stem|endswith: '77'}
  condition: selection
level: medium
"""


def a_line(number: int) -> str:
    return (
        f'192.0.2.{number % 250} - - [01/Dec/2025:0{number % 9}:11:12 +0000] "GET /n/{number} HTTP/1.1" 200 {number}\n'
    )


def write_logs(folder: Path, files: int, lines: int) -> None:
    (folder / "logs").mkdir()
    for file in range(files):
        text = "".join(a_line(number) for number in range(file * lines, (file + 1) * lines))
        (folder / "logs" / f"access-{file}.log").write_text(text)
    (folder / "rule.yml").write_text(RULE)


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start a command, an intake where no other is given, in a group of processes of its own."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache")}
    told = words or ("ingest", "--rules", "rule.yml", "logs")
    return subprocess.Popen(
        [sys.executable, "-m", "sentinel", "--store", "store", *told],
        cwd=folder,
        env=environ,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def stored(folder: Path) -> list[str]:
    """Give the lines that the store holds."""
    store = open_store(folder / "store", write=False)
    try:
        with store.snapshot() as snapshot:
            tables = [segment.read(unit, ["event.original"]) for unit in snapshot.units(Window())]
            return sorted(line for table in tables for line in table.column("event.original").to_pylist())
    finally:
        store.close()


def alerts(folder: Path) -> list[str]:
    with Desk(folder / "store") as desk:
        check(desk.file)
        seen = [each for alert in desk.every(Wanted()) for each in desk.sightings(alert, 100_000)]
        return sorted(each.id for each in seen)


def run_whole(folder: Path, *words: str) -> float:
    begun = time.monotonic()
    running = start(folder, *words)
    told = running.communicate()[1]
    assert running.returncode == 0, told
    return time.monotonic() - begun


@pytest.mark.parametrize(
    ("kills", "files", "lines"), [(5, 3, 2000), pytest.param(60, 6, 20_000, marks=pytest.mark.deep)]
)
def test_an_intake_that_is_killed_goes_on(tmp_path: Path, kills: int, files: int, lines: int) -> None:
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
        write_logs(tmp_path / name, files, lines)
    longest, random = run_whole(tmp_path / "whole"), Random(kills)  # noqa: S311 - chance, not secrecy
    folder, expected = tmp_path / "killed", [a_line(number).strip() for number in range(files * lines)]
    for _kill in range(kills):
        running = start(folder)
        time.sleep(random.uniform(0.3, 1) * longest)
        if random.random() < 0.7:
            os.killpg(running.pid, signal.SIGKILL)  # all of it
        else:
            running.kill()  # its head only
        running.communicate()
        if (folder / "store" / "sentinel-store.json").exists():
            there = stored(folder)
            assert len(there) == len(set(there)), "doubled"
            assert set(there) <= set(expected)
            verify(folder / "store").check()
    run_whole(folder)
    assert sorted(expected) == stored(folder)
    assert alerts(tmp_path / "whole") == alerts(folder) != []
    verify(folder / "store").check()


@pytest.mark.deep
def test_a_hunt_that_is_killed_raises_nothing_twice(tmp_path: Path) -> None:
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
        write_logs(tmp_path / name, 4, 20_000)
        run_whole(tmp_path / name, "ingest", "--no-rules", "logs")
    hunt, random = ("hunt", "--raise", "--rules", "rule.yml"), Random(4)  # noqa: S311 - chance, not secrecy
    longest, folder = run_whole(tmp_path / "whole", *hunt), tmp_path / "killed"
    for _kill in range(20):
        running = start(folder, *hunt)
        time.sleep(random.uniform(0.3, 1) * longest)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        there = alerts(folder)
        assert len(there) == len(set(there)), "raised twice"
        verify(folder / "store").check()
    run_whole(folder, *hunt)
    assert alerts(tmp_path / "whole") == alerts(folder) != []
