"""What the rooms of the authority speak of: algorithms, names, issuers, and what one certificate is to say.

Times are whole seconds since 1970, UTC, as certificates tell them. Keys of subjects are their SubjectPublicKeyInfo in
DER (RFC 5280, 4.1.2.7).
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - orders are read back by what their fields say
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Algorithm(StrEnum):
    """How a key of an authority signs: key, padding and hash together, as AlgorithmIdentifier names them."""

    ECDSA_P256 = "ecdsa-p256-sha256"
    ECDSA_P384 = "ecdsa-p384-sha384"
    ECDSA_P521 = "ecdsa-p521-sha512"
    RSA_SHA256 = "rsa-sha256"
    RSA_PSS_SHA256 = "rsa-pss-sha256"
    ED25519 = "ed25519"
    ML_DSA_44 = "ml-dsa-44"
    ML_DSA_65 = "ml-dsa-65"
    ML_DSA_87 = "ml-dsa-87"


class NameKind(StrEnum):
    """The kinds of names in subjectAltName (RFC 5280, 4.2.1.6) that certificates of ours have."""

    DNS = "dns"
    IP = "ip"
    EMAIL = "email"
    URI = "uri"


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """One name of a subject, in its one form: a DNS name in lower case with A-labels, an address compressed."""

    kind: NameKind
    value: str

    def __str__(self) -> str:
        """Give it as people write it: `dns:portal.gov.example`."""
        return f"{self.kind}:{self.value}"


class Reason(StrEnum):
    """Why a certificate is revoked: CRLReason (RFC 5280, 5.3.1), less those that nothing of ours uses."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "key_compromise"
    CA_COMPROMISE = "ca_compromise"
    AFFILIATION_CHANGED = "affiliation_changed"
    SUPERSEDED = "superseded"
    CESSATION = "cessation_of_operation"
    HOLD = "certificate_hold"
    PRIVILEGE_WITHDRAWN = "privilege_withdrawn"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The public side of an authority that signs: all that building, status and verification need of it.

    `id` names it in commands and files. `certificate` is its own, DER; `algorithm` how its key signs. `key` names that
    key to the signer. `url` is where its revocation lists, answers and certificate are served from, without a slash at
    the end: `<url>/crl/<id>/<shard>.crl`, `<url>/ocsp`, `<url>/ca/<id>.cer`. `policies` are OIDs that its certificates
    may have, empty for any.
    """

    id: str
    certificate: bytes = field(repr=False)
    algorithm: Algorithm
    key: str
    url: str
    policies: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """Give the hash of its name, since it is looked up by for every certificate."""
        return hash(self.id)


@dataclass(frozen=True, slots=True)
class Order:
    """All that one certificate says which its profile and issuer do not: what is checked, approved and built.

    `subject` has the fields of the profile's template (`common_name`, `organization`, …), each NFC; `agency` is the
    identifier code. `serial` is positive, at most 20 octets in DER (RFC 5280, 4.1.2.2). `shard` is the part of the
    revocation list that will name it, 0 where there is one list.
    """

    profile: str
    agency: str
    names: tuple[Name, ...]
    public_key: bytes = field(repr=False)
    serial: int
    not_before: int
    not_after: int
    subject: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    shard: int = 0

    def numbered(self, serial: int) -> Order:
        """Give this order with another serial number."""
        return Order(
            self.profile, self.agency, self.names, self.public_key, serial, self.not_before, self.not_after,
            self.subject, self.shard,
        )  # fmt: skip
