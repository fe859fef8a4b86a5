"""One certificate that is wanted, and the order that comes of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sentinel.errors import Refused
from sentinel.language import _
from sentinel.pki.certificates import parse
from sentinel.pki.model import Order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sentinel.pki.certificates.algorithms import KeyFacts
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.model import Issuer, Name

SERIAL_BITS: Final = 126
"""Bits at random in a serial number: 64 are the least (Baseline Requirements, 7.1), 20 octets the most (RFC 5280)."""
_KEY_CHARACTERS: Final = 32


@dataclass(frozen=True, slots=True)
class Wanted:
    """One certificate that somebody asks for.

    `key` is the same whenever the same is asked for again. `agency` is the identifier code as the estate has it.
    `public_key` is a SubjectPublicKeyInfo, DER; b"" where the key is still to be made. `validity` is in seconds, 0 for
    that of the profile. `csr` is the request with which the key was proved, DER, b"" where there is none; `key_file`
    where its private key is, where we made it. `place` is `path:line`. `facts` are those of the key, where they were
    looked up already.
    """

    key: str
    profile: str
    agency: str
    names: tuple[Name, ...]
    public_key: bytes = field(repr=False)
    subject: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    validity: int = 0
    csr: bytes = field(default=b"", repr=False)
    key_file: str = ""
    place: str = ""
    facts: KeyFacts | None = None


def key_of(parts: Iterable[str], public_key: bytes, batch: str = "") -> str:
    """Give what a wish is known by, 32 characters: of its parts, its key, and the batch that it is in."""
    told = "\0".join((batch, *parts)).encode() + b"\0" + sha256(public_key).digest()
    return sha256(told).hexdigest()[:_KEY_CHARACTERS]


def serial() -> int:
    """Give a serial number: positive, always of 16 octets, 126 bits of it at random."""
    return 1 << SERIAL_BITS | secrets.randbits(SERIAL_BITS)


def order_of(wanted: Wanted, profile: Profile, issuer: Issuer, serial: int, now: int) -> Order:
    """Give the order of a certificate that is wanted; `now` is in seconds since 1970, UTC.

    It ends no later than its issuer. Raises Refused where that has ended, or there is no key yet.
    """
    if not wanted.public_key:
        hint = _("say where it goes: --new-keys FOLDER")
        raise Refused(_("its key is still to be made"), place=wanted.place, hint=hint)
    authority = parse.authority(issuer.certificate)
    begins, ends = authority.not_before, authority.not_after
    if not begins <= now < ends:
        told = _("authority {id} signs nothing now: its certificate has ended or not begun").format(id=issuer.id)
        raise Refused(told, place=wanted.place, hint=_("make a new one: `sentinel pki init`"))
    validity = wanted.validity or profile.validity
    return Order(
        profile=profile.id,
        agency=wanted.agency,
        names=wanted.names,
        public_key=wanted.public_key,
        serial=serial,
        not_before=max(now - profile.backdate, begins),
        not_after=min(now + validity - 1, ends),
        subject=wanted.subject,
        shard=profile.shard_of(serial),
    )
