"""The journal of systemd: both of its forms give the same events; binary values are kept; damage is a fault."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.formats import journal, json_lines
from sentinel.formats.registry import recognise
from tests.formats.reading import batches_of, faults_of, gathered, rows_of
from tests.formats.syslog_lines import JOURNAL, NGINX, TWO_LINES, binary, entry

FORMAT = journal.FORMAT
# journalctl(1): a list of numbers is a value that is no UTF-8, any other list a field that came several times.
RECORD = {
    "__CURSOR": "s=1;i=1;b=2",
    "__REALTIME_TIMESTAMP": "1790867655000123",
    "_HOSTNAME": "an-phu-01",
    "SYSLOG_IDENTIFIER": "app",
    "MESSAGE": [111, 110, 101, 10, 255],
    "TAG": ["a", "b"],
    "LONG": None,
}


def test_an_entry_is_its_fields_and_what_its_message_says() -> None:
    first, *_rest = rows_of(FORMAT, JOURNAL)
    assert {
        "linux.journal.__CURSOR": "s=1;i=1;b=2",
        "linux.journal.__REALTIME_TIMESTAMP": "1790867655000123",
        "linux.journal._HOSTNAME": "an-phu-01",
        "linux.journal._PID": "1234",
        "linux.journal.PRIORITY": "6",
        "linux.journal.SYSLOG_FACILITY": "4",
        "linux.journal.SYSLOG_IDENTIFIER": "sshd",
        "linux.journal._COMM": "sshd",
        "linux.journal.MESSAGE": "Failed password for invalid user admin from 203.0.113.7 port 40022 ssh2",
        "linux.journal.action": "ssh-login",
        "linux.journal.outcome": "failure",
        "linux.journal.method": "password",
        "linux.journal.invalid": "invalid",
        "linux.journal.user": "admin",
        "linux.journal.ip": "203.0.113.7",
        "linux.journal.port": "40022",
        "linux.journal.protocol": "ssh2",
    } == first


def test_the_provider_is_the_program_that_logged() -> None:
    batches = batches_of(FORMAT, JOURNAL + entry("sshd-session", "x"))
    assert {"sshd": 2, "app": 1, "sudo": 1} == {batch.kind.provider: len(batch) for batch in batches}


def test_a_value_that_is_no_line_is_kept_whatever_it_holds() -> None:
    messages = [row["linux.journal.MESSAGE"] for row in rows_of(FORMAT, JOURNAL)]
    assert "one\n\ntwo\\xff=\n" == messages[1]
    assert 3 == len(messages)


def test_a_field_that_comes_several_times_is_a_list() -> None:
    (row,) = rows_of(FORMAT, entry("app", "x").replace(b"_PID", b"TAG=a\nTAG=b\n_PID"))
    assert (["a", "b"], ["x"]) == (row["linux.journal.TAG"], [row["linux.journal.MESSAGE"]])


def test_json_gives_the_same_values() -> None:
    data = json.dumps(RECORD).encode() + b"\n"
    (row,) = rows_of(json_lines.FORMAT, data)
    assert {
        "linux.journal.__CURSOR": "s=1;i=1;b=2",
        "linux.journal.__REALTIME_TIMESTAMP": "1790867655000123",
        "linux.journal._HOSTNAME": "an-phu-01",
        "linux.journal.SYSLOG_IDENTIFIER": "app",
        "linux.journal.MESSAGE": "one\n\\xff",
        "linux.journal.TAG": ["a", "b"],
    } == row


def test_a_line_of_another_format_becomes_an_event_of_it() -> None:
    (row,) = rows_of(FORMAT, entry("nginx", NGINX.split(": ", 1)[1]))
    assert ("GET", "an-phu-01") == (row["web.access.method"], row["web.access.journal._HOSTNAME"])


def test_a_journal_is_recognised_also_where_it_is_cut_from_the_front() -> None:
    heads = (JOURNAL, JOURNAL[40:], b"MESSAGE=x\n\n", json.dumps(RECORD).encode())
    assert ["journal", "journal", "", "ndjson"] == [getattr(recognise(head), "name", "") for head in heads]


def test_a_block_ends_where_an_entry_does() -> None:
    first = len(entry("sshd", "x"))
    data = entry("sshd", "x") + TWO_LINES
    cuts = [journal.cut(data[:end], False) for end in (first - 1, first, len(data) - 1, len(data))]
    assert [0, first, first, len(data)] == cuts


def test_a_damaged_length_costs_one_entry() -> None:
    size = len(b"one\n\ntwo\xff=\n").to_bytes(8, "little")
    for wrong in (b"\xff" * 8, (5).to_bytes(8, "little")):
        data = JOURNAL.replace(size, wrong)
        assert 2 == len(rows_of(FORMAT, data))
        assert [len(entry("sshd", "Failed password for invalid user admin from 203.0.113.7 port 40022 ssh2"))] == [
            fault.offset for fault in faults_of(FORMAT, data)
        ]


@pytest.mark.parametrize("data", [b"a line that is no field\n\n", binary("A", b"x")[:-3], b"__CURSOR=x\nNAME\n"])
def test_what_is_no_entry_is_a_fault(data: bytes) -> None:
    assert ([], 1) == (rows_of(FORMAT, data), len(faults_of(FORMAT, data)))


@given(st.integers(0, len(JOURNAL) - 1), st.integers(0, 255), st.integers(0, len(JOURNAL)))
def test_broken_journals_give_faults_and_nothing_else(at: int, byte: int, end: int) -> None:
    data = (JOURNAL[:at] + bytes([byte]) + JOURNAL[at + 1 :])[:end]
    assert gathered(FORMAT, data).events <= data.count(b"\n\n") + 1
    assert journal.cut(data, False) <= len(data)
