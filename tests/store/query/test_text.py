"""Texts and patterns are compared as the tree says, in DuckDB as here."""

from __future__ import annotations

import re
import unicodedata
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.store.query import tree
from sentinel.store.query.text import (
    Wildcard,
    bare,
    fold,
    like_expression,
    like_operand,
    pieces,
    whole_expression,
    widened,
)
from tests.store import naive
from tests.store.strategies import queries, texts

FOLDED = {
    ("Nguyễn Văn ĐỨC", True): "nguyễn văn đức",
    ("Nguye\u0302\u0303n", True): "nguyễn",
    ("Nguyễn Văn ĐỨC", False): "nguyen van duc",
    ("Nguye\u0302\u0303n", False): "nguyen",
    ("ΣΑΣ", True): "σασ",
    ("İ", True): "i",
    ("STRAẞE straße", True): "straße straße",
    ("가", False): "가",
    ("", False): "",
}


def _oracle(accents: bool) -> naive.Oracle:
    return naive.Oracle({}, {}, accents, ZoneInfo("UTC"), 0)


@pytest.mark.parametrize(("text", "accents"), FOLDED)
def test_texts_are_folded(text: str, accents: bool) -> None:
    assert FOLDED[text, accents] == fold(text, accents=accents)


@given(st.one_of(texts, st.text()), st.booleans())
def test_folding_is_what_the_oracle_does(text: str, accents: bool) -> None:
    assert (_oracle(accents).bare(text), _oracle(accents).fold(text)) == (
        bare(text, accents=accents),
        fold(text, accents=accents),
    )


def test_duckdb_folds_every_character_so() -> None:
    every = [chr(code) for code in range(1, 0x110000) if unicodedata.category(chr(code)) not in {"Cs", "Cn"}]
    rows = duckdb.execute(
        "SELECT c, lower(nfc_normalize(c)), translate(lower(strip_accents(c)), 'đ', 'd') FROM (SELECT unnest(?) AS c)",
        [["x" + character for character in every]],
    ).fetchall()
    assert [] == [row for row in rows if row[1:] != (fold(row[0]), fold(row[0], accents=False))]


def test_a_pattern_has_wildcards_and_texts() -> None:
    assert ["a?", Wildcard.ANY, Wildcard.ONE, "\\b"] == list(pieces(r"a\?*?\\b"))


@pytest.mark.parametrize(
    ("pattern", "wide"), [("a", "*a*"), ("*a", "*a*"), (r"a\*", r"*a\**"), (r"a\\*", r"*a\\*"), ("", "*"), ("*", "*")]
)
def test_a_widened_pattern_begins_and_ends_anywhere(pattern: str, wide: str) -> None:
    assert wide == widened(pattern)


def _patterns(node: tree.Node) -> list[str]:
    if isinstance(node, tree.And | tree.Or):
        return [pattern for each in node.nodes for pattern in _patterns(each)]
    if isinstance(node, tree.Not):
        return _patterns(node.node)
    return [node.pattern] if isinstance(node, tree.Like) else []


@settings(max_examples=50)
@given(queries, st.lists(texts, min_size=1, max_size=8))
def test_patterns_fit_alike_as_expressions_in_like_and_for_the_oracle(query: tree.Query, values: list[str]) -> None:
    for pattern in _patterns(query.root):
        folded = [fold(value, accents=query.accents) for value in values]
        expected = [
            re.fullmatch(_oracle(query.accents).like(pattern), value, re.DOTALL) is not None for value in folded
        ]
        expression = like_expression(pattern, accents=query.accents)
        operand = like_operand(pattern, accents=query.accents)
        rows = duckdb.execute(
            r"SELECT v LIKE $2 ESCAPE '\', regexp_full_match(v, $3) FROM (SELECT unnest($1) AS v)",
            [folded, operand, expression],
        ).fetchall()
        assert [(fits, fits) for fits in expected] == rows
        assert expected == [re.fullmatch(expression, value) is not None for value in folded]


@pytest.mark.parametrize(
    ("expression", "value", "accents", "fits"),
    [
        ("ad.*", "ADMIN\nx", True, True),
        ("dmin", "admin", True, False),
        ("a|b", "ab", True, False),
        ("ĐỨC", "đức", True, True),
        ("ĐỨC", "duc", True, False),
        ("ĐỨC", "Duc", False, True),
        ("(?-i:a)", "A", True, False),
        (r"\pL+", "ếĐ", True, True),
    ],
)
def test_expressions_match_whole_values_in_duckdb(expression: str, value: str, accents: bool, fits: bool) -> None:
    whole = whole_expression(expression, accents=accents)
    assert (fits,) == duckdb.execute(
        "SELECT regexp_full_match($1, $2)", [bare(value, accents=accents), whole]
    ).fetchone()
