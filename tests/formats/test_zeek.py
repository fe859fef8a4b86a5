"""Zeek's logs come out the same from tables and from JSON, whatever is damaged beside them."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.formats import json_lines, zeek, zeek_tsv
from sentinel.formats.base import Block
from sentinel.formats.gather import ALL, Gatherer
from sentinel.formats.registry import recognise
from sentinel.inputs import reader
from sentinel.model.datasets_network import ZEEK_LOGS
from tests.formats import network_lines as lines
from tests.formats.reading import faults_of, gathered, rows_of

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.model.zeek_log import ZeekLog

TSV, JSON = zeek_tsv.FORMAT, json_lines.FORMAT


def short(row: dict[str, Any]) -> dict[str, Any]:
    return {name.split(".", 2)[2]: value for name, value in row.items()}


def test_a_table_is_read_with_its_own_names_and_texts() -> None:
    first, second = map(short, rows_of(TSV, lines.CONN))
    assert {
        "ts": "1700000000.123456",
        "uid": "CHhAvVGS1DHFjwGM9",
        "id.orig_h": "192.0.2.7",
        "id.orig_p": "49152",
        "id.resp_h": "198.51.100.9",
        "id.resp_p": "443",
        "proto": "tcp",
        "service": "ssl,http",
        "duration": "0.000015",
        "orig_bytes": "10",
        "conn_state": "SF",
        "local_orig": "true",
        "orig_pkts": "3",
        "orig_ip_bytes": "130",
        "resp_pkts": "2",
        "resp_ip_bytes": "90",
        "tunnel_parents": [],
        "total_ip_bytes": "220",
        "total_pkts": "5",
    } == first
    assert ["CaaaaaaaaaaaaaaaaB", "CbbbbbbbbbbbbbbbbC"] == second["tunnel_parents"]


def test_json_of_the_same_records_gives_the_same_rows() -> None:
    assert rows_of(TSV, lines.CONN) == rows_of(JSON, lines.ndjson(*lines.CONN_JSON))


@pytest.mark.parametrize("written", ["1.5e-05", "0.000015", "0.0000150000001"])
def test_an_interval_is_written_one_way(written: str) -> None:
    assert "0.000015" == zeek.seconds(written)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1700000000.5", "1700000000.500000"),
        (1700000000, "1700000000.000000"),
        (1700000000123, "1700000000.123000"),
        ("2023-11-14T22:13:20.123456Z", "1700000000.123456"),
        ("1969-12-31T23:59:59.500000Z", "-0.500000"),
        ("yesterday", "yesterday"),
    ],
)
def test_a_time_is_written_one_way(value: object, expected: str) -> None:
    assert expected == zeek.time(value)


@pytest.mark.parametrize(("value", "expected"), [("0.0", "0.0"), (3, "3.0"), ("12.3400001", "12.34"), ("nan", "nan")])
def test_a_fraction_is_written_one_way(value: object, expected: str) -> None:
    assert expected == zeek.double(value)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (r"a\x2cb", "a,b"),
        (r"\\\\host\\c$", r"\\host\c$"),
        (r"\x5cx41", r"\x41"),
        (r"\xc4\x91", "đ"),
        (r"\x09", "\t"),
        (r"a\x00", r"a\x00"),
        (r"\xc4\x91\xff", r"\xc4\x91\xff"),
        ("\\", "\\"),
        (r"\xg0", r"\xg0"),
    ],
)
def test_escapes_are_undone_as_far_as_json_has_them_undone(written: str, expected: str) -> None:
    assert expected == zeek.unescaped(written)


def test_lists_are_split_before_their_escapes_are_undone() -> None:
    (row,) = map(short, rows_of(TSV, lines.dns("a.example", "TXT", r"one\x2ctwo,-,(empty)", "60.000000,-")))
    assert (["one,two", ""], ["60.000000"]) == (row["answers"], row["TTLs"])


def test_an_empty_text_is_empty_and_an_unset_one_is_not_there() -> None:
    (row,) = map(short, rows_of(TSV, lines.http("(empty)", "-", r"\x2d")))
    assert ("", None, "-", []) == (row["uri"], row.get("user_agent"), row["method"], row["tags"])


def test_a_header_with_other_marks_is_followed() -> None:
    text = "#separator \\x7c\n#set_separator|;\n#empty_field|EMPTY\n#unset_field|NONE\n#path|x-y\n#fields|ts|a|b|c\n"
    data = f"{text}#types|time|set[count]|string|bool\n1.0|1;2|NONE|T\n1.0|EMPTY|EMPTY|F\n".encode()
    assert TSV is recognise(data)
    assert [
        {"zeek.x_y.ts": "1.0", "zeek.x_y.a": ["1", "2"], "zeek.x_y.c": "true"},
        {"zeek.x_y.ts": "1.0", "zeek.x_y.a": [], "zeek.x_y.b": "", "zeek.x_y.c": "false"},
    ] == rows_of(TSV, data)


@given(st.integers(1, 1200))
def test_a_new_header_holds_from_there_on_wherever_blocks_end(step: int) -> None:
    data = lines.CONN + lines.dns("a.example") + lines.http("/a?b")
    gatherer, head, begin, waiting = Gatherer(lambda _kind: ALL), b"", 0, b""
    for place in range(0, len(data) + step, step):
        waiting += data[place : place + step]
        whole = TSV.cut(waiting, place + step >= len(data))
        TSV.read(Block(0, begin, waiting[:whole], head=head), gatherer)
        head = zeek_tsv.head(head, waiting[:whole])
        begin, waiting = begin + whole, waiting[whole:]
    assert [] == gatherer.faults
    assert {"zeek.conn": 2, "zeek.dns": 1, "zeek.http": 1} == {b.kind.dataset: len(b) for b in gatherer.rest()}


def test_bare_names_of_zeek_cut_are_a_header() -> None:
    data = b"uid\tservice\thistory\nCHhAvVGS1DHFjwGM9\thttp\tShADadfF\nClEkJM2Vm5giqnMf4h\t-\tD\n"
    assert TSV is recognise(data)
    assert [
        {"zeek.conn.uid": "CHhAvVGS1DHFjwGM9", "zeek.conn.service": "http", "zeek.conn.history": "ShADadfF"},
        {"zeek.conn.uid": "ClEkJM2Vm5giqnMf4h", "zeek.conn.history": "D"},
    ] == rows_of(TSV, data)


@pytest.mark.parametrize(
    "data",
    [
        b"uid\tname\n0\troot\n1000\tan\n",
        b"#Fields: date time c-ip\n2023-11-14 22:13:20 192.0.2.7\n",
        b"ts,uid\n1,2\n",
        b"#path\tx\n",
        lines.ndjson(*lines.CONN_JSON),
        lines.FAST,
    ],
)
def test_what_is_no_table_of_zeek_is_not_taken_for_one(data: bytes) -> None:
    assert not zeek_tsv.recognise(data)


@pytest.mark.parametrize(
    "record",
    [
        {"ts": 1700000000.5, "level": "info", "message": "x"},
        {"ts": "2023-11-14", "uid": "1", "id.orig_h": "a", "id.resp_h": "b"},
        {"ts": 1700000000, "host": "web-01", "msg": "x"},
        {"_path": "conn"},
        {"ts": 1700000000.5, "id": "feature", "old_value": "a", "new_value": "b"},
    ],
)
def test_json_of_others_is_not_taken_for_zeek(record: dict[str, Any]) -> None:
    assert not JSON.recognise(lines.ndjson(record))


def test_a_log_that_json_names_is_read_though_nobody_knows_it() -> None:
    data = lines.ndjson({"_path": "my-log", "ts": 1.5, "x": [1, None, "a"]})
    assert JSON is recognise(data)
    assert [{"zeek.my_log._path": "my-log", "zeek.my_log.ts": "1.500000", "zeek.my_log.x": ["1", "a"]}] == rows_of(
        JSON, data
    )


@pytest.mark.parametrize("log", [each for each in ZEEK_LOGS if each.path not in {"loaded_scripts", "print"}])
def test_every_log_of_zeek_is_told_by_its_names(log: ZeekLog) -> None:
    assert log.path == zeek.path_of_record(frozenset(log.types()))


def test_lines_that_do_not_fit_are_faults_with_their_place() -> None:
    data = lines.CONN + b"cut in the mid\n" + b"\xff\n"
    faults = faults_of(TSV, data)
    begin = len(lines.CONN)
    assert [(12, begin), (13, begin + 15)] == [(fault.line, fault.offset) for fault in faults]


def test_lines_without_a_header_are_faults() -> None:
    assert 1 == len(faults_of(TSV, b"1.0\ta\tb\n"))


@given(st.data())
def test_broken_logs_give_faults_and_never_more_events_than_lines(data: st.DataObject) -> None:
    text = bytearray(data.draw(st.sampled_from(lines.SEEDS)))
    for _flip in range(data.draw(st.integers(0, 6))):
        text[data.draw(st.integers(0, len(text) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    whole = bytes(text[: data.draw(st.integers(0, len(text)))])
    for of in (TSV, JSON):
        of.recognise(whole)
        gatherer = gathered(of, whole)
        assert gatherer.events + sum(fault.count for fault in gatherer.faults) <= whole.count(b"\n") + 1
        for _batch in gatherer.rest():
            pass


def test_a_line_of_a_megabyte_does_not_hang() -> None:
    begin = time.process_time()
    for text in ("\\" * 500_000, "\\xff" * 250_000, "," * 500_000, "#" * 500_000):
        rows_of(TSV, lines.dns(text, "TXT", text))
    assert time.process_time() - begin < 10


def as_json(types: dict[str, str], row: dict[str, str]) -> dict[str, Any]:
    """Write a record of a table as Zeek's JSON writer does (src/threading/formatters/JSON.cc)."""
    return {name: _value(types[name], text) for name, text in row.items() if text != "-"}


