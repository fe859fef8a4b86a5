"""`sentinel pki audit verify`: whatever was done to the register, a document says so."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.cli.main import main
from tests.pki.crash.test_changes import changes, tables
from tests.pki.office.an_office import MINH, SIGNER, Office, a_csr, copied, found, settle

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

_PAGE = 4096
REGISTER = Path("pki/register.db")
ASK = ("request", "--agency", "H49", "--purpose", "máy chủ", "--csr", "a.csr")
KEYS = {"sound", "origin", "entries", "faults", "fault_count", "authorities", "requests", "certificates"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make authorities, with r3 issued and revoked, a list, and r4 waiting."""
    folder = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        found(folder)
        a_csr(folder / "a.csr", "trucvanban.gov.example")
        revoke = "revoke", "--request", "r3", "--all-matching", "--reason", "superseded"
        for call in (ASK, ("approve", "r3", *MINH), ("issue", "r3", *SIGNER), revoke, ("crl", *SIGNER), ASK):
            assert 0 == main(["pki", *call])
        assert 0 == main(["pki", "audit", "checkpoint", "--to", "heads", *MINH])
        with closing(sqlite3.connect(folder / REGISTER)) as db:
            db.execute("pragma wal_checkpoint(truncate)")
    return folder


@pytest.fixture
def office(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> Office:
    return copied(template, tmp_path, monkeypatch, capfd)


def verified(office: Office) -> Any:  # noqa: ANN401 - a JSON document
    """Give the document of a register that is not what was written."""
    document = office.told("audit", "verify", "--checkpoints", "heads", code=5)
    assert (False, True) == (document["sound"], document["fault_count"] >= len(document["faults"]) > 0)
    assert KEYS - document.keys() == set()
    return document


def test_what_nobody_changed_is_sound(office: Office) -> None:
    told = office.told("audit", "verify", "--checkpoints", "heads")
    assert (True, 2, 4, 3) == tuple(told[name] for name in ("sound", "authorities", "requests", "certificates"))
    assert "compared: 2 authorities, 4 requests, 3 certificates" in office.run("audit", "verify")


def test_whatever_was_changed_there_is_a_document_that_says_so(office: Office) -> None:
    whole = REGISTER.read_bytes()
    with closing(sqlite3.connect(REGISTER)) as db:
        every = [*changes(db, tables(db).keys() - {"head"})]
    chosen = random.Random(7)  # noqa: S311 - a choice of tests
    for statement, values in chosen.sample(every, 60):
        REGISTER.write_bytes(whole)
        with closing(sqlite3.connect(REGISTER)) as db, db:
            try:
                db.execute(statement, values)
            except sqlite3.IntegrityError:
                continue  # the file takes no such row
        verified(office)


def test_whatever_the_disk_did_there_is_a_document_that_says_so(office: Office) -> None:
    whole, chosen, told = REGISTER.read_bytes(), random.Random(8), 0  # noqa: S311 - as above
    # The first page says whether it is a register at all; where nothing is, nothing is lost.
    used = [at for at, octet in enumerate(whole) if octet and at >= _PAGE]
    for at in chosen.sample(used, 40):
        REGISTER.write_bytes(whole[:at] + chosen.randbytes(40) + whole[at + 40 :])
        office.capfd.readouterr()
        ended = main(["pki", "audit", "verify", "--checkpoints", "heads", "--json"])
        document = json.loads(office.capfd.readouterr().out)
        assert (ended == 0, ended in {0, 5}) == (document["sound"], True)
        told += ended == 5
    assert told > 20


@pytest.mark.parametrize("table", ["entry", "certificate", "subject", "name", "listed", "list", "asked", "request"])
def test_a_table_that_is_gone_is_a_fault(office: Office, table: str) -> None:
    with closing(sqlite3.connect(REGISTER)) as db, db:
        db.execute(f"drop table {table}")
    assert "register.db is damaged" in [fault["what"] for fault in verified(office)["faults"]]


def test_an_entry_that_cannot_be_read_is_told_and_the_others_are_compared(office: Office) -> None:
    with closing(sqlite3.connect(REGISTER)) as db, db:
        db.execute("update entry set body = x'7b7d' where kind = 'revoked'")
    told = verified(office)
    assert (2, 4, 2) == tuple(told[name] for name in ("authorities", "requests", "certificates"))
    assert any("cannot be read" in fault["what"] for fault in told["faults"])


def test_who_meets_a_damaged_register_is_told_the_command_that_fits(office: Office) -> None:
    with closing(sqlite3.connect(REGISTER)) as db, db:
        db.execute("drop table certificate")
    said = office.run("list", code=5)
    assert "sentinel pki audit verify" in said
    assert "store verify" not in said
