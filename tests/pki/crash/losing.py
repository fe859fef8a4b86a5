"""A program that founds authorities and issues, revokes and lists, and what must be there when the power went.

    python -m tests.pki.crash.losing FOLDER SAID PEOPLE

What somebody outside knows is written to SAID at once, a line of JSON each: the signatures that the signer gave out,
and what a call came to when it had returned. The people are in a folder that the power does not reach.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sentinel.errors import Refused
from sentinel.pki.model import Reason
from sentinel.pki.office.home import Home
from sentinel.pki.office.publishing import publish_lists
from sentinel.pki.office.signers import finish, signer
from sentinel.pki.register.finding import Wanted, find
from sentinel.pki.register.issuing import Issuance
from sentinel.pki.register.revoking import listing, revoke
from sentinel.pki.register.tables import State
from sentinel.pki.signing import home as signer_home
from sentinel.pki.signing.log import Log
from sentinel.pki.status.crl import entry
from tests.pki.crash import working
from tests.pki.crash.an_office import ISSUER, LAN, PASSPHRASE, Office, approved, asked, found_authorities

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sentinel.pki.register.file import Register
    from sentinel.pki.signing.client import Batch, Client


class Said(msgspec.Struct, omit_defaults=True):
    """What somebody outside knows: signatures by what they are over, certificates, lists, files (SHA-256)."""

    call: str
    signatures: dict[str, str] = {}
    certificates: dict[str, str] = {}
    lists: dict[int, int] = {}
    files: dict[str, str] = {}


class Telling:
    """A signer whose signatures are known outside as soon as it has answered."""

    def __init__(self, client: Client, say: Callable[[Said], None]) -> None:
        self._client, self._say = client, say

    def sign(self, batch: Batch) -> list[bytes]:
        made = self._client.sign(batch)
        digests = [sha256(each).hexdigest() for each in batch.tbs]
        self._say(Said("signed", dict(zip(digests, [each.hex() for each in made], strict=True))))
        return made

    def recall(self, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        return self._client.recall(digests)


def main(folder: str, said: str, people: str) -> None:
    """Found, issue, revoke, list; twice, so that files are closed and opened again between."""
    out = os.open(said, os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def say(what: Said) -> None:
        os.write(out, msgspec.json.encode(what) + b"\n")

    home, office = Home(Path(folder)), Office(Path(people))
    found_authorities(office, home)
    say(Said("founded", files=files_of(home)))
    for count in (3, 2):
        unlock = lambda _entry: PASSPHRASE  # noqa: E731 - shorter so
        with (
            closing(home.register(write=True)) as register,
            signer(home, office.people, unlock, [ISSUER]) as client,
        ):
            work(home, office, register, client, count, say)


def files_of(home: Home) -> dict[str, str]:
    """Give the files that are written once: keys, and what says whose they are."""
    kept = (path for path in home.folder.rglob("*") if path.suffix in {".pem", ".cer", ".toml"})
    return {str(path.relative_to(home.folder)): sha256(path.read_bytes()).hexdigest() for path in kept}


def work(
    home: Home, office: Office, register: Register, client: Client, count: int, say: Callable[[Said], None]
) -> None:
    """Issue so many certificates, revoke the first and list it."""
    request = approved(office, register, asked(register, count))
    Issuance(register, Telling(client, say), finish, time.time_ns).issue(request, LAN)
    rows = find(register, Wanted(request=request.number))
    say(Said("issued", certificates={row.serial: register.der(row.number).hex() for row in rows}))
    revoke(register, rows[:1], Reason.KEY_COMPROMISE, LAN, time.time_ns(), entry)
    say(Said("revoked", certificates={rows[0].serial: ""}))
    made = publish_lists(home, register, register.authority(ISSUER), client, LAN, time.time_ns() // 10**9)
    say(Said("listed", lists={each.shard: each.number for each in made}))


class Recalling:
    """What is left of a signer: it gives back what stands in its log, and signs nothing more."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def sign(self, _batch: Batch) -> list[bytes]:
        raise Refused("it signs nothing more")

    def recall(self, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        return self._log.recall(digests)


def look(people: Path, folder: Path, heard: list[bytes]) -> None:
    """Fail where something that is known outside is not there, or was signed and not written down before."""
    home, said = Home(folder), [msgspec.json.decode(line, type=Said) for line in heard]
    if not said:
        return  # nobody was told yet that there are authorities
    office = Office(people)
    with closing(home.register(write=True)) as register, closing(Log.open(home.signer / signer_home.LOG)) as log:
        check(office, home, register, log, said)
        Issuance(register, Recalling(log), finish, time.time_ns).recover()
        assert [] == register.find("state = ?", [int(State.INTENDED)])
        check(office, home, register, log, said)


def check(office: Office, home: Home, register: Register, log: Log, said: list[Said]) -> None:
    log.verify()
    working.check_whole(office, register)
    working.check_signed(register, working.acts_in(log))
    known = {bytes.fromhex(digest): bytes.fromhex(made) for each in said for digest, made in each.signatures.items()}
    assert known == log.recall(known), "known, and not in the log"
    for each in said:
        check_said(home, register, each)


def check_said(home: Home, register: Register, said: Said) -> None:
    rows = {row.serial: row for row in register.find()}
    for serial, der in said.certificates.items():
        assert der in {"", register.der(rows[serial].number).hex()}, "not the bytes that were said"
        assert said.call != "revoked" or rows[serial].state is State.REVOKED
    assert said.files.items() <= files_of(home).items()
    for shard, number in said.lists.items():
        assert listing(register, register.authority(ISSUER), shard).number >= number
        assert list(home.public.rglob("*.crl")), "said, and not published"


if __name__ == "__main__":
    main(*sys.argv[1:])
