"""Approvals: who agreed to exactly what, signed by their own key.

An approval is a statement in canonical JSON (UTF-8, names sorted, no blanks) and a signature over it:

    {"approver":"an.lê","at":…,"count":500,"digest":"…","emergency":false,"expires":…,"issuer":"issuing","reason":"",
     "requester":"lan.nguyen","type":"sentinel approval 1","what":"certificates"}

`digest` is the SHA-256 of what is approved where that is one thing, and the root of the tree (RFC 6962) over the
SHA-256 of each where they are many. Times are nanoseconds since 1970, UTC.

In an emergency the requester may approve alone: with a reason, for an hour at most, and flagged wherever it is shown.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.ledger import merkle
from sentinel.people.register import nfc
from sentinel.people.roles import may
from sentinel.pki.signing.declined import Declined, Unapproved
from sentinel.pki.signing.moments import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sentinel.crypto.keys import PrivateKey
    from sentinel.ledger.base import Signer
    from sentinel.people.register import People, Person

_TYPE: Final = "sentinel approval 1"
_SECOND: Final = 1_000_000_000
_SKEW: Final = 300 * _SECOND
_DAY: Final = 86_400 * _SECOND
LONGEST: Final = 31 * _DAY
"""How long an approval holds at most, in nanoseconds."""
LONGEST_EMERGENCY: Final = 3600 * _SECOND
"""How long one in an emergency does."""
_PERMISSION: Final = "pki.approve"
_DIGEST_BYTES: Final = 32


class What(StrEnum):
    """What is approved: certificates of subjects, that they be revoked, one of an authority, a standing grant."""

    CERTIFICATES = "certificates"
    REVOCATIONS = "revocations"
    AUTHORITY = "authority"
    GRANT = "grant"


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's agreement; `key` is the fingerprint of the key whose `signature` is over `statement`."""

    what: What
    issuer: str
    digest: bytes
    count: int
    requester: str
    approver: str
    at: int
    expires: int
    emergency: bool = False
    reason: str = ""
    key: str = ""
    signature: bytes = b""

    @property
    def statement(self) -> bytes:
        """Give what is signed: canonical JSON."""
        stated = {name: getattr(self, name) for name in _FIELDS}
        return canonical(stated | {"type": _TYPE, "digest": self.digest.hex()})

    def signed(self, key: PrivateKey) -> Approval:
        """Give it with the signature of a key."""
        return replace(self, key=key.public.fingerprint, signature=key.sign(self.statement))

    def content(self) -> bytes:
        """Give it as it is stored and sent: JSON with the statement, the key's fingerprint and the signature."""
        stated = json.loads(self.statement)
        return canonical({"statement": stated, "key": self.key, "signature": b64encode(self.signature).decode()})


_FIELDS: Final[Mapping[str, type]] = {
    "what": str,
    "issuer": str,
    "count": int,
    "requester": str,
    "approver": str,
    "at": int,
    "expires": int,
    "emergency": bool,
    "reason": str,
}


@dataclass(frozen=True, slots=True)
class Need:
    """What an approval has to say: what for, by which authority, over which digest of how many things."""

    what: What
    issuer: str
    digest: bytes
    count: int


