"""What of the estate covers a name, an address or a log file.

The narrowest wins: a host that is named before one that a pattern fits, a longer pattern before a shorter, a domain
after both; of networks the one with the longest prefix. Of two that are alike the first loaded wins, and `check` tells.

Platforms and agencies are looked up apart. Where a platform covers something more narrowly than any agency does, the
agency is the platform's owner.
"""

from __future__ import annotations

from collections import defaultdict
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, NamedTuple

from sentinel.model.estate import address_of, code_of, name_of, network_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.model.estate import Agency, Estate, Network, Platform

NOBODY: Final = -1
_WILD: Final = "*"
_EXACT, _PATTERN = 2_000_000, 1_000_000
"""What a name that is written out is worth, and a pattern above any domain: no name is so long."""


class Match(NamedTuple):
    """What covers something: how narrowly, which entry, and by what of it."""

    worth: int
    entry: int
    by: str | Network


class Verdict(NamedTuple):
    """The platform and agency of a name or address, as numbers in the estate's order; NOBODY for none."""

    platform: int
    agency: int


UNKNOWN: Final = Verdict(NOBODY, NOBODY)
_NO_MATCH: Final = Match(-1, NOBODY, "")


class Coverage:
    """What an estate covers, compiled for looking up."""

    def __init__(self, estate: Estate) -> None:
        """Compile an estate; 10,000 networks take about 20 ms."""
        self.estate = estate
        self._platforms = _Side(estate.platforms)
        self._agencies = _Side(estate.agencies)
        numbers = {code_of(agency.id): number for number, agency in enumerate(estate.agencies)}
        self._owners = [numbers.get(code_of(platform.owner), NOBODY) for platform in estate.platforms]

    def of_host(self, text: str) -> Verdict:
        """Tell whose a name or an address is."""
        name = name_of(text)
        address = address_of(name) if ":" in name or name[-1:].isdigit() else None
        if address is not None:
            return self._verdict(self._platforms.address(*address), self._agencies.address(*address))
        return self._verdict(self._platforms.host(name), self._agencies.host(name))

    def of_log(self, path: str) -> Verdict:
        """Tell whose a log file is."""
        plain = path.replace("\\", "/")
        return self._verdict(self._platforms.logs.best(plain), self._agencies.logs.best(plain))

    def matches(self, text: str) -> tuple[Match, Match]:
        """Give what covers a name, an address or the path of a log file: of platforms, and of agencies."""
        name = name_of(text)
        if address := address_of(name):
            return self._platforms.address(*address), self._agencies.address(*address)
        found = self._platforms.host(name), self._agencies.host(name)
        if found != (_NO_MATCH, _NO_MATCH):
            return found
        plain = text.replace("\\", "/")
        return self._platforms.logs.best(plain), self._agencies.logs.best(plain)

    def owner(self, platform: int) -> int:
        """Give the number of the agency that owns a platform; NOBODY where it is not known."""
        return self._owners[platform] if platform != NOBODY else NOBODY

    def _verdict(self, platform: Match, agency: Match) -> Verdict:
        if platform.worth > agency.worth:
            owner = self._owners[platform.entry]
            return Verdict(platform.entry, agency.entry if owner == NOBODY else owner)
        return Verdict(platform.entry, agency.entry)


_PRIVATE: Final = tuple(network_of(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
"""Addresses for inside use (RFC 1918, RFC 4193)."""


def is_inside(text: str) -> bool:
    """Tell whether a text is an address for inside use."""
    address = network_of(text)
    return address is not None and any(private.holds(address) for private in _PRIVATE if private)


class _Side:
    """What platforms cover, or what agencies do."""

    def __init__(self, entries: Sequence[Platform | Agency]) -> None:
        self._names: dict[str, int] = {}
        self._domains: dict[str, int] = {}
        self._globs = _Globs(by_end=True)
        self._networks = {4: _Networks(), 6: _Networks()}
        self.logs = _Globs(by_end=False)
        for number, entry in enumerate(entries):
            reach = entry.reach
            for host in reach.hosts:
                if _WILD in host:
                    self._globs.add(host, number)
                else:
                    self._names.setdefault(host, number)
            for domain in reach.domains:
                self._domains.setdefault(domain, number)
            for network in reach.networks:
                self._networks[network.family].add(network, number)
            for log in reach.logs:
                self.logs.add(log, number)

    def address(self, family: int, number: int) -> Match:
        return self._networks[family].best(number)

    def host(self, name: str) -> Match:
        number = self._names.get(name)
        if number is not None:
            return Match(_EXACT, number, name)
        found = self._globs.best(name) if self._globs else _NO_MATCH
        if found.worth >= 0 or not self._domains:
            return found
        for end in _ends(name):
            number = self._domains.get(end)
            if number is not None:
                return Match(len(end), number, end)
        return _NO_MATCH


def _ends(name: str) -> list[str]:
    """Give a name and each domain above it, the longest first."""
    labels = name.split(".")
    return [".".join(labels[first:]) for first in range(len(labels))]


class _Globs:
    """Patterns with `*`, found by how they begin and, with `by_end`, by the labels they end with."""

    def __init__(self, *, by_end: bool) -> None:
        self._by_end = by_end
        self._found: defaultdict[tuple[str, str], list[tuple[str, str, int]]] = defaultdict(list)
        self._lengths: defaultdict[str, set[int]] = defaultdict(set)

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, pattern: str, number: int) -> None:
        begin, _star, _rest = pattern.partition(_WILD)
        tail = pattern.rpartition(_WILD)[2]
        end = tail.partition(".")[2] if self._by_end else ""
        form = pattern.replace("[", "[[]").replace("?", "[?]")  # which are wild to fnmatch, and letters here
        self._found[end, begin].append((pattern, form, number))
        self._lengths[end].add(len(begin))

    def best(self, text: str) -> Match:
        best = _NO_MATCH
        for end in ("", *_ends(text)) if self._by_end else ("",):
            for length in self._lengths.get(end, ()):
                for pattern, form, number in self._found.get((end, text[:length]), ()):
                    worth = _PATTERN + len(pattern) - pattern.count(_WILD)
                    if worth > best.worth and fnmatchcase(text, form):
                        best = Match(worth, number, pattern)
        return best


class _Networks:
    """Networks of one family, by the length of their prefixes."""

    def __init__(self) -> None:
        self._found: dict[int, dict[int, tuple[int, Network]]] = {}
        self._lengths: list[tuple[int, int, dict[int, tuple[int, Network]]]] = []

    def add(self, network: Network, number: int) -> None:
        found = self._found.get(network.length)
        if found is None:
            found = self._found[network.length] = {}
            self._lengths = sorted(
                ((length, network.bits - length, each) for length, each in self._found.items()),
                key=lambda each: -each[0],
            )
        found.setdefault(network.base >> (network.bits - network.length), (number, network))

    def best(self, address: int) -> Match:
        for length, shift, found in self._lengths:
            entry = found.get(address >> shift)
            if entry is not None:
                return Match(length, entry[0], entry[1])
        return _NO_MATCH
