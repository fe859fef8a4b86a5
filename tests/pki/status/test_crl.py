"""Revocation lists: what is spliced is what others read, accept and find no fault with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as some

from sentinel.errors import InputError
from sentinel.pki.model import Algorithm, Reason
from sentinel.pki.status import crl
from tests.pki.status.builders import DAY, House, Key, ran

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import CompletedProcess

NOW = 1_795_150_800
HOUSE = House(NOW - DAY)
REASONS = {
    Reason.KEY_COMPROMISE: x509.ReasonFlags.key_compromise,
    Reason.CA_COMPROMISE: x509.ReasonFlags.ca_compromise,
    Reason.AFFILIATION_CHANGED: x509.ReasonFlags.affiliation_changed,
    Reason.SUPERSEDED: x509.ReasonFlags.superseded,
    Reason.CESSATION: x509.ReasonFlags.cessation_of_operation,
    Reason.HOLD: x509.ReasonFlags.certificate_hold,
    Reason.PRIVILEGE_WITHDRAWN: x509.ReasonFlags.privilege_withdrawn,
}


def a_list(*entries: bytes, shard: int | None = None, number: int = 7, key: Key | None = None) -> bytes:
    tbs = crl.tbs_of(HOUSE.issuer, number, NOW, NOW + DAY, entries, shard=shard)
    return crl.assemble(tbs, Algorithm.ECDSA_P256, (key or HOUSE.authority.key).sign(tbs))


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize("reason", Reason)
def test_an_entry_says_when_and_why(reason: Reason) -> None:
    read = x509.load_der_x509_crl(a_list(crl.entry(17, NOW - 60, reason, NOW - DAY)))
    (found,) = read
    said = {type(each.value): each.value for each in found.extensions}
    invalidity = said.pop(x509.InvalidityDate)
    assert isinstance(invalidity, x509.InvalidityDate)
    assert (17, at(NOW - 60), at(NOW - DAY)) == (
        found.serial_number, found.revocation_date_utc, invalidity.invalidity_date_utc,
    )  # fmt: skip
    expected = {} if reason is Reason.UNSPECIFIED else {x509.CRLReason: x509.CRLReason(REASONS[reason])}
    assert expected == said


def test_a_list_says_whose_it_is_and_which() -> None:
    read = x509.load_der_x509_crl(a_list(crl.entry(17, NOW, Reason.SUPERSEDED)))
    authority = HOUSE.authority.certificate
    assert read.is_signature_valid(HOUSE.authority.key.private.public_key())
    assert (authority.subject, at(NOW), at(NOW + DAY)) == (read.issuer, read.last_update_utc, read.next_update_utc)
    key = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert [
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key),
        x509.CRLNumber(7),
    ] == [each.value for each in read.extensions]


def test_the_bytes_are_those_of_the_builder_of_cryptography() -> None:
    key = HOUSE.authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    revoked = x509.RevokedCertificateBuilder().serial_number(2**158 + 5).revocation_date(at(NOW))
    revoked = revoked.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
    point = x509.IssuingDistributionPoint(
        [x509.UniformResourceIdentifier("http://pki.gov.example/crl/hanoi/3.crl")],
        None, only_contains_user_certs=True, only_contains_ca_certs=False, only_some_reasons=None, indirect_crl=False,
        only_contains_attribute_certs=False,
    )  # fmt: skip
    built = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(HOUSE.authority.certificate.subject)
        .last_update(at(NOW))
        .next_update(at(NOW + DAY))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key), critical=False)
        .add_extension(x509.CRLNumber(7), critical=False)
        .add_extension(point, critical=True)
        .add_revoked_certificate(revoked.build())
        .sign(HOUSE.authority.key.private, hashes.SHA256())
    )
    entries = [crl.entry(2**158 + 5, NOW, Reason.KEY_COMPROMISE)]
    assert built.tbs_certlist_bytes == crl.tbs_of(HOUSE.issuer, 7, NOW, NOW + DAY, entries, shard=3)


def test_a_list_of_nothing_leaves_the_field_out() -> None:
    assert [] == list(x509.load_der_x509_crl(a_list()))
    assert a_list().count(b"\x30\x00") == 0


def test_years_from_2050_on_are_told_with_four_digits() -> None:
    end = 2_524_608_000
    tbs = crl.tbs_of(HOUSE.issuer, 1, end - 1, end, [])
    assert b"\x17\x0d491231235959Z\x18\x0f20500101000000Z" in tbs


@given(some.lists(some.tuples(some.integers(1, 2**159 - 1), some.sampled_from(Reason)), max_size=300))
def test_any_entries_are_read_back_in_order(entries: list[tuple[int, Reason]]) -> None:
    read = x509.load_der_x509_crl(a_list(*(crl.entry(serial, NOW, reason) for serial, reason in entries)))
    assert [serial for serial, _ in entries] == [each.serial_number for each in read]


@pytest.mark.parametrize("serial", [0, -1, 2**159, 2**200])
def test_what_is_no_serial_has_no_entry(serial: int) -> None:
    with pytest.raises(InputError, match="not a serial number"):
        crl.entry(serial, NOW, Reason.SUPERSEDED)


@pytest.mark.parametrize(
    ("number", "begin", "end", "message"),
    [
        (0, NOW, NOW + 1, "not a number"),
        (2**159, NOW, NOW + 1, "not a number"),
        (1, NOW, NOW, "ends after it begins"),
        (1, -1, NOW, "not a time"),
        (1, NOW, 253_402_300_800, "not a time"),
    ],
)
def test_what_cannot_be_told_is_refused(number: int, begin: int, end: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        crl.tbs_of(HOUSE.issuer, number, begin, end, [])


def verified(folder: Path, shard: int | None, *revoked: int) -> CompletedProcess[str]:
    """Let OpenSSL verify a server's certificate with the lists of root and authority."""
    server = HOUSE.server(shard=shard or 0)
    entries = [
        crl.entry(serial, NOW, Reason.SUPERSEDED) for serial in (*revoked, *([server.serial] if revoked else []))
    ]
    root = crl.tbs_of(HOUSE.root_issuer, 1, NOW, NOW + DAY, [])
    lists = (a_list(*entries, shard=shard), crl.assemble(root, Algorithm.ECDSA_P256, HOUSE.root.key.sign(root)))
    path = folder / "lists.pem"
    with path.open("wb") as file:
        for each in lists:
            file.write(x509.load_der_x509_crl(each).public_bytes(Encoding.PEM))
    anchor, authority = HOUSE.root.write(folder, "root"), HOUSE.authority.write(folder, "authority")
    given = ("-CAfile", anchor, "-untrusted", authority, "-CRLfile", path, server.write(folder, "server"))
    return ran("openssl", "verify", "-crl_check_all", "-attime", str(NOW + 1), *given)


@pytest.mark.parametrize("shard", [None, 3])
def test_openssl_accepts_what_is_not_listed_and_refuses_what_is(tmp_path: Path, shard: int | None) -> None:
    good, bad = verified(tmp_path, shard), verified(tmp_path, shard, 5)
    assert (0, "OK") == (good.returncode, good.stdout.split()[-1])
    assert 2 == bad.returncode
    assert "certificate revoked" in bad.stderr
