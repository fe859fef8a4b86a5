"""A field is a column, or every column that fits it."""

from __future__ import annotations

import pytest

from sentinel.model.field import FieldType
from sentinel.store.query.columns import asks, fits, of_column
from sentinel.store.query.tree import Contains, Equals, Exists, Leaf, Like


@pytest.mark.parametrize(
    ("field", "column", "expected"),
    [
        ("user.name", "user.name", True),
        ("user.name", "User.Name", False),
        ("user", "user.name", False),
        ("user.*", "user.name", True),
        ("*.name", "user.name", True),
        ("u*r.*e", "user.name", True),
        ("user.*", "xuser.name", False),
        ("user.na*x", "user.name", False),
        ("*", "a\nb", True),
        ("", "user.name", True),
        ("", "_overflow", False),
        ("*", "_overflow", False),
        ("_overflow", "_overflow", False),
        ("a.b", "a+b", False),
    ],
)
def test_a_field_is_its_column_or_those_that_fit(field: str, column: str, expected: bool) -> None:
    assert expected == fits(field, column)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FieldType.KEYWORD, True),
        (FieldType.IP, True),
        (FieldType.LONG, True),
        (FieldType.DATE, False),
        (FieldType.BOOLEAN, False),
    ],
)
def test_free_text_looks_into_texts_numbers_and_addresses(kind: FieldType, expected: bool) -> None:
    assert (expected, True) == (asks(Contains("", "x"), "f", kind), asks(Contains("f", "x"), "f", kind))


@pytest.mark.parametrize(
    ("leaf", "column", "expected"),
    [
        (Equals("event.*", "x"), "event.action", Equals("event.action", "x")),
        (Equals("event.*", "x"), "event.original", Contains("event.original", "x")),
        (Like("*", "x*y"), "message", Like("message", "*x*y*")),
        (Like("*", "x*y"), "user.name", Like("user.name", "x*y")),
        (Exists("*e"), "message", Exists("message")),
        (Equals("message", "x"), "message", Equals("message", "x")),
        (Contains("", "x"), "message", Contains("message", "x")),
    ],
)
def test_a_long_text_is_asked_for_words(leaf: Leaf, column: str, expected: Leaf) -> None:
    assert expected == of_column(leaf, column)
