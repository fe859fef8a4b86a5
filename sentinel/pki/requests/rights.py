"""What agencies may ask for: domains, networks, mail addresses, profiles.

An agency has what the table of its own code says; what that leaves out it has from the nearest code above. A name
belongs to the table with the longest domain (or narrowest network) that holds it: only that agency, and those above or
below it, may ask for it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from sentinel.language import _
from sentinel.model.estate import Network, code_of, network_of
from sentinel.pki.requests import names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sentinel.pki.model import Name

KEYS: Final = ("domains", "networks", "mail", "wildcards", "profiles", "requesters")
"""What a table may say besides its code."""
_Known = TypeVar("_Known")


@dataclass(frozen=True, slots=True)
class Rights:
    """What an agency may ask for; None is what the nearest code above says. `place` is `path:line`.

    `domains` hold every name below them; `mail` are addresses, and domains without those below.
    """

    code: str
    domains: tuple[str, ...] | None = None
    networks: tuple[Network, ...] | None = None
    mail: tuple[str, ...] | None = None
    wildcards: bool | None = None
    profiles: tuple[str, ...] | None = None
    requesters: tuple[str, ...] | None = None
    place: str = ""

    def below(self, above: Rights) -> Rights:
        """Give these rights with what they leave out from those of a code above."""
        left = {key: getattr(above, key) for key in KEYS if getattr(self, key) is None}
        return replace(self, **left)

    def domain_of(self, host: str) -> str:
        """Give the longest of the domains that a DNS name is in, "" where it is in none."""
        return next((each for each in suffixes(host) if each in (self.domains or ())), "")


class Agencies:
    """The rights of all agencies, found by code, and by name."""

    def __init__(self, tables: Iterable[Rights] = ()) -> None:
        self.tables: Mapping[str, Rights] = {table.code: table for table in tables}
        self._by_domain = _first((each, t) for t in self.tables.values() for each in t.domains or ())
        self._by_network = _first((each, t) for t in self.tables.values() for each in t.networks or ())
        self._below: defaultdict[str, list[str]] = defaultdict(list)
        for domain in self._by_domain:
            self._below[domain.partition(".")[2]].append(domain)
        self._lengths = sorted({(network.family, network.length) for network in self._by_network}, reverse=True)
        self._known: dict[str, Rights | None] = {}

    def rights_of(self, code: str) -> Rights | None:
        """Give what an agency may ask for, with all that it has from above; None where no table covers its code."""
        plain = code_of(code)
        if plain not in self._known:
            self._known[plain] = self._gathered(plain)
        return self._known[plain]

    def _gathered(self, code: str) -> Rights | None:
        found = [self.tables[each] for each in above(code) if each in self.tables]
        if not found:
            return None
        rights = replace(found[0], code=code)
        for wider in found[1:]:
            rights = rights.below(wider)
        return rights

    def owner_of_host(self, host: str) -> Rights | None:
        """Give the table with the longest domain that a DNS name is in."""
        return next((self._by_domain[each] for each in suffixes(host) if each in self._by_domain), None)

    def owners_below(self, domain: str) -> Iterator[tuple[str, Rights]]:
        """Give the domains of one label more, which a wildcard for this one covers, with their tables."""
        yield from ((each, self._by_domain[each]) for each in self._below.get(domain, ()))

    def owner_of_address(self, address: str) -> Rights | None:
        """Give the table with the narrowest network that an address is in."""
        found = network_of(address)
        for family, length in self._lengths:
            if found and family == found.family:
                rest = found.bits - length
                if owner := self._by_network.get(Network(family, found.base >> rest << rest, length)):
                    return owner
        return None

    def domains(self) -> Iterator[tuple[str, str]]:
        """Give every domain with the code of its agency."""
        yield from ((domain, table.code) for domain, table in self._by_domain.items())


def _first(pairs: Iterator[tuple[_Known, Rights]]) -> dict[_Known, Rights]:
    found: dict[_Known, Rights] = {}
    for each, table in pairs:
        found.setdefault(each, table)
    return found


def above(code: str) -> Iterator[str]:
    """Give a code, and those above it: H49.61.05, H49.61, H49."""
    while code:
        yield code
        code = code.rpartition(".")[0]


def is_within(code: str, other: str) -> bool:
    """Tell whether a code is another, or below it."""
    return code == other or code.startswith(f"{other}.")


def suffixes(host: str) -> Iterator[str]:
    """Give a DNS name, and the domains that it is in: a.gov.example, gov.example, example."""
    while host:
        yield host
        host = host.partition(".")[2]


def check_name(name: Name, rights: Rights, agencies: Agencies) -> str:
    """Tell why an agency may not ask for a name, "" where it may."""
    return _CHECKS[name.kind](name, rights, agencies)


def _check_host(name: Name, rights: Rights, agencies: Agencies) -> str:
    host = names.host_of(name)
    if not host:
        return _check_address_of(name, rights, agencies)
    if names.is_wildcard(name) and not rights.wildcards:
        return _("agency {code} may not ask for wildcards").format(code=rights.code)
    if not rights.domain_of(host):
        return _outside(names.shown(host), rights)
    for below, owner in agencies.owners_below(host) if names.is_wildcard(name) else ():
        if _of_another(owner, rights):
            told = _("it covers {name} of agency {code}")
            return told.format(name=names.shown(below), code=owner.code)
    return _of_another(agencies.owner_of_host(host), rights)


def _check_mail(name: Name, rights: Rights, _agencies: Agencies) -> str:
    """Tell whether a mail address is of the agency; many may have theirs in one domain."""
    allowed = rights.mail or ()
    if name.value in allowed or names.host_of(name) in allowed:
        return ""
    return _outside(names.shown(name.value), rights)


def _check_address_of(name: Name, rights: Rights, agencies: Agencies) -> str:
    from urllib.parse import urlsplit

    text = (urlsplit(name.value).hostname or "") if "://" in name.value else name.value
    found = network_of(text)
    if found is None or not any(network.holds(found) for network in rights.networks or ()):
        return _outside(text, rights)
    return _of_another(agencies.owner_of_address(text), rights)


def _outside(what: str, rights: Rights) -> str:
    return _("{name} is not of agency {code}").format(name=what, code=rights.code)


def _of_another(owner: Rights | None, rights: Rights) -> str:
    """Tell that a name is of an agency that is neither this one, nor above or below it.

    What a code above has is this one's too, where no table between them has it more narrowly.
    """
    if owner and not is_within(owner.code, rights.code) and not is_within(rights.code, owner.code):
        return _("it belongs to agency {code}").format(code=owner.code)
    return ""


_CHECKS: Final[Mapping[str, Callable[[Name, Rights, Agencies], str]]] = {
    "dns": _check_host,
    "uri": _check_host,
    "email": _check_mail,
    "ip": _check_address_of,
}
