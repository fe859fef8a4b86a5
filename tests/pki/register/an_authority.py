"""A small authority for the tests of the register: a key, a signer that remembers, and requests."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sentinel.errors import Refused
from sentinel.people.acting import Acting
from sentinel.people.roles import Role
from sentinel.pki.certificates.algorithms import assemble, verify
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.model import Algorithm, Issuer, Name, NameKind, Order, Reason
from sentinel.pki.register.asking import Item
from tests.pki.certificates.unsigned import null_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.pki.signing.client import Batch

NOW = 1_790_000_000
S = 1_000_000_000
LAN = Acting("lan", frozenset({Role.PKI_OFFICER}), "os:1:lan")
MINH = Acting("minh", frozenset({Role.APPROVER}), "os:2:minh")
_KEYS = [ec.generate_private_key(ec.SECP256R1()) for _ in range(4)]
_SERIALS = count(1 << 100)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


KEY = ec.generate_private_key(ec.SECP256R1())
_OWN = (
    x509.CertificateBuilder()
    .subject_name(_name("Cơ quan cấp chứng thư"))
    .issuer_name(_name("Cơ quan cấp chứng thư"))
    .public_key(KEY.public_key())
    .serial_number(1)
    .not_valid_before(_moment(NOW - 1000))
    .not_valid_after(_moment(NOW + 10_000_000))
    .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    .sign(KEY, hashes.SHA256())
)
ISSUER = Issuer(
    "agencies",
    _OWN.public_bytes(serialization.Encoding.DER),
    Algorithm.ECDSA_P256,
    "agencies-key",
    "http://127.0.0.1:8080",
)


def an_item(number: int, agency: str = "H49.61", shard: int = 0) -> Item:
    key, serial, host = _KEYS[number % len(_KEYS)], next(_SERIALS), f"pc{number}.gov.example"
    order = Order(
        "tls-server", agency, (Name(NameKind.DNS, host),), spki(key), serial, NOW, NOW + 90 * 86_400,
        {"common_name": host}, shard,
    )  # fmt: skip
    built = (
        x509.CertificateBuilder()
        .subject_name(_name(host))
        .issuer_name(_OWN.subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(_moment(order.not_before))
        .not_valid_after(_moment(order.not_after))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(null_key(ISSUER.algorithm, spki(KEY)), hashes.SHA256())
    )
    return Item(order, built.tbs_certificate_bytes, b"csr %d" % number)


def finish(issuer: Issuer, tbs: bytes, signature: bytes) -> bytes:
    verify(issuer.algorithm, parsed(issuer.certificate).spki, signature, tbs)
    return assemble(tbs, issuer.algorithm, signature)


def entry(serial: int, since: int, reason: Reason) -> bytes:
    return f"{serial:x} {since} {reason}".encode()


class Signing:
    """A signer in the same process: it signs each TBSCertificate once, and knows what it has signed."""

    def __init__(self) -> None:
        self.made: dict[bytes, bytes] = {}
        self.refuses = ""
        self.breaks_after: int | None = None

    def sign(self, batch: Batch) -> list[bytes]:
        assert ("agencies-key", "certificate", len(batch.tbs)) == (batch.key, batch.kind, len(batch.intents))
        assert {sha256(each).digest() for each in batch.tbs} <= set(batch.whole)
        if self.refuses or not batch.approvals:
            raise Refused(self.refuses or "no approval")
        signatures = []
        for place, each in enumerate(batch.tbs):
            if place == self.breaks_after:
                raise ConnectionError
            assert sha256(each).digest() not in self.made, "a signature twice"
            self.made[sha256(each).digest()] = KEY.sign(each, ec.ECDSA(hashes.SHA256()))
            signatures.append(self.made[sha256(each).digest()])
        return signatures

    def recall(self, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        return {each: self.made[each] for each in digests if each in self.made}
