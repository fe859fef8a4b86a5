"""Brings a table of agencies into an estate: what changes is known before anything is written.

Agencies are the same where their identifier codes are, in either order. A merge adds and changes; with `replacing`,
those that the table lacks go, unless it has lines that cannot be read: what these are about stays as it is. Nothing is
written over a table of one's own that has such lines itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.estate import agencies, places
from sentinel.estate.agencies import COLUMNS, cells_of
from sentinel.language import _
from sentinel.model.estate import code_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sentinel.errors import SentinelError
    from sentinel.model.estate import Agency

FILE: Final = "agencies.csv"
"""The table of an estate's folder that is written; others are read beside it."""


class Change(StrEnum):
    """What becomes of an agency."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Changed:
    """An agency as it was and as it will be, None where it is not there; `columns` are those that differ."""

    change: Change
    before: Agency | None
    after: Agency | None
    columns: tuple[str, ...] = ()

    @property
    def agency(self) -> Agency:
        """Give it as it will be, or was."""
        agency = self.after or self.before
        assert agency is not None  # noqa: S101 - there is one of both
        return agency


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import does: the agencies afterwards, what changes, and what could not be read of the table."""

    agencies: tuple[Agency, ...]
    changes: tuple[Changed, ...]
    faults: tuple[SentinelError, ...]

    def count(self, change: Change) -> int:
        """Count agencies to which something happens."""
        return sum(each.change is change for each in self.changes)


def plan(table: Path, folder: Path, *, replacing: bool = False) -> Plan:
    """Read a table and say what bringing it into the estate in a folder does.

    Raises InputError where the table cannot be read at all, or the folder's own table has lines that cannot be.
    """
    faults: list[SentinelError] = []
    found = agencies.parse(agencies.text_of(table), str(table), faults, completed)
    own = _own(folder / FILE)
    elsewhere = _elsewhere(folder)
    fresh: dict[str, Agency] = {}
    for agency in found:
        code = code_of(agency.id)
        known = fresh.get(code) or elsewhere.get(code)
        if known is None:
            fresh[code] = agency
        else:
            told = _("'{id}' is described twice").format(id=agency.id)
            faults.append(InputError(told, place=agency.place, hint=_("first: {place}").format(place=known.place)))
    changes = _changes(own, fresh, removed=replacing and not faults)
    kept = tuple(each.after for each in changes if each.after is not None)
    return Plan(kept, tuple(changes), tuple(faults))


def _own(path: Path) -> dict[str, Agency]:
    if not path.exists():
        return {}
    faults: list[SentinelError] = []
    found = agencies.read(path, faults)
    if faults:
        first = faults[0]
        hint = _("mend it first: writing would lose the line")
        raise InputError(first.message, place=first.place, hint=hint)
    by_code = {code_of(agency.id): agency for agency in found}
    if len(by_code) < len(found):
        twice = next(agency for agency in found if by_code[code_of(agency.id)] is not agency)
        hint = _("mend it first: writing would lose the line")
        raise InputError(_("'{id}' is described twice").format(id=twice.id), place=twice.place, hint=hint)
    return by_code


def _elsewhere(folder: Path) -> dict[str, Agency]:
    """Give the agencies of the folder's other tables; what cannot be read of these is for `check` to tell."""
    found: list[Agency] = []
    for path in sorted(folder.glob("*.csv")) if folder.is_dir() else ():
        if path.name != FILE:
            found += agencies.read(path, [])
    return {code_of(agency.id): agency for agency in found}


def _changes(own: dict[str, Agency], fresh: dict[str, Agency], *, removed: bool) -> list[Changed]:
    told = []
    for code, before in own.items():
        after = fresh.get(code)
        if after is None:
            told.append(Changed(Change.REMOVED, before, None) if removed else Changed(Change.SAME, before, before))
        else:
            columns = _differing(before, after)
            told.append(Changed(Change.CHANGED if columns else Change.SAME, before, after, columns))
    return told + [Changed(Change.ADDED, None, agency) for code, agency in fresh.items() if code not in own]


def _differing(before: Agency, after: Agency) -> tuple[str, ...]:
    cells = zip(COLUMNS, cells_of(before), cells_of(after), strict=True)
    return tuple(name for name, old, new in cells if old != new)


def completed(cells: list[str]) -> list[str]:
    """Give the cells of a line with what the codes of its place tell: names for codes, the province, its own name."""
    told = dict(zip(COLUMNS, cells, strict=True))
    if told["province"] and not told["province"].isdigit() and (found := places.province_named(told["province"])):
        told["province"] = found.code
    if told["commune"] and not told["commune"].isdigit():
        named = places.communes_named(told["commune"], agencies.padded(told["province"], 2))
        told["commune"] = named[0].code if len(named) == 1 else told["commune"]
    commune = places.communes().get(agencies.padded(told["commune"], 5))
    if commune is not None:
        told["province"] = told["province"] or commune.province
        told["name"] = told["name"] or f"Ủy ban nhân dân {commune.name[:1].lower()}{commune.name[1:]}"
    return list(told.values())


def write(folder: Path, found: Sequence[Agency]) -> None:
    """Write agencies as the table of a folder, which is made where it is not there; the file appears whole.

    Raises InputError where that cannot be written.
    """
    path = folder / FILE
    beside = path.with_name(f".{FILE}.new")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(agencies.written(found).encode())
        beside.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(_("cannot be written: {reason}").format(reason=reason), place=str(path)) from None