def canonical(value: Mapping[str, Any]) -> bytes:
    """Give canonical JSON: UTF-8, names sorted, no blanks."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_of(digests: Sequence[bytes]) -> bytes:
    """Give the digest that covers things of these SHA-256: its own of one, the root of their tree of many."""
    return digests[0] if len(digests) == 1 else merkle.root_of([merkle.leaf_hash(digest) for digest in digests])


def parse(content: bytes, place: str = "") -> Approval:
    """Read an approval as `content` gave it. Raises InputError where it is none."""
    try:
        found = json.loads(content)
        stated = found["statement"]
        values = {name: _checked(stated[name], kind) for name, kind in _FIELDS.items()}
        approval = Approval(
            what=What(values.pop("what")),
            digest=bytes.fromhex(stated["digest"]),
            key=_checked(found["key"], str),
            signature=b64decode(found["signature"], validate=True),
            **values,
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(_("not an approval: {reason}").format(reason=error), place=place) from None
    # What is read has to be what was written, to the byte: one statement has one form and one signature.
    if approval.content() != content or len(approval.digest) != _DIGEST_BYTES:
        raise InputError(_("not an approval: it is not in its canonical form"), place=place)
    return approval


def _checked(value: Any, kind: type) -> Any:  # noqa: ANN401 - the table of fields has the types
    if type(value) is not kind:
        raise TypeError(repr(value))
    return value


def check(approvals: Sequence[Approval], need: Need, people: People, now: int) -> Approval:
    """Give the first approval that is what is needed, now; raise the refusal of the first where none is.

    `people` are those registered, `now` is nanoseconds since 1970.
    """
    refused: Declined | None = None
    for approval in approvals:
        try:
            check_one(approval, need, people, now)
        except Declined as error:
            refused = refused or error
        else:
            return approval
    raise refused or Unapproved("unapproved")


def check_one(approval: Approval, need: Need, people: People, now: int) -> None:
    """Check that an approval is what is needed, signed by who may, and holds now; raise Declined."""
    signer = _signer(approval, people)
    _check_signature(approval, signer)
    _check_people(approval, people)
    _check_time(approval, signer, now)
    if approval.what is not need.what:
        raise Declined("other-purpose", approved=approval.what, asked=need.what)
    if approval.issuer != need.issuer:
        raise Declined("other-issuer", approved=approval.issuer, asked=need.issuer)
    if (approval.digest, approval.count) != (need.digest, need.count):
        raise Unapproved("other-content")


def check_two(approvals: Sequence[Approval], need: Need, people: People, now: int) -> None:
    """Check that two different people approve; raise Declined."""
    for approval in approvals:
        check_one(approval, need, people, now)
    if len({_folded(approval.approver) for approval in approvals}) < 2:  # noqa: PLR2004 - two pairs of eyes
        raise Unapproved("one-person")


def holds(approval: Approval, now: int) -> None:
    """Check that an approval that was checked before has not ended since; raise Declined."""
    if now >= approval.expires:
        raise Unapproved("expired", time=shown(approval.expires))


def _signer(approval: Approval, people: People) -> Signer:
    signer = people.signers().get(approval.key)
    if signer is None or _folded(signer.owner) != _folded(approval.approver):
        raise Declined("unknown-approver", key=approval.key, approver=approval.approver)
    return signer


def _check_signature(approval: Approval, signer: Signer) -> None:
    try:
        signer.key.verify(approval.signature, approval.statement)
    except InputError:
        raise Declined("forged", approver=approval.approver) from None


def _check_people(approval: Approval, people: People) -> None:
    if not may(_named(approval.approver, people, "unknown-approver").roles, _PERMISSION):
        raise Declined("no-approver", approver=approval.approver)
    _named(approval.requester, people, "unknown-requester")
    if approval.emergency:
        if not approval.reason.strip():
            raise Declined("no-reason")
    elif _folded(approval.requester) == _folded(approval.approver):
        raise Unapproved("same-person", approver=approval.approver)


def _named(name: str, people: People, code: str) -> Person:
    try:
        return people.named(name)
    except InputError:
        raise Declined(code, approver=name, requester=name, key="") from None


def _check_time(approval: Approval, signer: Signer, now: int) -> None:
    # A key that was retired since could sign an earlier time: it counts no more, whatever time stands there.
    if not (signer.signs_at(approval.at) and signer.signs_at(now)):
        raise Declined("retired-approver", key=approval.key, approver=approval.approver)
    if approval.at > now + _SKEW:
        raise Declined("not-yet", time=shown(approval.at))
    holds(approval, now)
    most = LONGEST_EMERGENCY if approval.emergency else LONGEST
    if approval.expires - approval.at > most:
        told = _("{count} minutes").format(count=most // (60 * _SECOND))
        raise Declined("too-long", most=told)


def _folded(name: str) -> str:
    return nfc(name).casefold()
