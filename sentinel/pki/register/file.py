"""The file of the register: authorities, requests, certificates, and their histories."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.model import Algorithm, Issuer
from sentinel.pki.register import entries
from sentinel.pki.register.tables import FORMAT, NAME, STATE, TABLES, State
from sentinel.store.embedded.databases import told
from sentinel.store.histories import Draft, Histories, Layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sentinel.ledger.chain import Act
    from sentinel.pki.register.entries import Happened
    from sentinel.store.histories import Happening

AUTHORITY: Final = "authority:"
REQUEST: Final = "request:"
CERTIFICATE: Final = "certificate:"
LIST: Final = "list:"
"""What the names of subjects begin with."""
_SERIAL_SHOWN: Final = 6
_DIGITS: Final = 18
"""Digits of a number that SQLite has room for."""
"""Digits of a serial number that name a certificate, if no other one begins so."""


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority of the register: its number, what kind it is (`root`, `issuing`), whose certificate it has."""

    number: int
    kind: str
    parent: str
    issuer: Issuer


@dataclass(frozen=True, slots=True)
class Request:
    """A request: who asked for how many certificates of which issuer, when and what for, and where it stands.

    `digest` is what approvals are over: SHA-256 of the TBSCertificate, or of several the root of their tree. `at` is
    nanoseconds since 1970, UTC. `replaces` is the number of the request whose certificates these replace, or 0.
    """

    number: int
    issuer: str
    requester: str
    at: int
    count: int
    digest: bytes
    purpose: str
    replaces: int
    state: State
    left: int = 0

    @property
    def id(self) -> str:
        """Give what it is called by."""
        return f"r{self.number}"


class Row(NamedTuple):
    """A certificate of the register, less its bytes; `serial` in hexadecimal, times in seconds since 1970, UTC."""

    number: int
    issuer: str
    serial: str
    request: int
    profile: str
    agency: str
    subject: str
    names: str
    not_before: int
    not_after: int
    shard: int
    state: State
    changed: int
    reason: str


_ROW: Final = (
    "select certificate.number, authority.id, hex(serial), request, profile, agency, subject, names, not_before, "
    "not_after, shard, state, changed, coalesce(reason, '') from certificate join authority on "
    "authority.number = certificate.issuer join subject on subject.number = certificate.number"
)
_REQUEST: Final = (
    "select request.number, issuer, requester, at, count, request.digest, purpose, replaces, state, "
    # Counted by its ends: what is issued leaves from the front, and rows are wide.
    "coalesce((select max(place) from asked where asked.request = request.number) "
    "- (select min(place) from asked where asked.request = request.number) + 1, 0) from request "
    "join subject on subject.number = request.subject"
)


