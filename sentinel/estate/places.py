"""Provinces and communes as they are since 1 July 2025, by the codes of the General Statistics Office.

Codes are texts of two and five digits. The tables come from `vietnam-provinces` and take a tenth of a second to load:
nothing that takes events in asks them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_WORDS: Final = 8
"""Words that the name of a place has at most."""


@dataclass(frozen=True, slots=True)
class Place:
    """A province, or a commune, ward or special zone; `province` is the code of the one it lies in, or its own."""

    code: str
    name: str
    province: str

    @property
    def bare(self) -> str:
        """Give the name without what sort of place it is, in small letters: `an phú`."""
        words = self.name.casefold()
        kinds = ("thành phố ", "tỉnh ", "xã ", "phường ", "đặc khu ")
        return next((words.removeprefix(kind) for kind in kinds if words.startswith(kind)), words)


@cache
def provinces() -> Mapping[str, Place]:
    """Give every province by its code."""
    from vietnam_provinces import Province

    codes = [(f"{each.code.value:02}", _single_spaced(each.name)) for each in Province.iter_all()]
    return {code: Place(code, name, code) for code, name in codes}


@cache
def communes() -> Mapping[str, Place]:
    """Give every commune, ward and special zone by its code."""
    from vietnam_provinces import Ward

    codes = [(f"{each.code.value:05}", each.name, f"{each.province_code.value:02}") for each in Ward.iter_all()]
    return {code: Place(code, _single_spaced(name), province) for code, name, province in codes}


def _single_spaced(name: str) -> str:
    """Give a name with single blanks: a few stand in the list with two."""
    return " ".join(name.split())


@cache
def _provinces_by_name() -> Mapping[str, list[Place]]:
    return _by_name(provinces())


@cache
def _communes_by_name() -> Mapping[str, list[Place]]:
    return _by_name(communes())


def _by_name(places: Mapping[str, Place]) -> Mapping[str, list[Place]]:
    """Give places by their names, with and without what sort they are."""
    found: defaultdict[str, list[Place]] = defaultdict(list)
    for place in places.values():
        for name in {place.name.casefold(), place.bare}:
            found[name].append(place)
    return found


def province_named(text: str) -> Place | None:
    """Find a province by its name, with or without what sort it is."""
    words = _single_spaced(text.casefold())  # the list calls a city one, and a province nothing
    return next(iter(_provinces_by_name().get(words.removeprefix("tỉnh "), ())), None)


def communes_named(text: str, province: str = "") -> list[Place]:
    """Find communes by their name, of a province where its code is given."""
    found = _communes_by_name().get(_single_spaced(text.casefold()), ())
    return [place for place in found if province in {"", place.province}]


def likely(text: str, province: str = "") -> list[Place]:
    """Give places whose name stands in a text, the longest first: communes of a province, or provinces without one."""
    names = _communes_by_name() if province else _provinces_by_name()
    words, found = text.casefold().split(), dict[str, Place]()
    for begin in range(len(words)):
        for end in range(begin + 1, begin + 1 + _MOST_WORDS):
            name = " ".join(words[begin:end])
            told = (place for place in names.get(name, ()) if place.bare == name)
            found |= {place.code: place for place in told if province in {"", place.province}}
    return sorted(found.values(), key=lambda place: (-len(place.bare), place.code))[:3]
