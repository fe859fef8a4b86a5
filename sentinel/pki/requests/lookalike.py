"""Names that people would take for another's.

Two names look alike when they have the same skeleton (Unicode TR 39, 4): letters decomposed, each put for the one that
it looks like, marks dropped. On top of the standard's table, digits count as the letters that they are read as (0 and
o; 1, l and i), `vv` as w, `rn` as m and `cl` as d. Vietnamese letters are as good as any other: a label with marks is
refused only where it reads as the registered label of another without them. Checked are

1. each label: letters of one script, none of another that read as Latin ones, nothing that cannot be seen;
2. the whole name, and each domain that it is in, against registered names of other agencies and of platforms;
3. each label below the agency's own domain against the first labels of such names;
4. each of these labels against those of platforms, one edit away: a warning; and so is a platform's very name.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.model.estate import code_of
from sentinel.pki.requests import names
from sentinel.pki.requests.rights import is_within, suffixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sentinel.model.estate import Estate, Platform, Reach
    from sentinel.pki.requests.rights import Agencies

_LATIN: Final = "LATIN"
_NO_SCRIPT: Final = frozenset({"COMMON", "INHERITED"})
_READ_AS: Final = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l"})
_SEQUENCES: Final = (("vv", "w"), ("rn", "m"), ("cl", "d"))
_LEAST_LABEL: Final = 5
"""Letters that a label of a platform has at least for one edit to be a look-alike rather than chance."""


@dataclass(frozen=True, slots=True)
class Known:
    """A registered name: of a platform where `platform` is its id, else of the agency with the code `owner`."""

    name: str
    owner: str
    platform: str = ""

    @property
    def told(self) -> str:
        """Give whose it is, in words."""
        if self.platform:
            return _("platform '{id}'").format(id=self.platform)
        return _("agency {code}").format(code=self.owner)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a name looks like, in words; it is refused, or only warned of."""

    told: str
    is_refused: bool = True


