"""What conditions, lists and maps of a detection mean, and what values they are compared with."""

from __future__ import annotations

import unicodedata

import pytest

from tests.detect.builders import Case, Json, each, event, hits, values_hit

PARTS = """
    sel_a: {A: x}
    sel_b: {B: x}
    other: {C: x}
    condition: """
NONE: dict[str, Json] = {}
A: dict[str, Json] = {"A": "x"}
B: dict[str, Json] = {"B": "x"}
C: dict[str, Json] = {"C": "x"}
AB, ABC = {**A, **B}, {**A, **B, **C}
SITUATIONS = [NONE, A, B, C, AB, ABC]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("sel_a", [A, AB, ABC]),
        ("not sel_a", [NONE, B, C]),
        ("sel_a and sel_b", [AB, ABC]),
        ("sel_a or sel_b", [A, B, AB, ABC]),
        ("sel_a and not sel_b", [A]),
        ("not sel_a and not sel_b", [NONE, C]),
        ("not (sel_a or sel_b)", [NONE, C]),
        ("not (sel_a and sel_b)", [NONE, A, B, C]),
        ("not not sel_a", [A, AB, ABC]),
        ("sel_a and sel_b or other", [C, AB, ABC]),
        ("sel_a and (sel_b or other)", [AB, ABC]),
        ("other or sel_a and sel_b", [C, AB, ABC]),
        ("((sel_a) and ((not (other))))", [A, AB]),
        ("1 of sel_*", [A, B, AB, ABC]),
        ("any of sel_*", [A, B, AB, ABC]),
        ("all of sel_*", [AB, ABC]),
        ("not 1 of sel_*", [NONE, C]),
        ("not all of sel_*", [NONE, A, B, C]),
        ("1 of them", [A, B, C, AB, ABC]),
        ("all of them", [ABC]),
        ("1 of *_a", [A, AB, ABC]),
        ("1 of sel_* and not other", [A, B, AB]),
        ("SEL_A".lower() + " and 1 of other", [ABC]),
        ("[sel_a and sel_b, other]", [C, AB, ABC]),
    ],
)
def test_a_condition_means_what_the_specification_says(condition: str, expected: list[dict[str, Json]]) -> None:
    numbers = hits(PARTS + condition, *(event(**each) for each in SITUATIONS))
    assert expected == [SITUATIONS[number] for number in numbers]


def test_of_them_passes_over_names_that_begin_with_an_underscore() -> None:
    assert [0] == hits("a: {A: x}\n_b: {B: x}\ncondition: all of them", event(A="x"), event(B="x"))


def test_entries_of_a_map_are_all_asked() -> None:
    assert [1] == hits("selection: {A: x, B: x}", event(A="x"), event(A="x", B="x"), event(B="x"))


def test_of_a_list_of_maps_any_serves() -> None:
    events = [event(A="x"), event(A="x", B="x"), event(C="x"), event(B="x")]
    assert [1, 2] == hits("selection: [{A: x, B: x}, {C: x}]", *events)


def test_a_field_may_be_asked_twice_with_different_modifiers() -> None:
    events = [event(A="ab"), event(A="a"), event(A="xb")]
    assert [0] == hits("selection: {A|startswith: a, A|endswith: b}", *events)


def test_a_rule_that_only_names_a_code_hits_every_such_event() -> None:
    assert [0, 2] == hits("selection: {EventID: 1}", event(), event(EventID=3), event())


