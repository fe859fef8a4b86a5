from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import InputError
from sentinel.pki.office.ceremony import combined, passphrase_of, split
from sentinel.pki.office.home import Home
from tests.pki.office.an_office import MINH, SIGNER, Office

if TYPE_CHECKING:
    from pathlib import Path

CUSTODIANS = ("Nguyễn Thị Lan", "Lê Minh", "Trần Thị Hòa")
HELD = (
    "ceremony", "--organization", "Sở Y tế", "--agency", "H49", "--url", "http://127.0.0.1:8899", "--approver-key",
    "minh.pem", "--approver-passphrase-file", "pass", "--new-passphrase-file", "pass", "--may-issue", "gov.example",
    "--threshold", "2", *(word for name in CUSTODIANS for word in ("--custodian", name)),
)  # fmt: skip
ADDED = (
    "authority", "add", "--id", "agencies-2", "--approver-key", "minh.pem", "--approver-passphrase-file", "pass",
    "--new-passphrase-file", "pass",
)  # fmt: skip


@pytest.fixture
def bare(office: Office) -> Office:
    """Give an office with people and without authorities."""
    (office.folder / "pki").rename(office.folder / "pki trước")
    return office


def share(name: str) -> str:
    return f"phần/{name}.share"


def test_any_custodians_of_the_threshold_give_the_passphrase_and_fewer_do_not() -> None:
    secret = bytes(range(32))
    shares = [each.words for each in split(secret, CUSTODIANS, 2)]
    for part in (shares[:2], shares[1:], shares[::2]):
        assert passphrase_of(secret) == combined(part)
    changed = " ".join([*shares[0].split()[:-1], "academic"])
    for part in (shares[:1], [shares[0], shares[0]], [changed, shares[1]], ["", ""], ["a b c"]):
        with pytest.raises(InputError):
            combined(part)
    other = split(secret, CUSTODIANS, 2)[0].words
    with pytest.raises(InputError):
        combined([shares[0], other])


@pytest.mark.parametrize(
    ("custodians", "threshold"),
    [
        (CUSTODIANS, 1),
        (CUSTODIANS, 4),
        (("a", "A"), 2),
        (("a", "../b"), 2),
        (("a", " "), 2),
        (list("abcdefghijklmnopq"), 2),
    ],
)
def test_what_no_ceremony_can_have_is_refused(custodians: list[str], threshold: int) -> None:
    with pytest.raises(InputError):
        split(bytes(32), custodians, threshold)


def test_a_ceremony_founds_a_root_whose_key_no_one_person_has(bare: Office) -> None:
    made = bare.told(*HELD, "--shares", "phần")
    assert ["root", "agencies"] == [each["id"] for each in made["authorities"]]
    files = sorted((bare.folder / "phần").iterdir())
    assert sorted(f"{name}.share" for name in CUSTODIANS) == [path.name for path in files]
    assert {0o600} == {path.stat().st_mode & 0o777 for path in files}
    assert {33} == {len(path.read_text().split()) for path in files}
    assert "wrong" in bare.run("crl", "--issuer", "root", *SIGNER, code=2)
    bare.issued()
    bare.run("audit", "verify")


def test_the_first_entry_of_the_register_says_who_was_there_and_the_page_what_came_of_it(bare: Office) -> None:
    page = bare.told(*HELD, "--shares", "phần")["page"]
    with closing(Home(bare.folder / "pki").register()) as register:
        entries = [entry for entry, _digest in register.histories.entries()]
        root = register.authority("root").issuer.certificate
    first = json.loads(json.loads(entries[0].body)["transcript"])
    assert ("ceremony:root", "witnessed") == (entries[0].subject, entries[0].kind)
    assert (list(CUSTODIANS), 2) == ([each["name"] for each in first["custodians"]], first["threshold"])
    text = (bare.folder / page).read_text()
    assert all(name in text for name in (*CUSTODIANS, "Sở Y tế"))
    assert sha256(root).hexdigest() in text
    assert sha256(json.loads(entries[-1].body)["transcript"].encode()).hexdigest() in text
    words = (bare.folder / share(CUSTODIANS[0])).read_text().strip()
    files = [path for path in (bare.folder / "pki").rglob("*") if path.is_file()]
    assert [] == [path for path in files if words.encode() in path.read_bytes()]


