"""What somebody likely meant, told as a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST: Final = 12
"""Choices that are told where none is near."""


def did_you_mean(text: str, choices: Iterable[str]) -> str:
    """Give the choice that is nearest to a text as a question, else the choices, where they are few."""
    from difflib import get_close_matches

    known = sorted(choices)
    if like := get_close_matches(text, known, n=1):
        return _("did you mean '{name}'?").format(name=like[0])
    return ", ".join(known) if len(known) <= _MOST else ""
