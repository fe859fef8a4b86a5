"""Events of network sensors come out as ECS says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.formats import json_lines, suricata_fast, zeek_tsv
from sentinel.normalise.batch import normalise
from sentinel.normalise.network_values import duration, tls_protocol, tls_version
from sentinel.normalise.suricata_times import read_fast
from sentinel.normalise.times import Clock, nanoseconds
from tests.builders import row_of
from tests.formats import network_lines as lines
from tests.formats.reading import batches_of

if TYPE_CHECKING:
    from sentinel.formats.base import Format

NOW = 1_750_000_000_000_000_000
TIME = datetime(2023, 11, 14, 22, 13, 20, 123456, UTC)
ENDS = {
    "@timestamp": TIME,
    "source.ip": "192.0.2.7",
    "destination.ip": "198.51.100.9",
    "network.type": "ipv4",
    "related.ip": ["192.0.2.7", "198.51.100.9"],
}
SSL = lines.table(
    "ssl",
    [("ts", "time"), ("uid", "string"), ("version", "string"), ("cipher", "string"), ("server_name", "string"),
     ("resumed", "bool"), ("established", "bool"), ("ja3", "string"), ("subject", "string")],
    ["1700000000.123456", "Ca", "TLSv12", "TLS_AES_128_GCM_SHA256", "id.gov.example", "F", "T", "a" * 32, "CN=a"],
)  # fmt: skip
X509 = lines.table(
    "x509",
    [("ts", "time"), ("fingerprint", "string"), ("certificate.serial", "string"), ("certificate.subject", "string"),
     ("certificate.not_valid_after", "time"), ("certificate.key_length", "count"), ("san.dns", "vector[string]")],
    ["1700000000.123456", "ab", "8BB00EE", "CN=a", "1700000001.000000", "2048", "a.example,b.example"],
)  # fmt: skip
FILES = lines.table(
    "files",
    [("ts", "time"), ("fuid", "string"), ("source", "string"), ("filename", "string"), ("sha256", "string"),
     ("total_bytes", "count"), ("mime_type", "string")],
    ["1700000000.123456", "Fa", "HTTP", "don.docm", "AB" * 32, "7", "application/zip"],
)  # fmt: skip
NOTICE = lines.table(
    "notice",
    [("ts", "time"), ("note", "enum"), ("msg", "string"), ("src", "addr"), ("dst", "addr"), ("p", "port"),
     ("actions", "set[enum]")],
    ["1700000000.123456", "Scan::Port_Scan", "scanned", "192.0.2.7", "198.51.100.9", "80", "Notice::ACTION_LOG"],
)  # fmt: skip
TABLES: list[tuple[bytes, dict[str, Any]]] = [
    (
        lines.CONN,
        {
            **ENDS,
            "event.dataset": "zeek.conn",
            "event.module": "zeek",
            "event.kind": "event",
            "event.category": ["network"],
            "event.type": ["connection", "end"],
            "event.id": "CHhAvVGS1DHFjwGM9",
            "event.duration": 15_000,
            "source.port": 49152,
            "destination.port": 443,
            "network.transport": "tcp",
            "network.protocol": "ssl",
            "network.bytes": 220,
            "network.packets": 5,
            "source.bytes": 130,
            "destination.packets": 2,
        },
    ),
    (
        lines.dns("www.example", "A", "192.0.2.1,192.0.2.2", "8.000000,8.000000"),
        {
            **ENDS,
            "dns.question.name": "www.example",
            "dns.question.type": "A",
            "dns.response_code": "NOERROR",
            "dns.answers.data": ["192.0.2.1", "192.0.2.2"],
            "event.outcome": "success",
        },
    ),
    (
        lines.http("/a?b=c"),
        {
            **ENDS,
            "event.category": ["network", "web"],
            "http.request.method": "GET",
            "http.response.status_code": 200,
            "url.domain": "portal.gov.example",
            "url.original": "/a?b=c",
            "url.path": "/a",
            "url.query": "b=c",
            "user_agent.original": "curl/8.5.0",
        },
    ),
    (
        SSL,
        {
            "tls.version": "1.2",
            "tls.version_protocol": "tls",
            "tls.cipher": "TLS_AES_128_GCM_SHA256",
            "tls.client.server_name": "id.gov.example",
            "tls.client.ja3": "a" * 32,
            "tls.established": True,
            "tls.resumed": False,
            "tls.server.subject": "CN=a",
        },
    ),
    (
        X509,
        {
            "x509.serial_number": "8BB00EE",
            "x509.subject.distinguished_name": "CN=a",
            "x509.not_after": datetime(2023, 11, 14, 22, 13, 21, tzinfo=UTC),
            "x509.public_key_size": 2048,
            "x509.alternative_names": ["a.example", "b.example"],
        },
    ),
    (
        FILES,
        {
            "file.name": "don.docm",
            "file.extension": "docm",
            "file.size": 7,
            "file.hash.sha256": "ab" * 32,
            "file.mime_type": "application/zip",
            "network.protocol": "http",
        },
    ),
    (
        NOTICE,
        {**ENDS, "network.type": None, "event.kind": "alert", "rule.name": "Scan::Port_Scan", "destination.port": 80},
    ),
]
EVE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        lines.ALERT,
        {
            **ENDS,
            "event.kind": "alert",
            "event.type": ["denied"],
            "event.severity": 2,
            "rule.id": "2100498",
            "rule.name": "id check returned root",
            "rule.category": "Potentially Bad Traffic",
            "network.protocol": "http",
            "network.transport": "tcp",
            "network.community_id": "1:abc=",
            "url.path": "/a",
            "http.response.status_code": 200,
        },
    ),
    (lines.DNS_3, {**ENDS, "dns.question.name": "www.example", "dns.answers.data": ["192.0.2.1"]}),
    (
        lines.FLOW,
        {
            **ENDS,
            "network.bytes": 300,
            "source.bytes": 70,
            "event.start": datetime(2023, 11, 14, 22, 13, 19, tzinfo=UTC),
        },
    ),
    (lines.TLS, {"tls.client.server_name": "id.gov.example", "tls.version": "1.2", "tls.client.ja3": "0" * 32}),
]


def ecs_of(of: Format, data: bytes) -> dict[str, Any]:
    (batch,) = batches_of(of, data)
    return row_of(normalise(batch, NOW))


@pytest.mark.parametrize(("data", "expected"), TABLES)
def test_a_log_of_zeek(data: bytes, expected: dict[str, Any]) -> None:
    row = ecs_of(zeek_tsv.FORMAT, data)
    assert expected == {name: row.get(name) for name in expected}
    assert row["_overflow"] is None


@pytest.mark.parametrize(("record", "expected"), EVE)
def test_an_event_of_suricata(record: dict[str, Any], expected: dict[str, Any]) -> None:
    row = ecs_of(json_lines.FORMAT, lines.ndjson(record))
    assert expected == {name: row.get(name) for name in expected}
    assert row["_overflow"] is None


def test_an_alert_on_one_line() -> None:
    expected = {**ENDS, "event.kind": "alert", "rule.id": "2100498", "event.severity": 2, "source.port": 80}
    row = ecs_of(suricata_fast.FORMAT, lines.FAST)
    assert expected == {name: row.get(name) for name in expected}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("11/14/2023-22:13:20.5", "2023-11-14T22:13:20.5Z"),
        ("23/11/14-22:13:20.5", "2023-11-14T22:13:20.5Z"),
        ("11/14-22:13:20.5", "2024-11-14T22:13:20.5Z"),
        ("02/29-00:00:00.0", "2024-02-29T00:00:00Z"),
    ],
)
def test_times_of_alerts_on_one_line(value: str, expected: str) -> None:
    clock = Clock(latest=nanoseconds("2025-06-15T00:00:00Z") or 0)
    assert nanoseconds(expected) == read_fast(value, clock)


def test_values_of_sensors() -> None:
    assert (1_500_000_000, -20_000) == (duration("1.5"), duration("-0.000020"))
    assert ["1.2", "1.3", "3.0", None] == [tls_version(each) for each in ("TLSv12", "TLS 1.3", "SSLv3", "unknown")]
    assert ["tls", "tls", "ssl", None] == [tls_protocol(each) for each in ("TLSv12", "DTLSv12", "SSLv3", "unknown")]
