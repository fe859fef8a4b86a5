"""What became of certificates is made known: revocation lists, and what the server gives out."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import msgspec

from sentinel.pki.certificates.parse import parsed
from sentinel.pki.model import Reason
from sentinel.pki.office.crossing import above
from sentinel.pki.office.signers import check
from sentinel.pki.register import entries, revoking
from sentinel.pki.register.revoking import Listing
from sentinel.pki.status import crl
from sentinel.pki.status.keeping import Change
from sentinel.pki.status.ocsp import GOOD, Status
from sentinel.pki.status.ocsp import State as Known
from sentinel.pki.status.published import publish
from sentinel.pki.status.replies import Responder
from sentinel.pki.status.source import Authority as ServedAuthority

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sentinel.people.acting import Acting
    from sentinel.pki.model import Issuer
    from sentinel.pki.office.home import Home
    from sentinel.pki.register.file import Authority, Register
    from sentinel.pki.signing.client import Client

DAY: Final = 86_400
LASTS: Final = 7 * DAY
"""Seconds after which the next list comes at the latest."""
_SECOND: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Published:
    """A list that was issued: of which authority and shard, its number, size and end (seconds since 1970, UTC)."""

    issuer: str
    shard: int
    number: int
    size: int
    next_update: int
    octets: int


def publish_lists(  # noqa: PLR0913, PLR0917 - whose lists, signed by whom, when
    home: Home,
    register: Register,
    authority: Authority,
    client: Client,
    by: Acting,
    now: int,
    *,
    lasts: int = LASTS,
    told: Callable[[int], None] = lambda _done: None,
) -> list[Published]:
    """Issue all lists of an authority anew, the whole one and its parts, and put them where they are served from.

    `now` is seconds since 1970, UTC, `lasts` seconds. Raise Refused, StoreError.
    """
    by.must("pki.revoke")
    done: list[Published] = []
    for shard in revoking.shards(register, authority):
        done.append(_publish(home, register, authority, shard, client, by, now, lasts))
        told(len(done))
    return done


def _publish(  # noqa: PLR0913, PLR0917 - as above
    home: Home, register: Register, authority: Authority, shard: int, client: Client, by: Acting, now: int, lasts: int
) -> Published:
    issuer = authority.issuer
    before = revoking.listing(register, authority, shard)
    listed = [*revoking.listed(register, authority, shard, before.this_update)]
    told = Listing(before.number + 1, now, now + lasts, len(listed))
    told, tbs, signature = _signed(issuer, shard, told, listed, client)
    der = crl.assemble(tbs, issuer.algorithm, signature)
    revoking.record_list(register, authority, shard, der, told, by, now * _SECOND)
    publish(home.public, issuer.id, shard, der)
    if not shard:
        publish(home.public, issuer.id, None, der)
    return Published(issuer.id, shard, told.number, told.size, told.next_update, len(der))


_SIGNED_BEFORE: Final = frozenset({"old-number", "replay"})
"""What the signer refuses where somebody had a list of this number signed, and died before that was written down."""


def _signed(
    issuer: Issuer, shard: int, told: Listing, listed: Sequence[bytes], client: Client
) -> tuple[Listing, bytes, bytes]:
    """Give a list as it was signed, and its signature, checked; its number may be a later one."""
    from sentinel.pki.signing.client import Batch
    from sentinel.pki.signing.declined import Declined

    while True:
        tbs = crl.tbs_of(issuer, told.number, told.this_update, told.next_update, listed, shard=shard or None)
        try:
            (signature,) = client.sign(Batch(issuer.key, "crl", [tbs], [0]))
        except Declined as error:
            if error.code not in _SIGNED_BEFORE:
                raise
            told = replace(told, number=int(error.values.get("last", told.number)) + 1)
            continue
        check(issuer, tbs, signature)
        return told, tbs, signature


class Served:
    """What the register tells the server: authorities, each with who answers about its certificates, and changes."""

    def __init__(
        self, home: Home, register: Register, unlock: Callable[[str], bytes], clock: Callable[[], float] = time.time
    ) -> None:
        """Take a home and its register; `unlock` gives the passphrase of an authority's responder.

        `clock` gives seconds since 1970, UTC.
        """
        self._home, self._register, self._unlock, self._clock = home, register, unlock, clock
        self._responders: dict[tuple[str, bytes], Responder] = {}

    def authorities(self) -> Sequence[ServedAuthority]:
        """Give the authorities whose status is served."""
        every = {each.issuer.id: each for each in self._register.authorities()}
        crossed = above(self._register, int(self._clock()), [*every.values()])
        return [
            ServedAuthority(
                each.issuer, self._responder(each), _chain(each, every, crossed), crossed.get(each.issuer.id, ())
            )
            for each in every.values()
        ]

    def changes(self, issuer: str, after: int, most: int) -> Sequence[Change]:
        """Give what became of certificates of an authority behind entry `after`, in order."""
        rows = self._register.rows(_CHANGES, after, issuer, most)
        return [
            Change(number, int.from_bytes(serial, "big"), _status(kind, body), not_after)
            for number, kind, body, serial, not_after in rows
        ]

    def _responder(self, authority: Authority) -> Responder | None:
        from sentinel.pki.model import Algorithm
        from sentinel.pki.signing.keys import read

        issuer = authority.issuer
        path = self._home.responder_certificate(issuer.id)
        for _again in range(2):  # a key is taken away when the certificate of the next one has just come
            if not path.exists():
                return None
            certificate = path.read_bytes()
            if known := self._responders.get((issuer.id, certificate)):
                return known
            place = self._home.responder_key(issuer.id, parsed(certificate, str(path)).spki)
            if place.exists():
                key = read(place, Algorithm.ECDSA_P256, self._unlock(issuer.id))
                return self._responders.setdefault((issuer.id, certificate), Responder(issuer, certificate, key))
        return None


_CHANGES: Final = (
    "select entry.number, entry.kind, body, serial, not_after from entry join certificate on certificate.number = "
    "entry.subject join authority on authority.number = certificate.issuer where entry.number > ?1 and "
    "authority.id = ?2 and entry.kind in ('issued', 'revoked', 'restored') order by entry.number limit ?3"
)
_REVOKED: Final = msgspec.json.Decoder(entries.Revoked)


def _status(kind: str, body: bytes) -> Status:
    if kind != entries.kind_of(entries.Revoked("", 0)):
        return GOOD
    revoked = _REVOKED.decode(body)
    return Status(Known.REVOKED, revoked.since, Reason(revoked.reason))


def _chain(
    authority: Authority, every: Mapping[str, Authority], crossed: Mapping[str, tuple[bytes, ...]]
) -> tuple[bytes, ...]:
    """Give the certificates above that of an authority, up to the root, and what other roots say of that."""
    found: list[bytes] = []
    top, parent = authority, every.get(authority.parent)
    while parent is not None:
        found.append(parent.issuer.certificate)
        top, parent = parent, every.get(parent.parent)
    return (*found, *crossed.get(top.issuer.id, ()))
