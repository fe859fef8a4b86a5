"""Who may act: the people of people.toml.

    [[person]]
    name = "lan.nguyen"                     # what the history calls them; never given to another
    full_name = "Nguyễn Thị Lan"
    roles = ["analyst", "approver"]
    os_users = ["lan"]                      # who they are to the operating system

    [[person.key]]
    public = "ssh-ed25519 AAAA…"            # or PEM, on several lines
    added = 2026-11-23T09:30:00Z            # signatures count from then on
    retired = 2027-11-23T09:30:00Z          # and until then, where it is given

Where there is no such file, everybody whom the operating system names acts as an analyst. As soon as there is one, only
those in it may act.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from sentinel.crypto.keys import PublicKey
from sentinel.errors import InputError
from sentinel.language import _, later
from sentinel.ledger.base import Signer
from sentinel.model import toml
from sentinel.people.lines import Lines
from sentinel.people.roles import Role, may

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

RESERVED: Final = "sentinel"
"""The name of what no person did."""
_NAME: Final = re.compile(r"[^\W_][\w.-]{0,63}")
_NAME_FORM: Final = later("a name is up to 64 letters, digits, dots, dashes and underscores, such as lan.nguyen")
_SECOND: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may act: texts are NFC, `keys` are in the order of the file, retired ones too."""

    name: str
    full_name: str
    roles: frozenset[Role]
    os_users: tuple[str, ...] = ()
    keys: tuple[Signer, ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    """Everybody of a register; `place` is its file, and `absent` tells that there is none."""

    place: str
    persons: tuple[Person, ...] = ()
    absent: bool = False

    def named(self, name: str) -> Person:
        """Give the person of a name. Raises InputError where there is none."""
        folded = nfc(name).casefold()
        for person in self.persons:
            if person.name.casefold() == folded:
                return person
        raise InputError(
            _("nobody is called so"), place=name, hint=_likely(name, [person.name for person in self.persons])
        )

    def of_os_user(self, user: str) -> Person | None:
        """Give the person that a user of the operating system is."""
        return next((person for person in self.persons if user in person.os_users), None)

    def signers(self) -> dict[str, Signer]:
        """Give every key by its fingerprint, retired ones too."""
        return {signer.key.fingerprint: signer for person in self.persons for signer in person.keys}

    def who_may(self, permission: str) -> list[Person]:
        """Give those whose roles give a permission."""
        return [person for person in self.persons if may(person.roles, permission)]


def read(path: Path) -> People:
    """Read a register; one that is absent has nobody in it. Raises InputError with the place of what is wrong in it."""
    text = text_of(path)
    return People(str(path), absent=True) if text is None else parse(text, str(path))


def text_of(path: Path) -> str | None:
    """Give the text of a register, None where there is none. Raises InputError where it cannot be read."""
    try:
        return path.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(_("cannot be read: {reason}").format(reason=error), place=str(path)) from None


def parse(text: str, place: str) -> People:
    """Read the text of a register. Raises InputError, with `place:line`, for what is wrong in it."""
    found = toml.read(text, place)
    at = Lines(text, place)
    _known(found, {"person"}, at.top)
    tables = _tables(found.get("person", []), at.top("person"))
    persons = tuple(_person(table, at.person(index)) for index, table in enumerate(tables))
    _once(((person.name.casefold(), person.name, at.person(index)("name")) for index, person in enumerate(persons)))
    _once(
        (user, user, at.person(index)("os_users")) for index, person in enumerate(persons) for user in person.os_users
    )
    _once(
        (signer.key.fingerprint, signer.key.fingerprint, at.key(index, number)("public"))
        for index, person in enumerate(persons)
        for number, signer in enumerate(person.keys)
    )
    return People(place, persons)


def nfc(text: str) -> str:
    """Give a text as it is kept and compared: NFC, without blanks around it."""
    return unicodedata.normalize("NFC", text).strip()


def name_of(text: str, place: str) -> str:
    """Give a person's name in its final form. Raises InputError for what cannot be one."""
    name = nfc(text)
    if not _NAME.fullmatch(name) or name.casefold() == RESERVED:
        raise InputError(_("'{name}' cannot be a name").format(name=name), place=place, hint=_(_NAME_FORM))
    return name


def role_of(text: str, place: str) -> Role:
    """Give the role of a name. Raises InputError where there is none."""
    try:
        return Role(text.strip().lower())
    except ValueError:
        raise InputError(
            _("there is no role '{role}'").format(role=text), place=place, hint=_likely(text, list(Role))
        ) from None


def _person(table: Mapping[str, Any], at: Callable[[str], str]) -> Person:
    _known(table, {"name", "full_name", "roles", "os_users", "key"}, at)
    name = name_of(_text(table, "name", at), at("name"))
    keys = _tables(table.get("key", []), at("key"))
    return Person(
        name,
        nfc(_text(table, "full_name", at, name)),
        frozenset(role_of(role, at("roles")) for role in _texts(table, "roles", at)),
        tuple(map(nfc, _texts(table, "os_users", at))),
        tuple(_signer(name, key, at, index) for index, key in enumerate(keys)),
    )


def _signer(owner: str, table: Mapping[str, Any], person_at: Callable[[str], str], index: int) -> Signer:
    def at(name: str) -> str:
        return person_at(f"key.{index}.{name}")

    _known(table, {"public", "added", "retired"}, at)
    key = PublicKey.of_text(_text(table, "public", at), at("public"))
    added = _time(table.get("added"), at("added"))
    retired = _time(table["retired"], at("retired")) if "retired" in table else None
    if retired is not None and retired < added:
        raise InputError(_("the key is retired before it is added"), place=at("retired"))
    return Signer(owner, key, added, retired)


def _time(value: object, place: str) -> int:
    """Give a moment, or the first one of a day in UTC, as nanoseconds since 1970."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        moment = value
    elif isinstance(value, date) and not isinstance(value, datetime):
        moment = datetime(value.year, value.month, value.day, tzinfo=UTC)
    else:
        raise InputError(
            _("not a time with its offset: {value}").format(value=value),
            place=place,
            hint=_("write 2026-11-23T09:30:00Z, without quotes"),
        )
    past = moment - datetime.fromtimestamp(0, UTC)
    return (past.days * 86400 + past.seconds) * _SECOND + past.microseconds * 1000


def _text(table: Mapping[str, Any], name: str, at: Callable[[str], str], default: str = "") -> str:
    value = table.get(name, default)
    if not isinstance(value, str) or not value.strip():
        raise InputError(_("'{name}' must be a text").format(name=name), place=at(name))
    return value


def _texts(table: Mapping[str, Any], name: str, at: Callable[[str], str]) -> list[str]:
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise InputError(_("'{name}' must be a list of texts").format(name=name), place=at(name))
    return value


def _tables(value: object, place: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise InputError(_("must be tables, each under [[person]] or [[person.key]]"), place=place)
    return value


def _known(table: Mapping[str, Any], names: set[str], at: Callable[[str], str]) -> None:
    for name in table:
        if name not in names:
            raise InputError(
                _("unknown name '{name}'").format(name=name), place=at(name), hint=_likely(name, sorted(names))
            )


def _once(claims: Iterable[tuple[str, str, str]]) -> None:
    """Raise InputError where a key, the first of each claim, comes a second time; then its name, and its place."""
    first: dict[str, str] = {}
    for key, name, place in claims:
        if key in first:
            raise InputError(
                _("'{name}' stands here twice").format(name=name),
                place=place,
                hint=_("first: {place}").format(place=first[key]),
            )
        first[key] = place


def _likely(name: str, names: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name.casefold(), names, n=1, cutoff=0.6)
    if close:
        return _("did you mean '{name}'?").format(name=close[0])
    return _("there is: {names}").format(names=", ".join(names)) if names else ""
