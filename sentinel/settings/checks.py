"""Checks of settings: each gives what is wrong with a value, or ""."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

_DEADLINES: Final = 2


def one_of(*choices: str) -> Callable[[str], str]:
    """Check that a text is one of some."""

    def check(value: str) -> str:
        shown = ", ".join(choice or '""' for choice in choices)
        return "" if value in choices else _("must be one of {choices}").format(choices=shown)

    return check


def zone(value: str) -> str:
    """Check that a text names a time zone (IANA)."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError):  # unknown (ZoneInfoNotFoundError), a folder, a path
        return _("is no time zone")
    return ""


def zone_or_none(value: str) -> str:
    """Check that a text names a time zone, or is empty."""
    return zone(value) if value else ""


def pattern(value: str) -> str:
    """Check that a text is a regular expression."""
    try:
        re.compile(value)
    except re.error as error:
        return _("is no regular expression ({reason})").format(reason=error)
    return ""


def deadlines(value: dict[str, str]) -> str:
    """Check that every level has two spans of time."""
    from sentinel.model.duration import is_duration
    from sentinel.model.severity import Level

    levels = [level.label for level in Level]
    for level, text in value.items():
        if level not in levels:
            return _("names '{name}', which is no level").format(name=level)
        parts = text.split("/")
        if len(parts) != _DEADLINES or not all(part.strip() in {"", "-"} or is_duration(part) for part in parts):
            return _("needs two spans of time such as 15m/4h for {level}").format(level=level)
    return ""


def reasons(value: tuple[str, ...]) -> str:
    """Check that each is a reason for which alerts are closed."""
    from sentinel.model.alert import Reason

    known = [reason.value for reason in Reason]
    wrong = [each for each in value if each not in known]
    return _("must be some of {choices}").format(choices=", ".join(known)) if wrong else ""


def span(value: str) -> str:
    """Check that a text is a span of time."""
    from sentinel.model.duration import is_duration

    return "" if is_duration(value) else _("must be a span of time such as 90m, 12h or 7d")


def not_negative(value: int) -> str:
    """Check that a number is not negative."""
    return "" if value >= 0 else _("must not be negative")
