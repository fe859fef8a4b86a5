"""`sentinel people`: what is registered, who may do it, and how the calls end."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.cli.acting import os_user
from sentinel.cli.main import main
from sentinel.crypto.key_files import read_private
from sentinel.crypto.keys import PrivateKey
from tests.folders import work_in

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

ME = os_user()[1]
PASSPHRASE = "mật khẩu thật dài"  # noqa: S105 - of keys that live as long as a test
LAN = ("add", "lan.nguyễn", "--full-name", "Nguyễn Thị Lan")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder without a register, with a file that holds a passphrase."""
    work_in(tmp_path, monkeypatch)
    monkeypatch.setenv("SENTINEL_PEOPLE", str(tmp_path / "người" / "people.toml"))
    Path("passphrase").write_text(PASSPHRASE + "\n", encoding="utf-8")
    Path("passphrase").chmod(0o600)
    return tmp_path


def called(capfd: Capture, *arguments: str, code: int = 0) -> str:
    capfd.readouterr()
    assert code == main(["people", *arguments])
    out, err = capfd.readouterr()
    return err if code else out


def told(capfd: Capture, *arguments: str) -> Any:  # noqa: ANN401 - a JSON document
    return json.loads(called(capfd, *arguments, "--json"))


def register() -> str:
    return Path("người/people.toml").read_text(encoding="utf-8")


def an_approver(capfd: Capture) -> None:
    called(capfd, "add", "minh", "--role", "approver", "--os-user", ME)


def test_without_a_register_the_list_says_that_everybody_is_an_analyst(capfd: Capture) -> None:
    assert called(capfd, "list").startswith("nobody is registered: every user of this machine acts as an analyst")
    assert [True, []] == [told(capfd, "list")[name] for name in ("absent", "people")]


def test_who_is_added_is_shown_and_listed(capfd: Capture) -> None:
    roles = "--role", "analyst", "--role", "Auditor", "--os-user", "lan"
    added = told(capfd, *LAN, *roles)
    assert {
        "name": "lan.nguyễn",
        "full_name": "Nguyễn Thị Lan",
        "roles": ["analyst", "auditor"],
        "os_users": ["lan"],
        "keys": [],
    } == added
    assert added == told(capfd, "show", "lan.nguyễn")
    assert [added] == told(capfd, "list")["people"]
    assert "lan.nguyễn  Nguyễn Thị Lan  analyst auditor  lan       0" == called(capfd, "list").splitlines()[1]
    assert "roles: analyst (works on alerts); auditor (signs" in called(capfd, "show", "lan.nguyễn")


def test_who_is_added_can_have_a_new_key_at_once(capfd: Capture) -> None:
    made = told(capfd, *LAN, "--new-key", "lan.pem", "--new-passphrase-file", "passphrase")
    private = read_private(Path("lan.pem"), PASSPHRASE.encode)
    assert [private.public.fingerprint] == [key["fingerprint"] for key in made["keys"]]
    before = register()
    again = "add", "an", "--new-key", "lan.pem", "--new-passphrase-file", "passphrase"
    assert "lan.pem: " in called(capfd, *again, code=2)
    assert before == register()


def test_a_name_in_another_composition_is_the_same_name(capfd: Capture) -> None:
    called(capfd, "add", "lan.nguye\u0302\u0303n")
    assert "there is somebody of this name" in called(capfd, *LAN, code=2)
    assert "lan.nguyễn" == told(capfd, "show", "Lan.Nguye\u0302\u0303n")["name"]


def test_until_somebody_may_change_the_register_whoever_can_write_it_may(capfd: Capture) -> None:
    assert "nobody is registered yet who may change this" in called(capfd, *LAN)
    called(capfd, "add", "an", "--role", "approver")  # who cannot prove it, so far
    assert "nobody is registered yet" not in called(capfd, "change", "an", "--add-os-user", "an")
    assert f"the user '{ME}' is nobody who may act" in called(capfd, "add", "bình", code=2)


def test_then_it_takes_the_role(capfd: Capture) -> None:
    an_approver(capfd)
    called(capfd, *LAN)
    called(capfd, "add", "an", "--role", "approver", "--os-user", "an")
    called(capfd, "change", "minh", "--remove-role", "approver", "--add-role", "analyst")
    before = register()
    for arguments in (
        ("add", "bình"),
        ("change", "lan.nguyễn", "--add-role", "auditor"),
        ("key", "new", "lan.nguyễn", "--out", "new.key", "--new-passphrase-file", "passphrase"),
    ):
        assert "minh may not change who may act" in called(capfd, *arguments, code=2)
    assert before == register()
    assert not Path("new.key").exists()


def test_the_last_who_may_change_the_register_stays(capfd: Capture) -> None:
    an_approver(capfd)
    before = register()
    for arguments in (("--remove-role", "approver"), ("--remove-os-user", ME)):
        error = called(capfd, "change", "minh", *arguments, code=2)
        assert "nobody would be left who may change who may act" in error
    assert before == register()