class Register:
    """The register in a folder."""

    def __init__(self, folder: Path, *, write: bool = False) -> None:
        """Open the register; with `write` make it where it is not. Raise StoreError."""
        self.folder = folder
        self.histories = Histories(folder, Layout(NAME, FORMAT, TABLES, STATE), write=write)

    @property
    def path(self) -> Path:
        """Give the file's path."""
        return self.histories.path

    @property
    def is_there(self) -> bool:
        """Tell whether there is a register."""
        return self.histories.is_there

    def close(self) -> None:
        """Close the file."""
        self.histories.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one writing transaction: all of it is durable when this ends, or none of it happened."""
        with self.histories.writing():
            yield

    def rows(self, asked: str, *values: object) -> list[Any]:
        """Ask the file."""
        if not self.is_there:
            return []
        with told(self.path):
            return self.histories.db.execute(asked, values).fetchall()

    # ── authorities ──

    def authorities(self) -> list[Authority]:
        """Give the authorities in the order they were founded."""
        asked = "select number, id, kind, parent, algorithm, key, url, policies, certificate from authority order by 1"
        return [_authority(row) for row in self.rows(asked)]

    def authority(self, id_: str) -> Authority:
        """Give an authority; raise InputError where there is none of the name."""
        known = self.authorities()
        found = next((each for each in known if each.issuer.id == id_), None)
        if found is None:
            names = ", ".join(each.issuer.id for each in known)
            raise InputError(
                _("there is no authority '{name}'").format(name=id_),
                hint=_("authorities: {names}").format(names=names) if names else _("`sentinel pki init` makes one"),
            )
        return found

    # ── requests ──

    def request(self, id_: str) -> Request:
        """Give a request by what it is called by; raise InputError where there is none."""
        number = id_.lower().removeprefix("r")
        can_be = number.isdecimal() and len(number) <= _DIGITS
        rows = self.rows(f"{_REQUEST} where request.number = ?", int(number)) if can_be else []
        if not rows:
            raise InputError(_("there is no such request"), place=id_, hint=_("`sentinel pki list --requests`"))
        return _request(rows[0])

    def requests(self, states: Sequence[State] = (), limit: int = 100) -> list[Request]:
        """Give requests of some states, or of all, the newest first."""
        which = "where ?1 = '[]' or state in (select value from json_each(?1)) order by 1 desc limit ?2"
        return [
            _request(row)
            for row in self.rows(f"{_REQUEST} {which}", json.dumps([int(state) for state in states]), limit)
        ]

    # ── certificates ──

    def certificate(self, id_: str) -> Row:
        """Give the certificate whose serial number (hexadecimal) begins so; raise InputError where not just one."""
        text = id_.replace(":", "").upper()
        if len(text) < _SERIAL_SHOWN:
            told_ = _("too short for a serial number: give {count} digits or more").format(count=_SERIAL_SHOWN)
            raise InputError(told_, place=id_, hint=_("`sentinel pki list` shows them"))
        found = self._beginning(text)
        if len(found) == 1:
            return found[0]
        raise InputError(
            _("several certificates have a serial number that begins so")
            if found
            else _("no certificate has a serial number that begins so"),
            place=id_,
            hint=_("`sentinel pki list` shows them"),
        )

    def _beginning(self, text: str) -> list[Row]:
        if set(text) - set("0123456789ABCDEF"):
            return []
        low = bytes.fromhex(text + "0" * (len(text) % 2))
        asked = f"{_ROW} where serial >= ?1 and hex(serial) like ?2 limit 2"
        issuers = [each.number for each in self.authorities()]
        rows = self.rows(f"{asked}", low, text + "%") if issuers else []
        return [_row(row) for row in rows]

    def find(self, where: str = "1", values: Sequence[object] = (), limit: int = -1, offset: int = 0) -> list[Row]:
        """Give certificates that fit a condition of SQL on the columns of `certificate` and `subject`, in order."""
        asked = f"{_ROW} where {where} order by certificate.number limit ? offset ?"
        return [_row(row) for row in self.rows(asked, *values, limit, offset)]

    def der(self, number: int) -> bytes:
        """Give the bytes of a certificate; b"" where it was not issued."""
        rows = self.rows("select der from certificate where number = ?", number)
        return bytes(rows[0][0]) if rows and rows[0][0] else b""

    def history(self, subject: str) -> list[Happening]:
        """Give what happened to a subject, in order."""
        return self.histories.history(subject)

    # ── what a transaction writes ──

    def append(
        self, act: Act, happened: Sequence[tuple[str, Happened]], state: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        """Add an act and what it leaves on subjects, within `writing`; `state` as `Histories.append` takes it."""
        drafts = [Draft(subject, entries.kind_of(each), entries.written(each)) for subject, each in happened]
        self.histories.append(act, drafts, state)


def subject_of(issuer: str, serial: bytes) -> str:
    """Give the name of the subject that a certificate is in the histories."""
    return f"{CERTIFICATE}{issuer}:{serial.hex()}"


def _authority(row: Sequence[Any]) -> Authority:
    number, id_, kind, parent, algorithm, key, url, policies, certificate = row
    issuer = Issuer(id_, bytes(certificate), Algorithm(algorithm), key, url, tuple(policies.split()))
    return Authority(number, kind, parent, issuer)


def _request(row: Sequence[Any]) -> Request:
    number, issuer, requester, at, count, digest, purpose, replaces, state, left = row
    return Request(number, issuer, requester, at, count, bytes(digest), purpose, replaces, State(state), left)


def _row(row: Sequence[Any]) -> Row:
    values = list(row)
    values[11] = State(values[11])
    return Row(*values)
