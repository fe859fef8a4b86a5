"""Cross certificates: what one root of ours says of another's key, as long as it counts (RFC 4210, 4.4).

While a root follows another, whoever trusts the old one alone finds the way to it by "new with old", and whoever trusts
the new one alone to what the old one founded by "old with new".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sentinel.pki.certificates.parse import authority
from sentinel.pki.register.tables import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.pki.register.file import Authority, Register

CROSS_PROFILE: Final = "cross-certificate"


class Cross(NamedTuple):
    """A cross certificate, DER: which root it is of, by which other, its row's number, and whether it still counts."""

    subject: str
    issuer: str
    number: int
    certificate: bytes
    counts: bool

    @property
    def id(self) -> str:
        """Give what it is called in files and lists."""
        return f"{self.subject}-by-{self.issuer}"


def crosses(register: Register, every: Sequence[Authority] | None = None) -> list[Cross]:
    """Give the cross certificates that were issued between roots, in the order in which they were."""
    roots = roots_of(register.authorities() if every is None else every)
    if len(roots) < 2:  # noqa: PLR2004 - one root crosses nothing
        return []
    by_key = {authority(each.issuer.certificate).spki: each.issuer.id for each in roots}
    found = [
        (number, id_, bytes(der), state)
        for root in roots
        for number, id_, der, state in register.rows(_CROSSES, root.issuer.id, root.number, CROSS_PROFILE)
    ]
    return [
        Cross(by_key[spki], issuer, number, der, state == State.ISSUED)
        for number, issuer, der, state in sorted(found)
        if (spki := authority(der).spki) in by_key
    ]


_CROSSES: Final = (
    "select certificate.number, ?1, der, state from certificate join subject on subject.number = certificate.number "
    "where certificate.issuer = ?2 and profile = ?3 and der is not null"
)


def above(register: Register, until: int, every: Sequence[Authority] | None = None) -> dict[str, tuple[bytes, ...]]:
    """Give the cross certificates of each root that count and hold until a time at least, DER, the newest first.

    The time is seconds since 1970, UTC. One that has ended makes chains worse: some clients go no other way.
    """
    found: dict[str, tuple[bytes, ...]] = {}
    for each in crosses(register, every):
        if each.counts and authority(each.certificate).not_after >= until:
            found[each.subject] = (each.certificate, *found.get(each.subject, ()))
    return found


def roots_of(every: Sequence[Authority]) -> list[Authority]:
    """Give the roots among authorities that have keys of ours, in the order they were founded."""
    return [each for each in every if each.kind == "root" and each.issuer.key]
