from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import InputError, Refused, StoreError
from sentinel.ledger.verify import Ledger, examine
from sentinel.pki.model import Reason
from sentinel.pki.register.asking import approvals_of, approve, ask, items_of, reject
from sentinel.pki.register.audit import audit
from sentinel.pki.register.file import Register
from sentinel.pki.register.founding import found
from sentinel.pki.register.issuing import FIRST, GROUP, LOCK, Came, Issuance
from sentinel.pki.register.revoking import Listing, listed, listing, record_list, restore, revoke, shards
from sentinel.pki.register.tables import NAME, State
from sentinel.pki.signing.approvals import Approval, What
from tests.pki.register.an_authority import ISSUER, LAN, MINH, NOW, S, Signing, an_item, entry, finish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sentinel.pki.register.file import Request


def an_approval(request: Request) -> Approval:
    what = What.CERTIFICATES, "agencies", request.digest, request.count, request.requester
    return Approval(*what, "minh", NOW * S, (NOW + 3600) * S)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with closing(Register(tmp_path, write=True)) as register:
        found(register, ISSUER, "issuing", "", LAN, NOW * S)
        yield register


def asked(register: Register, *numbers: int, shard: int = 0) -> Request:
    return ask(register, "agencies", [an_item(number, shard=shard) for number in numbers], LAN, NOW * S, "máy chủ mới")


def approved(register: Register, request: Request) -> Request:
    return approve(register, request, an_approval(request), MINH, NOW * S + 1, lambda _request: None)


def issuance(register: Register, signing: Signing | None = None) -> Issuance:
    return Issuance(register, signing or Signing(), finish, lambda: NOW * S + 2)


def issued(register: Register, *numbers: int, shard: int = 0) -> None:
    request = approved(register, asked(register, *numbers, shard=shard))
    assert Came(len(numbers)) == issuance(register).issue(request, LAN)


def faults(register: Register) -> list[tuple[str, str]]:
    histories = register.histories
    ledger = Ledger(histories.origin, histories.act_rows(), histories.entry_rows(), histories.heads())
    assert () == examine(ledger).faults
    return audit(register, entry).faults


def test_an_approved_request_becomes_certificates(register: Register) -> None:
    request = asked(register, 1, 2)
    assert (State.WAITING, "lan", 2, "máy chủ mới") == (request.state, request.requester, request.left, request.purpose)
    assert [an_item(1).order.names] == [items_of(register, request)[0].order.names]
    request = approved(register, request)
    assert Came(2) == issuance(register).issue(request, LAN)
    first, second = register.find()
    assert ("pc1.gov.example", "dns:pc2.gov.example", State.ISSUED) == (first.subject, second.names, second.state)
    assert first == register.certificate(first.serial[:26] + first.serial[26:])
    assert b"pc1.gov.example" in register.der(first.number)
    request = register.request(request.id)
    assert (State.DONE, 0, []) == (request.state, request.left, faults(register))


def test_requests_larger_than_a_group_are_issued_in_several(register: Register) -> None:
    told: list[int] = []
    request = approved(register, asked(register, *range(FIRST + GROUP + 3)))
    assert Came(FIRST + GROUP + 3) == issuance(register).issue(request, LAN, told.append)
    assert ([FIRST, FIRST + GROUP, FIRST + GROUP + 3], []) == (told, faults(register))


def test_groups_are_small_where_signing_is_slow_so_that_nobody_waits_long(register: Register) -> None:
    told: list[int] = []
    signing = Signing()

    def each_takes_ten_milliseconds() -> int:
        return NOW * S + len(signing.made) * S // 100

    request = approved(register, asked(register, *range(250)))
    Issuance(register, signing, finish, each_takes_ten_milliseconds).issue(request, LAN, told.append)
    assert [100, 140, 180, 220, 250] == told


def test_what_nobody_approved_is_not_issued(register: Register) -> None:
    signing = Signing()
    request = asked(register, 1)
    with pytest.raises(Refused, match="not approved"):
        issuance(register, signing).issue(request, LAN)
    assert ({}, []) == (signing.made, register.find())


def test_an_approval_that_does_not_fit_leaves_nothing(register: Register) -> None:
    def check(request: Request) -> None:
        raise Refused(request.digest.hex())

    request = asked(register, 1)
    with pytest.raises(Refused, match=request.digest.hex()):
        approve(register, request, an_approval(request), MINH, NOW * S, check)
    assert (State.WAITING, []) == (register.request(request.id).state, faults(register))


@pytest.mark.parametrize("wrong", [{"requester": "hoa"}, {"approver": "hoa"}])
def test_an_approval_that_names_others_leaves_nothing(register: Register, wrong: dict[str, str]) -> None:
    request = asked(register, 1)
    with pytest.raises(Refused, match="hoa"):
        approve(register, request, replace(an_approval(request), **wrong), MINH, NOW * S, lambda _request: None)  # type: ignore[arg-type]
    assert (State.WAITING, []) == (register.request(request.id).state, faults(register))


