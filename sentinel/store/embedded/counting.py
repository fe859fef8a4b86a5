"""Events in numbers: how many, when, and of which values."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.model.ecs import OVERFLOW
from sentinel.store.base import Bar, FieldUse, Top
from sentinel.store.embedded import typed
from sentinel.store.embedded.cells import Cells, Part, crossed
from sentinel.store.embedded.evaluate import Asking, Overflow
from sentinel.store.embedded.tally import Tally
from sentinel.store.embedded.unit import KIND
from sentinel.store.embedded.work import on_groups

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.store.base import Question
    from sentinel.store.embedded.evaluate import Rows
    from sentinel.store.embedded.folding import Array
    from sentinel.store.embedded.groups import Group
    from sentinel.store.embedded.unit import Unit

_MANY_SPANS: Final = 1 << 12
_NONE: Final = pa.array([""])


def count(units: Sequence[Unit], question: Question) -> int:
    """Give how many events there are."""
    asking = Asking(question)
    window = question.window
    if not asking.is_everything:
        return sum(on_groups(units, lambda group: _size(asking.rows(group), group)))
    inside = [unit for unit in units if window.holds(unit.first) and window.holds(unit.last)]
    partly = [unit for unit in units if unit not in inside] if len(inside) < len(units) else []
    return sum(unit.rows for unit in inside) + sum(on_groups(partly, lambda group: _size(asking.rows(group), group)))


def _size(rows: Rows, group: Group) -> int:
    if isinstance(rows, bool):
        return group.rows if rows else 0
    return int(np.count_nonzero(rows))


def histogram(units: Sequence[Unit], question: Question, interval: int, by: str = "") -> tuple[Bar, ...]:
    """Count events by time and, with `by`, by a field's values, "" where they have none; empty bars left out."""
    asking = Asking(question)
    cells = Cells()
    for part in on_groups(units, lambda group: _cells(group, asking.rows(group), interval, by)):
        cells.add(part)
    return tuple(Bar(span * interval, number, value) for span, value, number in cells.result())


