"""Lines of access logs come out whole, whatever a client sent."""

from __future__ import annotations

import pytest

from sentinel.formats.access_log import FORMAT, parse
from sentinel.formats.base import Block
from sentinel.formats.gather import ALL, Gatherer
from sentinel.formats.registry import recognise
from sentinel.formats.request_line import decoded, parts_of_request
from tests.formats.reading import faults_of, rows_of
from tests.formats.web_lines import COMBINED, MAIN, VHOST

CLF = '203.0.113.66 - - [22/Nov/2026:10:00:00 +0700] "{request}" 200 12'


def test_a_combined_line_gives_its_fields_and_those_of_its_request() -> None:
    # https://httpd.apache.org/docs/2.4/logs.html#combined
    expected = {
        "remote_addr": "203.0.113.66",
        "ident": "-",
        "remote_user": "-",
        "time_local": "22/Nov/2026:10:00:00 +0700",
        "request": "GET /tim-kiem?tu-khoa=khai%20sinh HTTP/1.1",
        "status": "200",
        "body_bytes_sent": "512",
        "http_referer": "https://cong.gov.example/",
        "http_user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
        "method": "GET",
        "protocol": "HTTP/1.1",
        "uri": "/tim-kiem?tu-khoa=khai%20sinh",
        "uri_path": "/tim-kiem",
        "uri_query": "tu-khoa=khai%20sinh",
        "uri_decoded": "/tim-kiem?tu-khoa=khai sinh",
    }
    assert expected == parse(COMBINED.splitlines()[0].decode())


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("2001:db8::7 - -", ("2001:db8::7", "-", "-", None)),
        ("cong.gov.example:443 2001:db8::7 - -", ("2001:db8::7", "-", "-", "cong.gov.example:443")),
        ("cong.gov.example 192.0.2.1 - an", ("192.0.2.1", "-", "an", "cong.gov.example")),
        ("192.0.2.1 - Nguyen Van A", ("192.0.2.1", "-", "Nguyen Van A", None)),
        ("cong:80 may-01 - Nguyen Van A", ("may-01", "-", "Nguyen Van A", "cong:80")),
    ],
)
def test_hosts_and_users_in_front_are_told_apart(front: str, expected: tuple[str | None, ...]) -> None:
    event = parse(f'{front} [22/Nov/2026:10:00:00 +0700] "GET / HTTP/1.1" 200 12')
    assert event is not None
    assert expected == tuple(event.get(name) for name in ("remote_addr", "ident", "remote_user", "vhost"))


def test_what_stands_behind_is_kept_and_addresses_in_it_are_those_of_proxies() -> None:
    (row,) = rows_of(FORMAT, MAIN)
    assert '"203.0.113.66, 10.0.0.9" 0.003 0.002' == row["web.access.rest"]
    assert "203.0.113.66, 10.0.0.9" == row["web.access.http_x_forwarded_for"]


@pytest.mark.parametrize(
    "request_line",
    ["", "-", "\\x16\\x03\\x01\\x00\\xEE", "\\x16 a HTTP/1.1", "\\x03\\x00\\x00/*\\xE0", "quit"],
)
def test_what_is_no_request_line_has_no_parts(request_line: str) -> None:
    event = parse(CLF.format(request=request_line))
    assert event is not None
    assert (request_line, None) == (event["request"], event.get("uri"))


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        ("GET /a b HTTP/1.1", ("GET", "/a b", "HTTP/1.1")),
        ("GET /a", ("GET", "/a", None)),
        ('GET /?q=\\"x\\" HTTP/1.1', ("GET", '/?q=\\"x\\"', "HTTP/1.1")),
        ("OPTIONS / RTSP/1.0", ("OPTIONS", "/", "RTSP/1.0")),
        ("CONNECT a.example:443 HTTP/1.1", ("CONNECT", "a.example:443", "HTTP/1.1")),
    ],
)
def test_request_lines_are_taken_apart(request_line: str, expected: tuple[str | None, ...]) -> None:
    parts = parts_of_request(request_line)
    assert expected == (parts["method"], parts["uri"], parts.get("protocol"))


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("/th%E1%BB%A7-t%E1%BB%A5c?q=%C4%91%C3%A1", "/thủ-tục?q=đá"),
        ("/%252e%252e%252fetc", "/../etc"),
        ("/%25252e", "/%2e"),
        ("/a+b?c+d", "/a+b?c d"),
        ("/?q=%2B", "/?q=+"),
        ("/..%c0%af..", "/..\\xc0\\xaf.."),
        ("/?q=\\x22\\x3Cscript", '/?q="<script'),
        ("/\\xC4\\x91", "/đ"),
        ('/?q=\\"', '/?q="'),
        ("/%zz%", "/%zz%"),
    ],
)
def test_a_uri_is_decoded_as_an_application_sees_it(uri: str, expected: str) -> None:
    assert expected == decoded(uri)


