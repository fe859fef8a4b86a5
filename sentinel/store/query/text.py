"""Texts as queries compare them, and patterns."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS: Final = frozenset({"Mn", "Mc", "Me"})
# Letters that no decomposition takes apart, but that people leave the stroke off.
_STROKED: Final = str.maketrans("đĐ", "dD")
# The one character that str.lower makes two of: its simple lower case (UnicodeData.txt, field 13) is one.
_DOTTED_I: Final = "\u0130"
_FINAL_SIGMA: Final = "Σ"
_PIECE: Final = re.compile(r"\\(?P<itself>[*?\\])|(?P<wildcard>[*?])|(?P<literal>(?s:.))")
_PUNCTUATION: Final = re.compile(r"([!-/:-@\[-^`{-~])")


class Wildcard(Enum):
    """What stands for other characters in a pattern."""

    ANY = "*"
    ONE = "?"


def bare(text: str, *, accents: bool = True) -> str:
    """Give a text in NFC; without its marks and with đ as d where accents do not count. Its case stays."""
    if accents or text.isascii():
        return unicodedata.normalize("NFC", text)
    apart = unicodedata.normalize("NFD", text)
    kept = "".join(character for character in apart if unicodedata.category(character) not in _MARKS)
    return unicodedata.normalize("NFC", kept).translate(_STROKED)


def fold(text: str, *, accents: bool = True) -> str:
    """Give what texts are compared by: `bare`, each character in simple lower case."""
    text = bare(text, accents=accents)
    if _FINAL_SIGMA in text:
        return "".join(map(_lower, text))
    return text.replace(_DOTTED_I, "i").lower()


def _lower(character: str) -> str:
    return "i" if character == _DOTTED_I else character.lower()


def pieces(pattern: str) -> Iterator[str | Wildcard]:
    """Take a pattern apart into wildcards and the texts between them, escapes undone."""
    literal: list[str] = []
    for found in _PIECE.finditer(pattern):
        if found["wildcard"] is None:
            literal.append(found["itself"] or found["literal"])
            continue
        if literal:
            yield "".join(literal)
            literal = []
        yield Wildcard(found["wildcard"])
    if literal:
        yield "".join(literal)


def widened(pattern: str) -> str:
    """Let a pattern begin and end anywhere."""
    parts = list(pieces(pattern))
    any_start = "" if parts and parts[0] is Wildcard.ANY else Wildcard.ANY.value
    any_end = "" if parts and parts[-1] is Wildcard.ANY else Wildcard.ANY.value
    return f"{any_start}{pattern}{any_end}" if parts else Wildcard.ANY.value


def like_expression(pattern: str, *, accents: bool = True) -> str:
    """Give a pattern as a regular expression (for RE2 and `re`) that folded texts match as a whole."""
    wildcards = {Wildcard.ANY: ".*", Wildcard.ONE: "."}
    return "(?s)" + "".join(
        wildcards[part] if isinstance(part, Wildcard) else _PUNCTUATION.sub(r"\\\1", fold(part, accents=accents))
        for part in pieces(pattern)
    )


def like_operand(pattern: str, *, accents: bool = True) -> str:
    r"""Give a pattern as the operand of SQL's LIKE ... ESCAPE '\', for folded texts."""
    wildcards = {Wildcard.ANY: "%", Wildcard.ONE: "_"}
    return "".join(
        wildcards[part] if isinstance(part, Wildcard) else re.sub(r"([\\%_])", r"\\\1", fold(part, accents=accents))
        for part in pieces(pattern)
    )


def whole_expression(expression: str, *, accents: bool = True) -> str:
    """Give a regular expression as typed so that bare texts match it by RE2, ignoring case, `.` being any character."""
    return f"(?is:{bare(expression, accents=accents)})"
