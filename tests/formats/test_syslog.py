"""Syslog: every form of its header, payloads in its messages, frames; damage is a fault, never more."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.formats import cef, syslog, syslog_frames
from sentinel.formats.registry import HEAD_BYTES, recognise
from sentinel.formats.syslog_header import is_whole, parse
from tests.formats import syslog_lines as given_lines
from tests.formats.reading import faults_of, gathered, rows_of
from tests.formats.syslog_lines import FRAMES, HEAD, LINES, LOG, RECORDS

SAMPLES = Path(__file__).resolve().parents[2] / "docs" / "samples" / "linux"
TIME = "Oct  1 22:14:15"
PRI = {"pri": "34", "facility": "auth", "severity": "crit"}

# RFC 3164 sections 4.1 and 5.4; the templates of rsyslog (rsyslog.conf(5)); Cisco's guides to system messages.
HEADERS: list[tuple[str, dict[str, Any]]] = [
    (f"<34>{TIME} h su[9]: m", {**PRI, "timestamp": TIME, "host": "h", "program": "su", "pid": "9", "message": "m"}),
    (f"{TIME} h su: m", {"timestamp": TIME, "host": "h", "program": "su", "message": "m"}),
    (f"{TIME} su[9]: m", {"timestamp": TIME, "program": "su", "pid": "9", "message": "m"}),
    (f"{TIME} su: m: n", {"timestamp": TIME, "program": "su", "message": "m: n"}),
    (f"{TIME} 2001:db8::1 su: m", {"timestamp": TIME, "host": "2001:db8::1", "program": "su", "message": "m"}),
    (
        f"{TIME} h last message repeated 2 times",
        {"timestamp": TIME, "host": "h", "message": "last message repeated 2 times"},
    ),
    (f"{TIME} h su:", {"timestamp": TIME, "host": "h", "program": "su", "message": ""}),
    (
        "Oct 11 2026 22:14:15 h su: m",
        {"timestamp": "Oct 11 2026 22:14:15", "host": "h", "program": "su", "message": "m"},
    ),
    (
        "2026-10-01T22:14:15.123456+07:00 h run-parts(/etc/cron.daily)[9]: m",
        {
            "timestamp": "2026-10-01T22:14:15.123456+07:00",
            "host": "h",
            "program": "run-parts(/etc/cron.daily)",
            "pid": "9",
            "message": "m",
        },
    ),
    ("<34>su[9]: m", {**PRI, "program": "su", "pid": "9", "message": "m"}),
    ("<34>m without any header", {**PRI, "message": "m without any header"}),
    ("<999>x", {"pri": "999", "message": "x"}),
    (
        "<34>1 2026-10-01T22:14:15.003Z h su - ID47 - \ufeffm",
        {
            **PRI,
            "version": "1",
            "timestamp": "2026-10-01T22:14:15.003Z",
            "host": "h",
            "program": "su",
            "msgid": "ID47",
            "message": "m",
        },
    ),
    ("<34>1 - - - - - -", {**PRI, "version": "1", "message": ""}),
    ('<34>1 - - - - - [a@1][b@1 c="]"]', {**PRI, "version": "1", "message": "", "sd.a@1": "", "sd.b@1.c": "]"}),
    ("<34>1 - - - - - no structured data", {**PRI, "version": "1", "message": "no structured data"}),
    (
        "<34>45: r1: *Oct  1 22:14:15.123 UTC: %SYS-5-X: m",
        {**PRI, "sequence": "45", "host": "r1", "timestamp": "Oct  1 22:14:15.123 UTC", "message": "%SYS-5-X: m"},
    ),
]


@pytest.mark.parametrize(("line", "event"), HEADERS, ids=[line for line, _event in HEADERS])
def test_a_header_is_read_in_every_form(line: str, event: dict[str, Any]) -> None:
    assert event == parse(line)


@pytest.mark.parametrize("line", ["", "junk", "Oct 32", "2026-10-01 some text", "<x>1", "[1] a: b"])
def test_what_has_no_header_is_no_syslog(line: str) -> None:
    assert None is parse(line)


def test_structured_data_has_its_escapes_undone_and_keeps_repeats() -> None:
    event = parse(given_lines.PROTOCOL)
    assert event is not None
    assert 'App"l]ic' == event["sd.exampleSDID@32473.eventSource"]
    assert ["192.0.2.1", "192.0.2.2"] == event["sd.origin.ip"]
    assert "An application event" == event["message"]


KINDS = {
    given_lines.FAILED: ("linux.syslog", "sshd"),
    given_lines.ACCEPTED: ("linux.syslog", "sshd"),
    given_lines.SUDO: ("linux.syslog", "sudo"),
    given_lines.CRON: ("linux.syslog", "cron"),
    given_lines.PROTOCOL: ("linux.syslog", "evntslog"),
    given_lines.CEF: ("cef.event", ""),
    given_lines.LEEF: ("leef.event", ""),
    given_lines.IOS: ("cisco.ios", ""),
    given_lines.ASA: ("cisco.asa", ""),
    given_lines.NGINX: ("web.access", ""),
    given_lines.JSON: ("linux.syslog", "app"),
    HEAD + "/usr/sbin/cron[1]: x": ("linux.syslog", "cron"),
    HEAD + "(systemd)[1]: x": ("linux.syslog", "systemd"),
    HEAD + "named[1]: client @0x7f 192.0.2.1#1 (a.example): query: a.example IN A + (::1)": ("bind.query", "named"),
    HEAD + "audispd: type=SYSCALL msg=audit(1700000000.123:456): arch=c000003e syscall=59": ("linux.auditd", ""),
    HEAD + '{"AlertID": 1}': ("linux.syslog", ""),
}


@pytest.mark.parametrize(("line", "kind"), KINDS.items(), ids=list(KINDS))
def test_a_line_is_of_the_kind_that_its_message_is(line: str, kind: tuple[str, str]) -> None:
    found = syslog.event_of(line)
    assert found is not None
    assert kind == (found[0].dataset, found[0].provider)


def test_cef_gives_its_header_and_its_extension_without_escapes() -> None:
    found = syslog.event_of(given_lines.CEF)
    assert found is not None
    assert {
        "version": "0",
        "deviceVendor": "Example",
        "deviceProduct": "Wall",
        "deviceVersion": "1.0",
        "deviceEventClassId": "100",
        "name": "blocked | logged",
        "severity": "7",
        "rt": "1790867655000",
        "src": "203.0.113.7",
        "spt": "4444",
        "dst": "192.0.2.10",
        "dpt": "22",
        "proto": "TCP",
        "act": "deny",
        "msg": r"by rule a=b and c\d",
        "cs1Label": "Rule",
        "cs1": "deny all",
        "suser": "lan",
        "time": "1790867655000",
        "syslog.timestamp": TIME,
        "syslog.host": "fw-01",
        "syslog.pri": "134",
        "syslog.facility": "local0",
        "syslog.severity": "info",
    } == found[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LEEF:1.0|V|P|1|7|a=1\tb=x=y\t", {"a": "1", "b": "x=y"}),
        ("LEEF:2.0|V|P|1|7|^|a=1^b=2", {"a": "1", "b": "2"}),
        ("LEEF:2.0|V|P|1|7|x5E|a=1^b=2", {"a": "1", "b": "2"}),
        ("LEEF:2.0|V|P|1|7||a=1\tnothing", {"a": "1", "rest": "nothing"}),
        ("CEF: 0|V|P|1|7|n|3|", {"name": "n"}),
        ("CEF:0|V|P|1|7|n|3|src=::1 a b=c d=", {"src": "::1 a", "b": "c", "d": ""}),
        ("CEF:0|V|P|1|7|n|3|a=1 a=2", {"a": ["1", "2"]}),
    ],
)
def test_extensions_are_read_as_the_standards_say(text: str, expected: dict[str, Any]) -> None:
    event = cef.parse(text)
    assert event is not None
    assert expected == {name: event[name] for name in expected}


def test_a_cef_record_that_tells_no_time_has_the_header_s() -> None:
    found = syslog.event_of(HEAD + "CEF:0|V|P|1|7|n|3|src=192.0.2.1")
    assert found is not None
    assert TIME == found[1]["time"]


def test_json_in_a_message_is_kept_beside_it() -> None:
    found = syslog.event_of(given_lines.JSON)
    assert found is not None
    assert {"json.user.name": "lan", "json.codes": [1, 2]} == {
        name: value for name, value in found[1].items() if name.startswith("json.")
    }


def test_devices_of_cisco_tell_component_level_and_mnemonic_wherever_they_stand() -> None:
    lines = (given_lines.IOS, HEAD + "45: *Oct  1 22:14:15.123: %SYS-5-CONFIG_I: x", HEAD + "%ASA-6-302013: Built x")
    found = [syslog.event_of(line) for line in lines]
    told = [each and tuple(each[1].get(name) for name in ("component", "level", "mnemonic")) for each in found]
    assert [("PARSER", "5", "CFGLOG_LOGGEDCMD"), ("SYS", "5", "CONFIG_I"), ("ASA", "6", "302013")] == told


def test_formats_are_recognised_by_their_lines_also_cut_and_damaged() -> None:
    damaged = b"ut from the front\n" + LOG + b"\x00\xff damaged\n"
    forms = (LOG, damaged, FRAMES, RECORDS, LOG.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + LOG)
    assert ["syslog", "syslog", "syslog_frames", "cef", "syslog", "syslog"] == [
        getattr(recognise(data), "name", "") for data in forms
    ]


@pytest.mark.parametrize(
    "head",
    [
        "2026-10-01 22:14:15.123 UTC [12] LOG: statement: select 1\n",
        "2026-10-01T22:14:15.123456Z 0 [System] [MY-010116] [Server] mysqld: ready\n",
        "2026-10-01 22:14:15,123 INFO app: a line of some program\n",
        "2026-10-01T22:14:15.123Z stdout F text\n",
        "Thu Oct  1 22:14:15 2026 [pid 2] CONNECT\n",
        "12 <34>not the length of it\n",
    ],
)
def test_lines_of_other_programs_are_not_taken(head: str) -> None:
    assert not syslog.recognise(head.encode() * 3)
    assert not syslog_frames.recognise(head.encode() * 3)


def test_every_line_is_an_event_and_a_damaged_one_a_fault_at_its_line() -> None:
    data = LOG + b"no header\n\n" + LOG
    assert 2 * len(LINES) == len(rows_of(syslog.FORMAT, data))
    assert [len(LINES) + 1] == [fault.line for fault in faults_of(syslog.FORMAT, data)]


def test_what_is_not_utf_8_is_kept_as_escapes() -> None:
    (row,) = rows_of(syslog.FORMAT, b"Oct  1 22:14:15 h app: a\xff\n")
    assert r"a\xff" == row["linux.syslog.message"]


def test_a_frame_may_hold_line_feeds_and_a_wrong_length_costs_one_message() -> None:
    wrong = b"3 <13>Oct  1 22:14:15 h p: lost"
    rows = rows_of(syslog_frames.FORMAT, FRAMES + wrong + FRAMES)
    assert ["a\nb", "a\nb"] == [row["linux.syslog.message"] for row in rows if row.get("linux.syslog.program") == "p"]
    assert 6 == len(rows)
    assert [len(FRAMES)] == [fault.offset for fault in faults_of(syslog_frames.FORMAT, FRAMES + wrong + FRAMES)]


def test_frames_are_cut_where_one_ends() -> None:
    assert [0, 0, len(FRAMES), len(FRAMES)] == [
        syslog_frames.cut(FRAMES[:50], False),
        syslog_frames.cut(FRAMES[:1], False),
        syslog_frames.cut(FRAMES, False),
        syslog_frames.cut(FRAMES + FRAMES[:40], False),
    ]


@given(st.integers(0, len(LOG) - 1), st.integers(0, 255), st.integers(0, len(LOG)))
def test_broken_lines_give_faults_and_never_more_events_than_lines(at: int, byte: int, end: int) -> None:
    data = (LOG[:at] + bytes([byte]) + LOG[at + 1 :])[:end]
    assert gathered(syslog.FORMAT, data).events <= data.count(b"\n") + 1


@given(st.integers(0, len(FRAMES) - 1), st.integers(0, 255), st.integers(0, len(FRAMES)))
def test_broken_frames_give_faults_and_never_more_events_than_messages(at: int, byte: int, end: int) -> None:
    data = (FRAMES[:at] + bytes([byte]) + FRAMES[at + 1 :])[:end]
    assert gathered(syslog_frames.FORMAT, data).events <= 4
    assert syslog_frames.cut(data, False) <= len(data)


@pytest.mark.parametrize("name", ["auth.log", "auth-5424.log", "auth-normal.log", "journal.export", "journal.json"])
def test_recorded_samples_are_read_without_a_fault(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    found = recognise(data[:HEAD_BYTES])
    assert found is not None
    gatherer = gathered(found, data)
    assert [] == gatherer.faults
    assert 50 < gatherer.events
    assert {"linux.syslog" if name.endswith(".log") else "linux.journal"} == {
        batch.kind.dataset for batch in gatherer.rest()
    }


_MEGA = 1 << 20
HOSTILE = [
    "<34>1 - - - - - " + '[a b="' + "\\" * _MEGA,
    "<34>1 - - - - - " + "[a " * (_MEGA // 3),
    HEAD + " " * _MEGA + "x",
    HEAD + "a" * _MEGA,
    HEAD + "sshd[1]: Failed password for " + "a from b " * (_MEGA // 9),
    HEAD + "sshd[1]: Failed password for " + "from port 1 " * 5000,
    HEAD + "sudo: lan : " + " ; " * (_MEGA // 3),
    HEAD + "kernel: " + "IN= " * (_MEGA // 4) + " PROTO=",
    HEAD + "message repeated 2 times: [ " * (_MEGA // 60),
    HEAD + "CEF:0|" + "\\" * _MEGA,
    HEAD + "CEF:0|a|b|c|d|e|f|" + " a" * (_MEGA // 2),
    HEAD + "CEF:0|a|b|c|d|e|f|" + " " * _MEGA,
    HEAD + "CEF:" * (_MEGA // 4) + "|",
    HEAD + "%" + "A-" * (_MEGA // 2),
    HEAD + "%ASA-6-302013: Built tcp connection 1 for " + "a:b to " * 9000,
    HEAD + '{"a":' * (_MEGA // 5),
    "<13>" + "a" * _MEGA,
    "1" * _MEGA,
]


@pytest.mark.parametrize("line", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_line_of_a_megabyte_takes_its_time_only(line: str) -> None:
    begin = time.process_time()
    syslog.event_of(line)
    is_whole(line)
    gathered(syslog_frames.FORMAT, line.encode())
    assert time.process_time() - begin < 3
