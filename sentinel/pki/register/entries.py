"""What happens to authorities, requests, certificates and lists: the kinds of entries, and what each says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from sentinel.language import later
from sentinel.store.kinds import Kinds

if TYPE_CHECKING:
    from collections.abc import Mapping


class Planned(msgspec.Struct, frozen=True):
    """An authority's own certificate may be signed from now on: the SHA-256 of the TBSCertificate, and who agreed."""

    tbs: str
    approval: str


class Founded(msgspec.Struct, frozen=True, omit_defaults=True):
    """An authority is there. `certificate` is its own, DER; of an outer root too, whose key is nowhere here."""

    kind: str
    algorithm: str
    key: str
    url: str
    certificate: bytes
    parent: str = ""
    policies: tuple[str, ...] = ()


class Requested(msgspec.Struct, frozen=True, omit_defaults=True):
    """Certificates were asked for: how many, the digest that approvals are over, and that of the items beside them.

    `replaces` is the request whose certificates these replace, 0 for none. Where its items are written in `parts`,
    `Complete` says that all are there.
    """

    issuer: str
    count: int
    digest: str
    items: str
    purpose: str
    replaces: int = 0
    parts: bool = False


class Complete(msgspec.Struct, frozen=True):
    """All the items of a request that came in parts are written down."""


class Approved(msgspec.Struct, frozen=True):
    """Somebody else approved it: the approval as `sentinel.pki.signing.approvals` writes it."""

    approval: str


class ByGrant(msgspec.Struct, frozen=True):
    """A standing grant gives all that is asked for: its name, under which the signer knows who agreed on it."""

    grant: str


class Rejected(msgspec.Struct, frozen=True):
    """Somebody refused it, or whoever asked took it back."""

    reason: str


class Done(msgspec.Struct, frozen=True, omit_defaults=True):
    """All its certificates are issued, less those that were given up."""

    issued: int
    given_up: int = 0


class Intended(msgspec.Struct, frozen=True):
    """These bytes may be signed from now on: the SHA-256 of the TBSCertificate, and which item of which request."""

    tbs: str
    request: int
    place: int
    profile: str
    agency: str
    shard: int
    evidence: str = ""


class Issued(msgspec.Struct, frozen=True):
    """It was signed: the SHA-256 of the certificate."""

    certificate: str


class Revoked(msgspec.Struct, frozen=True, omit_defaults=True):
    """It counts no more, since `since` (seconds since 1970, UTC): the time of the revocation."""

    reason: str
    since: int
    text: str = ""


class Restored(msgspec.Struct, frozen=True, omit_defaults=True):
    """It was held, and counts again."""

    text: str = ""


class GivenUp(msgspec.Struct, frozen=True, omit_defaults=True):
    """It was never signed, and never will be. `subject` is the common name that it would have had."""

    reason: str
    subject: str = ""


class Listed(msgspec.Struct, frozen=True):
    """A revocation list was issued: its number, how many certificates it names, its SHA-256 and its times."""

    number: int
    size: int
    digest: str
    this_update: int
    next_update: int


class Witnessed(msgspec.Struct, frozen=True):
    """Several people saw something done to keys: what, and the transcript, JSON."""

    what: str
    transcript: str


Happened: TypeAlias = (
    Planned
    | Founded
    | Requested
    | Complete
    | Approved
    | ByGrant
    | Rejected
    | Done
    | Intended
    | Issued
    | Revoked
    | Restored
    | GivenUp
    | Listed
    | Witnessed
)

KINDS: Final[Mapping[str, type[Happened]]] = {
    "planned": Planned,
    "founded": Founded,
    "requested": Requested,
    "complete": Complete,
    "approved": Approved,
    "by_grant": ByGrant,
    "rejected": Rejected,
    "done": Done,
    "intended": Intended,
    "issued": Issued,
    "revoked": Revoked,
    "restored": Restored,
    "given_up": GivenUp,
    "listed": Listed,
    "witnessed": Witnessed,
}
_KINDS: Final[Kinds[Happened]] = Kinds(
    KINDS,
    later("an entry of the register's history cannot be read: {reason}"),
    later("`sentinel pki audit verify` tells more; restore the register from a backup"),
)
kind_of, written, read = _KINDS.kind_of, _KINDS.written, _KINDS.read
