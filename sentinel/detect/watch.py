"""Finds raw records that may hold a keyword, without looking into their fields.

A keyword without a field is asked of every value of every event. Building all those values would cost more than
everything else, so the raw bytes are searched first, in a superset of the exact question: bit 5 of every byte is set,
which makes ASCII letters lower case (and merges a few other bytes), and of each keyword the longest part is searched
that JSON writes in only one way. Records that write ASCII characters as escapes are searched with those undone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

import ahocorasick_rs
import numpy as np

from sentinel.detect.literals import required_literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    import numpy.typing as npt

    from sentinel.detect.plan import Atom

    Bytes: TypeAlias = npt.NDArray[np.uint8]

_BIT = np.uint8(0x20)
# Up to this many literals the automaton runs on vector instructions, ten times as fast; one alone, thirty times.
_AUTOMATON_SIZE = 48
# Runs of ASCII that JSON need not escape.
_PLAIN = re.compile(r"[ !#-\[\]-~]+")
_ESCAPES = re.compile(rb"\\u00([0-7][0-9A-Fa-f])|\\(/)")
# What an escape of an ASCII character begins with.
_ESCAPE_MARKS = (b"\\u00", b"\\/")
# The one character outside ASCII whose lower case is an ASCII letter: KELVIN SIGN, as UTF-8 and as an escape.
_KELVINS = ("\u212a".encode(), b"\\u212a")


class Watch:
    """Literals to watch for in raw records."""

    def __init__(self, atoms: Iterable[Atom]) -> None:
        """Take the atoms that ask for text in any value."""
        runs = [max(_PLAIN.findall(required_literal(atom)), key=len, default="") for atom in atoms]
        self._finds_all = "" in runs
        literals = list(dict.fromkeys(_merged(run.encode()) for run in runs if run))
        self._literals = [
            _automaton(literals[begin : begin + _AUTOMATON_SIZE]) for begin in range(0, len(literals), _AUTOMATON_SIZE)
        ]
        self._escapes = [_automaton([_merged(mark)]) for mark in _ESCAPE_MARKS]
        self._kelvins = [_automaton([_merged(kelvin)]) for kelvin in _KELVINS]
        self._buffer = np.empty(0, np.uint8)

    def touched(self, texts: Sequence[bytes], data: bytes = b"") -> list[int]:
        """Give the indices of the records that may hold a keyword, rising; `data` is them joined by line feeds."""
        if self._finds_all:
            return list(range(len(texts)))
        if not self._literals or not texts:
            return []
        merged = self._merge(data or b"\n".join(texts))
        found = _offsets([*self._literals, *self._kelvins], merged)
        escaped = _offsets(self._escapes, merged)
        if not found and not escaped:
            return []
        begins = list(accumulate((len(text) + 1 for text in texts), initial=0))
        numbers = {bisect_right(begins, offset) - 1 for offset in found}
        doubtful = {bisect_right(begins, offset) - 1 for offset in escaped} - numbers
        for number in doubtful:
            plain = np.frombuffer(_merged(_ESCAPES.sub(_unescaped, texts[number])), np.uint8)
            if _offsets(self._literals, plain):
                numbers.add(number)
        return sorted(numbers)

    def _merge(self, data: bytes) -> Bytes:
        """Set bit 5 of every byte, in a buffer that is used again: fresh memory costs more than the search."""
        if len(self._buffer) < len(data):
            self._buffer = np.empty(len(data), np.uint8)
        return np.bitwise_or(np.frombuffer(data, np.uint8), _BIT, out=self._buffer[: len(data)])


def _automaton(literals: list[bytes]) -> ahocorasick_rs.BytesAhoCorasick:
    return ahocorasick_rs.BytesAhoCorasick(literals, matchkind=ahocorasick_rs.MatchKind.LeftmostFirst)


def _offsets(automata: Iterable[ahocorasick_rs.BytesAhoCorasick], merged: Bytes) -> list[int]:
    return [begin for each in automata for _number, begin, _end in each.find_matches_as_indexes(merged)]


def _merged(text: bytes) -> bytes:
    return bytes(byte | int(_BIT) for byte in text)


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1], 16)]) if escape[1] else b"/"
