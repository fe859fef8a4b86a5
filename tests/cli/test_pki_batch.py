"""`sentinel pki table|batch`: a table of the estate becomes certificates, with keys where subjects cannot make any."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sentinel.pki.requests.keys import public_of
from tests.pki.office.an_office import MINH, PASSPHRASE, SIGNER, Office, copied, founded
from tests.pki.requests.csrs import a_csr

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

KEYS = ("--new-keys", "keys", "--new-passphrase-file", "keys.pass")
BATCH = ("batch", "t.csv", "--purpose", "sắp xếp lại đơn vị")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with founded(tmp_path_factory) as folder:
        return folder


@pytest.fixture
def office(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> Office:
    office = copied(template, tmp_path, monkeypatch, capfd)
    Path("keys.pass").write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    Path("keys.pass").chmod(0o600)
    office.run("table", "--profile", "tls-server", "--out", "t.csv")
    return office


def test_a_table_of_the_estate_becomes_certificates_in_the_files_of_their_keys(office: Office) -> None:
    assert Path("t.csv").read_text(encoding="utf-8").startswith("profile,agency,names,key\ntls-server,H49,")
    made = office.told(*BATCH, *KEYS)
    assert (2, []) == (made["certificates"], made["faults"])
    office.run("approve", made["request"]["id"], *MINH)
    issued = office.told("issue", made["request"]["id"], *SIGNER, "--new-passphrase-file", "keys.pass")
    assert sorted(map(str, Path("keys").iterdir())) == sorted(issued["files"])
    for each in issued["files"]:
        assert public_of(Path(each), PASSPHRASE.encode)


def test_files_of_keys_that_cannot_be_written_stop_nothing_else(office: Office) -> None:
    asked = office.told(*BATCH, *KEYS)["request"]["id"]
    office.run("approve", asked, *MINH)
    first = office.told("issue", asked, *SIGNER, code=3)
    assert (2, [], ["the key needs its passphrase"]) == (
        first["issued"], first["files"], [each["what"] for each in first["faults"]],
    )  # fmt: skip
    gone = min(Path("keys").iterdir())
    gone.rename("away.p12")
    again = office.told("issue", asked, "--new-passphrase-file", "keys.pass", code=3)
    assert (1, 1) == (len(again["files"]), len(again["faults"]))
    Path("away.p12").rename(gone)
    assert 2 == len(office.told("issue", asked, "--new-passphrase-file", "keys.pass")["files"])
    used = f"profile,agency,names,key\ntls-server,H49,x.trucvanban.gov.example,{gone}\n"
    Path("t.csv").write_text(used, encoding="utf-8")
    (fault,) = office.told(*BATCH, "--new-passphrase-file", "keys.pass", code=2)["faults"]
    assert ("t.csv:2", True) == (fault["place"], "another certificate is in it already" in fault["what"])


def test_a_batch_that_is_taken_twice_asks_once(office: Office) -> None:
    first = office.told(*BATCH, *KEYS)
    again = office.told(*BATCH, *KEYS)
    assert (2, 0, 2, None) == (first["certificates"], again["certificates"], again["asked_before"], again["request"])
    office.run("reject", first["request"]["id"], "--reason", "nhầm")
    assert 2 == office.told(*BATCH, *KEYS)["certificates"]


def test_lines_whose_keys_are_to_be_made_need_a_folder(office: Office) -> None:
    faults = office.told(*BATCH, code=2)["faults"]
    assert ["its key is still to be made"] * 2 == [each["what"] for each in faults]
    assert not Path("keys").exists()


def test_a_dry_run_makes_no_keys(office: Office) -> None:
    told = office.told(*BATCH, *KEYS, "--dry-run")
    assert (2, [], [], None) == (told["certificates"], told["faults"], told["warnings"], told["request"])
    assert not Path("keys").exists()


def test_a_dry_run_says_where_keys_are_lacking(office: Office) -> None:
    told = office.told(*BATCH, "--dry-run")
    assert ["2 keys are still to be made"] == [each["what"] for each in told["warnings"]]


def test_a_dry_run_tells_what_the_run_itself_tells(office: Office) -> None:
    outside = "profile,agency,names,key\n" + "".join(
        f"tls-server,{agency},{name},generate\n"
        for agency, name in (("H49", "khac.gov.example"), ("H49", "mot.trucvanban.gov.example"), ("H49", "localhost"))
    )
    Path("t.csv").write_text(outside, encoding="utf-8")
    dry, run = (office.told(*BATCH, *KEYS, *more, code=3)["faults"] for more in (["--dry-run"], []))
    assert (dry, ["t.csv:2", "t.csv:4"]) == (run, [each["place"] for each in dry])


def test_whose_keys_others_know_is_refused_and_whose_are_anothers_is_noted(office: Office) -> None:
    rows = ("H49,a.trucvanban.gov.example", "H49,b.trucvanban.gov.example", "H49,c.trucvanban.gov.example")
    for name in "ab":
        Path(f"{name}.csr").write_bytes(
            a_csr(f"{name}.trucvanban.gov.example", key=ec.generate_private_key(ec.SECP256R1()))
        )
    head = "profile,agency,names,key\n"
    Path("t.csv").write_text(head + f"tls-server,{rows[0]},a.csr\ntls-server,{rows[1]},b.csr\n", encoding="utf-8")
    asked = office.told(*BATCH)["request"]["id"]
    office.run("approve", asked, *MINH)
    office.run("issue", asked, *SIGNER)
    office.run("revoke", "--name", "a.truc", "--all-matching", "--reason", "key_compromise", "--text", "mất máy")
    other = "H49.12,x.sotnmt.gov.example"
    Path("t.csv").write_text(head + f"tls-server,{rows[2]},a.csr\ntls-server,{other},b.csr\n", encoding="utf-8")
    told = office.told(*BATCH, code=3)
    assert (["t.csv:2"], ["t.csv:3"]) == (*([each["place"] for each in told[kind]] for kind in ("faults", "warnings")),)


def test_an_unknown_profile_is_named(office: Office) -> None:
    assert "tls-server" in office.run("table", "--profile", "tls", "--out", "x.csv", code=2)
    assert not Path("x.csv").exists()
