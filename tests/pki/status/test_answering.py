"""What is answered: from the file where it can be, by the responder where it must be, and no more than is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.x509 import ocsp as theirs
from hypothesis import given
from hypothesis import strategies as some

from sentinel.pki.model import Reason
from sentinel.pki.status.answering import Answering, Unissued
from sentinel.pki.status.answers import Answers
from sentinel.pki.status.keeping import DAY, keep
from sentinel.pki.status.ocsp import GOOD, Hash, State, Status, Window
from tests.pki.status.builders import Book, House, a_question, a_responder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = 1_795_150_800
HOUSE, OTHER = House(NOW - DAY), House(NOW - DAY)
RESPONDER = a_responder(HOUSE)
REVOKED = Status(State.REVOKED, NOW, Reason.SUPERSEDED)
KINDS = theirs.OCSPCertStatus


@pytest.fixture
def answers(tmp_path: Path) -> Iterator[Answers]:
    book, file = Book(), Answers(tmp_path / "answers.db", write=True)
    book.say(5, GOOD, NOW + 20 * DAY)
    book.say(6, REVOKED, NOW + 20 * DAY)
    keep(file, book, RESPONDER, NOW)
    yield file
    file.close()


@pytest.fixture
def answering(answers: Answers) -> Answering:
    return Answering.of(answers, [(HOUSE.issuer, RESPONDER)])


@pytest.fixture
def keyless(answers: Answers) -> Answering:
    return Answering.of(answers, [(HOUSE.issuer, None)])


def status(content: bytes) -> str:
    return theirs.load_der_ocsp_response(content).response_status.name


def said(content: bytes) -> list[tuple[int, theirs.OCSPCertStatus]]:
    return [(each.serial_number, each.certificate_status) for each in theirs.load_der_ocsp_response(content).responses]


@pytest.mark.parametrize(("serial", "kind"), [(5, KINDS.GOOD), (6, KINDS.REVOKED)])
@pytest.mark.parametrize("hashed", Hash)
def test_each_hash_is_answered_in_its_kind(
    answering: Answering, serial: int, kind: theirs.OCSPCertStatus, hashed: Hash
) -> None:
    reply = answering.answer(a_question(HOUSE, serial, hashed=hashed), NOW + 1)
    assert [(serial, kind)] == said(reply.content)
    assert hashed.name.lower() == theirs.load_der_ocsp_response(reply.content).hash_algorithm.name
    assert Window(NOW, NOW + DAY) == reply.window


def test_the_same_question_gets_the_same_octets(answering: Answering) -> None:
    first, second = (answering.answer(a_question(HOUSE, 5), NOW + wait).content for wait in (1, 99))
    assert first == second


def test_a_nonce_is_answered_now_and_for_nobody_else(answering: Answering) -> None:
    reply = answering.answer(a_question(HOUSE, 5, nonce=b"n" * 32), NOW + 1)
    found = theirs.load_der_ocsp_response(reply.content)
    assert [x509.OCSPNonce(b"n" * 32)] == [each.value for each in found.extensions]
    assert (NOW + 1, NOW) == (found.produced_at_utc.timestamp(), found.this_update_utc.timestamp())
    assert reply.window is None


def test_without_the_key_a_nonce_goes_unanswered(keyless: Answering, answering: Answering) -> None:
    reply = keyless.answer(a_question(HOUSE, 5, nonce=b"n" * 32), NOW + 1)
    assert answering.answer(a_question(HOUSE, 5), NOW + 1) == reply


def test_without_the_key_the_rest_is_not_answered(keyless: Answering) -> None:
    told = [a_question(HOUSE, 5, hashed=Hash.SHA256), a_question(HOUSE, 5, 6), a_question(HOUSE, 7)]
    assert ["TRY_LATER", "TRY_LATER", "UNAUTHORIZED"] == [
        status(keyless.answer(each, NOW + 1).content) for each in told
    ]


def test_several_are_answered_together(answering: Answering) -> None:
    reply = answering.answer(a_question(HOUSE, 6, 5, 7), NOW + 1)
    assert [(6, KINDS.REVOKED), (5, KINDS.GOOD), (7, KINDS.UNKNOWN)] == said(reply.content)
    assert Window(NOW + 1, NOW + 301) == reply.window


@pytest.mark.parametrize(
    ("unissued", "expected"),
    [
        (Unissued.UNKNOWN, [(7, KINDS.UNKNOWN)]),
        (Unissued.REVOKED, [(7, KINDS.REVOKED)]),
        (Unissued.UNAUTHORIZED, "UNAUTHORIZED"),
    ],
)
def test_what_was_never_issued_is_answered_as_is_wished(answers: Answers, unissued: Unissued, expected: object) -> None:
    answering = Answering.of(answers, [(HOUSE.issuer, RESPONDER)], unissued)
    content = answering.answer(a_question(HOUSE, 7), NOW + 1).content
    assert expected == (status(content) if unissued is Unissued.UNAUTHORIZED else said(content))


def test_of_other_authorities_nothing_is_said(answering: Answering) -> None:
    assert "UNAUTHORIZED" == status(answering.answer(a_question(OTHER, 5), NOW + 1).content)


def test_one_question_is_about_one_authority(answers: Answers) -> None:
    both = Answering.of(answers, [(HOUSE.issuer, RESPONDER), (HOUSE.root_issuer, None)])
    mixed = a_question(HOUSE, 5, 6)
    names = [each for each in both.named if each[0] is Hash.SHA1]
    root = next(each for each in names if both.named[each][0] == "root")
    hanoi = next(each for each in names if both.named[each][0] == "hanoi")
    assert hanoi[1] is not None
    mixed = mixed.replace(hanoi[1], root[1], 1).replace(hanoi[2], root[2], 1)
    assert "UNAUTHORIZED" == status(both.answer(mixed, NOW + 1).content)


@pytest.mark.parametrize("question", [a_question(HOUSE, 5), a_question(HOUSE, 5, nonce=b"n")])
def test_answers_that_have_ended_are_not_given(answering: Answering, question: bytes) -> None:
    assert ["SUCCESSFUL", "TRY_LATER"] == [
        status(answering.answer(question, at).content) for at in (NOW + DAY - 1, NOW + DAY)
    ]


def test_a_file_that_cannot_be_read_is_no_reason_to_fail(answers: Answers, answering: Answering) -> None:
    answers.close()
    assert "TRY_LATER" == status(answering.answer(a_question(HOUSE, 5), NOW + 1).content)


@given(some.binary(max_size=120))
def test_any_octets_get_an_answer(content: bytes) -> None:
    nobody = Answering(Answers(_nowhere()), {})
    assert status(nobody.answer(content, NOW).content) in {"MALFORMED_REQUEST", "UNAUTHORIZED"}


def _nowhere() -> Path:
    from pathlib import Path

    return Path("/nonexistent/answers.db")
