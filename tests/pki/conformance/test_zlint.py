"""zlint finds no error in what we issue, publish and answer, but for rules of the web's authorities told here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentinel.pki.model import Algorithm, Name, NameKind, Reason
from tests.conftest import ROOT
from tests.pki.certificates.authorities import NOW
from tests.pki.conformance import forms, zlint

if TYPE_CHECKING:
    from pathlib import Path

NOT_FOR_US = {
    # Baseline Requirements, 7.1.2.10.5: any policy, or one that says how public authorities validate. Ours do not
    # validate so, and bound theirs to the policies of their own: any policy would say less.
    "e_invalid_ca_certificate_policies": "issuing-authority",
    # 7.1.3: public authorities have no keys of Ed25519 yet. Ours may, where all that rely on them know such keys.
    "e_algorithm_identifier_improper_encoding": "ed25519",
    "e_signature_algorithm_not_supported": "ed25519",
}
"""Lints of the CA/Browser Forum that do not bind us, and what has to be in the name of all that each is found in."""
UNREAD = {Algorithm.RSA_PSS_SHA256, Algorithm.ED25519}
"""How certificates are signed that Go's package for OCSP does not check; it takes no answer with one in it."""


@pytest.mark.parametrize("algorithm", forms.SHIPPED)
def test_zlint_finds_no_error_in_certificates_of_shipped_profiles(algorithm: Algorithm, tmp_path: Path) -> None:
    said = zlint.results(tmp_path, dict(forms.certificates(algorithm)))
    found = zlint.errors(said)
    assert set() == set(found) - set(NOT_FOR_US)
    assert [] == [(lint, name) for lint, names in found.items() for name in names if NOT_FOR_US[lint] not in name]
    assert len(zlint.applied(said)) > 150


def test_what_is_excused_is_found(tmp_path: Path) -> None:
    said = zlint.results(tmp_path, dict(forms.certificates(Algorithm.ED25519)))
    assert set(NOT_FOR_US) == set(zlint.errors(said))


@pytest.mark.parametrize("algorithm", forms.SHIPPED)
def test_zlint_finds_no_error_in_lists(algorithm: Algorithm, tmp_path: Path) -> None:
    said = zlint.results(tmp_path, dict(forms.lists(algorithm)))
    assert {} == zlint.errors(said)
    assert zlint.applied(said)


def test_zlint_finds_nothing_but_their_reason_in_lists_that_hold_certificates(tmp_path: Path) -> None:
    """RFC 5280, 5.3.1, has certificates on hold; the Baseline Requirements, 7.2.2, have none."""
    for reason in (Reason.HOLD, Reason.CA_COMPROMISE):
        said = zlint.results(tmp_path, dict(forms.lists(Algorithm.ECDSA_P256, [reason])))
        assert {"e_cab_crl_has_valid_reason_code": {name for name in said if "of entries" in name}} == zlint.errors(
            said
        )


@pytest.mark.parametrize("algorithm", forms.SHIPPED)
def test_zlint_finds_no_error_in_answers(algorithm: Algorithm, tmp_path: Path) -> None:
    answers = dict(forms.answers(algorithm))
    hidden = {name for name in answers if algorithm in UNREAD and name.startswith("responder's")}
    said = zlint.results(tmp_path, {name: der for name, der in answers.items() if name not in hidden})
    assert {} == zlint.errors(said)
    assert zlint.applied(said)
    assert [] == [name for name in hidden if "algorithm unimplemented" not in zlint.unread(answers[name])]


def test_zlint_is_really_asked(tmp_path: Path) -> None:
    (name, content), *_rest = [each for each in forms.certificates(Algorithm.ECDSA_P256) if "tls-server" in each[0]]
    broken = {name: content.replace(b"www.portal.", b"www portal.")}
    assert "e_dnsname_bad_character_in_label" in zlint.errors(zlint.results(tmp_path, broken))


@pytest.mark.parametrize(
    ("changed", "lint"),
    [
        ({"not_after": NOW + 398 * forms.DAY - 1}, "e_server_cert_valid_time_longer_than_200_days"),
        (
            {"names": (Name(NameKind.DNS, "portal.x.vn"), Name(NameKind.IP, "10.1.1.1"))},
            "e_ext_san_contains_reserved_ip",
        ),
        ({"names": (Name(NameKind.DNS, "portal.example"),)}, "e_dnsname_not_valid_tld"),
    ],
)
def test_what_somebody_may_ask_for_against_the_rules_is_found(
    changed: dict[str, object], lint: str, tmp_path: Path
) -> None:
    house, key = forms.a_house(Algorithm.ECDSA_P256), forms.a_key(Algorithm.ECDSA_P256)
    content = forms.issued("tls-server", key, house.issuing, house.issuing_key, **changed)
    assert {lint: {"it"}} == zlint.errors(zlint.results(tmp_path, {"it": content}))


def test_the_page_says_how_much_is_shown() -> None:
    page = (ROOT / "docs" / "explanation" / "conformance.md").read_text(encoding="utf-8")
    for what, given in (("certificates", forms.certificates), ("lists", forms.lists), ("answers", forms.answers)):
        assert f" {sum(len([*given(each)]) for each in forms.SHIPPED)} {what}" in page
    assert f"| {zlint.VERSION.removeprefix('v')} |" in page
    assert [] == [lint for lint in NOT_FOR_US if f"`{lint}`" not in page]
