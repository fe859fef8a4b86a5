"""Agencies as a table of CSV, a line each; see `sentinel.model.sheet`.

The first line names the columns, in any order; those of `COLUMNS` are known. Cells with several values separate them by
blanks, `;` or `,`; those of log files by `;` alone.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.estate import reach
from sentinel.language import _
from sentinel.model import sheet
from sentinel.model.estate import LEVELS, Agency, Contact, Tier
from sentinel.model.sheet import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from sentinel.errors import SentinelError

COLUMNS: Final = (
    "id", "name", "tier", "province", "commune", "parent", "focal_point", "phone", "email", "level", "hosts", "domains",
    "networks", "logs",
)  # fmt: skip
REQUIRED: Final = ("id", "name", "tier")
TIERS: Final[Mapping[str, Tier]] = {
    **{tier.value: tier for tier in Tier},
    "trung ương": Tier.CENTRAL,
    "tỉnh": Tier.PROVINCE,
    "cấp tỉnh": Tier.PROVINCE,
    "xã": Tier.COMMUNE,
    "cấp xã": Tier.COMMUNE,
}
"""The words for tiers, as tables written by hand have them too."""
_GRADES: Final = {str(level): level for level in LEVELS}
_PROVINCE_DIGITS, _COMMUNE_DIGITS = 2, 5


def read(path: Path, faults: list[SentinelError]) -> list[Agency]:
    """Read every line that can be read; what cannot is added to `faults` with its place.

    Raises InputError where the file cannot be read at all, is not UTF-8 or lacks a column that must be there.
    """
    return parse(text_of(path), str(path), faults)


def text_of(path: Path) -> str:
    """Give the text of a file. Raises InputError where it cannot be read or is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            _("cannot be read: {reason}").format(reason=error.strerror or error), place=str(path)
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(
            _("is not UTF-8"), place=f"{path}:{line}", hint=_("save it as “CSV UTF-8” in the spreadsheet")
        ) from None


def parse(
    text: str, place: str, faults: list[SentinelError], complete: Callable[[list[str]], list[str]] | None = None
) -> list[Agency]:
    """Read a table whose first line names its columns; see `read`. `complete` mends the cells of a line, in order."""
    lines = sheet.lines(text, place, faults)
    number, head = next(lines, (1, []))
    names = [name.strip().lower() for name in head]
    _check_head(names, f"{place}:{number}")
    ordered = itemgetter(*(names.index(name) if name in names else len(names) for name in COLUMNS))
    found = []
    for number, cells in lines:
        if any(cells):
            here, width = f"{place}:{number}", len(cells)
            if width > len(names) and (fault := sheet.surplus(cells, len(names), here)):
                faults.append(fault)
                continue
            cells.extend([""] * (len(names) + 1 - width))
            # What holds neither an apostrophe nor a blank at an end, as nearly all, is as it should be.
            told = [cell if not cell or (cell[0] > "'" and cell[-1] > " ") else plain(cell) for cell in ordered(cells)]
            if agency := _agency(complete(told) if complete else told, here, faults):
                found.append(agency)
    return found


def _check_head(names: list[str], place: str) -> None:
    known = _("columns: {names}").format(names=", ".join(COLUMNS))
    for name in REQUIRED:
        if name not in names:
            raise InputError(_("the column '{name}' is missing").format(name=name), place=place, hint=known)
    for name in names:
        if name and name not in COLUMNS:
            raise InputError(_("unknown column '{name}'").format(name=name), place=place, hint=known)
        if name and names.count(name) > 1:
            raise InputError(_("the column '{name}' is there twice").format(name=name), place=place, hint=known)


def _agency(cells: list[str], place: str, faults: list[SentinelError]) -> Agency | None:
    """Read the cells of a line, in the order of `COLUMNS`; None, and why in `faults`, where they cannot be."""
    identity, name, tier_name, province, commune, parent, focal_point, phone, email, grade, *rest = cells
    hosts, domains, networks, logs = rest
    problems = []
    if not (identity and name and tier_name):
        problems = [
            (_("'{name}' is empty").format(name=name), "")
            for name, cell in zip(REQUIRED, cells, strict=False)
            if not cell
        ]
    tier = TIERS.get(tier_name) or TIERS.get(tier_name.casefold())
    if tier is None and tier_name:
        problems.append(
            (_("no tier is called '{name}'").format(name=tier_name), _("write central, province or commune"))
        )
    level = level_of(grade, problems) if grade else 0
    owned = reach.of_cells(hosts, domains, networks, logs, problems)
    if problems or tier is None:
        faults.extend(InputError(message, place=place, hint=hint) for message, hint in problems)
        return None
    codes = padded(province, _PROVINCE_DIGITS), padded(commune, _COMMUNE_DIGITS)
    return Agency(identity, name, tier, *codes, parent, Contact(focal_point, phone, email), level, owned, place)


def level_of(text: str, problems: list[tuple[str, str]]) -> int:
    """Give a level of Decree 85/2016, 0 and what is wrong where it is none."""
    if text in _GRADES:
        return _GRADES[text]
    if text.isascii() and text.isdigit() and len(text) < _COMMUNE_DIGITS and int(text) in LEVELS:
        return int(text)
    problems.append((_("a level is 1 to 5, not {value}").format(value=repr(text)), _("Decree 85/2016 has five levels")))
    return 0


def padded(code: str, digits: int) -> str:
    """Give a code with the zeros that spreadsheets drop."""
    return code.zfill(digits) if len(code) < digits and code.isascii() and code.isdigit() else code


def written(agencies: Iterable[Agency]) -> str:
    """Give agencies as a table: lines end as RFC 4180 says, and no cell is a formula to a spreadsheet."""
    return sheet.written([COLUMNS, *map(cells_of, agencies)])


def cells_of(agency: Agency) -> tuple[str, ...]:
    """Give the cells of an agency, in the order of `COLUMNS`."""
    contact = agency.contact
    return (
        agency.id, agency.name, agency.tier.value, agency.province, agency.commune, agency.parent,
        contact.name, contact.phone, contact.email, str(agency.level or ""), *reach.cells_of(agency.reach),
    )  # fmt: skip
