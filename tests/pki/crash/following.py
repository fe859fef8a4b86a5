"""A program that founds what follows, and is killed at some step of it.

    python -m tests.pki.crash.following --serve        and a line `FOLDER WHAT STEPS` for each process

A step is a look at the clock, before everything that is written down, or a change of a file.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sentinel import settings
from sentinel.errors import SentinelError
from sentinel.people.register import read
from sentinel.pki.office import rollover
from sentinel.pki.office.founding import Founder
from sentinel.store.embedded import disk
from tests.pki.crash.an_office import LAN, PASSPHRASE, Office
from tests.store.crash.serving import serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.pki.register.file import Authority, Register

DONE, REFUSED = "done", "refused"


def run(line: str) -> None:
    """Found, and be killed at a step; what it came to is written to `said` beside the office."""
    folder, what, steps = line.rsplit(" ", 2)
    office, left = Office(Path(folder)), int(steps)

    def step() -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def clock() -> int:
        step()
        return time.time_ns()

    with disk.watch(lambda _step: step()):
        try:
            CALLS[what](office, clock)
            said = DONE
        except SentinelError as error:
            said = f"{REFUSED} {error.message}"
    (office.folder / "said").write_text(said, encoding="utf-8")


def add(office: Office, clock: Callable[[], int]) -> Authority:
    """Found the next authority that issues."""
    profiles = office.home.profiles(settings.load({}))
    return rollover.add(office.home, founder(office, clock), profiles, "agencies", "agencies-2", "")


def add_root(office: Office, clock: Callable[[], int]) -> None:
    """Found the next root; where it is there already, let both sign each other."""
    with closing(office.home.register()) as register:
        every = {each.issuer.id: each for each in register.authorities()}
    profiles, by = office.home.profiles(settings.load({})), founder(office, clock)
    if "root-2" not in every:
        rollover.add_root(office.home, every["root"], rollover.NextRoot(), by, profiles)
        return
    for pair in (("root-2", "root"), ("root", "root-2")):
        rollover.cross_sign(office.home, by, profiles, *pair)


def retire(office: Office, clock: Callable[[], int]) -> None:
    """Retire the authority that issues, unless it is."""
    now = clock()
    with closing(office.home.register(write=True)) as register:
        if "agencies" not in office.home.retired(now + 10**9):
            rollover.retire(office.home, register, "agencies", LAN, now)


def founder(office: Office, clock: Callable[[], int] = time.time_ns) -> Founder:
    """Give who founds in an office."""
    return Founder(LAN, office.approver, read(office.people), office.people, PASSPHRASE, clock)


CALLS = {"add": add, "add-root": add_root, "retire": retire}


def ids(register: Register) -> list[str]:
    """Give the names of the authorities."""
    return [each.issuer.id for each in register.authorities()]


if __name__ == "__main__":
    serve(run)
