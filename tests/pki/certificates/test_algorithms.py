"""Algorithms in DER, and keys that sign nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from sentinel.errors import InputError
from sentinel.pki.certificates import algorithms, parse
from sentinel.pki.certificates.algorithms import KeyFacts, KeyKind
from sentinel.pki.model import Algorithm
from tests.pki.certificates import unsigned
from tests.pki.certificates.keys import a_key, spki_of


def signed(key: Any, algorithm: Algorithm, spki_key: Any) -> x509.Certificate:  # noqa: ANN401
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Cơ quan chứng thực")])
    begins, ends = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder(name, name, spki_key.public_key(), 5, begins, ends)
    return builder.sign(key, algorithms.hash_of(algorithm), rsa_padding=algorithms.padding_of(algorithm))


@pytest.mark.parametrize("algorithm", Algorithm)
def test_what_a_null_key_leaves_to_sign_is_what_the_key_itself_signs(algorithm: Algorithm) -> None:
    key = a_key(algorithms.key_kind(algorithm))
    null = unsigned.null_key(algorithm, spki_of(key))
    real, fake = signed(key, algorithm, key), signed(null, algorithm, key)
    assert real.tbs_certificate_bytes == fake.tbs_certificate_bytes
    assert unsigned.NO_SIGNATURE == fake.signature


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_certificate_put_together_is_the_one_that_the_key_signed(algorithm: Algorithm) -> None:
    key = a_key(algorithms.key_kind(algorithm))
    real = signed(key, algorithm, key)
    made = algorithms.assemble(real.tbs_certificate_bytes, algorithm, real.signature)
    assert real.public_bytes(Encoding.DER) == made
    assert algorithm == parse.parsed(made).algorithm
    algorithms.verify(algorithm, spki_of(key), real.signature, real.tbs_certificate_bytes)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_signature_over_other_bytes_is_refused(algorithm: Algorithm) -> None:
    key = a_key(algorithms.key_kind(algorithm))
    real = signed(key, algorithm, key)
    with pytest.raises(InputError, match="not one of this key"):
        algorithms.verify(algorithm, spki_of(key), real.signature, real.tbs_certificate_bytes + b"\x00")


def test_a_key_of_another_kind_stands_for_no_algorithm() -> None:
    with pytest.raises(InputError, match="a key of kind p-384 does not sign with ed25519"):
        unsigned.null_key(Algorithm.ED25519, spki_of(a_key(KeyKind.P384)))


def test_a_key_says_what_it_is() -> None:
    assert KeyFacts(KeyKind.P521, 521) == algorithms.facts(spki_of(a_key(KeyKind.P521)))
    assert KeyFacts(KeyKind.RSA, 2048, 65537) == algorithms.facts(spki_of(a_key(KeyKind.RSA)))


@pytest.mark.parametrize("spki", [b"", b"\x30\x00", spki_of(ec.generate_private_key(ec.SECP256K1()))])
def test_a_key_of_no_accepted_kind_is_refused(spki: bytes) -> None:
    with pytest.raises(InputError):
        algorithms.facts(spki)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_kind_of_key_leads_back_to_its_algorithm(algorithm: Algorithm) -> None:
    kind = algorithms.key_kind(algorithm)
    assert algorithm == algorithms.of_key(kind, pss=algorithm is Algorithm.RSA_PSS_SHA256)