def test_a_line_that_is_cut_off_is_a_fault_with_its_line() -> None:
    data = COMBINED + COMBINED[:60] + b"\n" + VHOST
    assert ([4], 4) == ([fault.line for fault in faults_of(FORMAT, data)], len(rows_of(FORMAT, data)))


def test_bytes_that_are_not_utf8_are_kept_as_escapes() -> None:
    (row,) = rows_of(FORMAT, CLF.format(request="GET /").encode() + b' "-" "\xff\xfe"\n')
    assert "\\xff\\xfe" == row["web.access.http_user_agent"]


@pytest.mark.parametrize(
    "header",
    [
        "Nov 20 10:28:04 web06 nginx:",
        "<190>Nov 20 10:28:04 web06 nginx:",
        "2026-11-20T10:28:04+07:00 web06 nginx[7]:",
        "<190>1 2026-11-20T10:28:04+07:00 web06 nginx 7 - -",
    ],
)
def test_a_line_behind_a_header_of_syslog_is_one_of_syslog(header: str) -> None:
    line = f"{header} {CLF.format(request='GET / HTTP/1.1')}"
    assert parse(line) is None
    found = recognise(f"{line}\n".encode() * 3)
    assert found is not None
    assert "syslog" == found.name
    (row,) = rows_of(found, line.encode())
    assert ("203.0.113.66", "-", "web06") == tuple(
        row[f"web.access.{name}"] for name in ("remote_addr", "remote_user", "syslog.host")
    )


def test_lines_that_are_not_utf_8_are_told_once_and_read() -> None:
    odd = CLF.format(request="GET /").encode() + b' "-" "\xff\xfe"\n'
    data = COMBINED + odd + VHOST + odd
    assert len(data.splitlines()) == len(rows_of(FORMAT, data))
    (fault,) = faults_of(FORMAT, data)
    place = (len(COMBINED), len(COMBINED.splitlines()) + 1)
    assert (*place, "2 lines are not UTF-8: shown with \\x escapes") == (fault.offset, fault.line, fault.message)


@pytest.mark.parametrize("text", ["GET /thu-tuc", "GET /th\u1ee7-t\u1ee5c"])
@pytest.mark.parametrize("last", ["", "\r"])
def test_lines_may_end_in_carriage_returns_alone(text: str, last: str) -> None:
    data = ("\r".join([CLF.format(request=text)] * 3) + last).encode()
    found = recognise(data)
    assert FORMAT is found
    assert ([text] * 3, []) == ([row["web.access.request"] for row in rows_of(FORMAT, data)], faults_of(FORMAT, data))
    # The reader of files does not say which block is the last.
    gatherer = Gatherer(lambda _kind: ALL)
    FORMAT.read(Block(0, 0, data), gatherer)
    (batch,) = gatherer.rest()
    assert [data.rstrip()[place:].count(b"GET") for place in batch.positions] == [3, 2, 1]