@pytest.mark.parametrize("by", [LAN, MINH])
def test_a_refused_request_is_gone(register: Register, by: object) -> None:
    request = reject(register, asked(register, 1), by, NOW * S, "không cần nữa")  # type: ignore[arg-type]
    assert (State.REJECTED, 0, []) == (request.state, request.left, faults(register))
    with pytest.raises(InputError, match="rejected"):
        approved(register, request)


def test_what_was_approved_is_approved_again_once_that_has_ended(register: Register) -> None:
    request = approved(register, asked(register, 1))
    with pytest.raises(InputError, match="approved"):
        approved(register, request)
    later = (NOW + 3600) * S
    with pytest.raises(Refused, match="ended"):
        Issuance(register, Signing(), finish, lambda: later).issue(request, LAN)
    assert (1, []) == (register.request(request.id).left, register.find())
    request = approve(register, request, an_approval(request), MINH, later, lambda _request: None)
    assert (State.APPROVED, 2) == (request.state, len(approvals_of(register, request)))
    assert ([], Came(1)) == (faults(register), issuance(register).issue(request, LAN))


def test_what_was_signed_while_the_approval_held_is_finished_after_it(register: Register) -> None:
    signing = Signing()
    request = approved(register, asked(register, 1))
    failing = Issuance(register, signing, lambda *_given: b"".join([1]), lambda: NOW * S + 2)  # type: ignore[list-item]
    with pytest.raises(TypeError):
        failing.issue(request, LAN)
    assert (1, 0) == (len(signing.made), register.request(request.id).left)
    late = Issuance(register, signing, finish, lambda: (NOW + 7200) * S)
    late.issue(register.request(request.id), LAN)
    assert (State.DONE, []) == (register.request(request.id).state, faults(register))


def test_a_lock_that_cannot_be_taken_is_told_with_its_place(register: Register) -> None:
    (register.folder / LOCK).mkdir()
    with pytest.raises(StoreError) as caught:
        issuance(register).issue(approved(register, asked(register, 1)), LAN)
    assert str(register.folder / LOCK) == caught.value.place


def test_officers_do_not_approve_and_approvers_do_not_ask(register: Register) -> None:
    request = asked(register, 1)
    with pytest.raises(Refused):
        approve(register, request, an_approval(request), LAN, NOW * S, lambda _request: None)
    with pytest.raises(Refused):
        ask(register, "agencies", [an_item(1)], MINH, NOW * S, "x")


def test_what_was_intended_and_not_signed_is_signed_by_whoever_comes_next(register: Register) -> None:
    signing = Signing()
    signing.breaks_after = 1
    request = approved(register, asked(register, 1, 2, 3))
    with pytest.raises(ConnectionError):
        issuance(register, signing).issue(request, LAN)
    assert {State.INTENDED} == {row.state for row in register.find()}
    assert [] == faults(register)
    signing.breaks_after = None
    assert Came(3) == issuance(register, signing).recover()
    assert ({State.ISSUED}, 3, []) == ({row.state for row in register.find()}, len(signing.made), faults(register))
    assert Came(0) == issuance(register, signing).issue(register.request(request.id), LAN)
    assert State.DONE is register.request(request.id).state


def test_what_the_signer_refuses_afterwards_is_given_up(register: Register) -> None:
    signing = Signing()
    signing.breaks_after = 1
    request = approved(register, asked(register, 1, 2))
    with pytest.raises(ConnectionError):
        issuance(register, signing).issue(request, LAN)
    signing.refuses = "the approval has expired"
    assert Came(1, 1) == issuance(register, signing).recover()
    assert ([State.ISSUED, State.GIVEN_UP], []) == ([row.state for row in register.find()], faults(register))


def test_a_serial_number_is_never_used_twice(register: Register) -> None:
    item = an_item(1)
    for _ in range(2):
        ask(register, "agencies", [item], LAN, NOW * S, "x")
    first, second = (approved(register, each) for each in reversed(register.requests()))
    signing = Signing()
    assert Came(1) == issuance(register, signing).issue(first, LAN)
    with pytest.raises(InputError, match="serial"):
        issuance(register, signing).issue(second, LAN)
    assert (1, 1) == (len(register.find()), len(signing.made))


def test_revoked_certificates_are_listed_by_shard(register: Register) -> None:
    issued(register, 1, 2)
    issued(register, 3, shard=7)
    rows = register.find()
    outcomes = revoke(register, rows, Reason.KEY_COMPROMISE, LAN, (NOW + 5) * S, entry, "máy mất")
    assert [True, True, True] == [each.is_done for each in outcomes]
    again = revoke(register, rows[:1], Reason.SUPERSEDED, LAN, (NOW + 6) * S, entry)
    assert ["it is revoked already"] == [each.problem for each in again]
    authority = register.authority("agencies")
    assert [0, 7] == shards(register, authority)
    third = entry(int(rows[2].serial, 16), NOW + 5, Reason.KEY_COMPROMISE)
    assert [third] == list(listed(register, authority, 7))
    assert [] == list(listed(register, authority, 7, NOW + 100 * 86_400))
    assert ("key_compromise", []) == (register.find()[0].reason, faults(register))


