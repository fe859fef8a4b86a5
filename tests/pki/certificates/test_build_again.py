"""Certificates built by hand are, octet by octet, those that `cryptography` builds of what it reads in them."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel.pki.certificates import algorithms, build
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.model import Algorithm, Issuer, Name, NameKind, Order
from tests.pki.certificates.authorities import ASKED, NOW, above, an_issuer, an_order, profiles
from tests.pki.certificates.keys import a_key
from tests.pki.certificates.unsigned import null_key

_TEXTS: Final = st.text(st.characters(categories=["L", "N"], min_codepoint=0x30, max_codepoint=0x1EFF), min_size=1)
_HOSTS: Final = st.from_regex(r"[a-z]{1,20}(\.[a-z0-9]{1,12}){1,3}", fullmatch=True)
_NAMES: Final = st.one_of(
    _HOSTS.map(lambda host: Name(NameKind.DNS, host)),
    _HOSTS.map(lambda host: Name(NameKind.EMAIL, f"an.{host}@{host}")),
    _HOSTS.map(lambda host: Name(NameKind.URI, f"https://{host}/đường".encode("punycode").decode("ascii"))),
    st.ip_addresses().map(lambda address: Name(NameKind.IP, str(address))),
)
_LAST: Final = 253_402_300_799
"""The last second of 9999."""


def again(tbs: bytes, algorithm: Algorithm, spki: bytes) -> bytes:
    """Build a certificate anew of what `cryptography` reads in one, without a signature."""
    found = x509.load_der_x509_certificate(algorithms.assemble(tbs, algorithm, b"\x00"))
    builder = (
        x509.CertificateBuilder()
        .issuer_name(found.issuer)
        .subject_name(found.subject)
        .public_key(found.public_key())
        .serial_number(found.serial_number)
        .not_valid_before(found.not_valid_before_utc)
        .not_valid_after(found.not_valid_after_utc)
    )
    for extension in found.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    key, padding = null_key(algorithm, spki), algorithms.padding_of(algorithm)
    return builder.sign(key, algorithms.hash_of(algorithm), rsa_padding=padding).tbs_certificate_bytes


def built(order: Order, issuer: Issuer) -> tuple[bytes, bytes]:
    """Give a certificate as it is built by hand, and by `cryptography`."""
    tbs = build.tbs_of(order, profiles()[order.profile], issuer)
    own = order.public_key
    certified = x509.load_der_x509_certificate(issuer.certificate).public_key() if issuer.certificate else None
    spki = _spki(certified) if certified else own
    return tbs, again(tbs, issuer.algorithm, spki)


def _spki(key: Any) -> bytes:  # noqa: ANN401
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    content: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return content


@pytest.mark.parametrize("kind", KeyKind)
@pytest.mark.parametrize("profile", sorted(ASKED))
def test_a_certificate_of_a_shipped_profile_is_built_as_by_cryptography(profile: str, kind: KeyKind) -> None:
    issuer, _key = above(profile)
    order = an_order(profile, a_key(kind))
    if not issuer.certificate:
        issuer = replace(issuer, algorithm=algorithms.of_key(kind))
    by_hand, by_library = built(order, issuer)
    assert by_library == by_hand


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    names=st.lists(_NAMES, min_size=1, max_size=20, unique=True),
    organization=_TEXTS.map(lambda text: text[:64]),
    province=_TEXTS.map(lambda text: text[:128]),
    serial=st.integers(1, (1 << 159) - 1),
    begins=st.integers(-631_152_000, NOW),
    lasts=st.integers(0, _LAST - NOW),
)
def test_any_order_is_built_as_by_cryptography(
    names: list[Name], organization: str, province: str, serial: int, begins: int, lasts: int
) -> None:
    subject = MappingProxyType({"organization": organization, "province": province})
    told = {"serial": serial, "names": tuple(names), "subject": subject}
    order = an_order("tls-server", not_before=begins, not_after=begins + lasts, **told)
    by_hand, by_library = built(order, an_issuer())
    assert by_library == by_hand
