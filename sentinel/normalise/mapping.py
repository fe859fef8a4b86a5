"""The engine: native columns and a table in, ECS columns out.

Work is done on whole columns, or on their distinct texts, never event by event. Where a converter keeps every text of
a column, as `text` always does, the native column is shared without a copy, unless it has blanks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.formats.columns import lengths_of
from sentinel.model import ecs
from sentinel.model.batch import column_of
from sentinel.normalise.convert import MISFIT, Value, date, integer, port, text
from sentinel.normalise.times import read_times, read_utc

if TYPE_CHECKING:
    from sentinel.normalise.convert import Convert
    from sentinel.normalise.times import ReadTime

CARRIERS: Final = ("syslog.host", "journal._HOSTNAME")
"""The native fields that name the host where a log travelled in syslog or in the journal."""
# Stands between the texts of a native list where a converter takes them all at once; no log writes it.
SEPARATOR = "\x1f"
_BLANKS = pa.array(["", "-"])


@dataclass(frozen=True, slots=True)
class Map:
    """One line of a table: an ECS field is made from a native field by a converter.

    `when` names another native field and the lower-cased texts of which it must have one. `every` hands the texts of a
    native list to the converter together, joined by SEPARATOR; fields that take many values get them one by one.
    """

    target: str
    source: str
    convert: Convert = text
    when: tuple[str, frozenset[str]] | None = None
    every: bool = False


Constant: TypeAlias = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """What one event code means: ECS's categories, type, action and outcome, and lines of its own."""

    code: str
    action: str = ""
    category: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    outcome: str = ""
    kind: str = ""
    maps: tuple[Map, ...] = ()

    def constants(self) -> dict[str, Constant]:
        """Give the fields that are the same for every event of this code."""
        named: dict[str, Constant] = {
            "event.action": self.action,
            "event.category": self.category,
            "event.kind": self.kind,
            "event.outcome": self.outcome,
            "event.type": self.type,
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Family:
    """The table of one dataset: lines that hold for all its events, and the events it knows.

    `event` is what holds for events whose code has no row of its own. `time` names the native field that tells when,
    and `read_time` reads it. `hosts` and `users` name the native fields that tell where and who, best first; `telling`
    those that best say what happened, of which a line about an event shows the first few that it has.
    """

    dataset: str
    maps: tuple[Map, ...] = ()
    events: tuple[Event, ...] = ()
    event: Event = field(default_factory=lambda: Event(""))
    time: str = "TimeCreated"
    read_time: ReadTime = read_utc
    hosts: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    telling: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make for one kind of event: for each field its lines in order of preference, and its constant."""

    maps: dict[str, tuple[Map, ...]]
    constants: dict[str, Constant]


def combine(*layers: tuple[Map, ...]) -> dict[str, tuple[Map, ...]]:
    """Join layers of lines: a field that a later layer names is taken from there alone."""
    joined: dict[str, tuple[Map, ...]] = {}
    for layer in layers:
        own: dict[str, tuple[Map, ...]] = {}
        for line in layer:
            own[line.target] = (*own.get(line.target, ()), line)
        joined |= own
    return joined


@dataclass(frozen=True, slots=True)
class Distinct:
    """A column as its distinct texts and, for each row, the number of its text (null where blank)."""

    texts: list[str]
    rows: pa.Array
    column: pa.Array


@dataclass(frozen=True, slots=True)
class Natives:
    """The native columns of a batch, with what has been worked out of them so far."""

    columns: pa.RecordBatch
    dataset: str
    _texts: dict[tuple[str, bool], pa.Array | None] = field(default_factory=dict)
    _distinct: dict[tuple[str, bool], Distinct] = field(default_factory=dict)

    def texts(self, name: str, *, every: bool = False) -> pa.Array | None:
        """Give a native field as strings, blanks null; of a list the first text, or `every` one joined."""
        key = (name, every)
        if key not in self._texts:
            index = self.columns.schema.get_field_index(column_of(name, self.dataset))
            self._texts[key] = None if index < 0 else _without_blanks(_flat(self.columns.column(index), every=every))
        return self._texts[key]

    def distinct(self, name: str, *, every: bool = False) -> Distinct | None:
        """Give a native field as its distinct texts."""
        key = (name, every)
        if key not in self._distinct:
            texts = self.texts(name, every=every)
            if texts is None:
                return None
            encoded = pc.dictionary_encode(texts)
            self._distinct[key] = Distinct(encoded.dictionary.to_pylist(), encoded.indices, texts)
        return self._distinct[key]


def _flat(column: pa.Array, *, every: bool) -> pa.Array:
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        return column if column.type == pa.string() else pc.cast(column, pa.string())
    if every:
        return pc.binary_join(column, SEPARATOR)
    return pc.list_element(pc.list_slice(column, 0, 1, return_fixed_size_list=True), 0)


def _without_blanks(texts: pa.Array) -> pa.Array:
    short = lengths_of(texts) <= 1
    if texts.null_count:
        short &= texts.is_valid().to_numpy(zero_copy_only=False)
    if not short.any():
        return texts
    blank = pc.is_in(texts, value_set=_BLANKS)
    return pc.if_else(blank, pa.scalar(None, pa.string()), texts) if pc.any(blank).as_py() else texts


@dataclass(frozen=True, slots=True)
class Misfits:
    """The rows whose native text did not fit a field's type, and the texts."""

    target: str
    rows: pa.Array
    texts: pa.Array


def make_column(lines: tuple[Map, ...], natives: Natives, misfits: list[Misfits]) -> pa.Array | None:
    """Make one ECS column from the first line that has a value; None where no native field of it is there."""
    made = None
    missed: list[Misfits] = []
    for line in lines:
        column = _apply(line, natives, missed)
        if column is not None:
            made = column if made is None else pc.coalesce(made, column)
    for miss in missed:
        rows = pc.and_(miss.rows, pc.is_null(made))
        misfits.append(Misfits(miss.target, rows, miss.texts))
    return made


def plan_columns(plan: Plan, natives: Natives, rows: int, misfits: list[Misfits]) -> dict[str, pa.Array]:
    """Make the columns of a plan: its constants stand where an event itself says nothing."""
    made = {name: repeated(name, value, rows) for name, value in plan.constants.items()}
    for name, lines in plan.maps.items():
        column = make_column(lines, natives, misfits)
        if column is not None:
            made[name] = pc.coalesce(column, made[name]) if name in made else column
    return made


def _apply(line: Map, natives: Natives, misfits: list[Misfits]) -> pa.Array | None:
    target = ecs.BY_NAME[line.target]
    every = line.every or target.many
    if line.convert is text and not target.many:
        column = natives.texts(line.source, every=every)
    elif line.convert is date:
        column = _times(line, natives.texts(line.source), misfits)
    else:
        column = _numbers(line, natives.texts(line.source)) if line.convert in _NUMBERS and not target.many else None
        if column is None and (distinct := natives.distinct(line.source, every=every)) is not None:
            column = _convert(line, distinct, misfits)
    if column is None or line.when is None:
        return column
    chosen = _rows_where(line.when, natives)
    return None if chosen is None else pc.if_else(chosen, column, pa.scalar(None, column.type))


def _convert(line: Map, distinct: Distinct, misfits: list[Misfits]) -> pa.Array:
    target = ecs.BY_NAME[line.target]
    convert = _each(line.convert) if target.many and not line.every else line.convert
    values = [convert(value) for value in distinct.texts]
    if MISFIT in values:
        misfit = pa.array([value is MISFIT for value in values]).take(distinct.rows)
        misfits.append(Misfits(line.target, misfit, pa.array(distinct.texts, pa.string()).take(distinct.rows)))
        values = [None if value is MISFIT else value for value in values]
    kind = ecs.arrow_type(target)
    if values == distinct.texts and kind == distinct.column.type:
        return distinct.column
    return pa.array(values, kind).take(distinct.rows)


def _times(line: Map, texts: pa.Array | None, misfits: list[Misfits]) -> pa.Array | None:
    """Read times a column at once: nearly every text of one is distinct."""
    if texts is None:
        return None
    times = read_times(texts)
    if times.null_count > texts.null_count:
        misfits.append(Misfits(line.target, pc.and_(pc.is_valid(texts), pc.is_null(times)), texts))
    return times


# What converters of numbers take at once, and what they give for 0.
_NUMBERS: Final[dict[Convert, tuple[int, int | None]]] = {integer: ((1 << 63) - 1, 0), port: ((1 << 16) - 1, None)}
_SURE_DIGITS = 18
"""So many digits fit 64 bits."""


def _numbers(line: Map, texts: pa.Array | None) -> pa.Array | None:
    """Read numbers a column at once, where all are plain ones: nearly every one may be distinct."""
    if texts is None or lengths_of(texts).max(initial=0) > _SURE_DIGITS:
        return None
    if pc.all(pc.ascii_is_decimal(texts)).as_py() is False:
        return None
    most, zero = _NUMBERS[line.convert]
    numbers = texts.cast(pa.int64())
    if (pc.max(numbers).as_py() or 0) > most:
        return None
    return numbers if zero == 0 else pc.if_else(pc.equal(numbers, 0), pa.scalar(zero, pa.int64()), numbers)


def _each(convert: Convert) -> Convert:
    """Convert every text of a joined list, and string the values together."""

    def convert_all(joined: str) -> Value:
        found: list[str] = []
        for part in joined.split(SEPARATOR):
            value = convert(part) if part and part != "-" else None
            if value is MISFIT:
                return MISFIT
            if value is not None:
                found.extend(value if isinstance(value, list) else [str(value)])
        return found or None

    return convert_all


def _rows_where(when: tuple[str, frozenset[str]], natives: Natives) -> pa.Array | None:
    name, wanted = when
    distinct = natives.distinct(name)
    if distinct is None:
        return None
    return pa.array([value.lower() in wanted for value in distinct.texts], pa.bool_()).take(distinct.rows)


def repeated(name: str, value: Constant, rows: int) -> pa.Array:
    """Give a column that holds one value in every row."""
    texts = value if isinstance(value, tuple) else (value,)
    written = [text.encode() for text in texts]
    together = b"".join(written)
    begins = np.cumsum([0, *(len(text) for text in written[:-1])])
    offsets = (np.arange(rows + 1)[:, None] * len(together) + begins).astype(np.int32).ravel()
    column = pa.StringArray.from_buffers(rows * len(texts), pa.py_buffer(offsets), pa.py_buffer(together * rows))
    if not ecs.BY_NAME[name].many:
        return column
    return pa.ListArray.from_arrays(pa.array(np.arange(rows + 1, dtype=np.int32) * len(texts)), column)


OVERFLOW_TYPE = pa.map_(pa.string(), pa.string())


def overflow(misfits: list[Misfits], rows: int) -> pa.Array:
    """Gather what did not fit: for each row a map from field to native text, null where all fitted."""
    found: dict[int, list[tuple[str, str]]] = {}
    for miss in misfits:
        for row in pc.indices_nonzero(pc.fill_null(miss.rows, fill_value=False)).to_pylist():
            found.setdefault(row, []).append((miss.target, miss.texts[row].as_py()))
    if not found:
        return pa.nulls(rows, OVERFLOW_TYPE)
    return pa.array([found.get(row) for row in range(rows)], OVERFLOW_TYPE)