def test_what_is_held_may_count_again_or_be_revoked_for_good(register: Register) -> None:
    issued(register, 1, 2)
    revoke(register, register.find(), Reason.HOLD, LAN, (NOW + 5) * S, entry)
    first, second = register.find()
    assert State.HELD is first.state
    assert [True] == [each.is_done for each in restore(register, [first], LAN, (NOW + 6) * S, "đã tìm thấy")]
    assert [True] == [
        each.is_done for each in revoke(register, [second], Reason.KEY_COMPROMISE, LAN, (NOW + 7) * S, entry)
    ]
    assert [State.ISSUED, State.REVOKED] == [row.state for row in register.find()]
    assert (1, []) == (len(list(listed(register, register.authority("agencies"), 0))), faults(register))


@pytest.mark.parametrize(
    ("revoked", "last", "is_listed"),
    [(1, 0, True), (1, 89, True), (1, 90, False), (120, 100, True), (120, 120, True), (120, 121, False)],
)
def test_an_entry_leaves_after_a_list_beyond_its_certificate_and_its_revocation(
    register: Register, revoked: int, last: int, is_listed: bool
) -> None:
    """A complete CRL lists all unexpired certificates, and one that was revoked appears on one list beyond its end."""
    issued(register, 1)  # for 90 days
    revoke(register, register.find(), Reason.KEY_COMPROMISE, LAN, (NOW + revoked * 86_400) * S, entry)
    at = NOW + last * 86_400 + (last == 90)  # the second after its end
    assert is_listed is bool(list(listed(register, register.authority("agencies"), 0, at * bool(last))))


def test_lists_are_numbered_upwards(register: Register) -> None:
    authority = register.authority("agencies")
    told = record_list(register, authority, 0, b"list", Listing(1, NOW, NOW + 100, 0), LAN, NOW * S)
    assert told == listing(register, authority, 0)
    with pytest.raises(InputError, match="number 1"):
        record_list(register, authority, 0, b"other", Listing(1, NOW, NOW + 100, 0), LAN, NOW * S)
    assert [] == faults(register)


@pytest.mark.parametrize(
    "change",
    [
        *(f"update certificate set {name} = 77 where number = 3" for name in (  # noqa: S608 - names of ours
            "serial", "request", "place", "profile", "agency", "subject", "names", "not_before", "not_after", "shard",
            "spki", "evidence", "tbs", "der", "item",
        )),
        *(f"update subject set {name} = 2 where number = 3" for name in ("state", "changed", "reason")),  # noqa: S608
        *(f"update request set {name} = 77 where number = 1" for name in (  # noqa: S608 - likewise
            "subject", "issuer", "requester", "at", "count", "digest", "purpose", "replaces", "leaves",
        )),
        *(f"update authority set {name} = 77" for name in (  # noqa: S608 - likewise
            "id", "kind", "parent", "algorithm", "key", "url", "policies", "certificate",
        )),
        "update certificate set der = (select der from certificate where number = 4) where number = 3",
        "delete from certificate where number = 3",
        "update request set number = 9 where number = 1",
        "delete from request where number = 1",
        "delete from name where certificate = 3",
        "insert into name values('vneid.gov.example', 3)",
        "delete from listed",
        "update listed set entry = x'00'",
        "insert into listed values(1, 0, 4, x'00')",
        "update list set number = 9",
        "delete from list",
        "update asked set tbs = x'00' where place = 0",
        "update asked set serial = x'09' where place = 0",
        "delete from asked where place = 1",
        *(f"update entry set kind = '{kind}', body = (select body from entry where kind = '{kind}') "  # noqa: S608
          "where number = (select max(number) from entry where kind = 'issued')" for kind in ("done", "founded")),
        "update entry set kind = 'revoked', body = '{\"reason\":\"x\",\"since\":1}' where kind = 'done'",
        "update entry set body = 7 where kind = 'issued'",
        "update entry set body = cast(replace(cast(body as text), 'lan', 'hoa') as blob) where kind = 'approved'",
        "update entry set body = cast(replace(cast(body as text), 'minh', 'lan') as blob) where kind = 'approved'",
    ],
)  # fmt: skip
def test_a_register_that_is_not_what_its_history_says_is_found(tmp_path: Path, change: str) -> None:
    with closing(Register(tmp_path, write=True)) as register:
        found(register, ISSUER, "issuing", "", LAN, NOW * S)
        issued(register, 1, 2)
        revoke(register, register.find()[:1], Reason.SUPERSEDED, LAN, (NOW + 5) * S, entry)
        record_list(register, register.authority("agencies"), 0, b"x", Listing(1, NOW, NOW + 9, 1), LAN, NOW * S)
        asked(register, 3, 4)
        assert [] == faults(register)
        numbers = [row.number for row in register.find()]
    with closing(sqlite3.connect(tmp_path / NAME)) as db, db:
        db.executescript(change)
    assert [3, 4] == numbers
    with closing(Register(tmp_path)) as register:
        assert audit(register, entry).faults


def test_what_a_request_is_for_is_said_in_a_few_words(register: Register) -> None:
    with pytest.raises(InputError, match="may take 2000"):
        ask(register, "agencies", [an_item(1)], LAN, NOW * S, "dài " * 600)
