"""What a query asks of numbers, addresses, times and truths, asked of many at once."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.model.ecs import BY_NAME
from sentinel.model.field import FieldType
from sentinel.store.embedded.texts import Texts, chosen, text_of, truths
from sentinel.store.query.bounds import address, address_text, span
from sentinel.store.query.tree import Contains, Equals, Range, Within

if TYPE_CHECKING:
    from sentinel.store.embedded.folding import Array
    from sentinel.store.embedded.texts import Asked
    from sentinel.store.query.bounds import Span
    from sentinel.store.query.moments import Clock

SECOND: Final = 10**9
_DIGITS: Final = re.compile(r"[0-9]{1,18}")
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1


@cache
def kind_of(column: str, type_name: str) -> FieldType:
    """Give the type of a column's values from its name and its type in Arrow's words; fractions are keywords."""
    inner = type_name.removeprefix("list<").partition(": ")[2].removesuffix(">") or type_name
    if inner.startswith("timestamp"):
        return FieldType.DATE
    if inner in _KINDS:
        return _KINDS[inner]
    field = BY_NAME.get(column)
    return FieldType.IP if field is not None and field.type is FieldType.IP else FieldType.KEYWORD


_KINDS: Final = {"int64": FieldType.LONG, "bool": FieldType.BOOLEAN, "double": FieldType.KEYWORD}


def asked(leaf: Asked, values: pa.Array, kind: FieldType, clock: Clock, *, accents: bool) -> Array:
    """Tell which values of a typed column (without nulls) a node holds for."""
    if isinstance(leaf, Equals | Range):
        wanted = span(leaf, kind, clock)
        return np.zeros(len(values), bool) if wanted is None else _within(values, wanted, kind)
    if isinstance(leaf, Within) and kind is not FieldType.IP:
        return np.zeros(len(values), bool)
    if kind is FieldType.IP:
        return Texts(values, accents=accents).asked(leaf)
    if kind is FieldType.LONG and isinstance(leaf, Contains) and _DIGITS.fullmatch(leaf.text):
        return with_digits(numbers(values), leaf.text)
    return _by_text(leaf, values, accents=accents)


def _by_text(leaf: Asked, values: pa.Array, *, accents: bool) -> Array:
    each = pc.dictionary_encode(values)
    found: Array = Texts(canonical(each.dictionary), accents=accents).asked(leaf)[each.indices.to_numpy()]
    return found


def numbers(values: pa.Array) -> Array:
    """Give values that are numbers of some kind as such: times as nanoseconds, truths as 0 and 1."""
    kind = pa.uint8() if pa.types.is_boolean(values.type) else pa.int64()
    found: Array = values.cast(kind).to_numpy(zero_copy_only=False)
    return found


def _within(values: pa.Array, wanted: Span, kind: FieldType) -> Array:
    return _addresses(values, wanted) if kind is FieldType.IP else _numbers(numbers(values), wanted)


def _numbers(values: Array, wanted: Span) -> Array:
    found = np.ones(len(values), bool)
    if wanted.low is not None:
        found &= values >= max(wanted.low, _LEAST)
    if wanted.high is not None:
        found &= values <= min(wanted.high, _MOST)
    return found


def with_digits(values: Array, digits: str) -> Array:
    """Tell which numbers hold some digits, when written."""
    sizes = np.abs(values.astype(np.uint64).view(np.int64)).view(np.uint64)  # of the least number of all, too
    sought, width = np.uint64(digits), np.uint64(10 ** len(digits))
    found = sizes == 0 if digits == "0" else np.zeros(len(values), bool)
    heads, most = sizes, int(sizes.max(initial=0))
    while most >= 10 ** (len(digits) - 1):
        here = heads % width == sought
        found |= here & (heads >= width) if digits.startswith("0") else here
        heads, most = heads // np.uint64(10), most // 10
    return found


def _addresses(values: pa.Array, wanted: Span) -> Array:
    low, high = wanted.low, wanted.high
    if low is None or low != high:
        low, high = low or 0, (1 << 128) - 1 if high is None else high
        told = (_address(text) for text in values.to_pylist())
        return np.fromiter((number is not None and low <= number <= high for number in told), bool, len(values))
    found = truths(pc.equal(values, text_of(address_text(low))))
    # What has colons may be the same address written otherwise.
    others = np.flatnonzero(truths(pc.match_substring(values, ":")))
    found[others] = [_address(text) == low for text in chosen(values, others).to_pylist()]
    return found


_address = lru_cache(maxsize=1 << 16)(address)


def canonical(values: pa.Array) -> pa.Array:
    """Give values of any type as texts, as queries and people see them."""
    kind = values.type
    if pa.types.is_string(kind):
        return values
    if pa.types.is_timestamp(kind):
        return pa.array(list(map(instant, values.cast(pa.int64()).to_pylist())), pa.string())
    if pa.types.is_floating(kind):
        return pa.array(list(map(str, values.to_pylist())), pa.string())
    return values.cast(pa.string())


def instant(time: int) -> str:
    """Give a time as text: 2026-11-20T03:14:03.000000000Z."""
    seconds, rest = divmod(time, SECOND)
    return f"{np.datetime64(seconds, 's')}.{rest:09d}Z"
