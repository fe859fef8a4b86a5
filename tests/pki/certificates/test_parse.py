"""What is read of a certificate, of ours and of others."""

from __future__ import annotations

import datetime as dt
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import InputError
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.model import Algorithm, Name, NameKind
from tests.pki.certificates.authorities import NOW, SERIAL, above, an_issuer, an_order, issued, profiles
from tests.pki.certificates.keys import a_key

if TYPE_CHECKING:
    from collections.abc import Iterable


def ours(profile: str = "device") -> bytes:
    issuer, key = above(profile)
    return issued(an_order(profile), profiles()[profile], issuer, key)


def of_others(*extensions: x509.ExtensionType, name: str = "Máy chủ của ai đó") -> x509.Certificate:
    """Give a certificate as nobody here makes them."""
    key = a_key(KeyKind.P256)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name, _validate=False)])
    begins, ends = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder(called, called, key.public_key(), 5, begins, ends)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256())


def der_of(found: x509.Certificate) -> bytes:
    return found.public_bytes(Encoding.DER)


def general(names: Iterable[x509.GeneralName]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(names)


def test_a_certificate_says_what_was_ordered() -> None:
    said, order = parsed(ours()), an_order("device")
    assert (SERIAL, NOW, order.not_after, order.names) == (said.serial, said.not_before, said.not_after, said.names)
    assert (order.public_key, Algorithm.ECDSA_P256) == (said.spki, said.algorithm)
    assert ("portal.gov.example", "H49.61.05") == (said.common_name, said.organization_identifier)
    assert (False, None, ("digital_signature",)) == (said.ca, said.path_length, said.usages)
    assert ("http://pki.gov.example/ocsp",) == said.ocsp_urls
    assert ("http://pki.gov.example/ca/agencies-1.cer",) == said.issuer_urls
    assert ("1.3.6.1.5.5.7.3.2",) == said.purposes
    assert parsed(an_issuer().certificate).key_id == said.issuer_key_id
    assert not said.self_issued


def test_an_authority_says_so() -> None:
    said = parsed(an_issuer().certificate)
    assert (True, 0, ("digital_signature", "key_cert_sign", "crl_sign")) == (said.ca, said.path_length, said.usages)
    assert profiles()["issuing-authority"].policies == said.policies


def test_pem_is_read_as_der_is() -> None:
    content = ours()
    pem = b"Issuer: ai\n" + x509.load_der_x509_certificate(content).public_bytes(Encoding.PEM)
    assert parsed(content) == parsed(pem)


def test_a_certificate_without_extensions_is_read() -> None:
    said = parsed(der_of(of_others()))
    assert ((), (), b"", True) == (said.extensions, said.names, said.key_id, said.self_issued)


def test_names_of_kinds_that_ours_never_have_are_left_out() -> None:
    odd = [x509.RegisteredID(x509.ObjectIdentifier("1.2.3")), x509.DNSName("a.gov.example")]
    assert (Name(NameKind.DNS, "a.gov.example"),) == parsed(der_of(of_others(general(odd)))).names


def test_usages_of_key_agreement_are_told() -> None:
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=True,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=True,
        decipher_only=False,
    )
    assert ("key_agreement", "encipher_only") == parsed(der_of(of_others(usage))).usages


def test_a_name_that_is_too_long_is_read_without_a_warning() -> None:
    assert "x" * 200 == parsed(der_of(of_others(name="x" * 200))).common_name


@pytest.mark.parametrize("content", [b"", b"\x30\x00", b"-----BEGIN CERTIFICATE-----\n", b"xin ch\xc3\xa0o"])
def test_what_is_no_certificate_is_refused_with_its_place(content: bytes) -> None:
    with pytest.raises(InputError, match=r"server\.pem: not a certificate"):
        parsed(content, "server.pem")


@given(st.integers(0), st.integers(0, 255))
def test_a_damaged_certificate_is_read_or_refused(place: int, octet: int) -> None:
    content = bytearray(ours())
    content[place % len(content)] = octet
    with suppress(InputError):
        assert bytes(content) == parsed(bytes(content)).der
