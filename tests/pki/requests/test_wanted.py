"""What is wanted becomes an order, and serial numbers are nobody's to guess."""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from sentinel.errors import Refused
from sentinel.pki.certificates.build import tbs_of
from sentinel.pki.certificates.lint import lint
from sentinel.pki.model import Algorithm, Issuer
from sentinel.pki.requests import names
from sentinel.pki.requests.wanted import Wanted, key_of, order_of, serial
from tests.pki.requests.csrs import p256, spki
from tests.pki.requests.policies import PROFILES

DAY = 86_400
NOW = 1_800_000_000
PROFILE = PROFILES["tls-server"]


def an_issuer(begins: int = NOW - DAY, ends: int = NOW + 300 * DAY) -> Issuer:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Cơ quan cấp (thực hành)")])
    begin, end = (dt.datetime.fromtimestamp(each, dt.UTC) for each in (begins, ends))
    builder = x509.CertificateBuilder(name, name, p256().public_key(), 7, begin, end)
    usage = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier(b"k" * 20), critical=False)
    builder = builder.add_extension(x509.KeyUsage(**usage, key_cert_sign=True, crl_sign=True), critical=True)
    content = builder.sign(p256(), hashes.SHA256()).public_bytes(Encoding.DER)
    return Issuer("ca", content, Algorithm.ECDSA_P256, "ca", "http://pki.gov.example")


def a_wish(validity: int = 0, public_key: bytes | None = None) -> Wanted:
    asked = (names.read("web.h49.gov.example"),)
    key = spki(ec.generate_private_key(ec.SECP256R1())) if public_key is None else public_key
    return Wanted("k", "tls-server", "H49", asked, key, {"organization": "Ủy ban"}, validity, place="batch.csv:2")


def test_an_order_says_what_was_wanted() -> None:
    wish = a_wish()
    order = order_of(wish, PROFILE, an_issuer(), 1 << 100, NOW)
    assert (wish.names, wish.public_key, wish.subject, "H49") == (
        order.names, order.public_key, order.subject, order.agency,
    )  # fmt: skip
    assert (NOW - PROFILE.backdate, NOW + PROFILE.validity - 1) == (order.not_before, order.not_after)
    assert PROFILE.shard_of(1 << 100) == order.shard


def test_an_order_ends_no_later_than_its_issuer_and_begins_no_earlier() -> None:
    order = order_of(a_wish(398 * DAY), PROFILE, an_issuer(NOW - 60), serial(), NOW)
    assert (NOW - 60, NOW + 300 * DAY) == (order.not_before, order.not_after)


@pytest.mark.parametrize(("begins", "ends"), [(NOW - 2 * DAY, NOW), (NOW + 1, NOW + DAY)])
def test_an_authority_that_has_ended_or_not_begun_signs_nothing(begins: int, ends: int) -> None:
    with pytest.raises(Refused, match="authority ca signs nothing now"):
        order_of(a_wish(), PROFILE, an_issuer(begins, ends), serial(), NOW)


def test_a_wish_without_a_key_is_no_order_yet() -> None:
    with pytest.raises(Refused, match="its key is still to be made"):
        order_of(a_wish(public_key=b""), PROFILE, an_issuer(), serial(), NOW)


def test_serials_are_positive_of_sixteen_octets_and_differ() -> None:
    found = {serial() for _each in range(1000)}
    assert (1000, {127}) == (len(found), {each.bit_length() for each in found})


def test_an_order_is_built_without_a_fault() -> None:
    order, issuer = order_of(a_wish(), PROFILE, an_issuer(), serial(), NOW), an_issuer()
    assert [] == lint(tbs_of(order, PROFILE, issuer), order, PROFILE, issuer)


def test_a_wish_is_known_by_all_of_its_parts() -> None:
    told = [key_of(["a", "b"], b"k"), key_of(["ab"], b"k"), key_of(["a", "b"], b"l"), key_of(["a", "b"], b"k", "2026")]
    assert (4, {32}) == (len(set(told)), {len(each) for each in told})
    assert told[0] == key_of(["a", "b"], b"k")
