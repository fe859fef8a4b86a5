"""Several processes take in, merge and query at once: every answer is of one moment, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.verify import verify
from tests.conftest import ROOT
from tests.store.crash import ingesting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WORK = ("ingest", "ingest", "ingest", "query", "query", "merge")
COMMITS = 25
"""A second, of each process at most."""
LEAST = 3
"""Lines that every process has said before they are told to stop."""


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[list[str]], subprocess.Popen[str]]]:
    """Give what starts a process that is ended when the test is, and writes what it says to a file of its number."""
    with ExitStack() as open_ones:

        def start(arguments: list[str]) -> subprocess.Popen[str]:
            said = open_ones.enter_context((tmp_path / arguments[2]).open("w"))
            process = open_ones.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.store.crash.processes", *arguments],
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                    text=True,
                    stdin=subprocess.PIPE,
                    stdout=said,
                    stderr=subprocess.PIPE,
                )
            )
            open_ones.callback(process.kill)
            return process

        yield start


@pytest.mark.parametrize("seconds", [4, pytest.param(90, marks=pytest.mark.deep)])
def test_processes_do_not_disturb_each_other(
    tmp_path: Path, started: Callable[[list[str]], subprocess.Popen[str]], seconds: int
) -> None:
    folder = tmp_path / "store"
    open_store(folder, create=True).close()
    most = str(seconds * COMMITS)
    running = [started([what, str(folder), str(number), most]) for number, what in enumerate(WORK)]
    said = [tmp_path / str(number) for number in range(len(WORK))]
    time.sleep(seconds)
    patience = time.monotonic() + 60
    while few := [what for what, path in zip(WORK, said, strict=True) if path.read_bytes().count(b"\n") < LEAST]:
        assert time.monotonic() < patience, f"said too little: {few}"
        time.sleep(0.1)
    ended = [(process.communicate("stop\n")[1], process.returncode) for process in running]
    assert [("", 0)] * len(WORK) == ended
    lines = [list(map(int, path.read_text().split())) for path in said]
    commits = [commit for number, what in enumerate(WORK) if what == "ingest" for commit in lines[number]]
    store = open_store(folder)
    assert len(commits) == ingesting.check(store, commits, 0)
    store.close()
    verify(folder).check()


def test_a_commit_waits_for_nobody_long(tmp_path: Path) -> None:
    first, second = open_store(tmp_path / "store", create=True), open_store(tmp_path / "store")
    writer, other = first.writer(), second.writer()
    ingesting.commit(writer, 1)
    with first.snapshot():
        begun = time.monotonic()
        ingesting.commit(other, 2)
        ingesting.commit(writer, 3)
        assert time.monotonic() - begun < 5
    writer.close()
    other.close()
    assert 3 == ingesting.check(first, [1, 2, 3], 0)
    first.close()
    second.close()
