"""What servers are told, by real ones on this machine."""

from __future__ import annotations

import hmac
import json
import socket
from base64 import b64encode
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from sentinel.model.severity import Level
from sentinel.notify import plan
from sentinel.notify.channels import SECOND, Mail, Syslog, Transport, Webhook
from sentinel.notify.senders import connect, send
from tests.notify.builders import a_channel, an_item
from tests.notify.certificates import a_certificate
from tests.notify.servers import HOST, a_hook, a_post, a_proxy, a_stream
from tests.triage.builders import NOW

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from sentinel.notify.channels import Channel
    from sentinel.notify.plan import Message


def a_message(channel: Channel, **fields: Any) -> Message:  # noqa: ANN401 - fields of an item
    own = {"title": "Đăng nhập|lạ=\\\r\nBcc: x@y", "agency": "H49.61"}
    state = plan.gathered(
        channel.rules, plan.begun("o", 0, NOW, channel.rules), [an_item(1, **(own | fields))] * 4, NOW
    )
    (message,) = plan.planned(channel, state, NOW + 10**14).messages
    return message


def secret(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_web_hook_is_told_in_json_that_is_signed(tmp_path: Path) -> None:
    file = secret(tmp_path / "key", "hush\n")
    with a_hook() as hook:
        channel = a_channel(Webhook(f"http://{HOST}:{hook.port}/móc?t=1", file))
        answer = send(channel, a_message(channel), NOW)
    assert "" == answer.problem
    ((headers, body),) = hook.got
    told = json.loads(body)
    assert (1, "story", 4, "soc") == (told["version"], told["kind"], told["total"], told["channel"])
    assert [{"event": "new", "level": "high", "count": 4}] == told["counts"]
    assert "H49.61" == told["alerts"][0]["agency"]
    signed = f"{NOW // SECOND}.".encode() + body
    assert f"sha256={hmac.new(b'hush', signed, 'sha256').hexdigest()}" == headers["sentinel-signature"]
    assert ("/m%C3%B3c?t=1", "o-0") == (headers["path"], headers["sentinel-message"])


def test_https_is_verified(tmp_path: Path) -> None:
    ours, tls = a_certificate(tmp_path)
    other, _tls = a_certificate(tmp_path, "other")
    with a_hook(tls=tls) as hook:
        problems = []
        for file in (ours, other, None):
            channel = a_channel(Webhook(f"https://{HOST}:{hook.port}/", ca_file=file))
            problems.append(send(channel, a_message(channel), NOW).problem.partition(":")[0])
    assert ["", "the certificate is not trusted", "the certificate is not trusted"] == problems
    assert 1 == len(hook.got)


@pytest.mark.parametrize(
    ("status", "is_down", "is_refused"),
    [
        (301, False, False), (400, False, True), (404, False, True), (408, True, False), (410, False, True),
        (413, False, True), (425, True, False), (429, True, False), (500, True, False), (503, True, False),
    ],
)  # fmt: skip
def test_what_is_no_success_is_told_again_later_or_refused_for_good(
    status: int, is_down: bool, is_refused: bool
) -> None:
    with a_hook(status) as hook:
        channel = a_channel(Webhook(f"http://{HOST}:{hook.port}/"))
        answer = send(channel, a_message(channel), NOW)
    told = " ".join(answer.problem.split()[:4])
    assert (f"the server answered {status}", is_down, is_refused) == (told, answer.is_down, answer.is_refused)


@pytest.mark.parametrize(
    ("says", "strangers", "is_refused", "problem"),
    [
        ("554 no", {}, True, "554 no"),
        ("452 full", {}, False, "452 full"),
        ("250 OK", {"a@x.vn": 550, "b@x.vn": 550}, True, "not here"),
        ("250 OK", {"a@x.vn": 550, "b@x.vn": 450}, False, "not here"),
        ("250 OK", {"a@x.vn": 550}, False, ""),
    ],
)
def test_mail_is_refused_for_good_where_the_server_says_so_of_all(
    tmp_path: Path, says: str, strangers: dict[str, int], is_refused: bool, problem: str
) -> None:
    file, tls = a_certificate(tmp_path)
    with a_post(tls) as post:
        post.says, post.strangers = says, strangers
        channel = a_channel(Mail(HOST, post.port, "s@gov.example", ("a@x.vn", "b@x.vn"), ca_file=file))
        answer = send(channel, a_message(channel), NOW)
    assert (is_refused, True) == (answer.is_refused, problem in answer.problem)
    assert bool(problem) == bool(answer.problem)


def test_what_was_given_up_before_is_told() -> None:
    with a_hook() as hook:
        channel = a_channel(Webhook(f"http://{HOST}:{hook.port}/"))
        send(channel, msgspec.structs.replace(a_message(channel), dropped=7), NOW)
    told = json.loads(hook.got[0][1])
    assert (7, True) == (told["dropped"], "7 events before this" in told["text"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((HOST, 0))
        server.settimeout(5)
        channel = a_channel(Syslog(HOST, server.getsockname()[1], Transport.UDP))
        send(channel, msgspec.structs.replace(a_message(channel), dropped=7), NOW)
        assert b" cn2Label=dropped cn2=7 " in server.recv(65536)


def test_a_web_hook_is_reached_through_the_proxy_that_its_channel_names(tmp_path: Path) -> None:
    ours, tls = a_certificate(tmp_path)
    with a_hook(tls=tls) as hook, a_proxy() as proxy:
        target = Webhook(f"https://{HOST}:{hook.port}/t", ca_file=ours, proxy=f"http://{HOST}:{proxy.port}")
        channel = a_channel(target)
        assert ("", "") == (send(channel, a_message(channel), NOW).problem, connect(channel))
        plain = a_channel(Webhook("http://chát.gov.example/t?x", proxy=f"{HOST}:{proxy.port}"))
        assert "" == send(plain, a_message(plain), NOW).problem
    assert [f"CONNECT {HOST}:{hook.port}"] * 2 + ["POST http://xn--cht-fla.gov.example:80/t?x"] == proxy.asked
    assert 1 == len(hook.got)


def test_the_environment_may_name_a_proxy_and_what_goes_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, tls = a_certificate(tmp_path)
    with a_hook(tls=tls) as hook, a_proxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://lan:m%C3%A3@{HOST}:{proxy.port}")
        url = f"https://{HOST}:{hook.port}/"
        for no_proxy, own, through in (("", None, 1), (HOST, None, 1), ("", "", 1), ("x.example", None, 2)):
            monkeypatch.setenv("NO_PROXY", no_proxy)
            channel = a_channel(Webhook(url, ca_file=ours, proxy=own))
            assert "" == send(channel, a_message(channel), NOW).problem
            assert through == len(proxy.asked)
        monkeypatch.setenv("HTTPS_PROXY", "socks5://x:1")
        assert "the proxy is no address" in send(channel, a_message(channel), NOW).problem
    assert "Basic " + b64encode("lan:mã".encode()).decode() == proxy.known[0]


def test_a_server_that_is_not_there_is_down() -> None:
    with socket.socket() as free:
        free.bind((HOST, 0))
        channel = a_channel(Webhook(f"http://{HOST}:{free.getsockname()[1]}/"))
        answer = send(channel, a_message(channel), NOW)
    assert (True, True) == ("refused" in answer.problem, answer.is_down)


def test_a_server_that_says_nothing_is_not_waited_for_long() -> None:
    with socket.create_server((HOST, 0)) as silent:
        channel = a_channel(Webhook(f"http://{HOST}:{silent.getsockname()[1]}/", timeout=SECOND // 10))
        assert "no answer in time" == send(channel, a_message(channel), NOW).problem


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = secret(tmp_path / "key", "hush")
    file.chmod(0o644)
    channel = a_channel(Webhook(f"http://{HOST}:9/", file))
    answer = send(channel, a_message(channel), NOW)
    assert (True, False) == ("others may read" in answer.problem, "hush" in repr((channel, answer)))


def a_letter(post_letter: bytes) -> EmailMessage:
    return message_from_bytes(post_letter, policy=default)


@pytest.mark.parametrize(
    ("language", "words"), [("en", ["new alert", "high"]), ("vi", ["Đăng nhập", "Asia/Ho_Chi_Minh"])]
)
def test_mail_goes_by_starttls_in_the_readers_language(tmp_path: Path, language: str, words: list[str]) -> None:
    file, tls = a_certificate(tmp_path)
    password = secret(tmp_path / "password", "secret\n")
    with a_post(tls) as post:
        target = Mail(HOST, post.port, "s@gov.example", ("a@x.vn", "b@x.vn"), user="lan", password_file=password,
                      ca_file=file)  # fmt: skip
        channel = a_channel(target, language)
        assert "" == send(channel, a_message(channel), NOW).problem
    letter = a_letter(post.letters[0])
    body = letter.get_body(("plain",))
    assert body is not None
    text = f"{letter['Subject']} {body.get_content()}"
    assert [] == [word for word in words if word not in text]
    assert (None, "a@x.vn, b@x.vn", [(b"lan", b"secret")]) == (letter["Bcc"], letter["To"], post.logins)
    assert "Đăng nhập|lạ=\\ Bcc: x@y" in letter["Subject"]
    assert post.letters[0].isascii()


def test_mail_goes_by_tls_from_the_first_byte(tmp_path: Path) -> None:
    file, tls = a_certificate(tmp_path)
    other, _tls = a_certificate(tmp_path, "other")
    password = secret(tmp_path / "password", "secret")
    with a_post(tls, is_implicit=True) as post:
        problems = []
        for trusted in (file, other):
            target = Mail(HOST, post.port, "s@gov.example", ("a@x.vn",), True, "lan", password, trusted)
            channel = a_channel(target)
            problems.append(send(channel, a_message(channel), NOW).problem.partition(":")[0])
        assert "" == connect(a_channel(Mail(HOST, post.port, "s@gov.example", ("a@x.vn",), True, ca_file=file)))
    assert ["", "the certificate is not trusted"] == problems
    assert (1, [(b"lan", b"secret")]) == (len(post.letters), post.logins)


def test_a_story_is_a_thread() -> None:
    from sentinel.notify.mail import letter

    target = Mail(HOST, 25, "s@gov.example", ("a@x.vn",))
    channel = a_channel(target)
    one = letter(channel, target, a_message(channel, story="s1"), NOW)
    assert ("<story-s1@gov.example>", "<o-0@gov.example>") == (one["References"], one["Message-ID"])


def test_markup_in_alerts_is_none_in_mail() -> None:
    from sentinel.notify.mail import letter

    target = Mail(HOST, 25, "s@gov.example", ("a@x.vn",))
    channel = a_channel(target)
    page = letter(channel, target, a_message(channel, title="<script>"), NOW).get_body(("html",))
    assert page is not None
    assert ("<script>" in page.get_content(), "&lt;script&gt;" in page.get_content()) == (False, True)


def test_mail_is_never_sent_unencrypted() -> None:
    with a_post() as post:
        channel = a_channel(Mail(HOST, post.port, "s@gov.example", ("a@x.vn",)))
        answer = send(channel, a_message(channel), NOW)
    assert ("the mail server does not offer STARTTLS, and nothing is sent unencrypted", []) == (
        answer.problem,
        post.letters,
    )


def test_a_mail_server_with_another_certificate_is_refused(tmp_path: Path) -> None:
    _file, tls = a_certificate(tmp_path)
    other, _tls = a_certificate(tmp_path, "other")
    with a_post(tls) as post:
        channel = a_channel(Mail(HOST, post.port, "s@gov.example", ("a@x.vn",), ca_file=other))
        answer = send(channel, a_message(channel), NOW)
    assert ("the certificate is not trusted", []) == (answer.problem.partition(":")[0], post.letters)


def test_a_wrong_password_is_told_and_not_shown(tmp_path: Path) -> None:
    file, tls = a_certificate(tmp_path)
    password = secret(tmp_path / "password", "hush-hush")
    with a_post(tls) as post:
        channel = a_channel(Mail(HOST, post.port, "s@gov.example", ("a@x.vn",), False, "lan", password, file))
        answer = send(channel, a_message(channel), NOW)
    assert (True, False) == ("535 " == answer.problem[:4], "hush-hush" in repr((channel, answer)))


def test_syslog_by_udp_carries_cef() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((HOST, 0))
        server.settimeout(5)
        channel = a_channel(Syslog(HOST, server.getsockname()[1], Transport.UDP))
        assert "" == send(channel, a_message(channel, peer="2001:db8::1", level=Level.CRITICAL), NOW).problem
        line = server.recv(65536).decode()
    assert line.startswith("<130>1 2026-")
    head, _cef, rest = line.partition("CEF:0|Sentinel|Sentinel|")
    assert (True, True) == (head.endswith(" sentinel - new - "), "|Đăng nhập\\|lạ=\\\\ Bcc: x@y|10|" in rest)
    assert [] == [part for part in ("cnt=4", "c6a2=2001:db8::1", "cs2=H49.61", "lạ\\=\\\\") if part not in rest]
    assert "\n" not in line


@pytest.mark.parametrize("is_tls", [False, True])
def test_syslog_by_tcp_counts_octets(tmp_path: Path, is_tls: bool) -> None:
    file, tls = a_certificate(tmp_path)
    with a_stream(tls if is_tls else None) as (port, got):
        channel = a_channel(Syslog(HOST, port, Transport.TLS if is_tls else Transport.TCP, ca_file=file))
        assert "" == send(channel, a_message(channel), NOW).problem
    count, _blank, line = b"".join(got).partition(b" ")
    assert (len(line), True) == (int(count), b"CEF:0|" in line)


def test_syslog_by_tls_is_verified(tmp_path: Path) -> None:
    _file, tls = a_certificate(tmp_path)
    with a_stream(tls) as (port, got):
        channel = a_channel(Syslog(HOST, port, Transport.TLS))
        assert "the certificate is not trusted" == send(channel, a_message(channel), NOW).problem.partition(":")[0]
    assert [] == got


def test_a_server_can_be_tried_without_telling_it_anything(tmp_path: Path) -> None:
    file, tls = a_certificate(tmp_path)
    with a_post(tls) as post:
        assert "" == connect(a_channel(Mail(HOST, post.port, "s@gov.example", ("a@x.vn",), ca_file=file)))
        assert "" != connect(a_channel(Mail(HOST, post.port, "s@gov.example", ("a@x.vn",))))
    assert [] == post.letters
    assert "" != connect(a_channel(Webhook(f"https://{HOST}:9/")))
