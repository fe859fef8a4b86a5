"""Several processes take in, merge and query at once: every answer is of one moment, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.verify import verify
from tests.conftest import ROOT
from tests.store.crash import ingesting

if TYPE_CHECKING:
    from pathlib import Path

WORK = ("ingest", "ingest", "ingest", "query", "query", "merge")


@pytest.mark.parametrize("seconds", [4, pytest.param(90, marks=pytest.mark.deep)])
def test_processes_do_not_disturb_each_other(tmp_path: Path, seconds: int) -> None:
    folder = tmp_path / "store"
    open_store(folder, create=True).close()
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = []
    for number, what in enumerate(WORK):
        command = [sys.executable, "-m", "tests.store.crash.processes", what, str(folder), str(number)]
        said = (tmp_path / str(number)).open("w+")
        process = subprocess.Popen(
            command, env=environ, text=True, stdin=subprocess.PIPE, stdout=said, stderr=subprocess.PIPE
        )
        running.append((what, process, said))
    time.sleep(seconds)
    patience = time.monotonic() + 60
    while not all((tmp_path / str(number)).read_bytes().count(b"\n") > 2 for number in range(len(WORK))):
        assert time.monotonic() < patience
        time.sleep(0.1)
    ended = [(what, process.communicate("stop\n")[1], process.returncode) for what, process, _said in running]
    assert [(what, "", 0) for what in WORK] == ended
    lines = []
    for _what, _process, said in running:
        said.seek(0)
        lines.append([int(line) for line in said])
        said.close()
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
