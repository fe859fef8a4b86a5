"""Errors of a query, with a caret below where they are."""

from __future__ import annotations

import unicodedata
from typing import Final

from sentinel.errors import InputError
from sentinel.language import _

# How much of a query is shown before and behind the place.
_BEFORE: Final = 50
_BEHIND: Final = 30
_NO_WIDTH: Final = frozenset({"Mn", "Me", "Cf"})
_UNSHOWN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def wrong(query: str, at: int, message: str, hint: str = "") -> InputError:
    """Make the error that something is wrong with a query at a character (from 0; its length is the end).

    The place is `column N`, by characters of the query as typed, from 1. Below the message stand the query, or what is
    around the place, and a caret, each in a line of its own; no character of the query breaks a line.
    """
    first = max(0, at - _BEFORE)
    around = "".join(map(_seen, query[first : at + _BEHIND]))
    before = sum(unicodedata.category(character) not in _NO_WIDTH for character in around[: at - first])
    message = "".join(map(_seen, message))
    place = _("column {number}").format(number=at + 1)
    return InputError(f"{message}\n  {around}\n  {' ' * before}^", place=place, hint=hint)


def _seen(character: str) -> str:
    """Give a character as it may stand on a terminal and in one line; others as a dot."""
    if character.isspace():
        return " "
    return "·" if unicodedata.category(character) in _UNSHOWN else character
