"""The engine agrees with a plain evaluator that looks at one event at a time."""

from __future__ import annotations

import fnmatch
import unicodedata
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.detect.builders import Event, Json, compiled, event, found, rule

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

# A question: field, modifiers, and of the values any; None is null.
Question: TypeAlias = "tuple[str, tuple[str, ...], tuple[str | int | None, ...]]"
# A formula: a question, or an operator and its operands.
Formula: TypeAlias = "Question | tuple[str, list[Formula]]"

FIELDS = ["A", "B", "C"]
# Small, so that matches are common; with letters that grow in lower case or decompose.
LETTERS = "abAB-ễỄeK "
TEXTS = st.one_of(
    st.text(LETTERS, max_size=5),
    st.text(LETTERS, max_size=5).map(lambda text: unicodedata.normalize("NFD", text)),
    st.sampled_from(["", "ab", "ba", "aab", "x" * 50 + "ab"]),
)
SCALARS: SearchStrategy[Json] = st.one_of(st.none(), TEXTS, st.integers(0, 12), st.booleans())
EVENTS: SearchStrategy[dict[str, Json]] = st.dictionaries(
    st.sampled_from(FIELDS), st.one_of(SCALARS, SCALARS, st.lists(SCALARS, max_size=3))
)
MODIFIERS = st.sampled_from([(), ("contains",), ("startswith",), ("endswith",), ("cased",), ("contains", "cased")])


@st.composite
def questions(draw: st.DrawFn) -> Question:
    modifiers = draw(MODIFIERS)
    text = st.text(LETTERS + "*?", min_size=1 if modifiers else 0, max_size=4)
    plain = () if modifiers else (st.none(), st.integers(0, 12))
    values = draw(st.lists(st.one_of(text, *plain), min_size=1, max_size=3))
    return draw(st.sampled_from(FIELDS)), modifiers, tuple(values)


def combined(inner: SearchStrategy[Formula]) -> SearchStrategy[Formula]:
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        st.tuples(st.just("and"), several),
        st.tuples(st.just("or"), several),
        st.tuples(st.just("not"), st.lists(inner, min_size=1, max_size=1)),
    )


FORMULAS: SearchStrategy[Formula] = st.recursive(questions(), combined, max_leaves=5)

# ── the plain evaluator ───────────────────────────────────────────────────────────────────────────────────────────────


def texts_of(value: Json) -> list[str]:
    match value:
        case None:
            return []
        case list():
            return [text for each in value for text in texts_of(each)]
        case bool():
            return [str(value).lower()]
        case _:
            return [unicodedata.normalize("NFC", str(value))]


def answers(question: Question, record: dict[str, Json]) -> bool:
    field, modifiers, values = question
    texts = texts_of(record.get(field))
    return any(
        not texts if value is None else any(fits(text, str(value), modifiers) for text in texts) for value in values
    )


def fits(text: str, value: str, modifiers: tuple[str, ...]) -> bool:
    pattern = unicodedata.normalize("NFC", value)
    pattern = pattern if not {"contains", "endswith"} & set(modifiers) else "*" + pattern
    pattern = pattern if not {"contains", "startswith"} & set(modifiers) else pattern + "*"
    if "cased" not in modifiers:
        text, pattern = text.lower(), pattern.lower()
    return fnmatch.fnmatchcase(text, pattern)


def holds(formula: Formula, record: dict[str, Json]) -> bool:
    match formula:
        case ("and", list() as inner):
            return all(holds(each, record) for each in inner)
        case ("or", list() as inner):
            return any(holds(each, record) for each in inner)
        case ("not", list() as inner):
            return not holds(inner[0], record)
        case (str() as field, tuple() as modifiers, tuple() as values):
            return answers((field, modifiers, values), record)
    raise AssertionError(formula)


# ── the same as a rule ────────────────────────────────────────────────────────────────────────────────────────────────


def written(formula: Formula) -> str:
    selections: list[str] = []
    condition = _condition(formula, selections)
    return rule("\n".join([*selections, f"condition: {condition}"]))


def _condition(formula: Formula, selections: list[str]) -> str:
    match formula:
        case ("not", list() as inner):
            return f"not ({_condition(inner[0], selections)})"
        case (str() as operator, list() as inner):
            return "(" + f" {operator} ".join(_condition(each, selections) for each in inner) + ")"
        case (str() as field, tuple() as modifiers, tuple() as values):
            name = f"s{len(selections)}"
            listed = ", ".join("null" if value is None else repr(value) for value in values)
            selections.append(f"{name}: {{'{'|'.join([field, *modifiers])}': [{listed}]}}")
            return name
    raise AssertionError(formula)


def check(formulas: list[Formula], records: list[dict[str, Json]]) -> None:
    events: list[Event] = [event(**record) for record in records]
    ruleset = compiled(*map(written, formulas))
    assert () == ruleset.rejections
    expected = {
        number: rows
        for number, formula in enumerate(formulas)
        if (rows := [row for row, record in enumerate(records) if holds(formula, record)])
    }
    assert expected == found(ruleset, events)
    for at_a_time in (1, 3):
        assert expected == found(ruleset, events, at_a_time=at_a_time)


RULESETS = st.lists(FORMULAS, min_size=1, max_size=4)
BATCHES = st.lists(EVENTS, max_size=12)


@example([("A", (), (None,)), ("not", [("A", (), ("*",))])], [{}, {"A": ""}, {"A": []}, {"A": [None, ""]}])
@example(
    [("A", ("contains",), ("ab",)), ("B", ("endswith",), ("b",))], [{"A": "a"}, {"A": "b", "B": "B"}, {"A": ["a", "b"]}]
)
@example(
    [("and", [("A", ("startswith",), ("?",)), ("not", [("A", ("cased",), ("ab",))])])],
    [{"A": "AB"}, {"A": "ab"}, {"A": ""}],
)
@given(RULESETS, BATCHES)
def test_the_engine_agrees_with_a_plain_evaluator(formulas: list[Formula], records: list[dict[str, Json]]) -> None:
    check(formulas, records)


@pytest.mark.deep
@settings(max_examples=3_000)
@given(RULESETS, BATCHES)
def test_the_engine_agrees_at_length(formulas: list[Formula], records: list[dict[str, Json]]) -> None:
    check(formulas, records)
