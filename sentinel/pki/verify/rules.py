"""Checks of our own beside those of RFC 5280, 6.1: every certificate's times and keys, the root's as well.

The engine stops at the first fault that it meets; these are looked at in the whole chain, so that whoever renews one
certificate learns at once that another has expired too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.pki.verify.parsed import key_of, link_of
from sentinel.pki.verify.verdict import Fault, Objection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentinel.pki.verify.parsed import Certificate

LEAST_BITS: Final[Mapping[str, int]] = {"rsa": 2048, "rsassa_pss": 2048, "ec": 256}
"""The shortest key of each kind that is strong enough; kinds that are not named come in one strength."""
_GIVEN_UP: Final = frozenset({"dsa"})
"""Kinds that are too weak at any length: FIPS 186-5 no longer has DSA."""


def objections_to(chain: Sequence[Certificate], at: int) -> Iterator[Objection]:
    """Give what speaks against the times and keys of a chain at a moment (seconds since 1970)."""
    for certificate in chain:
        link, (kind, bits) = link_of(certificate), key_of(certificate)
        if at < link.not_before:
            yield Objection(Fault.NOT_YET, link)
        if at > link.not_after:
            yield Objection(Fault.EXPIRED, link)
        if kind in _GIVEN_UP or bits < LEAST_BITS.get(kind, 0):
            yield Objection(Fault.WEAK, link, f"{kind} {bits}" if bits else kind)