def _value(kind: str, text: str) -> Any:  # noqa: ANN401 - any JSON value
    if "[" in kind:
        inner = kind.partition("[")[2][:-1]
        return [] if text == "(empty)" else [None if part == "-" else _value(inner, part) for part in text.split(",")]
    if kind == "bool":
        return text == "T"
    if kind in {"count", "int", "port"} and text.isdecimal():
        return int(text)
    if kind in {"time", "interval", "double"} and "X" not in text:
        return float(text)
    return "" if text == "(empty)" else zeek.unescaped(text)


def _records(data: bytes) -> tuple[str, list[dict[str, Any]]]:
    path, names = "", [""]
    types: dict[str, str] = {}
    records: list[dict[str, Any]] = []
    for line in data.decode("utf-8", "backslashreplace").splitlines():
        if line.startswith("#"):
            key, _tab, rest = line.partition("\t")
            path = rest if key == "#path" else path
            names = rest.split("\t") if key == "#fields" else names
            types = dict(zip(names, rest.split("\t"), strict=True)) if key == "#types" else types
        elif types:
            records.append(as_json(types, dict(zip(names, line.split("\t"), strict=True))))
    return path, records


# Baselines that name no field by which a log can be told, or hold no record.
UNTOLD = {
    "scripts.base.protocols.gnutella.max-header-length/conn.log": "one column, history",
    "scripts.base.protocols.gnutella.max-line-length/conn.log": "one column, history",
    "scripts.base.protocols.mysql.encrypted/mysql.log": "no record",
    "scripts.policy.protocols.dns.detect-external-names-mdns-broadcast/notice.log": "no record",
}


