"""Values that lists and answers share: times, reasons, and whose certificates they speak of."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha1
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import der
from sentinel.pki.certificates.parse import authority
from sentinel.pki.model import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

ENUMERATED: Final = 0x0A
CODES: Final[Mapping[Reason, int]] = {
    Reason.UNSPECIFIED: 0,
    Reason.KEY_COMPROMISE: 1,
    Reason.CA_COMPROMISE: 2,
    Reason.AFFILIATION_CHANGED: 3,
    Reason.SUPERSEDED: 4,
    Reason.CESSATION: 5,
    Reason.HOLD: 6,
    Reason.PRIVILEGE_WITHDRAWN: 9,
}
"""CRLReason by its number (RFC 5280, 5.3.1)."""
_FROM_2050: Final = 2_524_608_000
_AFTER_9999: Final = 253_402_300_800


@lru_cache(maxsize=4096)
def moment(at: int) -> bytes:
    """Give a time as lists tell it: UTCTime before 2050, GeneralizedTime from then on (RFC 5280, 5.1.2.4).

    Raises InputError where `at` (seconds since 1970) is before 1970 or after 9999.
    """
    if not 0 <= at < _FROM_2050:
        return generalized(at)
    return der.tlv(der.UTC_TIME, time.strftime("%y%m%d%H%M%SZ", time.gmtime(at)).encode())


@lru_cache(maxsize=4096)
def generalized(at: int) -> bytes:
    """Give a time as answers tell it: GeneralizedTime, to the second (RFC 6960, 4.2.2.1). Raises as `moment`."""
    if not 0 <= at < _AFTER_9999:
        raise InputError(_("not a time that a certificate can tell: {at}").format(at=at))
    return der.tlv(der.GENERALIZED_TIME, time.strftime("%Y%m%d%H%M%SZ", time.gmtime(at)).encode())


@lru_cache(maxsize=len(CODES))
def enumerated(reason: Reason) -> bytes:
    """Give a reason as CRLReason, an ENUMERATED."""
    return der.tlv(ENUMERATED, bytes((CODES[reason],)))


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whoever signs lists and answers, or whose certificates those speak of.

    `name` is its subject as it stands, DER; `key` the octets of its public key without the tag and length of their BIT
    STRING, which answers know it by; `key_id` what its certificates call it in authorityKeyIdentifier.
    """

    name: bytes = field(repr=False)
    key: bytes = field(repr=False)
    key_id: bytes
    not_after: int

    @property
    def key_hash(self) -> bytes:
        """Give the SHA-1 of its key (RFC 6960, 4.2.1, KeyHash)."""
        return sha1(self.key, usedforsecurity=False).digest()


@lru_cache(maxsize=128)
def speaker(certificate: bytes) -> Speaker:
    """Read who a certificate (DER) is of. Raises InputError where it is none."""
    said = authority(certificate)
    _algorithm, bits = der.within(said.spki, der.at(said.spki))
    key = said.spki[bits.content + 1 : bits.end]
    key_id = said.key_id or sha1(key, usedforsecurity=False).digest()
    return Speaker(said.subject_der, key, key_id, said.not_after)
