"""The signer's process: how it starts and ends, what it gives up, and what outlives its death."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from random import Random
from threading import Thread, Timer, get_ident

import pytest

from sentinel.errors import InputError, Refused, StoreError
from sentinel.pki.signing import home
from sentinel.pki.signing.client import Client, connect, spawn
from sentinel.pki.signing.declined import Declined
from sentinel.pki.signing.log import Log
from sentinel.pki.signing.protocol import Signed, Wire, packed
from tests.conftest import ROOT
from tests.pki.signing.a_service import a_service
from tests.pki.signing.a_signer import (
    KEY,
    PASSPHRASE,
    a_batch,
    a_child,
    a_home,
    a_list,
    a_tbs,
    an_approval,
    an_entry,
    the_people,
)

LONGEST = 0.15
"""Seconds that a signer lives on at most after it answered first."""


def test_a_batch_of_many_parts_is_signed_in_its_order_under_one_approval(tmp_path: Path) -> None:
    tbs = [a_tbs(serial) for serial in range(1, 1202)]
    with a_child(tmp_path) as client:
        signatures = client.sign(a_batch(tbs))
        acts = list(client.acts())
        recalled = client.recall([sha256(each).digest() for each in tbs])
    assert ["started", "covered", "signed", "signed", "signed"] == [act.kind for act in acts]
    assert [500, 500, 201] == [len(act.made) for act in acts[2:]]
    assert list(range(1, 1202)) == [made.intent for act in acts for made in act.made]
    assert dict(zip((sha256(each).digest() for each in tbs), signatures, strict=True)) == recalled


def test_a_part_of_what_was_approved_is_signed_with_the_digests_of_the_whole(tmp_path: Path) -> None:
    tbs = [a_tbs(serial) for serial in range(1, 11)]
    whole, approval = [sha256(each).digest() for each in tbs], an_approval(tbs)
    with a_child(tmp_path) as client:
        for part in (tbs[3:7], tbs[:3], tbs[7:]):
            assert len(part) == len(client.sign(a_batch(part, approval, whole=whole)))
        assert ["covered"] == [act.kind for act in client.acts() if act.kind == "covered"]
        with pytest.raises(Declined, match="something else"):
            client.sign(a_batch([a_tbs(11)], approval))


def test_a_list_of_many_entries_is_signed(tmp_path: Path) -> None:
    with a_child(tmp_path) as client:
        assert 1 == len(client.sign(a_batch([a_list(1, revoked=2000)], kind="crl")))


def test_the_process_gives_up_what_it_does_not_need(tmp_path: Path) -> None:
    with a_child(tmp_path) as client:
        started = next(iter(client.acts()))
        limits = Path(f"/proc/{client.process}/limits").read_text(encoding="ascii")
        status = Path(f"/proc/{client.process}/status").read_text(encoding="ascii")
        if os.geteuid() == 0:
            there, here = (Path(f"/proc/{process}/ns/net").readlink() for process in (client.process, os.getpid()))
            assert ("given up" == started.values["network"]) == (there != here)
    assert ["given up"] * 2 == [started.values[name] for name in ("dumpable", "privileges")]
    assert ["0", "0"] == next(line.split()[4:6] for line in limits.splitlines() if "core" in line)
    assert "NoNewPrivs:\t1" in status.splitlines()


def test_no_secret_stands_in_the_arguments_or_the_environment(tmp_path: Path) -> None:
    with a_child(tmp_path) as client:
        for name in ("cmdline", "environ"):
            assert PASSPHRASE not in Path(f"/proc/{client.process}/{name}").read_bytes()


def test_a_child_ends_with_the_conversation(tmp_path: Path) -> None:
    with a_child(tmp_path) as client:
        process = client.process
        assert not ended(process)
    assert ended(process)


def ended(process: int) -> bool:
    """Tell whether a process has ended, its parent having heard of it or not."""
    try:
        return ") Z " in Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return True


PARENT = """
import sys, time
from pathlib import Path
from sentinel.pki.signing.client import spawn
home, people = map(Path, sys.argv[1:])
client = spawn(home, people, lambda entry: sys.stdin.buffer.readline().strip())
print(client.process, flush=True)
time.sleep(60)
"""


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", PARENT, str(a_home(tmp_path)), str(the_people(tmp_path))]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(arguments, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(PASSPHRASE + b"\n")
        parent.stdin.flush()
        child = int(parent.stdout.readline())
        parent.kill()
        until = time.monotonic() + 10
        while not ended(child):
            assert time.monotonic() < until
            time.sleep(0.01)


def test_a_child_that_a_thread_started_lives_on_after_it(tmp_path: Path) -> None:
    started: list[Client] = []
    folder, people = a_home(tmp_path), the_people(tmp_path)
    thread = Thread(target=lambda: started.append(spawn(folder, people, lambda _entry: PASSPHRASE)))
    thread.start()
    thread.join()
    time.sleep(0.1)
    with started[0] as client:
        assert [KEY] == names(client)


def test_a_signer_that_cannot_start_says_why(tmp_path: Path) -> None:
    folder, people = a_home(tmp_path), the_people(tmp_path)
    with pytest.raises(InputError, match="the passphrase is wrong") as caught:
        spawn(folder, people, lambda _entry: b"not this one")
    assert str(folder / f"{KEY}.pem") == caught.value.place
    with pytest.raises(InputError, match="there is no key 'none'"):
        spawn(folder, people, lambda _entry: PASSPHRASE, ["none"])
    with a_child_of(folder, people), pytest.raises(Refused, match="another signer runs here"):
        spawn(folder, people, lambda _entry: PASSPHRASE)
    a_child_of(folder, people).close()


def names(client: Client) -> list[str]:
    found = client.keys()
    return [key.name for key in found]


def a_child_of(folder: Path, people: Path) -> Client:
    return spawn(folder, people, lambda _entry: PASSPHRASE)


def test_only_the_keys_that_are_wanted_are_opened(tmp_path: Path) -> None:
    folder, people = a_home(tmp_path), the_people(tmp_path)
    home.add(folder, an_entry(name="root", issuer="root", at="not-here.pem"))
    with spawn(folder, people, lambda _entry: PASSPHRASE, [KEY]) as client:
        assert [KEY] == names(client)


def test_an_answer_that_was_not_waited_for_is_not_taken_for_another() -> None:
    ours, theirs = socket.socketpair()
    with closing(theirs), Client(Wire(ours)) as client:
        timer = Timer(0.2, signal.pthread_kill, (get_ident(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            client.sign(a_batch([a_list()], kind="crl", approvals=()))
        timer.join()
        with suppress(OSError):
            Wire(theirs).send(packed(Signed([b"of another"])))
        with pytest.raises(StoreError, match="the signer ended"):
            client.sign(a_batch([a_list(2)], kind="crl", approvals=()))


def test_a_service_ends_when_it_is_told_to_and_takes_its_socket_along(tmp_path: Path) -> None:
    with a_service(tmp_path) as service:
        assert 0o660 == service.path.stat().st_mode & 0o777
        service.process.send_signal(signal.SIGTERM)
        assert 0 == service.process.wait(10)
        assert not service.path.exists()


def test_a_service_that_was_killed_is_started_again_at_the_same_socket(tmp_path: Path) -> None:
    tbs = [a_tbs()]
    with a_service(tmp_path) as service:
        with connect(service.path) as client:
            signatures = client.sign(a_batch(tbs))
            service.process.kill()
            service.process.wait(10)
            with pytest.raises(StoreError, match="the signer ended"):
                client.keys()
        with pytest.raises(StoreError, match="no signer answers"):
            connect(service.path)
    with a_service(tmp_path, service.home) as again, connect(again.path) as client:
        assert {sha256(tbs[0]).digest(): signatures[0]} == client.recall([sha256(tbs[0]).digest()])


def kill_often(folder: Path, kills: int, seed: int) -> int:
    """Kill a signer at work, again and again, and look each time; give how many signatures its client saw."""
    random, seen, serial = Random(seed), dict[bytes, bytes](), 0  # noqa: S311 - chance, not secrecy
    path, people = a_home(folder), the_people(folder)
    for _kill in range(kills):
        client = a_child_of(path, people)
        timer = Timer(random.random() * LONGEST, os.kill, (client.process, signal.SIGKILL))
        timer.start()
        with client, suppress(StoreError):
            while True:
                tbs = [a_tbs(serial := serial + 1) for _each in range(random.choice((1, 2, 30)))]
                seen |= zip((sha256(each).digest() for each in tbs), client.sign(a_batch(tbs)), strict=True)
        timer.join()
        check(path, seen)
    return len(seen)


def check(path: Path, seen: dict[bytes, bytes]) -> None:
    """Check that a log holds, and has every signature that a client saw."""
    with closing(Log.open(path / home.LOG)) as log:
        log.verify()
        assert seen == log.recall(seen)


def test_every_signature_that_a_client_saw_is_in_the_log_of_a_killed_signer(tmp_path: Path) -> None:
    assert kill_often(tmp_path, 5, seed=1) > 0


@pytest.mark.deep
def test_sixty_kills_lose_no_signature(tmp_path: Path) -> None:
    assert kill_often(tmp_path, 60, seed=100) > 0
