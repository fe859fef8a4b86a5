"""Access logs in JSON are told from other JSON, and have the names that logs of lines have."""

from __future__ import annotations

import json

import pytest

from sentinel.formats.json_lines import FORMAT
from sentinel.formats.schemas import schema_of
from tests.formats.reading import rows_of
from tests.formats.web_lines import CADDY, NGINX_JSON, TRAEFIK


def test_what_follows_from_the_fields_of_nginx_is_added() -> None:
    (row,) = rows_of(FORMAT, NGINX_JSON)
    expected = {
        "time_local": "2026-11-22T10:00:00+07:00",
        "remote_addr": "203.0.113.66",
        "method": "GET",
        "uri": "/?q=%C4%91",
        "uri_query": "q=%C4%91",
        "uri_decoded": "/?q=đ",
        "status": "200",
        "vhost": "cong.gov.example",
        "request_time": "0.25",
    }
    assert expected == {name: row[f"web.access.{name}"] for name in expected}


@pytest.mark.parametrize(
    ("record", "uri"),
    [
        ({"remote_addr": "192.0.2.1", "status": 200, "request_method": "GET", "request_uri": "/a?b"}, "/a?b"),
        ({"remote_addr": "192.0.2.1", "status": 200, "request_method": "GET", "uri": "/a", "args": "b"}, "/a?b"),
        ({"clientip": "192.0.2.1", "response": "200", "verb": "GET", "request": "/a?b"}, "/a?b"),
        ({"remote_ip": "192.0.2.1", "status": "200", "request": "GET /a?b HTTP/1.1"}, "/a?b"),
        ({"remote_addr": "192.0.2.1", "status": 400, "request_method": "", "request_uri": ""}, None),
    ],
)
def test_formats_that_are_copied_from_one_to_another_are_read(record: dict[str, object], uri: str | None) -> None:
    (row,) = rows_of(FORMAT, json.dumps(record).encode())
    assert "192.0.2.1" == row["web.access.remote_addr"]
    if uri is not None:
        assert ("/a", "b") == (row["web.access.uri_path"], row["web.access.uri_query"])


def test_caddy_and_traefik_keep_their_own_names() -> None:
    (caddy,), (traefik,) = rows_of(FORMAT, CADDY), rows_of(FORMAT, TRAEFIK)
    assert (["curl/8.9"], "/a?b=..") == (
        caddy["caddy.access.request.headers.User-Agent"],
        caddy["caddy.access.uri_decoded"],
    )
    assert ("/a", "curl/8.9") == (traefik["traefik.access.uri_path"], traefik["traefik.access.request_User-Agent"])


@pytest.mark.parametrize(
    "record",
    [
        {"remote_addr": "192.0.2.1", "status": "ok", "user": "an"},
        {"status": 200, "request": "GET / HTTP/1.1"},
        {"request": {"method": "GET"}, "remote_addr": "192.0.2.1", "status": 200},
        {"logger": "x", "request": "GET / HTTP/1.1"},
        {"ClientHost": "192.0.2.1", "RequestMethod": "GET"},
    ],
)
def test_other_json_is_left_to_others(record: dict[str, object]) -> None:
    assert None is schema_of(record)
