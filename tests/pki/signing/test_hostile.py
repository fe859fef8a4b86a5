"""A hostile client at the signer's socket: refused each time, written down, and the signer lives on."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from sentinel.crypto.keys import PrivateKey
from sentinel.errors import StoreError
from sentinel.pki.certificates import algorithms
from sentinel.pki.signing import protocol
from sentinel.pki.signing.client import connect
from sentinel.pki.signing.declined import Declined
from sentinel.pki.signing.protocol import Wire
from sentinel.pki.signing.service import MOST_CALLERS
from tests.conftest import ROOT
from tests.pki.signing.a_service import PATIENCE, Serving, a_service
from tests.pki.signing.a_signer import AN, DUC, HOUR, KEY, LAN, a_batch, a_tbs, an_approval
from tests.pki.signing.as_nobody import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentinel.pki.signing.client import Batch

NOW = time.time_ns()


@pytest.fixture(scope="module")
def service() -> Iterator[Serving]:
    """Give one service that all of them try: it has to live through everything."""
    folder = Path(tempfile.mkdtemp(prefix="signer-"))
    folder.chmod(0o755)
    with a_service(folder) as found:
        yield found
    shutil.rmtree(folder)


SERIALS = iter(range(1000, 100_000))


def lives(service: Serving) -> None:
    """Have an honest client sign something."""
    tbs = [a_tbs(next(SERIALS))]
    with connect(service.path) as client:
        (signature,), (key,) = client.sign(a_batch(tbs)), client.keys()
    algorithms.verify(key.algorithm, key.spki, signature, tbs[0])
    assert service.process.poll() is None


def refusals(service: Serving) -> list[str]:
    """Give the codes of what was refused, as the log has them."""
    with connect(service.path) as client:
        return [act.values["code"] for act in client.acts() if act.kind == "refused"]


TBS = [a_tbs(1), a_tbs(2)]
STRANGER = PrivateKey.new()
BATCHES: list[tuple[str, Batch]] = [
    ("unapproved", replace(a_batch(TBS), approvals=())),
    ("expired", a_batch(TBS, an_approval(TBS, expires=NOW))),
    ("same-person", a_batch(TBS, an_approval(TBS, LAN))),
    ("unknown-approver", a_batch(TBS, an_approval(TBS).signed(STRANGER))),
    ("retired-approver", a_batch(TBS, an_approval(TBS, DUC))),
    ("retired-approver", a_batch(TBS, an_approval(TBS, DUC, at=NOW - 300 * 24 * HOUR))),
    ("forged", a_batch(TBS, replace(an_approval(TBS), requester=AN))),
    ("other-content", a_batch([TBS[0], a_tbs(3)], an_approval(TBS))),
    ("other-content", a_batch(TBS[:1], an_approval(TBS))),
    ("other-content", a_batch(TBS[::-1], an_approval(TBS))),
    ("unknown-grant", replace(a_batch(TBS, grant="none"), approvals=())),
    ("malformed", a_batch([b"\x30\x00"], kind="crl")),
    ("unknown-key", a_batch(TBS, key="root")),
]


@pytest.mark.parametrize(("code", "batch"), BATCHES)
def test_what_is_not_approved_is_refused_and_logged(service: Serving, code: str, batch: Batch) -> None:
    with connect(service.path) as client, pytest.raises(Declined) as caught:
        client.sign(batch)
    assert (code, code) == (caught.value.code, refusals(service)[-1])
    lives(service)


def test_altered_bytes_are_not_signed_under_an_approval_of_others(service: Serving) -> None:
    tbs = [a_tbs(next(SERIALS)), a_tbs(next(SERIALS))]
    whole = a_batch(tbs)
    altered = bytearray(tbs[1])
    altered[20] ^= 1
    with connect(service.path) as client:
        client._cover(whole)  # noqa: SLF001 - an honest start
        asked = protocol.Sign(KEY, "certificate", [tbs[0], bytes(altered)], [1, 2], next(iter(client._covers.values())))  # noqa: SLF001
        with pytest.raises(Declined) as caught:
            client._ask(asked, protocol.Signed)  # noqa: SLF001
    assert caught.value.code in {"not-covered", "malformed", "wrong-issuer", "wrong-algorithm"}
    assert caught.value.code == refusals(service)[-1]
    lives(service)


def test_what_was_signed_is_not_signed_again(service: Serving) -> None:
    batch = a_batch([a_tbs(next(SERIALS))])
    with connect(service.path) as client:
        client.sign(batch)
    with connect(service.path) as client, pytest.raises(Declined, match="signed already"):
        client.sign(batch)
    assert "replay" == refusals(service)[-1]


def framed(payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + payload


def slowly(stream: socket.socket) -> None:
    """Send a frame byte by byte, each in time, and all of them too late."""
    for byte in framed(protocol.packed(protocol.Keys())):
        stream.sendall(bytes([byte]))
        time.sleep(PATIENCE / 3)


ATTACKS: list[tuple[str, Callable[[socket.socket], None]]] = [
    ("garbage", lambda stream: stream.sendall(framed(b""))),
    ("garbage", lambda stream: stream.sendall(framed(os.urandom(1000)))),
    ("garbage", lambda stream: stream.sendall(framed(b"\xdd\xff\xff\xff\xff" * 100))),
    ("garbage", lambda stream: stream.sendall(framed(b"\x91" * 100_000))),
    ("too-large", lambda stream: stream.sendall(b"GET / HTTP/1.1\r\n\r\n")),
    ("too-large", lambda stream: stream.sendall(b"\xff\xff\xff\xff")),
    ("too-large", lambda stream: stream.sendall(struct.pack(">I", protocol.MOST_BYTES + 1))),
    ("too-slow", lambda stream: stream.sendall(struct.pack(">I", protocol.MOST_BYTES) + b"x" * 1000)),
    ("too-slow", lambda stream: stream.sendall(b"\x00")),
    ("too-slow", slowly),
]


@pytest.mark.parametrize(("code", "attack"), ATTACKS)
def test_what_is_no_question_is_refused_and_logged(
    service: Serving, code: str, attack: Callable[[socket.socket], None]
) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as stream:
        stream.connect(str(service.path))
        with suppress(OSError):  # it is cut off in the middle of its attack
            attack(stream)
        payload = Wire(stream).receive(5.0)
    assert payload is not None
    answered = protocol.answer(payload)
    assert isinstance(answered, protocol.Refusal)
    assert (code, code) == (answered.code, refusals(service)[-1])
    lives(service)


@pytest.mark.parametrize("half", [b"\x00\x00", framed(b"x" * 1000)[:500]])
def test_a_caller_that_ends_within_a_question_is_logged(service: Serving, half: bytes) -> None:
    before = len(refusals(service))
    with closing(socket.socket(socket.AF_UNIX)) as stream:
        stream.connect(str(service.path))
        stream.sendall(half)
    until = time.monotonic() + 10
    while (found := refusals(service)[before:]) != ["garbage"]:
        assert time.monotonic() < until, found
        time.sleep(0.01)
    lives(service)


def test_a_caller_that_never_reads_its_answer_harms_nobody(service: Serving) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as stream:
        stream.connect(str(service.path))
        stream.settimeout(PATIENCE * 5)
        with suppress(OSError):
            for _each in range(20_000):
                stream.sendall(framed(protocol.packed(protocol.Acts(0))))
    lives(service)


def test_a_caller_that_leaves_without_its_answer_finds_it_again(service: Serving) -> None:
    tbs = a_tbs(next(SERIALS))
    batch = a_batch([tbs])
    with connect(service.path) as client:
        cover = client._cover(batch)  # noqa: SLF001 - what a client that dies has done until then
        asked = protocol.Sign(KEY, "certificate", [tbs], [1], cover)
        client._wire.send(protocol.packed(asked))  # noqa: SLF001
    until, found = time.monotonic() + 10, dict[bytes, bytes]()
    with connect(service.path) as client:
        while not found:
            assert time.monotonic() < until
            found = client.recall([sha256(tbs).digest()])
        (key,) = client.keys()
    algorithms.verify(key.algorithm, key.spki, found[sha256(tbs).digest()], tbs)


def test_more_callers_than_there_are_places_are_turned_away_and_places_come_back(service: Serving) -> None:
    callers = [connect(service.path) for _each in range(MOST_CALLERS)]
    assert all(caller.keys() for caller in callers)
    with connect(service.path) as client, pytest.raises(Declined) as caught:
        client.keys()
    assert "too-many" == caught.value.code
    for caller in callers:
        caller.close()
    until = time.monotonic() + 10
    while True:  # a place is free a moment after its caller has gone
        with suppress(Declined):
            lives(service)
            break
        assert time.monotonic() < until
    assert "too-many" in refusals(service)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask as somebody else")
def test_another_user_is_turned_away_and_logged(service: Serving) -> None:
    mode = service.path.stat().st_mode & 0o777
    service.path.chmod(0o666)  # so that it is the signer, and not the socket's mode, that turns them away
    arguments = [sys.executable, "-m", "tests.pki.signing.as_nobody", str(service.path)]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    asked = subprocess.run(arguments, env=environ, capture_output=True, text=True, check=False)
    service.path.chmod(mode)
    assert (f"wrong-user {NOBODY}\n", 0o660) == (asked.stdout, mode)
    with connect(service.path) as client:
        last = [act for act in client.acts() if act.kind == "refused"][-1]
    assert (NOBODY, "wrong-user") == (last.uid, last.values["code"])
    lives(service)


def test_many_honest_callers_at_once_lose_nothing(service: Serving) -> None:
    batches = [[a_tbs(next(SERIALS)) for _each in range(20)] for _caller in range(6)]
    found: dict[int, list[bytes]] = {}

    def ask(number: int) -> None:
        with connect(service.path) as client:
            found[number] = client.sign(a_batch(batches[number]))

    threads = [Thread(target=ask, args=(number,)) for number in range(len(batches))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connect(service.path) as client:
        (key,) = client.keys()
    for number, tbs in enumerate(batches):
        for signature, each in zip(found[number], tbs, strict=True):
            algorithms.verify(key.algorithm, key.spki, signature, each)


def test_the_log_holds_in_the_end(service: Serving) -> None:
    lives(service)
    with connect(service.path) as client:
        acts = list(client.acts())
    assert list(range(1, len(acts) + 1)) == [act.number for act in acts]
    signed = [made.digest for act in acts for made in act.made]
    assert len(signed) == len(set(signed))


def test_nobody_answers_where_no_signer_serves(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no signer answers") as caught:
        connect(tmp_path / "signer.sock")
    assert str(tmp_path / "signer.sock") == caught.value.place
