"""Documents of the Elastic Common Schema, one a line: what Elastic Agent, Filebeat, Logstash and our export write.

Their fields, dotted or nested, become columns as they are; nothing is made of them again. Events of Windows are the
exception: Winlogbeat moves much of an event to other names, so that its documents go to the reader of Windows events,
which moves it back. Those that name an event by an id of ours have been read so before, and are taken as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, overload

import msgspec
import pyarrow as pa

from sentinel.errors import InputError
from sentinel.formats.base import Format, Splits
from sentinel.formats.document_columns import DocumentColumns, columns_of, decoded_document, flat_document
from sentinel.formats.gathering import ALL, Gathering
from sentinel.formats.json_lines import cut
from sentinel.formats.lines import raw_lines
from sentinel.formats.texts import text_of
from sentinel.language import later
from sentinel.model.batch import KIND_COLUMN, EventBatch, EventKind, column_of, field_of, place
from sentinel.model.exported import KIND, MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeAlias

    from sentinel.formats.base import Block
    from sentinel.formats.gather import Gatherer

    Flat: TypeAlias = dict[str, Any]

TIMESTAMP: Final = "@timestamp"
_LOOKED_AT: Final = 32
"""Lines."""
_DATASETS: Final = ("event.dataset", "data_stream.dataset")
_GENERIC: Final = "generic"
"""What Elastic calls the dataset of documents that name none."""
ID: Final = re.compile(r"[0-9a-f]{32,36}")
"""An id of ours, or of who names events as we do: a time in milliseconds and a hash."""
_MARKS: Final = (b'"event.dataset"', b'"data_stream.dataset"', b'"dataset"', b'"ecs.version"', b'"ecs"')


def recognise(head: bytes) -> bool:
    """Tell whether the first lines are documents, and any of them is to be taken as it is."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text.startswith(b"{") or b'"@timestamp"' not in text or not any(mark in text for mark in _MARKS):
        return False
    lines = [line for line in text.split(b"\n", _LOOKED_AT)[:_LOOKED_AT] if line.strip()]
    found = [flat for flat in map(_flat, lines) if flat is not None]
    return 2 * len(found) >= len(lines) and all(map(_is_document, found)) and any(map(_is_taken, found))


def _flat(line: bytes) -> Flat | None:
    try:
        return flat_document(decoded_document(line))
    except (InputError, RecursionError):
        return None


def _is_document(flat: Mapping[str, Any]) -> bool:
    named = any(isinstance(flat.get(name), str) for name in _DATASETS)
    return isinstance(flat.get(TIMESTAMP), str) and (named or "ecs.version" in flat)


def _is_taken(flat: Mapping[str, Any]) -> bool:
    return _is_ready(flat, windows=_is_windows(flat))


def _is_windows(flat: Mapping[str, Any]) -> bool:
    return any(name.startswith("winlog.") for name in flat)


def _is_ready(flat: Mapping[str, Any], *, windows: bool) -> bool:
    """Tell whether a document's fields are to be taken as they are."""
    if not windows or MARK in flat:
        return True
    named = flat.get("event.id")
    return isinstance(named, str) and ID.fullmatch(named) is not None


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    lines = raw_lines(block)
    touched = set(gatherer.touched_by(lines, block.data))
    known = gatherer.remembered
    position, events = place(block.source, block.offset), 0
    for number, line in enumerate(lines):
        names = _names_of(line)
        gathering, kind = known.get(names, _UNKNOWN) if names else _UNKNOWN
        if gathering is None:
            told = _told(line)
            if told is None:
                one = replace(block, data=line, line=block.line and block.line + number)
                gatherer.add([line], [position], block=one)
                position += len(line)
                continue
            kind, flat = told
            gathering = _gathering(gatherer, kind)
            if names and _is_named(kind, names):
                known[names] = gathering, kind
            if gathering.fields is not None:
                gathering.add_document(_line_of(flat), line, position, kind, watched=number in touched)
        elif gathering.fields is not None:
            gathering.add_document(line, line, position, kind, watched=number in touched)
        events += 1
        position += len(line)
    gatherer.took(events, len(block.data))


_UNKNOWN: Final = (None, EventKind(""))


def _gathering(gatherer: Gatherer, kind: EventKind) -> DocumentGathering:
    """Give what gathers a kind: with the rest of its dataset, where nobody wants it apart."""
    found = gatherer.beside(kind if gatherer.apart(kind) else EventKind(kind.dataset), DocumentGathering)
    found.tell = gatherer.fault
    return found


_DATASET: Final = b'"event.dataset":"'
_WINDOWS: Final = (b'"winlog.channel":"', b'"winlog.provider_name":"', b'"event.code":"')
_CODE: Final = (b'"event.code":"',)
_TIME: Final = b'"@timestamp":"'
_OWN_ID: Final = b'"event.id":"'
_OURS: Final = b'"sentinel.'
_NESTED: Final = (b"{ ", b"{\t", b"{\r")
"""How else an object may begin; braces in texts mostly do not stand so."""


def _names_of(line: bytes) -> tuple[bytes, ...] | None:
    """Give what tells a document's kind, without decoding it; None where it does not stand as most write it.

    A name with its quotes and colon stands in JSON only where it is a name; lines with more than one object have names
    elsewhere.
    """
    begin = line.find(_DATASET)
    if begin < 0 or line.count(b'{"') > 1 or any(mark in line for mark in _NESTED) or _OURS in line:
        return None
    if _TIME not in line or not line.startswith(b'{"') or not line.rstrip().endswith(b"}"):
        return None
    begin += len(_DATASET)
    names = [line[begin : line.find(b'"', begin)]]
    windows = b'"winlog.' in line
    if windows and _OWN_ID not in line:
        return None
    for mark in _WINDOWS if windows else _CODE:
        at = line.find(mark)
        if at >= 0:
            at += len(mark)
            names.append(line[at : line.find(b'"', at)])
        else:
            names.append(b"")
    return None if any(b"\\" in name for name in names) else tuple(names)


def _told(line: bytes) -> tuple[EventKind, Flat] | None:
    """Give a document's kind and fields; None where it is to be read as another record, or is none."""
    flat = _flat(line)
    if flat is None or not _is_document(flat):
        return None
    windows = b'"winlog' in line and _is_windows(flat)
    return (_kind_of(flat, windows=windows), flat) if _is_ready(flat, windows=windows) else None


def _kind_of(flat: Mapping[str, Any], *, windows: bool) -> EventKind:
    dataset = next((flat[name] for name in _DATASETS if isinstance(flat.get(name), str) and flat[name]), _GENERIC)
    exported = flat.get(KIND)
    if isinstance(exported, list) and len(exported) == 3 and all(type(part) is str for part in exported):  # noqa: PLR2004
        return EventKind(dataset, *exported)
    code = _lowered(flat.get("event.code"))
    if windows:
        return EventKind(
            dataset, _lowered(flat.get("winlog.channel")), _lowered(flat.get("winlog.provider_name")), code
        )
    return EventKind(dataset, "", "", code)


def _lowered(value: object) -> str:
    text = text_of(value)
    return text.lower() if isinstance(text, str) else ""


def _is_named(kind: EventKind, names: tuple[bytes, ...]) -> bool:
    """Tell whether what was found without decoding is what the kind says."""
    told = [name.decode("utf-8", "replace") for name in names]
    named = (kind.channel, kind.provider, kind.code) if len(told) > 2 else (kind.code,)  # noqa: PLR2004
    return told[0] == kind.dataset and tuple(name.lower() for name in told[1:]) == named


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
        if columns is None:
            columns = columns_of(self._decoded())
        if self.fields is not ALL:
            columns = text_columns(columns, [column_of(field, self.kind.dataset) for field in self.fields or ()])
        else:
            columns = _with_kinds(columns, self._kinds)
        records = Documents(self.rows, self.kind.dataset)
        batch = EventBatch(self.kind, columns, self.raws, self.positions, self.watched, records)
        self.rows, self.raws, self.positions, self.watched, self._kinds = [], [], [], [], []
        self._measured = self._bytes = 0
        return batch

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


def _line_of(flat: Flat) -> bytes:
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


class Documents(Sequence["Flat"]):
    """The documents of a batch by their native names; each is decoded when it is asked for."""

    def __init__(self, lines: Sequence[bytes], dataset: str) -> None:
        """Take lines."""
        self._lines, self._dataset = lines, dataset

    @overload
    def __getitem__(self, index: int) -> Flat: ...
    @overload
    def __getitem__(self, index: slice) -> list[Flat]: ...
    def __getitem__(self, index: int | slice) -> Flat | list[Flat]:
        """Give one document, or some."""
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return {field_of(name, self._dataset): value for name, value in self.document(index).items()}

    def document(self, index: int) -> Flat:
        """Give one document by dotted names."""
        return flat_document(decoded_document(self._lines[index]))

    def __len__(self) -> int:
        """Give how many there are."""
        return len(self._lines)


FORMAT = Format("ecs", later("documents of the Elastic Common Schema"), recognise, cut, read, Splits.AT_LINES)
