"""Several processes work in one office at once: no update is lost, none is done twice, and nobody waits long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

import msgspec
import pytest

from sentinel.pki.register.tables import State
from tests.conftest import ROOT
from tests.pki.crash import working
from tests.pki.crash.an_office import an_office
from tests.pki.crash.competing import Said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sentinel.pki.register.file import Register

WORK = ("batch", "single", "single", "left", "revoke", "list")
LEAST = 3
"""Lines that all but the one with large requests have said before they are told to stop."""
LONGEST = 2.0
"""Seconds that anybody waits at most for what they asked, large requests apart."""


@contextmanager
def running(folder: Path, what: str, number: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that says what it did to a file, and kill it at the end where it still runs."""
    said = folder / f"said-{number}"
    with (
        said.open("wb") as out,
        subprocess.Popen(
            [sys.executable, "-m", "tests.pki.crash.competing", what, str(folder / "office"), str(number)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=out,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def compete(folder: Path, seconds: float) -> list[Said]:
    """Let processes work for some seconds, and give what they said."""
    with ExitStack() as stack:
        signer = stack.enter_context(running(folder, "signer", 0))
        wait_for_lines(folder, [0], 1)
        started = [stack.enter_context(running(folder, what, number)) for number, what in enumerate(WORK, 1)]
        time.sleep(seconds)
        wait_for_lines(folder, range(2, len(WORK) + 1), LEAST)
        ended = [(process.communicate(b"stop\n"), process.returncode)[1] for process in started]
        signer.send_signal(signal.SIGTERM)
        ended.append(signer.wait(10))
    assert [0] * (len(WORK) + 1) == ended
    lines = [line for number in range(1, len(WORK) + 1) for line in said_by(folder, number)]
    return [msgspec.json.decode(line, type=Said) for line in lines]


def said_by(folder: Path, number: int) -> list[bytes]:
    return (folder / f"said-{number}").read_bytes().splitlines()


def wait_for_lines(folder: Path, numbers: range | list[int], least: int) -> None:
    """Wait until all have said enough, be the machine ever so busy."""
    patience = time.monotonic() + 60
    while any(len(said_by(folder, number)) < least for number in numbers):
        assert time.monotonic() < patience, "they said too little"
        time.sleep(0.05)


@pytest.mark.parametrize("seconds", [2, pytest.param(60, marks=pytest.mark.deep)])
def test_nothing_is_lost_or_done_twice_and_nobody_waits_long(tmp_path: Path, seconds: float) -> None:
    office = an_office(tmp_path / "office")
    said = compete(tmp_path, seconds)
    with closing(office.home.register()) as register:
        working.check_whole(office, register)
        working.check_signed(register, working.acts_of(office))
        check_said(register, said)
    assert max(each.longest for each in said if not each.by.startswith("batch")) < LONGEST


def check_said(register: Register, said: list[Said]) -> None:
    """Fail where what was said was not done, or was done twice."""
    of_requests, states = {each.number: each for each in register.requests(limit=1 << 20)}, register.find()
    assert {State.DONE} == {of_requests[each.request].state for each in said if each.request}
    assert [] == [row for row in states if row.state not in {State.ISSUED, State.REVOKED}]
    issued = sum(row.issuer == "agencies" for row in states) - RESPONDERS
    assert issued == sum(each.issued for each in said)
    revoked = [serial for each in said for serial in each.revoked]
    assert len(revoked) == len(set(revoked))
    assert set(revoked) == {row.serial for row in states if row.state is State.REVOKED}
    lists = [(shard, number) for each in said for shard, number in each.lists.items()]
    assert len(lists) == len(set(lists))


RESPONDERS = 1
"""Certificates that there were before."""
