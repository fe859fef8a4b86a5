"""Certificates are revoked, one by one or by thousands, and lists of them are issued."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.ledger.chain import Act
from sentinel.pki.model import Reason
from sentinel.pki.register import entries
from sentinel.pki.register.file import LIST, subject_of
from sentinel.pki.register.tables import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sentinel.people.acting import Acting
    from sentinel.pki.register.entries import Happened
    from sentinel.pki.register.file import Authority, Register, Row

_SECOND: Final = 1_000_000_000
AT_ONCE: Final = 5_000
"""Certificates that are revoked within one transaction, which others wait for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a revocation came to: the certificate as it was looked at, and why it was not done, or ""."""

    row: Row
    problem: str = ""

    @property
    def is_done(self) -> bool:
        """Tell whether it was done."""
        return not self.problem


@dataclass(frozen=True, slots=True)
class Listing:
    """The revocation list of an authority's shard: its number (0 none yet), times in seconds since 1970, UTC, size."""

    number: int = 0
    this_update: int = 0
    next_update: int = 0
    size: int = 0
    digest: bytes = b""


def revoke(  # noqa: PLR0913, PLR0917 - what, why, by whom, when, and how lists name it
    register: Register,
    rows: Sequence[Row],
    reason: Reason,
    by: Acting,
    now: int,
    entry: Callable[[int, int, Reason], bytes],
    text: str = "",
    told: Callable[[int], None] = lambda _done: None,
) -> list[Outcome]:
    """Revoke certificates, each or not at all, and say of each what came of it; durable when this returns.

    Many are revoked in groups, so that nobody waits for all of them; whoever dies in between has revoked the first.

    `entry` gives what a revocation list says of a serial number, a time (seconds since 1970, UTC) and a reason;
    `told` hears how many were looked at. One that is held may be revoked for good. Raise Refused, StoreError.
    """
    by.must("pki.revoke")
    given, outcomes = [*{row.number: row for row in rows}.values()], list[Outcome]()
    for start in range(0, len(given), AT_ONCE):
        outcomes += _revoked(register, given[start : start + AT_ONCE], reason, by, now, entry, text)
        told(len(outcomes))
    return outcomes


def _revoked(  # noqa: PLR0913, PLR0917 - as above
    register: Register,
    rows: Sequence[Row],
    reason: Reason,
    by: Acting,
    now: int,
    entry: Callable[[int, int, Reason], bytes],
    text: str,
) -> list[Outcome]:
    since = now // _SECOND
    state = State.HELD if reason is Reason.HOLD else State.REVOKED
    from_ = {State.ISSUED} if state is State.HELD else {State.ISSUED, State.HELD}
    with register.writing():
        there = _states(register, rows)
        problems = {
            row.number: "" if there.get(row.number) in from_ else _problem(there.get(row.number)) for row in rows
        }
        if done := [row for row in rows if not problems[row.number]]:
            told = entries.Revoked(reason.value, since, text)
            happened: list[tuple[str, Happened]] = [(_subject(row), told) for row in done]
            states = {subject: {"state": int(state), "changed": now, "reason": reason.value} for subject, _ in happened}
            body = {"reason": reason.value, "text": text} | _digest_of(done)
            register.append(_act(by, now, "pki revoke", body), happened, states)
            numbers = {each.issuer.id: each.number for each in register.authorities()}
            register.histories.db.executemany(
                "insert or replace into listed values(?, ?, ?, ?)",
                [
                    (numbers[row.issuer], row.shard, row.number, entry(int(row.serial, 16), since, reason))
                    for row in done
                ],
            )
    return [Outcome(row, problems[row.number]) for row in rows]


