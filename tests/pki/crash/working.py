"""An officer who asks, has it approved, issues, revokes and lists, and what must hold when that was stopped anywhere.

    python -m tests.pki.crash.working --serve          and a line `FOLDER SAID SEED` for each process

Whatever a call came to is written to SAID once the call has returned, a line of JSON each.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import msgspec

from sentinel.errors import StoreError
from sentinel.ledger.verify import Ledger, verify
from sentinel.people.register import read
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.model import Reason
from sentinel.pki.office.publishing import publish_lists
from sentinel.pki.office.signers import finish
from sentinel.pki.register import entries
from sentinel.pki.register.asking import reject
from sentinel.pki.register.audit import audit
from sentinel.pki.register.file import CERTIFICATE
from sentinel.pki.register.finding import Wanted, find
from sentinel.pki.register.issuing import Issuance
from sentinel.pki.register.revoking import listing, restore, revoke
from sentinel.pki.register.tables import State
from sentinel.pki.signing import home as signer_home
from sentinel.pki.signing.log import Log, read_act
from sentinel.pki.status.crl import entry
from tests.pki.crash.an_office import ISSUER, LAN, Office, approved, asked, issued
from tests.store.crash.serving import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sentinel.pki.register.file import Register
    from sentinel.pki.signing.client import Client
    from sentinel.pki.signing.log import Act

MOST = 40
"""Certificates that a request asks for at most."""
REASONS = (Reason.KEY_COMPROMISE, Reason.SUPERSEDED, Reason.HOLD)


class Said(msgspec.Struct, omit_defaults=True):
    """What a call came to: of which request, which certificates (serial number: SHA-256), lists (shard: number)."""

    call: str
    signer: int = 0
    request: int = 0
    certificates: dict[str, str] = {}
    lists: dict[int, int] = {}


def run(line: str) -> None:
    """Work in an office until killed; where its signer is, start another one."""
    folder, said, seed = line.split()
    out = os.open(said, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    office, random = Office(Path(folder)), Random(int(seed))  # noqa: S311 - chance, not secrecy
    with closing(office.home.register(write=True)) as register:
        for each in work(office, register, random):
            os.write(out, msgspec.json.encode(each) + b"\n")


def work(office: Office, register: Register, random: Random) -> Iterator[Said]:
    """Make calls by chance, and give what came of each."""
    while True:
        with office.signing() as client:
            yield Said("started", signer=client.process)
            try:
                recover(register, client)
                yield Said("recovered")
                while True:
                    yield from random.choice(_CALLS)(office, register, client, random)
            except StoreError as error:
                assert "signer ended" in error.message, error  # noqa: PT017 - any other one is a bug


def recover(register: Register, client: Client) -> None:
    """Finish what others left; nothing is intended then."""
    Issuance(register, client, finish, time.time_ns).recover()
    assert [] == register.find("state = ?", [int(State.INTENDED)])


def _issue(office: Office, register: Register, client: Client, random: Random) -> Iterator[Said]:
    request = asked(register, random.choice((1, 2, random.randrange(1, MOST))))
    yield Said("ask", request=request.number)
    request = approved(office, register, request)
    yield Said("approve", request=request.number)
    yield _issued(register, client, request.number)


def _issue_left(_office: Office, register: Register, client: Client, _random: Random) -> Iterator[Said]:
    """Go on with what was approved and not issued when somebody died."""
    for request in register.requests([State.APPROVED]):
        yield _issued(register, client, request.number)


def _issued(register: Register, client: Client, number: int) -> Said:
    issued(register, register.request(f"r{number}"), client)
    rows = find(register, Wanted(request=number, states=frozenset({State.ISSUED})))
    made = {row.serial: sha256(register.der(row.number)).hexdigest() for row in rows}
    return Said("issue", request=number, certificates=made)


def _reject(_office: Office, register: Register, _client: Client, _random: Random) -> Iterator[Said]:
    request = reject(register, asked(register, 2), LAN, time.time_ns(), "không cần nữa")
    yield Said("reject", request=request.number)


def _revoke(_office: Office, register: Register, _client: Client, random: Random) -> Iterator[Said]:
    rows = find(register, Wanted(issuer=ISSUER, states=frozenset({State.ISSUED, State.HELD})))
    chosen, reason = random.sample(rows, min(len(rows), random.randrange(1, MOST))), random.choice(REASONS)
    outcomes = revoke(register, chosen, reason, LAN, time.time_ns(), entry)
    yield Said("revoke", certificates={each.row.serial: reason.value for each in outcomes if each.is_done})


def _restore(_office: Office, register: Register, _client: Client, _random: Random) -> Iterator[Said]:
    rows = find(register, Wanted(issuer=ISSUER, states=frozenset({State.HELD})))
    outcomes = restore(register, rows, LAN, time.time_ns(), "đã tìm thấy")
    yield Said("restore", certificates={each.row.serial: "" for each in outcomes if each.is_done})


def _list(office: Office, register: Register, client: Client, _random: Random) -> Iterator[Said]:
    authority, now = register.authority(ISSUER), time.time_ns() // 10**9
    made = publish_lists(office.home, register, authority, client, LAN, now)
    yield Said("list", lists={each.shard: each.number for each in made})


_CALLS: Sequence[Callable[[Office, Register, Client, Random], Iterator[Said]]] = (
    _issue, _issue, _issue, _issue_left, _reject, _revoke, _restore, _list,
)  # fmt: skip


def heard(said: Path) -> list[Said]:
    """Give what was said; what a process was killed in the middle of saying is taken away."""
    whole = said.read_bytes() if said.exists() else b""
    if whole and not whole.endswith(b"\n"):
        whole = whole[: whole.rfind(b"\n") + 1]
        said.write_bytes(whole)
    return [msgspec.json.decode(line, type=Said) for line in whole.splitlines()]


def signer_of(said: Path) -> int:
    """Give the number of the signer's process that was started last."""
    whole = said.read_bytes()
    lines = whole[: whole.rfind(b"\n") + 1].splitlines()
    return next(found.signer for line in reversed(lines) if (found := msgspec.json.decode(line, type=Said)).signer)


