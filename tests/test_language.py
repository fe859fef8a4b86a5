"""Texts: which language, and that no Vietnamese one is missing."""

from __future__ import annotations

import ast
import unicodedata
from typing import TYPE_CHECKING

import pytest
from babel.messages.catalog import Catalog

from sentinel import language
from sentinel.errors import SettingsError
from sentinel.language import _, later, n_
from tests import messages

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({}, "en"),
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "vi"}, "vi"),
        ({"LANG": "vi-VN"}, "vi"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "vi_VN", "LC_ALL": "en_US"}, "en"),
        ({"LANG": "en_US", "LC_MESSAGES": "vi_VN"}, "vi"),
        ({"LC_ALL": "en_US", "SENTINEL_LANG": "vi"}, "vi"),
        ({"LC_ALL": "vi_VN", "SENTINEL_LANG": ""}, "vi"),
    ],
)
def test_the_first_variable_that_is_set_decides(environ: dict[str, str], code: str) -> None:
    assert code == language.preferred(environ)


def test_english_is_the_source() -> None:
    assert "unknown setting '{name}'" == _("unknown setting '{name}'")
    assert ("one", "many", "many") == (n_("one", "many", 1), n_("one", "many", 0), n_("one", "many", 2))
    assert "Show the version." == later("Show the version.")


def test_texts_are_vietnamese_once_it_is_chosen() -> None:
    language.use("vi")
    assert "Hiện phiên bản." == _("Show the version.")
    assert "no such text" == _("no such text")


def test_the_locale_is_followed_where_nothing_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")
    language.use("")
    assert ("vi", "Hiện phiên bản.") == (language.current(), _("Show the version."))


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingsError, match="no texts in language 'fr'") as caught:
        language.use("fr")
    assert "languages: en, vi" == caught.value.hint


def test_no_vietnamese_text_is_missing_fuzzy_stale_or_broken() -> None:
    assert [] == messages.faults("vi")


def marked_in_f_strings(path: Path) -> list[str]:
    """Give the texts that are marked inside an f-string, where the extractor of Python 3.11 does not see them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        f"{path.name}:{call.lineno}"
        for string in ast.walk(tree)
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in messages.KEYWORDS
        if isinstance(call.args[0], ast.Constant)
    ]


def test_no_text_is_marked_where_it_is_not_collected() -> None:
    assert [] == [place for path in messages.PACKAGE.rglob("*.py") for place in marked_in_f_strings(path)]


def test_vietnamese_is_written_in_whole_letters() -> None:
    text = messages.po_file("vi").read_text(encoding="utf-8")
    assert unicodedata.normalize("NFC", text) == text


@pytest.mark.parametrize(
    ("string", "flags", "fault"),
    [
        ("", (), "missing: '{count} files'"),
        ("{count} tệp", ("fuzzy",), "fuzzy: '{count} files'"),
        ("{cuont} tệp", (), "placeholders differ: '{count} files' -> '{cuont} tệp'"),
    ],
)
def test_a_faulty_translation_is_found(string: str, flags: tuple[str, ...], fault: str) -> None:
    catalogue = Catalog(locale="vi")
    catalogue.add("{count} files", string, flags=flags)
    text = Catalog().add("{count} files")
    assert [fault] == messages.faults_of(text, catalogue)
