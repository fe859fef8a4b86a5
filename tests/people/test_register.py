"""The register read: who is in it, and the line of whatever is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentinel.crypto.keys import PrivateKey
from sentinel.errors import InputError
from sentinel.people.lines import Lines
from sentinel.people.register import Person, parse, read
from sentinel.people.roles import Role

if TYPE_CHECKING:
    from pathlib import Path

KEY = PrivateKey.new().public
DAY = 1_795_132_800_000_000_000  # 2026-11-20 in UTC
LAN = f"""\
[[person]]
name = "lan.nguye\u0302\u0303n"
full_name = " Nguyễn Thị Lan "
roles = ["Analyst", "approver"]
os_users = ["lan", "lan-admin"]

[[person.key]]
public = '''
{KEY.pem()}'''
added = 2026-11-20
retired = 2026-11-21T07:00:00+07:00
"""


def test_a_register_says_who_may_act() -> None:
    (lan,) = parse(LAN, "people.toml").persons
    (signer,) = lan.keys
    assert ("lan.nguyễn", "Nguyễn Thị Lan", ("lan", "lan-admin")) == (lan.name, lan.full_name, lan.os_users)
    assert frozenset({Role.ANALYST, Role.APPROVER}) == lan.roles
    assert (KEY, "lan.nguyễn", DAY, DAY + 86_400 * 10**9) == (signer.key, signer.owner, signer.added, signer.retired)


def test_a_name_is_found_whatever_its_case_and_composition() -> None:
    people = parse(LAN, "people.toml")
    assert people.persons[0] == people.named("LAN.NGUYE\u0302\u0303N") == people.of_os_user("lan-admin")
    assert people.of_os_user("Lan") is None


def test_who_says_only_a_name_is_called_so_and_may_nothing() -> None:
    assert (Person("an", "an", frozenset()),) == parse('[[person]]\nname = "an"\n', "p").persons


def test_a_register_that_is_absent_is_told_apart_from_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    assert (True, ()) == (read(path).absent, read(path).persons)
    path.write_text("")
    assert (False, ()) == (read(path).absent, read(path).persons)


def test_a_register_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "people.toml").write_bytes(b"\xff")
    for path in (tmp_path, tmp_path / "people.toml"):
        with pytest.raises(InputError, match="cannot be read") as caught:
            read(path)
        assert str(path) == caught.value.place


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[[person]\n", 1, "not TOML"),
        ('\n[[person]]\nname = "an"\nage = 3\n', 4, "unknown name 'age'"),
        ("\npeople = 3\n", 2, "unknown name 'people'"),
        ('[[person]]\nfull_name = "An"\n', 1, "'name' must be a text"),
        ('[[person]]\nname = "a b"\n', 2, "'a b' cannot be a name"),
        ('[[person]]\nname = "Sentinel"\n', 2, "'Sentinel' cannot be a name"),
        ('[[person]]\nname = "an"\n\nroles = ["boss"]\n', 4, "there is no role 'boss'"),
        ('[[person]]\nname = "an"\nroles = "analyst"\n', 3, "'roles' must be a list of texts"),
        ('[[person]]\nname = "an"\nos_users = [1]\n', 3, "'os_users' must be a list of texts"),
        ('[[person]]\nname = "an"\n[[person]]\nname = "AN"\n', 4, "'AN' stands here twice"),
        ('[[person]]\nname="a"\nos_users=["x"]\n[[person]]\nname="b"\nos_users=["x"]\n', 6, "'x' stands here twice"),
        ('[person]\nname = "an"\n', 1, "must be tables"),
        ('[[person]]\nname = "an"\n[[person.key]]\npublic = "x"\nadded = 2026-01-01\n', 4, "not a public key"),
        (LAN.replace("added = 2026-11-20", 'added = "2026-11-20"'), 13, "not a time with its offset"),
        (LAN.replace("added = 2026-11-20", "added = 2026-11-20T07:00:00"), 13, "not a time with its offset"),
        (LAN.replace("added = 2026-11-20\n", ""), 7, "not a time with its offset"),
        (LAN.replace("retired = 2026-11-21", "retired = 2025-11-21"), 14, "the key is retired before it is added"),
        (LAN + LAN[LAN.index("\n[[person.key") :], 17, "stands here twice"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, "people.toml")
    assert message in caught.value.message
    assert f"people.toml:{line}" == caught.value.place


def test_lines_are_those_of_tables_with_headers() -> None:
    lines = Lines('a = 1\n[[person]]\nname = """\nroles = 2\n"""\n[[ person . key ]]\npublic = 3\n', "p")
    assert ["p:1", "p:1"] == [lines.top("a"), lines.top("b")]
    assert ["p:3", "p:2", "p:7", "p:6"] == [
        lines.person(0)(name) for name in ("name", "roles", "key.0.public", "key.0.added")
    ]
    assert "p:1" == lines.person(7)("name")
