"""What is wrong with an estate, all of it at once.

Each check is a function from an estate to problems, in the order of `_CHECKS`; what could not be read comes first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.estate import places
from sentinel.language import _
from sentinel.model.estate import Platform, Tier, code_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sentinel.errors import SentinelError
    from sentinel.estate.places import Place
    from sentinel.model.estate import Agency, Estate, Network

    Entry = Platform | Agency

# Decision 20/2020/QĐ-TTg, `H49.61.05`, and QCVN 102:2016/BTTTT, `000.05.61.H49`; letters of levels below the first
# occur, so that this only keeps out what can be no code.
CODE: Final = re.compile(r"[A-Z][0-9]{2,3}(?:\.[A-Z0-9]{1,4}){0,5}|(?:[0-9]{2,3}\.){1,4}[A-Z][0-9]{2,3}")


def problems(estate: Estate, codes: str = "") -> list[SentinelError]:
    """Give every problem, with place and hint; `codes` is the pattern that identifier codes must fit, "" for `CODE`."""
    found = [problem for check in _CHECKS for problem in check(estate)]
    return [*estate.faults, *_of_codes(estate, re.compile(codes) if codes else CODE), *found]


def _problem(entry: Entry, message: str, hint: str = "") -> InputError:
    return InputError(message, place=entry.place, hint=hint)


def _of_codes(estate: Estate, pattern: re.Pattern[str]) -> Iterator[SentinelError]:
    for agency in estate.agencies:
        if not pattern.fullmatch(agency.id):
            yield _problem(
                agency,
                _("'{code}' is no identifier code").format(code=agency.id),
                _("like H49.61.05 or 000.00.00.H49; the setting `agency_codes` gives another pattern"),
            )


def _twice(estate: Estate) -> Iterator[SentinelError]:
    """Tell of entries that are described twice, an agency perhaps in the order of either code."""
    for entries in (estate.platforms, estate.agencies):
        first: dict[str, Entry] = {}
        for entry in entries:
            known = first.setdefault(entry.id if isinstance(entry, Platform) else code_of(entry.id), entry)
            if known is not entry:
                yield _problem(
                    entry,
                    _("'{id}' is described twice").format(id=entry.id),
                    _("first: {place}").format(place=known.place),
                )


def _owners(estate: Estate) -> Iterator[SentinelError]:
    known = {code_of(agency.id) for agency in estate.agencies}
    hint = _("agencies are the lines of `*.csv` in the estate's folder")
    for platform in estate.platforms:
        if not platform.owner:
            yield _problem(platform, _("no agency owns '{id}'").format(id=platform.id), _('name it: owner = "H49"'))
        elif code_of(platform.owner) not in known:
            told = _("'{id}' is owned by '{owner}', which is no agency").format(id=platform.id, owner=platform.owner)
            yield _problem(platform, told, hint)
        if not (platform.contact.phone or platform.contact.email):
            told = _("nobody answers for '{id}' at any hour").format(id=platform.id)
            yield _problem(platform, told, _("give phone or email of its [focal_point]"))
    for agency in estate.agencies:
        if agency.parent and code_of(agency.parent) not in known:
            yield _problem(agency, _("its parent '{parent}' is no agency").format(parent=agency.parent), hint)


def _circles(estate: Estate) -> Iterator[SentinelError]:
    circles = _on_circles(_parents(estate.agencies))
    for agency in estate.agencies:
        if code_of(agency.id) in circles:
            yield _problem(agency, _("'{id}' is above itself").format(id=agency.id), _("mend its parent"))


def _parents(agencies: Iterable[Agency]) -> dict[str, str]:
    return {code_of(agency.id): code_of(agency.parent) for agency in agencies if agency.parent}


def _on_circles(above: Mapping[str, str]) -> set[str]:
    """Give those that are above themselves; each step up is taken once."""
    found: set[str] = set()
    seen: dict[str, int] = {}
    for number, begin in enumerate(above):
        code, walked = begin, list[str]()
        while code in above and code not in seen:
            seen[code] = number
            walked.append(code)
            code = above[code]
        if seen.get(code) == number:
            found.update(walked[walked.index(code) :])
    return found


class _Tree:
    """Who is above whom, told at once however many levels there are."""

    def __init__(self, above: Mapping[str, str]) -> None:
        """Give numbers to all below each in one go; who is on a circle, or below one, has none."""
        below: defaultdict[str, list[str]] = defaultdict(list)
        for code, parent in above.items():
            below[parent].append(code)
        self._begins: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        left = [parent for parent in below if parent not in above]
        while left:
            code = left[-1]
            if code in self._begins:
                self._ends[left.pop()] = len(self._begins)
            else:
                self._begins[code] = len(self._begins)
                left += below.get(code, ())

    def has_above(self, code: str, other: str) -> bool:
        """Tell whether one is below another, or where a circle is in the way."""
        if code not in self._begins or other not in self._begins:
            return code not in self._begins and other not in self._begins
        return self._begins[other] < self._begins[code] < self._ends[other]


def _places(estate: Estate) -> Iterator[SentinelError]:
    for agency in estate.agencies:
        yield from _province_of(agency)
        yield from _commune_of(agency)


def _province_of(agency: Agency) -> Iterator[SentinelError]:
    if not agency.province:
        if agency.tier is not Tier.CENTRAL:
            yield _problem(agency, _("its province is missing"), _did_you_mean(places.likely(agency.name)))
    elif agency.province not in places.provinces():
        named = places.province_named(agency.province)
        told = _("no province has the code '{code}'").format(code=agency.province)
        yield _problem(agency, told, _did_you_mean([named] if named else places.likely(agency.name)))


def _commune_of(agency: Agency) -> Iterator[SentinelError]:
    if not agency.commune:
        if agency.tier is Tier.COMMUNE:
            found = places.likely(agency.name, agency.province)
            yield _problem(agency, _("its commune is missing"), _did_you_mean(found))
        return
    commune = places.communes().get(agency.commune)
    if commune is None:
        told = _("no commune has the code '{code}'").format(code=agency.commune)
        yield _problem(agency, told, _did_you_mean(places.likely(agency.name, agency.province)))
    elif agency.province in places.provinces() and commune.province != agency.province:
        here, there = places.provinces()[agency.province].name, places.provinces()[commune.province].name
        told = _("{commune} lies in {there}, not in {here}").format(commune=commune.name, there=there, here=here)
        likely = places.likely(agency.name, agency.province)
        yield _problem(agency, told, _did_you_mean(likely) or _("its province is {code}").format(code=commune.province))


def _did_you_mean(found: Sequence[Place]) -> str:
    told = ", ".join(f"{place.code} ({place.name})" for place in found)
    return _("did you mean {name}?").format(name=told) if told else ""


def _empty(estate: Estate) -> Iterator[SentinelError]:
    """Tell of entries by which no event can be known, less agencies that others lean on."""
    leaned = {code_of(each) for each in (*(p.owner for p in estate.platforms), *(a.parent for a in estate.agencies))}
    entries: chain[Entry] = chain(estate.platforms, estate.agencies)
    for entry in entries:
        if not entry.reach and (isinstance(entry, Platform) or code_of(entry.id) not in leaned):
            told = _("'{id}' has neither hosts, domains, networks nor logs").format(id=entry.id)
            yield _problem(entry, told, _("no event will be known to be about it"))


def _same_names(estate: Estate) -> Iterator[SentinelError]:
    for entries in (estate.platforms, estate.agencies):
        first: dict[tuple[str, str], Entry] = {}
        for entry in entries:
            named = (("host", entry.reach.hosts), ("domain", entry.reach.domains), ("log", entry.reach.logs))
            for kind, name in [(kind, name) for kind, names in named for name in names]:
                known = first.setdefault((kind, name), entry)
                if known is not entry:
                    yield _taken(entry, name, known)


def _taken(entry: Entry, what: str, known: Entry) -> InputError:
    told = _("{what} belongs to '{other}' already").format(what=what, other=known.id)
    return _problem(entry, told, _("see {place}; what is loaded first wins").format(place=known.place))


def _same_networks(estate: Estate) -> Iterator[SentinelError]:
    """Tell of networks that two have; one may lie in another's where that is of an agency above."""
    tree = _Tree(_parents(estate.agencies))
    for entries in (estate.platforms, estate.agencies):
        for entry, network, wider, around in _nested(entries):
            if wider == network:
                yield _taken(entry, network.text, around)
            elif isinstance(entry, Platform) or not tree.has_above(code_of(entry.id), code_of(around.id)):
                told = _("{network} lies in {wider} of '{other}'").format(
                    network=network.text, wider=wider.text, other=around.id
                )
                hint = _("see {place}; the narrower wins. An agency's may lie in those of its parent")
                yield _problem(entry, told, hint.format(place=around.place))
    yield from _of_both_sides(estate)