def test_changes_are_made_and_nothing_else(capfd: Capture) -> None:
    an_approver(capfd)
    called(capfd, *LAN, "--role", "analyst", "--os-user", "lan")
    changed = told(
        capfd, "change", "lan.nguyễn", "--full-name", "Trần Lan", "--add-role", "auditor", "--remove-role", "analyst",
        "--add-os-user", "lan2",
    )  # fmt: skip
    assert ("Trần Lan", ["auditor"], ["lan", "lan2"]) == (changed["full_name"], changed["roles"], changed["os_users"])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("add", "a b"), "error: NAME: 'a b' cannot be a name"),
        (("add", "sentinel"), "error: NAME: 'sentinel' cannot be a name"),
        (("add", "an", "--role", "analist"), "error: --role: there is no role 'analist'\n  hint: did"),
        (("add", "an", "--full-name", "\x1b[2J"), "error: --full-name: must be a text that can be shown"),
        (("add", "an", "--os-user", "minh"), "error: an: the user 'minh' is minh.lê"),
        (("show", "minh.le"), "error: minh.le: nobody is called so\n  hint: did you mean 'minh.lê'?"),
        (("change", "minh.lê"), "error: minh.lê: nothing is to be changed\n  hint: see"),
        (("change", "minh.lê", "--remove-role", "auditor"), "error: --remove-role: there is no 'auditor' to take away"),
        (("change", "minh.lê", "--remove-os-user", "x"), "error: --remove-os-user: there is no 'x' to take away"),
        (("key", "add", "minh.lê", "absent.pem"), "error: absent.pem: cannot be read: No such file or directory"),
        (("key", "add", "minh.lê", "passphrase"), "error: passphrase: not a public key"),
        (("key", "retire", "minh.lê", "SHA256:x"), "error: SHA256:x: minh.lê has no key that begins so"),
        (("key", "list", "nobody"), "error: nobody: nobody is called so"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_nothing_is_done(capfd: Capture, arguments: tuple[str, ...], error: str) -> None:
    called(capfd, "add", "minh.lê", "--os-user", "minh")
    before = register()
    assert called(capfd, *arguments, code=2).startswith(error)
    assert before == register()


def test_a_register_that_is_wrong_is_told_with_its_line(capfd: Capture) -> None:
    Path("người").mkdir()
    Path("người/people.toml").write_text('[[person]]\nname = "an"\nroles = ["boss"]\n')
    for arguments in (("list",), ("add", "minh"), ("key", "list")):
        assert "people.toml:3: there is no role 'boss'" in called(capfd, *arguments, code=2)


def test_a_new_key_proves_its_owner(capfd: Capture) -> None:
    called(capfd, *LAN, "--role", "approver")
    made = told(capfd, "key", "new", "lan.nguyễn", "--out", "lan.key", "--new-passphrase-file", "passphrase")
    assert ("lan.key", 0o600) == (made["file"], stat.S_IMODE(Path("lan.key").stat().st_mode))
    assert PASSPHRASE not in Path("lan.key").read_text()
    proof = "--key", "lan.key", "--passphrase-file", "passphrase"
    assert f"the user '{ME}' is nobody" in called(capfd, "add", "an", code=2)
    assert "an" == told(capfd, "add", "an", *proof)["name"]


def test_a_public_key_that_somebody_made_is_registered_and_retired(capfd: Capture) -> None:
    made = told(capfd, "key", "new", "lan", "--only-make", "--out", "lan.key", "--new-passphrase-file", "passphrase")
    assert not Path("người").exists()
    called(capfd, *LAN)
    added = told(capfd, "key", "add", "lan.nguyễn", "lan.key.pub")
    assert (made["fingerprint"], "Ed25519", None) == (added["fingerprint"], added["kind"], added["retired"])
    assert [added] == told(capfd, "key", "list")["keys"] == told(capfd, "key", "list", "lan.nguyễn")["keys"]
    assert "registered already, for lan.nguyễn" in called(capfd, "key", "add", "lan.nguyễn", "lan.key.pub", code=2)
    retired = told(capfd, "key", "retire", "lan.nguyễn", made["fingerprint"][:15])
    assert retired["added"] <= retired["retired"]
    assert "retired already" in called(capfd, "key", "retire", "lan.nguyễn", made["fingerprint"], code=2)
    assert "0" == called(capfd, "list").splitlines()[1][-1]


def test_the_last_key_of_the_last_who_may_change_the_register_stays(capfd: Capture) -> None:
    called(capfd, *LAN, "--role", "approver")
    made = told(capfd, "key", "new", "lan.nguyễn", "--out", "lan.key", "--new-passphrase-file", "passphrase")
    proof = "--key", "lan.key", "--passphrase-file", "passphrase"
    error = called(capfd, "key", "retire", "lan.nguyễn", made["fingerprint"], *proof, code=2)
    assert "nobody would be left" in error


def test_a_key_is_never_overwritten_and_then_not_registered(capfd: Capture) -> None:
    called(capfd, *LAN)
    Path("lan.key").write_text("mine")
    error = called(capfd, "key", "new", "lan.nguyễn", "--out", "lan.key", "--new-passphrase-file", "passphrase", code=2)
    assert "a key is never overwritten" in error
    assert ("mine", []) == (Path("lan.key").read_text(), told(capfd, "key", "list")["keys"])


def test_a_key_of_openssh_is_registered(capfd: Capture) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

    public = PrivateKey.new().public
    line = load_pem_public_key(public.pem().encode()).public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    Path("lan.pub").write_bytes(line + b" lan@may-1\n")
    called(capfd, *LAN)
    assert public.fingerprint == told(capfd, "key", "add", "lan.nguyễn", "lan.pub")["fingerprint"]
