"""The reference of the query language says what is so: every example of it is asked."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sentinel.errors import InputError
from sentinel.model.ecs import BY_NAME
from sentinel.model.field import FieldType
from sentinel.store.query.parse import parse
from sentinel.store.query.tree import TEXT_FIELDS
from tests.store import naive
from tests.store.strategies import NOW, ZONE

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "query.md"
TEXT = PAGE.read_text(encoding="utf-8")
TYPES = {name: field.type for name, field in BY_NAME.items()}


def _rows(columns: int) -> list[list[str]]:
    """Give the rows of all tables with so many columns, their cells without the backquotes."""
    lines = [line[1:-1] for line in TEXT.splitlines() if line.startswith("| ")]
    rows = [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)] for line in lines]
    return [row for row in rows if len(row) == columns and row[0].startswith("`")]


def _code(cell: str) -> str:
    return cell.strip("`").replace("\\u031b", "\u031b").replace("\\u0301", "\u0301")


def _event(cell: str) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in json.loads(_code(cell)).items()}


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 - of any type, as JSON is
    if TYPES.get(name) is not FieldType.DATE:
        return value
    return (datetime.fromisoformat(value) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1) * 10**9


EXAMPLES = [
    (_code(query), event, expected)
    for query, _meaning, matching, other in _rows(4)
    for event, expected in ((matching, True), (other, False))
    if event
]


def test_there_are_examples() -> None:
    assert (110, 13) <= (len(EXAMPLES), len(_rows(3)))


@pytest.mark.parametrize(("query", "event", "expected"), EXAMPLES)
def test_an_example_matches_as_the_reference_says(query: str, event: str, expected: bool) -> None:
    assert expected == naive.matches(parse(query), _event(event), TYPES, ZONE, NOW)


@pytest.mark.parametrize(("query", "column"), [(_code(row[0]), row[1]) for row in _rows(3)])
def test_what_the_reference_says_is_refused_is(query: str, column: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(query)
    assert f"column {column}" == caught.value.place


def test_the_error_shown_is_the_one_given() -> None:
    with pytest.raises(InputError) as caught:
        parse("user.name:an or")
    assert f"error: {caught.value}\n  hint: {caught.value.hint}" in TEXT


def test_accents_are_ignored_as_the_reference_says() -> None:
    event = {"user.name": "Nguyễn Văn Đức"}
    asked = [parse("nguyen van duc", accents=accents) for accents in (False, True)]
    assert [True, False] == [naive.matches(each, event, TYPES, ZONE, NOW) for each in asked]


def test_the_long_texts_are_listed() -> None:
    listed = TEXT.partition("Long texts are ")[2].partition(". `*:denied`")[0]
    assert sorted(TEXT_FIELDS) == re.findall(r"`([^`]+)`", listed)
