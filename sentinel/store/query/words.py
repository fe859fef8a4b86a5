r"""What a word or phrase means: escapes, wildcards, and the paths of Windows.

A backslash before a character that means something to the language (`+ - & | ! ( ) { } [ ] ^ " ~ * ? : \ / < > =` or
a space) makes it an ordinary one. Before any other character (`\W` in `C:\Windows`, `\_`, `\.`, a letter of any script)
it is a backslash, and shows that the text is one of Windows: then *every* backslash of it is a backslash, and `*` and
`?` behind one are wildcards (`C:\Windows\*`, `\\server\share\*`), but `\:` is a colon. In a word of Windows `\ `, `\(`
and their like could mean either, and are refused; in a phrase `\"` stays a quote, and `\\` before the closing quote is
one backslash. At the end of a word a lone backslash is one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sentinel.language import _
from sentinel.store.query.caret import wrong
from sentinel.store.query.text import Wildcard, pieces

if TYPE_CHECKING:
    from collections.abc import Iterable

SPECIAL: Final = frozenset('+-&|!(){}[]^"~*?:\\/<>=')
# A character with the backslash before it.
_UNIT: Final = re.compile(r"\\?.", re.DOTALL)
# The same where backslashes are backslashes; `ambiguous` are those that would end the word.
_WINDOWS_UNIT: Final = re.compile(r'\\:|(?P<ambiguous>\\[\s(){}\[\]"])|.', re.DOTALL)
_WINDOWS_QUOTED: Final = re.compile(r'\\"|\\\\\Z|.', re.DOTALL)
_WILDCARDS: Final = frozenset(wildcard.value for wildcard in Wildcard)
_SEVERAL: Final = re.compile(r"(?P<kept>\\.)|\*+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A word as it is meant, in NFC: its pattern (see `tree.Like`), and its text, None where it has wildcards."""

    pattern: str
    text: str | None


def word(typed: str, query: str, at: int) -> Spelling:
    """Read a word that stands in a query at a character; raise InputError where it can be read two ways."""
    units = _units(typed, query, at)
    pattern = "".join(unit if unit in _WILDCARDS else escaped(unit[-1]) for unit in units)
    pattern = unicodedata.normalize("NFC", _SEVERAL.sub(lambda found: found["kept"] or "*", pattern))
    parts = list(pieces(pattern))
    wild = any(isinstance(part, Wildcard) for part in parts)
    return Spelling(pattern, None if wild else "".join(part for part in parts if isinstance(part, str)))


def name(typed: str, query: str, at: int) -> str:
    """Read the name of a field; `*` stands in it for any characters."""
    return unicodedata.normalize("NFC", "".join(unit[-1] for unit in _units(typed, query, at)))


def phrase(typed: str) -> str:
    """Read what stands between quotes."""
    units = _WINDOWS_QUOTED if of_windows(typed) else _UNIT
    return unicodedata.normalize("NFC", "".join(unit[-1] for unit in units.findall(typed)))


def expression(typed: str) -> str:
    r"""Read what stands between slashes: `\/` is a slash, all else is the expression's."""
    units = _UNIT.findall(typed)
    return unicodedata.normalize("NFC", "".join("/" if unit == r"\/" else unit for unit in units))


def escaped(text: str) -> str:
    """Write a text as a pattern that only it fits."""
    return "".join(f"\\{character}" if character in "*?\\" else character for character in text)


def _units(typed: str, query: str, at: int) -> Iterable[str]:
    if not of_windows(typed):
        return _UNIT.findall(typed)
    units = list(_WINDOWS_UNIT.finditer(typed))
    for unit in units:
        if unit["ambiguous"]:
            message = _("'{text}' in a Windows path can be read two ways").format(text=unit[0])
            raise wrong(query, at + unit.start(), message, _("put the path in quotes"))
    return [unit[0] for unit in units]


def of_windows(typed: str) -> bool:
    """Tell whether a word or phrase has a backslash that can only be one."""
    units = _UNIT.findall(typed)
    return any(unit[0] == "\\" and not means_something(unit[1]) for unit in units if len(unit) > 1)


def means_something(character: str) -> bool:
    """Tell whether a character means something to the language, so that a backslash escapes it."""
    return character in SPECIAL or character.isspace()
