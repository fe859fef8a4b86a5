"""What the file beside a segment tells: where a text may stand. `grams` says how, and writes it."""

from __future__ import annotations

import mmap
import os
import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from sentinel.store.embedded.folding import skeleton
from sentinel.store.embedded.grams import ANYTHING, ENTRY, KINDS, LEVELS, MAGIC, Head, hashes, of_spans
from sentinel.store.embedded.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sentinel.store.embedded.folding import Array

_KEPT_ENTRIES: Final = 1 << 20
"""Heads are kept of so many filters in all; one takes 9 bytes."""
_BEGUN: Final = re.compile(r"[^.]*\.[^.]*\.")


class Form(Enum):
    """What a text is that is sought in values: a part, how they begin, or the whole of one."""

    PART = auto()
    BEGINNING = auto()
    WHOLE = auto()


@lru_cache(maxsize=256)
def _sought(text: str) -> tuple[int, tuple[Array, ...], Array]:
    """Give how long a text's skeleton is, the places of its runs at each level, and those of the whole."""
    data = skeleton(text).encode()
    levels = tuple(hashes(data + bytes(8), 0, max(0, len(data) - width + 1), width) for width in LEVELS)
    return len(data), levels, of_spans(np.array([0]), np.array([len(data)]), data).ravel()


@dataclass(frozen=True, slots=True)
class _Table:
    """The head: where the filters of each level, column and group are, behind `end`."""

    rows: tuple[int, ...]
    begun: frozenset[str]
    columns: Mapping[str, int]
    entries: Array
    end: int


class Held:
    """What the file beside a segment tells: `rows` of each group, and in which of them a column may hold a text."""

    def __init__(self, table: _Table, content: bytes | mmap.mmap) -> None:
        """Take the file's head and its content."""
        self.rows = table.rows
        self._begun = table.begun
        self._columns = table.columns
        self._entries = table.entries
        self._filters = np.frombuffer(content, np.uint8, offset=table.end)
        self._known: dict[str, Array] = {}
        self._columns_with: dict[str, Array] = {}

    def groups_with(
        self, column: str, texts: Sequence[str], *, form: Form = Form.PART, many: bool = False
    ) -> bool | Array:
        """Tell in which groups some value of a column may hold all these texts; in all (True) where nothing is known.

        With `many` the same is going to be asked of many columns.
        """
        number = self._columns.get(column)
        if number is None or not texts:
            return True
        if many and form is not Form.WHOLE and not all(self._anywhere(text)[number] for text in texts):
            return False
        found = np.ones(len(self.rows), bool)
        entries = self._entries[:, number]
        for text in texts:
            if form is Form.BEGINNING and column in self._begun and (begun := _BEGUN.match(text)):
                found = self._sought_in(entries, begun[0], found, whole=True)
            if many and form is not Form.WHOLE:
                found &= self._everywhere(text)[number]
            else:
                found = self._sought_in(entries, text, found, whole=form is Form.WHOLE)
        return found

    def columns_with(self, columns: Sequence[str], texts: Sequence[str]) -> list[str]:
        """Name those of the columns of which, in any group, some value may hold one of the texts."""
        found = {number for text in texts for number in np.flatnonzero(self._anywhere(text)).tolist()}
        without = {name for name, number in self._columns.items() if number not in found}
        return [column for column in columns if column not in without]

    def _anywhere(self, text: str) -> Array:
        """Tell of each column whether in any group some value may hold a text."""
        if text not in self._columns_with:
            self._columns_with[text] = np.any(self._everywhere(text), axis=1)
        return self._columns_with[text]

    def _everywhere(self, text: str) -> Array:
        """Tell of each column and group whether some value may hold a text."""
        if text not in self._known:
            every = np.ones(self._entries.shape[1:], bool)
            self._known[text] = self._sought_in(self._entries, text, every, whole=False)
        return self._known[text]

    def _sought_in(self, entries: Array, text: str, among: Array, *, whole: bool) -> Array:
        """Tell where, among some places, a text may stand, of filters by level, then in any form."""
        length, levels, of_whole = _sought(text)
        held = among.copy()
        # What rules out most comes first.
        for level, places in reversed(tuple(enumerate((*levels, of_whole) if whole else levels))):
            if not held.any():
                break
            entry = entries[level]
            held &= length <= entry["longest"]
            if len(places):
                held &= entry["size"] > 0
                at = np.nonzero(held & (entry["size"] != ANYTHING))
                held[at] = self._all_in(entry[at], places)
        return held

    def _all_in(self, entries: Array, places: Array) -> Array:
        """Tell of each filter whether it has all of the places."""
        masks = (1 << entries["size"].astype(np.int64)) - 1
        at = places & masks[:, None]
        found = self._filters[entries["begin"].astype(np.int64)[:, None] + (at >> 3)] >> (at & 7) & 1
        every: Array = found.all(axis=1)
        return every


_heads: Final = Kept[_Table](_KEPT_ENTRIES, lambda table: table.entries.size)


def opened(path: Path) -> Held | None:
    """Open the file beside a segment; None where it is not there or cannot be told from another."""
    try:
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            status = os.fstat(file.fileno())
    except (OSError, ValueError):
        return None
    table = _heads.get(str(path), status)
    if table is None:
        table = _table(content)
        if table is None:
            return None
        _heads.put(str(path), status, table)
    return Held(table, content)


def parsed(content: bytes) -> Held | None:
    """Read the content of such a file; None where it is no such."""
    table = _table(content)
    return None if table is None else Held(table, content)


def _table(content: bytes | mmap.mmap) -> _Table | None:
    begin = len(MAGIC) + 4
    if content[: len(MAGIC)] != MAGIC:
        return None
    end = begin + int.from_bytes(content[len(MAGIC) : begin], "little")
    try:
        head = msgspec.msgpack.decode(content[begin:end], type=Head)
        entries = np.frombuffer(head.entries, ENTRY).reshape(KINDS, len(head.columns), len(head.rows))
    except (ValueError, msgspec.MsgspecError):
        return None
    sizes = np.where((entries["size"] == 0) | (entries["size"] == ANYTHING), 0, entries["size"].astype(np.int64))
    if len(content) < end + int((entries["begin"].astype(np.int64) + ((1 << sizes) >> 3)).max(initial=0)):
        return None
    columns = {name: number for number, name in enumerate(head.columns)}
    return _Table(tuple(head.rows), frozenset(head.begun), columns, entries, end)
