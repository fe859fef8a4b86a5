"""`sentinel pki table|batch`: a table of the estate becomes certificates, with keys where subjects cannot make any."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel.pki.requests.keys import public_of
from tests.pki.office.an_office import MINH, PASSPHRASE, SIGNER, Office, copied, found, settle

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

KEYS = ("--new-keys", "keys", "--new-passphrase-file", "keys.pass")
BATCH = ("batch", "t.csv", "--purpose", "sắp xếp lại đơn vị")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        found(folder)
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
    office.told(*BATCH, *KEYS, "--dry-run", code=2)
    assert not Path("keys").exists()


def test_an_unknown_profile_is_named(office: Office) -> None:
    assert "tls-server" in office.run("table", "--profile", "tls", "--out", "x.csv", code=2)
    assert not Path("x.csv").exists()
