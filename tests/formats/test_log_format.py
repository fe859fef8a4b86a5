"""A log format of nginx or Apache, given as text, reads what they write by it."""

from __future__ import annotations

import pickle
import time

import pytest

from sentinel.errors import InputError
from sentinel.formats.log_format import compiled, given
from tests.formats.reading import faults_of, rows_of

NGINX = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" '
    'rt=$request_time ua="${upstream_addr}"'
)
APACHE = '%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\" %D%% %{X-Forwarded-For}i'


def test_variables_of_nginx_become_fields_of_their_names() -> None:
    # https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format
    event = compiled(NGINX).parse(
        '192.0.2.1 - Nguyen Van A [22/Nov/2026:10:00:00 +0700] "GET /?a=%20 HTTP/1.1" 200 12 "-" "x \\"y" rt=0.1 '
        'ua="10.0.0.1:80, 10.0.0.2:80"'
    )
    assert event is not None
    assert ("Nguyen Van A", 'x \\"y', "0.1", "10.0.0.1:80, 10.0.0.2:80", "/?a= ") == tuple(
        event[name] for name in ("remote_user", "http_user_agent", "request_time", "upstream_addr", "uri_decoded")
    )


def test_directives_of_apache_become_the_variables_that_mean_the_same() -> None:
    # https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats
    event = compiled(APACHE).parse(
        'cong:443 192.0.2.1 - - [22/Nov/2026:10:00:00 +0700] "GET / HTTP/1.1" 200 12 "-" "curl" 123% 198.51.100.1'
    )
    assert event is not None
    expected = ("cong", "443", "22/Nov/2026:10:00:00 +0700", "200", "123", "198.51.100.1", "GET")
    names = ("vhost", "server_port", "time_local", "status", "request_time_us", "http_x_forwarded_for", "method")
    assert expected == tuple(event[name] for name in names)


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("$remote_addr$status", "x:13", "nothing stands between"),
        ("%h %Z", "x:4", "no such directive"),
        ("%h %{a}u", "x:4", "no such directive"),
        ("abc", "x:1", "no variable"),
        ("$remote_addr $ status", "x:14", "no variable begins here"),
        ("%h 100%", "x:7", "no variable begins here"),
    ],
)
def test_a_format_that_cannot_be_told_says_where(text: str, place: str, word: str) -> None:
    with pytest.raises(InputError) as caught:
        compiled(text, "x")
    assert (place, True, True) == (caught.value.place, word in caught.value.message, bool(caught.value.hint))


@pytest.mark.parametrize("option", ["", "x", "x=", "=$status"])
def test_an_option_without_a_name_or_a_format_is_refused(option: str) -> None:
    with pytest.raises(InputError, match="NAME=FORMAT"):
        given(option)


def test_a_format_given_is_read_as_the_dataset_of_access_logs_and_goes_to_other_processes() -> None:
    of = pickle.loads(pickle.dumps(given("cong=$host|$remote_addr|$time_local|$request|$status")))  # noqa: S301 - ours
    data = b"cong|192.0.2.1|22/Nov/2026:10:00:00 +0700|GET / HTTP/1.1|200\n" * 2 + b"cong|192.0.2.1\n"
    assert (True, False) == (of.recognise(data), of.recognise(b"192.0.2.1 - - [x]\n"))
    assert ["cong", "cong"] == [row["web.access.vhost"] for row in rows_of(of, data)]
    assert [3] == [fault.line for fault in faults_of(of, data)]


@pytest.mark.parametrize("text", [NGINX, "$a b $c b $d b $e b $f", '"$a" "$b" "$c"', "%h %l %u %t %r %s"])
@pytest.mark.parametrize("line", [" b" * 500_000, '"' * 1_000_000, '\\"' * 500_000, "[" * 1_000_000, " - " * 300_000])
def test_no_line_of_a_megabyte_takes_long(text: str, line: str) -> None:
    parser = compiled(text)
    began = time.process_time()
    parser.parse(line)
    assert time.process_time() - began < 1
