"""Errors on a terminal: several lines where the message has them, and none that a stranger made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.cli import errors
from sentinel.errors import InputError

if TYPE_CHECKING:
    import pytest


def shown(capsys: pytest.CaptureFixture[str], error: InputError) -> list[str]:
    errors.show(error)
    return capsys.readouterr().err.splitlines()


def test_lines_of_a_message_that_are_indented_stay_lines(capsys: pytest.CaptureFixture[str]) -> None:
    error = InputError("no such thing\n  a AND (b\n        ^", place="column 7", hint="close it")
    assert ["error: column 7: no such thing", "  a AND (b", "        ^", "  hint: close it"] == shown(capsys, error)


def test_no_name_of_a_file_makes_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    error = InputError("cannot be read", place="x\nerror: all is lost\x1b[2J")
    assert ["error: x\\nerror: all is lost\\x1b[2J: cannot be read"] == shown(capsys, error)