def test_shares_open_the_roots_key_later(bare: Office) -> None:
    bare.run(*HELD, "--shares", "phần")
    made = bare.told(*ADDED, "--share", share(CUSTODIANS[0]), "--share", share(CUSTODIANS[2]))
    assert ("agencies-2", "root") == (made["authority"]["id"], made["authority"]["parent"])
    few = bare.run(*ADDED[:3], "agencies-3", *ADDED[4:], "--share", share(CUSTODIANS[0]), code=2)
    assert "these shares give no passphrase" in few


def test_the_passphrase_goes_into_a_pipe_that_any_command_takes(bare: Office) -> None:
    bare.run(*HELD, "--shares", "phần")
    unlock = f"{sys.executable} -m sentinel pki unlock '{share(CUSTODIANS[1])}' '{share(CUSTODIANS[2])}'"
    called = f"{sys.executable} -m sentinel pki crl --issuer root --signer-passphrase-file <({unlock})"
    done = subprocess.run(["bash", "-c", called], capture_output=True, text=True, check=False)  # noqa: S607
    assert 0 == done.returncode, done.stderr
    assert (bare.folder / "pki" / "public" / "crl" / "root.crl").exists()


def test_shares_are_shown_only_at_a_terminal_and_overwrite_nothing(bare: Office, tmp_path: Path) -> None:
    assert "--shares FOLDER" in bare.run(*HELD, code=2)
    (bare.folder / "phần").mkdir()
    (bare.folder / share(CUSTODIANS[1])).write_text("của người khác")
    assert "nothing is overwritten" in bare.run(*HELD, "--shares", "phần", code=2)
    assert "của người khác" == (bare.folder / share(CUSTODIANS[1])).read_text()
    assert tmp_path.exists()


def test_a_second_ceremony_is_refused_before_anybody_has_a_share(office: Office) -> None:
    assert "authorities here already" in office.run(*HELD, "--shares", "phần", code=2)
    assert not (office.folder / "phần").exists()


def test_the_next_authority_takes_over_and_the_old_one_signs_lists_alone(office: Office) -> None:
    before = office.issued()
    made = office.told(*ADDED, *SIGNER)["authority"]
    assert "agencies-2" == made["id"]
    assert "agencies" == office.told("authority", "retire", "agencies")["authority"]
    assert [False, True, False] == [
        each["retired"] is not None for each in office.told("authority", "list")["authorities"]
    ]
    request = office.told("renew", before, "--by", "agencies-2")["request"]["id"]
    after = office.issued(request)
    issuers = {each["serial"]: each["issuer"] for each in office.told("list")["certificates"]}
    assert ("agencies", "agencies-2") == (issuers[before], issuers[after])
    assert 1 == office.told("replaced", request, "--revoke")["done"]
    assert [] != office.told("crl", "--issuer", "agencies", *SIGNER)["lists"]
    office.run("audit", "verify")


def test_a_retired_authority_issues_nothing_and_is_not_asked(office: Office) -> None:
    request = office.asked()
    office.run("authority", "retire", "agencies")
    assert "retired" in office.run("authority", "retire", "agencies", code=2)
    office.run("approve", request, *MINH)
    assert "retired" in office.run("issue", request, *SIGNER, code=2)
    words = ("--agency", "H49", "--csr", "trucvanban.gov.example.csr", "--purpose", "x")
    assert "every authority is retired" in office.run("request", *words, code=2)
    office.run(*ADDED, *SIGNER)
    assert "agencies-2" == office.told("request", *words)["request"]["issuer"]


def test_authorities_are_listed_and_unknown_ones_told(office: Office) -> None:
    assert "agencies" in office.run("authority", "list")
    assert "no authority" in office.run("authority", "retire", "khác", code=2)


def test_at_a_terminal_each_custodian_sees_a_share_alone_and_the_screen_is_wiped(bare: Office) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"\n" * 6)
    called = [sys.executable, "-m", "sentinel", "pki", *HELD]
    done = subprocess.run(called, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, check=False)
    told = os.read(ours, 1 << 16).decode()
    os.close(ours)
    os.close(theirs)
    assert 0 == done.returncode, told
    shown = [part for part in told.split("\x1b[2J") if "alone before this screen" in part]
    assert [True] * 3 == [name in part for name, part in zip(CUSTODIANS, shown, strict=True)]
    words = [next(line for line in part.splitlines() if len(line.split()) == 33) for part in shown]
    (bare.folder / "phần").mkdir()
    for name, each in zip(CUSTODIANS, words, strict=True):
        (bare.folder / share(name)).write_text(each)
        (bare.folder / share(name)).chmod(0o600)
    bare.run(*ADDED, "--share", share(CUSTODIANS[1]), "--share", share(CUSTODIANS[2]))