def restore(register: Register, rows: Sequence[Row], by: Acting, now: int, text: str) -> list[Outcome]:
    """Let certificates that were held count again, and say of each what came of it. Raise Refused, StoreError."""
    by.must("pki.revoke")
    if not text.strip():
        raise InputError(_("say why it may count again"))
    with register.writing():
        there = _states(register, rows)
        held = [row for row in rows if there.get(row.number) is State.HELD]
        if held:
            happened: list[tuple[str, Happened]] = [(_subject(row), entries.Restored(text)) for row in held]
            states = {subject: {"state": int(State.ISSUED), "changed": now, "reason": None} for subject, _ in happened}
            register.append(_act(by, now, "pki restore", {"text": text} | _digest_of(held)), happened, states)
            register.histories.db.executemany(
                "delete from listed where certificate = ?", [(row.number,) for row in held]
            )
    kept = {row.number for row in held}
    return [Outcome(row, "" if row.number in kept else _("it is not held")) for row in rows]


def listed(register: Register, authority: Authority, shard: int, ended: int = 0) -> Iterator[bytes]:
    """Give what the list of a shard says of each certificate, less those that ended and were revoked before a time.

    That is the time of the last list, which named these: an entry is in one list after the end of its certificate at
    least (RFC 5280, 3.3). 0 is of all.
    """
    asked = (
        "select entry from listed join certificate on certificate.number = listed.certificate "
        "where listed.issuer = ?1 and (?2 = 0 or listed.shard = ?2) and (not_after >= ?3 or "
        "(select changed from subject where subject.number = listed.certificate) >= ?4) order by listed.certificate"
    )
    for (entry,) in register.histories.db.execute(asked, (authority.number, shard, ended, ended * _SECOND)):
        yield entry


def listing(register: Register, authority: Authority, shard: int) -> Listing:
    """Give the list that was issued last."""
    asked = "select number, this_update, next_update, size, digest from list where issuer = ? and shard = ?"
    for number, this_update, next_update, size, digest in register.rows(asked, authority.number, shard):
        return Listing(number, this_update, next_update, size, bytes(digest))
    return Listing()


def shards(register: Register, authority: Authority) -> list[int]:
    """Give the shards that certificates of an authority are in, 0 at least."""
    rows = register.rows("select distinct shard from certificate where issuer = ? order by 1", authority.number)
    return sorted({0, *(shard for (shard,) in rows)})


def record_list(  # noqa: PLR0913, PLR0917 - a list, and whose doing
    register: Register, authority: Authority, shard: int, der: bytes, told: Listing, by: Acting, now: int
) -> Listing:
    """Write down that a list was issued; raise InputError where another process issued that number meanwhile."""
    digest = sha256(der).digest()
    with register.writing():
        if listing(register, authority, shard).number >= told.number:
            raise InputError(_("a list with the number {number} is there already").format(number=told.number))
        happened = entries.Listed(told.number, told.size, digest.hex(), told.this_update, told.next_update)
        body = {"issuer": authority.issuer.id, "shard": shard, "number": told.number}
        register.append(_act(by, now, "pki crl", body), [(f"{LIST}{authority.issuer.id}:{shard}", happened)])
        register.histories.db.execute(
            "insert or replace into list values(?, ?, ?, ?, ?, ?, ?)",
            (authority.number, shard, told.number, told.this_update, told.next_update, told.size, digest),
        )
    return listing(register, authority, shard)


def _subject(row: Row) -> str:
    return subject_of(row.issuer, bytes.fromhex(row.serial))


def _act(by: Acting, now: int, name: str, body: dict[str, object]) -> Act:
    return by.signed(Act(0, now, by.name, by.via, name, msgspec.json.encode(body)))


def _digest_of(rows: Iterable[Row]) -> dict[str, object]:
    lines = sorted(f"{row.issuer}:{row.serial}\n" for row in rows)
    return {"count": len(lines), "certificates": sha256("".join(lines).encode()).hexdigest()}


def _states(register: Register, rows: Iterable[Row]) -> dict[int, State]:
    asked = "select number, state from subject where number in (select value from json_each(?))"
    found = register.histories.db.execute(asked, (json.dumps([row.number for row in rows]),))
    return {number: State(state) for number, state in found if state is not None}


def _problem(state: State | None) -> str:
    words = {
        State.REVOKED: _("it is revoked already"),
        State.HELD: _("it is held already"),
        State.GIVEN_UP: _("it was never issued"),
        State.INTENDED: _("it is being issued"),
    }
    return words.get(state, _("there is no such certificate")) if state else _("there is no such certificate")
