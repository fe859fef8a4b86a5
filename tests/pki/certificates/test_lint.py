"""Every lint finds what it is for, and nothing in what is sound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from sentinel.pki.certificates import algorithms, build, der
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.certificates.lint import LINTS, SETTLED, STRUCTURE, TEXTS, lint
from sentinel.pki.model import Algorithm, Name, NameKind
from tests.pki.certificates.authorities import NOW, SERIAL, a_root, above, an_issuer, an_order, profiles
from tests.pki.certificates.keys import a_key, spki_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sentinel.pki.certificates.lints.base import Lint
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.model import Issuer, Order

EVERY: Final[tuple[Lint[Any], ...]] = (*LINTS, *TEXTS, *SETTLED)
ROOT: Final = Path(__file__).resolve().parents[3]
DAY: Final = 86_400
EKU, SAN, SKI, AKI, POINTS, POLICIES, USAGE, BASIC, ACCESS, NO_CHECK, SUBTREES = (
    "2.5.29.37", "2.5.29.17", "2.5.29.14", "2.5.29.35", "2.5.29.31", "2.5.29.32", "2.5.29.15", "2.5.29.19",
    "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.48.1.5", "2.5.29.30",
)  # fmt: skip
SERIAL_AT, ALGORITHM_AT, ISSUER_AT, VALIDITY_AT, SUBJECT_AT, KEY_AT = 1, 2, 3, 4, 5, 6


def parts_of(content: bytes) -> list[bytes]:
    outer = der.at(content)
    return [content[each.start : each.end] for each in der.within(content, outer)]


def with_part(tbs: bytes, place: int, part: bytes) -> bytes:
    """Give a TBSCertificate with another part: 0 is the version, 7 the extensions."""
    parts = parts_of(tbs)
    parts[place] = part
    return der.sequence(*parts)


def with_extensions(tbs: bytes, changed: Callable[[list[bytes]], Iterable[bytes]]) -> bytes:
    (inner,) = parts_of(parts_of(tbs)[7])
    return with_part(tbs, 7, der.tlv(0xA3, der.sequence(*changed(parts_of(inner)))))


def an_extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    return der.sequence(der.oid(oid), b"\x01\x01\xff" if critical else b"", der.tlv(der.OCTET_STRING, value))


def with_extension(tbs: bytes, oid: str, value: bytes, *, critical: bool = False) -> bytes:
    """Give it with another value of an extension, or with one more."""
    mine = an_extension(oid, value, critical=critical)

    def changed(each: list[bytes]) -> list[bytes]:
        there = any(der.oid(oid) in one for one in each)
        return [mine if der.oid(oid) in one else one for one in each] if there else [*each, mine]

    return with_extensions(tbs, changed)


def with_subject(tbs: bytes, *attributes: tuple[str, int, bytes]) -> bytes:
    parts = [der.tlv(der.SET, der.sequence(der.oid(oid), der.tlv(tag, raw))) for oid, tag, raw in attributes]
    return with_part(tbs, SUBJECT_AT, der.sequence(*parts))


def with_times(tbs: bytes, begins: bytes, ends: bytes) -> bytes:
    return with_part(tbs, VALIDITY_AT, der.sequence(begins, ends))


def utc(text: str) -> bytes:
    return der.tlv(der.UTC_TIME, text.encode())


def generalized(text: str) -> bytes:
    return der.tlv(der.GENERALIZED_TIME, text.encode())


def found(
    order: Order, profile: Profile, issuer: Issuer, changed: Callable[[bytes], bytes] = lambda tbs: tbs
) -> set[str]:
    """Give the names of the lints that find something in what an order comes to, once it is changed."""
    return {fault.lint for fault in lint(changed(build.tbs_of(order, profile, issuer)), order, profile, issuer)}


def dns(*values: str) -> tuple[Name, ...]:
    return tuple(Name(NameKind.DNS, value) for value in values)


def of_subject(**fields: str) -> dict[str, Any]:
    return {"subject": MappingProxyType({"organization": "Sở", **fields})}


def spki(key: Any) -> bytes:  # noqa: ANN401
    content: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return content


COUNTRY, COMMON = "2.5.4.6", "2.5.4.3"
UTF8, PRINTABLE = der.UTF8_STRING, der.PRINTABLE_STRING
ODD_KEY = der.sequence(
    parts_of(spki_of(a_key(KeyKind.RSA)))[0],
    der.bits(der.sequence(der.integer((1 << 2047) + 1), der.integer(3))),
)
COMPRESSED = der.sequence(
    parts_of(spki_of(a_key(KeyKind.P256)))[0],
    der.bits(a_key(KeyKind.P256).public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)),
)

BELOW: Final = {"certificate": an_issuer().certificate, "algorithm": an_issuer().algorithm}

# Per lint: the profile, what is changed of the order, of the profile, of the issuer, and of the bytes.
Case = tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], "Callable[[bytes], bytes]"]


def same(tbs: bytes) -> bytes:
    return tbs


def a_part(place: int, part: bytes) -> Callable[[bytes], bytes]:
    return lambda tbs: with_part(tbs, place, part)


def another(oid: str, value: bytes, *, critical: bool = False) -> Callable[[bytes], bytes]:
    return lambda tbs: with_extension(tbs, oid, value, critical=critical)


def a_subject(*attributes: tuple[str, int, bytes]) -> Callable[[bytes], bytes]:
    return lambda tbs: with_subject(tbs, *attributes)


def a_validity(begins: bytes, ends: bytes) -> Callable[[bytes], bytes]:
    return lambda tbs: with_times(tbs, begins, ends)


CASES: Final[Mapping[str, Case]] = {
    "serial_positive": ("tls-server", {}, {}, {}, a_part(SERIAL_AT, b"\x02\x08" + b"\xff" * 8)),
    "serial_length": ("tls-server", {}, {}, {}, a_part(SERIAL_AT, der.integer(1 << 160))),
    "serial_random": ("tls-server", {"serial": 1000}, {}, {}, same),
    "serial_ordered": ("tls-server", {}, {}, {}, a_part(SERIAL_AT, der.integer(SERIAL + 1))),
    "time_form": ("tls-server", {}, {}, {}, a_validity(generalized("20260921141320Z"), utc("261220141319Z"))),
    "validity_ordered": ("tls-server", {}, {}, {}, a_validity(utc("260921141320Z"), utc("270920141319Z"))),
    "validity_lasts": ("tls-server", {"not_after": NOW}, {}, {}, same),
    "validity_longest": ("tls-server", {"not_after": NOW + 398 * DAY}, {}, {}, same),
    "validity_above": ("tls-server", {"not_after": NOW + 3660 * DAY}, {}, {}, same),
    "key_ordered": ("tls-server", {}, {}, {}, a_part(KEY_AT, spki_of(a_key(KeyKind.P256, "other")))),
    "key_kind": ("tls-server", {"public_key": spki_of(a_key(KeyKind.ED25519))}, {}, {}, same),
    "key_size": ("timestamping", {"public_key": spki_of(a_key(KeyKind.RSA))}, {}, {}, same),
    "key_exponent": ("tls-server", {"public_key": ODD_KEY}, {}, {}, same),
    "key_form": ("tls-server", {}, {}, {}, a_part(KEY_AT, COMPRESSED)),
    "key_fresh": ("tls-server", {"public_key": spki_of(a_key(KeyKind.P256, "issuing"))}, {}, {}, same),
    "key_identifier": ("tls-server", {}, {}, {}, another(SKI, b"\x04\x14" + b"x" * 20)),
    "self_signed": ("root", {}, {}, {}, a_part(ISSUER_AT, der.sequence())),
    "subject_ordered": ("tls-client", {}, {}, {}, a_subject((COMMON, UTF8, b"Khac"))),
    "subject_parts": ("tls-client", {}, {}, {}, a_subject((COMMON, UTF8, b"a"), (COMMON, UTF8, b"b"))),
    "subject_form": ("tls-client", {}, {}, {}, a_subject((COMMON, PRINTABLE, b"a"))),
    "subject_country": ("tls-client", {}, {}, {}, a_subject((COUNTRY, PRINTABLE, b"vn"))),
    "subject_length": ("tls-client", {}, {}, {}, a_subject((COMMON, UTF8, b"a" * 65))),
    "subject_letters": ("tls-client", of_subject(common_name="Sở\u202eY tế"), {}, {}, same),
    "subject_normal": ("tls-client", of_subject(common_name="So\u031b\u0309 Y tế"), {}, {}, same),
    "subject_there": ("ocsp-responder", {}, {}, {}, with_subject),
    "agency_code": ("tls-server", {"agency": "H 49"}, {}, {}, same),
    "common_name": ("tls-client", of_subject(common_name="khac.gov.example"), {}, {}, same),
    "names_ordered": ("tls-server", {}, {}, {}, another(SAN, der.sequence(b"\x82\x04a.vn"))),
    "names_count": ("log-shipper", {"names": dns(*(f"a{n}.gov.example" for n in range(6)))}, {}, {}, same),
    "names_kinds": ("tls-server", {"names": (Name(NameKind.EMAIL, "a@gov.example"),)}, {}, {}, same),
    "names_once": ("tls-server", {"names": dns("a.gov.example", "a.gov.example")}, {}, {}, same),
    "names_form": ("tls-server", {"names": dns("A.gov.example")}, {}, {}, same),
    "names_wildcard": ("tls-server", {"names": dns("*.gov.example")}, {}, {}, same),
    "names_critical": ("tls-server", {}, {}, {}, another(SAN, der.sequence(), critical=True)),
    "names_permitted": ("tls-server", {"names": dns("portal.other.example")}, {}, {}, same),
    "extensions_known": ("tls-server", {}, {}, {}, another("1.2.3.4", der.NULL)),
    "extensions_once": (
        "tls-server", {}, {}, {}, lambda t: with_extensions(t, lambda each: [*each, an_extension(BASIC, b"\x30\x00")])
    ),
    "extensions_critical": ("tls-server", {}, {}, {}, another(BASIC, b"\x30\x00")),
    "list_point": ("tls-server", {}, {}, {}, another(POINTS, der.sequence())),
    "list_shard": ("tls-server", {"shard": 17}, {}, {}, same),
    "list_url": ("tls-server", {}, {}, {"url": "https://pki.gov.example"}, same),
    "subtrees_ordered": ("issuing-authority", {}, {}, {}, another(SUBTREES, der.sequence())),
    "version": ("tls-server", {}, {}, {}, a_part(0, der.tlv(0xA0, der.integer(1)))),
    "algorithm": ("tls-server", {}, {}, {}, a_part(ALGORITHM_AT, der.sequence(der.oid("1.3.101.112")))),
    "issuer_name": ("tls-server", {}, {}, {}, a_part(ISSUER_AT, der.sequence())),
    "issuer_length": ("issuing-authority", {}, {}, BELOW, same),
    "constraints": ("tls-server", {}, {}, {}, another(BASIC, b"\x30\x03\x01\x01\xff", critical=True)),
    "usage": ("tls-server", {}, {}, {}, another(USAGE, b"\x03\x02\x05\xa0", critical=True)),
    "usage_key": ("tls-server", {}, {"key_usage": ("digital_signature", "key_encipherment")}, {}, same),
    "usage_authority": ("tls-server", {}, {"key_usage": ("digital_signature", "key_cert_sign")}, {}, same),
    "purposes": ("tls-server", {}, {}, {}, another(EKU, der.sequence(der.oid("1.3.6.1.5.5.7.3.2")))),
    "purposes_fit": ("ocsp-responder", {}, {"purposes": ("1.3.6.1.5.5.7.3.9", "1.3.6.1.5.5.7.3.1")}, {}, same),
    "authority_key": ("tls-server", {}, {}, {}, another(AKI, der.sequence(der.tlv(0x80, b"x" * 20)))),
    "policies": ("tls-server", {}, {}, {}, another(POLICIES, der.sequence(der.sequence(der.oid("1.2.3"))))),
    "policies_above": ("tls-server", {}, {"policies": ("1.3.6.1.4.1.32473.9",)}, {}, same),
    "access": ("tls-server", {}, {}, {}, another(ACCESS, der.sequence())),
    "access_urls": ("tls-server", {}, {}, {"url": "http://a@pki.gov.example"}, same),
    "no_check": ("ocsp-responder", {}, {"purposes": ("1.3.6.1.5.5.7.3.1",)}, {}, same),
    STRUCTURE: ("tls-server", {}, {}, {}, lambda tbs: tbs[:-1]),
}  # fmt: skip


@pytest.mark.parametrize("profile", sorted(profiles()))
def test_no_lint_finds_anything_in_a_certificate_of_a_shipped_profile(profile: str) -> None:
    issuer, _key = above(profile)
    order, known = an_order(profile), profiles()[profile]
    assert [] == lint(build.tbs_of(order, known, issuer), order, known, issuer)


@pytest.mark.parametrize("name", CASES)
def test_a_lint_finds_what_it_is_for(name: str) -> None:
    shipped, ordered, ruled, issuing, changed = CASES[name]
    profile = replace(profiles()[shipped], **ruled)
    issuer = replace(above(shipped)[0], **issuing)
    assert name in found(an_order(shipped, **ordered), profile, issuer, changed)


def test_an_issuer_that_is_none_is_found() -> None:
    server = algorithms.assemble(
        build.tbs_of(an_order("tls-server"), profiles()["tls-server"], an_issuer()), Algorithm.ECDSA_P256, b"\x00"
    )
    none = replace(an_issuer(), certificate=server)
    order = an_order("tls-server", a_key(KeyKind.P256, "other"))
    assert "issuer_authority" in found(order, profiles()["tls-server"], none)


def test_an_algorithm_that_is_not_of_the_issuers_key_is_found() -> None:
    order, profile = an_order("tls-server"), profiles()["tls-server"]
    tbs = build.tbs_of(order, profile, an_issuer())
    wrong = replace(an_issuer(), algorithm=Algorithm.ED25519)
    assert {"algorithm", "algorithm_fits"} <= {fault.lint for fault in lint(tbs, order, profile, wrong)}


def test_every_lint_has_a_case_and_a_name_of_its_own() -> None:
    names = [each.name for each in EVERY]
    told_apart = {"issuer_authority", "algorithm_fits"}  # have tests of their own above
    assert len(names) == len(set(names))
    assert set(names) | {STRUCTURE} == CASES.keys() | told_apart
    assert 60 <= len(names)


def test_the_reference_names_every_lint() -> None:
    page = (ROOT / "docs/reference/profiles.md").read_text(encoding="utf-8").splitlines()
    expected = [(each.name, each.clause) for each in EVERY]
    assert [f"| `{name}` | {clause} |" for name, clause in expected] == [
        line for line in page if line.startswith("| `") and line.count("|") == 3
    ]


@given(st.integers(0), st.integers(0, 7))
def test_a_bit_that_is_changed_is_found(place: int, bit: int) -> None:
    shipped = ("tls-server", "soc-official", "ocsp-responder", "issuing-authority")[place % 4]
    order, profile, issuer = an_order(shipped), profiles()[shipped], above(shipped)[0]
    tbs = bytearray(build.tbs_of(order, profile, issuer))
    tbs[place // 4 % len(tbs)] ^= 1 << bit
    assert [] != lint(bytes(tbs), order, profile, issuer)


@pytest.mark.deep
@pytest.mark.parametrize("shipped", sorted(profiles()))
def test_no_changed_bit_of_any_profile_goes_unseen(shipped: str) -> None:
    order, profile, issuer = an_order(shipped), profiles()[shipped], above(shipped)[0]
    tbs = build.tbs_of(order, profile, issuer)
    unseen = []
    for place in range(8 * len(tbs)):
        changed = bytearray(tbs)
        changed[place // 8] ^= 1 << place % 8
        if not lint(bytes(changed), order, profile, issuer):
            unseen.append(place)
    assert [] == unseen


@given(st.binary(max_size=200))
def test_bytes_of_anybody_are_found_to_be_no_certificate(content: bytes) -> None:
    order, profile, issuer = an_order("tls-server"), profiles()["tls-server"], an_issuer()
    assert [STRUCTURE] == [fault.lint for fault in lint(content, order, profile, issuer)]


@pytest.mark.parametrize(
    "name",
    [
        Name(NameKind.DNS, "portal"),
        Name(NameKind.DNS, "portal.gov.example."),
        Name(NameKind.DNS, "-a.gov.example"),
        Name(NameKind.DNS, "a_b.gov.example"),
        Name(NameKind.DNS, "10.0.0.1"),
        Name(NameKind.DNS, "xn--.gov.example"),
        Name(NameKind.DNS, "xn--abc-.gov.example"),
        Name(NameKind.DNS, "xn--A.gov.example"),
        Name(NameKind.DNS, "ab--c.gov.example"),
        Name(NameKind.DNS, "a." * 126 + "example"),
        Name(NameKind.DNS, "*.*.gov.example"),
        Name(NameKind.IP, "127.0.0.1"),
        Name(NameKind.IP, "::"),
        Name(NameKind.IP, "224.0.0.1"),
        Name(NameKind.EMAIL, "an..b@gov.example"),
        Name(NameKind.EMAIL, "an@*.gov.example"),
        Name(NameKind.URI, "//gov.example/x"),
        Name(NameKind.URI, "https://an:x@gov.example/"),
        Name(NameKind.URI, "https://gov.example/a b"),
    ],
)
def test_a_name_out_of_form_is_found(name: Name) -> None:
    everything = replace(profiles()["tls-server"].names, kinds=tuple(NameKind), wildcard=True)
    profile = replace(profiles()["tls-server"], names=everything)
    assert "names_form" in found(an_order("tls-server", names=(name,)), profile, an_issuer())


@pytest.mark.parametrize(
    "name",
    [
        Name(NameKind.DNS, "xn--cng-uvm.gov.example"),
        Name(NameKind.DNS, "*.portal.gov.example"),
        Name(NameKind.IP, "192.0.2.200"),
        Name(NameKind.EMAIL, "an.nguyen+soc@gov.example"),
        Name(NameKind.URI, "https://trucs.gov.example/dich-vu?id=1"),
        Name(NameKind.URI, "urn:vn:h49"),
    ],
)
def test_a_name_in_its_form_is_taken(name: Name) -> None:
    everything = replace(profiles()["tls-server"].names, kinds=tuple(NameKind), wildcard=True)
    profile = replace(profiles()["tls-server"], names=everything)
    assert set() == found(an_order("tls-server", names=(name,)), profile, an_issuer())


@pytest.mark.parametrize(
    "name",
    [
        Name(NameKind.DNS, "gov.example.evil.example"),
        Name(NameKind.DNS, "evilgov.example"),
        Name(NameKind.IP, "198.51.100.1"),
        Name(NameKind.EMAIL, "an@sub.gov.example"),
    ],
)
def test_a_name_that_the_issuer_may_not_give_is_found(name: Name) -> None:
    kinds = replace(profiles()["tls-server"].names, kinds=tuple(NameKind))
    profile = replace(profiles()["tls-server"], names=kinds)
    assert {"names_permitted"} == found(an_order("tls-server", names=(name,)), profile, an_issuer())


@pytest.mark.parametrize("code", ["H49.61.05", "000.00.00.H49", "G90"])
def test_an_agencys_code_may_stand_in_either_order(code: str) -> None:
    assert set() == found(an_order("tls-server", agency=code), profiles()["tls-server"], an_issuer())


def test_a_key_of_2048_bits_of_rsa_is_taken_where_the_profile_takes_it() -> None:
    key = rsa.generate_private_key(65537, 2048)
    assert set() == found(an_order("tls-server", key), profiles()["tls-server"], an_issuer())
    assert {"key_size"} == found(an_order("rule-pack", key), profiles()["rule-pack"], an_issuer())


def test_a_time_after_2049_is_generalized() -> None:
    profile = replace(profiles()["root"], longest=36_500 * DAY)
    order = an_order("root", not_after=NOW + 30_000 * DAY)
    issuer = above("root")[0]
    assert b"\x18\x0f21" in build.tbs_of(order, profile, issuer)
    assert set() == found(order, profile, issuer)


def test_a_fault_says_where_it_stands() -> None:
    order, profile = an_order("tls-server", agency="H 49"), profiles()["tls-server"]
    (fault,) = lint(build.tbs_of(order, profile, an_issuer()), order, profile, an_issuer())
    assert "'H 49' is no identifier code (agency_code, Decision 20/2020/QĐ-TTg)" == str(fault)


def test_a_root_may_have_authorities_below_it() -> None:
    order = an_order("issuing-authority", ec_key := ec.generate_private_key(ec.SECP256R1()))
    assert set() == found(order, profiles()["issuing-authority"], a_root())
    assert spki(ec_key.public_key()) == order.public_key
