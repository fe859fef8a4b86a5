from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from sentinel.pki.certificates.parse import parsed
from sentinel.pki.office.home import Home
from tests.pki.office.an_office import MINH, a_csr

if TYPE_CHECKING:
    from sentinel.pki.certificates.parse import Parsed
    from tests.pki.office.an_office import Office


def said(office: Office, serial: str) -> Parsed:
    with closing(Home(office.folder / "pki").register()) as register:
        return parsed(register.der(register.certificate(serial).number))


def states(office: Office, *words: str) -> list[tuple[str, str]]:
    rows = office.told("list", *words)["certificates"]
    return [(row["serial"], row["state"]) for row in rows]


def test_a_renewal_says_the_same_under_a_new_serial_number(office: Office) -> None:
    before = office.issued()
    asked = office.told("renew", before)
    assert ("r3", 1, []) == (asked["replaces"], asked["certificates"], asked["faults"])
    after = office.issued(asked["request"]["id"])
    old, new = said(office, before), said(office, after)
    assert (old.spki, old.names, old.subject_der) == (new.spki, new.names, new.subject_der)
    assert old.serial != new.serial
    assert [(before, "issued"), (after, "issued")] == states(office, "--profile", "tls-server")


def test_what_was_replaced_counts_until_somebody_revokes_it(office: Office) -> None:
    before = office.issued()
    request = office.told("renew", before)["request"]["id"]
    assert 0 == office.told("replaced", request)["total"]
    after = office.issued(request)
    assert [before] == [row["serial"] for row in office.told("replaced", request)["certificates"]]
    assert 1 == office.told("replaced", request, "--revoke")["done"]
    assert [(before, "revoked"), (after, "issued")] == states(office, "--profile", "tls-server")
    assert 0 == office.told("replaced", request)["total"]
    office.run("audit", "verify")


def test_certificates_that_options_choose_are_renewed_by_one_request_and_no_authority_or_responder(
    office: Office,
) -> None:
    first = office.issued(host="trucvanban.gov.example")
    second = office.issued(host="hop.trucvanban.gov.example")
    made = office.told("renew", "--all-matching", "--ends-in", "800d")
    assert (2, None, []) == (made["certificates"], made["replaces"], made["faults"])
    office.issued(made["request"]["id"])
    replaced = office.told("replaced", made["request"]["id"])["certificates"]
    assert {first, second} == {row["serial"] for row in replaced}


def test_a_key_that_others_know_is_not_renewed_and_a_new_one_is(office: Office) -> None:
    before = office.issued()
    office.run("revoke", before, "--reason", "key_compromise")
    (fault,) = office.told("renew", before, code=2)["faults"]
    assert "key does not count" in fault["what"]
    key = ec.generate_private_key(ec.SECP256R1())
    path = a_csr(office.folder / "mới.csr", "trucvanban.gov.example", key)
    after = office.issued(office.told("renew", before, "--csr", str(path))["request"]["id"])
    assert said(office, before).names == said(office, after).names
    assert said(office, before).spki != said(office, after).spki


def test_another_certificate_of_a_key_that_others_know_is_not_renewed(office: Office) -> None:
    first, second = office.issued(), office.issued(host="hop.trucvanban.gov.example")
    office.run("revoke", first, "--reason", "key_compromise")
    assert [] != office.told("renew", second, code=2)["faults"]


def test_a_dry_run_asks_for_nothing(office: Office) -> None:
    made = office.told("renew", office.issued(), "--dry-run")
    assert (1, None) == (made["certificates"], made["request"])


def test_calls_that_choose_nothing_are_refused(office: Office) -> None:
    office.run("renew", code=2)
    assert "no such certificate" in office.run("renew", "--all-matching", "--name", "khác", code=2)
    serials = office.issued(), office.issued(host="hop.trucvanban.gov.example")
    assert "just one" in office.run("renew", *serials, "--csr", "trucvanban.gov.example.csr", code=2)
    assert "không.csr" in office.run("renew", serials[0], "--csr", "không.csr", code=2)


def test_whoever_may_not_ask_renews_nothing(office: Office) -> None:
    office.run("renew", office.issued(), *MINH, code=2)


def test_a_root_renews_nothing_but_authorities(office: Office) -> None:
    serial = office.issued()
    assert "root is a root: it certifies authorities alone" in office.run("renew", serial, "--by", "root", code=2)
