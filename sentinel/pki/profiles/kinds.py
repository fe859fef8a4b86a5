"""Kinds of values in profiles: each reads what TOML has, or says what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from sentinel.language import _, later
from sentinel.model.duration import is_duration, nanoseconds_of
from sentinel.pki.certificates.profile import FIELD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_SECOND: Final = 1_000_000_000
_OID: Final = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]{0,38})){1,30}")
_FIRST_ARCS: Final = 40
_LONGEST_TEXT: Final = 1000
_BRACE: Final = re.compile(r"[{}]")


class Wrong(Exception):  # noqa: N818 - what is found in a value; the reader makes an InputError of it
    """A value that is not what its field needs: what is wrong, and what would be right."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value: its name, what reads a value of TOML or raises Wrong, and what may stand there."""

    label: str
    read: Callable[[object], object]
    known: str = ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Give the hint for a name that is none of those known."""
    known = list(known)
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return _("did you mean '{name}'?").format(name=close[0])
    return _("known: {names}").format(names=", ".join(known))


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise Wrong(_("must be a text"))
    if any(unicodedata.category(each).startswith("C") for each in value):
        raise Wrong(_("holds a control character"))
    return unicodedata.normalize("NFC", value).strip()


def _named(value: object) -> str:
    if text := _text(value):
        return text
    raise Wrong(_("is empty"))


def _template(value: object) -> str:
    text = _text(value)
    if _BRACE.search(FIELD.sub("", text)):
        raise Wrong(
            _("holds a brace that belongs to no field"), _('write "{field}", or "{field?}" where it may be empty')
        )
    return text


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong(_("must be true or false"))
    return value


def _span(value: object) -> int:
    if not isinstance(value, str) or not is_duration(value):
        raise Wrong(_("must be a span of time such as 12h, 90d or 52w"))
    return nanoseconds_of(value) // _SECOND


def _pattern(value: object) -> str:
    try:
        re.compile(text := _text(value))
    except re.error as error:
        raise Wrong(_("is no regular expression ({reason})").format(reason=error)) from None
    return text


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise Wrong(_("must be a list of texts"))
    if twice := next((each for each in value if value.count(each) > 1), None):
        raise Wrong(_("names '{name}' twice").format(name=twice))
    return tuple(value)


def is_oid(text: str) -> bool:
    """Tell whether a text is an OID in numbers, such as 2.5.4.97."""
    first, _dot, rest = text.partition(".")
    return bool(_OID.fullmatch(text)) and (first == "2" or int(rest.partition(".")[0]) < _FIRST_ARCS)


def _oids(value: object) -> tuple[str, ...]:
    for each in (found := _texts(value)):
        if not is_oid(each):
            raise Wrong(_("'{text}' is no OID").format(text=each), _("numbers with dots, such as 1.3.6.1.4.1.32473.1"))
    return found


def words(known: Iterable[str]) -> Kind:
    """Give the kind of a list of some words."""
    known = tuple(known)

    def read(value: object) -> tuple[str, ...]:
        for each in (found := _texts(value)):
            if each not in known:
                raise Wrong(_("'{name}' is none of its words").format(name=each), did_you_mean(each, known))
        return found

    return Kind(later("a list of words"), read, ", ".join(known))


def words_or_oids(known: Mapping[str, str]) -> Kind:
    """Give the kind of a list of words that stand for OIDs, or of OIDs."""

    def read(value: object) -> tuple[str, ...]:
        for each in (found := _texts(value)):
            if each not in known and not is_oid(each):
                raise Wrong(_("'{name}' is none of its words, nor an OID").format(name=each), did_you_mean(each, known))
        return tuple(known.get(each, each) for each in found)

    return Kind(later("a list of words, or OIDs"), read, ", ".join(known))


def number(least: int, most: int) -> Kind:
    """Give the kind of a whole number between two."""

    def read(value: object) -> int:
        if type(value) is not int or not least <= value <= most:
            raise Wrong(_("must be a whole number, {least} to {most}").format(least=least, most=most))
        return value

    return Kind(later("a whole number"), read, f"{least}–{most}")


TEXT: Final = Kind(later("text"), _named)
TEMPLATE: Final = Kind(later("text with {fields}"), _template)
FLAG: Final = Kind(later("true or false"), _flag)
SPAN: Final = Kind(later("a span of time"), _span)
PATTERN: Final = Kind(later("a regular expression"), _pattern)
OIDS: Final = Kind(later("a list of OIDs"), _oids)
