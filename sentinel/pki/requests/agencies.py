"""Reads `pki/agencies/*.toml`: which agency may ask for which names.

    [[agency]]
    code = "H49"                            # covers H49.61.05 too
    domains = ["quangtri.gov.example"]      # each with every name below it
    networks = ["10.49.0.0/16"]             # addresses that certificates may name
    mail = ["quangtri.gov.example"]         # domains of mail addresses, or single ones
    wildcards = false
    profiles = ["tls-server", "device"]
    requesters = ["lan.nguyen"]             # who may ask; without it, whoever may ask at all

docs/reference/pki-agencies.md names every key.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.model import toml
from sentinel.model.estate import Network, code_of, network_of
from sentinel.pki.model import NameKind
from sentinel.pki.requests import names
from sentinel.pki.requests.rights import Agencies, Rights
from sentinel.pki.requests.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from sentinel.errors import SentinelError

HEADER: Final = "agency"
_CODE: Final = re.compile(r"[A-Z][0-9]{2,3}(?:\.[A-Z0-9]{1,4}){0,5}")
_LARGEST: Final = 4 * 1024 * 1024
# Names below these are given to anybody: whoever could ask for all of them could ask for those of others.
_SHARED: Final = frozenset(
    f"{label}.{top}" for top in ("vn", "example") for label in ("gov", "com", "net", "org", "edu", "int", "ac", "name")
)
_WIDEST: Final = {4: 8, 6: 16}
"""The shortest prefix that a network may have, by family."""


def load(
    folders: Iterable[Path], profiles: Collection[str] = (), people: Collection[str] = ()
) -> tuple[Agencies, list[SentinelError]]:
    """Load every `*.toml` of the folders; what is wrong is given with its place (`path:line`), and left out.

    Names of `profiles` and `people` are checked where any are given. Raises InputError where a folder cannot be read.
    """
    faults: list[SentinelError] = []
    tables: dict[str, Rights] = {}
    for path in [path for folder in folders for path in _files(folder)]:
        try:
            for table in _tables(path, profiles, people, faults):
                if (first := tables.setdefault(table.code, table)) is not table:
                    told = _("'{code}' is described twice").format(code=table.code)
                    hint = _("first: {place}").format(place=first.place)
                    faults.append(InputError(told, place=table.place, hint=hint))
        except InputError as fault:
            faults.append(fault)
    faults += _claimed_twice(tables.values())
    return Agencies(tables.values()), faults


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".toml" and path.name[0] != ".")
    except OSError as error:
        told = _("no agencies can be read here: {reason}").format(reason=error.strerror or error)
        hint = _("write a file such as docs/howto/request-certificates.md shows")
        raise InputError(told, place=str(folder), hint=hint) from None


def _tables(
    path: Path, profiles: Collection[str], people: Collection[str], faults: list[SentinelError]
) -> Iterator[Rights]:
    try:
        text = path.read_bytes()[:_LARGEST].decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(_("cannot be read: {reason}").format(reason=error), place=str(path)) from None
    found = toml.read(text, str(path))
    for name in found.keys() - {HEADER}:
        place = f"{path}:{toml.lines_of(text).get(name, 1)}"
        faults.append(InputError(_("unknown key '{name}'").format(name=name), place=place, hint="[[agency]]"))
    tables = found.get(HEADER, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InputError(_("agencies are tables that begin with [[agency]]"), place=f"{path}:1")
    lines = toml.lines_of_tables(text, "agency")
    for index, table in enumerate(tables):
        keys = _Keys(table, path, lines[index] if index < len(lines) else {"": 1})
        try:
            yield keys.rights(profiles, people)
        except InputError as fault:
            faults.append(fault)


class _Keys:
    """One table of a file, each of its keys read as what it must be."""

    def __init__(self, table: Mapping[str, Any], path: Path, lines: Mapping[str, int]) -> None:
        self._table, self._path, self._lines = table, path, lines

    def rights(self, profiles: Collection[str], people: Collection[str]) -> Rights:
        """Give what the table says. Raises InputError for the first key that is wrong."""
        for name in self._table:
            if name not in KEYS:
                told = _("unknown key '{name}'").format(name=name)
                raise InputError(told, place=self._place(name), hint=did_you_mean(name, KEYS))
        code = self._code()
        read = {name: KEYS[name](self, name) for name in self._table if name != "code"}
        self._known("profiles", read.get("profiles"), profiles)
        self._known("requesters", read.get("requesters"), people)
        return Rights(code, **read, place=self._place(""))

    def _place(self, name: str) -> str:
        return f"{self._path}:{self._lines.get(name) or self._lines['']}"

    def _fault(self, name: str, message: str, hint: str = "") -> InputError:
        return InputError(f"{name}: {message}", place=self._place(name), hint=hint)

    def _code(self) -> str:
        value = self._table.get("code")
        code = code_of(value) if isinstance(value, str) else ""
        if not _CODE.fullmatch(code):
            told = _("is missing") if value is None else _("'{code}' is no identifier code").format(code=value)
            raise self._fault("code", told, _("like H49.61.05 or 000.00.00.H49"))
        return code

    def _known(self, name: str, found: object, known: Collection[str]) -> None:
        for each in found if known and isinstance(found, tuple) else ():
            if each not in known:
                told = _("'{name}' is not known").format(name=each)
                raise self._fault(name, told, did_you_mean(each, known))

    def texts(self, name: str) -> tuple[str, ...]:
        """Give a list of texts, NFC."""
        value = self._table[name]
        if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
            raise self._fault(name, _("must be a list of texts"))
        return tuple(dict.fromkeys(unicodedata.normalize("NFC", each).strip() for each in value))

    def flag(self, name: str) -> bool:
        """Give true or false."""
        value = self._table[name]
        if not isinstance(value, bool):
            raise self._fault(name, _("must be true or false"))
        return value

    def domains(self, name: str) -> tuple[str, ...]:
        """Give a list of domains, in their one form."""
        return tuple(self._domain(name, each) for each in self.texts(name))

    def _domain(self, name: str, text: str) -> str:
        if text.startswith(("*", ".")):
            told = _("'{domain}' holds what is below it anyway").format(domain=text)
            raise self._fault(name, told, text.lstrip("*."))
        try:
            domain = names.dns_of(text)
        except InputError as fault:
            raise self._fault(name, fault.message, fault.hint) from None
        if domain in _SHARED:
            told = _("'{domain}' is shared by all: it would give the names of others away").format(domain=text)
            raise self._fault(name, told, _("name the agency's own domain"))
        return domain

    def mail(self, name: str) -> tuple[str, ...]:
        """Give a list of mail addresses, and domains of such, in their one form."""
        try:
            return tuple(
                names.of(NameKind.EMAIL, each).value if "@" in each else names.dns_of(each) for each in self.texts(name)
            )
        except InputError as fault:
            raise self._fault(name, fault.message, fault.hint) from None

    def networks(self, name: str) -> tuple[Network, ...]:
        """Give a list of networks."""
        return tuple(self._network(name, each) for each in self.texts(name))

    def _network(self, name: str, text: str) -> Network:
        found = network_of(text)
        if found is None:
            raise self._fault(name, _("'{text}' is no network").format(text=text), "10.49.0.0/16")
        if found.length < _WIDEST[found.family]:
            raise self._fault(name, _("'{text}' is wider than any agency's").format(text=text), "10.49.0.0/16")
        return found


KEYS: Final[Mapping[str, Callable[[_Keys, str], Any]]] = {
    "code": _Keys.texts,
    "domains": _Keys.domains,
    "networks": _Keys.networks,
    "mail": _Keys.mail,
    "wildcards": _Keys.flag,
    "profiles": _Keys.texts,
    "requesters": _Keys.texts,
}
"""Every key of a table, and what reads it."""


def _claimed_twice(tables: Iterable[Rights]) -> Iterator[InputError]:
    """Tell of domains and networks that two tables have."""
    first: dict[tuple[str, object], Rights] = {}
    for table in tables:
        for key in ("domains", "networks"):
            for each in getattr(table, key) or ():
                known = first.setdefault((key, each), table)
                if known is not table:
                    text = each.text if isinstance(each, Network) else names.shown(each)
                    told = _("{key}: {what} belongs to '{other}' already").format(key=key, what=text, other=known.code)
                    hint = _("see {place}; what is loaded first wins").format(place=known.place)
                    yield InputError(told, place=table.place, hint=hint)
