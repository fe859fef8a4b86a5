"""Reads `pki/profiles/*.toml`: a file is a profile, and its name the profile's.

A profile of your own goes before one of the same name that is shipped. `docs/reference/profiles.md` names every field.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.model import toml
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.certificates.names import ATTRIBUTES
from sentinel.pki.certificates.profile import Authority, NameRules, Profile
from sentinel.pki.model import NameKind
from sentinel.pki.profiles import check
from sentinel.pki.profiles.kinds import Wrong, did_you_mean
from sentinel.pki.profiles.schema import FIELDS, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from sentinel.errors import SentinelError

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_LARGEST: Final = 1024 * 1024
_TABLE: Final = re.compile(r"\s*\[\s*([\w-]+)\s*\]")
_KEY: Final = re.compile(r"""\s*["']?([\w.-]+)["']?\s*=""")


def load(folders: Iterable[Path], *, codes: str = "", faults: list[SentinelError] | None = None) -> dict[str, Profile]:
    """Read every profile of folders, those of the first folder before those of the next of the same name.

    `codes` is the pattern of agencies' identifier codes, "" for that of Decision 20/2020/QĐ-TTg and QCVN 102:2016. What
    is wrong is added to `faults`, with its place, and its profile left out; without `faults` the first is raised.
    """
    found: dict[str, Profile] = {}
    problems: list[SentinelError] = []
    # A broken profile of one's own must not give way in silence to the one shipped.
    first: dict[str, Path] = {}
    for path in (path for folder in folders for path in _files(folder, problems)):
        if first.setdefault(path.stem, path) is path and (profile := read(path, problems, codes)):
            found[profile.id] = profile
    if faults is None and problems:
        raise problems[0]
    if faults is not None:
        faults += problems
    return found


def read(path: Path, faults: list[SentinelError], codes: str = "") -> Profile | None:
    """Read one profile; None, and every reason in `faults`, where it cannot be."""
    if not _ID.fullmatch(path.stem):
        told = _("'{text}' is no name of a profile").format(text=path.stem)
        faults.append(InputError(told, place=str(path), hint=_("write small letters, digits and hyphens")))
        return None
    try:
        text = _text_of(path)
        values = toml.read(text, str(path))
    except InputError as fault:
        faults.append(fault)
        return None
    return _Reading(path, lines_of(text), faults).profile(values, codes or _codes())


def _files(folder: Path, faults: list[SentinelError]) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".toml" and path.name[0] != ".")
    except OSError as error:
        told = _("no profiles can be read here: {reason}").format(reason=error.strerror or error)
        faults.append(InputError(told, place=str(folder)))
        return []


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(_("is too large for a profile"), place=str(path))
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        told = _("cannot be read: {reason}").format(reason=error.strerror or error)
        raise InputError(told, place=str(path)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(_("is not UTF-8"), place=f"{path}:{line}") from None


def lines_of(text: str) -> dict[str, int]:
    """Give for each field, with its table, and for each table the line (from 1) that it first stands on."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.split("\n"), 1):
        if header := _TABLE.match(line):
            table = f"{header[1]}."
            found.setdefault(header[1], number)
        elif key := _KEY.match(line):
            found.setdefault(f"{table}{key[1]}", number)
            found.setdefault(f"{table}{key[1]}".partition(".")[0], number)
    return found


def _codes() -> str:
    from sentinel.estate.check import CODE

    return CODE.pattern


class _Reading:
    """One file being read: where its fields stand, and what is wrong with them."""

    def __init__(self, path: Path, lines: Mapping[str, int], faults: list[SentinelError]) -> None:
        self._path, self._lines, self._faults = path, lines, faults

    def profile(self, told: Mapping[str, Any], codes: str) -> Profile | None:
        """Give the profile that the file tells; None where anything is wrong with it."""
        before = len(self._faults)
        given = dict(self._flat(told))
        values = {name: self._value(name, given) for name in FIELDS}
        if len(self._faults) > before:
            return None
        profile = self._made(values, codes, is_authority="authority" in told)
        for name, message, hint in check.problems(profile):
            self._fault(name, message, hint)
        return profile if len(self._faults) == before else None

    def _fault(self, name: str, message: str, hint: str = "") -> None:
        line = self._lines.get(name) or self._lines.get(name.partition(".")[0]) or 1
        self._faults.append(InputError(message, place=f"{self._path}:{line}", hint=hint))

    def _flat(self, told: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
        """Give each field that is there with its value; what is no field is a fault."""
        for name, value in told.items():
            if name in TABLES and isinstance(value, dict):
                yield from self._within(name, value)
            elif name in TABLES:
                self._fault(name, _("'{name}' must be a table").format(name=name), f"[{name}]")
            elif name in FIELDS:
                yield name, value
            else:
                known = [*TABLES, *(each for each in FIELDS if "." not in each)]
                self._fault(name, _("unknown key '{name}'").format(name=name), did_you_mean(name, known))

    def _within(self, table: str, values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
        known = [name.partition(".")[2] for name in FIELDS if name.startswith(f"{table}.")]
        for name, value in values.items():
            if name in known:
                yield f"{table}.{name}", value
            else:
                told = _("unknown key '{name}'").format(name=f"{table}.{name}")
                self._fault(f"{table}.{name}", told, did_you_mean(name, known))

    def _value(self, name: str, given: Mapping[str, object]) -> Any:  # noqa: ANN401 - by the field
        field = FIELDS[name]
        if name not in given:
            if field.required:
                self._fault(name, _("'{name}' is missing").format(name=name), _(field.meaning))
            elif field.default is None or field.default in {"", ()}:
                return field.default
        try:
            return field.kind.read(given.get(name, field.default)) if name in given or not field.required else None
        except Wrong as wrong:
            self._fault(name, f"'{name}' {wrong.message}", wrong.hint or _(field.meaning))
            return None

    def _made(self, values: Mapping[str, Any], codes: str, *, is_authority: bool) -> Profile:
        templates = ((attribute, values[f"subject.{attribute}"]) for attribute in ATTRIBUTES)
        name_kinds = tuple(NameKind(kind) for kind in values["names.kinds"])
        name_rules = (values[f"names.{each}"] for each in ("least", "most", "wildcard"))
        return Profile(
            id=self._path.stem,
            name=values["name"],
            name_en=values["name_en"] or values["name"],
            subject=tuple((attribute, template) for attribute, template in templates if template),
            validity=values["validity.default"],
            longest=values["validity.longest"],
            backdate=values["validity.backdate"],
            keys=tuple(KeyKind(kind) for kind in values["keys.kinds"]),
            rsa_bits=(values["keys.rsa_least"], values["keys.rsa_most"]),
            names=NameRules(name_kinds, *name_rules),
            key_usage=values["usage.keys"],
            purposes=values["usage.purposes"],
            purposes_critical=values["usage.critical"],
            policies=values["policies"],
            shards=values["revocation.shards"],
            lists=values["revocation.lists"],
            ocsp=values["revocation.ocsp"],
            no_check=values["revocation.no_check"],
            codes=values["agency_codes"] or codes,
            authority=Authority(values["authority.path_length"], values["authority.closed"]) if is_authority else None,
            place=f"{self._path}:1",
        )
