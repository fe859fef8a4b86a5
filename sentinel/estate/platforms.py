"""Shared platforms, a file of TOML each.

id = "portal"                            # [a-z0-9-], what events and alerts say
name = "Cổng Dịch vụ công quốc gia"
name_en = "National Public Service Portal"
level = 4                                # of Decree 85/2016, 1 to 5
owner = "G01"                            # identifier code of an agency
hosts = ["portal01", "web*.gov.example"]
domains = ["dichvucong.gov.example"]     # with all beneath
networks = ["192.0.2.0/28"]
logs = ["*/web/nginx-*"]                 # paths of log files that name no host

[focal_point]                            # who answers at any hour
name = "…"
phone = "…"
email = "…"
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.estate import reach
from sentinel.estate.agencies import level_of, text_of
from sentinel.language import _
from sentinel.model import toml
from sentinel.model.estate import Contact, Platform, Reach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sentinel.errors import SentinelError

    Problems = list[tuple[str, str]]

TEXTS: Final = ("id", "name", "name_en", "owner")
CONTACT: Final = "focal_point"
_CONTACT_TEXTS: Final = ("name", "phone", "email")
KEYS: Final = (*TEXTS, "level", *reach.KINDS, CONTACT)
_REQUIRED: Final = ("id", "name", "level")
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def read(path: Path, faults: list[SentinelError]) -> Platform | None:
    """Read one platform; None, and why in `faults`, where it cannot be. Raises InputError for what is no TOML."""
    text = unicodedata.normalize("NFC", text_of(path))
    told, lines = toml.read(text, str(path)), toml.lines_of(text)
    found: list[SentinelError] = []

    def place(key: str) -> str:
        return f"{path}:{lines.get(key, 1)}"

    for key in [key for key in told if key not in KEYS]:
        known = _("keys: {names}").format(names=", ".join(KEYS))
        found.append(InputError(_("unknown key '{name}'").format(name=key), place=place(key), hint=known))
    missing = [key for key in _REQUIRED if key not in told]
    found += [InputError(_("'{name}' is missing").format(name=key), place=f"{path}:1") for key in missing]
    values = {key: _read(key, told, place(key), found) for key in KEYS}
    faults += found
    if found:
        return None
    owned = Reach(*(values[key] for key in reach.KINDS))
    texts = (values[key] for key in TEXTS)
    identity, name, name_en, owner = texts
    return Platform(identity, name, values["level"], name_en, owner, values[CONTACT], owned, f"{path}:1")


def _read(key: str, told: Mapping[str, Any], place: str, found: list[SentinelError]) -> Any:  # noqa: ANN401 - by key
    problems: Problems = []
    value = _value(key, told.get(key), problems)
    found += [InputError(message, place=place, hint=hint) for message, hint in problems]
    return value


def _value(key: str, value: object, problems: Problems) -> object:
    """Give the value of a key as it is kept."""
    if key in reach.KINDS:
        return _owned(key, value, problems)
    if key == CONTACT:
        return _contact(value, problems)
    if key == "level":
        return level_of(str(value), problems) if value is not None else 0
    text = _text(key, value, problems)
    if key == "id" and text and not _ID.fullmatch(text):
        problems.append((_("'{text}' is no id").format(text=text), _("write small letters, digits and hyphens")))
    return text


def _text(key: str, value: object, problems: Problems) -> str:
    if value is None or (isinstance(value, str) and (value.strip() or key not in _REQUIRED)):
        return "" if value is None else value.strip()
    problems.append((_("'{name}' must be text, not {value}").format(name=key, value=repr(value)), ""))
    return ""


def _owned(kind: str, value: object, problems: Problems) -> Sequence[object]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
        problems.append((_("'{name}' must be a list of texts").format(name=kind), ""))
        return ()
    return reach.parse(kind, value, problems)


def _contact(value: object, problems: Problems) -> Contact:
    if value is None:
        return Contact()
    if not isinstance(value, dict) or not value.keys() <= set(_CONTACT_TEXTS):
        known = _("keys: {names}").format(names=", ".join(_CONTACT_TEXTS))
        problems.append((_("'{name}' must be a table").format(name=CONTACT), known))
        return Contact()
    return Contact(*(_text(f"{CONTACT}.{name}", value.get(name), problems) for name in _CONTACT_TEXTS))
