"""Tables with a header line: CSV, TSV and the like (RFC 4180), of whatever product.

The delimiter is a comma, a semicolon, a tab or a bar: the one that cuts the first lines into equally many cells. The
header's names are the fields; one that is empty or there before gets its number. A row with too few cells lacks the
last fields, one with too many keeps them as `rest`; both are told. Windows events that PowerShell exported
(`Get-WinEvent | Export-Csv`) are read as Windows events.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

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
_PASSED: Final = (_BOM, _TYPE)
_COMPUTED: Final = frozenset({"rest", "when"})
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


@dataclass(frozen=True, slots=True)
class Layout:
    """What a header says: the fields by the number of their column, and which of them tell when."""

    delimiter: str
    names: tuple[str, ...]
    numbers: Mapping[str, int]
    times: tuple[str, ...]
    is_windows: bool = False


@lru_cache(maxsize=8)
def _layout_of(header: bytes) -> Layout:
    line = text_of_line(header)
    delimiter = delimiter_of(line)
    names = named(csv_records.cells_of(line, delimiter))
    if csv_windows.is_windows(names):
        return Layout(delimiter, csv_windows.renamed(names), {}, (), is_windows=True)
    return Layout(delimiter, names, {name: number for number, name in enumerate(names)}, time_fields(names))


class Row(Mapping[str, Any]):
    """A row as a flat native event, of which only what is asked for is made.

    `cells` are what the record is cut into, or the record where that is still to be done.
    """

    __slots__ = ("_cells", "_layout", "_whole")

    def __init__(self, layout: Layout, cells: str | list[str]) -> None:
        self._layout = layout
        self._cells = cells
        self._whole: dict[str, Any] | None = None

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - the signature of every mapping's get
        """Give the value of a field, `default` where it is not there."""
        number = self._layout.numbers.get(name)
        if name in _COMPUTED or self._whole is not None:
            return self.whole().get(name, default)
        if number is None:
            return default
        cells = self._cut()
        return (cells[number] if number < len(cells) else None) or default

    def _cut(self) -> list[str]:
        if isinstance(self._cells, str):
            self._cells = self._cells.split(self._layout.delimiter)
        return self._cells

    def whole(self) -> dict[str, Any]:
        """Give every field that is there, and those that are computed."""
        if self._whole is None:
            cells, layout = self._cut(), self._layout
            event: dict[str, Any] = {name: cell for name, cell in zip(layout.names, cells, strict=False) if cell}
            if len(cells) > len(layout.names):
                event["rest"] = cells[len(layout.names) :]
            if layout.times:
                event["when"] = " ".join(event.get(name, "") for name in layout.times).strip()
            self._whole = event
        return self._whole

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        return self.whole()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.whole())

    def __len__(self) -> int:
        return len(self.whole())


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every row of a block; the header is passed over, wherever it is repeated."""
    header = block.head or _header_of(block.data)
    layout = _layout_of(header)
    rows = _rows(block, gatherer, header, layout)
    if layout.is_windows:
        csv_windows.gather(
            ((row.whole(), record, position) for row, record, position in rows), gatherer, len(block.data)
        )
        return
    gathering, events = gatherer.of(KIND), 0
    for row, record, position in rows:
        if gathering.fields is not None:
            # Where there is no view, a row is only looked at, and serves as well as a dictionary.
            gathering.take(row.whole() if gathering.view else cast("dict[str, Any]", row), record, position)
        events += 1
    gatherer.took(events, len(block.data))


def _rows(block: Block, gatherer: Gatherer, header: bytes, layout: Layout) -> Iterator[tuple[Row, bytes, int]]:
    """Give each row with its place; the first of a block whose cells do not fit is told."""
    uneven, delimiter, columns = False, layout.delimiter, len(layout.names)
    sign = delimiter.encode()
    for record, position, number in csv_records.records(block):
        if (record == header or record.startswith(_PASSED) or record.isspace()) and _is_passed(record, header):
            continue
        if b'"' in record:
            cells = csv_records.cells_of(text_of_line(record), delimiter)
            fits, row = len(cells) == columns, Row(layout, cells)
        else:
            fits, row = record.count(sign) + 1 == columns, Row(layout, text_of_line(record))
        if not fits and not uneven:
            uneven = True
            gatherer.fault(position, _("a row with more or fewer cells than the header"), number)
        yield row, record, position


def _is_passed(record: bytes, header: bytes) -> bool:
    return not record.strip() or record.removeprefix(_BOM) == header or record.startswith(_TYPE)


FORMAT = Format(
    "csv", later("table with a header line (CSV, TSV)"), recognise, csv_records.cut, read, Splits.NEVER, head=head
)  # fmt: skip