def look(office: Office, said: Sequence[Said]) -> int:
    """Fail where something said is not there, or was signed and not written down; count the signatures."""
    with closing(office.home.register()) as register:
        check_whole(office, register)
        check_said(register, said)
        return check_signed(register, acts_of(office))


def check_whole(office: Office, register: Register) -> None:
    """Fail where the ledger or the audit finds anything."""
    histories, signers = register.histories, read(office.people).signers()
    ledger = Ledger(histories.origin, histories.act_rows(), histories.entry_rows(), histories.heads())
    verify(ledger, signers=signers)
    assert [] == audit(register, entry).faults


def acts_of(office: Office) -> list[Act]:
    """Give the acts of the signer's log, which is whole."""
    with closing(Log.open(office.home.signer / signer_home.LOG)) as log:
        log.verify()
        return acts_in(log)


def acts_in(log: Log) -> list[Act]:
    return [read_act(body) for body, _digest in log.rows()]


def check_signed(register: Register, acts: Sequence[Act]) -> int:
    """Fail where the signer signed a certificate that was not written down before, or one twice; count them."""
    intended = {each.tbs: subject for subject, each in _intended(register)}
    made = [each.digest.hex() for act in acts if act.kind == "signed" and act.cover for each in act.made]
    assert [] == [digest for digest in made if digest not in intended], "signed, and not written down"
    assert [] == [digest for digest, times in Counter(made).items() if times > 1], "signed twice"
    serials = Counter(intended[digest] for digest in made)
    assert [] == [serial for serial, times in serials.items() if times > 1], "a serial number twice"
    return len(made)


def _intended(register: Register) -> Iterator[tuple[str, entries.Intended | entries.Planned]]:
    for told, _digest in register.histories.entries():
        happened = entries.read(told.kind, told.body)
        if isinstance(happened, entries.Intended | entries.Planned):
            yield told.subject, happened


def check_said(register: Register, said: Sequence[Said]) -> None:
    """Fail where what was said to have happened is not there."""
    states = {row.serial: row for row in register.find()}
    ended = dict[str, str]()
    for each in said:
        if each.call == "issue":
            _check_certificates(register, states, each.certificates)
        ended |= each.certificates if each.call == "revoke" else {}
        held = {serial for serial, reason in ended.items() if reason == Reason.HOLD}
        if each.call == "restore":
            assert held >= each.certificates.keys()
            ended = {serial: reason for serial, reason in ended.items() if serial not in each.certificates}
    for serial, reason in ended.items():
        if reason != Reason.HOLD:  # one that was held may have been changed by whoever was killed
            assert (State.REVOKED, reason) == (states[serial].state, states[serial].reason)
    told = {shard: number for each in said for shard, number in each.lists.items()}
    for shard, number in told.items():
        assert listing(register, register.authority(ISSUER), shard).number >= number


def _check_certificates(register: Register, rows: Mapping[str, object], made: Mapping[str, str]) -> None:
    assert made.keys() <= rows.keys(), "said, and lost"
    for row in register.find(
        "hex(serial) in (select value from json_each(?))", [msgspec.json.encode([*made]).decode()]
    ):
        der = register.der(row.number)
        assert made[row.serial] == sha256(der).hexdigest(), "not the bytes that were said"
        assert row.serial == f"{parsed(der).serial:X}"


def serials_of(register: Register) -> Counter[str]:
    """Count how often a serial number is in the histories."""
    names = (name for name, _seq, _digest in register.histories.heads() if name.startswith(CERTIFICATE))
    return Counter(name.rpartition(":")[2] for name in names)


if __name__ == "__main__":
    serve(run)
