"""The first events of an order, among those that match in a group of rows.

Numbers (times and truths are some) come before addresses, and these before texts; an event of several values counts
by its least where the order rises, else by its greatest. Texts are sorted by code points, addresses as numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.model.ecs import OVERFLOW
from sentinel.model.field import FieldType
from sentinel.store.embedded import typed
from sentinel.store.embedded.evaluate import Overflow
from sentinel.store.embedded.paging import ADDRESS, NUMBER, TEXT, Key
from sentinel.store.embedded.texts import chosen, text_of
from sentinel.store.embedded.unit import ID, INGESTED, TIME
from sentinel.store.query.bounds import address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentinel.store.base import Order
    from sentinel.store.embedded.evaluate import Rows
    from sentinel.store.embedded.folding import Array
    from sentinel.store.embedded.groups import Group
    from sentinel.store.embedded.paging import Cursor, Value


@dataclass(frozen=True, slots=True)
class Found:
    """An event that matches: its key, and where it is."""

    key: Key
    group: Group
    row: int


def ordered(found: Iterable[Found], order: Order) -> list[Found]:
    """Put events in order: those without a value last, equal ones by id."""
    by_id = sorted(found, key=lambda one: one.key.id)
    valued = [one for one in by_id if one.key.value is not None]
    valued.sort(key=lambda one: (one.key.rank, one.key.value), reverse=order.descending)
    return valued + [one for one in by_id if one.key.value is None]


class Places:
    """Each row's place among the values that the rows of a group have: -1 where a row has none."""

    def __init__(self, group: Group, order: Order) -> None:
        """Take a group, and the order."""
        self._keys: list[tuple[int, Value]] | None = None
        self._values: pa.Array | None = None
        self._rank = NUMBER
        self._descending = order.descending
        self.of_rows = self._read(group, order.field)

    def _read(self, group: Group, field: str) -> Array:
        if OVERFLOW in group.unit.columns:
            entries = Overflow(group.array(OVERFLOW))
            if field in entries.names:
                return self._read_mixed(group, field, entries)
        column = group.column(field)
        if column is None or not column.entries:
            return np.full(group.rows, -1)
        kind = typed.kind_of(field, group.unit.columns[field])
        values, codes = column.values, column.codes
        if kind is FieldType.IP:
            self._rank, values = ADDRESS, pa.array(list(map(_packed, values.to_pylist())), pa.binary())
        elif kind is FieldType.KEYWORD and not pa.types.is_floating(values.type):
            self._rank = TEXT
        elif not pa.types.is_floating(values.type):
            values = pa.array(typed.numbers(values), pa.int64())
        encoded = pc.dictionary_encode(values)
        rising = pc.sort_indices(encoded.dictionary).to_numpy()
        self._values = encoded.dictionary.take(pa.array(rising, pa.int64()))
        place = np.empty(len(rising), np.int64)
        place[rising] = np.arange(len(rising))
        place = place[encoded.indices.to_numpy()]
        return self._of_rows(group.rows, place if codes is None else place[codes], column.rows_of)

    def _read_mixed(self, group: Group, field: str, entries: Overflow) -> Array:
        """Read a column where some values did not fit its type."""
        keyed: list[tuple[int, tuple[int, Value]]] = []
        column = group.column(field)
        if column is not None:
            kind = typed.kind_of(field, group.unit.columns[field])
            codes, rows_of = column.of_rows(np.ones(group.rows, bool))
            keys = [_key(value, kind) for value in _values(column.values, kind)]
            keyed += [(row, keys[code]) for code, row in zip(codes.tolist(), rows_of.tolist(), strict=True)]
        others = entries.of(field)
        codes, rows_of = others.of_rows(np.ones(group.rows, bool))
        texts = others.values.to_pylist()
        keyed += [(row, (TEXT, texts[code])) for code, row in zip(codes.tolist(), rows_of.tolist(), strict=True)]
        self._keys = sorted({key for _row, key in keyed})
        place = {key: number for number, key in enumerate(self._keys)}
        rows = np.array([row for row, _key in keyed], np.int64)
        return self._of_rows(group.rows, np.array([place[key] for _row, key in keyed], np.int64), rows)

    def _of_rows(self, rows: int, place: Array, rows_of: Array | None) -> Array:
        if rows_of is None:
            return place
        found = np.full(rows, -1, np.int64)
        if self._descending:
            np.maximum.at(found, rows_of, place)
            return found
        found[rows_of] = np.iinfo(np.int64).max
        np.minimum.at(found, rows_of, place)
        return found

    def key(self, place: int) -> tuple[int, Value | None]:
        """Give the rank and value of a place."""
        if place < 0:
            return NUMBER, None
        if self._keys is not None:
            return self._keys[place]
        assert self._values is not None  # noqa: S101 - there are places of its values only
        return self._rank, self._values[place].as_py()

    def split(self, rank: int, value: Value) -> tuple[int, int]:
        """Give how many values come before a value, and how many before what comes behind it, in rising order."""
        if self._keys is not None:
            before = sum(key < (rank, value) for key in self._keys)
            return before, before + ((rank, value) in self._keys)
        if self._values is None:
            return 0, 0
        count = len(self._values)
        if rank != self._rank:
            return (count, count) if self._rank < rank else (0, 0)
        low = pc.sum(pc.less(self._values, pa.scalar(value, self._values.type))).as_py() or 0
        return low, low + (pc.sum(pc.equal(self._values, pa.scalar(value, self._values.type))).as_py() or 0)


