"""Finds in shown text what a query looked for, to mark it.

Text is compared as queries compare it (`store.query.tree`): in any case, composed or not, and without diacritics where
the query ignores them. Only what holds letters can be marked: networks, ranges and expressions mark nothing.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sentinel.store.query.columns import fits
from sentinel.store.query.tree import ANY_FIELD, And, Contains, Equals, Like, Or

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from sentinel.store.query.tree import Node, Query

    Finds: TypeAlias = Callable[[str], list[tuple[int, int]]]

_LEAST: Final = 2
"""Free text shorter than this would mark half of the page."""


@dataclass(frozen=True, slots=True)
class _Needle:
    field: str
    text: str


class Marks:
    """What a query looked for, by field."""

    def __init__(self, query: Query) -> None:
        """Take what the query asks to be there; what it asks not to be there is nowhere."""
        self._accents = query.accents
        needles = (_Needle(each.field, _folded(each.text, accents=self._accents)[0]) for each in _needles(query.root))
        self._needles = [each for each in dict.fromkeys(needles) if each.text]

    def of(self, fields: Sequence[str] = ()) -> Finds:
        """Give what finds, in the text of these fields, or of any, the spans (from, to) to mark, in order."""
        needles = [each.text for each in self._needles if _concerns(each, fields)]
        if not needles:
            return lambda _text: []
        return lambda text: _found(text, needles, accents=self._accents)


def _needles(node: Node) -> Iterator[_Needle]:
    match node:
        case And(nodes) | Or(nodes):
            for below in nodes:
                yield from _needles(below)
        case Equals(field, text) | Contains(field, text):
            yield _Needle(field, text)
        case Like(field, pattern):
            yield from (_Needle(field, piece) for piece in _pieces(pattern))
        case _:
            return


def _pieces(pattern: str) -> list[str]:
    """Give what stands between the wildcards of a pattern."""
    pieces, escaped = [""], False
    for character in pattern:
        if escaped or character not in "*?\\":
            pieces[-1] += character
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            pieces.append("")
    return [piece for piece in pieces if piece]


def _concerns(needle: _Needle, fields: Sequence[str]) -> bool:
    if needle.field == ANY_FIELD:
        return len(needle.text) >= _LEAST
    return not fields or any(fits(needle.field, field) for field in fields)


def _found(text: str, needles: Sequence[str], *, accents: bool) -> list[tuple[int, int]]:
    folded, places = _folded(text, accents=accents)
    spans: list[tuple[int, int]] = []
    for needle in needles:
        begin = folded.find(needle)
        while begin >= 0:
            end = begin + len(needle)
            spans.append((places[begin][0], places[end - 1][1]))
            begin = folded.find(needle, end)
    return sorted(spans)


def _folded(text: str, *, accents: bool) -> tuple[str, list[tuple[int, int]]]:
    """Give a text as it is compared and, of each of its characters, from where to where it stood in the text."""
    if text.isascii():
        return text.lower(), [(place, place + 1) for place in range(len(text))]
    folded, places = list[str](), list[tuple[int, int]]()
    for begin, end in _clusters(text):
        for character in _form(text[begin:end], accents=accents):
            folded.append(character)
            places.append((begin, end))
    return "".join(folded), places


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Give from where to where each letter stands with the marks that follow it."""
    begin = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or not unicodedata.category(text[place]).startswith("M"):
            yield begin, place
            begin = place


def _form(cluster: str, *, accents: bool) -> str:
    if not accents:
        apart = unicodedata.normalize("NFD", cluster)
        cluster = "".join(each for each in apart if not unicodedata.category(each).startswith("M"))
        cluster = cluster.replace("đ", "d").replace("Đ", "D")
    # One character for one: `İ`.lower() is two, but its simple lower case is `i`.
    return "".join(each.lower()[0] for each in unicodedata.normalize("NFC", cluster))
