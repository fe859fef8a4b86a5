"""How much the server answers: questions over connections that are kept, for one second of its processor."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel.pki.status.ocsp import Hash
from sentinel.pki.status.server import Listening
from tests.pki.status.builders import a_question
from tests.pki.status.serving import Town, a_town, served

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.deep
QUESTIONS, CLIENTS, LEAST = 8_000, 4, 2_000


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, int]]:
    town = a_town(tmp_path_factory.mktemp("town"))
    with served(town, Listening(port=town.port)) as process:
        yield town, process


def cpu_of(process: int) -> float:
    ticks = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def ask(port: int, request: bytes, times: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _turn in range(times):
            client.sendall(request)
            found = client.recv(65_536)
            head = found.index(b"\r\n\r\n") + 4
            begin = found.index(b"content-length: ") + 16
            size = int(found[begin : found.index(b"\r", begin)])
            while len(found) < head + size:
                found += client.recv(65_536)
            assert found.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(("nonce", "hashed"), [(b"", Hash.SHA1), (b"n" * 32, Hash.SHA1), (b"", Hash.SHA256)])
def test_two_thousand_are_answered_in_a_second(serving: tuple[Town, int], nonce: bytes, hashed: Hash) -> None:
    town, process = serving
    question = a_question(town.house, town.good.serial, nonce=nonce, hashed=hashed)
    request = b"POST /ocsp HTTP/1.1\r\nHost: pki.gov.example\r\nContent-Length: %d\r\n\r\n" % len(question) + question
    ask(town.port, request, 200)
    before = cpu_of(process)
    clients = [
        threading.Thread(target=ask, args=(town.port, request, QUESTIONS // CLIENTS)) for _each in range(CLIENTS)
    ]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    assert QUESTIONS / (cpu_of(process) - before) >= LEAST
