from __future__ import annotations

import time
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from sentinel.errors import InputError
from sentinel.pki.verify.verdict import Check, Fault, Opinion, Revocation, State, Verdict
from sentinel.pki.verify.verify import verify
from tests.pki.verify.chains import (
    AT,
    NOON,
    Party,
    a_list,
    a_responder,
    a_server,
    an_answer,
    an_authority,
    with_signature_of,
)

ROOT = an_authority()
ISSUING = an_authority("Cấp", ROOT)
LEAF = a_server(ISSUING)
DAY = 86_400


def judged(
    *crls: bytes,
    ocsp: tuple[bytes, ...] = (),
    revocation: Revocation = Revocation.ALL,
    leaf: Party = LEAF,
    at: int = AT,
) -> Verdict:
    return verify(leaf.der, [ISSUING.der], [ROOT.der], at=at, crls=crls, ocsp=ocsp, revocation=revocation)


def states(verdict: Verdict) -> list[State]:
    return [each.state for each in verdict.standings]


def faults(verdict: Verdict) -> list[tuple[Fault, str]]:
    return [(each.fault, each.link.subject.partition(",")[0] if each.link else "") for each in verdict.objections]


def test_a_chain_holds_where_every_list_says_so() -> None:
    verdict = judged(a_list(ISSUING), a_list(ROOT))
    assert [] == faults(verdict)
    assert [State.GOOD, State.GOOD] == states(verdict)
    assert Opinion.AGREES == verdict.opinion
    assert Check.REVOCATION in verdict.checked


@pytest.mark.parametrize("revocation", [Revocation.ALL, Revocation.IF_KNOWN])
def test_a_revoked_certificate_is_refused_with_reason_and_time(revocation: Revocation) -> None:
    verdict = judged(a_list(ISSUING, LEAF), a_list(ROOT), revocation=revocation)
    standing = verdict.standings[0]
    assert [(Fault.REVOKED, "CN=cổng dịch vụ công")] == faults(verdict)
    assert ("crl", "key_compromise", AT - DAY) == (standing.source, standing.reason, standing.since)
    assert Opinion.AGREES == verdict.opinion


def test_a_revoked_authority_is_refused_and_nothing_below_it_is_asked_about() -> None:
    verdict = judged(a_list(ISSUING), a_list(ROOT, ISSUING))
    assert [(Fault.REVOKED, "CN=Cấp")] == faults(verdict)
    assert [State.UNREACHED, State.REVOKED] == states(verdict)


def test_revocation_that_is_not_asked_about_is_told_as_unchecked() -> None:
    verdict = judged(a_list(ISSUING, LEAF), revocation=Revocation.NONE)
    assert verdict.holds
    assert [State.NOT_ASKED, State.NOT_ASKED] == states(verdict)
    assert Check.REVOCATION in {each.check for each in verdict.unchecked}


def test_what_nothing_is_known_of_holds_if_known_and_not_where_all_have_to_be() -> None:
    known = judged(a_list(ISSUING), revocation=Revocation.IF_KNOWN)
    every = judged(a_list(ISSUING))
    assert [State.GOOD, State.UNKNOWN] == states(known) == states(every)
    assert [] == faults(known)
    assert [(Fault.STATUS_UNKNOWN, "CN=Cấp")] == faults(every)
    assert [ISSUING.certificate.subject.rfc4514_string().partition(",")[0]] == [
        each.detail.partition(",")[0] for each in known.unchecked if each.check is Check.REVOCATION and each.detail
    ][:1]


@pytest.mark.parametrize("hours", [(-48, -24), (24, 48)], ids=["stale", "of the future"])
@pytest.mark.parametrize("revocation", [Revocation.ALL, Revocation.IF_KNOWN])
def test_a_list_that_is_not_in_force_cannot_be_relied_on(hours: tuple[int, int], revocation: Revocation) -> None:
    verdict = judged(a_list(ISSUING, hours=hours), a_list(ROOT), revocation=revocation)
    assert [(Fault.STATUS_UNUSABLE, "CN=cổng dịch vụ công")] == faults(verdict)


def test_a_list_that_another_key_signed_cannot_be_relied_on() -> None:
    stranger = an_authority("Lạ")
    verdict = judged(a_list(ISSUING, key=stranger.key), a_list(ROOT))
    assert [(Fault.STATUS_UNUSABLE, "CN=cổng dịch vụ công")] == faults(verdict)


def test_a_forged_copy_of_the_authority_cannot_sign_its_list() -> None:
    """The engine remembers what it proved by signature alone: a copy with another key and that signature passes it."""
    root = an_authority(key=ed25519.Ed25519PrivateKey.generate())
    issuing = an_authority("Cấp", root)
    leaf = a_server(issuing)
    stranger = an_authority("Cấp", root)
    forged = with_signature_of(stranger, issuing)
    clean = a_list(stranger)
    verdict = verify(
        leaf.der,
        [issuing.der, forged],
        [root.der],
        at=AT,
        crls=[clean, a_list(root)],
        revocation=Revocation.ALL,
    )
    assert not verdict.holds
    assert {Fault.STATUS_UNUSABLE} == {each.fault for each in verdict.objections}


