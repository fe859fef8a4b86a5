"""What a query matches in a group of rows: answers for distinct values, spread over the rows.

An answer is an array with a truth for each row, or one truth for all of them. Columns that cannot hold what is sought
are not read: those that the unit lacks, and those that the file beside the segment rules out (`grams`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Final, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.model.ecs import OVERFLOW
from sentinel.model.field import FieldType
from sentinel.store.embedded import typed
from sentinel.store.embedded.folding import skeleton
from sentinel.store.embedded.groups import column_of
from sentinel.store.embedded.texts import Texts, chosen, text_of
from sentinel.store.embedded.unit import KIND
from sentinel.store.query.bounds import address, address_text
from sentinel.store.query.columns import asks, fits, of_column
from sentinel.store.query.moments import Clock
from sentinel.store.query.text import pieces
from sentinel.store.query.tree import (
    ANY_FIELD,
    And,
    Contains,
    Equals,
    Everything,
    Exists,
    Leaf,
    Like,
    Matches,
    Not,
    Or,
    Range,
    Within,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.store.base import Question
    from sentinel.store.embedded.folding import Array
    from sentinel.store.embedded.groups import Column, Group
    from sentinel.store.query.tree import Node

    Rows: TypeAlias = bool | Array

_INNER: Final = frozenset({OVERFLOW, KIND})
# What each kind of node costs, roughly; those on every column ten times that.
_COSTS: Final = {Everything: 0, Exists: 1, Equals: 1, Range: 1, Within: 2, Contains: 3, Like: 3, Matches: 4}
_NUMBER: Final = re.compile(r"[-0-9]*")


class Asking:
    """A question, put to groups of rows; it keeps nothing of them."""

    def __init__(self, question: Question) -> None:
        """Take the question."""
        self.question = question
        self._root = question.query.root
        self._accents = question.query.accents
        self._clock = Clock(ZoneInfo(question.zone), question.now)

    @property
    def is_everything(self) -> bool:
        """Tell whether all events of the window match."""
        return isinstance(self._root, Everything)

    def rows(self, group: Group) -> Rows:
        """Tell which rows of a group match, and lie in the window."""
        window = self.question.window
        unit = group.unit
        inside: Rows = True
        if (window.since is not None and unit.first < window.since) or (
            window.until is not None and unit.last >= window.until
        ):
            inside = self._inside(group)
        return self._both(inside, group)

    def _both(self, inside: Rows, group: Group) -> Rows:
        if not np.any(inside):
            return False
        matched = self._of(self._root, group)
        if inside is True or matched is False:
            return matched
        return inside if matched is True else inside & matched

    def _inside(self, group: Group) -> Rows:
        window = self.question.window
        first, last = group.span
        since = first if window.since is None else window.since
        until = last + 1 if window.until is None else window.until
        if first >= since and last < until:
            return True
        if last < since or first >= until:
            return False
        times = group.times()
        return (times >= since) & (times < until)

    def _of(self, node: Node, group: Group) -> Rows:
        if isinstance(node, Everything):
            return True
        if isinstance(node, Not):
            found = self._of(node.node, group)
            return not found if isinstance(found, bool) else ~found
        if isinstance(node, And | Or):
            return self._joined(node, group)
        return self._leaf(node, group)

    def _joined(self, node: And | Or, group: Group) -> Rows:
        """Join the answers to nodes, the cheap ones first; what is settled for all rows needs no more."""
        settled = isinstance(node, Or)
        joined: Rows = not settled
        for each in sorted(node.nodes, key=_cost):
            found = self._of(each, group)
            if isinstance(found, bool):
                if found is settled:
                    return settled
            elif isinstance(joined, bool):
                joined = found
            else:
                joined = joined | found if settled else joined & found
            if not isinstance(joined, bool) and (joined.all() if settled else not joined.any()):
                return settled
        return joined

    def _leaf(self, leaf: Leaf, group: Group) -> Rows:
        found: Rows = False
        for answer in self._answers(leaf, group):
            if isinstance(answer, bool):
                if answer:
                    return True
            else:
                found = answer if isinstance(found, bool) else found | answer
        return found

    def _answers(self, leaf: Leaf, group: Group) -> Iterator[Rows]:
        """Give what each column of a leaf's field answers."""
        columns = group.unit.columns
        if "*" in leaf.field or leaf.field == ANY_FIELD:
            names = [name for name in columns if name not in _INNER and fits(leaf.field, name)]
        else:
            names = [leaf.field] if leaf.field in columns and leaf.field not in _INNER else []
        asked = [(name, kind) for name in names if asks(leaf, name, kind := typed.kind_of(name, columns[name]))]
        leaves = [(of_column(leaf, name), name, kind) for name, kind in asked]
        if len(asked) > 1:  # what columns hold that are the same needs one answer
            roots = group.unit.aliases
            by_root = {(roots.get(one[1], one[1]), one[2], replace(one[0], field="")): one for one in leaves}
            leaves = list(by_root.values())
        kept = [one for one in leaves if self._may_hold(*one, group, many=len(asked) > 1)]
        group.load([name for _leaf, name, _kind in kept])
        for own, name, kind in kept:
            yield self._of_column(own, name, kind, group)
        if OVERFLOW in columns:
            yield from self._of_overflow(leaf, group)

    def _may_hold(self, leaf: Leaf, name: str, kind: FieldType, group: Group, *, many: bool) -> bool:
        if kind is FieldType.LONG and not _may_be_number(leaf):
            return False
        whole = isinstance(leaf, Equals)
        return any(group.may_hold(name, texts, whole=whole, many=many and not whole) for texts in _ways(leaf, kind))

    def _of_column(self, leaf: Leaf, name: str, kind: FieldType, group: Group) -> Rows:
        column = group.column(name)
        if column is None or not column.entries:
            return False
        if isinstance(leaf, Exists):
            return column.rows_with_any()
        return column.rows_where(self._found(leaf, column, kind))

    def _found(self, leaf: Leaf, column: Column, kind: FieldType) -> Array:
        assert not isinstance(leaf, Exists)  # noqa: S101 - answered before
        if kind is FieldType.KEYWORD:
            return Texts(typed.canonical(column.values), accents=self._accents).asked(leaf)
        return typed.asked(leaf, column.values, kind, self._clock, accents=self._accents)

    def _of_overflow(self, leaf: Leaf, group: Group) -> Iterator[Rows]:
        """Give the rows that hold a leaf by a value that did not fit the type of its column."""
        if not group.may_hold(OVERFLOW, sought(leaf, FieldType.KEYWORD)):
            return
        array = group.array(OVERFLOW)
        entries = Overflow(array)
        for name in entries.names:
            if not fits(leaf.field, name):
                continue
            chosen = entries.of(name)
            own = of_column(leaf, name)
            if isinstance(own, Exists):
                yield chosen.rows_with_any()
            elif not (isinstance(own, Range) and _is_typed(name, group)):
                yield chosen.rows_where(Texts(chosen.values, accents=self._accents).asked(own))


