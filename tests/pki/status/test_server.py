"""The server: it listens where it is told, sees what changes, bounds what clients take, and stops when asked to."""

from __future__ import annotations

import http.client
import socket
import stat
import threading
import time
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.x509 import ocsp as theirs

from sentinel.errors import InputError
from sentinel.pki.status import connections
from sentinel.pki.status.published import Lists
from sentinel.pki.status.server import Listening, address_of, serve
from sentinel.pki.status.source import Station
from tests.pki.status.builders import Book, a_question, ran
from tests.pki.status.serving import Town, a_town, free_port, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = a_town(tmp_path_factory.mktemp("town"))
    with served(made, Listening(port=made.port, connections=50)):
        yield made


def connected(town: Town) -> socket.socket:
    return socket.create_connection(("127.0.0.1", town.port), 10)


def everything(client: socket.socket) -> bytes:
    """Read until the server closes."""
    found = bytearray()
    try:
        while piece := client.recv(65_536):
            found += piece
    except ConnectionResetError:
        pass
    return bytes(found)


def test_one_connection_serves_many_questions(town: Town) -> None:
    client = http.client.HTTPConnection("127.0.0.1", town.port, timeout=10)
    told = []
    for serial in (town.good.serial, town.bad.serial, 7):
        client.request("POST", "/ocsp", a_question(town.house, serial))
        told.append(theirs.load_der_ocsp_response(client.getresponse().read()).certificate_status.name)
    client.close()
    assert ["GOOD", "REVOKED", "UNKNOWN"] == told


def test_no_answer_waits_for_the_client_to_acknowledge_its_head(town: Town) -> None:
    # Without TCP_NODELAY the body of an answer waits for 40 ms behind its head: 2 s for all.
    client = http.client.HTTPConnection("127.0.0.1", town.port, timeout=10)
    begin = time.monotonic()
    for _turn in range(50):
        client.request("POST", "/ocsp", a_question(town.house, town.good.serial))
        client.getresponse().read()
    client.close()
    assert time.monotonic() - begin < 1.5


def test_requests_sent_together_are_answered_in_order(town: Town) -> None:
    paths = ["/crl/hanoi.crl", "/health", "/ca/hanoi.cer", "/none"]
    with connected(town) as client:
        sent = [f"HEAD {path} HTTP/1.1\r\nHost: x\r\n" for path in paths]
        client.sendall(("\r\n".join(sent) + "Connection: close\r\n\r\n").encode())
        found = everything(client).decode()
    kinds = ["application/pkix-crl", "application/json", "application/pkix-cert", "text/plain; charset=utf-8"]
    assert kinds == [line.split(": ")[1] for line in found.split("\r\n") if line.startswith("content-type")]


def test_a_list_that_is_replaced_is_served_within_seconds(town: Town) -> None:
    town.publish(2, [town.bad.serial, 77])
    for _turn in range(100):
        client = http.client.HTTPConnection("127.0.0.1", town.port, timeout=10)
        client.request("GET", "/crl/hanoi.crl")
        read = x509.load_der_x509_crl(client.getresponse().read())
        client.close()
        if read.get_revoked_certificate_by_serial_number(77):
            return
        time.sleep(0.1)
    pytest.fail("the new list is not served")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\n" * 50 + b"nonsense\r\n\r\n",
        b"POST /ocsp HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST /ocsp HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_not_http_is_refused(town: Town, sent: bytes) -> None:
    with connected(town) as client:
        client.sendall(sent)
        assert everything(client).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "begin",
    [
        b"GET /" + b"a" * 200_000,
        b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 40_000,
        b"POST /ocsp HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8000\r\n" + b"x" * 0x8000 + b"\r\n" * 1,
    ],
    ids=["path", "headers", "body"],
)
def test_who_sends_too_much_is_cut_off(town: Town, begin: bytes) -> None:
    with connected(town) as client:
        try:
            for _turn in range(20):
                client.sendall(begin)
        except (BrokenPipeError, ConnectionResetError):
            return
        found = everything(client)
    assert not found or found.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 "))


def test_more_connections_than_allowed_are_turned_away_and_others_served_again(town: Town) -> None:
    idle = [connected(town) for _each in range(60)]
    idle[-1].sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert everything(idle[-1]).startswith(b"HTTP/1.1 503 ")
    for each in idle:
        each.close()
    for _turn in range(100):
        with connected(town) as client:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            if everything(client).startswith(b"HTTP/1.1 200 "):
                return
        time.sleep(0.05)
    pytest.fail("nobody is served any more")


@pytest.mark.parametrize(
    "sent", [b"", b"POST /ocsp HTTP/1.1\r\nHost", b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /hea"]
)
def test_who_is_too_slow_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(connections, "_SECONDS", 1)
    town = a_town(tmp_path)
    with served(town, Listening(port=town.port)), connected(town) as client:
        client.sendall(sent)
        begin = time.monotonic()
        found = everything(client)
        assert time.monotonic() - begin < 8
    assert (b"HTTP/1.1 200 " in found) is sent.startswith(b"GET")


def test_many_at_once_are_all_answered(town: Town) -> None:
    question, told = a_question(town.house, town.good.serial, nonce=b"n" * 16), []

    def ask() -> None:
        client = http.client.HTTPConnection("127.0.0.1", town.port, timeout=20)
        for _turn in range(20):
            client.request("POST", "/ocsp", question)
            told.append(theirs.load_der_ocsp_response(client.getresponse().read()).certificate_status.name)
        client.close()

    threads = [threading.Thread(target=ask) for _each in range(10)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert ["GOOD"] * 200 == told


def test_a_unix_socket_is_served_and_removed(tmp_path: Path) -> None:
    town, path = a_town(tmp_path), tmp_path / "status.sock"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))  # as one that was killed leaves it
    left.close()
    with served(town, Listening(path=path)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        ended = ran("curl", "-sSf", "--unix-socket", path, "http://status/health")
        assert '{"ok": true, "faults": []}' == ended.stdout
    assert not path.exists()


def test_an_answer_under_way_is_ended_before_the_server_stops(tmp_path: Path) -> None:
    town = a_town(tmp_path)
    with served(town, Listening(port=town.port)):
        client = connected(town)
        client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(15) == b"HTTP/1.1 200 OK"
    client.close()


def test_where_another_listens_is_told(tmp_path: Path) -> None:
    station = Station(Lists(tmp_path), tmp_path / "answers.db", Book())
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
        with pytest.raises(InputError, match="cannot listen there") as caught:
            serve(station, Listening(port=port))
    assert f"127.0.0.1:{port}" == caught.value.place


@pytest.mark.parametrize("listening", [Listening(port=70_000), Listening(host="192.0.2.1", port=free_port())])
def test_where_nobody_can_listen_is_told(tmp_path: Path, listening: Listening) -> None:
    with pytest.raises(InputError, match="cannot listen there"):
        serve(Station(Lists(tmp_path), tmp_path / "answers.db", Book()), listening)


def test_a_file_that_is_no_socket_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="cannot listen there"):
        serve(Station(Lists(tmp_path), tmp_path / "answers.db", Book()), Listening(path=path))
    assert "mine" == path.read_text(encoding="utf-8")


def test_addresses_are_told_as_people_write_them(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as four:
        assert f"http://127.0.0.1:{four.getsockname()[1]}" == address_of(four)
    with socket.socket(socket.AF_UNIX) as local:
        local.bind(str(tmp_path / "s"))
        assert f"unix:{tmp_path / 's'}" == address_of(local)
