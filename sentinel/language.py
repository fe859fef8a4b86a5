"""Texts in the reader's language: English or Vietnamese.

English is the source; every other language is a gettext catalogue under `sentinel/locale`. Texts are marked with `_`,
`n_` or `later`, values are filled in afterwards: `_("{count} files").format(count=7)`. `poe messages` collects them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sentinel.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from gettext import NullTranslations

SOURCE: Final = "en"
# Language code → its own name for itself.
LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "vi": "Tiếng Việt"}
# Where a language is looked for, first to last; the last three as POSIX orders them (XBD 8.2).
VARIABLES: Final = ("SENTINEL_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
DOMAIN: Final = "sentinel"
FOLDER: Final = os.path.join(os.path.dirname(__file__), "locale")  # noqa: PTH118, PTH120 - pathlib costs 4 ms here


class _Reader:
    """Who reads: the language in use and its catalogue, loaded when the first text is shown."""

    __slots__ = ("catalogue", "code")

    def __init__(self) -> None:
        self.code = ""
        self.catalogue: NullTranslations | None = None


_reader = _Reader()


def preferred(environ: Mapping[str, str]) -> str:
    """Give the code of the language that an environment asks for; English where it asks for none that we have."""
    for variable in VARIABLES:
        if wanted := environ.get(variable):
            code = wanted.replace("-", "_").partition("_")[0].partition(".")[0].lower()
            return code if code in LANGUAGES else SOURCE
    return SOURCE


def use(code: str) -> None:
    """Show every text in this language from now on; `""` follows the environment. Raise SettingsError for another."""
    if code and code not in LANGUAGES:
        raise SettingsError(
            _("no texts in language '{code}'").format(code=code),
            hint=_("languages: {languages}").format(languages=", ".join(LANGUAGES)),
        )
    _reader.code = code
    _reader.catalogue = None


def use_for_libraries() -> None:
    """Let Typer, which asks Python's own gettext, find its words in our catalogue; for the command line only."""
    import gettext

    os.environ["LANGUAGE"] = current()
    gettext.bindtextdomain(DOMAIN, FOLDER)
    gettext.textdomain(DOMAIN)


def current() -> str:
    """Give the code of the language in use."""
    return _reader.code or preferred(os.environ)


def _(text: str) -> str:
    """Give a text in the reader's language, or itself where it has no translation."""
    return _catalogue().gettext(text)


def n_(one: str, many: str, count: int) -> str:
    """Give the text for one thing or for many, by the plural rules of the reader's language."""
    return _catalogue().ngettext(one, many, count)


def later(text: str) -> str:
    """Mark a text of a table for the catalogue; whoever shows it passes it through `_`."""
    return text


def _catalogue() -> NullTranslations:
    if _reader.catalogue is None:
        import gettext

        code = current()
        _reader.catalogue = gettext.translation(DOMAIN, FOLDER, [code], fallback=code == SOURCE)
    return _reader.catalogue
