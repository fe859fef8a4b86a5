"""The register written: what stays, what is refused, and that two who write at once lose nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sentinel.crypto.keys import PrivateKey
from sentinel.errors import InputError, Refused
from sentinel.people.register import Person, read
from sentinel.people.roles import Role
from sentinel.people.writing import Register, changing, who_may_change

ROOT = Path(__file__).resolve().parents[2]
NOON = 1_795_150_800_000_000_000
TEXT = """\
# Tổ trực, tháng 11
[[person]]
name = "lan"                # trưởng tổ
full_name = "Nguyễn Thị Lan"
roles = ["approver"]        # duyệt
os_users = ["lan"]

# người mới
[[person]]
name = "an"
"""


def an(name: str = "bình", *users: str) -> Person:
    return Person(name, "Lê Bình", frozenset({Role.ANALYST, Role.VIEWER}), users)


def test_what_was_written_by_hand_stays() -> None:
    register = Register(TEXT, "people.toml")
    register.add(an())
    assert (
        TEXT + '\n[[person]]\nname = "bình"\nfull_name = "Lê Bình"\nroles = ["analyst", "viewer"]\nos_users = []\n'
        == register.text
    )
    register.change("lan", "Trần Lan", {Role.APPROVER, Role.AUDITOR}, ["lan"])
    changed = TEXT.replace("Nguyễn Thị Lan", "Trần Lan").replace('["approver"] ', '["approver", "auditor"] ')
    assert register.text.startswith(changed)


def test_a_key_stands_below_its_owner() -> None:
    register, key = Register(TEXT, "people.toml"), PrivateKey.new().public
    register.add_key("lan", key, NOON + 999)
    (signer,) = register.people.named("lan").keys
    assert ("lan", key, NOON, None) == (signer.owner, signer.key, signer.added, signer.retired)
    assert f'[[person.key]]\npublic = """{key.pem()}"""\nadded = 2026-11-20T05:00:00Z\n' in register.text
    assert (1, 0) == tuple(len(person.keys) for person in register.people.persons)


def test_what_a_key_signed_in_the_second_of_its_end_counts() -> None:
    register, key = Register(TEXT, "people.toml"), PrivateKey.new().public
    register.add_key("an", key, NOON)
    signer = register.retire("an", key.fingerprint[:20], NOON + 5)
    assert NOON + 1_000_000_000 == signer.retired
    assert (True, False) == (signer.signs_at(NOON + 4), signer.signs_at(NOON + 1_000_000_000))


def test_keys_are_told_apart_by_how_they_begin() -> None:
    register = Register(TEXT, "people.toml")
    for _each in range(2):
        register.add_key("an", PrivateKey.new().public, NOON)
    with pytest.raises(InputError, match="several keys of an begin so"):
        register.retire("an", "SHA256:", NOON)
    with pytest.raises(InputError, match="lan has no key that begins so"):
        register.retire("lan", register.people.named("an").keys[0].key.fingerprint, NOON)


def test_nobody_takes_the_name_or_user_of_another() -> None:
    register = Register(TEXT, "people.toml")
    for person in (an("LAN"), an("bình", "lan")):
        with pytest.raises(InputError):
            register.add(person)
    with pytest.raises(InputError, match="the user 'lan' is lan"):
        register.change("an", "An", set(), ["lan"])
    assert TEXT == register.text


def test_the_last_who_may_change_it_stays() -> None:
    register = Register(TEXT, "people.toml")
    assert ["lan"] == [person.name for person in who_may_change(register.people)]
    for roles, users in (({Role.ANALYST}, ["lan"]), ({Role.APPROVER}, [])):
        with pytest.raises(Refused, match="nobody would be left"):
            register.change("lan", "Lan", roles, users)
    register.change("an", "An", {Role.APPROVER}, ["an"])
    register.change("lan", "Lan", {Role.ANALYST}, ["lan"])
    assert ["an"] == [person.name for person in who_may_change(register.people)]


def test_a_register_in_one_line_is_read_and_not_changed() -> None:
    register = Register('person = [{name = "lan"}]\n', "people.toml")
    with pytest.raises(InputError, match="'person' is a list in one line") as caught:
        register.add(an())
    assert "people.toml" == caught.value.place


def test_an_empty_list_of_people_can_be_added_to() -> None:
    register = Register("person = []\n", "people.toml")
    register.add(an())
    assert ["bình"] == [person.name for person in register.people.persons]


def test_where_something_is_raised_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_text(TEXT, encoding="utf-8")
    path.chmod(0o640)
    with pytest.raises(InputError), changing(path) as register:  # noqa: PT012 - the second of two
        register.add(an())
        register.add(an())
    assert TEXT == path.read_text(encoding="utf-8")
    with changing(path) as register:
        register.add(an())
    assert ("bình", 0o640) == (read(path).persons[-1].name, path.stat().st_mode & 0o777)
    assert [".people.toml.lock", "people.toml"] == sorted(each.name for each in tmp_path.iterdir())


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "people.toml").symlink_to(tmp_path / "tập chung.toml")
    with changing(tmp_path / "people.toml") as register:
        register.add(an())
    assert (tmp_path / "people.toml").is_symlink()
    assert "bình" == read(tmp_path / "tập chung.toml").persons[0].name


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    with pytest.raises(InputError, match="cannot be written"), changing(tmp_path / "a file" / "people.toml"):
        pass


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    code = (
        "import sys; from pathlib import Path; from sentinel.people.writing import changing\n"
        "from sentinel.people.register import Person\n"
        "for number in range(5):\n"
        "    with changing(Path(sys.argv[1])) as register:\n"
        "        register.add(Person(f'{sys.argv[2]}{number}', 'x', frozenset()))\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), name], cwd=ROOT) for name in ("an", "bình")]
    assert [0, 0] == [writer.wait(60) for writer in writers]
    assert {f"{name}{number}" for name in ("an", "bình") for number in range(5)} == {
        person.name for person in read(path).persons
    }
