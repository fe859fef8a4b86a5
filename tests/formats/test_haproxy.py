"""HAProxy's lines of HTTP and TCP are read, alone and behind a header of syslog."""

from __future__ import annotations

from sentinel.formats.haproxy import FORMAT, HTTP, OTHER, TCP, parse, parse_message
from tests.formats.web_lines import COMBINED, HAPROXY_HTTP, HAPROXY_SYSLOG, HAPROXY_TCP


def test_a_line_of_http_gives_the_fields_of_the_manual() -> None:
    # Configuration Manual, section 8.2.3
    found = parse_message(HAPROXY_HTTP.decode().rstrip())
    assert found is not None
    kind, event = found
    names = ("client_ip", "frontend_name", "backend_name", "server_name", "Ta", "status_code", "termination_state")
    assert HTTP == kind
    assert ["203.0.113.66", "cong~", "ung-dung", "may-01", "109", "200", "----"] == [event[name] for name in names]
    assert (["cong.gov.example", "curl/8.9"], ["nginx"]) == (
        event["captured_request_headers"],
        event["captured_response_headers"],
    )
    assert "/?a=<script>" == event["uri_decoded"]


def test_a_line_of_tcp_gives_the_fields_of_the_manual() -> None:
    # Configuration Manual, section 8.2.2
    found = parse(HAPROXY_TCP.decode().rstrip())
    assert found is not None
    kind, event = found
    assert (TCP, "5007", "3", "--") == (kind, event["Tt"], event["retries"], event["termination_state"])


def test_a_header_of_syslog_names_the_host_and_other_messages_stay_messages() -> None:
    first, second = (parse(line) for line in HAPROXY_SYSLOG.decode().splitlines())
    assert first is not None
    assert second is not None
    assert (HTTP, "can-bang", "728") == (first[0], first[1]["syslog_hostname"], first[1]["pid"])
    assert (OTHER, "Server ung-dung/may-01 is DOWN, reason: Layer4 timeout.") == (second[0], second[1]["message"])


def test_a_request_that_was_cut_off_and_a_bad_one_are_read() -> None:
    cut = HAPROXY_HTTP.decode().rstrip()[:-7]
    bad = (
        "203.0.113.17:59602 [22/Nov/2026:10:00:00.426] cong cong/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- 1/1/0/0/0 0/0 "
        '"<BADREQ>"'
    )
    found = [parse_message(line) for line in (cut, bad)]
    assert ["GET /?a=%3Cscript%3E HT", "<BADREQ>"] == [each[1]["http_request"] for each in found if each]


def test_headers_and_parts_of_the_request_stand_as_the_client_sent_them() -> None:
    # Configuration Manual, section 8.6: `"#{|}` and what does not print are logged as #XX.
    found = parse_message(
        "203.0.113.17:59602 [22/Nov/2026:10:00:00.426] cong cong/may-01 0/0/0/1/1 200 9 - - ---- 1/1/0/0/0 0/0 "
        '{cong.gov.example|$#7Bjndi:ldap#7D #C4#91} "GET /?a=#22x#23 HTTP/1.1"'
    )
    assert found is not None
    assert ["cong.gov.example", "${jndi:ldap} đ"] == found[1]["captured_request_headers"]
    assert ('/?a="x#', "GET /?a=#22x#23 HTTP/1.1") == (found[1]["uri"], found[1]["http_request"])


def test_a_log_that_haproxy_shares_with_others_is_not_its_own() -> None:
    others = b"Nov 22 10:00:01 may-01 sshd[7]: Accepted publickey for an from 192.0.2.1 port 22 ssh2\n"
    assert FORMAT.recognise(HAPROXY_SYSLOG)
    assert not FORMAT.recognise(HAPROXY_SYSLOG + others * 3)
    assert not FORMAT.recognise(COMBINED)
