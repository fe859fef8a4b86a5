"""Answers of OCSP: what is put together is what others read, check and find no fault with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp as theirs

from sentinel.errors import InputError
from sentinel.pki.model import Reason
from sentinel.pki.status import replies
from sentinel.pki.status.ocsp import GOOD, UNKNOWN, Hash, State, Status, Window
from sentinel.pki.status.replies import NOT_ISSUED, Failure, Responder, Said
from tests.pki.status.builders import DAY, House, Key, Subject, a_subject

NOW = 1_795_150_800
HOUSE = House(NOW - DAY)
DELEGATED = Responder(HOUSE.issuer, HOUSE.responder.der, HOUSE.responder.key)
ITSELF = Responder(HOUSE.issuer, HOUSE.authority.der, HOUSE.authority.key)
WINDOW = Window(NOW, NOW + DAY)
REVOKED = Status(State.REVOKED, NOW - 60, Reason.KEY_COMPROMISE)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def read(content: bytes, signer: Subject) -> theirs.OCSPResponse:
    """Read an answer as cryptography does, and check its signature."""
    found = theirs.load_der_ocsp_response(content)
    hashed = found.signature_hash_algorithm
    assert hashed
    signer.key.private.public_key().verify(found.signature, found.tbs_response_bytes, ec.ECDSA(hashed))
    return found


@pytest.mark.parametrize("responder", [DELEGATED, ITSELF], ids=["delegated", "itself"])
@pytest.mark.parametrize("hashed", Hash)
@pytest.mark.parametrize("status", [GOOD, REVOKED, Status(State.REVOKED, NOW)], ids=["good", "revoked", "unspecified"])
def test_the_bytes_are_those_of_the_builder_of_cryptography(responder: Responder, hashed: Hash, status: Status) -> None:
    server, signer = HOUSE.server(), HOUSE.authority if responder is ITSELF else HOUSE.responder
    revoked = status.state is State.REVOKED
    builder = theirs.OCSPResponseBuilder().add_response(
        server.certificate,
        HOUSE.authority.certificate,
        hashes.SHA1() if hashed is Hash.SHA1 else hashes.SHA256(),  # noqa: S303 - what clients ask with
        theirs.OCSPCertStatus.REVOKED if revoked else theirs.OCSPCertStatus.GOOD,
        at(NOW),
        at(NOW + DAY),
        at(status.at) if revoked else None,
        x509.ReasonFlags.key_compromise if status.reason is Reason.KEY_COMPROMISE else None,
    )
    builder = builder.responder_id(theirs.OCSPResponderEncoding.HASH, signer.certificate)
    expected = builder.sign(signer.key.private, hashes.SHA256())
    (signed,) = replies.presign(responder, [(server.serial, status)], WINDOW, hashed)
    found = read(replies.whole(signed, responder.tail), signer)
    # What is produced when differs: the builder looks at the clock.
    begins = found.tbs_response_bytes.index(b"\x18\x0f") + 17
    assert expected.tbs_response_bytes[begins:] == found.tbs_response_bytes[begins:]
    assert found.produced_at_utc == at(NOW)
    assert [signer.certificate] * (responder is DELEGATED) == found.certificates


def test_one_answer_speaks_of_several_and_repeats_the_nonce() -> None:
    told = [
        Said(Hash.SHA1, 5, GOOD, WINDOW),
        Said(Hash.SHA256, 6, REVOKED, WINDOW),
        Said(Hash.SHA1, 7, UNKNOWN, WINDOW),
    ]
    signed = replies.reply(DELEGATED, told, NOW + 9, b"n" * 32)
    found = read(replies.whole(signed, DELEGATED.tail), HOUSE.responder)
    kinds = theirs.OCSPCertStatus
    assert [(5, kinds.GOOD), (6, kinds.REVOKED), (7, kinds.UNKNOWN)] == [
        (each.serial_number, each.certificate_status) for each in found.responses
    ]
    assert [x509.OCSPNonce(b"n" * 32)] == [each.value for each in found.extensions]
    assert at(NOW + 9) == found.produced_at_utc


def test_a_certificate_never_issued_may_be_called_revoked() -> None:
    signed = replies.reply(DELEGATED, [Said(Hash.SHA1, 5, NOT_ISSUED, WINDOW)], NOW)
    found = read(replies.whole(signed, DELEGATED.tail), HOUSE.responder)
    assert (at(0), x509.ReasonFlags.certificate_hold) == (found.revocation_time_utc, found.revocation_reason)
    assert ["1.3.6.1.5.5.7.48.1.9"] == [each.oid.dotted_string for each in found.extensions]


@pytest.mark.parametrize("why", Failure)
def test_what_has_no_answer_says_why(why: Failure) -> None:
    names = {1: "MALFORMED_REQUEST", 2: "INTERNAL_ERROR", 3: "TRY_LATER", 6: "UNAUTHORIZED"}
    assert names[why] == theirs.load_der_ocsp_response(replies.failure(why)).response_status.name


def test_no_answer_outlives_the_certificate_of_its_responder() -> None:
    end = DELEGATED.not_after
    assert Window(end - 60, end) == replies.bounded(DELEGATED, end - 60, DAY)
    with pytest.raises(InputError, match="has ended"):
        replies.bounded(DELEGATED, end, DAY)


def test_a_responder_must_be_one() -> None:
    replies.check_responder(DELEGATED)
    replies.check_responder(ITSELF)
    server, stranger = HOUSE.server(), a_subject("Responder", begins=NOW - DAY)
    for responder, message in (
        (replace(DELEGATED, key=Key()), "not for its key"),
        (Responder(HOUSE.issuer, server.der, server.key), "not for answers"),
        (Responder(HOUSE.issuer, stranger.der, stranger.key), "not issued by this authority"),
    ):
        with pytest.raises(InputError, match=message):
            replies.check_responder(responder)