@pytest.mark.parametrize("by", ["issuer", "responder"])
def test_an_answer_counts_where_its_issuer_or_a_responder_of_its_issuer_signed_it(by: str) -> None:
    responder = a_responder(ISSUING) if by == "responder" else None
    verdict = judged(a_list(ROOT), ocsp=(an_answer(LEAF, responder=responder),))
    assert [] == faults(verdict)
    assert ["ocsp", "crl"] == [each.source for each in verdict.standings]


def test_an_answer_of_a_responder_of_another_authority_does_not_count() -> None:
    other = an_authority("Khác", ROOT)
    verdict = judged(a_list(ROOT), ocsp=(an_answer(LEAF, responder=a_responder(other)),))
    assert [(Fault.STATUS_UNUSABLE, "CN=cổng dịch vụ công")] == faults(verdict)


def test_an_answer_of_a_server_that_is_no_responder_does_not_count() -> None:
    verdict = judged(a_list(ROOT), ocsp=(an_answer(LEAF, responder=a_server(ISSUING)),))
    assert [(Fault.STATUS_UNUSABLE, "CN=cổng dịch vụ công")] == faults(verdict)


def test_an_answer_that_says_revoked_is_believed_against_a_list() -> None:
    verdict = judged(a_list(ISSUING), a_list(ROOT), ocsp=(an_answer(LEAF, revoked=True),))
    assert [(Fault.REVOKED, "CN=cổng dịch vụ công")] == faults(verdict)
    assert ("ocsp", "superseded") == (verdict.standings[0].source, verdict.standings[0].reason)


def test_a_list_that_says_revoked_is_believed_against_an_answer() -> None:
    verdict = judged(a_list(ISSUING, LEAF), a_list(ROOT), ocsp=(an_answer(LEAF),))
    assert [(Fault.REVOKED, "CN=cổng dịch vụ công")] == faults(verdict)


def test_an_answer_that_is_too_old_cannot_be_relied_on() -> None:
    verdict = judged(a_list(ROOT), ocsp=(an_answer(LEAF, hours=(-48, -24)),))
    assert [(Fault.STATUS_UNUSABLE, "CN=cổng dịch vụ công")] == faults(verdict)


def test_a_responder_says_of_itself_that_nobody_tells_its_status() -> None:
    verdict = judged(a_list(ROOT), leaf=a_responder(ISSUING))
    assert [] == faults(verdict)
    assert [State.EXEMPT, State.GOOD] == states(verdict)


def test_a_certificate_held_good_before_it_was_revoked_by_the_list_of_that_day() -> None:
    before = a_list(ISSUING, hours=(-72, -48)), a_list(ROOT, hours=(-72, -48))
    assert judged(*before, at=AT - 60 * 3600).holds


def test_a_list_that_is_signed_with_sha1_cannot_be_relied_on() -> None:
    key = rsa.generate_private_key(65537, 2048)
    root = an_authority(key=key)
    good = a_list(root)
    sha256, sha1 = (bytes.fromhex(f"06092a864886f70d0101{last}") for last in ("0b", "05"))
    signed = x509.load_der_x509_crl(good).tbs_certlist_bytes.replace(sha256, sha1)
    signature = key.sign(signed, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
    weak = good.replace(sha256, sha1)[: -len(signature)] + signature
    leaf = a_server(root)
    for content, expected in ((good, []), (weak, [Fault.STATUS_UNUSABLE])):
        verdict = verify(leaf.der, [], [root.der], at=AT, crls=[content], revocation=Revocation.ALL)
        assert expected == [each.fault for each in verdict.objections]


def a_long_list(*more: Party) -> bytes:
    """Give the issuing authority's list with twenty thousand entries about others before those of `more`."""
    issuer = ISSUING.certificate.subject
    entry = x509.RevokedCertificateBuilder().revocation_date(NOON)
    others = [entry.serial_number(2**150 + number).build() for number in range(20_000)]
    entries = [*others, *(entry.serial_number(each.certificate.serial_number).build() for each in more)]
    hour = timedelta(hours=1)
    builder = x509.CertificateRevocationListBuilder(issuer, NOON - hour, NOON + hour, [], entries)
    return builder.sign(ISSUING.key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_a_long_list_about_others_costs_no_more_than_its_signature_and_one_that_names_it_is_believed() -> None:
    silent, naming = a_long_list(), a_long_list(LEAF)
    start = time.process_time()
    assert [] == faults(judged(silent, a_list(ROOT)))
    quick = time.process_time() - start
    start = time.process_time()
    verdict = judged(naming, a_list(ROOT), at=AT + 60)
    slow = time.process_time() - start
    assert [(Fault.REVOKED, "CN=cổng dịch vụ công")] == faults(verdict)
    assert quick * 2 < slow


@pytest.mark.parametrize("content", [b"", b"0\x00", LEAF.der])
def test_what_is_no_list_or_answer_is_wrong_input(content: bytes) -> None:
    with pytest.raises(InputError, match="not a revocation list"):
        judged(content)
    with pytest.raises(InputError, match="not an OCSP response"):
        judged(ocsp=(content,))
