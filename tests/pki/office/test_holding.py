"""Keys that the register knows: those of others, and those that others know."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from sentinel.pki.office.home import Home
from sentinel.pki.register.holding import Holding, holdings
from tests.pki.certificates.keys import spki_of
from tests.pki.office.an_office import MINH, SIGNER, a_csr

if TYPE_CHECKING:
    from tests.pki.office.an_office import Office

HOST = "trucvanban.gov.example"
LATER = 4_000_000_000


def words(office: Office, key: ec.EllipticCurvePrivateKey, agency: str, host: str) -> tuple[str, ...]:
    path = a_csr(office.folder / f"{host}.csr", host, key)
    return "request", "--profile", "tls-server", "--agency", agency, "--csr", str(path), "--purpose", "Trục liên thông"


def test_a_key_that_was_compromised_is_certified_for_nobody(office: Office) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    asked = office.told(*words(office, key, "H49", HOST))["request"]["id"]
    office.run("revoke", office.issued(asked), "--reason", "key_compromise")
    (fault,) = office.told(*words(office, key, "H49", f"hop.{HOST}"), code=2)["faults"]
    assert "known to others" in fault["what"]
    assert "new key" in fault["hint"]


def test_a_key_that_is_compromised_after_it_was_approved_is_certified_no_more(office: Office) -> None:
    key, hosts = ec.generate_private_key(ec.SECP256R1()), (HOST, f"hop.{HOST}")
    first, second = (office.told(*words(office, key, "H49", host))["request"]["id"] for host in hosts)
    serial = office.issued(first)
    office.run("approve", second, *MINH)
    office.run("revoke", serial, "--reason", "key_compromise")
    issued = office.told("issue", second, *SIGNER, code=3)
    assert (0, 1, "done") == (issued["issued"], issued["given_up"], issued["request"]["state"])
    assert "its key is known to others" in office.run("show", issued["certificates"][0]["serial"])
    assert "everything is as it was written" in office.run("audit", "verify")


def test_a_key_of_a_certificate_revoked_for_other_reasons_may_be_certified_again(office: Office) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    asked = office.told(*words(office, key, "H49", HOST))["request"]["id"]
    office.run("revoke", office.issued(asked), "--reason", "superseded")
    again = office.told(*words(office, key, "H49", HOST))
    assert ([], []) == (again["faults"], again["warnings"])


def test_a_key_that_another_agency_has_is_told(office: Office) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    asked = office.told(*words(office, key, "H49", HOST))["request"]["id"]
    office.issued(asked)
    (warning,) = office.told(*words(office, key, "H49.12", "sotnmt.gov.example"))["warnings"]
    assert "agency H49 has a certificate for the same key" in warning["what"]


def test_only_certificates_that_count_hold_a_key(office: Office) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    asked = office.told(*words(office, key, "H49", HOST))["request"]["id"]
    office.issued(asked)
    other = spki_of(ec.generate_private_key(ec.SECP256R1()))
    with closing(Home(office.folder / "pki").register()) as register:
        assert {spki_of(key): Holding(frozenset({"H49"}))} == holdings(register, [spki_of(key), other], 0)
        assert {spki_of(key): Holding()} == holdings(register, [spki_of(key)], LATER)


def test_a_root_is_asked_for_no_certificates(office: Office) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    said = office.run(*words(office, key, "H49", HOST), "--issuer", "root", code=2)
    assert "certifies authorities alone" in said
