from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.pki.office.an_office import MINH, SIGNER

if TYPE_CHECKING:
    from tests.pki.office.an_office import Office

HOA = ("--key", "hoa.pem", "--passphrase-file", "pass")


def proposed(office: Office, *words: str) -> str:
    """Propose a grant of two certificates a day; give the serial number of the one that it is like."""
    serial = office.issued()
    names = ("--names", "dns:*.trucvanban.gov.example", "--count", "2")
    office.run("grant", "propose", "liên thông", "--out", "g.json", "--like", serial, *names, *words)
    return serial


@pytest.fixture
def granted(office: Office) -> Office:
    proposed(office)
    office.run("grant", "approve", "g.json", *MINH)
    office.run("grant", "approve", "g.json", *HOA)
    office.run("grant", "give", "g.json", *SIGNER)
    return office


def issue(office: Office, host: str, code: int = 0) -> str:
    asked = office.asked(host)
    return office.run("grant", "issue", asked, "--grant", "liên thông", *SIGNER, code=code)


def test_two_people_give_a_grant_and_what_it_gives_is_issued_without_an_approval(granted: Office) -> None:
    assert "a.trucvanban.gov.example" in issue(granted, "a.trucvanban.gov.example")
    (standing,) = granted.told("grant", "list")["grants"]
    assert ("lan", ["minh", "hoa"], 1, None) == (
        standing["requester"], standing["approvers"], standing["used"], standing["withdrawn"],
    )  # fmt: skip
    assert [] == granted.told("show", granted.told("list", "--requests")["requests"][0]["id"])["approvals"]
    granted.run("audit", "verify")
    assert "liên thông" in granted.run("grant", "list")


def test_one_person_gives_no_grant_whoever_asks(office: Office) -> None:
    proposed(office)
    assert "two people" in office.run("grant", "give", "g.json", *SIGNER, code=4)
    office.run("grant", "approve", "g.json", *MINH)
    assert "two people" in office.run("grant", "give", "g.json", *SIGNER, code=4)
    assert "already" in office.run("grant", "approve", "g.json", *MINH, code=2)
    assert [] == office.told("grant", "list")["grants"]


def test_what_a_grant_does_not_give_stays_waiting(granted: Office) -> None:
    before = granted.told("list", "--requests")["requests"]
    assert "does not give the name" in issue(granted, "thu.gov.example", code=2)
    newest = granted.told("list", "--requests")["requests"][0]
    assert (len(before) + 1, "waiting") == (int(newest["id"][1:]), newest["state"])
    granted.run("approve", newest["id"], *MINH)


def test_a_grant_that_is_spent_gives_no_more_until_its_span_is_over(granted: Office) -> None:
    issue(granted, "a.trucvanban.gov.example")
    issue(granted, "b.trucvanban.gov.example")
    assert "2 certificates in" in issue(granted, "c.trucvanban.gov.example", code=2)
    assert 2 == granted.told("grant", "list")["grants"][0]["used"]


def test_one_approver_withdraws_a_grant(granted: Office) -> None:
    granted.run("grant", "withdraw", "liên thông", *HOA, *SIGNER)
    assert "withdrawn" in issue(granted, "a.trucvanban.gov.example", code=2)
    assert granted.told("grant", "list")["grants"][0]["withdrawn"]
    assert "no grant" in granted.run("grant", "withdraw", "liên thông", *HOA, *SIGNER, code=2)
    granted.run("audit", "verify")


def test_a_proposal_that_was_changed_has_no_approvals(office: Office) -> None:
    proposed(office)
    office.run("grant", "approve", "g.json", *MINH)
    office.run("grant", "approve", "g.json", *HOA)
    path = office.folder / "g.json"
    told = json.loads(path.read_text())
    told["statement"] = told["statement"].replace('"count":2', '"count":2000')
    path.write_text(json.dumps(told, ensure_ascii=False))
    assert "for something else" in office.run("grant", "give", "g.json", *SIGNER, code=4)
    assert [] == office.told("grant", "list")["grants"]


@pytest.mark.parametrize("content", ["", "{}", '{"statement":"{}","requester":"lan"}', "\x00"])
def test_what_is_no_proposal_is_told(office: Office, content: str) -> None:
    (office.folder / "g.json").write_text(content)
    office.run("grant", "give", "g.json", *SIGNER, code=2)
    office.run("grant", "approve", "không.json", *MINH, code=2)


def test_a_pattern_that_is_none_and_a_file_that_is_there_are_refused(office: Office) -> None:
    serial = proposed(office)
    words = "grant", "propose", "khác", "--like", serial, "--count", "2"
    office.run(*words, "--out", "h.json", "--names", "x:y", code=2)
    office.run(*words, "--out", "g.json", "--names", "dns:a.gov.example", code=2)


def test_there_may_be_no_grant(office: Office) -> None:
    assert "there is no grant" in office.run("grant", "list")


def test_a_request_says_which_grant_gave_it(granted: Office) -> None:
    issue(granted, "a.trucvanban.gov.example")
    asked = granted.told("list", "--requests")["requests"][0]["id"]
    assert "given by the grant liên thông, " in granted.run("show", asked)


def test_what_a_grant_gives_no_more_is_approved_as_any_other(granted: Office) -> None:
    for host in "ab":
        issue(granted, f"{host}.trucvanban.gov.example")
    issue(granted, "c.trucvanban.gov.example", code=2)
    asked = granted.told("list", "--requests")["requests"][0]["id"]
    said = granted.run("issue", asked, *SIGNER, code=4)
    assert f"`sentinel pki grant issue {asked} --grant 'liên thông'`; or `sentinel pki approve" in said
    granted.run("approve", asked, *MINH)
    assert "c.trucvanban.gov.example" in granted.run("issue", asked, *SIGNER)


def test_a_proposal_that_lacks_an_approval_is_told_before_a_passphrase_is_asked_for(office: Office) -> None:
    proposed(office)
    office.run("grant", "approve", "g.json", *MINH)
    assert "passphrase" not in office.run("grant", "give", "g.json", code=4)


def test_a_grant_has_a_name_that_can_be_read(office: Office) -> None:
    serial = office.issued()
    names = ("--names", "dns:*.trucvanban.gov.example", "--count", "2", "--like", serial, "--out", "x.json")
    for name in (" ", "a\x1bb", "x" * 65):
        assert "cannot be a name" in office.run("grant", "propose", name, *names, code=2)


def test_a_grant_stands_for_a_year_at_most(office: Office) -> None:
    serial = office.issued()
    call = ("grant", "propose", "lâu", "--out", "lau.json", "--like", serial, "--names", "dns:*.gov.example")
    said = office.run(*call, "--count", "3", "--lasts", "400d", code=2)
    assert "366 days at most" in said
