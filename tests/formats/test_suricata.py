"""Suricata's events, as EVE and one a line, keep their own names and texts."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.formats import json_lines, suricata, suricata_fast
from sentinel.formats.registry import recognise
from tests.formats import network_lines as lines
from tests.formats.reading import batches_of, faults_of, gathered, rows_of

EVE, FAST = json_lines.FORMAT, suricata_fast.FORMAT


def short(row: dict[str, Any]) -> dict[str, Any]:
    return {name.split(".", 2)[2]: value for name, value in row.items()}


def test_each_type_of_event_has_its_dataset() -> None:
    data = lines.ndjson(*lines.EVE, lines.eve("bittorrent-dht", bittorrent_dht={"transaction_id": "0c17"}))
    assert EVE is recognise(data)
    assert ["alert", "bittorrent_dht", "dns", "flow", "tls"] == sorted(
        batch.kind.dataset.removeprefix("suricata.") for batch in batches_of(EVE, data)
    )


@pytest.mark.parametrize("record", [lines.DNS_1, lines.DNS_2, lines.DNS_3])
def test_dns_of_every_version_has_the_names_of_the_first(record: dict[str, Any]) -> None:
    (row,) = map(short, rows_of(EVE, lines.ndjson(record)))
    answer = row["dns.rdata"]
    assert ("www.example", "A", "192.0.2.1") == (row["dns.rrname"], row["dns.rrtype"], answer)


def test_several_answers_are_a_list() -> None:
    dns = {"version": 2, "type": "answer", "grouped": {"A": ["192.0.2.1", "192.0.2.2"], "CNAME": ["a.example"]}}
    (row,) = map(short, rows_of(EVE, lines.ndjson(lines.eve("dns", dns=dns))))
    assert ["192.0.2.1", "192.0.2.2", "a.example"] == row["dns.rdata"]


def test_urls_and_both_directions_are_computed_beside_what_is_written() -> None:
    alert, flow = map(short, rows_of(EVE, lines.ndjson(lines.ALERT, lines.FLOW)))
    assert ("/a?b=1", "/a", "b=1") == (alert["http.url"], alert["http.url_path"], alert["http.url_query"])
    assert ("300", "3", "70") == (flow["flow.bytes"], flow["flow.pkts"], flow["flow.bytes_toserver"])


@pytest.mark.parametrize(
    "record",
    [
        {"event_type": "login", "timestamp": "2023-11-14T22:13:20Z", "user": "an"},
        {"event_type": "dns", "timestamp": 1700000000, "dns": {}},
        {"event_type": "DNS Query!", "timestamp": "2023-11-14T22:13:20Z", "src_ip": "a", "dest_ip": "b"},
    ],
)
def test_json_of_others_is_not_taken_for_suricata(record: dict[str, Any]) -> None:
    assert not suricata.recognise(record)


def test_an_alert_on_one_line() -> None:
    first, second = map(short, rows_of(FAST, lines.FAST))
    assert FAST is recognise(lines.FAST)
    assert {
        "timestamp": "11/14/2023-22:13:20.123456",
        "gid": "1",
        "signature_id": "2100498",
        "rev": "7",
        "signature": "id check returned root",
        "category": "Potentially Bad Traffic",
        "priority": "2",
        "proto": "TCP",
        "src_ip": "192.0.2.7",
        "src_port": "80",
        "dest_ip": "198.51.100.9",
        "dest_port": "49152",
    } == first
    assert {
        "action": "Drop",
        "proto": "IPv6-ICMP",
        "src_ip": "2001:db8::7",
        "icmp_type": "128",
        "dest_ip": "2001:db8::9",
        "icmp_code": "0",
    }.items() <= second.items()


SNORT = [
    '23/11/14-22:13:20.123456 [**] [1:469:3] "ping [**] x" [**] [Priority: 1] {ICMP} 192.0.2.7 -> 198.51.100.9',
    "11/14-22:13:20.123456  [**] [1:469:3] ping [**] x [**] [Priority: 1] {ICMP} 192.0.2.7 -> 198.51.100.9",
]


@pytest.mark.parametrize("line", SNORT)
def test_snort_writes_them_too(line: str) -> None:
    event = suricata_fast.parse(line) or {}
    assert ("ping [**] x", "192.0.2.7", None) == (event["signature"], event["src_ip"], event.get("icmp_type"))


def test_a_line_of_a_megabyte_does_not_hang() -> None:
    begin = time.process_time()
    for text in (" [**] ", "[Classification: ", "[", " ", "{a} b -> "):
        suricata_fast.parse("11/14/2023-22:13:20.123456  [**] [1:1:1] " + text * 200_000)
    assert time.process_time() - begin < 10


@given(st.data())
def test_broken_logs_give_faults_and_never_more_events_than_lines(data: st.DataObject) -> None:
    text = bytearray(data.draw(st.sampled_from([lines.FAST, lines.ndjson(*lines.EVE)])))
    for _flip in range(data.draw(st.integers(0, 6))):
        text[data.draw(st.integers(0, len(text) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    whole = bytes(text[: data.draw(st.integers(0, len(text)))])
    for of in (FAST, EVE):
        of.recognise(whole)
        gatherer = gathered(of, whole)
        # One more fault may tell that lines are not UTF-8.
        assert gatherer.events + sum(fault.count for fault in gatherer.faults) <= len(bytes(whole).splitlines()) + 1
        for _batch in gatherer.rest():
            pass


def test_a_line_that_is_no_alert_is_a_fault() -> None:
    assert 1 == len(faults_of(FAST, lines.FAST + b"11/14/2023-22:13:20.1 [**] half a line\n"))
