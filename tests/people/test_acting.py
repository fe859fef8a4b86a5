"""Who acts: how it is proved, and what they may do."""

from __future__ import annotations

import pytest

from sentinel.crypto.keys import PrivateKey
from sentinel.errors import InputError, Refused
from sentinel.ledger.base import Signer
from sentinel.ledger.chain import Act, signed_bytes
from sentinel.people.acting import SENTINEL, Acting, by_key, by_os
from sentinel.people.register import People, Person
from sentinel.people.roles import PERMISSIONS, Role

KEY = PrivateKey.new()
OLD = PrivateKey.new()
LAN = Person(
    "lan.nguyen",
    "Nguyễn Thị Lan",
    frozenset({Role.ANALYST}),
    ("lan", "lan-admin"),
    (Signer("lan.nguyen", OLD.public, 1, 5), Signer("lan.nguyen", KEY.public, 5)),
)
PEOPLE = People("people.toml", (LAN, Person("an", "Lê An", frozenset({Role.VIEWER}), ("an",))))


def test_without_a_register_everybody_is_an_analyst() -> None:
    acting = by_os(People("people.toml", absent=True), 1000, "lan")
    assert Acting("lan", frozenset({Role.ANALYST}), "os:1000:lan", is_registered=False) == acting


def test_with_a_register_a_user_is_whom_it_says() -> None:
    assert Acting("lan.nguyen", LAN.roles, "os:7:lan-admin") == by_os(PEOPLE, 7, "lan-admin")


def test_with_a_register_nobody_else_may_act() -> None:
    with pytest.raises(Refused, match="the user 'root' is nobody who may act") as caught:
        by_os(PEOPLE, 0, "root")
    assert "people.toml" == caught.value.place
    assert "`sentinel people add NAME --os-user root`" in caught.value.hint


def test_an_empty_register_lets_nobody_act() -> None:
    with pytest.raises(Refused):
        by_os(People("people.toml"), 0, "root")


def test_a_key_proves_its_owner() -> None:
    acting = by_key(PEOPLE, KEY)
    assert ("lan.nguyen", LAN.roles, f"key:{KEY.public.fingerprint}") == (acting.name, acting.roles, acting.via)


def test_a_key_of_nobody_proves_nothing() -> None:
    with pytest.raises(Refused, match="is nobody's") as caught:
        by_key(PEOPLE, PrivateKey.new())
    assert "people key add" in caught.value.hint


def test_a_retired_key_proves_nothing_any_more() -> None:
    with pytest.raises(Refused, match=r"of lan\.nguyen is retired"):
        by_key(PEOPLE, OLD)


def test_what_is_done_with_a_key_carries_its_signature() -> None:
    acting = by_key(PEOPLE, KEY)
    act = Act(1, 2, acting.name, acting.via, "alerts.close", b"{}")
    signed = acting.signed(act)
    KEY.public.verify(signed.signature, signed_bytes(act))
    with pytest.raises(InputError):
        OLD.public.verify(signed.signature, signed_bytes(act))


def test_what_is_done_without_a_key_carries_none() -> None:
    act = Act(1, 2, "lan", "os:1:lan", "alerts.close", b"{}")
    assert act == by_os(PEOPLE, 1, "lan").signed(act)


def test_who_may_not_is_told_which_role_would_do() -> None:
    by_os(PEOPLE, 1, "lan").must("alerts.act")
    with pytest.raises(Refused, match="an may not act on alerts") as caught:
        by_os(PEOPLE, 1, "an").must("alerts.act")
    assert "it takes the role analyst or approver: `sentinel people change an --add-role analyst`" == caught.value.hint


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_the_tool_itself_may_do_all_and_a_viewer_nothing(permission: str) -> None:
    SENTINEL.must(permission)
    with pytest.raises(Refused):
        Acting("an", frozenset({Role.VIEWER}), "os:1:an").must(permission)


def test_a_key_is_not_shown_with_who_acts() -> None:
    assert "PrivateKey" not in repr(by_key(PEOPLE, KEY))


def test_where_nobody_is_registered_the_first_is_to_be_added() -> None:
    acting = by_os(People("people.toml", absent=True), 1000, "lan")
    with pytest.raises(Refused) as refused:
        acting.must("pki.request")
    assert (
        "nobody is registered yet: `sentinel people add lan --full-name TEXT --role pki-officer --os-user lan`"
        == refused.value.hint
    )