class Registered:
    """Every name that others are known by."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._names: defaultdict[str, list[Known]] = defaultdict(list)
        self._labels: defaultdict[str, list[Known]] = defaultdict(list)
        self._near: defaultdict[str, set[str]] = defaultdict(set)
        self._platforms: dict[str, Known] = {}
        for each in dict.fromkeys(known):
            first = names.shown(each.name).partition(".")[0]
            self._names[skeleton(names.shown(each.name))].append(each)
            self._labels[skeleton(first)].append(each)
            if each.platform and len(first) >= _LEAST_LABEL and first not in self._platforms:
                self._platforms[first] = each
                for near in _shortened(first):
                    self._near[near].add(first)

    @classmethod
    def of(cls, estate: Estate, agencies: Agencies) -> Registered:
        """Gather the names of platforms and agencies of the estate, and the domains that agencies may ask for."""
        return cls(_gathered(estate, agencies))

    def likenesses(self, host: str, code: str, own: str) -> list[Likeness]:
        """Tell what a DNS name looks like. `code` is who asks for it, `own` their domain that it is in."""
        found = [Likeness(told) for label in host.split(".") if (told := label_fault(label))]
        found += [Likeness(told) for told in self._whole(host, code, own)]
        found += self._very(host, code)
        below = host.removesuffix(own).rstrip(".") if own else host
        for label in below.split(".") if below else ():
            found += self._label(names.shown(label), code)
        return found

    def _whole(self, host: str, code: str, own: str) -> Iterator[str]:
        for suffix in suffixes(host):
            if suffix == own:  # what is above was looked at when the domain was given
                return
            if "." in suffix:
                shown = names.shown(suffix)
                alike = self._names.get(skeleton(shown), ())
                if other := _other(suffix, alike, code):
                    told = _("'{name}' looks like {other} of {owner}")
                    yield told.format(name=shown, other=names.shown(other.name), owner=other.told)
                    return

    def _very(self, host: str, code: str) -> Iterator[Likeness]:
        """Warn of the very name of a platform, where it is somebody else who asks for it."""
        shown = names.shown(host)
        same = [each for each in self._names.get(skeleton(shown), ()) if each.platform and each.name == host]
        if same and not any(_is_own(each, code) for each in same):
            told = _("it is a name of {owner}, which belongs to {code}")
            yield Likeness(told.format(owner=same[0].told, code=same[0].owner or "?"), is_refused=False)

    def _label(self, label: str, code: str) -> Iterator[Likeness]:
        alike = self._labels.get(skeleton(label), ())
        firsts = {names.shown(each.name).partition(".")[0] for each in alike}
        other = None if label in firsts else next((each for each in alike if not _is_own(each, code)), None)
        if other:
            told = _("the label '{label}' looks like that of {other} of {owner}")
            yield Likeness(told.format(label=label, other=names.shown(other.name), owner=other.told))
        elif near := self._one_edit(label, code):
            told = _("the label '{label}' is one letter off that of {other} of {owner}")
            shown = told.format(label=label, other=names.shown(near.name), owner=near.told)
            yield Likeness(shown, is_refused=False)

    def _one_edit(self, label: str, code: str) -> Known | None:
        if len(label) < _LEAST_LABEL - 1 or label in self._platforms:
            return None
        for near in _shortened(label):
            for first in self._near.get(near, ()):
                known = self._platforms[first]
                if not _is_own(known, code) and not _differ_in_digits(label, first) and _is_one_edit(label, first):
                    return known
        return None


def _gathered(estate: Estate, agencies: Agencies) -> Iterator[Known]:
    for platform in estate.platforms:
        yield from _of_platform(platform)
    for agency in estate.agencies:
        yield from (Known(host, code_of(agency.id)) for host in _hosts(agency.reach))
    yield from (Known(domain, code) for domain, code in agencies.domains())


def _of_platform(platform: Platform) -> Iterator[Known]:
    owner = code_of(platform.owner)
    yield from (Known(host, owner, platform.id) for host in _hosts(platform.reach))


def _hosts(reach: Reach) -> Iterator[str]:
    """Give full names; patterns, and hosts without a domain, are names of nothing outside."""
    for text in (*reach.hosts, *reach.domains):
        if "*" not in text and "." in text:
            try:
                yield names.dns_of(text)
            except InputError:
                continue


def _is_own(known: Known, code: str) -> bool:
    return is_within(known.owner, code)


def _other(name: str, alike: Iterable[Known], code: str) -> Known | None:
    """Give a registered name of somebody else that is not this very name."""
    found = list(alike)
    if any(each.name == name for each in found):
        return None
    return next((each for each in found if not _is_own(each, code)), None)


@lru_cache(maxsize=16384)
def label_fault(label: str) -> str:
    """Tell what is wrong with the letters of a label (A-label or U-label), "" where nothing is."""
    shown = names.shown(label)
    if shown.isascii():
        return ""
    if told := names.unseen(shown):
        return told
    found = _scripts(shown)
    if len(found) > 1:
        told = _("'{label}' mixes letters of several scripts: {scripts}")
        return told.format(label=shown, scripts=", ".join(sorted(found)).title())
    if found - {_LATIN} and skeleton(shown).isascii():
        return _("'{label}' reads as Latin letters, and is of others").format(label=shown)
    return ""


def _scripts(text: str) -> set[str]:
    from confusable_homoglyphs import categories  # type: ignore[import-untyped]

    return {categories.alias(each) for each in set(text)} - _NO_SCRIPT


def skeleton(text: str) -> str:
    """Give what a name reads as (Unicode TR 39, 4): equal for names that look alike, and for nothing people see."""
    return ".".join(map(_skeleton, text.split(".")))


@lru_cache(maxsize=16384)
def _skeleton(label: str) -> str:
    lower = label.lower()
    plain = lower if lower.isascii() else "".join(_prototype(each) for each in _decomposed(lower))
    read = plain.translate(_READ_AS)
    for sequence, letter in _SEQUENCES:
        read = read.replace(sequence, letter)
    return read


def _decomposed(text: str) -> str:
    """Give the letters of a text without marks and without what cannot be seen."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(each for each in parts if unicodedata.category(each) not in {"Mn", "Me", "Cf"})


@lru_cache(maxsize=4096)
def _prototype(letter: str) -> str:
    """Give the ASCII that a letter looks like, itself where it looks like none."""
    from confusable_homoglyphs.confusables import confusables_data  # type: ignore[import-untyped]

    if letter.isascii():
        return letter
    alike = [_decomposed(each["c"]).lower() for each in confusables_data.get(letter, ())]
    plain = sorted(
        (each for each in alike if each.isascii() and each.isalnum()), key=lambda each: (each.isdigit(), each)
    )
    return plain[0] if plain else letter


@lru_cache(maxsize=16384)
def _shortened(label: str) -> frozenset[str]:
    """Give a label, and it without each of its letters: two labels one edit apart have one of these in common."""
    return frozenset((label, *(label[:at] + label[at + 1 :] for at in range(len(label)))))


def _differ_in_digits(one: str, other: str) -> bool:
    """Tell whether only numbers at the end differ: portal01 and portal02 are neighbours, no look-alikes."""
    return one.rstrip("0123456789") == other.rstrip("0123456789")


def _is_one_edit(one: str, other: str) -> bool:
    """Tell whether a letter more, less or another, or two neighbours in the other order, makes one of the other."""
    if len(one) > len(other):
        one, other = other, one
    begin = next((at for at, letter in enumerate(one) if letter != other[at]), len(one))
    if len(one) < len(other):
        return len(other) - len(one) == 1 and one[begin:] == other[begin + 1 :]
    rest = one[begin + 1 :] == other[begin + 1 :]
    swapped = one[begin : begin + 2] == other[begin : begin + 2][::-1] and one[begin + 2 :] == other[begin + 2 :]
    return one != other and (rest or swapped)
