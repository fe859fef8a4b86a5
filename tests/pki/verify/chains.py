"""Chains to verify: authorities, certificates, revocation lists and answers, made in a moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
AT = int(NOON.timestamp())
DAY = timedelta(days=1)
SERVER = ExtendedKeyUsageOID.SERVER_AUTH


@dataclass(frozen=True, slots=True)
class Party:
    """A certificate, its key, and who issued it."""

    certificate: x509.Certificate
    key: CertificateIssuerPrivateKeyTypes = field(repr=False)
    issuer: Party | None = None

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def name(common: str, **more: str) -> x509.Name:
    """Give a name of the shape of ours: country, agency with its code, and what it is called."""
    parts = {"organization": "Sở Thông tin và Truyền thông", "code": "000.00.00.H49", **more}
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, parts["organization"]),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, parts["code"]),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def a_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def an_authority(
    called: str = "Gốc",
    issuer: Party | None = None,
    *,
    key: CertificateIssuerPrivateKeyTypes | None = None,
    days: tuple[int, int] = (-100, 1000),
    path_length: int | None = None,
    is_authority: bool = True,
    constraints: x509.NameConstraints | None = None,
    more: Iterable[tuple[x509.ExtensionType, bool]] = (),
) -> Party:
    """Make a root, or an authority below another one."""
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(is_authority, path_length if is_authority else None), True),
        (_usage(authority=True), True),
        *more,
    ]
    if constraints is not None:
        extensions.append((constraints, True))
    return _made(name(called), issuer, key or a_key(), days, extensions)


def a_server(
    issuer: Party,
    *names: str,
    called: str = "cổng dịch vụ công",
    days: tuple[int, int] = (-10, 80),
    usages: Sequence[ObjectIdentifier] | None = (SERVER,),
    key: CertificateIssuerPrivateKeyTypes | None = None,
    alternative: Sequence[x509.GeneralName] | None = None,
    more: Iterable[tuple[x509.ExtensionType, bool]] = (),
) -> Party:
    """Make a certificate of a server with DNS names."""
    others = alternative or [x509.DNSName(each) for each in names or ("portal.gov.example",)]
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(authority=False), True),
        (x509.SubjectAlternativeName(others), False),
        *more,
    ]
    if usages is not None:
        extensions.append((x509.ExtendedKeyUsage(usages), False))
    return _made(name(called), issuer, key or a_key(), days, extensions)


def a_list(
    issuer: Party,
    *revoked: Party,
    reason: x509.ReasonFlags = x509.ReasonFlags.key_compromise,
    hours: tuple[int, int] = (-1, 23),
    key: CertificateIssuerPrivateKeyTypes | None = None,
) -> bytes:
    """Make a revocation list of an authority, DER; another key may sign it in the authority's name."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(NOON + timedelta(hours=hours[0]))
        .next_update(NOON + timedelta(hours=hours[1]))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    for each in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(each.certificate.serial_number)
        entry = entry.revocation_date(NOON - DAY).add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    by = key or issuer.key
    return builder.sign(by, _hash_for(by)).public_bytes(Encoding.DER)


def an_answer(
    subject: Party,
    *,
    revoked: bool = False,
    hours: tuple[int, int] = (-1, 23),
    responder: Party | None = None,
) -> bytes:
    """Make an OCSP response about a certificate, signed by its issuer or by a responder, DER."""
    assert subject.issuer is not None
    by = responder or subject.issuer
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=subject.certificate,
        issuer=subject.issuer.certificate,
        algorithm=hashes.SHA1(),  # noqa: S303 - it names the certificate, as every responder does
        cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
        this_update=NOON + timedelta(hours=hours[0]),
        next_update=NOON + timedelta(hours=hours[1]),
        revocation_time=NOON - DAY if revoked else None,
        revocation_reason=x509.ReasonFlags.superseded if revoked else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, by.certificate)
    if responder is not None:
        builder = builder.certificates([responder.certificate])
    return builder.sign(by.key, hashes.SHA256()).public_bytes(Encoding.DER)


def a_responder(issuer: Party, *, unchecked: bool = True) -> Party:
    """Make a delegated OCSP responder, which nobody needs to ask about."""
    more: list[tuple[x509.ExtensionType, bool]] = [(x509.OCSPNoCheck(), False)] if unchecked else []
    return a_server(issuer, called="responder", usages=(ExtendedKeyUsageOID.OCSP_SIGNING,), more=more)


def with_signature_of(forgery: Party, original: Party) -> bytes:
    """Give a certificate with the signature of another one, which says nothing about it, DER."""
    body, taken = forgery.certificate, original.certificate.signature
    assert len(body.signature) == len(taken), "draw again: ECDSA signatures differ in length"
    return forgery.der[: -len(taken)] + taken


def _made(
    subject: x509.Name,
    issuer: Party | None,
    key: CertificateIssuerPrivateKeyTypes,
    days: tuple[int, int],
    extensions: Iterable[tuple[x509.ExtensionType, bool]],
) -> Party:
    above = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOON + days[0] * DAY)
        .not_valid_after(NOON + days[1] * DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return Party(builder.sign(above, _hash_for(above)), key, issuer)


def _hash_for(key: CertificateIssuerPrivateKeyTypes) -> hashes.SHA256 | None:
    named = type(key).__name__.lower()
    return None if "ed25519" in named or "mldsa" in named else hashes.SHA256()


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
