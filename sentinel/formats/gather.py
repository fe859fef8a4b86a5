"""Gathers records of many sources into batches of one kind.

Most events are of few kinds, and most fields of an event are asked for by no rule. So a record is decoded, its kind is
looked up, and only the wanted fields of it are kept (beside its raw bytes) until enough of that kind have come to make
a batch worth evaluating. Kinds that nobody wants are counted and let go.

What is held is bounded: by rows for a kind, by bytes for all kinds together.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from sentinel.errors import InputError
from sentinel.formats.base import Fault
from sentinel.formats.columns import PIECE_ROWS
from sentinel.formats.gathering import ALL, Gathering
from sentinel.formats.json_decode import REFUSALS, decode, decode_anyhow
from sentinel.formats.schemas import schema_of
from sentinel.formats.texts import identity_of
from sentinel.formats.windows import flatten, glance, provider_of_flat
from sentinel.formats.winlogbeat import document_in, kind_in
from sentinel.language import _
from sentinel.model.batch import EventKind, source_and_offset
from sentinel.model.datasets import dataset_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from sentinel.formats.base import Block
    from sentinel.formats.gathering import Flat, View
    from sentinel.formats.schema import Schema
    from sentinel.model.batch import EventBatch

    Wanted: TypeAlias = Callable[[EventKind], tuple[str, ...] | None]
    Views: TypeAlias = Callable[[EventKind], View | None]
    Whole: TypeAlias = Callable[[EventKind], bool]
    Touched: TypeAlias = Callable[[Sequence[bytes], bytes], Sequence[int]]

__all__ = ["ALL", "FAULTS", "Gatherer", "Gathering"]

Own = TypeVar("Own", bound=Gathering)

_NAME_TYPES = frozenset({str, int, type(None)})
HELD_BYTES = 16 << 20
MOST_KINDS = 4096
"""Kinds are told apart by what records say of themselves; no input decides how many are kept."""
FAULTS = 1000
"""How many faults are kept apart between two times that they are fetched."""


class Gatherer:
    """Takes records, gives batches; counts events and collects faults on the way.

    `wanted(kind)` names the native fields to keep, `ALL` for every field, or None where events of the kind need only
    be counted. `views(kind)` may give a function that adds fields computed from others. `touched(records,
    joined)` gives the indices of the records to be told in `EventBatch.watched`, rising; `joined` is them, or b"".
    `whole(kind)` tells that the raw record of every event of a kind is needed, even where it could be read again.
    `apart(kind)` tells that events of a kind are to come in batches of their own; those of other kinds may, where it is
    all the same to their reader, come with the rest of their dataset, each with its kind in a column (`model.batch`).
    """

    def __init__(
        self,
        wanted: Wanted,
        views: Views = lambda _kind: None,
        touched: Touched | None = None,
        whole: Whole = lambda _kind: False,
        apart: Whole = lambda _kind: True,
    ) -> None:
        """Begin with nothing gathered."""
        self.apart = apart
        self._wanted = wanted
        self._views = views
        self._touched = touched
        self._whole = whole
        # By channel, event id and the name of the provider that most writers use; and by that of any other.
        self._by_key: dict[object, Gathering] = {}
        self._by_names: dict[object, Gathering] = {}
        self._by_kind: dict[EventKind, Gathering] = {}
        # Those of `_by_key` that keep flat records whole, as they were written.
        self._as_written: dict[EventKind, Gathering] = {}
        self._beside: dict[tuple[EventKind, object], Any] = {}
        self.remembered: dict[object, Any] = {}
        """What readers remember; it is emptied when gatherings no longer serve."""
        self._taken = 0  # since it was last looked whether too much is held
        self._room = HELD_BYTES // 4
        self._schema: Schema | None = None
        self.events = 0
        self.faults: list[Fault] = []

    def add(self, texts: Sequence[bytes], positions: Iterable[int], *, block: Block | None = None) -> None:
        """Take JSON records and their places (`model.batch.place`).

        `block` is given where each record is a line of it, and its data just these lines. Where its records can be
        read again, only those are kept that are watched or needed whole.
        """
        by_key = self._by_key
        data, line, keep = (block.data, block.line, not block.again) if block else (b"", 0, True)
        touched = iter(self.touched_by(texts, data))
        mark = next(touched, -1)
        odd = 0
        for number, (text, position) in enumerate(zip(texts, positions, strict=False)):
            try:
                record = decode(text)
                gathering = by_key.get((record.get("Channel"), record.get("EventID"), record.get("SourceName")))
                if gathering is None:
                    gathering, record = self._place(record)
                fields = gathering.fields
                if fields is not None:
                    if gathering.keeps_records:
                        gathering.keep(record)
                    else:
                        gathering.rows.append(tuple(map(record.get, fields)))
                    gathering.raws.append(text if keep or number == mark or gathering.whole else b"")
                    gathering.positions.append(position)
                    if number == mark:
                        gathering.watched.append(len(gathering.raws) - 1)
            except (*REFUSALS, InputError):
                odd += 1
                self._add_odd(text, position, line and line + number, watched=number == mark)
            if number == mark:
                mark = next(touched, -1)
        self.events += len(texts) - odd
        self._taken += len(data) or sum(map(len, texts))

    def of(self, kind: EventKind) -> Gathering:
        """Give what gathers the events of a kind; it serves until the end of the block that is being read.

        A reader that knows the kind hands events to it and adds their number to `events`.
        """
        gathering = self._by_kind.get(kind)
        if gathering is None:
            wanted = self._wanted(kind)
            gathering = self._by_kind[kind] = Gathering(kind, wanted, self._views(kind), self._whole(kind))
        return gathering

    def beside(self, kind: EventKind, make: Callable[..., Own]) -> Own:
        """Give what gathers those events of a kind whose reader keeps them in a form of its own, as `of` does."""
        key = (kind, make)
        if key not in self._beside:
            self._beside[key] = make(kind, self._wanted(kind), self._views(kind), self._whole(kind))
        gathering: Own = self._beside[key]
        return gathering

    def touched_by(self, texts: Sequence[bytes], joined: bytes) -> Sequence[int]:
        """Give the indices of raw records to be told in `EventBatch.watched`."""
        return self._touched(texts, joined) if self._touched else ()

    def took(self, events: int, size: int) -> None:
        """Count events that were handed to gatherings, and the bytes that they were read from."""
        self.events += events
        self._taken += size

    def _place(self, record: Flat) -> tuple[Gathering, Flat]:
        """Find, or begin, the gathering that the quick look-up did not; give the record's flat form with it."""
        if self._schema is not None and self._schema.recognise(record):
            return self._by_schema(self._schema, record)
        seen = glance(record) if "Event" in record else None
        names, fields = seen or ((record.get("Channel"), record.get("EventID"), provider_of_flat(record)), record)
        known = self._by_names.get(names) if all(type(name) in _NAME_TYPES for name in names) else None
        if known is not None and known.takes_flat_records and None not in names[:2]:
            return known, fields
        beat = document_in(record)
        if beat is not None and (whole := self._of_beat(beat)) is not None:
            return whole, record
        flat = flatten(record)
        if flat is None:
            # Records of one product come in a row.
            self._schema = schema_of(record) or self._schema
            if self._schema is None or not self._schema.recognise(record):
                raise InputError(_("JSON, but not a record of any product that is known"))
            return self._by_schema(self._schema, record)
        gathering = self._gathering(flat)
        if seen is None and None not in names and names[2] is record.get("SourceName"):
            if gathering.fields is ALL and flat.keys() >= record.keys():
                gathering = self._by_key[names] = self._keeping_as_written(gathering)
                return gathering, record
            if gathering.takes_flat_records:
                self._by_key[names] = gathering
        return gathering, gathering.view(flat) if gathering.view else flat

    def _of_beat(self, document: Mapping[str, Any]) -> Gathering | None:
        """Find, or begin, what gathers a document of Winlogbeat; None where not all of its fields are wanted."""
        kind = kind_in(document)
        if self.of(kind).fields is not ALL:
            return None
        from sentinel.formats.document_gathering import WinlogGathering  # few runs meet such a document

        found = self.beside(kind, WinlogGathering)
        found.tell = self.fault
        return found

    def _keeping_as_written(self, gathering: Gathering) -> Gathering:
        kind = gathering.kind
        if kind not in self._as_written:
            self._as_written[kind] = Gathering(kind, ALL, gathering.view, gathering.whole, flat=True)
        return self._as_written[kind]

    def _by_schema(self, schema: Schema, record: Flat) -> tuple[Gathering, Flat]:
        try:
            kind, flat = schema.read(record)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise InputError(_("damaged: not a whole record of {product}").format(product=_(schema.title))) from None
        gathering = self.of(kind)
        return gathering, gathering.view(flat) if gathering.view else flat

    def _gathering(self, flat: Flat) -> Gathering:
        names = (flat.get("Channel"), flat.get("EventID"), flat.get("Provider_Name"))
        nameable = all(type(name) in _NAME_TYPES for name in names)
        gathering = self._by_names.get(names) if nameable else None
        if gathering is None:
            channel, code, provider = map(identity_of, names)
            kind = EventKind(dataset_of(channel, provider), channel, provider, code)
            gathering = self.of(kind)
            if nameable:
                self._by_names[names] = gathering
        return gathering

    def _add_odd(self, text: bytes, position: int, line: int, *, watched: bool) -> None:
        """Take a record that the fast way refused; where it is no event, collect the fault."""
        if not text.strip():
            return
        try:
            gathering, flat = self._place(decode_anyhow(text))
            gathering.add(flat, text, position, watched=watched)
            self.events += 1
        except InputError as error:
            self.fault(position, error.message, line)

    def fault(self, position: int, message: str, line: int = 0) -> None:
        """Collect a fault of the source and offset that `position` packs."""
        if len(self.faults) < FAULTS:
            self.faults.append(Fault(*source_and_offset(position), line, message))
        else:
            first = self.faults[-1]
            self.faults[-1] = replace(first, message=_("many faults, told as one"), count=first.count + 1)

    def ready(self) -> Iterator[EventBatch]:
        """Give the batches that are full, and the largest ones while too much is held."""
        for gathering in self._gatherings():
            if len(gathering.rows) >= PIECE_ROWS:
                gathering.make_columns()
            if len(gathering.raws) >= gathering.enough and gathering.is_full():
                yield gathering.give()
        if self._taken > self._room:
            self._taken = 0
            yield from self._largest()
        if len(self._by_kind) + len(self._beside) > MOST_KINDS:
            yield from self.rest()
            for found in (self._by_kind, self._by_key, self._by_names, self._as_written, self._beside, self.remembered):
                found.clear()

    def _gatherings(self) -> Iterable[Gathering]:
        return (*self._by_kind.values(), *self._as_written.values(), *self._beside.values())

    def _largest(self) -> Iterator[EventBatch]:
        """Give the largest of what waits, until little enough is held."""
        sizes = {id(each): each.size() for each in self._gatherings()}
        held = sum(sizes.values())
        if held > HELD_BYTES:
            for gathering in sorted(self._gatherings(), key=lambda each: sizes[id(each)], reverse=True):
                if held <= HELD_BYTES // 2:
                    break
                held -= sizes[id(gathering)]
                yield gathering.give()
        self._room = max(HELD_BYTES - held, HELD_BYTES // 4)

    def rest(self) -> Iterator[EventBatch]:
        """Give what still waits."""
        for gathering in self._gatherings():
            if gathering.raws:
                yield gathering.give()
