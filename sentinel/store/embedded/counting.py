"""Events in numbers: how many, when, and of which values."""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
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
    from sentinel.store.embedded.groups import Column, Group
    from sentinel.store.embedded.unit import Unit

_MANY_SPANS: Final = 1 << 12
_NONE: Final = pa.array([""], pa.string())


def count(units: Sequence[Unit], question: Question) -> int:
    """Give how many events there are."""
    asking = Asking(question)
    window = question.window
    if not asking.is_everything:
        return sum(on_groups(units, lambda group: _size(asking.rows(group), group), asking.groups))
    inside = [unit for unit in units if window.holds(unit.first) and window.holds(unit.last)]
    partly = [unit for unit in units if unit not in inside] if len(inside) < len(units) else []
    counts = on_groups(partly, lambda group: _size(asking.rows(group), group), asking.groups)
    return sum(unit.rows for unit in inside) + sum(counts)


def _size(rows: Rows, group: Group) -> int:
    if isinstance(rows, bool):
        return group.rows if rows else 0
    return int(np.count_nonzero(rows))


def histogram(units: Sequence[Unit], question: Question, interval: int, by: str = "") -> tuple[Bar, ...]:
    """Count events by time and, with `by`, by a field's values, "" where they have none; empty bars left out."""
    asking = Asking(question)
    cells = Cells()
    for part in on_groups(units, lambda group: _cells(group, asking.rows(group), interval, by), asking.groups):
        cells.add(part)
    return _bars(cells.result(), interval)


def _bars(cells: Part, interval: int) -> tuple[Bar, ...]:
    """Make bars of counts; there may be a million, so what can be done at once is."""
    values = np.array(cells.texts.to_pylist(), object)[cells.codes] if len(cells.texts) else cells.codes
    made = zip((cells.spans * interval).tolist(), cells.counts.tolist(), values.tolist(), strict=True)
    with uncollected():
        return tuple(map(partial(tuple.__new__, Bar), made))  # as `Bar._make` does, less a call of Python's each


@contextmanager
def uncollected() -> Iterator[None]:
    """Hold the garbage collector off: where much is made and all of it kept, it would look at it over and over."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _cells(group: Group, rows: Rows, interval: int, by: str) -> Part | None:
    """Count the events of a group by span of time and value."""
    if not np.any(rows):
        return None
    if not by and rows is True and (whole := group.span[0] // interval) == group.span[1] // interval:
        return Part(_NONE, np.array([whole]), np.zeros(1, np.int64), np.array([group.rows]))
    spans = _spans(group, interval)
    chosen = None if rows is True else np.asarray(rows)
    if not by:
        return Part(_NONE, *crossed(spans if chosen is None else spans[chosen], np.zeros(1, np.int64), 1))
    values = values_of(group, by, chosen)
    counted = [crossed(spans if values.rows_of is None else spans[values.rows_of], values.codes, len(values.texts))]
    if values.rows_of is not None:
        without = spans[values.without(chosen)]
        counted.append(crossed(without, np.full(len(without), len(values.texts)), len(values.texts) + 1))
    joined = (np.concatenate(each) for each in zip(*counted, strict=True))
    return Part(pa.concat_arrays([values.texts, _NONE]), *joined)


def _spans(group: Group, interval: int) -> Array:
    """Give the number of the span of time that each row is in."""
    times = group.times()
    first, last = group.span[0] // interval, group.span[1] // interval
    if group.unit.table is not None or last - first > _MANY_SPANS:
        return times // interval
    # Rows stand in the order of time: where each span begins is found sooner than each row is divided.
    begins = np.searchsorted(times, np.arange(first + 1, last + 1) * interval)
    return np.repeat(np.arange(first, last + 1), np.diff(begins, prepend=0, append=len(times)))


@dataclass(frozen=True, slots=True)
class Values:
    """What rows have of a field: entry i, of row `rows_of[i]` (None: of row i), is `texts[codes[i]]`.

    A row has a text once.
    """

    rows: int
    texts: pa.Array
    codes: Array
    rows_of: Array | None

    def without(self, chosen: Array | None) -> Array:
        """Tell which of the chosen rows have none."""
        lacking = np.ones(self.rows, bool) if chosen is None else chosen.copy()
        lacking[slice(None) if self.rows_of is None else self.rows_of] = False
        return lacking


def values_of(group: Group, field: str, chosen: Array | None) -> Values:
    """Give what chosen rows (None: all) have of a field, with what did not fit its column's type."""
    parts: list[Values] = []
    column = group.column(field) if field not in {OVERFLOW, KIND} else None
    if column is not None and column.entries:
        parts.append(_distinct(column, chosen))
    if OVERFLOW in group.unit.columns:
        entries = Overflow(group.array(OVERFLOW))
        if field in entries.names:
            parts.append(_distinct(entries.of(field), chosen))
    if not parts:
        return Values(group.rows, pa.array([], pa.string()), np.zeros(0, np.int64), np.zeros(0, np.int64))
    return _once(parts[0] if len(parts) == 1 else _merged(parts))


