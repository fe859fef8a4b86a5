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
from math import prod
from typing import TYPE_CHECKING

import ahocorasick_rs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.detect.literals import required_literal
from sentinel.detect.match import FieldMatcher, buffer_of
from sentinel.detect.plan import KEYWORD, Atom

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    import numpy.typing as npt

    Bytes: TypeAlias = npt.NDArray[np.uint8]

_BIT = np.uint8(0x20)
# Up to this many literals the automaton runs on vector instructions, ten times as fast; one alone, thirty times.
_AUTOMATON_SIZE = 48
# Runs of ASCII that JSON writes in one way, but for `\\u00` escapes: without `"`, `\\` and `/`, which a backslash may
# escape, and without k, which is also the lower case of KELVIN SIGN.
_PLAIN = re.compile(r"[ !#-.0-JL-\[\]-jl-~]+")
# Characters by how often logs in JSON hold them, most often first; all others are rarer.
_FREQUENT = '\\es"otdrn0ic:aw2lm3,-.1yug65p894 vf7b+hkx'
_FREQUENCIES = {character: len(_FREQUENT) - rank for rank, character in enumerate(_FREQUENT)}
_SHORTEST = 6
_LOOKED_AT = 4
_AT_A_TIME = 4 << 20
"""Bytes."""
_ESCAPE = b"\\u00"
_ESCAPES = re.compile(rb"\\u00([0-7][0-9A-Fa-f])")


class Watch:
    """Literals to watch for in raw records."""

    def __init__(self, atoms: Iterable[Atom]) -> None:
        """Take the atoms that ask for text in any value."""
        runs = [_rarest(max(_PLAIN.findall(required_literal(atom)), key=len, default="")) for atom in atoms]
        self._finds_all = "" in runs
        literals = list(dict.fromkeys(_merged(run.encode()) for run in runs if run))
        self._literals = [
            _automaton(literals[begin : begin + _AUTOMATON_SIZE]) for begin in range(0, len(literals), _AUTOMATON_SIZE)
        ]
        self._escape = [_automaton([_merged(_ESCAPE)])]
        self._buffer = np.empty(0, np.uint8)

    def touched(self, texts: Sequence[bytes], joined: bytes = b"") -> list[int]:
        """Give the indices of the records that may hold a keyword, rising; `joined` is the records, or b""."""
        if self._finds_all:
            return list(range(len(texts)))
        if not self._literals or not texts:
            return []
        merged = self._merge(joined or b"".join(texts))
        found = _offsets(self._literals, merged)
        escaped = _offsets(self._escape, merged)
        if not found and not escaped:
            return []
        begins = list(accumulate(map(len, texts), initial=0))
        numbers = {bisect_right(begins, offset) - 1 for offset in found}
        doubtful = {bisect_right(begins, offset) - 1 for offset in escaped} - numbers
        for number in doubtful:
            plain = np.frombuffer(_ESCAPES.sub(_unescaped, texts[number]), np.uint8)
            if _offsets(self._literals, plain | _BIT):
                numbers.add(number)
        return sorted(numbers)

    def touched_values(self, values: pa.StringArray) -> npt.NDArray[np.intp]:
        """Give the indices of the values that may hold a keyword, rising; nulls have no text."""
        if self._finds_all:
            return np.arange(len(values))
        if not self._literals or not len(values):
            return np.empty(0, np.intp)
        text, bounds = buffer_of(values)
        found: list[npt.NDArray[np.intp]] = []
        begin = 0
        while begin < len(values):
            # So much at a time as stays in a processor's cache; a longer value is searched as a whole.
            end = max(begin + 1, int(np.searchsorted(bounds, bounds[begin] + _AT_A_TIME, "right")) - 1)
            offsets = _offsets(self._literals, self._merge(text[bounds[begin] : bounds[end]].data))
            if offsets:
                found.append(np.unique(np.searchsorted(bounds, np.array(offsets) + bounds[begin], "right") - 1))
            begin = end
        return np.concatenate(found) if found else np.empty(0, np.intp)

    def _merge(self, data: bytes | memoryview) -> Bytes:
        """Set bit 5 of every byte, in a buffer that is used again: fresh memory costs more than the search."""
        if len(self._buffer) < len(data):
            self._buffer = np.empty(len(data), np.uint8)
        return np.bitwise_or(np.frombuffer(data, np.uint8), _BIT, out=self._buffer[: len(data)])


def _rarest(run: str) -> str:
    """Give the end of a run that begins with its rarest characters.

    Vector search goes by the first bytes of a literal: `e::clear` is found fifty times as fast as `event::clear`.
    """
    ends = [run[begin:] for begin in range(max(1, len(run) - _SHORTEST + 1))]
    return min(ends, key=lambda end: prod(_FREQUENCIES.get(character, 1) for character in end[:_LOOKED_AT].lower()))


def _automaton(literals: list[bytes]) -> ahocorasick_rs.BytesAhoCorasick:
    return ahocorasick_rs.BytesAhoCorasick(literals, matchkind=ahocorasick_rs.MatchKind.LeftmostFirst)


def _offsets(automata: Iterable[ahocorasick_rs.BytesAhoCorasick], merged: Bytes) -> list[int]:
    return [begin for each in automata for _number, begin, _end in each.find_matches_as_indexes(merged.data)]


def _merged(text: bytes) -> bytes:
    return bytes(byte | int(_BIT) for byte in text)


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1], 16)])


class Needles:
    """Texts to look for in values, in any case; "" is found everywhere."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Take the texts."""
        atoms = {number: Atom(KEYWORD, "contains", (text,)) for number, text in enumerate(texts)}
        self._watch = Watch(atoms.values())
        self._matcher = FieldMatcher({number: atom for number, atom in atoms.items() if atom.value != ("",)})
        self._all = any(atom.value == ("",) for atom in atoms.values())
        self._numbers = frozenset(atoms)

    def stand_in(self, values: pa.StringArray) -> bool:
        """Tell whether one of the texts stands in one of the values."""
        touched = () if self._all else self._watch.touched_values(values)
        if not len(touched):
            return self._all
        some = pc.utf8_normalize(values.take(pa.array(touched)).drop_null(), "NFC")
        return bool(self._matcher.match(some, self._numbers))
