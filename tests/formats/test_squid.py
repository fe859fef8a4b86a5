"""Squid's lines give what was asked for, by whom and of whom."""

from __future__ import annotations

import pytest

from sentinel.formats.squid import FORMAT, parse
from tests.formats.reading import rows_of
from tests.formats.web_lines import SQUID


def test_a_line_gives_the_fields_of_the_format_and_the_parts_of_its_url() -> None:
    rows = rows_of(FORMAT, SQUID)
    first, second = ({name.removeprefix("squid.access."): value for name, value in row.items()} for row in rows)
    expected = {
        "time": "1795316400.123",
        "elapsed": "456",
        "remotehost": "10.1.1.7",
        "code": "TCP_MISS",
        "status": "200",
        "bytes": "1234",
        "method": "GET",
        "URL": "http://evil.example/a/b.exe?x=%41",
        "rfc931": "an",
        "peerstatus": "HIER_DIRECT",
        "peerhost": "203.0.113.9",
        "type": "application/octet-stream",
        "url_host": "evil.example",
        "url_path": "/a/b.exe",
        "url_query": "x=%41",
        "url_extension": "exe",
        "url_decoded": "http://evil.example/a/b.exe?x=A",
    }
    assert expected == first
    assert ("mail.example", None) == (second["url_host"], second.get("url_path"))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://an:matkhau@a.example:8080/x", "a.example"),
        ("http://[2001:db8::7]:80/x", "[2001:db8::7]"),
        ("error:invalid-request", "error"),
        ("/", ""),
    ],
)
def test_the_host_is_that_of_the_url(url: str, host: str) -> None:
    event = parse(f"1795316400.123 1 10.1.1.7 NONE_NONE/400 0 GET {url} - HIER_NONE/- text/html")
    assert event is not None
    assert host == event["url_host"]


def test_headers_behind_are_kept() -> None:
    event = parse(r"1795316400.123 1 10.1.1.7 TCP_HIT/200 0 GET http://a/ - HIER_NONE/- text/html [Host: a\r\n] [x]")
    assert event is not None
    assert r"[Host: a\r\n] [x]" == event["rest"]
