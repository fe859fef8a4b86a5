"""Certificates before pkilint, where somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentinel.pki.certificates import build
from sentinel.pki.certificates.lint import lint
from sentinel.pki.certificates.paranoid import judge
from sentinel.pki.model import Algorithm
from tests.pki.certificates.authorities import ASKED, above, an_order, profiles
from tests.pki.office.an_office import MINH, a_csr

if TYPE_CHECKING:
    from tests.pki.office.an_office import Office

HOST = "trucvanban.gov.example"


def asking(office: Office, *more: str) -> tuple[str, ...]:
    path = str(a_csr(office.folder / "a.csr", HOST))
    return "request", "--profile", "tls-server", "--agency", "H49", "--csr", path, "--purpose", "Trục", *more


@pytest.mark.parametrize("profile", sorted(ASKED))
def test_pkilint_finds_nothing_in_what_is_to_be_signed_by_a_shipped_profile(profile: str) -> None:
    issuer, _key = above(profile)
    assert [] == judge(build.tbs_of(an_order(profile), profiles()[profile], issuer), issuer.algorithm)


def test_what_it_finds_is_told_with_its_rule() -> None:
    issuer, _key = above("tls-server")
    tbs = build.tbs_of(an_order("tls-server"), profiles()["tls-server"], issuer)
    fault, *_others = judge(tbs.replace(b"portal.gov.example", b"portal gov.example"), issuer.algorithm)
    assert "domain" in fault.lint
    assert "portal gov.example" in str(fault)


def test_bytes_that_are_no_certificate_are_told() -> None:
    (fault,) = judge(b"\x30\x03\x02\x01\x01", Algorithm.ECDSA_P256)
    assert "cannot be read" in fault.message


def test_requests_and_approvals_may_be_judged_by_it(office: Office) -> None:
    made = office.told(*asking(office, "--paranoid"))
    assert ([], 1) == (made["faults"], made["certificates"])
    assert "minh" == office.told("approve", made["request"]["id"], "--paranoid", *MINH)["approval"]["approver"]
    assert 1 == office.told("renew", office.issued(), "--paranoid", "--dry-run")["certificates"]


def test_our_lints_come_first() -> None:
    issuer, _key = above("tls-server")
    order, profile = an_order("tls-server"), profiles()["tls-server"]
    assert [] == lint(build.tbs_of(order, profile, issuer), order, profile, issuer)