def _cells(group: Group, rows: Rows, interval: int, by: str) -> Part | None:
    """Count the events of a group by span of time and value."""
    if not np.any(rows):
        return None
    if not by and rows is True and (whole := group.span[0] // interval) == group.span[1] // interval:
        return Part(_NONE, np.array([whole]), np.zeros(1, np.int64), np.array([group.rows]))
    spans = _spans(group, interval)
    chosen = np.ones(group.rows, bool) if rows is True else np.array(rows)
    texts, parts, all_rows = _NONE, [], chosen if by else None
    if by:
        lacking = chosen.copy()
        for found, codes, rows_of in values_of(group, by, chosen):
            lacking[rows_of] = False
            texts = pa.concat_arrays([_NONE, found])
            parts.append(crossed(spans[rows_of], codes + 1, len(texts)))
        all_rows = lacking
    without = spans[all_rows if all_rows is not None else chosen]
    parts.append(crossed(without, np.zeros(len(without), np.int64), 1))
    joined = [np.concatenate(each) for each in zip(*parts, strict=True)]
    return Part(texts, joined[0], joined[1], joined[2])


def _spans(group: Group, interval: int) -> Array:
    """Give the number of the span of time that each row is in."""
    times = group.times()
    first, last = group.span[0] // interval, group.span[1] // interval
    if group.unit.table is not None or last - first > _MANY_SPANS:
        return times // interval
    # Rows stand in the order of time: where each span begins is found sooner than each row is divided.
    begins = np.searchsorted(times, np.arange(first + 1, last + 1) * interval)
    return np.repeat(np.arange(first, last + 1), np.diff(begins, prepend=0, append=len(times)))


def values_of(group: Group, field: str, chosen: Array) -> Iterator[tuple[pa.Array, Array, Array]]:
    """Give the values of a field in chosen rows: distinct texts, and of each entry its text's number and its row.

    A row has a text once. What did not fit the column's type comes behind it.
    """
    parts: list[tuple[pa.Array, Array, Array]] = []
    column = group.column(field) if field not in {OVERFLOW, KIND} else None
    if column is not None and column.entries:
        codes, rows_of = column.of_rows(chosen)
        texts = _texts(column.values, codes)
        parts.append((texts.dictionary, texts.indices.to_numpy()[codes] if len(codes) else codes, rows_of))
    if OVERFLOW in group.unit.columns:
        entries = Overflow(group.array(OVERFLOW))
        if field in entries.names:
            others = entries.of(field)
            codes, rows_of = others.of_rows(chosen)
            encoded = pc.dictionary_encode(others.values)
            parts.append((encoded.dictionary, encoded.indices.to_numpy()[codes], rows_of))
    if len(parts) > 1:
        parts = [_merged(parts)]
    yield from (_once(*part) for part in parts)


def _texts(values: pa.Array, _codes: Array) -> pa.DictionaryArray:
    encoded = pc.dictionary_encode(values)
    if pa.types.is_string(values.type):
        return encoded
    return pa.DictionaryArray.from_arrays(encoded.indices, typed.canonical(encoded.dictionary))


def _merged(parts: list[tuple[pa.Array, Array, Array]]) -> tuple[pa.Array, Array, Array]:
    every = pc.dictionary_encode(pa.concat_arrays([texts for texts, _codes, _rows in parts]))
    numbers = every.indices.to_numpy()
    begins = np.cumsum([0, *(len(texts) for texts, _codes, _rows in parts)])
    codes = [numbers[own + begin] for (_texts_, own, _rows), begin in zip(parts, begins, strict=False)]
    return every.dictionary, np.concatenate(codes), np.concatenate([rows for _texts_, _codes, rows in parts])


def _once(texts: pa.Array, codes: Array, rows_of: Array) -> tuple[pa.Array, Array, Array]:
    """Leave out what a row has twice."""
    if len(rows_of) < 2 or (np.diff(rows_of) > 0).all():  # noqa: PLR2004 - two make a pair
        return texts, codes, rows_of
    pairs = np.unique(rows_of.astype(np.int64) * len(texts) + codes)
    return texts, pairs % len(texts), pairs // len(texts)


def top(units: Sequence[Unit], question: Question, field: str, limit: int) -> Top:
    """Count the values of a field; of equally frequent ones the first by code points come first."""
    asking = Asking(question)
    shares = 1
    while (found := _top(units, asking, field, limit, shares)) is None:
        shares *= 4
    return found


def _top(units: Sequence[Unit], asking: Asking, field: str, limit: int, shares: int) -> Top | None:
    """Count values in as many passes as shares; None where a share of the values is too much to be held at once."""
    best: list[tuple[str, int]] = []
    distinct = missing = 0
    for share in range(shares):
        tally = Tally(share, shares)

        def work(group: Group, tally: Tally = tally) -> tuple[pa.Array, Array, int]:
            return _counts(group, asking.rows(group), field, tally)

        without = 0
        for texts, counts, lacking in on_groups(units, work):
            without += lacking
            tally.add(texts, counts)
            if tally.is_full:
                return None
        own, most = tally.result(limit)
        distinct, missing = distinct + own, without
        best = sorted([*best, *most], key=lambda one: (-one[1], one[0]))[:limit]
    return Top(tuple(best), distinct, missing)


def _counts(group: Group, rows: Rows, field: str, tally: Tally) -> tuple[pa.Array, Array, int]:
    chosen = np.full(group.rows, rows) if isinstance(rows, bool) else rows
    lacking = chosen.copy()
    for texts, codes, rows_of in values_of(group, field, chosen) if chosen.any() else ():
        lacking[rows_of] = False
        counts = np.bincount(codes, minlength=len(texts))
        kept = tally.own(texts) & (counts > 0)
        return texts.filter(pa.array(kept)), counts[kept], int(np.count_nonzero(lacking))
    return pa.array([], pa.string()), np.zeros(0, np.int64), int(np.count_nonzero(lacking))


def fields(units: Sequence[Unit], question: Question) -> tuple[FieldUse, ...]:
    """Name the fields of events, by name."""
    asking = Asking(question)
    events: Counter[str] = Counter()
    types: defaultdict[str, Counter[str]] = defaultdict(Counter)
    datasets: defaultdict[str, set[str]] = defaultdict(set)
    for group, uses in on_groups(units, lambda group: (group, _uses(group, asking.rows(group)))):
        unit = group.unit
        for name, number in uses.items():
            events[name] += number
            datasets[name].add(unit.dataset)
            types[name][_word(name, unit.columns.get(name, "string"))] += number
    return tuple(
        FieldUse(name, types[name].most_common(1)[0][0], events[name], tuple(sorted(datasets[name])))
        for name in sorted(events)
    )


def _word(name: str, kind: str) -> str:
    return "double" if "double" in kind else typed.kind_of(name, kind).value


def _uses(group: Group, rows: Rows) -> dict[str, int]:
    """Count the rows with a value of each column."""
    if not np.any(rows):
        return {}
    chosen = None if rows is True else np.asarray(rows)
    unit = group.unit
    overflow = Overflow(group.array(OVERFLOW)) if OVERFLOW in unit.columns else None
    others = set(overflow.names) if overflow else set()
    found: dict[str, int] = {}
    for name in dict.fromkeys([*unit.columns, *others]):
        if name in {OVERFLOW, KIND}:
            continue
        nulls = group.nulls(name) if chosen is None and name not in others else None
        if nulls is None:
            there = _there(group, name, overflow if name in others else None)
            found[name] = int(np.count_nonzero(there if chosen is None else there & chosen))
        else:
            found[name] = group.rows - nulls
    return {name: number for name, number in found.items() if number}


def _there(group: Group, name: str, overflow: Overflow | None) -> Array:
    column = group.column(name)
    there = np.zeros(group.rows, bool) if column is None else column.rows_with_any()
    return there if overflow is None else there | overflow.of(name).rows_with_any()
