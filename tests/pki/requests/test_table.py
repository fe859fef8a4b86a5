"""Tables of requests are met where spreadsheets leave them."""

from __future__ import annotations

import pytest

from sentinel.errors import InputError
from sentinel.pki.requests import table
from sentinel.pki.requests.table import Row

HEAD = "profile,agency,key\r\n"


def rows(text: str) -> list[dict[str, str]]:
    faults: list[Exception] = []
    found = table.parse(text, "batch.csv", faults)  # type: ignore[arg-type]
    assert [] == faults
    return [dict(row.cells) for row in found]


def test_columns_have_many_words_in_both_languages() -> None:
    text = "Hồ sơ;Mã định danh;Tệp yêu cầu;Tên miền;Thời hạn;CN\r\ntls-server;H49;a.csr;a.example b.example;90;A\r\n"
    assert [
        {
            "profile": "tls-server",
            "agency": "H49",
            "key": "a.csr",
            "names": "a.example b.example",
            "validity": "90",
            "common_name": "A",
        }
    ] == rows(text)


@pytest.mark.parametrize(("column", "words"), table.COLUMNS.items())
def test_every_word_names_its_column(column: str, words: tuple[str, ...]) -> None:
    assert {column} == {table.column_of(word) for word in (column, column.upper(), *words, f" {words[0].title()}: ")}


def test_what_spreadsheets_do_is_undone() -> None:
    text = "\ufeff" + HEAD.replace(",", "\t") + "tls-server\t H49 \t'=generate\r\n\r\n\t\t\r\n"
    assert [{"profile": "tls-server", "agency": "H49", "key": "=generate"}] == rows(text)


def test_a_line_keeps_its_number_behind_cells_of_several_lines() -> None:
    text = 'profile,agency,key,names\n"tls\nserver",H49,a,b\n\ntls-server,H49,generate,c\n'
    assert ["b.csv:2", "b.csv:5"] == [row.place for row in table.parse(text, "b.csv", [])]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("profile,agency\n", "the column 'key' is missing", "columns: profile, agency, names"),
        ("profile,agency,key,vaildity\n", "unknown column 'vaildity'", "did you mean 'validity'?"),
        ("profile,agency,key,csr\n", "the column 'key' is there twice", "key = csr"),
        ("", "the table has no lines", ""),
        (" \n", "unknown column ''", ""),
    ],
)
def test_a_first_line_that_is_wrong_is_told(text: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        table.parse(text, "batch.csv", [])
    assert ("batch.csv:1", message) == (caught.value.place, caught.value.message)
    assert hint in caught.value.hint


def test_a_line_that_is_wrong_is_told_and_the_others_are_read() -> None:
    faults: list[InputError] = []
    text = f'{HEAD}a,b,c,d\ntls-server,H49,generate\n"a"b,c,d\ntls-server,H50,generate\n'
    found = table.parse(text, "batch.csv", faults)  # type: ignore[arg-type]
    assert ["batch.csv:3", "batch.csv:5"] == [row.place for row in found]
    assert [("batch.csv:2", "4 cells in a line of 3 columns"), ("batch.csv:4", True)] == [
        (fault.place, fault.message if "cells" in fault.message else "not CSV" in fault.message) for fault in faults
    ]


def test_rows_are_written_as_they_are_read_again() -> None:
    row = Row({"profile": "tls-server", "agency": "H49", "key": "generate", "common_name": "=1+1"}, "batch.csv:2")
    text = table.written([row])
    assert "profile,agency,key,common_name\r\ntls-server,H49,generate,'=1+1\r\n" == text
    assert [row] == table.parse(text, "batch.csv", [])
