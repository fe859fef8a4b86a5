"""Other authorities that sign the same requests, in turn with ours: cfssl, step-ca, django-ca.

Each is found on the PATH, in `~/go/bin`, or where a variable says; none is needed. They do not do the same: cfssl keeps
nothing, step-ca keeps the certificates, django-ca keeps them in SQLite; none of them has anybody approve a batch or
writes an intent down before it signs.

    go install github.com/cloudflare/cfssl/cmd/cfssl@v1.6.5
    go install github.com/smallstep/certificates/cmd/step-ca@latest
    python -m venv FOLDER; FOLDER/bin/pip install django-ca            DJANGO_CA_PYTHON=FOLDER/bin/python
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from base64 import b64encode, urlsafe_b64encode
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.benchmarks.pki import HOSTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_PATIENCE: Final = 30.0
_DJANGO: Final = Path(__file__).with_name("django_ca_peer.py")


@dataclass(frozen=True, slots=True)
class Peer:
    """Another authority: its name, its processor seconds until now, and how it signs requests (number, DER)."""

    name: str
    cpu: Callable[[], float]
    sign: Callable[[Sequence[tuple[int, bytes]]], None]

    def measured(self, requests: Sequence[tuple[int, bytes]]) -> float:
        """Give the microseconds of its processor for each certificate."""
        before = self.cpu()
        self.sign(requests)
        return (self.cpu() - before) / len(requests) * 1e6


def program(name: str) -> str | None:
    """Find a program."""
    return shutil.which(name) or shutil.which(name, path=str(Path.home() / "go" / "bin"))


@contextmanager
def peers(folder: Path, absent: list[str]) -> Iterator[list[Peer]]:
    """Start those that there are, and name the others."""
    with ExitStack() as stack:
        found: list[Peer] = []
        for name, starts in _PEERS.items():
            where = os.environ.get("DJANGO_CA_PYTHON") if name == "django-ca" else program(name)
            if not where:
                absent.append(name)
                continue
            (folder / name).mkdir()
            found.append(stack.enter_context(starts(where, folder / name)))
        yield found


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(*form))
    return key


def _authority(folder: Path) -> None:
    """Write a root that signs, as `ca.pem`, and its key."""
    key, name = _key(folder / "ca-key.pem"), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bench")])
    now = dt.datetime.now(dt.UTC)
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(True, None), True)
        .add_extension(usage, True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))


def _port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def _served(command: Sequence[str], port: int) -> Iterator[Callable[[], float]]:
    """Run a server until it listens; give what tells its processor seconds."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(process, port)
            yield partial(_cpu, process.pid)
        finally:
            process.terminate()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not listen")


def _cpu(process: int) -> float:
    """Give the processor seconds of all threads of a process."""
    ticks = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _post(connection: http.client.HTTPConnection, path: str, body: dict[str, Any]) -> None:
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    if answer.status not in {200, 201} or b"BEGIN CERTIFICATE" not in said:
        raise RuntimeError(f"{path}: {answer.status} {said[:300]!r}")


def _pem(request: bytes) -> str:
    text = b64encode(request).decode()
    lines = "\n".join(text[begin : begin + 64] for begin in range(0, len(text), 64))
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{lines}\n-----END CERTIFICATE REQUEST-----\n"


@contextmanager
def _cfssl(where: str, folder: Path) -> Iterator[Peer]:
    _authority(folder)
    usages = ["digital signature", "server auth"]
    (folder / "config.json").write_text(json.dumps({"signing": {"default": {"expiry": "2160h", "usages": usages}}}))
    port = _port()
    names = ("ca", "ca.pem"), ("ca-key", "ca-key.pem"), ("config", "config.json")
    files = [part for option, name in names for part in (f"-{option}", str(folder / name))]
    with _served([where, "serve", "-address", "127.0.0.1", "-port", str(port), *files], port) as cpu:
        connection = http.client.HTTPConnection("127.0.0.1", port)

        def sign(requests: Sequence[tuple[int, bytes]]) -> None:
            connection.close()  # as below
            for _number, request in requests:
                _post(connection, "/api/v1/cfssl/sign", {"certificate_request": _pem(request)})

        yield Peer("cfssl", cpu, sign)
        connection.close()


@contextmanager
def _step(where: str, folder: Path) -> Iterator[Peer]:
    _authority(folder)
    key, port = _key(folder / "provisioner.pem"), _port()
    config = {
        "root": str(folder / "ca.pem"),
        "crt": str(folder / "ca.pem"),
        "key": str(folder / "ca-key.pem"),
        "address": f"127.0.0.1:{port}",
        "dnsNames": ["localhost"],
        "db": {"type": "badgerv2", "dataSource": str(folder / "db")},
        "authority": {"provisioners": [{"type": "JWK", "name": "bench", "key": _jwk(key)}]},
    }
    (folder / "ca.json").write_text(json.dumps(config))
    with _served([where, str(folder / "ca.json")], port) as cpu:
        context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        connection = http.client.HTTPSConnection("localhost", port, context=context)

        def sign(requests: Sequence[tuple[int, bytes]]) -> None:
            connection.close()  # servers end what was idle while the others had their turn
            for number, request in requests:
                token = _token(key, port, HOSTS.format(number))
                _post(connection, "/1.0/sign", {"csr": _pem(request), "ott": token})

        yield Peer("step-ca", cpu, sign)
        connection.close()


def _jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    point = key.public_key().public_numbers()
    x, y = (_base64(number.to_bytes(32)) for number in (point.x, point.y))
    return {"use": "sig", "kty": "EC", "kid": "bench", "crv": "P-256", "alg": "ES256", "x": x, "y": y}


def _token(key: ec.EllipticCurvePrivateKey, port: int, host: str) -> str:
    now = int(time.time())
    claims = {
        "iss": "bench", "aud": f"https://localhost:{port}/1.0/sign", "sub": host, "sans": [host], "iat": now,
        "nbf": now - 5, "exp": now + 300, "jti": os.urandom(16).hex(),
    }  # fmt: skip
    parts = [_base64(json.dumps(part).encode()) for part in ({"alg": "ES256", "kid": "bench", "typ": "JWT"}, claims)]
    first, second = decode_dss_signature(key.sign(".".join(parts).encode(), ec.ECDSA(hashes.SHA256())))
    return ".".join([*parts, _base64(first.to_bytes(32) + second.to_bytes(32))])


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _bare() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@contextmanager
def _django(where: str, folder: Path) -> Iterator[Peer]:
    with subprocess.Popen(
        [where, "-P", "-W", "ignore", str(_DJANGO), str(folder)],
        env=_bare(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        asked, told = process.stdin, process.stdout
        assert asked is not None
        assert told is not None
        if told.readline() != "ready\n":
            raise RuntimeError("django-ca does not start")

        def sign(requests: Sequence[tuple[int, bytes]]) -> None:
            for number, request in requests:
                asked.write(json.dumps([HOSTS.format(number), _pem(request)]) + "\n")
            asked.write("\n")
            asked.flush()
            if told.readline() != f"{len(requests)}\n":
                raise RuntimeError("django-ca did not sign all")

        try:
            yield Peer("django-ca", partial(_cpu, process.pid), sign)
        finally:
            asked.close()


_PEERS: Final[dict[str, Callable[[str, Path], Any]]] = {"cfssl": _cfssl, "step-ca": _step, "django-ca": _django}
