"""Why a rule hit: the fields that carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentinel.detect.explain import matched_fields
from sentinel.model.batch import EventKind
from tests.detect.builders import compiled, rule

if TYPE_CHECKING:
    from sentinel.detect.explain import Text

SYSMON = EventKind("windows.sysmon", "microsoft-windows-sysmon/operational", "microsoft-windows-sysmon", "1")


def matched(detection: str, source: str = "{product: windows}", kind: EventKind = SYSMON, **event: Text) -> list[str]:
    ruleset = compiled(rule(detection, source))
    assert () == ruleset.rejections
    return list(matched_fields(ruleset, 0, kind, event))


def test_all_fields_of_an_and_carry_it_in_the_order_of_the_event() -> None:
    assert ["B", "A"] == matched("selection: {A: x, B|contains: y}", B="ayb", C="z", A="X")


def test_of_an_or_only_what_is_true_carries_it() -> None:
    detection = "a: {A: x}\nb: {B: y}\ncondition: a or b"
    assert ["B"] == matched(detection, A="other", B="y")
    assert ["A", "B"] == matched(detection, A="x", B="y")


def test_a_list_of_values_carries_by_the_value_that_fits() -> None:
    assert ["A"] == matched("selection: {A|endswith: [.exe, .dll]}", A="c.DLL", B=".exe")


def test_a_branch_that_fails_carries_nothing_though_one_of_its_atoms_is_true() -> None:
    detection = "a: {A: x, B: y}\nb: {C: z}\ncondition: a or b"
    assert ["C"] == matched(detection, A="x", B="other", C="z")


def test_what_stands_under_a_not_does_not_carry() -> None:
    detection = "a: {A: x}\nb: {B: y}\ncondition: a and not b"
    assert ["A"] == matched(detection, A="x", B="other")


def test_what_stands_under_two_nots_does() -> None:
    detection = "a: {A: x}\nb: {B: y}\nc: {C: z}\ncondition: not (b or not a) and not (c and b)"
    assert ["A"] == matched(detection, A="x", B="other", C="z")


def test_an_event_that_the_rule_does_not_hit_has_no_matched_field() -> None:
    assert [] == matched("selection: {A: x, B: y}", A="x", B="other")


def test_a_keyword_is_carried_by_the_fields_that_hold_it() -> None:
    assert ["B", "C"] == matched("keywords: ['*evil*']\ncondition: keywords", A="good", B="an Evil", C=["a", "evil b"])


def test_a_field_that_is_not_there_is_not_named() -> None:
    assert ["A"] == matched("selection: {A: x, B: null}", A="x")
    assert ["A", "B"] == matched("selection: {A: x, 'B|exists': true}", A="x", B="")


def test_two_fields_that_are_compared_carry_it_together() -> None:
    assert ["A", "B"] == matched("selection: {A|fieldref: B}", A="X", B="x", C="x")


def test_any_entry_of_a_field_with_several_values_carries_it() -> None:
    assert ["A"] == matched("selection: {A: y}", A=["x", "Y"])


@pytest.mark.parametrize(
    ("selection", "value"),
    [
        ("A|cidr: 192.0.2.0/24", "192.0.2.7"),
        ("A|gt: 5", "6"),
        ("A|re: ^a+$", "aaa"),
        ("A|cased: aB", "aB"),
        ("A: a*c?", "abcd"),
        ("A: Tài liệu", "ta\u0300i lie\u0323\u0302u"),
    ],
)
def test_every_way_to_ask_is_answered(selection: str, value: str) -> None:
    assert ["A"] == matched(f"selection: {{{selection}}}", A=value, B="other")


def test_the_names_are_those_of_the_log_that_the_event_stands_in() -> None:
    security = EventKind("windows.security", "security", "microsoft-windows-security-auditing", "4688")
    source = "{product: windows, category: process_creation}"
    event: dict[str, Text] = {"NewProcessName": "C:\\a.exe", "EventID": "4688", "Channel": "Security"}
    assert ["NewProcessName"] == matched("selection: {Image|endswith: a.exe}", source, security, **event)


def test_a_kind_of_event_that_the_rule_does_not_look_at_has_none() -> None:
    other = EventKind("windows.sysmon", "microsoft-windows-sysmon/operational", "microsoft-windows-sysmon", "3")
    assert [] == matched("selection: {A: x}", "{product: windows, category: process_creation}", other, A="x")
