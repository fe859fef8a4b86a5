"""Content: found in a checkout and in an installed wheel."""

from __future__ import annotations

import getpass
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sentinel import content
from tests.pki.requests.csrs import a_csr

ROOT = Path(__file__).resolve().parents[1]


def rules_under(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yml"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder into which the wheel is installed: a wheel without extensions is installed by unpacking it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("plan02_sentinel-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, *arguments: str, folder: Path | None = None, **settings: str) -> str:
    """Run Python with what is installed, in a folder that is no checkout."""
    environ = {**os.environ, "PYTHONPATH": str(installed), "SENTINEL_LANG": "vi", **settings}
    command = [sys.executable, *arguments]
    ran = subprocess.run(
        command, cwd=folder or installed, env=environ, check=False, capture_output=True, encoding="utf-8", timeout=60
    )
    assert not ran.returncode, ran.stderr
    return ran.stdout


def test_a_checkout_has_its_content_at_the_top() -> None:
    assert ROOT / "detections" == content.detections()
    assert rules_under(ROOT / "detections")


def test_your_rules_come_before_those_shipped() -> None:
    assert (Path("mine"), ROOT / "detections" / "sigma") == content.rule_folders([Path("mine")])


def test_an_installed_wheel_carries_every_shipped_rule(installed: Path) -> None:
    there = Path(run(installed, "-c", "from sentinel import content; print(content.detections())").strip())
    assert installed / "sentinel" / "_content" / "detections" == there
    assert rules_under(ROOT / "detections") == rules_under(there)


def test_an_installed_wheel_speaks_vietnamese(installed: Path) -> None:
    assert "Hiện phiên bản." in run(installed, "-m", "sentinel", "--help")


def test_an_installed_wheel_carries_every_shipped_profile_and_agency(installed: Path) -> None:
    there = installed / "sentinel" / "_content" / "pki"
    asked = "from sentinel import content; print(content.profiles(), content.pki_agencies())"
    assert f"{there / 'profiles'} {there / 'agencies'}" == run(installed, "-c", asked).strip()
    carried = {path.relative_to(there): path.read_bytes() for path in there.rglob("*.toml")}
    assert {path.relative_to(ROOT / "pki"): path.read_bytes() for path in (ROOT / "pki").rglob("*.toml")} == carried
    assert carried


def test_an_installed_wheel_founds_an_authority_and_takes_a_request(installed: Path, tmp_path: Path) -> None:
    """No file of the checkout is near: profiles and agencies are those that the wheel carries."""
    (tmp_path / "people.pass").write_text("mật khẩu thật dài\n")
    (tmp_path / "people.pass").chmod(0o600)
    key, passphrase = ("--approver-key", "minh.pem"), ("--new-passphrase-file", "people.pass")

    def sentinel(*arguments: str) -> str:
        settings = {"SENTINEL_PEOPLE": "people.toml", "SENTINEL_PKI": "pki", "HOME": str(tmp_path)}
        return run(installed, "-m", "sentinel", *arguments, folder=tmp_path, **settings)

    sentinel("people", "add", "lan", "--full-name", "Lan", "--role", "pki-officer", "--os-user", getpass.getuser())
    sentinel("people", "add", "minh", "--full-name", "Minh", "--role", "approver", "--new-key", "minh.pem", *passphrase)
    sentinel(
        "pki", "init", "--organization", "Sở Thông tin và Truyền thông", "--agency", "H49", "--url", "http://127.0.0.1",
        *key, "--approver-passphrase-file", "people.pass", *passphrase,
    )  # fmt: skip
    csr = tmp_path / "server.csr"
    csr.write_bytes(a_csr("trucvanban.gov.example"))
    sentinel("pki", "request", "--agency", "H49", "--csr", str(csr), "--purpose", "Trục liên thông văn bản")
    told = json.loads(sentinel("pki", "list", "--requests", "--json"))["requests"]
    assert [("waiting", 1)] == [(each["state"], each["count"]) for each in told if each["left"]]
