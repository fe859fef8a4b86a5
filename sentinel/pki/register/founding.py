"""Authorities are taken up: one's own, and outer ones whose certificates are known."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.ledger.chain import Act
from sentinel.pki.register import entries
from sentinel.pki.register.file import AUTHORITY, Authority

if TYPE_CHECKING:
    from sentinel.people.acting import Acting
    from sentinel.pki.model import Issuer
    from sentinel.pki.register.file import Register
    from sentinel.pki.signing.approvals import Approval


def plan(register: Register, id_: str, tbs: bytes, approval: Approval, by: Acting, now: int) -> int:  # noqa: PLR0913, PLR0917 - as below
    """Write down that the certificate of a root may be signed; give the number of the entry.

    `now` is nanoseconds since 1970, UTC. Raise Refused, InputError where the name is taken, StoreError.
    """
    by.must("pki.found")
    check_free(register, id_)
    planned = entries.Planned(sha256(tbs).hexdigest(), approval.content().decode())
    body = msgspec.json.encode({"authority": id_, "tbs": planned.tbs})
    with register.writing():
        register.append(by.signed(Act(0, now, by.name, by.via, "pki plan", body)), [(AUTHORITY + id_, planned)])
        return register.histories.count()


def check_free(register: Register, id_: str) -> None:
    """Check that no authority has a name; raise InputError."""
    if any(each.issuer.id == id_ for each in register.authorities()):
        raise InputError(_("there is an authority '{name}' already").format(name=id_))


def found(register: Register, issuer: Issuer, kind: str, parent: str, by: Acting, now: int) -> Authority:  # noqa: PLR0913, PLR0917 - an authority, and whose doing
    """Write an authority down and give it; `kind` is `root` or `issuing`, `parent` the id of who signed it, or "".

    `now` is nanoseconds since 1970, UTC. Raise Refused, InputError where the name is taken, StoreError.
    """
    by.must("pki.found")
    check_free(register, issuer.id)
    founded = entries.Founded(
        kind, issuer.algorithm.value, issuer.key, issuer.url, issuer.certificate, parent, issuer.policies
    )
    body = msgspec.json.encode({"authority": issuer.id, "certificate": sha256(issuer.certificate).hexdigest()})
    with register.writing():
        act = by.signed(Act(0, now, by.name, by.via, "pki found", body))
        register.append(act, [(AUTHORITY + issuer.id, founded)])
        asked = "select number from subject where name = ?"
        ((number,),) = register.histories.db.execute(asked, (AUTHORITY + issuer.id,)).fetchall()
        register.histories.db.execute(
            "insert into authority values(?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number, issuer.id, kind, parent, issuer.algorithm.value, issuer.key, issuer.url,
                " ".join(issuer.policies), issuer.certificate,
            ),
        )  # fmt: skip
    return register.authority(issuer.id)
