"""Keywords without a field: found in any value of an event, never in its keys or in how JSON writes it."""

from __future__ import annotations

import unicodedata

import pytest

from tests.detect.builders import Event, event, hits

HEAD = b'{"Channel": "Security", "SourceName": "S", "EventID": 1, '


def written(fields: bytes) -> bytes:
    """Give an event as its writer wrote it."""
    return HEAD + fields + b"}"


def test_a_keyword_is_found_within_any_value_ignoring_case() -> None:
    events = [
        event(A="say MIMIKATZ"),
        event(B="x", C="mimikatz.exe"),
        event(A="mimi", B="katz"),
        event(A=["x", "MimiKatz"]),
    ]
    assert [0, 1, 3] == hits("selection: [mimikatz]", *events)


def test_of_several_keywords_any_serves() -> None:
    assert [0, 1] == hits("selection: [one, two]", event(A="one"), event(A="two"), event(A="three"))


def test_all_keywords_may_stand_in_different_values() -> None:
    events = [event(A="one", B="two"), event(A="one"), event(A="two one")]
    assert [0, 2] == hits("selection: {'|all': [one, two]}", *events)


def test_a_keyword_may_be_a_regular_expression() -> None:
    events = [event(A="x12"), event(A="x1"), event(A="X12")]
    assert [0] == hits(r"selection: {'|re': 'x\d{2}'}", *events)
    assert [0, 2] == hits(r"selection: {'|re|i': 'x\d{2}'}", *events)


def test_keywords_and_maps_may_stand_in_one_list() -> None:
    events = [event(A="one"), event(F="x"), event(F="y")]
    assert [0, 1] == hits("selection: [one, {F: x}]", *events)


def test_a_keyword_may_hold_wildcards() -> None:
    events = [event(A="xxab--cdyy"), event(A="ab", B="cd"), event(A="abxcd")]
    assert [0, 2] == hits("selection: ['ab*cd']", *events)
    assert [2] == hits("selection: ['ab?cd']", *events)


def test_a_keyword_may_be_a_number() -> None:
    assert [0, 1] == hits("selection: [1337]", event(A=91337), event(A="port 1337"), event(A=133))


def test_a_keyword_may_be_a_network() -> None:
    assert [0] == hits("selection: {'|cidr': 192.0.2.0/24}", event(A="192.0.2.1"), event(A="192.0.3.1"))


def test_a_negated_keyword_hits_the_others() -> None:
    events = [event(A="one two"), event(A="one"), event(A="two"), event(A="one", B="TWO")]
    assert [1] == hits("a: [one]\nb: [two]\ncondition: a and not b", *events)
    assert [1] == hits("a: {A: one}\nb: [two]\ncondition: a and not b", *events)
    assert [2] == hits("a: [one]\ncondition: not a", *events)


def test_a_keyword_is_found_in_system_values() -> None:
    assert [0] == hits("selection: ['microsoft-windows-sysmon']", event())


@pytest.mark.parametrize(
    "event",
    [
        event(secretkey="x"),
        event(A={"secretkey": "x"}),
        event(A={"deep": {"secretkey": "x"}}),
        event(A=[{"secretkey": "x"}]),
    ],
    ids=["flat", "an_object_within", "deep_within", "in_a_list"],
)
def test_a_keyword_is_never_a_key(event: Event) -> None:
    assert [] == hits("selection: [secretkey]", event)


@pytest.mark.parametrize(
    ("keyword", "fields"),
    [
        ("u0041", b'"A": "\\u0041"'),
        ("nope", b'"A": "a\\nope"'),
        ("u1ec5n", b'"A": "\\u1ec5n"'),
        ("tab", b'"A": "x\\tab"'),
        ("A", b'"B": "\\u0042"'),
        ('": "', b'"B": "x"'),
    ],
)
def test_a_keyword_is_never_part_of_a_json_escape(keyword: str, fields: bytes) -> None:
    channel = b'{"Channel": "ch", "SourceName": "S", "EventID": 1, ' + fields + b"}"
    assert [] == hits(f"selection: ['{keyword}']", channel)


@pytest.mark.parametrize(
    ("keyword", "fields"),
    [
        ("mimikatz", b'"B": "mimi\\u006batz"'),
        ("mimikatz", b'"B": "\\u006D\\u0069MI\\u004batz"'),
        ("and/or", b'"B": "and\\/or"'),
        ("nguyễn", b'"B": "Nguy\\u1EC5n"'),
        ("nguyễn", '"B": "NGUYỄN"'.encode()),
        ("nguyễn", unicodedata.normalize("NFD", '"B": "Nguyễn"').encode()),
        (r"a\\b", b'"B": "a\\\\b"'),
        (r"a\\b", b'"B": "a\\u005cb"'),
        ('say "hello" now', b'"B": "say \\"hello\\" now"'),
        ("tabs\tand", b'"B": "tabs\\tand"'),
        ("ễ", b'"B": "\\u1ec5"'),
        ("k", b'"B": "\\u212a"'),
        ("𝒳", b'"B": "\\ud835\\udcb3"'),
        ("deep", b'"B": {"c": {"d": "so deep"}}'),
    ],
)
def test_a_keyword_is_found_however_json_writes_the_value(keyword: str, fields: bytes) -> None:
    text = f'selection:\n  - "{keyword}"' if "\t" in keyword else f"selection:\n  - '{keyword}'"
    assert [0] == hits(text, b'{"Channel": "C", "SourceName": "S", "EventID": 1, ' + fields + b"}")


def test_rules_with_and_without_keywords_answer_in_one_batch() -> None:
    events = [event(A=f"value {number}") for number in range(300)]
    events[77]["A"] = "the needle here"
    assert [77] == hits("a: [needle]\nb: {A|contains: value}\ncondition: a and not b", *events)
    assert [0, 77, 299] == hits("a: [needle]\nb: {A: ['value 0', 'value 299']}\ncondition: a or b", *events)