VALUES = [
    Case("a number is its digits", "{F: 5}", [5, "5"], [50, "05", True, 5.5]),
    Case("a rule's digits are a number", "{F: '5'}", [5, "5"], [4, "5 "]),
    Case("a negative number", "{F: -1}", [-1, "-1"], [1]),
    Case("a fraction", "{F: 1.5}", [1.5, "1.5"], [1, 15]),
    Case("digits are found in numbers", "{F|contains: '46'}", [4688, "x46"], [48]),
    Case("a rule's text true is JSON's", "{F: 'true'}", [True, "true", "True", "TRUE"], [False, 1, "1"]),
    Case("a rule's true is the text's too", "{F: true}", [True, "true", "True"], [False, "yes", 1]),
    Case("a rule's false", "{F: false}", [False, "False"], [True, 0, "", None]),
    Case("null asks for no value", "{F: null}", [None, []], ["", "null", 0, "-", False]),
    Case("the empty text is a value", "{F: ''}", [""], [None, " ", 0, "-"]),
    Case("null beside the empty text", "{F: [null, '']}", [None, ""], ["x"]),
    Case("null beside text", "{F: [null, a]}", [None, "a"], ["", "b"]),
    Case("a dash is a dash", "{F: '-'}", ["-"], ["", None]),
    Case("blanks are kept", "{F: ' a '}", [" a "], ["a", " a"]),
    Case("an enormous integer keeps its digits", "{F: '18446744073709551617'}", [18446744073709551617], [1.8446744e19]),
    Case("any value of a list serves", "{F: a}", [["a", "b"], ["x", ["A"]], "a"], [["b"], [], "b"]),
    Case("values of a list are no one text", "{F|contains: 'a, b'}", [["a, b"]], [["a", "b"]]),
    Case("lists hold numbers and booleans", "{F: [5, 'true']}", [["x", 5], [True]], [[4, False]]),
    Case("a list's empty text", "{F: ''}", [["", "a"]], [["a"], []]),
    Case("a list with a null in it", "{F: a}", [[None, "a"]], [[None]]),
]
UNICODE = [
    Case("case folds outside ASCII", "{F: 'NGUYỄN ĐỨC'}", ["nguyễn đức", "Nguyễn Đức"], ["nguyen duc"]),
    Case(
        "text matches however it was composed",
        "{F|contains: 'trần'}",
        [unicodedata.normalize("NFC", "Ông Trần"), unicodedata.normalize("NFD", "Ông Trần")],
        ["tran", "Trân"],
    ),
    Case(
        "a rule may be written decomposed",
        "{F|endswith: '" + unicodedata.normalize("NFD", "hệ thống") + "'}",
        [unicodedata.normalize("NFC", "qt.Hệ Thống")],
        ["he thong"],
    ),
    Case(
        "a regular expression may be written decomposed",
        "{F|re: '" + unicodedata.normalize("NFD", "tỉn[hH]") + "'}",
        [unicodedata.normalize("NFC", "tỉnh"), unicodedata.normalize("NFD", "tỉnH")],
        ["tinh"],
    ),
    Case("letters beyond the first plane", "{F|startswith: '𝒳'}", ["𝒳yz"], ["xyz"]),
    Case("Cyrillic and Greek fold too", "{F: 'ПРИВЕТ ΔΟΚΙΜΗ'}", ["привет δοκιμη"], ["privet"]),
    Case("a sharp s stays one", "{F: 'straße'}", ["STRAßE"], ["STRASSE"]),
]
GUID, OTHER = "a1b2c3d4-0000-1111-2222-333344445555", "a1b2c3d4-0000-1111-2222-333344445556"
GUIDS = [
    Case(
        f"a GUID {name}",
        f"{{F: '{asked}'}}",
        [GUID, GUID.upper(), f"{{{GUID}}}", f"{{{GUID.upper()}}}"],
        [OTHER, f"x{GUID}", GUID[:-1]],
    )
    for name, asked in [("without braces", GUID.upper()), ("with braces", f"{{{GUID}}}")]
] + [
    Case("a GUID within text", f"{{F|contains: '{GUID}'}}", [f"x{GUID}y", GUID, f"{{{GUID}}}"], [OTHER]),
    Case("the beginning of a GUID", "{F|startswith: 'A1B2c3d4-'}", [GUID, f"{{{GUID}}}", "a1b2c3d4-x"], [f"x{GUID}"]),
    Case("the end of a GUID", "{F|endswith: '-333344445555'}", [GUID, f"{{{GUID}}}", "x-333344445555"], [OTHER]),
    Case("the beginning with its brace", "{F|startswith: '{a1b2'}", [GUID, f"{{{GUID}}}", "{a1b2"], ["a1b2"]),
]


@pytest.mark.parametrize("case", each([*VALUES, *UNICODE, *GUIDS]))
def test_a_value_is_compared_as_text_of_its_meaning(case: Case) -> None:
    assert case.hit == values_hit(case)


def test_values_that_are_all_text_or_all_lists_answer_alike() -> None:
    for value in [GUID, f"{{{GUID.upper()}}}"]:
        assert [0] == hits(f"selection: {{F: '{GUID}'}}", event(F=value), event(F="x"))
        assert [0, 1] == hits(f"selection: {{F: '{GUID}'}}", event(F=value), event(F=["x", value]), event(F="x"))


def test_a_field_that_is_missing_a_null_and_an_empty_text_are_told_apart() -> None:
    events = [event(), event(F=None), event(F=""), event(F="x")]
    assert [0, 1] == hits("selection: {F: null}", *events)
    assert [2] == hits("selection: {F: ''}", *events)
    assert [2, 3] == hits("selection: {F: null}\ncondition: not selection", *events)
    assert [0, 1, 3] == hits("selection: {F: ''}\ncondition: not selection", *events)


def test_what_an_event_is_answers_to_case_and_patterns_as_its_other_fields_do() -> None:
    events = [event(), event(SourceName="Other")]
    assert [0] == hits("selection: {Provider_Name|endswith: -SYSMON}", *events)
    assert [0] == hits("selection: {Provider_Name|contains|all: [microsoft, sysmon]}", *events)
    assert [1] == hits("selection: {Provider_Name|startswith: Micro}\ncondition: not selection", *events)
    assert [0, 1] == hits("selection: {Channel: '*Sysmon/*', EventID|lt: 2}", *events)


@pytest.mark.parametrize(
    "asked",
    ["Provider_Name|re: '^Microsoft-.*Sysmon$'", "Provider_Name|cased: Microsoft-Windows-Sysmon", "Channel|re: Sysmon"],
)
def test_exact_case_is_heeded_of_what_an_event_is(asked: str) -> None:
    assert [0] == hits(f"selection: {{{asked}}}", event())