def _nested(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Network, Network, Entry]]:
    """Give networks that lie in one of another entry, each with the narrowest around it."""
    ordered = sorted(
        ((network, number, entry) for number, entry in enumerate(entries) for network in entry.reach.networks),
        key=lambda each: (each[0], each[1]),
    )
    around: list[tuple[Network, Entry]] = []
    for network, _number, entry in ordered:
        while around and not around[-1][0].holds(network):
            around.pop()
        if around and around[-1][1] is not entry:
            yield entry, network, *around[-1]
        around.append((network, entry))


def _of_both_sides(estate: Estate) -> Iterator[SentinelError]:
    """Tell of networks that both a platform and an agency have, which does not own it."""
    by_network: defaultdict[Network, list[Agency]] = defaultdict(list)
    for agency in estate.agencies:
        for network in agency.reach.networks:
            by_network[network].append(agency)
    for platform in estate.platforms:
        for network in dict.fromkeys(platform.reach.networks):
            for agency in by_network.get(network, ()):
                if code_of(agency.id) != code_of(platform.owner):
                    yield _taken(platform, network.text, agency)


_CHECKS: Final[tuple[Callable[[Estate], Iterator[SentinelError]], ...]] = (
    _twice,
    _owners,
    _circles,
    _places,
    _empty,
    _same_names,
    _same_networks,
)
