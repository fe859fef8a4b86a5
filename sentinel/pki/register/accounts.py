"""What auditors are told of certificates: who asked and approved, why, and where each stands."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sentinel.pki.register import entries
from sentinel.pki.register.file import REQUEST
from sentinel.pki.register.finding import find
from sentinel.pki.signing.approvals import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.pki.register.file import Register, Request, Row
    from sentinel.pki.register.finding import Wanted
    from sentinel.pki.signing.approvals import Approval

_CHUNK: Final = 1_000
_KNOWN: Final = 1_000
"""Requests that are remembered: certificates of one stand mostly together."""
_HISTORIES: Final = (
    "with recursive chain(subject, number) as (select number, newest from subject "
    "where number in (select value from json_each(?)) union all "
    "select subject, (select before from entry where entry.number = chain.number) from chain where chain.number > 0) "
    "select chain.subject, entry.number, kind, entry.body, actor from chain join entry on entry.number = chain.number "
    "join act on act.number = entry.act order by 1, 2"
)


@dataclass(frozen=True, slots=True)
class Approved:
    """A request, and who approved it: approvals as they were signed, or the standing `grant` that gave all of it."""

    request: Request
    approvals: tuple[Approval, ...] = ()
    grant: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """A certificate, and what is answered for it.

    `entry` is the number of the entry of the ledger that says it was issued, 0 where it was not; its leaf has the index
    before that. `digest` is the SHA-256 of the certificate, hexadecimal. `changed_by` brought it to where it stands,
    `text` is what they said of it.
    """

    row: Row
    approved: Approved
    entry: int = 0
    digest: str = ""
    changed_by: str = ""
    text: str = ""


def accounts(register: Register, wanted: Wanted) -> Iterator[Account]:
    """Give what is answered for the certificates that are wanted, the oldest first; few are held at a time."""
    approved = lru_cache(_KNOWN)(lambda number: _approved(register, number))
    last = 0
    while rows := find(register, wanted, _CHUNK, last):
        last = rows[-1].number
        told = _told(register, rows)
        for row in rows:
            yield _account(Account(row, approved(row.request)), told.get(row.number, ()))


def _approved(register: Register, number: int) -> Approved:
    request = register.request(f"r{number}")
    told = [entries.read(each.entry.kind, each.entry.body) for each in register.history(f"{REQUEST}{number}")]
    given = tuple(parse(each.approval.encode(), request.id) for each in told if isinstance(each, entries.Approved))
    return Approved(request, given, next((each.grant for each in told if isinstance(each, entries.ByGrant)), ""))


def _told(register: Register, rows: Sequence[Row]) -> dict[int, list[tuple[Any, ...]]]:
    """Give the histories of certificates by their numbers: number, kind and body of each entry, and who left it."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    for subject, *entry in register.rows(_HISTORIES, json.dumps([row.number for row in rows])):
        found.setdefault(subject, []).append(tuple(entry))
    return found


def _account(of: Account, told: Sequence[tuple[Any, ...]]) -> Account:
    for number, kind, body, actor in told:
        happened = entries.read(kind, body)
        of = replace(of, changed_by=actor, text=_text(happened))
        if isinstance(happened, entries.Issued):
            of = replace(of, entry=number, digest=happened.certificate)
    return of


def _text(happened: entries.Happened) -> str:
    """Give what somebody said of what happened, "" for nothing."""
    if isinstance(happened, entries.Revoked | entries.Restored):
        return happened.text
    return happened.reason if isinstance(happened, entries.GivenUp) else ""
