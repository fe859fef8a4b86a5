"""Text that is safe to show, and fits."""

from __future__ import annotations

import pytest

from sentinel import language
from sentinel.console.numbers import duration, number, size
from sentinel.console.text import fitted, visible, width_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Tiếng Việt → ok", "Tiếng Việt → ok"),
        ("[bold]x[/]", "[bold]x[/]"),
        ("\x1b[2J\x9b1m\x7f", r"\x1b[2J\x9b1m\x7f"),
        ("\u061c\u202egpj.exe\u2028", r"\u061c\u202egpj.exe\u2028"),
        ("\ud800", r"\ud800"),
    ],
)
def test_nothing_that_is_shown_can_be_obeyed(text: str, shown: str) -> None:
    assert shown == visible(text)


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("abc", 5, "abc  "), ("abcdef", 4, "abc…"), ("日本語", 4, "日… "), ("ab cd", 4, "ab… "), ("abc", 1, "…")],
)
def test_a_text_takes_exactly_its_width(text: str, width: int, shown: str) -> None:
    assert (shown, width) == (fitted(text, width), width_of(fitted(text, width)))


def test_a_path_keeps_its_end() -> None:
    assert "…/b.evtx" == fitted("/cases/host/b.evtx", 8, from_left=True)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("en", ["1,234", "1.2 MB", "999 B", "0.4 s", "0.04 s", "3 min 5 s"]),
        ("vi", ["1.234", "1,2 MB", "999 B", "0,4 giây", "0,04 giây", "3 phút 5 giây"]),
    ],
)
def test_numbers_are_written_as_the_reader_writes_them(code: str, shown: list[str]) -> None:
    language.use(code)
    assert shown == [number(1234), size(1_200_000), size(999), duration(0.42), duration(0.042), duration(185)]
