"""What a query asks of text, asked of many texts at once.

Every function gives a truth for each text of an array of strings without nulls.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.store.embedded.folding import bared, contents, folded
from sentinel.store.query.bounds import address, network_span
from sentinel.store.query.text import fold, like_expression, pieces, whole_expression
from sentinel.store.query.tree import Contains, Equals, Like, Matches, Range, Within

if TYPE_CHECKING:
    from typing import TypeAlias

    from sentinel.store.embedded.folding import Array
    from sentinel.store.query.tree import Network

    Asked: TypeAlias = Contains | Equals | Like | Matches | Range | Within

_MANY_HITS: Final = 1000
_FEW_HITS: Final = 32
_LONGEST_KEPT: Final = 64
_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
# What may be an address of IPv6, with or without a zone.
_COLONS: Final = r"\A[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:%.*)?\z"


class Texts:
    """Texts, and what they are compared by."""

    def __init__(self, values: pa.Array, *, accents: bool) -> None:
        """Take strings without nulls."""
        self.values = values
        self._accents = accents

    @cached_property
    def folded(self) -> pa.Array:
        """Give them folded."""
        return folded(self.values, accents=self._accents)

    @cached_property
    def bare(self) -> pa.Array:
        """Give them as regular expressions see them."""
        return bared(self.values, accents=self._accents)

    def asked(self, leaf: Asked) -> Array:
        """Tell which of them a node holds for."""
        if isinstance(leaf, Equals):
            return truths(pc.equal(self.folded, text_of(self._fold(leaf.text))))
        if isinstance(leaf, Contains):
            return containing(self.folded, self._fold(leaf.text))
        if isinstance(leaf, Like):
            return self._like(leaf.pattern)
        if isinstance(leaf, Matches):
            return matching(self.bare, whole_expression(leaf.expression, accents=self._accents), leaf.expression)
        return within(self.values, leaf.network) if isinstance(leaf, Within) else self._between(leaf)

    def _fold(self, text: str) -> str:
        return fold(text, accents=self._accents)

    def _like(self, pattern: str) -> Array:
        parts = list(pieces(pattern))
        literals = [self._fold(part) for part in parts if isinstance(part, str)]
        form = "".join("a" if isinstance(part, str) else part.value for part in parts)
        if form in {"", "a"}:
            return truths(pc.equal(self.folded, text_of("".join(literals))))
        if form == "*a*":
            return containing(self.folded, literals[0])
        if form in {"a*", "*a"}:
            ask = pc.starts_with if form == "a*" else pc.ends_with
            return truths(ask(self.folded, literals[0]))
        found = containing(self.folded, max(literals, key=len, default=""))
        rows = np.flatnonzero(found)
        expression = like_expression(pattern, accents=self._accents)
        found[rows] = matching(chosen(self.folded, rows), expression, pattern)
        return found

    def _between(self, leaf: Range) -> Array:
        found = np.ones(len(self.values), bool)
        if leaf.low is not None:
            ask = pc.greater_equal if leaf.low_included else pc.greater
            found &= truths(ask(self.folded, text_of(self._fold(leaf.low))))
        if leaf.high is not None:
            ask = pc.less_equal if leaf.high_included else pc.less
            found &= truths(ask(self.folded, text_of(self._fold(leaf.high))))
        return found


def text_of(text: str) -> pa.Scalar:
    """Give a text as Arrow has it; told the type, it does not look for pandas, which takes longer than most answers."""
    return pa.scalar(text, pa.string())


def chosen(values: pa.Array, rows: Array) -> pa.Array:
    """Give some values, by number."""
    return values.take(pa.array(rows, pa.int64()))


def truths(found: pa.Array) -> Array:
    """Give Arrow's truths as numpy's, which can be written to."""
    return np.array(found.to_numpy(zero_copy_only=False), bool)


def containing(texts: pa.Array, sought: str) -> Array:
    """Tell which texts hold another. Searching all their bytes at once is quick where few do."""
    if not sought:
        return np.ones(len(texts), bool)
    offsets, data = contents(texts)
    found, wanted = np.zeros(len(texts), bool), sought.encode()
    at, ends, hits = data.find(wanted), np.ascontiguousarray(offsets[1:]).data, 0
    while at >= 0:
        hits += 1
        if hits > _MANY_HITS:
            return truths(pc.match_substring(texts, sought))
        number = bisect_right(ends, at)
        end = ends[number]
        if at + len(wanted) <= end:
            found[number] = True
            at = data.find(wanted, end)
        else:  # across the border of two
            at = data.find(wanted, at + 1)
    return found


def matching(texts: pa.Array, expression: str, written: str) -> Array:
    r"""Tell which texts match a regular expression as a whole. Raise InputError where it is none, or one too large."""
    check(expression, written)
    return truths(pc.match_substring_regex(texts, rf"\A(?:{expression})\z"))


@lru_cache(maxsize=64)
def check(expression: str, written: str) -> None:
    """Raise InputError where an expression cannot be compiled."""
    try:
        pc.match_substring_regex(pa.array([""], pa.string()), rf"\A(?:{expression})\z")
    except pa.ArrowInvalid as error:
        raise InputError(
            _("the regular expression cannot be used: {problem}").format(problem=_said(error)),
            place=f"/{written}/",
            hint=_("expressions are of RE2: no look-around, no references back"),
        ) from None


def _said(error: pa.ArrowInvalid) -> str:
    return str(error).removeprefix("Invalid regular expression: ")


def within(texts: pa.Array, network: Network) -> Array:
    """Tell which texts are, as a whole, an address of a network."""
    found = np.zeros(len(texts), bool)
    dotted = _dotted(network)
    if dotted:
        rows = np.flatnonzero(truths(pc.starts_with(texts, beginning(network))))
        there = chosen(texts, rows)
        few = len(rows) <= _FEW_HITS  # they are read sooner than an expression is compiled
        found[rows] = _inside(there, network) if few else truths(pc.match_substring_regex(there, dotted))
    others = np.flatnonzero(containing(texts, ":"))
    if len(others) > _FEW_HITS:
        others = others[truths(pc.match_substring_regex(chosen(texts, others), f"(?s){_COLONS}"))]
    found[others] = _inside(chosen(texts, others), network)
    return found


def _inside(texts: pa.Array, network: Network) -> list[bool]:
    span = network_span(network)
    assert span.low is not None  # noqa: S101 - of a network both are given
    assert span.high is not None  # noqa: S101
    return [number is not None and span.low <= number <= span.high for number in map(_number, texts.to_pylist())]


def _number(text: str) -> int | None:
    return _address(text) if len(text) <= _LONGEST_KEPT else address(text)


_address = lru_cache(maxsize=1 << 16)(address)


def beginning(network: Network) -> str:
    """Give how all addresses of a network begin in dotted form, whole octets of it: "14.20."."""
    if network.version != 4:  # noqa: PLR2004 - the version of IP
        return ""
    octets = str(network.network_address).split(".")
    whole = network.prefixlen // 8
    return "".join(f"{octet}." for octet in octets[:whole]) if whole < len(octets) else ".".join(octets)


def _dotted(network: Network) -> str:
    """Give the expression of the addresses of a network in dotted form; of IPv6, those that hold IPv4's."""
    if network.version == 4:  # noqa: PLR2004 - the version of IP
        octets = str(network.network_address).split(".")
        whole, bits = divmod(network.prefixlen, 8)
        parts = [re.escape(octet) for octet in octets[:whole]]
        if bits:
            first = int(octets[whole])
            parts.append("(?:" + "|".join(map(str, range(first, first + (1 << 8 - bits)))) + ")")
        return r"\A" + r"\.".join(parts + [_OCTET] * (4 - len(parts))) + r"\z"
    span = network_span(network)
    mapped = 0xFFFF << 32
    holds = span.low is not None and span.high is not None and span.low <= mapped < span.high
    return r"\A" + r"\.".join([_OCTET] * 4) + r"\z" if holds else ""
