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


def found(register: Register, issuer: Issuer, kind: str, parent: str, by: Acting, now: int) -> Authority:  # noqa: PLR0913, PLR0917 - an authority, and whose doing
    """Write an authority down and give it; `kind` is `root` or `issuing`, `parent` the id of who signed it, or "".

    `now` is nanoseconds since 1970, UTC. Raise Refused, InputError where the name is taken, StoreError.
    """
    by.must("pki.found")
    if any(each.issuer.id == issuer.id for each in register.authorities()):
        raise InputError(_("there is an authority '{name}' already").format(name=issuer.id))
    founded = entries.Founded(
        kind, issuer.algorithm.value, issuer.key, issuer.url, issuer.certificate, parent, issuer.policies
    )
    body = msgspec.json.encode({"authority": issuer.id, "certificate": sha256(issuer.certificate).hexdigest()})
    with register.writing():
        act = by.signed(Act(0, now, by.name, by.via, "pki found", body))
        number = register.histories.last_subject() + 1
        register.append(act, [(AUTHORITY + issuer.id, founded)])
        register.histories.db.execute(
            "insert into authority values(?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number, issuer.id, kind, parent, issuer.algorithm.value, issuer.key, issuer.url,
                " ".join(issuer.policies), issuer.certificate,
            ),
        )  # fmt: skip
    return register.authority(issuer.id)
