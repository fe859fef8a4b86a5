"""Tables as spreadsheets write them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

from sentinel.model import sheet

if TYPE_CHECKING:
    from sentinel.errors import SentinelError


def read(text: str) -> tuple[list[list[str]], list[str]]:
    faults: list[SentinelError] = []
    rows = [cells for _number, cells in sheet.lines(text, "t.csv", faults)]
    return rows, [str(each) for each in faults]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_cells_stand_apart_by_what_the_first_line_has_most_of(delimiter: str) -> None:
    text = f"\ufeffmã{delimiter}tên\r\n1{delimiter}An Giang\r\n"
    assert ([["mã", "tên"], ["1", "An Giang"]], []) == read(text)


def test_letters_are_read_as_one_whoever_wrote_them() -> None:
    assert ([["Tỉnh Ủy"]], []) == read(unicodedata.normalize("NFD", "Tỉnh Ủy"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('a,b\n"1,2', "t.csv:2: not CSV: a quote is opened and never closed"),
        ('a,b\n"1"2,3\n', "t.csv:2: not CSV: something stands behind a closing quote"),
        (f"a,b\n{'x' * 140_000},3\n", "t.csv:2: not CSV: a cell is longer than a cell can be"),
    ],
)
def test_a_line_that_is_no_csv_is_told_in_words_and_the_others_are_read(text: str, told: str) -> None:
    rows, faults = read(f"{text}\n")
    assert (["a", "b"], [told]) == (rows[0], faults)


def test_cells_beyond_the_columns_are_told_where_they_hold_something() -> None:
    fault = sheet.surplus(["a", "b", "c"], 2, "t.csv:7")
    assert ("t.csv:7: 3 cells in a line of 2 columns", None) == (
        str(fault),
        sheet.surplus(["a", "b", ""], 2, "t.csv:7"),
    )


def test_what_a_spreadsheet_would_compute_is_written_as_text_and_read_as_it_was() -> None:
    cells = ["=1+1", "-2", "@x", "'=1", "'quoted'", "plain"]
    text = sheet.written([["a", "b", "c", "d", "e", "f"], cells])
    rows, faults = read(text)
    assert (cells, []) == ([sheet.plain(cell) for cell in rows[1]], faults)
    assert all(cell[0] not in "=+-@" for cell in rows[1])