class Overflow:
    """The values of some rows that did not fit the type of their column."""

    def __init__(self, array: pa.Array) -> None:
        """Take the column `_overflow`."""
        self._rows = len(array)
        lengths = np.diff(array.offsets.to_numpy())
        lengths[array.is_null().to_numpy(zero_copy_only=False)] = 0
        begin = np.repeat(array.offsets.to_numpy()[:-1], lengths)
        within = np.arange(len(begin)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        entries = pa.array(begin + within, pa.int64())
        self._rows_of = np.repeat(np.arange(self._rows), lengths)
        self._keys = array.keys.take(entries)
        self._items = array.items.take(entries)
        self.names: list[str] = pc.unique(self._keys).to_pylist()

    def of(self, name: str) -> Column:
        """Give the values that stand by a column's name."""
        there = pc.and_(pc.equal(self._keys, text_of(name)), self._items.is_valid())
        kept = np.flatnonzero(there.to_numpy(zero_copy_only=False))
        column = column_of(chosen(self._items, kept))
        return type(column)(self._rows, column.values, column.codes, self._rows_of[kept])


def _is_typed(name: str, group: Group) -> bool:
    """Tell whether a column's own values are of another type than text, by its unit or the schema."""
    from sentinel.model.ecs import BY_NAME

    if name in group.unit.columns:
        return typed.kind_of(name, group.unit.columns[name]) is not FieldType.KEYWORD
    return name in BY_NAME and BY_NAME[name].type is not FieldType.KEYWORD


def _cost(node: Node) -> int:
    if isinstance(node, And | Or):
        return sum(map(_cost, node.nodes))
    if isinstance(node, Not):
        return _cost(node.node)
    cost = _COSTS[type(node)]
    return cost * 10 if not isinstance(node, Everything) and (node.field == ANY_FIELD or "*" in node.field) else cost


def sought(leaf: Leaf, kind: FieldType) -> tuple[str, ...]:
    """Give texts that a value must hold for a leaf to hold for it."""
    if isinstance(leaf, Contains) or (isinstance(leaf, Equals) and kind is FieldType.KEYWORD):
        return (leaf.text,)
    if isinstance(leaf, Like):
        return tuple(part for part in pieces(leaf.pattern) if isinstance(part, str))
    return literals(leaf.expression) if isinstance(leaf, Matches) else ()


_UNCLEAR: Final = re.compile(r"[|(]|\\[^.\\/_ :-]")
_RUN: Final = re.compile(r"\[(?:\\.|[^\]])*\]|\\.|([A-Za-z0-9_ \-/,:;=@%&#!~'\"<>]+)|(?s:.)")
_REPEATED: Final = frozenset("?*{")


def literals(expression: str) -> tuple[str, ...]:
    """Give some texts that whatever matches a regular expression must hold; none where that is not plain to see."""
    if _UNCLEAR.search(expression) or "[[" in expression or "[]" in expression or "[^]" in expression:
        return ()
    found: list[str] = []
    for run in _RUN.finditer(expression):
        text = run[1] or ""
        if expression[run.end() : run.end() + 1] in _REPEATED:
            text = text[:-1]
        found.append(text)
    return tuple(text for text in found if text and "{" not in expression)


def _may_be_number(leaf: Leaf) -> bool:
    """Tell whether a text that stands in a decimal number may be what is sought."""
    return all(_NUMBER.fullmatch(skeleton(text)) for text in sought(leaf, FieldType.LONG))


def _ways(leaf: Leaf, kind: FieldType) -> tuple[tuple[str, ...], ...]:
    """Give the ways in which a value may be what is sought: texts that it then holds, all of them."""
    if kind is not FieldType.IP or not isinstance(leaf, Equals | Within):
        return (sought(leaf, kind),)
    if isinstance(leaf, Equals):
        number = address(leaf.text)
        return () if number is None else ((address_text(number),), (str(IPv6Address(number)),))
    whole = leaf.network.prefixlen // 8
    if leaf.network.version != 4 or not whole:  # noqa: PLR2004 - the version of IP
        return ((),)
    octets = str(leaf.network.network_address).split(".")
    return ((".".join(octets[:whole]),), ("::ffff:",))
