"""Events of web logs come out as ECS says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from sentinel.formats.json_lines import FORMAT as NDJSON
from sentinel.formats.registry import formats
from sentinel.normalise.batch import normalise
from sentinel.normalise.convert import MISFIT
from sentinel.normalise.times import Clock
from sentinel.normalise.web_values import (
    first_address,
    host_part,
    milliseconds,
    outcome,
    port_part,
    read_error,
    seconds,
    status,
)
from tests.formats.reading import batches_of
from tests.formats.web_lines import (
    ALB,
    APACHE_ERROR,
    BLUE_COAT,
    CADDY,
    COMBINED,
    ENVOY,
    FIREWALL,
    HAPROXY_HTTP,
    HAPROXY_TCP,
    HTTPERR,
    IIS,
    MAIN,
    NGINX_ERROR,
    NGINX_JSON,
    NGINX_MODSECURITY,
    SQUID,
    TRAEFIK,
)

if TYPE_CHECKING:
    from sentinel.normalise.convert import Value

NOW = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp()) * 10**9
FORMATS = {each.name: each for each in formats()}
AT_TEN = "2026-11-22T03:00:00"


def ecs_of(name: str, data: bytes, row: int = 0) -> dict[str, Any]:
    """Give the ECS fields of an event, its time in UTC as text."""
    batch = next(batch for batch in batches_of(FORMATS.get(name, NDJSON), data) if len(batch) > row)
    made = normalise(batch, NOW, Clock(ZoneInfo("Asia/Ho_Chi_Minh"), NOW)).columns.slice(row, 1).to_pylist()[0]
    made["@timestamp"] = str(made["@timestamp"])[:19].replace(" ", "T")
    return {field: value for field, value in made.items() if not field.startswith(batch.kind.dataset)}


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        (
            "access_log",
            COMBINED,
            {
                "@timestamp": AT_TEN,
                "event.category": ["web"],
                "event.outcome": "success",
                "source.ip": "203.0.113.66",
                "network.type": "ipv4",
                "http.request.method": "GET",
                "http.version": "1.1",
                "http.response.status_code": 200,
                "http.response.body.bytes": 512,
                "url.original": "/tim-kiem?tu-khoa=khai%20sinh",
                "url.path": "/tim-kiem",
                "url.query": "tu-khoa=khai%20sinh",
                "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64)",
                "http.request.referrer": "https://cong.gov.example/",
                "_overflow": None,
            },
        ),
        ("access_log", MAIN, {"source.ip": "10.0.0.5", "client.ip": "203.0.113.66"}),
        (
            "ndjson",
            NGINX_JSON,
            {"@timestamp": AT_TEN, "event.duration": 250_000_000, "url.domain": "cong.gov.example"},
        ),
        (
            "nginx_error",
            NGINX_ERROR,
            {
                "@timestamp": AT_TEN,
                "event.type": ["error"],
                "log.level": "error",
                "source.ip": "203.0.113.66",
                "process.pid": 12,
                "url.domain": "cong.gov.example",
                "url.path": "/.env",
            },
        ),
        ("nginx_error", NGINX_MODSECURITY, {"rule.id": "949110", "rule.name": 'Inbound Anomaly \\"5\\"'}),
        (
            "apache_error",
            APACHE_ERROR,
            {
                "@timestamp": AT_TEN,
                "event.code": "AH10244",
                "log.logger": "core",
                "source.ip": "203.0.113.66",
                "source.port": 35607,
                "message": "invalid URI path (/../etc/passwd)",
            },
        ),
        (
            "w3c",
            IIS,
            {
                "@timestamp": AT_TEN,
                "destination.ip": "10.0.0.8",
                "destination.port": 443,
                "event.duration": 15_000_000,
                "user_agent.original": "Mozilla/5.0 (Windows NT 10.0)",
                "url.path": "/th%E1%BB%A7-tuc.aspx",
                "_overflow": None,
            },
        ),
        (
            "w3c",
            HTTPERR,
            {"event.reason": "URL", "source.port": 5123, "http.version": "1.1", "event.outcome": "failure"},
        ),
        ("w3c", BLUE_COAT, {"url.domain": "evil.example", "event.action": "tcp_miss", "destination.ip": "203.0.113.9"}),
        (
            "w3c",
            FIREWALL,
            {"@timestamp": AT_TEN, "event.action": "drop", "network.transport": "tcp", "network.bytes": 52},
        ),
        (
            "haproxy",
            HAPROXY_HTTP,
            {
                "@timestamp": AT_TEN,
                "source.ip": "203.0.113.66",
                "source.port": 51234,
                "event.duration": 109_000_000,
                "server.address": "may-01",
                "observer.ingress.interface.name": "cong",
                "http.response.status_code": 200,
            },
        ),
        ("haproxy", HAPROXY_TCP, {"event.category": ["network"], "event.duration": 5_007_000_000}),
        (
            "squid",
            SQUID,
            {
                "@timestamp": AT_TEN,
                "source.ip": "10.1.1.7",
                "user.name": "an",
                "event.action": "tcp_miss",
                "url.domain": "evil.example",
                "destination.ip": "203.0.113.9",
            },
        ),
        (
            "envoy",
            ENVOY,
            {"@timestamp": AT_TEN, "source.ip": "203.0.113.66", "event.reason": "UF,URX", "event.outcome": "failure"},
        ),
        (
            "aws_alb",
            ALB,
            {"@timestamp": AT_TEN, "source.port": 2817, "http.version": "2.0", "event.duration": 48_000_000},
        ),
        ("ndjson", CADDY, {"@timestamp": AT_TEN, "event.outcome": "failure", "event.duration": 1_000_000}),
        ("ndjson", TRAEFIK, {"@timestamp": AT_TEN, "http.response.status_code": 502, "event.duration": 1_500_000}),
    ],
)
def test_an_event_has_the_fields_of_ecs(name: str, data: bytes, expected: dict[str, Any]) -> None:
    made = ecs_of(name, data)
    assert expected == {field: made.get(field) for field in expected}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (outcome("302"), "success"),
        (outcome("404"), "failure"),
        (outcome("-1"), None),
        (status("000"), None),
        (status("x"), MISFIT),
        (seconds("0.0015"), 1_500_000),
        (seconds("NaN"), MISFIT),
        (seconds("1e999"), MISFIT),
        (milliseconds("-1"), None),
        (first_address("198.51.100.1, 10.0.0.9"), "198.51.100.1"),
        (first_address("unknown"), MISFIT),
        (host_part("[2001:db8::7]:443"), "2001:db8::7"),
        (host_part("2001:db8::7"), "2001:db8::7"),
        (host_part("a.example:443"), "a.example"),
        (port_part("a.example:443"), 443),
        (port_part("[2001:db8::7]:443"), 443),
        (port_part("2001:db8::7"), None),
        (port_part("a.example"), None),
    ],
)
def test_texts_become_values(made: Value, expected: Value) -> None:
    assert expected == made


@pytest.mark.parametrize("text", ["2026/02/30 10:00:00", "Sun Foo 22 10:00:00 2026", "", "2026/11/22"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert None is read_error(text, Clock()) or text == "2026/11/22"
