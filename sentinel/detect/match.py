"""Answers all atoms of one field on distinct values at once.

Literal text of every atom goes into one Aho-Corasick automaton, which runs over Arrow's own value buffer: matches that
cross from one value into the next are discarded, and anchors are checked, by the values' offsets. Whatever an
automaton cannot decide (globs, regular expressions, exact case) is looked at only on values that hold a literal
without which it cannot be true. Regular expressions run on RE2, so none can hang.

An Aho-Corasick pass costs about twice a Hyperscan pass and is a small part of the whole either way; it builds in a
tenth of a second for all Windows rules of SigmaHQ, so that no compiled database has to be cached.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import ahocorasick_rs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.detect.literals import required_literal
from sentinel.detect.parsed_values import PARSED
from sentinel.detect.plan import ANY_CHARACTER, ANY_TEXT, LITERAL

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

    import numpy.typing as npt

    from sentinel.detect.plan import Atom

    Codes: TypeAlias = npt.NDArray[np.intp]
    Found: TypeAlias = dict[int, Codes]

User = TypeVar("User")


class FieldMatcher:
    """All atoms of one field, ready to be asked; `atoms` gives them by their numbers."""

    def __init__(self, atoms: Mapping[int, Atom]) -> None:
        """Sort the atoms by how they are answered, and build the automaton."""
        self._checks = {number: atom for number, atom in atoms.items() if atom.op in _CHECKS}
        self._parsed = [(number, atom) for number, atom in atoms.items() if atom.op in PARSED]
        prompts = {number: required_literal(atom) for number, atom in self._checks.items()}
        self._unprompted = [number for number, literal in prompts.items() if not literal]
        literals = _by_folded_text(
            [(atom.value[0], (number, atom.op)) for number, atom in atoms.items() if atom.op in _ANCHORS]
            + [(literal, (number, "contains")) for number, literal in prompts.items() if literal]
        )
        self._users = list(literals.values())
        self._literals = [text.encode() for text in literals]
        self._automaton = ahocorasick_rs.BytesAhoCorasick(
            self._literals, implementation=ahocorasick_rs.Implementation.ContiguousNFA
        )
        self._until_dense = _DENSE_AFTER if len(self._literals) < _DENSE else -1
        self._equals = _by_folded_text([(atom.value[0], number) for number, atom in atoms.items() if atom.op == "eq"])
        self._equal_texts = pa.array(list(self._equals), pa.string())

    def match(self, values: pa.StringArray, asked: Container[int], *, ascii_only: bool = False) -> Found:
        """Give, for each atom `asked` that any of the values answers, the indices of those values, rising.

        `values` are distinct and not null, in Unicode form C; lower case is cheaper of those known to be ASCII.
        """
        if values.nbytes <= _AT_ONCE:
            return self._match(values, asked, ascii_only=ascii_only)
        found: dict[int, list[Codes]] = {}
        for begin, some in _divided(values):
            for number, codes in self._match(some, asked, ascii_only=ascii_only).items():
                found.setdefault(number, []).append(codes + begin)
        return {number: np.concatenate(codes) for number, codes in found.items()}

    def _match(self, values: pa.StringArray, asked: Container[int], *, ascii_only: bool) -> Found:
        lowered = pc.ascii_lower(values) if ascii_only else pc.utf8_lower(values)
        found: Found = {}
        if self._users:
            found |= self._match_literals(lowered, asked)
        if self._equals:
            found |= self._match_equals(lowered, asked)
        for number in self._unprompted:
            if number in asked:
                found[number] = np.arange(len(values))
        for number in self._checks.keys() & found.keys():
            found[number] = _checked(self._checks[number], values, found[number])
        parsed = [(number, atom) for number, atom in self._parsed if number in asked]
        if parsed:
            texts = values.to_pylist()
            for number, atom in parsed:
                answers = PARSED[atom.op](texts, atom.value)
                found[number] = np.flatnonzero(np.fromiter(answers, np.bool_, len(texts)))
        return {number: codes for number, codes in found.items() if len(codes)}

    def _match_literals(self, lowered: pa.StringArray, asked: Container[int]) -> Found:
        text, offsets = buffer_of(lowered)
        matches = self._search(text)
        found: Found = {}
        if not matches:
            return found
        pattern, begin, end = np.fromiter(chain.from_iterable(matches), np.int64, 3 * len(matches)).reshape(-1, 3).T
        value = np.searchsorted(offsets, begin, "right") - 1
        inside = end <= offsets[value + 1]
        order = np.argsort(pattern[inside], kind="stable")
        pattern, begin, end, value = (each[inside][order] for each in (pattern, begin, end, value))
        for run in np.split(np.arange(len(pattern)), np.flatnonzero(np.diff(pattern)) + 1):
            users = self._users[pattern[run[0]]] if len(run) else ()
            for number, anchor in users:
                if number not in asked:
                    continue
                held = value[run]
                if anchor == "startswith":
                    held = held[begin[run] == offsets[held]]
                elif anchor == "endswith":
                    held = held[end[run] == offsets[held + 1]]
                if len(held):
                    found[number] = held[np.append(True, held[1:] != held[:-1])]
        return found

    def _search(self, text: npt.NDArray[np.uint8]) -> list[tuple[int, int, int]]:
        """Give (literal, begin, end) of every occurrence, in the order of their ends."""
        if self._until_dense >= 0:
            self._until_dense -= len(text)
            if self._until_dense < 0:
                self._automaton = ahocorasick_rs.BytesAhoCorasick(
                    self._literals, implementation=ahocorasick_rs.Implementation.DFA
                )
        matches: list[tuple[int, int, int]] = self._automaton.find_matches_as_indexes(text.data, overlapping=True)
        return matches

    def _match_equals(self, lowered: pa.StringArray, asked: Container[int]) -> Found:
        texts = self._equals
        if len(lowered) < _WORTH_HASHING:
            pairs = [(code, text) for code, text in enumerate(lowered.to_pylist()) if text in texts]
        else:
            equal = pc.is_in(lowered, value_set=self._equal_texts)
            codes = np.flatnonzero(equal.to_numpy(zero_copy_only=False))
            pairs = list(zip(codes.tolist(), lowered.filter(equal).to_pylist(), strict=True))
        held: dict[int, list[int]] = {}
        for code, text in pairs:
            for number in texts[text]:
                if number in asked:
                    held.setdefault(number, []).append(code)
        return {number: np.array(each) for number, each in held.items()}


def _by_folded_text(users: list[tuple[str, User]]) -> dict[str, list[User]]:
    """Group the users of texts by the text in lower case, made by the same tables as that of the values."""
    grouped: dict[str, list[User]] = {}
    folded = pc.utf8_lower(pa.array([text for text, _user in users], pa.string())).to_pylist()
    for text, (_text, user) in zip(folded, users, strict=True):
        grouped.setdefault(text, []).append(user)
    return grouped


def _divided(values: pa.StringArray) -> Iterator[tuple[int, pa.StringArray]]:
    """Give the values a share at a time, each with the number of its first: memory that is used again costs less."""
    _text, bounds = buffer_of(values)
    begin = 0
    while begin < len(values):
        end = max(begin + 1, int(np.searchsorted(bounds, bounds[begin] + _AT_ONCE, "right")) - 1)
        yield begin, values.slice(begin, end - begin)
        begin = end


def buffer_of(values: pa.StringArray) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """Give the bytes of all values, one behind the other, and where each begins and the last ends."""
    _validity, offsets, data = values.buffers()
    bounds = np.frombuffer(offsets, np.int32, len(values) + 1, values.offset * 4)
    if data is None:
        return np.empty(0, np.uint8), bounds
    text = np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]]
    return text, bounds - bounds[0]


def _checked(atom: Atom, values: pa.StringArray, codes: Codes) -> Codes:
    """Keep those of the values for which an atom that its literal only prompts is true."""
    answers = _CHECKS[atom.op](atom.value, values.take(pa.array(codes)))
    kept: Codes = codes[answers.to_numpy(zero_copy_only=False)]
    return kept


def _check_glob(parts: tuple[str, ...], values: pa.StringArray) -> pa.BooleanArray:
    return pc.match_substring_regex(values, "(?is)" + glob_pattern(parts))


def _check_glob_cased(parts: tuple[str, ...], values: pa.StringArray) -> pa.BooleanArray:
    return pc.match_substring_regex(values, "(?s)" + glob_pattern(parts))


def _check_regex(value: tuple[str, ...], values: pa.StringArray) -> pa.BooleanArray:
    return pc.match_substring_regex(values, value[0])


def glob_pattern(parts: Iterable[str]) -> str:
    """Give the regular expression that a glob stands for, over the whole text."""
    return "^" + "".join(_GLOB_PARTS.get(part) or re.escape(part.removeprefix(LITERAL)) for part in parts) + "$"


def _exact(function: Callable[..., pa.BooleanArray]) -> Callable[[tuple[str, ...], pa.StringArray], pa.BooleanArray]:
    return lambda value, values: function(values, value[0])


_GLOB_PARTS = {ANY_TEXT: ".*", ANY_CHARACTER: "."}
_DENSE = 1500
"""Literals. Of no more than these a dense automaton, several times as fast, is built in a few milliseconds."""
_DENSE_AFTER = 4 << 20
"""Bytes of text after which building the dense automaton pays."""
_AT_ONCE = 4 << 20
"""Bytes of values that are lowered and searched at once."""
_WORTH_HASHING = 256
"""Values. Fewer are looked up one by one sooner than Arrow has made a table of the texts they may equal."""
_ANCHORS = frozenset({"contains", "startswith", "endswith"})
_CHECKS: dict[str, Callable[[tuple[str, ...], pa.StringArray], pa.BooleanArray]] = {
    "glob": _check_glob,
    "glob_cased": _check_glob_cased,
    "re": _check_regex,
    "eq_cased": _exact(pc.equal),
    "contains_cased": _exact(pc.match_substring),
    "startswith_cased": _exact(pc.starts_with),
    "endswith_cased": _exact(pc.ends_with),
}
