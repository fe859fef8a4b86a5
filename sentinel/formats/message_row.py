"""What a row of the table of messages says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

Pairs: TypeAlias = Iterable[tuple[str, str | None]]
Take: TypeAlias = Callable[[str], Pairs | None]


@dataclass(frozen=True, slots=True)
class Row:
    """A message: what it means, and how its fields are taken, name and text; None where it is another."""

    action: str
    outcome: str
    take: Take


Rows: TypeAlias = tuple[Row, ...]
Table: TypeAlias = Mapping[str, Rows]
"""Rows by the first word of the message, without a colon behind it."""

ANY: Final = ""
"""Rows for messages that begin with any other word."""


def row(action: str, outcome: str, expression: str) -> Row:
    """Make a row from a regular expression that the whole message must match."""
    compiled = re.compile(expression, re.DOTALL)
    match, names = compiled.fullmatch, tuple(compiled.groupindex)

    def take(message: str) -> Pairs | None:
        found = match(message)
        return zip(names, found.groups(), strict=False) if found else None

    return Row(action, outcome, take)
