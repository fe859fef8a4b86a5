"""Batches of requests as a table of CSV, a line for each certificate; see `sentinel.model.sheet`.

The first line names the columns, in any order and in any of several words, English and Vietnamese.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.estate.agencies import text_of
from sentinel.language import _
from sentinel.model import sheet
from sentinel.pki.requests.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from sentinel.errors import SentinelError

MOST_ROWS: Final = 200_000
REQUIRED: Final = ("profile", "agency", "key")
SUBJECT: Final = ("common_name", "organizational_unit", "title", "surname", "given_name", "serial_number")
"""Columns that go into subjects, where the profile has a field of this name."""
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "profile": ("certificate profile", "template", "hồ sơ", "mẫu", "loại chứng thư"),
    "agency": ("agency code", "code", "organization identifier", "mã định danh", "mã cơ quan", "cơ quan"),
    "names": ("name", "san", "sans", "subject alternative names", "dns", "dns names", "domains", "tên miền", "các tên"),
    "key": ("csr", "csr path", "csr file", "request", "key file", "yêu cầu", "tệp yêu cầu", "khóa", "khoá"),
    "validity": ("days", "valid for", "lifetime", "thời hạn", "số ngày"),
    "id": ("reference", "ref", "stt", "mã số"),
    "common_name": ("cn", "common name", "tên chung", "tên"),
    "organizational_unit": ("ou", "unit", "department", "đơn vị", "phòng ban"),
    "title": ("post", "chức vụ", "chức danh"),
    "surname": ("sn", "family name", "last name", "họ"),
    "given_name": ("first name", "tên đệm và tên"),
    "serial_number": ("device number", "serial", "số máy", "số hiệu"),
}
"""Every column, and other words for it."""
_WORDS: Final = {word: column for column, words in COLUMNS.items() for word in (column.replace("_", " "), *words)}
_SIGNS: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its cells by column, empty ones left out, and where it stands (`path:line`)."""

    cells: Mapping[str, str]
    place: str

    def get(self, column: str) -> str:
        """Give a cell, "" where it is empty or the column is not there."""
        return self.cells.get(column, "")


def read(path: Path, faults: list[SentinelError]) -> list[Row]:
    """Read every line that can be read; what cannot is added to `faults` with its place.

    Raises InputError where the file cannot be read, is not UTF-8, or lacks a column that must be there.
    """
    return parse(text_of(path), str(path), faults)


def parse(text: str, place: str, faults: list[SentinelError]) -> list[Row]:
    """Read a table whose first line names its columns; see `read`."""
    lines = sheet.lines(text, place, faults)
    number, head = next(lines, (1, []))
    columns = _columns(head, f"{place}:{number}")
    rows = list[Row]()
    for number, cells in lines:
        if len(rows) >= MOST_ROWS:
            told = _("more than {most} lines").format(most=MOST_ROWS)
            raise InputError(told, place=f"{place}:{number}", hint=_("cut the table into several"))
        if fault := sheet.surplus(cells, len(columns), f"{place}:{number}"):
            faults.append(fault)
        elif found := {name: text for name, cell in zip(columns, cells, strict=False) if (text := sheet.plain(cell))}:
            rows.append(Row(found, f"{place}:{number}"))
    return rows


def column_of(word: str) -> str:
    """Give the column that a word of the first line names, "" where it names none."""
    return _WORDS.get(_SIGNS.sub(" ", unicodedata.normalize("NFC", word).casefold()).strip(), "")


def _columns(head: Sequence[str], place: str) -> list[str]:
    if not any(head):
        raise InputError(_("the table has no lines"), place=place)
    columns = [column_of(word) for word in head]
    for word, column in zip(head, columns, strict=True):
        if not column:
            hint = did_you_mean(word.strip().casefold(), COLUMNS) or ", ".join(COLUMNS)
            raise InputError(_("unknown column '{name}'").format(name=word.strip()), place=place, hint=hint)
        if columns.count(column) > 1:
            words = " = ".join(each for each, other in zip(head, columns, strict=True) if other == column)
            raise InputError(_("the column '{name}' is there twice").format(name=column), place=place, hint=words)
    for column in REQUIRED:
        if column not in columns:
            hint = _("columns: {names}").format(names=", ".join(COLUMNS))
            raise InputError(_("the column '{name}' is missing").format(name=column), place=place, hint=hint)
    return columns


def written(rows: Iterable[Row]) -> str:
    """Give rows as a table: lines end as RFC 4180 says, and no cell is a formula to a spreadsheet."""
    told = list(rows)
    columns = [column for column in COLUMNS if column in REQUIRED or any(row.get(column) for row in told)]
    return sheet.written([columns, *([row.get(column) for column in columns] for row in told)])
