"""Registers that are broken: each is refused with the line of what is wrong in it."""

from __future__ import annotations

import pytest

from sentinel.errors import InputError
from sentinel.people.register import parse


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nested = " + "[" * 10_000, "nested too deep"),
        ("nested = " + "{a = " * 10_000, "nested too deep"),
        ("number = " + "1" * 5000, "a number of too many digits"),
        ("a" + ".a" * 99 + " = 1", "a key of too many parts"),
        ("['a'" + ' . "a.b"' * 99 + "]", "a key of too many parts"),
    ],
)
def test_what_no_reader_of_toml_reads_is_refused_with_its_line(line: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse(f'[[person]]\nname = "an"\n\n{line}\n', "people.toml")
    assert "people.toml:4" == caught.value.place


def test_a_text_with_many_dots_is_no_key() -> None:
    (person,) = parse(f'[[person]]\nname = "an"\nfull_name = "{"A." * 99}"\nos_users = ["{"a." * 99}"]\n', "p").persons
    assert ("A." * 99, ("a." * 99,)) == (person.full_name, person.os_users)


def test_a_line_ends_where_toml_ends_it() -> None:
    with pytest.raises(InputError) as caught:
        parse('# one\u2028line\u0085still\n[[person]]\nname = "a b"\n', "people.toml")
    assert "people.toml:3" == caught.value.place
