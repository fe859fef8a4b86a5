"""Certificates as they are built: what `openssl` says of one of every profile."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from sentinel.errors import InputError
from sentinel.pki.certificates import algorithms, build, parse
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.model import Algorithm, Name, NameKind
from tests.pki.certificates.authorities import NOW, a_root, above, an_issuer, an_order, issued, profiles
from tests.pki.certificates.keys import a_key, spki_of
from tests.pki.conformance import pkilint

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = sorted(profiles())
ML_DSA = {Algorithm.ML_DSA_44, Algorithm.ML_DSA_65, Algorithm.ML_DSA_87}


def made(profile: str, **changed: object) -> bytes:
    issuer, key = above(profile)
    return issued(an_order(profile, **changed), profiles()[profile], issuer, key)


@pytest.mark.parametrize("profile", [name for name in SHIPPED if profiles()[name].authority is None])
def test_openssl_takes_a_certificate_of_a_shipped_profile(profile: str, tmp_path: Path) -> None:
    for file, content in (("root", a_root().certificate), ("between", an_issuer().certificate), ("end", made(profile))):
        command = ["openssl", "x509", "-inform", "DER", "-out", str(tmp_path / file)]
        subprocess.run(command, input=content, check=True)
    command = [
        "openssl",
        "verify",
        "-x509_strict",
        "-attime",
        str(NOW + 60),
        "-CAfile",
        "root",
        "-untrusted",
        "between",
    ]
    said = subprocess.run([*command, "end"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "end: OK\n" == said.stdout, said.stderr


@pytest.mark.parametrize("algorithm", Algorithm)
def test_an_authority_of_every_algorithm_issues(algorithm: Algorithm) -> None:
    kind = algorithms.key_kind(algorithm)
    shipped = profiles()["issuing-authority"]
    open_to_it = replace(shipped, keys=(*shipped.keys, kind), rsa_bits=(2048, 8192))
    key = a_key(kind, "issuing")
    order = an_order("issuing-authority", key, not_before=NOW - 86_400)
    content = issued(order, open_to_it, a_root(), a_key(KeyKind.P384, "root"))
    issuer = replace(a_root(), id="another", certificate=content, algorithm=algorithm)
    below = issued(an_order("tls-server"), profiles()["tls-server"], issuer, key)
    assert algorithm == parsed(below).algorithm
    x509.load_der_x509_certificate(below).verify_directly_issued_by(x509.load_der_x509_certificate(content))


def test_a_subject_is_written_as_it_is_said() -> None:
    said = parsed(made("soc-official"))
    expected = (
        "CN=Nguyễn Thị Ánh Tuyết,givenName=Ánh Tuyết,surname=Nguyễn,title=Trực ca,organizationIdentifier=H49.61.05,"
        "O=Ủy ban nhân dân xã An Phú,C=VN"
    )
    assert expected == said.subject
    assert "H49.61.05" == said.organization_identifier
    assert (Name(NameKind.EMAIL, "an.nguyen@gov.example"),) == said.names


def test_a_common_name_has_room_for_64_letters_of_vietnamese() -> None:
    wide = "Ủ" * 64
    said = parsed(made("tls-client", subject=MappingProxyType({"organization": "Sở", "common_name": wide})))
    assert wide == said.common_name


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ({"organization": "Sở", "common_name": "Ủ" * 65}, "'common_name' has 65 characters, and may have 64"),
        ({"organization": "Sở"}, "profile tls-client needs 'common_name' of the subject"),
        ({"organisation": "Sở", "common_name": "x"}, "has no field 'organisation'"),
        ({"organization": "\ud800", "common_name": "x"}, "cannot be a certificate|organization"),
    ],
)
def test_a_subject_that_does_not_fit_is_told(subject: dict[str, str], told: str) -> None:
    with pytest.raises(InputError, match=told):
        made("tls-client", subject=MappingProxyType(subject))


@pytest.mark.parametrize(
    "changed",
    [
        {"names": (Name(NameKind.DNS, "cổng.gov.example"),)},
        {"names": (Name(NameKind.IP, "192.0.2"),)},
        {"names": (Name(NameKind.EMAIL, "không phải thư"),)},
        {"serial": 0},
        {"serial": -1},
        {"serial": 1 << 160},
        {"not_before": -10_000_000_000},
        {"not_after": NOW - 1},
        {"not_after": 10**18},
        {"public_key": b"\x30\x00"},
    ],
)
def test_an_order_that_cannot_be_a_certificate_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(InputError):
        made("tls-server", **changed)


def test_the_list_that_names_a_certificate_is_settled_by_its_serial() -> None:
    profile = profiles()["tls-server"]
    assert list(range(1, 17)) == sorted(profile.shard_of(serial) for serial in range(1000, 1016))
    assert ("http://pki.gov.example/crl/agencies-1/16.crl",) == parsed(made("tls-server")).crl_urls
    assert 0 == profiles()["rule-pack"].shard_of(1000)


def test_a_responder_need_not_be_checked() -> None:
    said = parsed(made("ocsp-responder"))
    assert ((), (), True) == (said.crl_urls, said.ocsp_urls, "1.3.6.1.5.5.7.48.1.5" in said.extensions)


def test_an_authority_that_is_closed_may_give_no_names_of_a_kind_it_was_given_none_of() -> None:
    content = made("issuing-authority", names=(Name(NameKind.DNS, "gov.example"),))
    said = x509.load_der_x509_certificate(content).extensions.get_extension_for_class(x509.NameConstraints)
    excluded = [str(each.value) for each in said.value.excluded_subtrees or []]
    assert (["0.0.0.0/0", "::/0"], True) == (excluded, said.critical)


def test_a_subject_that_is_empty_makes_its_names_critical() -> None:
    profile = replace(profiles()["log-shipper"], subject=(("common_name", "{name?}"),))
    address = (Name(NameKind.IP, "192.0.2.9"),)
    issuer, key = above("log-shipper")
    content = issued(an_order("log-shipper", names=address, subject=MappingProxyType({})), profile, issuer, key)
    found = x509.load_der_x509_certificate(content)
    assert ("", True) == (
        found.subject.rfc4514_string(),
        found.extensions.get_extension_for_class(x509.SubjectAlternativeName).critical,
    )
    assert [] == pkilint.of_certificate(content)


def test_a_root_names_itself_and_no_list() -> None:
    said = parsed(a_root().certificate)
    assert (True, True, said.key_id, ()) == (said.self_issued, said.ca, said.issuer_key_id, said.issuer_urls)


def test_a_period_ends_with_its_issuer() -> None:
    issuer, profile = an_issuer(), profiles()["tls-server"]
    ends = parse.authority(issuer.certificate).not_after
    assert (NOW - 3600, NOW - 3600 + 90 * 86_400 - 1) == build.period(profile, issuer, NOW)
    assert (ends - 7200, ends) == build.period(profile, issuer, ends - 3600)
    assert (NOW - 3600, NOW - 3600 + 86_399) == build.period(profile, issuer, NOW, 86_400)


def test_a_key_is_identified_by_its_sha_256() -> None:
    key = a_key(KeyKind.ED25519)
    expected = x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest
    assert 20 == len(build.key_id(spki_of(key)))
    assert expected != build.key_id(spki_of(key))  # that one is SHA-1
