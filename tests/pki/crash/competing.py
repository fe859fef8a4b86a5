"""A process that does one thing in an office again and again until it is told to stop, by a line on its input.

    python -m tests.pki.crash.competing (signer|batch|single|left|revoke|list) FOLDER NUMBER

What each call came to, and how long it took, it says on its output, a line of JSON each.
"""

from __future__ import annotations

import os
import select
import sys
import time
from contextlib import closing
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import msgspec

from sentinel.pki.model import Reason
from sentinel.pki.office.publishing import publish_lists
from sentinel.pki.register.finding import Wanted, find
from sentinel.pki.register.revoking import revoke
from sentinel.pki.register.tables import State
from sentinel.pki.signing.service import serve
from sentinel.pki.status.crl import entry
from tests.pki.crash.an_office import ISSUER, LAN, PASSPHRASE, Office, approved, asked, issued

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.pki.register.file import Register
    from sentinel.pki.signing.client import Client

BATCH = 2500
"""Certificates of a large request."""
PAUSE = 0.02


class Said(msgspec.Struct, omit_defaults=True):
    """What calls did: of which request how many certificates, which were revoked, which lists; the longest, seconds."""

    longest: float
    by: str = ""
    request: int = 0
    issued: int = 0
    revoked: list[str] = []
    lists: dict[int, int] = {}


class Watch:
    """The longest of some calls."""

    def __init__(self) -> None:
        self.longest = 0.0

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *_error: object) -> None:
        self.lap(0)

    def lap(self, _done: int) -> None:
        """End one part of a call that says how far it is, and begin the next."""
        ended = time.monotonic()
        self.longest, self._began = max(self.longest, ended - self._began), ended


def _batch(office: Office, register: Register, client: Client, _random: Random) -> Said:
    return _new(office, register, client, BATCH)


def _single(office: Office, register: Register, client: Client, _random: Random) -> Said:
    return _new(office, register, client, 1)


def _new(office: Office, register: Register, client: Client, count: int) -> Said:
    watch = Watch()
    with watch:
        request = asked(register, count)
    with watch:
        request = approved(office, register, request)
    with watch:
        came = issued(register, request, client)
    return Said(watch.longest, request=request.number, issued=came.issued)


def _left(_office: Office, register: Register, client: Client, _random: Random) -> Said:
    """Issue whatever is approved, which others are issuing too."""
    count = 0
    for request in register.requests([State.APPROVED]):
        count += issued(register, request, client).issued
    time.sleep(PAUSE)
    return Said(0, issued=count)


def _revoke(_office: Office, register: Register, _client: Client, random: Random) -> Said:
    rows = find(register, Wanted(issuer=ISSUER, states=frozenset({State.ISSUED})), 100)
    chosen, watch = random.sample(rows, min(len(rows), random.randrange(1, 20))), Watch()
    with watch:
        outcomes = revoke(register, chosen, Reason.SUPERSEDED, LAN, time.time_ns(), entry)
    time.sleep(PAUSE)
    return Said(watch.longest, revoked=[each.row.serial for each in outcomes if each.is_done])


def _list(office: Office, register: Register, client: Client, _random: Random) -> Said:
    watch, authority = Watch(), register.authority(ISSUER)
    with watch:
        made = publish_lists(office.home, register, authority, client, LAN, time.time_ns() // 10**9, told=watch.lap)
    time.sleep(PAUSE)
    return Said(watch.longest, lists={each.shard: each.number for each in made})


CALLS: dict[str, Callable[[Office, Register, Client, Random], Said]] = {
    "batch": _batch, "single": _single, "left": _left, "revoke": _revoke, "list": _list,
}  # fmt: skip


def stopped() -> bool:
    """Tell whether there is something on the input."""
    return bool(select.select([sys.stdin], [], [], 0)[0])


def say(said: Said) -> None:
    os.write(1, msgspec.json.encode(said) + b"\n")


def main(what: str, folder: str, number: str) -> None:
    """Serve signatures, or do one thing until told to stop."""
    office = Office(Path(folder))
    if what == "signer":
        serve(
            office.home.signer, office.home.socket, office.people, [os.getuid()], {ISSUER: PASSPHRASE},
            ready=lambda: say(Said(0)),
        )  # fmt: skip
        return
    random = Random(int(number))  # noqa: S311 - chance, not secrecy
    with closing(office.home.register(write=True)) as register, office.signing() as client:
        while not stopped():
            said = CALLS[what](office, register, client, random)
            said.by = f"{what}-{number}"
            say(said)


if __name__ == "__main__":
    main(*sys.argv[1:])
