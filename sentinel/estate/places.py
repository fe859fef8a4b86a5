"""Provinces and communes as they are since 1 July 2025, by the codes of the General Statistics Office.

Codes are texts of two and five digits. The tables come from `vietnam-provinces` and take a tenth of a second to load:
nothing that takes events in asks them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


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

    codes = [(f"{each.code.value:02}", each.name) for each in Province.iter_all()]
    return {code: Place(code, name, code) for code, name in codes}


@cache
def communes() -> Mapping[str, Place]:
    """Give every commune, ward and special zone by its code."""
    from vietnam_provinces import Ward

    codes = [(f"{each.code.value:05}", each.name, f"{each.province_code.value:02}") for each in Ward.iter_all()]
    return {code: Place(code, name, province) for code, name, province in codes}


def province_named(text: str) -> Place | None:
    """Find a province by its name, with or without what sort it is."""
    return _named(text, provinces())


def communes_named(text: str, province: str = "") -> list[Place]:
    """Find communes by their name, of a province where its code is given."""
    wanted = text.casefold().strip()
    return [
        place
        for place in communes().values()
        if wanted in {place.name.casefold(), place.bare} and province in {"", place.province}
    ]


def likely(text: str, province: str = "") -> list[Place]:
    """Give places whose name stands in a text, the longest first: communes of a province, or provinces without one."""
    places = communes().values() if province else provinces().values()
    words = f" {text.casefold()} "
    found = [place for place in places if place.province == province or not province]
    return sorted((place for place in found if f" {place.bare} " in words), key=lambda place: -len(place.bare))[:3]


def _named(text: str, places: Mapping[str, Place]) -> Place | None:
    wanted = text.casefold().strip()
    return next((place for place in places.values() if wanted in {place.name.casefold(), place.bare}), None)
