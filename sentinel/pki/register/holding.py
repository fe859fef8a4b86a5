"""Whose keys are: the agencies that have certificates for a key, and whether others know it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from sentinel.language import later
from sentinel.pki.model import Reason
from sentinel.pki.register.tables import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentinel.pki.register.file import Register

_COUNTS: Final = frozenset({State.INTENDED, State.ISSUED, State.HELD})
_AT_ONCE: Final = 500
KNOWN_TO_OTHERS: Final = later("its key is known to others: a certificate for it was revoked for that")


class Holding(NamedTuple):
    """What the register knows of a key: whose certificates it is in that count, and whether one was compromised."""

    agencies: frozenset[str] = frozenset()
    compromised: bool = False


def compromised(register: Register) -> frozenset[bytes]:
    """Give the SHA-256 of keys (SubjectPublicKeyInfo, DER) that somebody else has, as far as it was told."""
    asked = (
        "select spki from certificate join subject on subject.number = certificate.number "
        "where state = ? and reason = ?"
    )
    return frozenset(bytes(spki) for (spki,) in register.rows(asked, int(State.REVOKED), Reason.KEY_COMPROMISE.value))


def holdings(register: Register, keys: Iterable[bytes], now: int) -> dict[bytes, Holding]:
    """Give what the register knows of keys (SubjectPublicKeyInfo, DER); `now` is seconds since 1970. Raise StoreError.

    A certificate counts until it ends or is revoked; that a key was compromised counts for ever.
    """
    digests = {sha256(key).digest(): key for key in keys}
    wanted, found = [*digests], dict[bytes, Holding]()
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        asked = (
            "select spki, agency, state, reason, not_after from certificate "  # noqa: S608 - marks alone
            "join subject on subject.number = certificate.number "
            f"where spki in ({', '.join('?' * len(part))})"
        )
        for digest, agency, state, reason, ends in register.rows(asked, *part):
            known = found.get(digests[bytes(digest)], Holding())
            agencies = known.agencies | {agency} if state in _COUNTS and ends >= now else known.agencies
            compromised = known.compromised or (state == State.REVOKED and reason == Reason.KEY_COMPROMISE.value)
            found[digests[bytes(digest)]] = Holding(agencies, compromised)
    return found
