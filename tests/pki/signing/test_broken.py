"""Broken input of every kind ends in an answer: nothing but a refusal comes out, and nothing false is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import InputError
from sentinel.pki.certificates import algorithms
from sentinel.pki.model import Algorithm
from sentinel.pki.signing import approvals, grants, protocol, tbs
from sentinel.pki.signing.declined import Declined
from tests.pki.signing.a_signer import KEY, a_grant, a_list, a_signer, a_tbs, an_approval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.pki.signing.a_signer import Asking

CERTIFICATE, LIST, APPROVAL, GRANT = a_tbs(), a_list(revoked=2), an_approval([b""]).content(), a_grant().statement
QUESTION = protocol.packed(protocol.Cover(KEY, (APPROVAL,), bytes(32)))
IDENTIFIER = algorithms.identifier(Algorithm.ECDSA_P256)


@st.composite
def broken(draw: st.DrawFn, whole: bytes) -> bytes:
    """Give bytes with a few changed, left out, or put in."""
    content = bytearray(whole)
    for _change in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(content)))
        removed = draw(st.integers(0, 3))
        content[place : place + removed] = draw(st.binary(max_size=3))
    return bytes(content)


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with a_signer(tmp_path_factory.mktemp("signer")) as found:
        yield found


@given(st.binary(max_size=200) | broken(QUESTION))
def test_any_question_has_an_answer(asking: Asking, payload: bytes) -> None:
    answered = protocol.answer(asking.signer.answer(payload, asking.caller))
    assert isinstance(answered, protocol.Refusal | protocol.Recalled | protocol.TheKeys | protocol.TheActs)


def reads(read: Callable[[bytes], object], content: bytes) -> bool:
    """Tell whether something is read; what is not has to be declined."""
    try:
        read(content)
    except Declined:
        return False
    return True


@given(st.binary(max_size=200) | broken(CERTIFICATE))
def test_any_certificate_is_read_or_declined(content: bytes) -> None:
    if reads(tbs.certificate, content) and reads(lambda each: tbs.whole([each], IDENTIFIER, meaning=True), content):
        assert content == tbs.whole([content], IDENTIFIER, meaning=True)[0].tbs_certificate_bytes


@given(st.binary(max_size=200) | broken(LIST))
def test_any_list_is_read_or_declined(content: bytes) -> None:
    if reads(tbs.revocations, content):
        assert content[:1] == LIST[:1]


@given(broken(CERTIFICATE))
def test_a_grant_of_another_name_gives_nothing_with_a_name(content: bytes) -> None:
    grant = a_grant(names=("dns:none.example",))

    def given_by(each: bytes) -> None:
        grants.check_given(grant, tbs.whole([each], IDENTIFIER, meaning=True)[0], grant.issuer, grant.at)

    if reads(given_by, content):
        (found,) = tbs.whole([content], IDENTIFIER, meaning=True)
        assert "2.5.29.17" not in {extension.oid.dotted_string for extension in found.extensions}


@given(st.binary(max_size=100) | broken(APPROVAL))
def test_any_approval_is_read_or_no_approval(content: bytes) -> None:
    try:
        found = approvals.parse(content)
    except InputError:
        return
    assert content == found.content()


@given(st.binary(max_size=100) | broken(GRANT))
def test_any_grant_is_read_or_no_grant(content: bytes) -> None:
    try:
        found = grants.parse(content)
    except Declined:
        return
    assert content == found.statement
