"""The lines of a register on which its names stand.

The reader of TOML keeps no lines; hand-written registers are tables with headers, and those are easy to find.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_HEADER: Final = re.compile(r"\s*\[\[\s*person\s*(\.\s*key\s*)?\]\]")
_ASSIGNED: Final = re.compile(r"""\s*+\[*+\s*+["']?([\w-]++)["']?\s*+[=.\]]""")
_MANY_LINES: Final = re.compile(r"\"\"\"|'''")


class Lines:
    """Where each name of a register stands, as `place:line`; a name that is not found stands where its table begins."""

    def __init__(self, text: str, place: str) -> None:
        self._place = place
        # (person, key or -1) → name → line; "" is the header's.
        self._found: dict[tuple[int, int], dict[str, int]] = {(-1, -1): {"": 1}}
        person, key, inside = -1, -1, False
        for number, line in enumerate(text.split("\n"), 1):
            if not inside and (header := _HEADER.match(line)):
                person, key = (person, key + 1) if header[1] else (person + 1, -1)
                self._found[person, key] = {"": number}
            elif not inside and (assigned := _ASSIGNED.match(line)):
                self._found[person, key].setdefault(assigned[1], number)
            inside ^= len(_MANY_LINES.findall(line)) % 2 == 1

    def top(self, name: str) -> str:
        """Give the place of a name outside of all tables."""
        return self._of(-1, -1, name)

    def person(self, index: int) -> Callable[[str], str]:
        """Give what gives the places of a person's names; those of a key are written `key.<index>.<name>`."""

        def at(name: str) -> str:
            table, _dot, rest = name.partition(".")
            if not rest:
                return self._of(index, -1, table)
            number, _dot, name_of_key = rest.partition(".")
            return self._of(index, int(number), name_of_key)

        return at

    def key(self, index: int, number: int) -> Callable[[str], str]:
        """Give what gives the places of the names of a person's key."""
        return lambda name: self._of(index, number, name)

    def _of(self, person: int, key: int, name: str) -> str:
        found = self._found.get((person, key)) or self._found.get((person, -1)) or self._found[-1, -1]
        return f"{self._place}:{found.get(name) or found['']}"
