"""SIGKILL of the office or of its signer at any moment: nothing signed unrecorded, nothing reported lost."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest

from tests.pki.crash import working
from tests.pki.crash.an_office import Office, an_office
from tests.store.crash.serving import serving

MOST = 8
"""Calls that a process may report before somebody is killed."""
LONGEST = 0.06
"""Seconds that it may go on from there."""


def kill_often(folder: Path, kills: int, seed: int) -> int:
    """Kill an office or its signer at work, again and again, and look each time; give how many signatures there are.

    A killed signer is one that the office finds gone: it starts another, and goes on until it is killed itself.
    """
    random, said, office = Random(seed), folder / "said", an_office(folder / "office")  # noqa: S311 - chance
    killed = signatures = 0
    with serving("tests.pki.crash.working") as start:
        while killed < kills:
            process, ended = start(f"{office.folder} {said} {seed + killed}")
            for _signer in range(random.randrange(3)):
                work_on(said, random)
                killed += kill_signer(said)
            work_on(said, random)
            os.kill(process, signal.SIGKILL)
            assert signal.SIGKILL == ended()
            killed += 1
            wait_for_end(working.signer_of(said))
            signatures = working.look(office, working.heard(said))
    finish(office, said)
    return signatures


def work_on(said: Path, random: Random) -> None:
    """Let it work for a while after it has begun."""
    before = lines_of(said)
    wait_for(said, before + random.randrange(1, MOST))
    time.sleep(random.random() * LONGEST)


def lines_of(said: Path) -> int:
    return said.read_bytes().count(b"\n") if said.exists() else 0


def wait_for(said: Path, lines: int) -> None:
    """Wait until so much was reported, be the machine ever so busy."""
    patience = time.monotonic() + 60
    while lines_of(said) < lines:
        assert time.monotonic() < patience
        time.sleep(0.002)


def kill_signer(said: Path) -> int:
    """Kill the signer that was started last; give how many were killed."""
    with suppress(ProcessLookupError):
        os.kill(working.signer_of(said), signal.SIGKILL)
        return 1
    return 0


def wait_for_end(process: int) -> None:
    """Wait until a signer has ended after its office."""
    patience = time.monotonic() + 60
    while Path(f"/proc/{process}").exists() and ") Z " not in Path(f"/proc/{process}/stat").read_text(encoding="utf-8"):
        assert time.monotonic() < patience
        time.sleep(0.002)


def finish(office: Office, said: Path) -> None:
    """Finish what is left: then nothing is intended, and all is as it was said."""
    with closing(office.home.register(write=True)) as register, office.signing() as client:
        working.recover(register, client)
        assert {1} == set(working.serials_of(register).values())
    working.look(office, working.heard(said))


def test_twenty_kills_leave_nothing_unrecorded_and_lose_nothing_reported(tmp_path: Path) -> None:
    assert kill_often(tmp_path, 20, seed=1) > 20


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(8))
def test_hundreds_of_kills_leave_nothing_unrecorded_and_lose_nothing_reported(tmp_path: Path, seed: int) -> None:
    assert kill_often(tmp_path, 25, seed=100 + 1000 * seed) > 20
