from __future__ import annotations

import json
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.pki.office.an_office import SIGNER

if TYPE_CHECKING:
    from tests.pki.office.an_office import Office


def away(office: Office) -> None:
    shutil.move(office.folder / "pki", office.folder / "pki trước")


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("into", ["bản sao", "bản sao.tar"])
def test_authorities_are_made_again_of_a_backup_and_go_on(office: Office, into: str) -> None:
    serial = office.issued()
    office.run("crl", *SIGNER)
    kept = office.told("backup", into, "--with-keys")
    away(office)
    restored = office.told("restore", into)
    assert (kept["files"], kept["entries"], True) == (restored["files"], restored["entries"], restored["keys"])
    assert serial == office.told("show", serial)["certificate"]["serial"]
    office.run("audit", "verify")
    office.run("revoke", serial, "--reason", "superseded")
    assert {2} == {each["number"] for each in office.told("crl", *SIGNER)["lists"]}
    assert serial != office.issued(host="hop.trucvanban.gov.example")


def test_without_with_keys_no_private_key_is_in_it(office: Office) -> None:
    assert not office.told("backup", "bản sao")["keys"]
    found = names(office.folder / "bản sao")
    assert {"manifest.json", "register.db", "public/root.pem"} <= found
    assert [] == [name for name in found if name.startswith("signer/") or name == "ocsp/agencies.pem"]


def test_a_key_that_is_not_encrypted_is_copied_nowhere(office: Office) -> None:
    (office.folder / "pki" / "signer" / "agencies.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    assert "not encrypted" in office.run("backup", "bản sao", "--with-keys", code=2)
    assert not (office.folder / "bản sao").exists()


@pytest.mark.parametrize("into", ["bản sao", "bản sao.tar"])
def test_a_backup_overwrites_nothing_and_a_restore_neither(office: Office, into: str) -> None:
    office.run("backup", into)
    assert "overwritten" in office.run("backup", into, code=2)
    assert "overwritten" in office.run("restore", into, code=2)
    assert "cannot lie in" in office.run("backup", "pki/sao", code=2)


@pytest.mark.parametrize("into", ["bản sao", "bản sao.tar"])
def test_what_was_changed_in_a_backup_is_told_and_nothing_restored(office: Office, into: str) -> None:
    office.issued()
    office.run("backup", into)
    away(office)
    if into.endswith(".tar"):
        content = bytearray((office.folder / into).read_bytes())
        content[content.index(b"SQLite format 3") + 5000] ^= 1
        (office.folder / into).write_bytes(content)
    else:
        with closing(sqlite3.connect(office.folder / into / "register.db")) as db:
            db.execute("update certificate set subject = 'x'")
            db.commit()
    assert "not what was written" in office.run("restore", into, code=5)
    assert not (office.folder / "pki").exists()
    assert [] == [path for path in office.folder.iterdir() if path.name.startswith(".pki")]


def test_a_register_that_was_changed_is_not_backed_up_as_if_it_were_whole(office: Office) -> None:
    office.issued()
    with closing(sqlite3.connect(office.folder / "pki" / "register.db")) as db:
        db.execute("update certificate set subject = 'x'")
        db.commit()
    assert "not what was written" in office.run("backup", "bản sao", code=5)
    assert not (office.folder / "bản sao").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "No such file or directory\n"), (b"x" * 5000, "it is neither a folder nor a whole file of TAR\n")],
)
def test_what_is_no_backup_is_told_in_words(office: Office, content: bytes | None, told: str) -> None:
    away(office)
    if content:
        Path("x.tar").write_bytes(content)
    assert f"error: x.tar: there is no whole backup here: {told}" in office.run("restore", "x.tar", code=2)


def test_a_backup_names_no_file_outside_of_it(office: Office) -> None:
    office.run("backup", "bản sao")
    away(office)
    path = office.folder / "bản sao" / "manifest.json"
    manifest = json.loads(path.read_text())
    for name in ("../pass", "/etc/passwd", "signer.sh"):
        path.write_text(json.dumps(manifest | {"files": manifest["files"] | {name: {"size": 1, "sha256": ""}}}))
        assert "no whole backup" in office.run("restore", "bản sao", code=2)


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00" * 2000])
def test_what_is_no_backup_is_told(office: Office, content: bytes) -> None:
    away(office)
    (office.folder / "x.tar").write_bytes(content)
    assert "x.tar" in office.run("restore", "x.tar", code=2)
    assert "không có" in office.run("restore", "không có", code=2)


def test_only_the_owner_reads_a_file_of_a_backup(office: Office) -> None:
    office.run("backup", "a.tar", "--with-keys")
    assert 0o600 == (office.folder / "a.tar").stat().st_mode & 0o777
    with tarfile.open(office.folder / "a.tar") as archive:
        assert {"signer/agencies.pem", "signer/signer.db", "ocsp/agencies.pem"} <= set(archive.getnames())


def test_people_come_back_where_there_are_none(office: Office) -> None:
    before = (office.folder / "people.toml").read_bytes()
    office.run("backup", "bản sao")
    away(office)
    (office.folder / "people.toml").unlink()
    office.run("restore", "bản sao")
    assert before == (office.folder / "people.toml").read_bytes()
    assert not (office.folder / "pki" / "people.toml").exists()
