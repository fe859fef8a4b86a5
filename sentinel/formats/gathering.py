"""The records of one kind that wait to become a batch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, overload

from sentinel.formats.columns import Pieces, wanted_columns
from sentinel.formats.windows import FLAT_NAMES, with_canonical_names
from sentinel.model.batch import EventBatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from sentinel.model.batch import EventKind

    Flat: TypeAlias = dict[str, Any]
    View: TypeAlias = Callable[[Flat], Flat]

ALL: Final = ("*",)
"""What `wanted` answers to have every field of a kind."""

_SAMPLED = 16
_ROW_BYTES = 256
"""What a row costs besides its texts, or nearly so."""
_ROWS = 4096
_FEWEST_ROWS = 256
_BATCH_BYTES = 4 << 20
"""A batch has no more than so many rows, or bytes: then it stays in a processor's cache."""
_MOST_SHAPES = 1024


class Flats(Sequence["Flat"]):
    """Flat records, each of which is put together when it is asked for."""

    __slots__ = ()

    @overload
    def __getitem__(self, index: int) -> Flat: ...
    @overload
    def __getitem__(self, index: slice) -> list[Flat]: ...
    def __getitem__(self, index: int | slice) -> Flat | list[Flat]:
        """Give one record, or some."""
        if isinstance(index, slice):
            return [self.one(number) for number in range(*index.indices(len(self)))]
        return self.one(index)

    @abstractmethod
    def one(self, index: int) -> Flat:
        """Put one record together."""


class Records(Flats):
    """Flat records, kept as their values and fields."""

    __slots__ = ("_rows", "_shapes")

    def __init__(self) -> None:
        """Begin with none."""
        self._shapes: list[tuple[str, ...]] = []
        self._rows: list[tuple[Any, ...]] = []

    def add(self, shapes: list[tuple[str, ...]], rows: list[tuple[Any, ...]]) -> None:
        """Take more."""
        self._shapes += shapes
        self._rows += rows

    def one(self, index: int) -> Flat:
        """Put one record together."""
        return dict(zip(self._shapes[index], self._rows[index], strict=True))

    def __iter__(self) -> Iterator[Flat]:
        """Give every record."""
        return (dict(zip(shape, row, strict=True)) for shape, row in zip(self._shapes, self._rows, strict=True))

    def __len__(self) -> int:
        """Give how many there are."""
        return len(self._rows)


class Gathering:
    """The records of one kind that wait to become a batch.

    `rows` are those that are not yet columns. Of records that are kept whole they are the values alone, and `_shapes`
    their fields: most have the same ones. `flat` tells that such records come as they were written, in Windows' flat
    shape, and need the canonical names and computed fields yet.
    """

    __slots__ = (
        "_bytes",
        "_flat",
        "_known",
        "_measured",
        "_pieces",
        "_records",
        "_shapes",
        "_splits",
        "enough",
        "fields",
        "keeps_records",
        "kind",
        "positions",
        "raws",
        "rows",
        "takes_flat_records",
        "view",
        "watched",
        "whole",
    )

    def __init__(
        self,
        kind: EventKind,
        fields: tuple[str, ...] | None,
        view: View | None,
        whole: bool,  # noqa: FBT001
        flat: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        self.kind = kind
        self.fields = fields
        self.view = view
        self.whole = whole
        self.keeps_records = fields is ALL or not kind.is_windows
        self.enough = _FEWEST_ROWS
        # Whether a flat record serves as it is, without the canonical names and computed fields.
        self.takes_flat_records = flat or (
            view is None and fields is not ALL and FLAT_NAMES.keys().isdisjoint(fields or ())
        )
        self.rows: list[Any] = []
        self.raws: list[bytes] = []
        self.positions: list[int] = []
        self.watched: list[int] = []
        self._flat = flat
        self._splits = fields is ALL
        self._records: Records | None = None if kind.is_windows else Records()
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._shapes: list[tuple[str, ...]] = []
        self._pieces = Pieces(FLAT_NAMES if flat and view is None else {})
        self._measured = self._bytes = 0

    def keep(self, record: Flat) -> None:
        """Take a record that is kept whole."""
        if self._splits:
            if self._flat and self.view:
                record = self.view(with_canonical_names(record))
            shape = tuple(record)
            self._shapes.append(self._known.setdefault(shape, shape))
            self.rows.append(tuple(record.values()))
        else:
            self.rows.append(record)

    def add(self, flat: Flat, raw: bytes, position: int, *, watched: bool) -> None:
        """Take an event that may be watched, in its flat form as `view` left it."""
        if self.fields is None:
            return
        if watched:
            self.watched.append(len(self.raws))
        if self.keeps_records:
            self.keep(flat)
        else:
            self.rows.append(tuple(map(flat.get, self.fields)))
        self.raws.append(raw)
        self.positions.append(position)

    def take(self, flat: Flat, raw: bytes, position: int) -> None:
        """Take an event of this kind, in its flat form; where no rule asks for the kind, it is only counted."""
        if self.fields is not None:
            self.keep(self.view(flat) if self.view else flat)
            self.raws.append(raw)
            self.positions.append(position)

    def is_full(self) -> bool:
        """Tell whether there are rows, or bytes, enough for a batch; learn from it how many rows that is."""
        rows = len(self.raws)
        self.enough = min(_ROWS, max(_FEWEST_ROWS, rows * _BATCH_BYTES // max(1, self.size())))
        return rows >= self.enough

    def size(self) -> int:
        """Estimate the bytes that are held, by those of few new rows as by those that came before."""
        new = len(self.raws) - self._measured
        if new < _SAMPLED <= self._measured:
            return self._bytes + self._bytes * new // self._measured
        self._measure()
        return self._bytes

    def _measure(self) -> None:
        """Learn how large the new rows are, from a few of them."""
        new = range(self._measured, len(self.raws))
        if new:
            in_rows = len(self.raws) - len(self.rows)
            sample = new[:: max(1, len(new) // _SAMPLED)]
            fields = sum(_length(value) for row in sample for value in self._values(row - in_rows))
            raws = sum(len(self.raws[row]) for row in sample)
            self._bytes += (fields + raws) * len(new) // len(sample) + _ROW_BYTES * len(new)
            self._measured = len(self.raws)

    def _values(self, row: int) -> Iterable[object]:
        values: Iterable[object] = self.rows[row]
        return values.values() if isinstance(values, dict) else values

    def make_columns(self) -> None:
        """Make columns of the records that wait split into values and shapes."""
        if self._splits:
            self._measure()
            self._pieces.add(self._shapes, self.rows)
            if self._records is not None:
                self._records.add(self._shapes, self.rows)
            self.rows, self._shapes = [], []
            if len(self._known) > _MOST_SHAPES:
                self._known = {}

    def give(self) -> EventBatch:
        """Turn what waits into a batch, and forget it."""
        fields, dataset = self.fields or (), self.kind.dataset
        records: Sequence[Flat] | None = self.rows if self.keeps_records else None
        if self._splits:
            self.make_columns()
            columns = self._pieces.join(dataset)
            records, self._records = self._records, None if self._records is None else Records()
        elif self.keeps_records:
            columns = wanted_columns(fields, [tuple(map(row.get, fields)) for row in self.rows], dataset)
        else:
            columns = wanted_columns(fields, self.rows, dataset)
        batch = EventBatch(self.kind, columns, self.raws, self.positions, self.watched, records)
        self.rows, self.raws, self.positions, self.watched = [], [], [], []
        self._measured = self._bytes = 0
        return batch


def _length(value: object) -> int:
    return len(value) if isinstance(value, (str, list, dict)) else 8