def _distinct(column: Column, chosen: Array | None) -> Values:
    """Give the distinct texts of a column in chosen rows."""
    codes, rows_of, values = column.codes, column.rows_of, column.values
    if codes is None:
        encoded = pc.dictionary_encode(values)
        codes, values = encoded.indices.to_numpy(), encoded.dictionary
    if chosen is not None:
        kept = np.flatnonzero(chosen if rows_of is None else chosen[rows_of])
        codes, rows_of = codes[kept], kept if rows_of is None else rows_of[kept]
    return Values(column.rows, typed.canonical(values), codes, rows_of)


def _merged(parts: list[Values]) -> Values:
    every = pc.dictionary_encode(pa.concat_arrays([part.texts for part in parts]))
    numbers = every.indices.to_numpy()
    begins = np.cumsum([0, *(len(part.texts) for part in parts)])
    codes = [numbers[part.codes + begin] for part, begin in zip(parts, begins, strict=False)]
    rows = [np.arange(part.rows) if part.rows_of is None else part.rows_of for part in parts]
    return Values(parts[0].rows, every.dictionary, np.concatenate(codes), np.concatenate(rows))


def _once(values: Values) -> Values:
    """Leave out what a row has twice."""
    rows_of, size = values.rows_of, len(values.texts)
    if rows_of is None or len(rows_of) < 2 or bool((rows_of[1:] > rows_of[:-1]).all()):  # noqa: PLR2004 - two make a pair
        return values
    pairs = np.unique(rows_of.astype(np.int64) * size + values.codes)
    return replace(values, codes=pairs % size, rows_of=pairs // size)


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
        for texts, counts, lacking in on_groups(units, work, asking.groups):
            without += lacking
            tally.add(texts, counts)
            if tally.is_full:
                return None
        own, most = tally.result(limit)
        distinct, missing = distinct + own, without
        best = sorted([*best, *most], key=lambda one: (-one[1], one[0]))[:limit]
    return Top(tuple(best), distinct, missing)


def _counts(group: Group, rows: Rows, field: str, tally: Tally) -> tuple[pa.Array, Array, int]:
    if not np.any(rows):
        return _NONE[:0], np.zeros(0, np.int64), 0
    chosen = None if rows is True else np.asarray(rows)
    values = values_of(group, field, chosen)
    counts = np.bincount(values.codes, minlength=len(values.texts))
    kept = tally.own(values.texts) & (counts > 0)
    lacking = 0 if values.rows_of is None else int(np.count_nonzero(values.without(chosen)))
    if kept.all():
        return values.texts, counts, lacking
    return values.texts.filter(pa.array(kept, pa.bool_())), counts[kept], lacking


def fields(units: Sequence[Unit], question: Question) -> tuple[FieldUse, ...]:
    """Name the fields of events, by name."""
    asking = Asking(question)
    events: Counter[str] = Counter()
    types: defaultdict[str, Counter[str]] = defaultdict(Counter)
    datasets: defaultdict[str, set[str]] = defaultdict(set)
    for group, uses in on_groups(units, lambda group: (group, _uses(group, asking.rows(group))), asking.groups):
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
