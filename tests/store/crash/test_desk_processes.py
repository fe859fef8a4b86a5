"""Several processes act on the same alerts at once: nothing is lost, and whoever was refused was told by whom."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import msgspec
import pytest

from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.verify import verify
from sentinel.triage.checking import check
from sentinel.triage.desk import Desk
from sentinel.triage.entries import Assigned
from sentinel.triage.fold import is_action
from tests.conftest import ROOT
from tests.store.crash.competing import COUNTERS, OTHERS, Said
from tests.triage.builders import a_desk, a_sighting

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.triage.told import Told

WORK = ("count", "count", "count", "move", "move", "see")
LEAST = 20
"""Lines that those who act have said before they are told to stop."""


def compete(folder: Path, seconds: float) -> list[Said]:
    """Let processes act on the alerts of a store for some seconds, and give what came of it."""
    with ExitStack() as stack:
        running: list[subprocess.Popen[str]] = []
        for number, what in enumerate(WORK):
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.store.crash.competing", what, str(folder / "store"), str(number)],
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                text=True,
                stdin=subprocess.PIPE,
                stdout=stack.enter_context((folder / str(number)).open("w")),
                stderr=subprocess.PIPE,
            )
            running.append(stack.enter_context(process))
            stack.callback(process.kill)
        time.sleep(seconds)
        wait_for_lines([folder / str(number) for number, what in enumerate(WORK) if what != "see"])
        ended = [(process.communicate("stop\n")[1], process.returncode) for process in running]
    assert [("", 0)] * len(WORK) == ended
    lines = [line for number in range(len(WORK)) for line in (folder / str(number)).read_bytes().splitlines()]
    return [msgspec.json.decode(line, type=Said) for line in lines]


def wait_for_lines(said: list[Path]) -> None:
    """Wait until all have said enough, be the machine ever so busy."""
    patience = time.monotonic() + 60
    while any(path.read_bytes().count(b"\n") < LEAST for path in said):
        assert time.monotonic() < patience, "they said too little"
        time.sleep(0.1)


@pytest.mark.parametrize("seconds", [2, pytest.param(90, marks=pytest.mark.deep)])
def test_what_was_looked_at_is_what_is_acted_on_and_who_is_refused_is_told(tmp_path: Path, seconds: float) -> None:
    open_store(tmp_path / "store", create=True).close()
    a_desk(tmp_path / "store", *COUNTERS, *OTHERS).close()
    said = compete(tmp_path, seconds)
    with Desk(tmp_path / "store") as desk:
        check(desk.file)
        histories = {
            id_: desk.history(desk.one(id_)) for id_ in (a_sighting(number).alert for number in (*COUNTERS, *OTHERS))
        }
    verify(tmp_path / "store").check()
    refused = [each for each in said if each.problem]
    assert min(len(refused), len(said) - len(refused)) > 10, "nobody was in anybody's way"
    for number in COUNTERS:
        counted = [
            each.happened.to for each in histories[a_sighting(number).alert] if isinstance(each.happened, Assigned)
        ]
        assert [str(place) for place in range(1, len(counted) + 1)] == counted, "an update was lost"
    for id_, history in histories.items():
        check_history(history, [each for each in said if each.alert == id_])


def check_history(history: list[Told], said: list[Said]) -> None:
    """Fail where an alert's history is not what was said of it, and said to those who were refused."""
    by_seq = {told.seq: told for told in history}
    acts = {told.act for told in history if told.actor != "sentinel"}
    done = [each for each in said if not each.problem or each.is_noted]
    assert acts == {by_seq[each.left].act for each in done}, "done, and nobody said so"
    assert len(acts) == len(done), "two calls are one act"
    for each in said:
        assert all(by_seq[seq].actor == actor for seq, actor in each.meanwhile)
        told = {seq for seq, _actor in each.meanwhile}
        if each.problem:
            assert told, "refused, and not told by whom"
        else:
            begins = min(told.seq for told in history if told.act == by_seq[each.left].act)
            between = [seq for seq in range(each.looked_at + 1, begins) if is_action(by_seq[seq].happened)]
            assert [] == between, "others changed what was looked at"
