"""What others make of what is served: OpenSSL, curl and GnuTLS, over loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from sentinel.pki.status.server import Listening
from tests.pki.status.builders import Subject, ran
from tests.pki.status.serving import SHARD, Town, a_town, free_port, lists_of, served

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = a_town(tmp_path_factory.mktemp("town"))
    with served(made, Listening(port=made.port)):
        yield made


def fetched(town: Town, path: str) -> bytes:
    """Get something with curl."""
    to = town.folder / "fetched"
    ended = ran("curl", "-sSf", "-o", to, f"{town.url}{path}")
    assert 0 == ended.returncode, ended.stderr
    return to.read_bytes()


@pytest.mark.parametrize("nonce", ["-nonce", "-no_nonce"])
@pytest.mark.parametrize("hashed", ["-sha1", "-sha256"])
@pytest.mark.parametrize("kind", ["good", "bad"])
def test_openssl_takes_the_answers(town: Town, nonce: str, hashed: str, kind: str) -> None:
    subject: Subject = getattr(town, kind)
    path = subject.write(town.folder, kind)
    issuer = town.house.authority.write(town.folder, "authority")
    given = ("-issuer", issuer, hashed, "-cert", path, "-url", f"{town.url}/ocsp", "-CAfile", town.trusted(), nonce)
    ended = ran("openssl", "ocsp", *given)
    assert "Response verify OK" in ended.stderr
    assert "WARNING" not in ended.stderr
    assert f"{path}: {'good' if kind == 'good' else 'revoked'}" == ended.stdout.splitlines()[0]


def test_openssl_takes_an_answer_about_two(town: Town) -> None:
    paths = [town.good.write(town.folder, "good"), town.bad.write(town.folder, "bad")]
    issuer = town.house.authority.write(town.folder, "authority")
    given = (
        "-issuer",
        issuer,
        "-cert",
        paths[0],
        "-cert",
        paths[1],
        "-url",
        f"{town.url}/ocsp",
        "-CAfile",
        town.trusted(),
    )
    ended = ran("openssl", "ocsp", *given)
    assert "Response verify OK" in ended.stderr
    assert [f"{paths[0]}: good", f"{paths[1]}: revoked"] == [
        line for line in ended.stdout.splitlines() if not line.startswith("\t")
    ]


def test_openssl_says_what_is_unknown(town: Town) -> None:
    issuer = town.house.authority.write(town.folder, "authority")
    ended = ran(
        "openssl", "ocsp", "-issuer", issuer, "-serial", "77", "-url", f"{town.url}/ocsp", "-CAfile", town.trusted()
    )
    assert "Response verify OK" in ended.stderr
    assert ended.stdout.startswith("77: unknown")


@pytest.mark.parametrize("path", ["/crl/hanoi.crl", f"/crl/hanoi/{SHARD}.crl"])
@pytest.mark.parametrize(("kind", "code", "told"), [("good", 0, "OK"), ("bad", 2, "certificate revoked")])
def test_openssl_verifies_with_the_lists_that_are_served(
    town: Town, path: str, kind: str, code: int, told: str
) -> None:
    lists = town.folder / "lists.pem"
    lists.write_bytes(lists_of(fetched(town, path), fetched(town, "/crl/root.crl")))
    subject: Subject = getattr(town, kind)
    server = subject.write(town.folder, kind)
    ended = ran("openssl", "verify", "-crl_check_all", "-CAfile", town.trusted(), "-CRLfile", lists, server)
    assert code == ended.returncode
    assert told in ended.stdout + ended.stderr


def test_the_authority_is_found_at_its_address(town: Town) -> None:
    assert town.house.authority.der == fetched(town, "/ca/hanoi.cer")


@contextmanager
def stapled(town: Town, kind: str) -> Iterator[int]:
    """Let OpenSSL serve TLS with the answer that is served about its certificate; give its port."""
    subject: Subject = getattr(town, kind)
    path, issuer = subject.write(town.folder, kind), town.house.authority.write(town.folder, "authority")
    staple, port = town.folder / f"{kind}.staple", free_port()
    asked = ("-issuer", issuer, "-cert", path, "-url", f"{town.url}/ocsp", "-CAfile", town.trusted(), "-no_nonce")
    assert 0 == ran("openssl", "ocsp", *asked, "-respout", staple).returncode
    program = shutil.which("openssl") or "openssl"
    given = ["-accept", f"127.0.0.1:{port}", "-cert", path, "-key", path.with_suffix(".key"), "-cert_chain", issuer]
    words = [program, "s_server", *given, "-status_file", staple, "-www", "-quiet"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen([str(word) for word in words], stdin=quiet, stdout=quiet, stderr=quiet) as process:
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    for _turn in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


@pytest.mark.parametrize(("kind", "code"), [("good", 0), ("bad", 91)])
def test_curl_takes_the_stapled_answer(town: Town, kind: str, code: int) -> None:
    root = town.house.root.write(town.folder, "root")
    with stapled(town, kind) as port:
        named = ("--resolve", f"localhost:{port}:127.0.0.1", f"https://localhost:{port}/")
        ended = ran("curl", "-sS", "--cert-status", "--cacert", root, "-o", "/dev/null", *named)
    assert code == ended.returncode, ended.stderr


@pytest.mark.parametrize(("kind", "told"), [("good", "is trusted"), ("bad", "revoked")])
def test_gnutls_takes_the_answer_that_is_stapled_or_asked_for(town: Town, kind: str, told: str) -> None:
    root = town.house.root.write(town.folder, "root")
    with stapled(town, kind) as port:
        named = ("--port", str(port), "--sni-hostname", "localhost", "--verify-hostname", "localhost", "127.0.0.1")
        ended = ran("gnutls-cli", "--ocsp", "--x509cafile", root, *named)
    assert told in ended.stdout, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("kind", "told"), [("good", "Certificate Status: good"), ("bad", "Certificate Status: revoked")]
)
def test_gnutls_asks_as_it_likes(town: Town, kind: str, told: str) -> None:
    subject: Subject = getattr(town, kind)
    issuer = town.house.authority.write(town.folder, "authority")
    given = ("--load-issuer", issuer, "--load-cert", subject.write(town.folder, kind), "--load-trust", town.trusted())
    ended = ran("ocsptool", f"--ask={town.url}/ocsp", *given)
    assert told in ended.stdout
    assert "Verifying OCSP Response: Success." in ended.stdout + ended.stderr
