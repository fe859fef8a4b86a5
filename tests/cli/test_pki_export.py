"""`sentinel pki export`: what an auditor asks of a certificate is answered in every form."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.cli.main import main
from tests.pki.office.an_office import MINH, SIGNER, Office, a_csr, copied, found, settle

if TYPE_CHECKING:
    from pathlib import Path

    Capture = pytest.CaptureFixture[str]

HOST = "trucvanban.gov.example"
PURPOSE = "Trục liên thông văn bản"
ASK = ("request", "--agency", "H49", "--purpose", PURPOSE, "--csr", "a.csr")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make authorities, with r3 issued."""
    folder = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        found(folder)
        a_csr(folder / "a.csr", HOST)
        for call in (ASK, ("approve", "r3", *MINH), ("issue", "r3", *SIGNER)):
            assert 0 == main(["pki", *call])
    return folder


@pytest.fixture
def office(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> Office:
    return copied(template, tmp_path, monkeypatch, capfd)


@pytest.mark.parametrize("form", ["csv", "json", "html"])
def test_an_export_answers_what_was_issued_to_whom_why_who_approved_it_and_where_it_stands(
    office: Office, form: str
) -> None:
    number, why = office.told("list", "--request", "r3")["certificates"][0]["serial"], "máy mất ở Hà Tĩnh"
    office.run("audit", "checkpoint", "--to", "heads", *MINH)
    proved = office.told("audit", "prove", number, "--checkpoint", "heads", "--out", "a.proof")
    office.run("revoke", number, "--reason", "key_compromise", "--text", why)
    told = office.told("show", number)
    said = office.run("export", "--request", "r3", "--format", form)
    origin, (approval,) = proved["origin"], told["approvals"]
    wanted: dict[str, Any] = {
        "serial": number, "state": "revoked", "reason": "key_compromise", "text": why, "changed_by": "lan",
        "agency": "H49", "names": [f"dns:{HOST}"], "requester": "lan", "purpose": PURPOSE,
        "requested_at": told["request"]["at"], "approvals": [approval], "grant": None,
        "sha256": told["certificate"]["fingerprint"], "ledger": origin, "entry": proved["entry"],
    }  # fmt: skip
    if form == "json":
        assert wanted == {key: json.loads(said)[key] for key in wanted}
    elif form == "csv":
        (row,) = csv.DictReader(io.StringIO(said))
        cells = {key: str(wanted[key]) for key in wanted.keys() - {"approvals", "grant", "names"}}
        cells |= {"approved_by": "minh", "approved_at": approval["at"], "emergency": "", "grant": ""}
        assert cells | {"names": f"dns:{HOST}"} == {key: row[key] for key in [*cells, "names"]}
    else:
        for text in (number, why, "lan, ", PURPOSE, "minh, ", origin, f">{proved['entry']}</td>"):
            assert text in said


def test_every_certificate_is_in_an_export_and_in_order(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentinel.pki.register.accounts._CHUNK", 2)
    told = [json.loads(line) for line in office.run("export", "--format", "json").splitlines()]
    listed = office.told("list")["certificates"]
    assert [each["serial"] for each in listed] == [each["serial"] for each in told]
    assert [3, "r1"] == [len(told), told[0]["request"]]
    assert [True] * 3 == [each["entry"] > 0 and bool(each["sha256"]) for each in told]


def test_only_what_is_asked_for_is_exported(office: Office) -> None:
    number = office.told("list", "--request", "r3")["certificates"][0]["serial"]
    office.run("revoke", number, "--reason", "superseded")
    (told,) = [json.loads(line) for line in office.run("export", "--format", "json", "--state", "revoked").splitlines()]
    assert (number, None) == (told["serial"], told["text"])
    assert "" == office.run("export", "--format", "json", "--state", "held")
