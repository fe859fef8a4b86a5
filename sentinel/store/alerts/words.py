"""Words: names that stand once, and how they are found again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.model import patterns
from sentinel.store.alerts.tables import WORDS
from sentinel.store.query.text import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

USES: Final = {field: 1 << place for place, field in enumerate(WORDS)}
"""What stands for the fields of alerts that a word stands in."""
_SHORTEST_INDEXED: Final = 3
"""Letters that the index of parts needs."""
_KEPT: Final = 200_000
_LONGEST: Final = 10_000
"""Characters of a pattern: SQLite refuses those of 50,000 octets."""


class Words:
    """The words of a file, and those met so far."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Know none."""
        self._db = db
        self._numbers: dict[str, int] = {}
        self._texts: dict[int, str] = {}
        self._uses: dict[int, int] = {}

    def number(self, text: str, field: str = "") -> int:
        """Give a word's number; one that is not there yet is added, within a transaction.

        With `field`, one of `WORDS`, the word is known to stand in that field of an alert.
        """
        text = storable(text)
        number = self._numbers.get(text)
        if number is None:
            found = self._db.execute("select number, uses from word where text = ?", (text,)).fetchone()
            number, uses = found or (self._added(text), 0)
            self._learn(number, text)
            self._uses[number] = uses
        if field and not self._uses.get(number, 0) & USES[field]:
            asked = "update word set uses = uses | ? where number = ? returning uses"
            ((self._uses[number],),) = self._db.execute(asked, (USES[field], number)).fetchall()
        return number

    def _added(self, text: str) -> int:
        number = self._db.execute("insert into word(text, uses) values(?, 0)", (text,)).lastrowid or 0
        self._db.execute("insert into word_text(rowid, folded) values(?, ?)", (number, fold(text, accents=False)))
        return number

    def _learn(self, number: int, text: str) -> None:
        if len(self._texts) >= _KEPT:
            self.forget()
        self._numbers[text] = number
        self._texts[number] = text

    def forget(self) -> None:
        """Know none again: what was added was taken back."""
        self._numbers.clear()
        self._texts.clear()
        self._uses.clear()

    def texts(self, numbers: Iterable[int]) -> dict[int, str]:
        """Give the words of these numbers."""
        every = set(numbers)
        unknown = [number for number in every if number not in self._texts]
        asked = "select number, text from word where number in (select value from json_each(?))"
        found = self._db.execute(asked, (json.dumps(unknown),)).fetchall() if unknown else []
        given = {number: self._texts[number] for number in every if number in self._texts} | dict(found)
        for number, text in found:
            self._learn(number, text)
        return given

    def fitting(self, pattern: str) -> list[int]:
        """Give the numbers of words that a name fits whatever its case; `*` stands for any characters.

        Raise InputError for a pattern longer than any name.
        """
        if len(pattern) > _LONGEST:
            raise InputError(_("longer than any name"), place=f"{pattern[:40]}…")
        if "*" not in pattern:
            asked, value = "select number from word where text = ? collate nocase", storable(pattern)
            exact = [number for (number,) in self._db.execute(asked, (value,))]
            return exact if pattern.isascii() else sorted({*exact, *self._whole(pattern)})
        longest = max(pattern.split("*"), key=len)
        if len(fold(storable(longest), accents=False)) >= _SHORTEST_INDEXED:
            found = self.texts(self.holding(longest))
            return [number for number, text in found.items() if patterns.fits(pattern, text)]
        like = "%".join(escaped(part) for part in storable(pattern).split("*"))
        asked = "select number from word where text like ? escape '\\'"
        return [number for (number,) in self._db.execute(asked, (like,))]

    def _whole(self, text: str) -> list[int]:
        """Give the words that are a text but for the case of letters that SQLite does not know."""
        found = self.texts(self.holding(text))
        return [number for number, word in found.items() if fold(word) == fold(text)]

    def holding(self, part: str) -> list[int]:
        """Give the numbers of words that hold a text, whatever its case and marks."""
        return [number for number, _uses in self._holding(part)]

    def holding_by_field(self, part: str, fields: Sequence[str]) -> dict[str, list[int]]:
        """Give the same for each field: those that stand in it in some alert."""
        found = self._holding(part)
        return {field: [number for number, uses in found if uses & USES[field]] for field in fields}

    def _holding(self, part: str) -> list[tuple[int, int]]:
        folded = fold(storable(part), accents=False)
        if len(folded) < _SHORTEST_INDEXED:
            asked, value = "select number, uses from word where text like ? escape '\\'", f"%{escaped(part)}%"
        else:
            quoted = folded.replace('"', '""')
            found = "select rowid from word_text where word_text match ?"
            asked, value = f"select number, uses from word where number in ({found})", f'"{quoted}"'  # noqa: S608
        return self._db.execute(asked, (value,)).fetchall()


def storable(text: str) -> str:
    """Let what UTF-8 cannot hold be its escape."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def escaped(text: str) -> str:
    """Let nothing in a text be a pattern of LIKE, which is told to take a backslash as the escape."""
    return "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in text)
