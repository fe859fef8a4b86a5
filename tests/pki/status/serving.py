"""A server in a process of its own, over a small house of authorities, for clients that others wrote."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sentinel.pki.model import Algorithm, Reason
from sentinel.pki.status import crl
from sentinel.pki.status.ocsp import GOOD, State, Status
from sentinel.pki.status.published import Lists, publish
from sentinel.pki.status.server import Listening, serve
from sentinel.pki.status.source import Authority, Station
from tests.pki.status.builders import DAY, Book, House, Subject, a_responder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

SHARD: Final = 3


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


@dataclass(frozen=True)
class Town:
    """A house that is served: one good and one revoked certificate, and lists."""

    folder: Path
    port: int
    now: int

    @cached_property
    def house(self) -> House:
        return House(self.now - DAY, f"http://127.0.0.1:{self.port}")

    @cached_property
    def good(self) -> Subject:
        return self.house.server("localhost", SHARD)

    @cached_property
    def bad(self) -> Subject:
        return self.house.server("localhost", SHARD)

    @property
    def url(self) -> str:
        return self.house.url

    def publish(self, number: int, revoked: Sequence[int]) -> None:
        """Publish a full list, one of the shard, and the root's."""
        entries = [crl.entry(serial, self.now - 60, Reason.KEY_COMPROMISE) for serial in revoked]
        house = self.house
        for issuer, signer, shard in (
            (house.issuer, house.authority, None),
            (house.issuer, house.authority, SHARD),
            (house.root_issuer, house.root, None),
        ):
            told = entries if issuer is house.issuer else []
            tbs = crl.tbs_of(issuer, number, self.now - 60, self.now + DAY, told, shard=shard)
            publish(self.folder, issuer.id, shard, crl.assemble(tbs, Algorithm.ECDSA_P256, signer.key.sign(tbs)))

    def station(self) -> Station:
        book = Book(served=[Authority(self.house.issuer, a_responder(self.house)), Authority(self.house.root_issuer)])
        book.say(self.good.serial, GOOD, self.now + 20 * DAY)
        book.say(self.bad.serial, Status(State.REVOKED, self.now - 60, Reason.KEY_COMPROMISE), self.now + 20 * DAY)
        return Station(Lists(self.folder), self.folder / "answers.db", book)

    def trusted(self) -> Path:
        """Write root and authority into one file, as clients are given them."""
        path = self.folder / "trusted.pem"
        both = (self.house.root.certificate, self.house.authority.certificate)
        path.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in both))
        return path


@contextmanager
def served(town: Town, listening: Listening) -> Iterator[int]:
    """Serve in another process, whose id is given, and stop it as systemd would; it must end well."""
    # What is made once, when it is asked for, must be one thing on both sides of the fork.
    assert len({town.good.serial, town.bad.serial, town.house.responder.serial}) == 3
    there, here = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(town, listening, here))
    process.start()
    try:
        assert there.poll(20), "the server did not start"
        there.recv()
        yield process.pid or 0
        os.kill(process.pid or 0, signal.SIGTERM)
        process.join(20)
        assert 0 == process.exitcode
    finally:
        process.kill()
        process.join()


def _serve(town: Town, listening: Listening, told: Connection) -> None:
    station = town.station()
    serve(station, listening, told.send)
    station.close()


def a_town(folder: Path) -> Town:
    town = Town(folder, free_port(), int(time.time()))
    town.publish(1, [town.bad.serial])
    return town


def lists_of(*contents: bytes) -> bytes:
    """Give lists as PEM, one behind the other."""
    return b"".join(x509.load_der_x509_crl(each).public_bytes(Encoding.PEM) for each in contents)
