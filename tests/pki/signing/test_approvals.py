"""Approvals: who may agree to what, for how long, and what is no agreement."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.errors import InputError
from sentinel.ledger import merkle
from sentinel.people.register import read
from sentinel.pki.signing.approvals import (
    LONGEST,
    LONGEST_EMERGENCY,
    Need,
    What,
    check,
    check_two,
    digest_of,
    parse,
)
from sentinel.pki.signing.declined import Declined, declined
from tests.pki.signing.a_signer import AN, DUC, HOUR, ISSUER, LAN, MAI, MINH, SECOND, an_approval, the_people

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.people.register import People
    from sentinel.pki.signing.approvals import Approval

NOW = time.time_ns()
TBS = [b"one"]
NEED = Need(What.CERTIFICATES, ISSUER, sha256(b"one").digest(), 1)


@pytest.fixture
def people(tmp_path: Path) -> People:
    return read(the_people(tmp_path))


def given(*tbs: bytes, by: str = AN, **changes: Any) -> Approval:  # noqa: ANN401 - whatever is to be different
    return an_approval(tbs or TBS, by, NOW, **changes)


def test_an_approval_is_read_as_it_was_written() -> None:
    approval = given(reason="sắp xếp lại", emergency=False)
    assert approval == parse(approval.content())
    assert approval.statement.startswith(b'{"approver":"an.l\xc3\xaa","at":')
    assert json.loads(approval.statement)["type"] == "sentinel approval 1"


def test_of_one_thing_the_digest_is_its_own_and_of_many_the_root_of_their_tree() -> None:
    one, two = sha256(b"one").digest(), sha256(b"two").digest()
    assert one == digest_of([one])
    assert merkle.node_hash(merkle.leaf_hash(one), merkle.leaf_hash(two)) == digest_of([one, two])


def test_who_may_approve_does(people: People) -> None:
    assert given() == check([given()], NEED, people, NOW)


def test_the_first_approval_that_fits_counts(people: People) -> None:
    fits = given()
    assert fits == check([given(by=LAN), given(b"else"), fits], NEED, people, NOW)


REFUSED = [
    ("unapproved", []),
    ("same-person", [given(by=LAN)]),
    ("same-person", [given(by=LAN, approver="LAN.Nguyen")]),
    ("no-approver", [given(by=MAI)]),
    ("retired-approver", [given(by=DUC)]),
    ("retired-approver", [given(by=DUC, at=NOW - 300 * 24 * HOUR)]),
    ("unknown-approver", [given(key=MINH)]),
    ("unknown-approver", [replace(given(), key="SHA256:none")]),
    ("forged", [replace(given(), reason="changed afterwards")]),
    ("forged", [replace(given(), signature=given(b"else").signature)]),
    ("unknown-requester", [given(requester="nobody")]),
    ("no-reason", [given(by=LAN, emergency=True)]),
    ("not-yet", [given(at=NOW + HOUR, expires=NOW + 2 * HOUR)]),
    ("expired", [given(expires=NOW)]),
    ("too-long", [given(at=NOW, expires=NOW + LONGEST + 1)]),
    ("too-long", [given(emergency=True, reason="x", at=NOW, expires=NOW + LONGEST_EMERGENCY + 1)]),
    ("other-purpose", [given(what=What.REVOCATIONS)]),
    ("other-issuer", [given(issuer="another")]),
    ("other-content", [given(b"else")]),
    ("other-content", [given(count=2)]),
]


@pytest.mark.parametrize(("code", "approvals"), REFUSED)
def test_what_is_no_agreement_to_this_is_refused(people: People, code: str, approvals: list[Approval]) -> None:
    with pytest.raises(Declined) as caught:
        check(approvals, NEED, people, NOW)
    assert code == caught.value.code


def test_in_an_emergency_the_requester_may_approve_with_a_reason(people: People) -> None:
    loud = given(by=LAN, emergency=True, reason="máy chủ ngừng", at=NOW, expires=NOW + LONGEST_EMERGENCY)
    assert loud == check([loud], NEED, people, NOW)


def test_two_approvals_of_one_person_are_not_two(people: People) -> None:
    with pytest.raises(Declined, match="two people"):
        check_two([given(), given(reason="again")], NEED, people, NOW)
    check_two([given(), given(by=MINH)], NEED, people, NOW)


def test_what_needs_an_approval_ends_with_four_and_what_is_wrong_with_two(people: People) -> None:
    found = {}
    for code, approvals in REFUSED:
        with pytest.raises(Declined) as caught:
            check(approvals, NEED, people, NOW)
        found[code] = caught.value.exit_code
    assert (4, 4, 2) == (found["unapproved"], found["same-person"], found["forged"])


def test_a_refusal_survives_the_wire_whatever_it_says() -> None:
    told = declined("replay", {"act": "7", "code": "x", "self": "y"})
    assert "these bytes were signed already (act 7 of the signer's log)" == str(told)
    assert "the signer refuses this" == str(declined("of a later version", {}))
    assert "(act ? of" in str(declined("replay", {}))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        given().content().replace(b'":', b'": ', 1),
        given().content().replace(b'"count":1', b'"count":true'),
        given().content().replace(b'"count":1', b'"count":1.0'),
        given().content().replace(b'"what":"certificates"', b'"what":"anything"'),
        given().content().replace(b'{"approver"', b'{"more":1,"approver"'),
        replace(given(), digest=b"short").content(),
        b"\xff\xfe",
    ],
)
def test_what_is_not_in_its_one_form_is_no_approval(content: bytes) -> None:
    with pytest.raises(InputError, match="not an approval") as caught:
        parse(content, "approvals/1.json")
    assert "approvals/1.json" == caught.value.place


def test_an_approval_holds_until_its_end_and_not_at_it(people: People) -> None:
    approval = given(expires=NOW + SECOND)
    check([approval], NEED, people, NOW + SECOND - 1)
    with pytest.raises(Declined, match="has ended"):
        check([approval], NEED, people, NOW + SECOND)
