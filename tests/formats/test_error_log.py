"""Messages of nginx and Apache come out whole, those of many lines too."""

from __future__ import annotations

from sentinel.formats.error_log import APACHE_FORMAT, NGINX_FORMAT, parse_apache, parse_nginx
from tests.formats.reading import faults_of, rows_of
from tests.formats.web_lines import APACHE_ERROR, NGINX_ERROR, NGINX_MODSECURITY, NGINX_PHP


def test_a_message_of_nginx_gives_what_stands_behind_it() -> None:
    expected = {
        "time": "2026/11/22 10:00:00",
        "level": "error",
        "pid": "12",
        "tid": "14",
        "connection": "34",
        "message": 'open() "/srv/www/.env" failed (2: No such file or directory)',
        "client": "203.0.113.66",
        "server": "cong.gov.example",
        "request": "GET /.env HTTP/1.1",
        "host": "cong.gov.example",
        "referrer": "https://cong.gov.example/a, b",
        "method": "GET",
        "protocol": "HTTP/1.1",
        "uri": "/.env",
        "uri_path": "/.env",
        "uri_decoded": "/.env",
    }
    assert expected == parse_nginx(NGINX_ERROR.splitlines()[0].decode())


def test_a_client_that_writes_another_address_into_its_path_or_referrer_is_still_told() -> None:
    line = (
        '2026/11/22 10:00:00 [error] 1#1: *1 open() "/srv/x, client: 6.6.6.6, server: a" failed (2: No such file), '
        'client: 203.0.113.66, server: cong, request: "GET / HTTP/1.1", host: "cong", referrer: "http://a/, client: '
        '6.6.6.6, server: a"'
    )
    event = parse_nginx(line)
    assert event is not None
    assert ("203.0.113.66", "cong") == (event["client"], event["server"])


def test_modsecurity_names_its_rule_within_a_message() -> None:
    (row,) = rows_of(NGINX_FORMAT, NGINX_MODSECURITY)
    names = ("id", "msg", "severity", "tag", "uri", "unique_id")
    expected = ["949110", 'Inbound Anomaly \\"5\\"', "2", ["a", "b"], "/", "171"]
    assert expected == [row[f"nginx.error.modsec.{name}"] for name in names]
    assert row["nginx.error.modsec.action"].startswith("Access denied with code 403 (phase 2).")


def test_lines_that_begin_otherwise_belong_to_the_message_before() -> None:
    (row,) = rows_of(NGINX_FORMAT, NGINX_PHP)
    assert row["nginx.error.message"].endswith('Stack trace:\n#0 {main}" while reading upstream')
    assert "fastcgi://127.0.0.1:9000" == row["nginx.error.upstream"]
    *_others, last = rows_of(APACHE_FORMAT, APACHE_ERROR)
    assert "PHP Fatal error:  x\nStack trace:\n#0 {main}" == last["apache.error.message"]


def test_lines_in_front_of_the_first_message_are_faults() -> None:
    data = b"#0 {main}\nthrown\n" + APACHE_ERROR
    assert ([1, 2], 4) == ([fault.line for fault in faults_of(APACHE_FORMAT, data)], len(rows_of(APACHE_FORMAT, data)))


def test_messages_of_apache_give_the_fields_in_front_of_them() -> None:
    names = ("module", "level", "client", "status", "reason", "code", "message", "referer")
    rows = rows_of(APACHE_FORMAT, APACHE_ERROR)
    assert [
        ("core", "error", "203.0.113.66:35607", None, None, "AH10244", "invalid URI path (/../etc/passwd)", None),
        (
            "proxy",
            "error",
            None,
            "111",
            "Connection refused",
            "AH00957",
            "http: attempt to connect to 127.0.0.1:8000 failed",
            None,
        ),
        (None, "error", "2001:db8::7", None, None, None, "File does not exist: /srv/www/x", "http://a/"),
    ] == [tuple(row.get(f"apache.error.{name}") for name in names) for row in rows[:3]]


def test_a_second_client_belongs_to_the_message() -> None:
    event = parse_apache("[Sun Nov 22 10:00:02 2026] [error] [client 192.0.2.1] [client 192.0.2.2] ModSecurity: x")
    assert event is not None
    assert ("192.0.2.1", "[client 192.0.2.2] ModSecurity: x") == (event["client"], event["message"])
