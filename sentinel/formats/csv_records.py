"""Records of delimiter-separated text, as RFC 4180 quotes them.

A cell that begins with a quote goes to the next quote that is not doubled, over delimiters and line feeds; a quote
that is not closed in front of a delimiter or a line's end is a letter like any other, so that one stray quote costs no
more than its line.
"""

from __future__ import annotations

import csv
import io
import re
from itertools import accumulate, repeat
from operator import methodcaller
from typing import TYPE_CHECKING, Final

from sentinel.model.batch import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.formats.base import Block

DELIMITERS: Final = ",;\t|"
LONGEST_CELL: Final = 4 << 20
"""Bytes. A quote that is open for longer opens nothing."""
_CSV_LIMIT: Final = 1 << 17  # of the standard library's reader, for a cell

# No possessive groups: before Python 3.11.5 one with alternatives in it may not match (cpython issue 106052). What can
# be given back here is what is between two quotes, once for a quote that is not closed.
_RECORD = re.compile(rb'[^"\n]*(?:(?:(?<![^,;\t|\n])"[^"]*(?:""[^"]*)*"(?=[,;\t|\r\n]|\Z)|")[^"\n]*)*(?:\n|\Z)')
_CELL = re.compile(r'"([^"]*(?:""[^"]*)*)"')


def cut(data: bytes, last: bool) -> int:  # noqa: FBT001 - the signature of every format's cut
    """Give where the last line ends up to which quotes are even."""
    if last:
        return len(data)
    end = whole = data.rfind(b"\n") + 1
    quotes = data.count(b'"', 0, end)
    while quotes & 1:
        quote = data.rfind(b'"', 0, end)
        before = data.rfind(b"\n", 0, quote) + 1
        quotes -= data.count(b'"', before, end)
        end = before
    return whole if whole - end > LONGEST_CELL else end


def spans(data: bytes) -> Iterator[tuple[int, int]]:
    """Give where each record begins and ends, its line feed with it."""
    begin = 0
    while begin < len(data):
        found = _RECORD.match(data, begin)
        end = found.end() if found else len(data)
        yield begin, end
        begin = end


def records(block: Block) -> Iterator[tuple[bytes, int, int]]:
    """Give each record of a block with its place, and the number of its first line, 0 where that is not known."""
    data = block.data
    # The expression matches nothing once more behind the last record.
    found = _RECORD.findall(data)[:-1] if b'"' in data else io.BytesIO(data).readlines()
    positions = accumulate(map(len, found), initial=place(block.source, block.offset))
    feeds = map(methodcaller("count", b"\n"), found)
    numbers = accumulate(feeds, initial=block.line) if block.line else repeat(0)
    return zip(found, positions, numbers, strict=False)


def cells_of(record: str, delimiter: str) -> list[str]:
    """Give the cells of a record without its end, unquoted."""
    if '"' not in record:
        return record.split(delimiter)
    if len(record) < _CSV_LIMIT:
        try:
            return next(csv.reader((record,), delimiter=delimiter))
        except (csv.Error, StopIteration):  # a bare carriage return
            pass
    return list(_cells(record, delimiter))


def _cells(record: str, delimiter: str) -> Iterator[str]:
    begin = 0
    while begin <= len(record):
        found = _CELL.match(record, begin)
        quoted = found and (found.end() == len(record) or record[found.end()] == delimiter)
        end = found.end() if found and quoted else record.find(delimiter, begin)
        end = len(record) if end < 0 else end
        yield found[1].replace('""', '"') if found and quoted else record[begin:end]
        begin = end + 1
