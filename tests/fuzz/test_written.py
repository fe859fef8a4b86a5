"""Broken files that people write by hand end in an error with its place, and long ones are read in bounded time."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.written import READERS, broken, check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SIZE = 96 << 10
"""Bytes of a long file in every run; the deep ones take ten times that."""


@pytest.mark.parametrize("name", READERS)
def test_the_file_that_is_broken_is_whole(name: str, tmp_path: Path) -> None:
    assert check(name, READERS[name][1], tmp_path)


@pytest.mark.parametrize("count", [150, pytest.param(5000, marks=pytest.mark.deep)])
@pytest.mark.parametrize("name", READERS)
def test_a_broken_file_is_read_or_refused(name: str, count: int, tmp_path: Path) -> None:
    random = Random(f"{name} {count}")  # noqa: S311 - to be repeated, not to be secret
    read = [check(name, broken(random, name), tmp_path) for _ in range(count)]
    assert {False, True} == set(read), "all are alike: nothing was tried"


def _many(line: str) -> Callable[[int], str]:
    """Give what makes a text of so many bytes of a line; `{}` in it is a number."""
    return lambda size: "".join(line.replace("{}", str(number)) for number in range(size // len(line.encode())))


def _within(begin: str, part: str, end: str = "") -> Callable[[int], str]:
    return lambda size: begin + part * (size // len(part.encode())) + end


TOML: dict[str, Callable[[int], str]] = {
    "parts of a key": _within("a", ".a", " = 1"),
    "parts of a header": _within("[a", ".a", "]"),
    "quoted parts of a key": _within('{"a"', '."a"', "}"),
    "nested lists": _within("a = ", "["),
    "nested tables": _within("a = ", "{a = "),
    "digits": _within("a = ", "1"),
    "digits of a part": _within("a = 0.", "1"),
    "keys": _many("key{} = 1\n"),
    "tables": _many("[key{}]\n"),
    "blanks": _within("", " "),
    "blanks before a key": _within("", " ", "a = 1"),
    "blanks within a header": _within("[[", " ", "person]]"),
    "lines": _within("", "\n"),
    "comments": _many("# {}\n"),
    "a text that does not end": _within('a = "', "a"),
    "items": _within("a = [", "1,", "]"),
    "quotes": _within("", "'''\n"),
    "lines of commas": _within("", ',"\n'),
}
CASES: dict[str, dict[str, Callable[[int], str]]] = {
    "people": {
        **TOML,
        "persons": _many('[[person]]\nname = "n{}"\n'),
        "persons of one name": _many('[[person]]\nname = "an"\n'),
        "a long name": _within('[[person]]\nname = "', "a", '"'),
        "roles": _within('[[person]]\nname = "an"\nroles = [', '"analyst",', "]"),
        "a key that is none": _within('[[person]]\nname = "an"\n[[person.key]]\npublic = "ssh-ed25519 ', "A", '"'),
    },
    "notify": {
        **TOML,
        "channels": _many('[[channel]]\nname = "n{}"\ntype = "syslog"\nhost = "a"\n'),
        "channels of one name": _many('[[channel]]\nname = "an"\ntype = "syslog"\nhost = "a"\n'),
        "a quiet time of blanks": _within('[[channel]]\nname="a"\ntype="syslog"\nhost="a"\nquiet=["mon', " ", 'x"]'),
        "quiet times": _within('[[channel]]\nname="a"\ntype="syslog"\nhost="a"\nquiet=[', '"1:00-2:00",', "]"),
        "a long address": _within('[[channel]]\nname="a"\ntype="webhook"\nurl="https://', "a:", '"'),
        "a long mail address": _within('[[channel]]\nname="a"\ntype="mail"\nhost="a"\nto="b@c"\nfrom="', "a", '"'),
    },
    "platform": {
        **TOML,
        "hosts": _within('id="a"\nname="b"\nlevel=1\nhosts=[', '"web*",', "]"),
        "networks": _within('id="a"\nname="b"\nlevel=1\nnetworks=[', '"10.0.0.0/8",', "]"),
        "networks that are none": _within('id="a"\nname="b"\nlevel=1\nnetworks=[', '"10.0.0.0/99",', "]"),
        "a pattern": _within('id="a"\nname="b"\nlevel=1\nhosts=["', "*a", '"]'),
    },
    "states": {
        "nested lists": _within('{"version":1,"channels":{"a":', "["),
        "nested tables": _within('{"version":1,"channels":{},"a":', '{"a":'),
        "digits": _within('{"version":', "1", "}"),
    },
    "agencies": {
        "agencies": _many("H{},Sở,province,,\n"),
        "agencies without a place": _many("H{},Ủy ban nhân dân xã Tân Hương tỉnh Đồng Tháp,commune,82,\n"),
        "agencies by the name of their place": _many("H{},,commune,82,Xã Tân Hương\n"),
        "agencies that are described twice": _many("H1,Sở,province,,\n"),
        "lines that are short": _many("H{}\n"),
        "lines with too many cells": _many("H{},a,b,c,d,e,f\n"),
        "a line with many cells": _within("", ","),
        "a long cell": _within("H1,", "a"),
        "quotes": _within("", '"'),
        "quotes within quotes": _within('"', '""'),
        "apostrophes": _within("H1,", "'"),
        "lines": _within("", "\n"),
        "blanks": _within("", " "),
    },
}  # fmt: skip
HEAD = {"agencies": "id,name,tier,province,commune\n"}
LONG: dict[str, tuple[str, Callable[[int], str]]] = {
    f"{name}: {what}": (name, lambda size, name=name, make=make: HEAD.get(name, "") + make(size))
    for name, cases in CASES.items()
    for what, make in cases.items()
} | {
    "agencies: a chain of parents": (
        "agencies",
        lambda size: "id,name,tier,province,parent,networks\n" + "".join(
            f"H{number},Sở,province,82,H{number - 1},10.0.0.0/{min(8 + number, 32)}\n" for number in range(size // 40)
        ),
    ),
    "agencies: a circle of parents": (
        "agencies",
        lambda size: "id,name,tier,parent\n" + "".join(
            f"H{number},Sở,province,H{(number + 1) % (size // 20)}\n" for number in range(size // 20)
        ),
    ),
    "agencies: columns": ("agencies", _within("id,name,tier", ",")),
}  # fmt: skip


@pytest.mark.parametrize("size", [SIZE, pytest.param(SIZE * 10, marks=pytest.mark.deep)])
@pytest.mark.parametrize("what", LONG)
def test_a_long_file_of_one_kind_of_thing_takes_its_time_only(what: str, size: int, tmp_path: Path) -> None:
    name, make = LONG[what]
    check(name, make(size).encode(), tmp_path)
