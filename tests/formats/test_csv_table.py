"""Tables: cells as they are quoted, rows that do not fit, and what is no table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.formats import csv_table, postgresql_csv
from sentinel.formats.base import Block
from sentinel.formats.csv_records import cells_of
from sentinel.formats.gather import Gatherer
from sentinel.formats.registry import recognise
from tests.formats.reading import faults_of, rows_of
from tests.formats.server_logs import CSV

if TYPE_CHECKING:
    from sentinel.formats.base import Format

OF = csv_table.FORMAT


def events_of(data: bytes) -> list[dict[str, Any]]:
    return [{name.removeprefix("csv.table."): value for name, value in row.items()} for row in rows_of(OF, data)]


def test_cells_are_unquoted_and_names_numbered() -> None:
    assert {
        "Time": "22/11/2026 10:00:00", "User": "an", "Địa chỉ": "192.0.2.1", "Note": "two\nlines; one cell",
        "User_5": "a", "when": "22/11/2026 10:00:00",
    } == events_of(CSV)[0]  # fmt: skip


@pytest.mark.parametrize(
    ("record", "cells"),
    [
        ("a,b", ["a", "b"]),
        ('"a,b",c', ["a,b", "c"]),
        ('"a""b",', ['a"b', ""]),
        ('5" disk,x', ['5" disk', "x"]),
        ('"a\nb",c', ["a\nb", "c"]),
        ("", [""]),
        (f'"{"x" * 200_000}",b', ["x" * 200_000, "b"]),
    ],
)
def test_a_record_has_the_cells_of_rfc_4180(record: str, cells: list[str]) -> None:
    assert cells == cells_of(record, ",")


def test_rows_that_do_not_fit_the_header_are_events_and_told_once() -> None:
    data = b"a,b\n1,2\n3\n4,5,6\n7,8\n"
    assert [{"a": "1", "b": "2"}, {"a": "3"}, {"a": "4", "b": "5", "rest": ["6"]}, {"a": "7", "b": "8"}] == events_of(
        data
    )
    assert [3] == [fault.line for fault in faults_of(OF, data)]


@pytest.mark.parametrize("cell", [b",", b"a,", b'"', b'",', b',"', b'""', b',"x', b'"\n', b',"x\n', b"a,b\n"])
@pytest.mark.parametrize("of", [OF, postgresql_csv.FORMAT])
def test_a_long_run_of_one_cell_takes_no_more_than_its_length(of: Format, cell: bytes) -> None:
    seconds = []
    for times in (20_000, 160_000):
        began = time.process_time()
        faults_of(of, cell * times)
        seconds.append(time.process_time() - began)
    assert seconds[1] < 32 * seconds[0] + 0.5  # eight times as long; its square would be 64 times


def test_a_wide_header_is_read_once_for_all_blocks() -> None:
    head = b",".join(b"a%d" % number for number in range(20_000)) + b"\n"
    began = time.process_time()
    for number in range(100):
        OF.read(Block(0, len(head) + 4 * number, b"1,2\n", head=head), Gatherer(lambda _kind: None))
    assert time.process_time() - began < 1.0


def test_a_row_gives_a_field_by_itself_as_it_does_with_all_others() -> None:
    gatherer = Gatherer(lambda _kind: ("a", "b", "when", "rest", "time", "d"))
    data = b"a,time,b\n1,10:00,\n2\n3,4,5,6\n"
    OF.read(Block(0, 0, data, line=1, last=True), gatherer)
    (batch,) = gatherer.rest()
    assert batch.records is not None
    assert [
        {"a": "1", "time": "10:00", "when": "10:00"}, {"a": "2", "when": ""},
        {"a": "3", "time": "4", "b": "5", "rest": ["6"], "when": "4"},
    ] == [dict(record) for record in batch.records]  # fmt: skip
    assert [
        ["1", "2", "3"],
        [None, None, "5"],
        ["10:00", "", "4"],
        [None, None, ["6"]],
        ["10:00", None, "4"],
        [None] * 3,
    ] == [column.to_pylist() for column in batch.columns.columns]


def test_a_date_and_a_time_are_joined() -> None:
    assert "22/11/2026 10:00:00" == events_of(b"Date,Time,x\n22/11/2026,10:00:00,1\n")[0]["when"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_is_recognised_by_its_header_and_rows(delimiter: str) -> None:
    rows = [["time", "user", "action"], ["1", "an", "login"], ["2", "chi", "logout"]]
    data = "".join(delimiter.join(row) + "\r\n" for row in rows).encode()
    assert OF is recognise(data)


NO_TABLES = {
    "prose": b"Hello, world\nThis is, some prose\nand, it goes on\n" * 2 + b"until, it, ends, there\n" * 5,
    "numbers": b"1,2\n3,4\n5,6\n",
    "one column": b"name\nan\nchi\n",
    "one row": b"a,b\n1,2\n",
    "uneven": b"a,b\n1\n2\n3,4\n5\n",
    "times": b"2026-11-22,x\n2026-11-23,y\n2026-11-24,z\n",
    "empty": b"",
}


@pytest.mark.parametrize("what", NO_TABLES)
def test_what_is_no_table_is_not_taken_for_one(what: str) -> None:
    assert not OF.recognise(NO_TABLES[what])


EXPORTED = (
    '#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n"Message","Id","ProviderName","LogName","MachineName",'
    '"RecordId","TimeCreated"\r\n'
    + '"Process Create:\r\nUtcTime: 2026-11-22 10:00:00.123\r\nImage: C:\\Windows\\whoami.exe\r\nUser: A\\b","1",'
    '"Microsoft-Windows-Sysmon","Microsoft-Windows-Sysmon/Operational","may-01","77","11/22/2026 10:00:00 AM"\r\n' * 3
).encode()


def test_events_that_powershell_exported_are_windows_events() -> None:
    assert OF is recognise(EXPORTED)
    assert [] == faults_of(OF, EXPORTED)
    rows = rows_of(OF, EXPORTED)
    assert 3 == len(rows)
    assert {
        "event.code": "1", "winlog.event_data.Image": r"C:\Windows\whoami.exe", "winlog.computer_name": "may-01",
        "winlog.channel": "Microsoft-Windows-Sysmon/Operational", "winlog.time_created": "2026-11-22T10:00:00",
    }.items() <= rows[0].items()  # fmt: skip
