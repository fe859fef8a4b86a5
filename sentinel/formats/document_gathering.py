"""Documents of one kind that wait to become a batch, and what a batch of them is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa

from sentinel.errors import InputError
from sentinel.formats.document_columns import DocumentColumns, columns_of, decoded_document, flat_document
from sentinel.formats.gathering import ALL, Flats, Gathering
from sentinel.formats.winlog_columns import with_native_columns
from sentinel.formats.winlogbeat import document_in, is_winlogbeat
from sentinel.model.batch import KIND_COLUMN, EventBatch, column_of, field_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from sentinel.model.batch import EventKind

    Flat: TypeAlias = dict[str, Any]


class DocumentGathering(Gathering):
    """Documents of one kind that wait to become a batch, each as a line with dotted names."""

    __slots__ = ("_columns", "_kinds", "tell")

    def __init__(
        self,
        kind: EventKind,
        fields: tuple[str, ...] | None,
        view: Callable[[Flat], Flat] | None,
        whole: bool,  # noqa: FBT001
    ) -> None:
        """Begin with none."""
        super().__init__(kind, fields, view, whole)
        self._columns = DocumentColumns()
        self._kinds: list[EventKind] = []
        self.tell: Callable[[int, str], None] = lambda _position, _message: None

    def add_document(self, line: bytes, raw: bytes, position: int, kind: EventKind, *, watched: bool) -> None:
        """Take a document as a line with dotted names."""
        if watched:
            self.watched.append(len(self.raws))
        self.rows.append(line)
        self.raws.append(raw)
        self.positions.append(position)
        self._kinds.append(kind)

    def size(self) -> int:
        """Count the bytes that are held."""
        new = range(self._measured, len(self.raws))
        self._bytes += sum(len(self.raws[row]) for row in new)
        self._measured = len(self.raws)
        return self._bytes

    def make_columns(self) -> None:
        """Do nothing: columns are made of all lines at once."""

    def give(self) -> EventBatch:
        """Turn what waits into a batch, and forget it."""
        columns = self._columns.of(self.rows)
        batch = self._batch(columns_of(self._decoded()) if columns is None else columns)
        self.rows, self.raws, self.positions, self.watched, self._kinds = [], [], [], [], []
        self._measured = self._bytes = 0
        return batch

    def _batch(self, columns: pa.RecordBatch) -> EventBatch:
        columns = _with_kinds(columns, self._kinds) if self.fields is ALL else self._wanted(columns)
        records = Documents(self.rows, self.kind.dataset)
        return EventBatch(self.kind, columns, self.raws, self.positions, self.watched, records)

    def _wanted(self, columns: pa.RecordBatch) -> pa.RecordBatch:
        return text_columns(columns, [column_of(field, self.kind.dataset) for field in self.fields or ()])

    def _decoded(self) -> list[Flat]:
        """Decode every document; what is none after all is told and left out."""
        found: list[Flat] = []
        marks, self.watched = set(self.watched), []
        kept: list[int] = []
        for row, line in enumerate(self.rows):
            try:
                found.append(flat_document(decoded_document(line)))
            except InputError as error:
                self.tell(self.positions[row], error.message)
                continue
            if row in marks:
                self.watched.append(len(kept))
            kept.append(row)
        for name in ("rows", "raws", "positions", "_kinds"):
            waiting = getattr(self, name)
            setattr(self, name, [waiting[row] for row in kept])
        return found


_NOT_SIMPLE: Final = (b"[{", b"[]")
"""Lists of which columns cannot be made at once."""


class WinlogGathering(DocumentGathering):
    """Documents of Winlogbeat, all of one kind: what they are is an event of Windows with fields beside it."""

    __slots__ = ()

    def __init__(
        self,
        kind: EventKind,
        fields: tuple[str, ...] | None,
        view: Callable[[Flat], Flat] | None,
        whole: bool,  # noqa: ARG002, FBT001
    ) -> None:
        """Begin with none; raw records are what columns are made of, and so kept."""
        super().__init__(kind, fields, view, whole=True)

    def keep(self, record: Flat) -> None:
        """Take a document as it was decoded, or a search hit that holds it; its raw record comes next."""
        self.rows.append(b"" if is_winlogbeat(record) else line_of(flat_document(dict(record["_source"]))))
        self._kinds.append(self.kind)

    def give(self) -> EventBatch:
        """Turn what waits into a batch, and forget it."""
        self.rows = [row or _simple(raw) for row, raw in zip(self.rows, self.raws, strict=True)]
        return super().give()

    def _batch(self, columns: pa.RecordBatch) -> EventBatch:
        columns = with_native_columns(columns, self.kind, self.view)
        if self.fields is ALL:
            return EventBatch(self.kind, columns, self.raws, self.positions, self.watched, lacks_ecs=True)
        return EventBatch(self.kind, self._wanted(columns), self.raws, self.positions, self.watched)


def _simple(raw: bytes) -> bytes:
    """Give a document as a line of which columns can be made at once, where it can be one."""
    if not any(mark in raw for mark in _NOT_SIMPLE):
        return raw
    try:
        return line_of(flat_document(decoded_document(raw)))
    except InputError:
        return raw


def winlog_document(raw: bytes) -> Flat | None:
    """Give the document of Winlogbeat that a raw record is or holds, by dotted names; None where there is none."""
    if b'"winlog' not in raw:
        return None
    try:
        found = document_in(decoded_document(raw))
    except InputError:
        return None
    return None if found is None else flat_document(dict(found))


def line_of(flat: Flat) -> bytes:
    """Write a document by dotted names as a line."""
    return msgspec.json.encode(flat) + b"\n"


def _with_kinds(columns: pa.RecordBatch, kinds: Sequence[EventKind]) -> pa.RecordBatch:
    told = {kind: kind.told for kind in set(kinds)}
    named = pa.array([told[kind] for kind in kinds], pa.string())
    kept = [name for name in columns.schema.names if name != KIND_COLUMN]
    return pa.RecordBatch.from_arrays([*(columns.column(name) for name in kept), named], [*kept, KIND_COLUMN])


def text_columns(columns: pa.RecordBatch, names: Iterable[str]) -> pa.RecordBatch:
    """Give some columns as text or lists of text; those that are not there are null."""
    names = list(names)
    return pa.RecordBatch.from_arrays([_text_column(columns, name) for name in names], names)


def _text_column(columns: pa.RecordBatch, name: str) -> pa.Array:
    index = columns.schema.get_field_index(name)
    if index < 0:
        return pa.nulls(columns.num_rows, pa.string())
    column = columns.column(index)
    wanted = pa.list_(pa.string()) if pa.types.is_list(column.type) else pa.string()
    return column if column.type == wanted else column.cast(wanted)


class Documents(Flats):
    """The documents of a batch by their native names; each is decoded when it is asked for."""

    def __init__(self, lines: Sequence[bytes], dataset: str) -> None:
        """Take lines."""
        self._lines, self._dataset = lines, dataset

    def one(self, index: int) -> Flat:
        """Give one document by native names."""
        return {field_of(name, self._dataset): value for name, value in self.document(index).items()}

    def document(self, index: int) -> Flat:
        """Give one document by dotted names."""
        return flat_document(decoded_document(self._lines[index]))

    def __len__(self) -> int:
        """Give how many there are."""
        return len(self._lines)