def _logs(shared: Path) -> list[Path]:
    return sorted([*shared.glob("pcap/zeek/expected/*/*.log"), *shared.glob("pcap/rita-proxy/*.log")])


def test_every_log_of_zeeks_own_tests_is_recognised_and_read_without_fault(shared: Path) -> None:
    untold, faulty, logs = set(), {}, _logs(shared)
    assert len(logs) > 490
    for path in logs:
        data = path.read_bytes()
        name = f"{path.parent.name}/{path.name}"
        if recognise(data) is not TSV:
            untold.add(name)
            continue
        gatherer = gathered(TSV, data)
        if gatherer.faults or not gatherer.events:
            faulty[name] = gatherer.faults
    assert (set(UNTOLD), {}) == (untold, faulty)


def test_a_reader_finds_and_cuts_such_logs(shared: Path) -> None:
    (source,) = reader.find([str(shared / "pcap/rita-proxy/conn.log")])
    events = 0
    for piece in reader.divide(source):
        for block in reader.blocks(piece, []):
            gatherer = Gatherer(lambda _kind: None)
            piece.format.read(block, gatherer)
            events += gatherer.events
            assert [] == gatherer.faults
    assert 463 == events


@pytest.mark.parametrize("named", [True, False])
def test_zeeks_own_logs_give_equal_rows_as_tables_and_as_json(shared: Path, named: bool) -> None:
    compared = 0
    for path in _logs(shared):
        data = path.read_bytes()
        log, records = _records(data)
        if not records or (not named and not all(JSON.recognise(lines.ndjson(record)) for record in records)):
            continue
        if not named and any(zeek.path_of_record(frozenset(record)) != log for record in records):
            continue  # some tests cut so many columns off that nothing tells the log
        written = [{**({"_path": log} if named else {}), **record} for record in records]
        rows = rows_of(JSON, b"".join(json.dumps(each).encode() + b"\n" for each in written))
        dataset = zeek.dataset_of(log)
        for row in rows:
            row.pop(f"{dataset}._path", None)
        assert rows_of(TSV, data) == rows, path
        compared += len(rows)
    assert compared > 3000
