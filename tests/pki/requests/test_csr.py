"""Requests are read and proved, and nothing weak goes through."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, mldsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AttributeOID, ExtendedKeyUsageOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel.errors import InputError, Refused, SentinelError
from sentinel.pki.certificates.algorithms import KeyFacts, KeyKind
from sentinel.pki.requests import csr
from tests.pki.requests.csrs import a_builder, a_csr, p256, rsa_key, signed, spki

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes as Key

HOST = "web.quangtri.gov.example"


def told(content: bytes) -> tuple[type[SentinelError], str, str]:
    with pytest.raises((InputError, Refused)) as caught:
        csr.read(content, "web.csr")
    return type(caught.value), caught.value.message, caught.value.place


def test_a_request_says_its_key_and_names() -> None:
    content = a_csr(HOST, "192.0.2.17", "an@quangtri.gov.example", "https://quangtri.gov.example/", common_name=HOST)
    found = csr.read(content, "web.csr")
    asked = ("dns:web.quangtri.gov.example", "ip:192.0.2.17", "email:an@quangtri.gov.example")
    assert (*asked, "uri:https://quangtri.gov.example/") == tuple(str(name) for name in found.names)
    assert (HOST, spki(p256()), KeyFacts(KeyKind.P256, 256)) == (found.common_name, found.public_key, found.facts)


def test_pem_der_and_pem_without_its_lines_are_one_request() -> None:
    pem = a_csr(HOST)
    der = x509.load_pem_x509_csr(pem).public_bytes(Encoding.DER)
    bare = b"".join(pem.splitlines()[1:-1])
    windows = b"\xef\xbb\xbf" + pem.replace(b"CERTIFICATE", b"NEW CERTIFICATE").replace(b"\n", b"\r\n")
    assert [der] * 4 == [csr.read(content, "web.csr").content for content in (pem, der, bare, windows)]


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (ec.generate_private_key(ec.SECP384R1()), "p-384"),
        (ec.generate_private_key(ec.SECP521R1()), "p-521"),
        (rsa_key(), "rsa"),
    ],
)
def test_keys_of_every_accepted_kind_are_read(key: Key, kind: str) -> None:
    assert kind == csr.read(a_csr(HOST, key=key), "web.csr").facts.kind


@pytest.mark.parametrize("key", [ed25519.Ed25519PrivateKey.generate(), mldsa.MLDSA65PrivateKey.generate()])
def test_keys_with_a_hash_of_their_own_are_read(key: Key) -> None:
    content = a_builder(HOST).sign(key, None).public_bytes(Encoding.DER)
    assert spki(key) == csr.read(content, "web.csr").public_key


def test_the_private_key_must_have_signed() -> None:
    der = bytearray(a_csr(HOST, der=True))
    at = der.index(b"web.")
    der[at : at + 4] = b"wob."
    kind, message, place = told(bytes(der))
    assert (Refused, "web.csr") == (kind, place)
    assert "nothing shows that who asks has the private key" in message


def test_the_key_of_another_cannot_be_put_into_a_request() -> None:
    mine, other = a_csr(HOST, der=True), spki(ec.generate_private_key(ec.SECP256R1()))
    assert Refused is told(mine.replace(spki(p256()), other))[0]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (rsa_key(1024), "an RSA key of 1024 bits; 2048 to 8192 are accepted"),
        (rsa_key(2048, 3), "an RSA key with the exponent 3; odd ones from 65537 on are accepted"),
        (ec.generate_private_key(ec.SECP256K1()), "a key of this kind is not accepted: ECPublicKey"),
        (dsa.generate_private_key(2048), "a key of this kind is not accepted: DSAPublicKey"),
    ],
)
def test_weak_and_foreign_keys_are_refused(key: Key, message: str) -> None:
    assert (Refused, message, "web.csr:1") == told(a_csr(HOST, key=key))


def test_a_key_of_ed448_is_refused() -> None:
    content = a_builder(HOST).sign(ed448.Ed448PrivateKey.generate(), None).public_bytes(Encoding.DER)
    assert Refused is told(content)[0]


def test_a_challenge_password_is_refused() -> None:
    content = signed(a_builder(HOST).add_attribute(AttributeOID.CHALLENGE_PASSWORD, b"secret"))
    assert (Refused, "it carries a challenge password, which everybody can read", "web.csr:1") == told(content)


def test_who_asks_to_be_an_authority_is_refused() -> None:
    content = signed(a_builder(HOST).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True))
    assert (Refused, "it asks for the certificate of an authority (CA:TRUE)", "web.csr:1") == told(content)


def test_what_the_profile_decides_is_told_and_left_out() -> None:
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
    content = signed(
        a_builder(HOST).add_extension(usage, critical=False).add_attribute(AttributeOID.UNSTRUCTURED_NAME, b"x")
    )
    assert ("1.2.840.113549.1.9.2", "2.5.29.37") == csr.read(content, "web.csr").ignored


def test_names_of_other_kinds_are_refused() -> None:
    other = x509.SubjectAlternativeName([x509.RegisteredID(x509.ObjectIdentifier("1.2.3"))])
    kind, message, _place = told(signed(a_builder().add_extension(other, critical=False)))
    assert (Refused, "it asks for a name of a kind that is not accepted: RegisteredID") == (kind, message)


def test_more_names_than_a_certificate_has_are_refused() -> None:
    content = a_csr(*(f"w{number}.gov.example" for number in range(101)))
    assert (Refused, "it asks for 101 names; 100 at most", "web.csr:1") == told(content)


def test_two_common_names_are_refused() -> None:
    twice = [x509.NameAttribute(x509.NameOID.COMMON_NAME, name) for name in ("a", "b")]
    content = signed(x509.CertificateSigningRequestBuilder().subject_name(x509.Name(twice)))
    assert (Refused, "its subject has 2 common names", "web.csr:1") == told(content)


def test_a_common_name_is_nfc() -> None:
    assert "Nguyễn Thị Lan" == csr.read(a_csr(common_name="Nguye\u0302\u0303n Thi\u0323 Lan"), "lan.csr").common_name


def test_a_request_of_sha_1_is_refused() -> None:
    content = a_builder(HOST).sign(rsa_key(), hashes.SHA256()).public_bytes(Encoding.DER)
    sha1 = content.replace(bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105"))
    assert (Refused, "signed with sha1, which is broken or not known here", "web.csr") == told(sha1)


@pytest.mark.parametrize(
    ("content", "message", "place"),
    [
        (b"", "the file is empty", "web.csr"),
        (b"no request\n", "not a request of PKCS#10", "web.csr"),
        (b"-----BEGIN CERTIFICATE REQUEST-----\nMII\n", "its END line is missing", "web.csr"),
        (
            b"\n-----BEGIN CERTIFICATE REQUEST-----\nM*I\n-----END CERTIFICATE REQUEST-----",
            "not base64 between BEGIN and END",
            "web.csr:2",
        ),
        (b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "this is a certificate", "web.csr:1"),
        (b"\x30" + b"\0" * csr.LARGEST, "larger than 65536 bytes", "web.csr"),
    ],
)
def test_what_is_no_request_is_told_with_its_place(content: bytes, message: str, place: str) -> None:
    kind, said, where = told(content)
    assert (InputError, place) == (kind, where)
    assert message in said


def test_a_private_key_that_is_sent_is_refused_loudly() -> None:
    kind, message, place = told(b"# mine\n-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n")
    assert (Refused, "web.csr:2") == (kind, place)
    assert "this is a private key" in message


def test_one_request_is_asked_for_where_there_are_two() -> None:
    assert (InputError, "2 requests where there is to be one", "web.csr") == told(a_csr(HOST) * 2)


def test_what_openssl_makes_is_read(tmp_path: Path) -> None:
    command = ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]
    command += ["-keyout", "server.key", "-out", "server.csr", "-subj", f"/CN={HOST}"]
    subprocess.run([*command, "-addext", f"subjectAltName=DNS:{HOST}"], cwd=tmp_path, check=True, capture_output=True)
    found = csr.read((tmp_path / "server.csr").read_bytes(), "server.csr")
    assert (HOST, [f"dns:{HOST}"]) == (found.common_name, [str(name) for name in found.names])


@pytest.fixture(scope="module")
def der() -> bytes:
    return a_csr(HOST, "192.0.2.17", common_name=HOST, der=True)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_changed_in_a_request_only_our_errors_escape(der: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(der) - 1))
    changed = der[:at] + data.draw(st.binary(max_size=4)) + der[at + data.draw(st.integers(0, 4)) :]
    if changed == der:
        return
    with pytest.raises((InputError, Refused)):
        csr.read(changed, "web.csr")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", b"-----BEGIN CERTIFICATE REQUEST-----\n", b"\x30\x82", b"MII"]))
def test_whatever_is_read_only_our_errors_escape(content: bytes, begin: bytes) -> None:
    with pytest.raises((InputError, Refused)):
        csr.read(begin + content, "web.csr")
