"""Tables of CSV as spreadsheets write and read them.

Spreadsheets are met where they are: a byte order mark, `;` or tabs between cells, and an apostrophe before what a
spreadsheet would compute are read, and the last is written. Text is NFC.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sentinel.errors import SentinelError

_DELIMITERS: Final = ",;\t"
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_REASONS: Final = (
    ("unexpected end", later("a quote is opened and never closed")),
    ("expected after", later("something stands behind a closing quote")),
    ("field larger", later("a cell is longer than a cell can be")),
)
"""What Python's reader says, in words."""


def lines(text: str, place: str, faults: list[SentinelError]) -> Iterator[tuple[int, list[str]]]:
    """Give each line of a table with the number it begins at; what is no CSV is added to `faults` with its place."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=head.count), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = next((_(told) for sign, told in _REASONS if sign in str(error)), str(error))
            faults.append(InputError(_("not CSV: {reason}").format(reason=reason), place=f"{place}:{number}"))


def surplus(cells: list[str], columns: int, place: str) -> InputError | None:
    """Give what is wrong with a line that has more cells than there are columns, None where those are empty."""
    if not any(cells[columns:]):
        return None
    told = _("{cells} cells in a line of {columns} columns").format(cells=len(cells), columns=columns)
    return InputError(told, place=place, hint=_("write cells that hold a comma in quotes"))


def plain(cell: str) -> str:
    """Give a cell without the blanks around it, and the apostrophe before what a spreadsheet would compute."""
    return (cell[1:] if _GUARDED.match(cell) else cell).strip()


def written(rows: Iterable[Iterable[str]]) -> str:
    """Give rows as a table: lines end as RFC 4180 says, and no cell is a formula to a spreadsheet."""
    text = io.StringIO()
    csv.writer(text).writerows([_guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell
