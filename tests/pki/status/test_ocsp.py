"""Questions of OCSP: what others ask is read as they meant it, and nothing else is."""

from __future__ import annotations

import contextlib
from random import Random
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as theirs
from hypothesis import given
from hypothesis import strategies as some

from sentinel.errors import InputError
from sentinel.pki.certificates import der
from sentinel.pki.status import ocsp
from sentinel.pki.status.ocsp import Asked, CertId, Hash
from sentinel.pki.status.replies import issuer_hashes
from tests.pki.status.builders import DAY, House, ran

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_795_150_800
HOUSE = House(NOW - DAY)
SHA1 = der.oid("1.3.14.3.2.26")
ID = der.sequence(der.sequence(SHA1, der.NULL), der.tlv(4, b"n" * 20), der.tlv(4, b"k" * 20), der.integer(5))
ONE = CertId(Hash.SHA1, b"n" * 20, b"k" * 20, 5)


def a_question(*ids: bytes, before: bytes = b"", after: bytes = b"", behind: bytes = b"") -> bytes:
    requests = der.sequence(*(der.sequence(each) for each in ids))
    return der.sequence(der.sequence(before, requests, after), behind)


def extensions(*each: bytes, tag: int = 0xA2) -> bytes:
    return der.tlv(tag, der.sequence(*each))


def an_extension(oid: bytes, value: bytes, *, critical: bool = False) -> bytes:
    return der.sequence(oid, der.tlv(1, b"\xff") if critical else b"", der.tlv(4, value))


def a_nonce(size: int) -> bytes:
    return an_extension(ocsp.NONCE, der.tlv(4, b"x" * size))


@pytest.mark.parametrize("name", Hash)
def test_a_question_of_cryptography_is_read(name: Hash) -> None:
    server, hashed = HOUSE.server(), hashes.SHA1() if name is Hash.SHA1 else hashes.SHA256()  # noqa: S303 - as asked
    builder = theirs.OCSPRequestBuilder().add_certificate(server.certificate, HOUSE.authority.certificate, hashed)
    builder = builder.add_extension(x509.OCSPNonce(b"n" * 32), critical=False)
    expected = CertId(name, *issuer_hashes(HOUSE.authority.der, name), server.serial)
    assert Asked((expected,), b"n" * 32) == ocsp.asked(builder.build().public_bytes(Encoding.DER))


def test_a_question_of_openssl_about_several_is_read(tmp_path: Path) -> None:
    folder = tmp_path
    issuer, out = HOUSE.authority.write(folder, "issuer"), folder / "question"
    serials = ("-serial", "5", "-serial", "6", "-sha256", "-serial", "7")
    ended = ran("openssl", "ocsp", "-issuer", issuer, *serials, "-reqout", out)
    assert 0 == ended.returncode, ended.stderr
    read = ocsp.asked(out.read_bytes())
    assert [5, 6, 7] == [each.serial for each in read.ids]
    assert {issuer_hashes(HOUSE.authority.der, Hash.SHA1)} == {(each.name_hash, each.key_hash) for each in read.ids[:2]}
    assert 16 == len(read.nonce)


@pytest.mark.parametrize(
    "content",
    [
        a_question(ID),
        a_question(ID, before=der.tlv(0xA0, der.integer(0))),
        a_question(ID, before=der.tlv(0xA1, der.tlv(0x82, b"portal.gov.example"))),
        a_question(ID, behind=der.tlv(0xA0, der.sequence(b"\x05\x00"))),
        a_question(ID, after=extensions(an_extension(der.oid("1.2.3"), b"x"))),
        a_question(ID + extensions(an_extension(der.oid("1.2.3"), b"x"), tag=0xA0)),
        a_question(der.sequence(ID[2:].replace(der.sequence(SHA1, der.NULL), der.sequence(SHA1)))),
    ],
    ids=["plain", "version 1", "who asks", "signed", "extension", "extension of one", "no parameters"],
)
def test_what_may_be_in_a_question_is_passed_over(content: bytes) -> None:
    assert [(5, b"k" * 20)] == [(each.serial, each.key_hash) for each in ocsp.asked(content).ids]


@pytest.mark.parametrize("size", [1, 16, 32, 128])
def test_a_nonce_is_kept(size: int) -> None:
    assert Asked((ONE,), b"x" * size) == ocsp.asked(a_question(ID, after=extensions(a_nonce(size))))


REFUSED = {
    "nothing": b"",
    "text": b"GET / HTTP/1.1",
    "no list": der.sequence(der.sequence()),
    "no certificate": a_question(),
    "too many": a_question(*[ID] * (ocsp.MOST + 1)),
    "version 2": a_question(ID, before=der.tlv(0xA0, der.integer(1))),
    "trailing": a_question(ID) + b"\x00",
    "cut": a_question(ID)[:-1],
    "empty nonce": a_question(ID, after=extensions(a_nonce(0))),
    "long nonce": a_question(ID, after=extensions(a_nonce(129))),
    "raw nonce": a_question(ID, after=extensions(an_extension(ocsp.NONCE, b"x" * 16))),
    "two nonces": a_question(ID, after=extensions(a_nonce(16), a_nonce(16))),
    "critical": a_question(ID, after=extensions(an_extension(der.oid("1.2.3"), b"x", critical=True))),
    "fields twice": a_question(ID, after=der.sequence(der.sequence(ID))),
    "fields out of order": a_question(ID, after=der.tlv(0xA1, b"")),
    "empty algorithm": a_question(der.sequence(der.sequence(), *[der.tlv(4, b"x" * 20)] * 2, der.integer(5))),
    "negative": a_question(ID[:-1] + b"\xff"),
    "zero": a_question(ID[:-1] + b"\x00"),
    "longer than a serial": a_question(
        der.sequence(der.sequence(der.oid("1.2.3")), *[der.tlv(4, b"x" * 20)] * 2, der.integer(2**160))
    ),
    "too large": a_question(ID, before=der.tlv(0xA1, der.tlv(0x82, b"x" * ocsp.LARGEST))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_question_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        ocsp.asked(REFUSED[name])


@given(some.binary(max_size=200))
def test_no_octets_raise_anything_else(content: bytes) -> None:
    with contextlib.suppress(InputError):
        ocsp.asked(content)


@given(some.integers(0, 2**32))
def test_a_question_with_octets_changed_is_refused_or_read_as_cryptography_reads_it(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - no secret
    content = bytearray(a_question(ID, after=extensions(a_nonce(16))))
    for _change in range(chance.randint(1, 3)):
        content[chance.randrange(len(content))] = chance.choice((0, 1, 2, 4, 48, 127, 128, 255, chance.randrange(256)))
    try:
        read = ocsp.asked(bytes(content))
    except InputError:
        return
    if len(read.ids) != 1 or read.ids[0].hash is None:
        return
    other = theirs.load_der_ocsp_request(bytes(content))
    (one,) = read.ids
    assert (one.serial, one.name_hash, one.key_hash) == (
        other.serial_number, other.issuer_name_hash, other.issuer_key_hash,
    )  # fmt: skip