def _packed(text: str) -> bytes:
    return (address(text) or 0).to_bytes(16, "big")


def _values(values: pa.Array, kind: FieldType) -> list[Value]:
    if kind in {FieldType.KEYWORD, FieldType.IP}:
        found: list[Value] = values.to_pylist()
        return found
    return list(typed.numbers(values).tolist())


def _key(value: Value, kind: FieldType) -> tuple[int, Value]:
    if kind is FieldType.IP:
        return ADDRESS, _packed(str(value))
    return (TEXT if isinstance(value, str) else NUMBER), value


def firsts(group: Group, matched: Rows, order: Order, cursor: Cursor | None, limit: int) -> list[Found]:
    """Give the first events of a group in an order, behind a cursor; more than `limit` where some are equal."""
    rows = np.arange(group.rows) if matched is True else np.flatnonzero(matched)
    if cursor is not None and len(rows):
        rows = rows[_numbers(group, INGESTED)[rows] <= cursor.bound]
    if not len(rows):
        return []
    places = _Times(group, order) if order.field == TIME else Places(group, order)
    rows = _behind(group, rows, places, cursor, descending=order.descending)
    at = places.of_rows[rows]
    # Rising from the first of the order to the last; those without a value behind them.
    steps = (
        np.where(at < 0, np.iinfo(np.int64).max, -at if order.descending else at)
        if isinstance(places, Places)
        else (-at if order.descending else at)
    )
    if len(rows) > limit:
        rows = rows[steps <= np.partition(steps, limit - 1)[limit - 1]]
    ids = chosen(group.array(ID), rows).to_pylist()
    keys = map(places.key, places.of_rows[rows].tolist())
    found = [Found(Key(*key, id_), group, row) for key, id_, row in zip(keys, ids, rows.tolist(), strict=True)]
    return ordered(found, order)[:limit]


def _behind(group: Group, rows: Array, places: Places | _Times, cursor: Cursor | None, *, descending: bool) -> Array:
    """Leave out the rows up to a cursor."""
    if cursor is None or not len(rows):
        return rows
    at, key = places.of_rows[rows], cursor.key
    there = at >= 0 if isinstance(places, Places) else np.ones(len(rows), bool)
    if key.value is None:
        behind, same = np.zeros(len(rows), bool), ~there
    else:
        low, high = places.split(key.rank, key.value)
        behind = ~there | ((at < low) if descending else (at >= high))
        same = there & (at >= low) & (at < high)
    tied = np.flatnonzero(same)
    if len(tied):
        ids = chosen(group.array(ID), rows[tied])
        behind[tied] = pc.greater(ids, text_of(key.id)).to_numpy(zero_copy_only=False)
    return rows[behind]


class _Times:
    """The time of each row, which every one has."""

    def __init__(self, group: Group, _order: Order) -> None:
        self.of_rows = group.times()

    def key(self, place: int) -> tuple[int, Value | None]:
        return NUMBER, place

    def split(self, _rank: int, value: Value) -> tuple[int, int]:
        assert isinstance(value, int)  # noqa: S101 - the cursor is of the same order
        return value, value + 1


def _numbers(group: Group, name: str) -> Array:
    column = group.column(name)
    if column is None:
        return np.zeros(group.rows, np.int64)
    found = np.zeros(group.rows, np.int64)
    codes, rows_of = column.of_rows(np.ones(group.rows, bool))
    found[rows_of] = typed.numbers(column.values)[codes]
    return found
