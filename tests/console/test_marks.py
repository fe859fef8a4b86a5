"""What a query looked for is found in shown text, in any case and form."""

from __future__ import annotations

import unicodedata
from typing import Literal, TypeAlias

import pytest

from sentinel.console.marks import Marks
from sentinel.store.query.parse import parse

Form: TypeAlias = Literal["NFC", "NFD"]


def marked(query: str, text: str, *fields: str, accents: bool = True) -> list[str]:
    return [text[first:last] for first, last in Marks(parse(query, accents=accents)).of(fields)(text)]


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("whoami", "cmd /c WhoAmI /all", ["WhoAmI"]),
        ("who*all", "cmd /c whoami /all", ["who", "all"]),
        ('"delete shadows"', "vssadmin delete shadows", ["delete shadows"]),
        ("a", "banana", []),  # a letter would mark half of the page
        ("NOT whoami", "whoami", []),
        ("an OR (na AND NOT b)", "banana", ["an", "an", "na", "na"]),
        ("*", "banana", []),
        ("source.ip:10.0.0.0/8", "10.1.2.3", []),
        ("/wh.ami/", "whoami", []),
    ],
)
def test_texts_are_marked_wherever_they_stand(query: str, text: str, found: list[str]) -> None:
    assert sorted(found) == sorted(marked(query, text))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_vietnamese_is_marked_whole_composed_or_not(form: Form, typed: Form) -> None:
    text = unicodedata.normalize(form, "gửi BÁO CÁO tuần")
    query = unicodedata.normalize(typed, '"báo cáo"')
    assert [unicodedata.normalize(form, "BÁO CÁO")] == marked(query, text)
    assert [] == marked("bao", text)
    assert [unicodedata.normalize(form, "BÁO")] == marked("bao", text, accents=False)


def test_the_letter_d_with_a_stroke_is_found_without() -> None:
    assert ["Đăng"] == marked("dang", "Đăng nhập", accents=False)


def test_what_was_looked_for_in_a_field_is_marked_in_that_field_only() -> None:
    assert ["4"] == marked("event.code:4", "40", "event.code")
    assert [] == marked("event.code:4", "40", "http.response.status_code")
    assert ["cmd"] == marked("process.*:cmd", "cmd", "process.name")
