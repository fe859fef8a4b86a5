"""Small authorities for tests of status: a root, an issuing one, its responder, and certificates of servers."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from sentinel.pki.certificates import der
from sentinel.pki.model import Algorithm, Issuer
from sentinel.pki.status.keeping import Change
from sentinel.pki.status.ocsp import NONCE, OIDS, Hash
from sentinel.pki.status.replies import Responder, issuer_hashes

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.pki.status.ocsp import Status
    from sentinel.pki.status.source import Authority

DAY: Final = 86_400
_USAGES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True)
class Key:
    """A key on P-256 that signs as keys of signers do."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    algorithm: Algorithm = Algorithm.ECDSA_P256

    @cached_property
    def spki(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, tbs: bytes) -> bytes:
        return self.private.sign(tbs, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True)
class Subject:
    """A certificate, its key, and who issued it (None: itself)."""

    certificate: x509.Certificate
    key: Key
    parent: Subject | None = None

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def serial(self) -> int:
        return self.certificate.serial_number

    def write(self, folder: Path, name: str) -> Path:
        """Write certificate and key beside each other, and give the certificate's path."""
        path = folder / f"{name}.pem"
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        key = self.key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.with_suffix(".key").write_bytes(key)
        return path


def a_subject(
    name: str,
    parent: Subject | None = None,
    *extensions: tuple[x509.ExtensionType, bool],
    begins: int,
    days: int = 30,
    ca: bool = False,
    usages: tuple[str, ...] = ("digital_signature",),
) -> Subject:
    key = Key()
    signer = parent.key if parent else key
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage: Any = {each: each in usages for each in _USAGES}
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(parent.certificate.subject if parent else subject)
        .public_key(key.private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.fromtimestamp(begins, UTC))
        .not_valid_after(datetime.fromtimestamp(begins + days * DAY, UTC))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.private.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.private.public_key()), critical=False)
    )
    for value, critical in extensions:
        builder = builder.add_extension(value, critical=critical)
    return Subject(builder.sign(signer.private, hashes.SHA256()), key, parent)


@dataclass(frozen=True)
class House:
    """A root and the issuing authority `hanoi` under it, served at `url`; all begin at `begins`, seconds since 1970."""

    begins: int
    url: str = "http://pki.gov.example"

    @cached_property
    def root(self) -> Subject:
        usages = ("key_cert_sign", "crl_sign")
        return a_subject("Root", begins=self.begins, days=999, ca=True, usages=usages)

    @cached_property
    def authority(self) -> Subject:
        usages = ("key_cert_sign", "crl_sign")
        return a_subject("Ủy ban Hà Nội", self.root, begins=self.begins, days=900, ca=True, usages=usages)

    @cached_property
    def responder(self) -> Subject:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
        return a_subject("Responder", self.authority, (purpose, False), (x509.OCSPNoCheck(), False), begins=self.begins)

    @cached_property
    def issuer(self) -> Issuer:
        return Issuer("hanoi", self.authority.der, Algorithm.ECDSA_P256, "hanoi-1", self.url)

    @cached_property
    def root_issuer(self) -> Issuer:
        return Issuer("root", self.root.der, Algorithm.ECDSA_P256, "root-1", self.url)

    def server(self, name: str = "portal.gov.example", shard: int = 0) -> Subject:
        """Make a server's certificate that says where its status is told."""
        lists = x509.DistributionPoint(
            [x509.UniformResourceIdentifier(f"{self.url}/crl/hanoi/{shard}.crl")], None, None, None
        )
        asked = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(f"{self.url}/ocsp")
        )
        return a_subject(
            name,
            self.authority,
            (x509.SubjectAlternativeName([x509.DNSName(name)]), False),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (x509.CRLDistributionPoints([lists]), False),
            (x509.AuthorityInformationAccess([asked]), False),
            begins=self.begins,
        )


def ran(program: str, *given: str | Path, fed: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program that others wrote, and give what came of it."""
    path = shutil.which(program)
    assert path, f"{program} is not installed"
    words = [path, *map(str, given)]
    return subprocess.run(words, capture_output=True, text=True, check=False, input=fed, timeout=60)


@dataclass
class Book:
    """A register as the server knows it: changes, numbered from 1, and authorities."""

    made: list[tuple[str, Change]] = field(default_factory=list)
    served: list[Authority] = field(default_factory=list)

    def say(self, serial: int, status: Status, not_after: int, issuer: str = "hanoi") -> None:
        """Let something become of a certificate."""
        self.made.append((issuer, Change(len(self.made) + 1, serial, status, not_after)))

    def changes(self, issuer: str, after: int, most: int) -> list[Change]:
        return [change for name, change in self.made if name == issuer and change.number > after][:most]

    def authorities(self) -> list[Authority]:
        return self.served


def a_responder(house: House) -> Responder:
    return Responder(house.issuer, house.responder.der, house.responder.key)


def a_question(house: House, *serials: int, nonce: bytes = b"", hashed: Hash = Hash.SHA1) -> bytes:
    """Ask about certificates of the issuing authority."""
    name, key = issuer_hashes(house.authority.der, hashed)
    ids = [
        der.sequence(
            der.sequence(der.sequence(OIDS[hashed], der.NULL), der.tlv(4, name), der.tlv(4, key), der.integer(serial))
        )
        for serial in serials
    ]
    said = der.sequence(der.sequence(NONCE, der.tlv(4, der.tlv(4, nonce))))
    return der.sequence(der.sequence(der.sequence(*ids), der.tlv(0xA2, said) if nonce else b""))
