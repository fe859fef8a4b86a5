"""An office for tests: people, a root, an authority that issues, and commands that are called in its folder."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sentinel.cli.acting import os_user
from sentinel.cli.main import main
from tests.folders import work_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Capture = pytest.CaptureFixture[str]

PASSPHRASE = "mật khẩu của khóa 2"  # noqa: S105 - of keys that live as long as a test
MINH = ("--key", "minh.pem", "--passphrase-file", "pass")
SIGNER = ("--signer-passphrase-file", "pass")
MAY_ISSUE = (
    *("gov.example", "ip:10.0.0.0/8", "ip:192.0.2.0/24", "ip:2001:db8::/32", "email:gov.example"),
    "email:sotnmt.gov.example",
)
"""More than the practice rights of agencies hold."""
_KEY = ec.generate_private_key(ec.SECP256R1())


def settle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with registers of its own."""
    work_in(folder, monkeypatch)
    monkeypatch.setenv("SENTINEL_PEOPLE", str(folder / "people.toml"))
    monkeypatch.setenv("SENTINEL_PKI", str(folder / "pki"))


def found(folder: Path) -> None:
    """Make people and authorities in a folder that is worked in: lan asks, minh and hoa approve."""
    (folder / "pass").write_text(PASSPHRASE + "\n", encoding="utf-8")
    (folder / "pass").chmod(0o600)
    me = "--os-user", os_user()[1]
    calls: tuple[tuple[str, ...], ...] = (
        ("people", "add", "lan", "--full-name", "Nguyễn Thị Lan", "--role", "pki-officer", *me),
        ("people", "add", "minh", "--full-name", "Lê Minh", "--role", "approver"),
        ("people", "key", "new", "minh", "--out", "minh.pem", "--new-passphrase-file", "pass"),
        ("people", "add", "hoa", "--full-name", "Trần Thị Hòa", "--role", "approver", *MINH),
        ("people", "key", "new", "hoa", "--out", "hoa.pem", "--new-passphrase-file", "pass", *MINH),
        (
            *("pki", "init", "--organization", "Sở Thông tin và Truyền thông", "--agency", "H49"),
            *("--url", "http://127.0.0.1:8899", "--approver-key", "minh.pem", "--approver-passphrase-file", "pass"),
            *("--new-passphrase-file", "pass"),
            *(word for name in MAY_ISSUE for word in ("--may-issue", name)),
        ),
    )
    for call in calls:
        assert 0 == main([*call])


@contextmanager
def founded(factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Found authorities in a new folder, which is worked in meanwhile; give it."""
    folder = factory.mktemp("office")
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        found(folder)
        yield folder


@dataclass(frozen=True, slots=True)
class Office:
    """A folder with authorities, and what commands said there."""

    folder: Path
    capfd: Capture

    def run(self, *words: str, code: int = 0) -> str:
        """Call `sentinel pki`, which is to end so; give what it said."""
        self.capfd.readouterr()
        ended = main(["pki", *words])
        out, err = self.capfd.readouterr()
        assert code == ended, out + err
        return out + err

    def told(self, *words: str, code: int = 0) -> Any:  # noqa: ANN401 - a JSON document
        """Call it with --json; give the document."""
        self.capfd.readouterr()
        ended = main(["pki", *words, "--json"])
        out, err = self.capfd.readouterr()
        assert code == ended, out + err
        return json.loads(out)

    def asked(self, host: str = "trucvanban.gov.example") -> str:
        """Ask for a certificate; give what the request is called."""
        path = a_csr(self.folder / f"{host}.csr", host)
        words = ("--profile", "tls-server", "--agency", "H49", "--csr", str(path), "--purpose", "Trục liên thông")
        return str(self.told("request", *words)["request"]["id"])

    def issued(self, id_: str = "", **words: str) -> str:
        """Have a request approved and issued; give the serial number of its first certificate."""
        request = id_ or self.asked(**words)
        self.run("approve", request, *MINH)
        return str(self.told("issue", request, *SIGNER)["certificates"][0]["serial"])


def a_csr(path: Path, host: str, key: ec.EllipticCurvePrivateKey = _KEY) -> Path:
    """Write a request for a certificate, DER."""
    named = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    made = named.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    path.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))
    return path


def copied(template: Path, into: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> Office:
    """Give an office of one's own, as that of a template."""
    folder = into / "văn phòng"
    shutil.copytree(template, folder)
    settle(folder, monkeypatch)
    return Office(folder, capfd)
