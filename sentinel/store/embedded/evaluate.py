"""What a query matches in a group of rows: answers for distinct values, spread over the rows.

An answer is an array with a truth for each row, or one truth for all of them. Columns that cannot hold what is sought
are not read: those that the unit lacks, and those that the file beside the segment rules out (`grams`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.model.ecs import OVERFLOW
from sentinel.model.field import FieldType
from sentinel.store.embedded import typed
from sentinel.store.embedded.groups import column_of
from sentinel.store.embedded.likely import in_group, likely, plan
from sentinel.store.embedded.texts import Texts, chosen, text_of
from sentinel.store.query.columns import fits, of_column
from sentinel.store.query.moments import Clock
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
    from sentinel.store.embedded.groups import Column, Group, Source
    from sentinel.store.embedded.likely import Plan
    from sentinel.store.embedded.unit import Unit
    from sentinel.store.query.tree import Node

    Rows: TypeAlias = bool | Array

# What each kind of node costs, roughly; those on every column ten times that.
_COSTS: Final = {Everything: 0, Exists: 1, Equals: 1, Range: 1, Within: 2, Contains: 3, Like: 3, Matches: 4}


class Asking:
    """A question, put to groups of rows; it keeps nothing of them."""

    def __init__(self, question: Question) -> None:
        """Take the question."""
        self.question = question
        self._root = question.query.root
        self._accents = question.query.accents
        self._clock = Clock(ZoneInfo(question.zone), question.now)
        self._plans: WeakKeyDictionary[Source, dict[Leaf, Plan]] = WeakKeyDictionary()

    @property
    def is_everything(self) -> bool:
        """Tell whether all events of the window match."""
        return isinstance(self._root, Everything)

    def groups(self, source: Source) -> list[Group]:
        """Give the groups of a unit that may have rows which match, and lie in the window."""
        there = likely(self._root, source, self._plans.setdefault(source, {}))
        if there is False:
            return []
        groups = [group for group in source.groups() if in_group(there, group.number)]
        if self._holds(source.unit):
            return groups
        return [group for group in groups if self._overlaps(*group.span)]

    def _holds(self, unit: Unit) -> bool:
        """Tell whether all events of a unit lie in the window."""
        return self.question.window.holds(unit.first) and self.question.window.holds(unit.last)

    def _overlaps(self, first: int, last: int) -> bool:
        window = self.question.window
        return (window.since is None or last >= window.since) and (window.until is None or first < window.until)

    def rows(self, group: Group) -> Rows:
        """Tell which rows of a group match, and lie in the window."""
        inside = True if self._holds(group.unit) else self._inside(group)
        if not np.any(inside):
            return False
        matched = self._of(self._root, group)
        if inside is True or matched is False:
            return matched
        return inside if matched is True else inside & matched

    def _inside(self, group: Group) -> Rows:
        window = self.question.window
        first, last = group.span
        if window.holds(first) and window.holds(last):
            return True
        if not self._overlaps(first, last):
            return False
        times = group.times()
        since = first if window.since is None else window.since
        until = last + 1 if window.until is None else window.until
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
        plan = self._plan(leaf, group.source)
        kept = [asked for asked in plan.columns if in_group(asked.groups, group.number)]
        group.load([asked.column for asked in kept])
        for asked in kept:
            yield self._of_column(asked.leaf, asked.column, asked.kind, group)
        if in_group(plan.overflow, group.number):
            yield from self._of_overflow(leaf, group)

    def _plan(self, leaf: Leaf, source: Source) -> Plan:
        plans = self._plans.setdefault(source, {})
        if leaf not in plans:
            plans[leaf] = plan(leaf, source)
        return plans[leaf]

    def _of_column(self, leaf: Leaf, name: str, kind: FieldType, group: Group) -> Rows:
        column = group.column(name)
        if column is None or not column.entries:
            return False
        if isinstance(leaf, Exists):
            return column.rows_with_any()
        found = self._found(leaf, column, kind)
        return column.rows_where(found) if found.any() else False

    def _found(self, leaf: Leaf, column: Column, kind: FieldType) -> Array:
        assert not isinstance(leaf, Exists)  # noqa: S101 - answered before
        if kind is FieldType.KEYWORD:
            return Texts(typed.canonical(column.values), accents=self._accents).asked(leaf)
        return typed.asked(leaf, column.values, kind, self._clock, accents=self._accents)

    def _of_overflow(self, leaf: Leaf, group: Group) -> Iterator[Rows]:
        """Give the rows that hold a leaf by a value that did not fit the type of its column."""
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
