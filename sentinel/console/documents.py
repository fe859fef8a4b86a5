"""Stored events for other programs: documents of the Elastic Common Schema, CSV, Parquet."""

from __future__ import annotations

from itertools import pairwise
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.console.event_values import (
    KIND,
    action_of,
    detail_of,
    host_of,
    is_time,
    source_of,
    text_of,
    user_of,
    value_of,
)
from sentinel.console.hits import as_csv, harmless
from sentinel.console.times import iso
from sentinel.evidence import nested
from sentinel.model.exported import KIND as EXPORTED_KIND
from sentinel.model.exported import MARK, VERSION
from sentinel.store.query.columns import fits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sentinel.store.base import StoredEvent


class Sink(Protocol):
    """Writes events in one form."""

    def take(self, events: Sequence[StoredEvent]) -> None:
        """Write events."""

    def end(self, after: str) -> None:
        """Write what is behind all events; `after` asks for the next page, "" where there is none."""


def document(event: StoredEvent, fields: Sequence[str] = ()) -> dict[str, Any]:
    """Give an event as a document: dotted names nested, times as RFC 3339 in UTC with nine places.

    With `fields`, names in which `*` stands for any characters, only these.
    """
    whole: dict[str, Any] = {**event.fields, "@timestamp": event.time, "event.id": event.id}
    whole["event.dataset"] = event.dataset
    chosen = {name: _plain(name, value) for name, value in whole.items() if name != KIND and value is not None}
    return nested({name: value for name, value in chosen.items() if not fields or is_chosen(name, fields)})


def is_chosen(name: str, fields: Sequence[str]) -> bool:
    """Tell whether a name is one of the fields, or fits one with `*`."""
    return any(fits(field, name) for field in fields)


def _plain(name: str, value: Any) -> Any:  # noqa: ANN401 - any value of an event
    if isinstance(value, (list, tuple)):
        return [_plain(name, each) for each in value]
    return iso(value) if isinstance(value, int) and is_time(name) else value


SEPARATOR: Final = "\x1f"
"""Stands between the parts of `_kind`."""
_encoder: Final = msgspec.json.Encoder()


def as_json(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Give JSON, UTF-8, with everything escaped that a terminal could obey."""
    return harmless(_encoder.encode(value))


class NdjsonSink:
    """A document a line."""

    def __init__(self, out: IO[bytes], fields: Sequence[str]) -> None:
        """Write to a stream of bytes; only some fields, or all."""
        self._out, self._fields = out, fields

    def take(self, events: Sequence[StoredEvent]) -> None:
        """Write a line each."""
        self._out.writelines(as_json(document(event, self._fields)) + b"\n" for event in events)

    def end(self, after: str) -> None:
        """Write nothing more."""


class JsonSink:
    """One JSON document: the events, and what asks for the next page."""

    def __init__(self, out: IO[bytes], fields: Sequence[str]) -> None:
        """Write to a stream of bytes; only some fields, or all."""
        self._out, self._fields = out, fields
        self._before = b'{"events":[\n'

    def take(self, events: Sequence[StoredEvent]) -> None:
        """Write the events."""
        for event in events:
            self._out.write(self._before + as_json(document(event, self._fields)))
            self._before = b",\n"

    def end(self, after: str) -> None:
        """Close the list, and write what asks for the next page."""
        begin = self._before if self._before.startswith(b"{") else b""
        self._out.write(begin + b'\n],"after":' + as_json(after or None) + b"}\n")


# What CSV holds of events where no fields are chosen, whatever their kinds.
CSV_COLUMNS: Final[Mapping[str, Callable[[StoredEvent], str]]] = {
    "@timestamp": lambda event: iso(event.time) or "",
    "event.id": lambda event: event.id,
    "event.dataset": lambda event: event.dataset,
    "event.action": action_of,
    "host.name": host_of,
    "user.name": user_of,
    "source.ip": source_of,
    "detail": detail_of,
}


class CsvSink:
    """A line of CSV an event, below a line of headings."""

    def __init__(self, out: IO[bytes], fields: Sequence[str]) -> None:
        """Write to a stream of bytes, and the headings at once."""
        self._out = out
        self._cells = {field: _cell_of(field) for field in fields} if fields else CSV_COLUMNS
        self._write(as_csv(self._cells).replace("'@timestamp", "@timestamp"))  # ours, and no formula

    def _write(self, line: str) -> None:
        self._out.write(line.encode("utf-8", "backslashreplace"))

    def take(self, events: Sequence[StoredEvent]) -> None:
        """Write a line each."""
        for event in events:
            self._write(as_csv(cell(event) for cell in self._cells.values()))

    def end(self, after: str) -> None:
        """Write nothing more."""


def _cell_of(field: str) -> Callable[[StoredEvent], str]:
    return lambda event: text_of(field, value_of(event, field))


def exported(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    """Give the events of a batch as documents that can be taken in as the same events (`model.exported`)."""
    names = [name for name in batch.schema.names if name != KIND]
    columns = [_told_column(batch.column(name)) for name in names]
    kinds = {kind: kind.split(SEPARATOR) for kind in pc.unique(batch.column(KIND)).to_pylist()}
    columns += [[VERSION] * batch.num_rows, [kinds[kind] for kind in batch.column(KIND).to_pylist()]]
    yield from _nested_rows([*names, MARK, EXPORTED_KIND], columns)


def _nested_rows(names: Sequence[str], columns: Sequence[list[Any]]) -> Iterator[dict[str, Any]]:
    """Give rows as `nested` does; where no name stands under another, without working it out for every row again."""
    order = sorted(range(len(names)), key=lambda number: names[number].split("."))
    paths = [tuple(names[number].split(".")) for number in order]
    rows = zip(*(columns[number] for number in order), strict=True)
    if any(after[: len(before)] == before for before, after in pairwise(paths)):
        ordered = [names[number] for number in order]
        for row in rows:
            yield nested({name: value for name, value in zip(ordered, row, strict=True) if value is not None})
        return
    parents = {path[:-1]: path[:-1] for path in paths}
    ways = [(parents[path[:-1]], path[-1]) for path in paths]
    for row in rows:
        yield _tree(ways, row)


def _tree(ways: Sequence[tuple[tuple[str, ...], str]], row: Sequence[Any]) -> dict[str, Any]:
    """Give a row as nested objects; `ways` are the parents and the name of each value, parents the same object."""
    whole: dict[str, Any] = {}
    place: dict[str, Any] = whole
    last: tuple[str, ...] | None = None
    for (parents, leaf), value in zip(ways, row, strict=True):
        if value is None:
            continue
        if parents is not last:
            place, last = whole, parents
            for parent in parents:
                place = place.setdefault(parent, {})
        place[leaf] = value
    return whole


def _told_column(column: pa.Array) -> list[Any]:
    """Give a column's values as JSON tells them: times as RFC 3339 in UTC with nine places, maps as objects."""
    kind = column.type
    if pa.types.is_list(kind) and pa.types.is_timestamp(kind.value_type):
        return [None if row is None else _told_column(row) for row in map(_values, column)]
    if pa.types.is_timestamp(kind):
        return list(pc.strftime(column, "%Y-%m-%dT%H:%M:%SZ").to_pylist())
    if pa.types.is_map(kind):
        return [None if pairs is None else dict(pairs) for pairs in column.to_pylist()]
    return list(column.to_pylist())


def _values(row: pa.ListScalar) -> pa.Array | None:
    return row.values
