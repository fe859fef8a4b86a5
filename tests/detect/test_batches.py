"""Values side by side in one buffer: nothing is found across them, whatever their number, length or place."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sentinel.detect.match import FieldMatcher
from sentinel.detect.plan import Atom
from tests.detect.builders import Event, Json, compiled, event, found, hits, rule

ATOMS = {
    0: Atom("F", "contains", ("ab",)),
    1: Atom("F", "startswith", ("ab",)),
    2: Atom("F", "endswith", ("ab",)),
    3: Atom("F", "eq", ("ab",)),
    4: Atom("F", "glob", ("*", "=a", "?", "=b", "*")),
    5: Atom("F", "re", ("a.b",)),
    6: Atom("F", "eq", ("",)),
}


def answers(values: pa.StringArray) -> dict[int, list[int]]:
    return {number: codes.tolist() for number, codes in FieldMatcher(ATOMS).match(values, ATOMS).items()}


def test_text_that_crosses_from_one_value_into_the_next_is_not_found() -> None:
    assert [] == hits("selection: {F|contains: [ab, bc]}", *(event(F=value) for value in ["a", "b", "xb", "c", "a"]))
    assert [] == hits("selection: {F: [ab, 'a*b']}", *(event(F=value) for value in ["a", "b"]))


def test_anchors_are_those_of_the_value() -> None:
    values = ["xab", "ab", "abx", "b", "ab ", "cab", ""]
    assert {0: [0, 1, 2, 4, 5], 1: [1, 2, 4], 2: [0, 1, 5], 3: [1], 6: [6]} == answers(pa.array(values))


def test_empty_texts_shift_nothing() -> None:
    values = ["", "", "ab", "", "xab", "abx", "", "x", ""]
    assert {0: [2, 4, 5], 1: [2, 5], 2: [2, 4], 3: [2], 6: [0, 1, 3, 6, 8]} == answers(pa.array(values))


def test_a_slice_answers_like_a_copy() -> None:
    values = pa.array(["ab", "", "xab", "a-b", "abx", "", "ab"])
    for begin in range(len(values)):
        for length in range(1, len(values) - begin + 1):
            part = values.slice(begin, length)
            assert answers(pa.array(part.to_pylist())) == answers(part)


@pytest.mark.parametrize("values", [[""], ["", ""], ["é", "ab"], ["ẾAB", "İab", "Kab"]])
def test_texts_that_change_their_length_in_lower_case_keep_their_places(values: list[str]) -> None:
    expected = [number for number, value in enumerate(values) if value.lower().endswith("ab")]
    assert expected == answers(pa.array(values)).get(2, [])


def test_matches_that_overlap_are_all_found() -> None:
    texts = ["aaaa", "aa", "a"]
    assert [0, 1] == hits("selection: {F|contains: aa}", *(event(F=text) for text in texts))
    several = compiled(*(rule(f"selection: {{F|contains: {part}}}") for part in ["abcd", "bc", "bcd", "c", "cde"]))
    assert {0: [0], 1: [0], 2: [0], 3: [0]} == found(several, [event(F="abcd")])


def test_very_many_events_are_answered_as_few_are() -> None:
    events: list[Event] = [event(F=f"value {number}", G="x" * (number % 7)) for number in range(20_000)]
    expected = [number for number in range(20_000) if str(number).endswith("777") and number % 7 == 3]
    assert expected == hits("selection: {F|endswith: '777', G: xxx}", *events)


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 7, 64])
def test_how_events_are_batched_changes_nothing(at_a_time: int) -> None:
    values: list[Json] = ["ab", "", None, "xab", ["ab", "c"], 5, True, "abx", [], "ẾAB", {"a": "ab"}]
    events: list[Event] = [event(F=value, EventID=1 + number % 2) for number, value in enumerate(values * 3)]
    ruleset = compiled(
        rule("selection: {F|endswith: ab}"),
        rule("selection: {F: null}"),
        rule("selection: {F: ''}\ncondition: not selection"),
        rule("selection: [abx]"),
        rule("selection: {F: [5, true]}"),
    )
    assert found(ruleset, events) == found(ruleset, events, at_a_time=at_a_time)


def test_a_long_value_is_searched_to_its_end() -> None:
    assert [0] == hits("selection: {F|endswith: needle}", event(F="hay" * 1_000_000 + "needle"), event(F="hay"))
    assert [0] == hits("selection: {F: 'x*needle'}", event(F="x" + "hay" * 1_000_000 + "needle"), event(F="xhay"))
