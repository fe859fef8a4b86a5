"""Tables with a header line: CSV, TSV and the like (RFC 4180), of whatever product.

The delimiter is a comma, a semicolon, a tab or a bar: the one that cuts the first lines into equally many cells. The
header's names are the fields; one that is empty or there before gets its number. A row with too few cells lacks the
last fields, one with too many keeps them as `rest`; both are told. Windows events that PowerShell exported
(`Get-WinEvent | Export-Csv`) are read as Windows events.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import csv_records, csv_windows
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.lines import text_of_line
from sentinel.language import _, later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.formats.gather import Gatherer

KIND: Final = EventKind("csv.table")
_BOM: Final = b"\xef\xbb\xbf"
_TYPE: Final = b"#TYPE "  # what Export-Csv of Windows PowerShell writes in front of the header
_NAME = re.compile(r"[^\W\d][\w .@/#()%+\[\]-]{0,63}|[@#_][\w .@-]{1,63}")
_MOST_WORDS: Final = 5
_LOOKED_AT: Final = 32
_ROWS: Final = 2
"""Rows below the header that must have as many cells as it has."""

# Names that tables use for when, without their signs and in lower case; best first.
_TIMES: Final = (
    "timestamp", "datetime", "dateandtime", "eventtime", "timegenerated", "timecreated", "utctime", "time", "date",
    "createdat", "creationtime", "created", "logtime", "logged", "ts", "thoigian", "ngaygio",
)  # fmt: skip
_SIGNS = re.compile(r"[\W_]+")


def named(cells: Sequence[str]) -> tuple[str, ...]:
    """Give the fields that a header names; one that is empty, or there before, gets the number of its column."""
    names: dict[str, None] = {}
    for number, cell in enumerate(cells, start=1):
        name = cell.strip() or f"column_{number}"
        while name in names:
            name = f"{name}_{number}"
        names[name] = None
    return tuple(names)


def time_fields(names: Sequence[str]) -> tuple[str, ...]:
    """Give the fields that tell when: one, or a date and a time; none where none is named so."""
    found = {_SIGNS.sub("", name.lower()): name for name in reversed(names)}
    if "date" in found and "time" in found:
        return found["date"], found["time"]
    return next(((found[name],) for name in _TIMES if name in found), ())


def _header_of(data: bytes) -> bytes:
    """Give the first record that holds anything, but for a byte order mark and the line of PowerShell."""
    for begin, end in csv_records.spans(data):
        record = data[begin:end].removeprefix(_BOM)
        if record.strip() and not record.startswith(_TYPE):
            return record
    return b""


def head(before: bytes, data: bytes) -> bytes:
    """Give the header: it stands at the beginning of the source."""
    return before or _header_of(data)


def delimiter_of(header: str) -> str:
    """Give the delimiter that cuts a header into the most cells."""
    return max(csv_records.DELIMITERS, key=lambda each: len(csv_records.cells_of(header, each)))


def recognise(data: bytes) -> bool:
    """Tell whether the first record names columns, and the next ones have as many cells."""
    whole = data[: csv_records.cut(data, False)]  # noqa: FBT003 - the signature of every format's cut
    found = list(_first_records(whole))
    if len(found) <= _ROWS:
        return False
    delimiter = delimiter_of(found[0])
    header, *rows = (csv_records.cells_of(each, delimiter) for each in found)
    agree = sum(len(row) == len(header) for row in rows)
    return len(header) > 1 and _names_columns(header) and agree >= _ROWS and 10 * agree >= 9 * len(rows)


def _names_columns(header: Sequence[str]) -> bool:
    """Tell whether these are names: words without times, addresses or sentences among them, nearly all different."""
    cells = [cell.strip() for cell in header]
    names = [cell for cell in cells if cell]
    if len(names) < max(2, len(cells) - 1) or 2 * len({*names}) < len(names) + 2:
        return False
    return all(_NAME.fullmatch(name) and len(name.split()) <= _MOST_WORDS for name in names)


def _first_records(data: bytes) -> Iterator[str]:
    number = 0
    for begin, end in csv_records.spans(data):
        record = data[begin:end].removeprefix(_BOM)
        if record.strip() and not record.startswith(_TYPE):
            yield text_of_line(record)
            number += 1
        if number > _LOOKED_AT:
            return


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every row of a block; the header is passed over, wherever it is repeated."""
    header = block.head or _header_of(block.data)
    line = text_of_line(header)
    delimiter = delimiter_of(line)
    names = named(csv_records.cells_of(line, delimiter))
    rows = _rows(block, gatherer, header, names, delimiter)
    if csv_windows.is_windows(names):
        csv_windows.gather(rows, gatherer, len(block.data))
        return
    take, times, events = gatherer.of(KIND).take, time_fields(names), 0
    for event, record, position in rows:
        if times:
            event["when"] = " ".join(event.get(name, "") for name in times).strip()
        take(event, record, position)
        events += 1
    gatherer.took(events, len(block.data))


def _rows(
    block: Block, gatherer: Gatherer, header: bytes, names: Sequence[str], delimiter: str
) -> Iterator[tuple[dict[str, Any], bytes, int]]:
    """Give each row as an event with its place; the first of a block whose cells do not fit is told."""
    uneven = False
    for record, position, number in csv_records.records(block):
        if not record.strip() or record.removeprefix(_BOM) == header or record.startswith(_TYPE):
            continue
        cells = csv_records.cells_of(text_of_line(record), delimiter)
        event: dict[str, Any] = {name: cell for name, cell in zip(names, cells, strict=False) if cell}
        if len(cells) != len(names):
            if len(cells) > len(names):
                event["rest"] = cells[len(names) :]
            if not uneven:
                gatherer.fault(position, _("a row with more or fewer cells than the header"), number)
            uneven = True
        yield event, record, position


FORMAT = Format(
    "csv", later("table with a header line (CSV, TSV)"), recognise, csv_records.cut, read, Splits.NEVER, head=head
)  # fmt: skip
