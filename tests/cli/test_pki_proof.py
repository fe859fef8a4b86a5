"""`sentinel pki audit prove|check`: a certificate is shown to stand in the register by a checkpoint alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.pki.office.an_office import MINH, SIGNER, Office, a_csr, copied, found, settle

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

HEAD = ("--checkpoint", "heads")
SIGN = ("audit", "checkpoint", "--to", "heads", *MINH)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        found(folder)
    return folder


@pytest.fixture
def office(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> Office:
    return copied(template, tmp_path, monkeypatch, capfd)


def issued(office: Office, host: str, out: str) -> str:
    a_csr(Path("a.csr"), host)
    words = "request", "--agency", "H49", "--purpose", "máy chủ", "--csr", "a.csr"
    id_ = office.told(*words)["request"]["id"]
    office.run("approve", id_, *MINH)
    return str(office.told("issue", id_, "--out", out, *SIGNER)["certificates"][0]["serial"])


def test_a_proof_holds_for_its_certificate_and_no_other(office: Office) -> None:
    first, second = (issued(office, f"{host}.trucvanban.gov.example", f"{host}.pem") for host in "ab")
    office.run(*SIGN)
    issued(office, "c.trucvanban.gov.example", "c.pem")  # what comes later changes no proof
    for serial, name in ((first, "a"), (second, "b")):
        office.run("audit", "prove", serial, *HEAD, "--out", f"{name}.json")
    Path("pki").rename("elsewhere")  # whoever checks has no register
    told = office.told("audit", "check", "a.json", "--certificate", "a.pem", *HEAD)
    assert (True, "minh") == (told["holds"], told["signed_by"])
    said = office.run("audit", "check", "a.json", "--certificate", "b.pem", *HEAD, code=1)
    assert "another certificate" in said


@pytest.mark.parametrize("field", ["number", "subject", "seq", "kind", "act", "body", "before", "act_digest", "path"])
def test_a_changed_proof_does_not_hold(office: Office, field: str) -> None:
    serial = issued(office, "a.trucvanban.gov.example", "a.pem")
    office.run(*SIGN)
    office.run("audit", "prove", serial, *HEAD, "--out", "a.json")
    proof = json.loads(Path("a.json").read_text(encoding="utf-8"))
    was = proof[field]
    proof[field] = was + 1 if isinstance(was, int) else was[1:] if isinstance(was, list) else was[:-4] + "AAA="
    Path("a.json").write_text(json.dumps(proof), encoding="utf-8")
    code = 5 if field in {"kind", "body"} else 1
    office.run("audit", "check", "a.json", "--certificate", "a.pem", *HEAD, code=code)


def test_what_came_after_the_checkpoint_is_not_proved(office: Office) -> None:
    office.run(*SIGN)
    serial = issued(office, "a.trucvanban.gov.example", "a.pem")
    assert "does not cover it" in office.run("audit", "prove", serial, *HEAD, "--out", "a.json", code=2)
    assert not Path("a.json").exists()


def test_what_is_no_proof_is_told(office: Office) -> None:
    serial = issued(office, "a.trucvanban.gov.example", "a.pem")
    office.run(*SIGN)
    office.run("audit", "prove", serial, *HEAD, "--out", "a.json")
    Path("b.json").write_text("{}", encoding="utf-8")
    assert "not a proof" in office.run("audit", "check", "b.json", "--certificate", "a.pem", *HEAD, code=2)
    assert "a.csr" in office.run("audit", "check", "a.json", "--certificate", "a.csr", *HEAD, code=2)
