"""Hits from the rows that rules hit: the events read whole, with their ids, times and ECS columns."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.formats.columns import every_column
from sentinel.formats.document_columns import columns_of
from sentinel.formats.document_gathering import Documents, winlog_document
from sentinel.formats.windows import read_record
from sentinel.formats.winlog_columns import TIMESTAMP, with_native_columns
from sentinel.model.alert import Sighting, alert_id, sighting_id
from sentinel.model.batch import EventBatch, column_of, place, source_and_offset
from sentinel.model.estate import AGENCY_ID, PLATFORM_ID, PLATFORM_LEVEL
from sentinel.model.exported import MARK
from sentinel.model.hit import Hit, event_id, is_event_id
from sentinel.model.severity import Level
from sentinel.normalise.account import account_of, account_of_document, first
from sentinel.normalise.times import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sentinel.detect.plan import Rule
    from sentinel.model.batch import EventKind
    from sentinel.normalise.times import Clock


class Witness:
    """Tells of the events that rules hit; one for each process of a scan.

    `again(path, offset)` reads a record that a batch does not hold. Evidence is given where `now` is, in nanoseconds
    since 1970, UTC: it tells which times lie in the future. `clock` reads times that leave out their zone or year.
    """

    def __init__(self, again: Callable[[str, int], bytes], now: int | None, clock: Clock) -> None:
        """Begin without knowing any source."""
        self._again = again
        self._now = now
        self._clock = clock
        self._origins: dict[int, tuple[str, bytes]] = {}
        self._clocks: dict[int, Clock] = {}

    def meet(self, source: int, path: str, identity: bytes, modified: int = 0) -> None:
        """Learn a source's path, the hash of its first bytes and when it was last written, before events of it come.

        `modified` is in nanoseconds since 1970, UTC, 0 where it is not known. No event in it is later.
        """
        self._origins[source] = path, identity
        if modified:
            self._clocks[source] = replace(self._clock, latest=modified)

    def _clock_of(self, source: int) -> Clock:
        return self._clocks.get(source, self._clock)

    def hits(self, batch: EventBatch, found: Iterable[tuple[int, list[int]]]) -> list[Hit]:
        """Give a hit for every row of the batch that a rule hit, with all the rules that did."""
        rules: dict[int, list[int]] = defaultdict(list)
        for rule, rows in found:
            for row in rows:
                rules[row].append(rule)
        if not rules:
            return []
        seen = [self._whole(batch, row) for row in sorted(rules)]
        evidence = [b""] * len(seen)
        tell = self._hit if batch.kind.is_windows else self._hit_by_table
        if isinstance(batch.records, Documents):
            tell = self._hit_of_document
        if self._now is not None:
            evidence = self._evidence(batch, sorted(rules), seen, self._now)
        return [
            tell(batch.kind, each, tuple(rules[row]), proof)
            for row, each, proof in zip(sorted(rules), seen, evidence, strict=True)
        ]

    def _evidence(self, batch: EventBatch, rows: list[int], seen: list[_Seen], now: int) -> list[bytes]:
        """Give each event as JSON, those of one source together: their times are read by its clock."""
        kind = batch.kind
        if isinstance(batch.records, Documents):
            return [msgspec.json.encode(nested(batch.records.document(row))) for row in rows]
        evidence: dict[int, bytes] = {}
        for source in dict.fromkeys(each.source for each in seen):
            own = [row for row, each in enumerate(seen) if each.source == source]
            told = _evidence(kind, [seen[row] for row in own], now, self._clock_of(source))
            evidence |= zip(own, told, strict=True)
        return [evidence[row] for row in range(len(seen))]

    def _whole(self, batch: EventBatch, row: int) -> _Seen:
        source, offset = source_and_offset(batch.positions[row])
        raw = batch.raws[row] or self._again(self._origins[source][0], offset)
        return _Seen(source, offset, raw, batch.records[row] if batch.records else read_record(raw))

    def _hit(self, kind: EventKind, seen: _Seen, rules: tuple[int, ...], evidence: bytes) -> Hit:
        time = nanoseconds(first(seen.event, "TimeCreated"))
        return Hit(
            rules=rules,
            event_id=event_id(time, self._origins[seen.source][1], seen.raw, seen.offset),
            time=time,
            dataset=kind.dataset,
            code=kind.code,
            **account_of(kind, seen.event),
            source=seen.source,
            offset=seen.offset,
            evidence=evidence,
        )

    def _hit_by_table(self, kind: EventKind, seen: _Seen, rules: tuple[int, ...], evidence: bytes) -> Hit:
        """Tell of an event as the table of its dataset says."""
        from sentinel.normalise.tables import family_of  # as in `_evidence`

        family = family_of(kind.dataset)
        time = family.read_time(first(seen.event, family.time), self._clock_of(seen.source))
        return Hit(
            rules=rules,
            event_id=event_id(time, self._origins[seen.source][1], seen.raw, seen.offset),
            time=time,
            dataset=kind.dataset,
            code=kind.code,
            **account_of(kind, seen.event),
            source=seen.source,
            offset=seen.offset,
            evidence=evidence,
        )

    def _hit_of_document(self, kind: EventKind, seen: _Seen, rules: tuple[int, ...], evidence: bytes) -> Hit:
        """Tell of a document; one that names itself by an id like ours keeps it."""
        time, named = nanoseconds(first(seen.event, TIMESTAMP)), first(seen.event, "event.id")
        if MARK not in seen.event and not is_event_id(named, time):
            named = event_id(time, self._origins[seen.source][1], seen.raw, seen.offset)
        return Hit(
            rules=rules,
            event_id=named,
            time=time,
            dataset=kind.dataset,
            code=kind.code,
            **account_of_document(kind, seen.event),
            source=seen.source,
            offset=seen.offset,
            evidence=evidence,
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """An event that a rule hit, read whole: its place, its record and its flat form."""

    source: int
    offset: int
    raw: bytes
    event: Mapping[str, Any]


def _evidence(kind: EventKind, seen: Sequence[_Seen], now: int, clock: Clock) -> list[bytes]:
    """Give each event as JSON: its ECS fields and, under `winlog` or its dataset's name, its native ones."""
    beats = {row: winlog_document(each.raw) for row, each in enumerate(seen)} if kind.is_windows else {}
    documented = [row for row in range(len(seen)) if beats.get(row) is not None]
    if not documented:
        return _normalised(kind, seen, every_column([each.event for each in seen], kind.dataset), now, clock)
    if len(documented) < len(seen):  # one file may hold both
        return [told for each in seen for told in _evidence(kind, [each], now, clock)]
    own = columns_of([beats[row] or {} for row in documented])
    return _normalised(kind, seen, with_native_columns(own, kind), now, clock, frozenset(own.schema.names))


def _normalised(  # noqa: PLR0913, PLR0917 - what normalising depends on
    kind: EventKind,
    seen: Sequence[_Seen],
    columns: pa.RecordBatch,
    now: int,
    clock: Clock,
    own: frozenset[str] = frozenset(),
) -> list[bytes]:
    from sentinel.normalise.batch import normalise  # its tables are not needed where nothing is found

    raws, positions = [each.raw for each in seen], [place(each.source, each.offset) for each in seen]
    whole = EventBatch(kind, columns, raws, positions, [], lacks_ecs=bool(own))
    return documents(normalise(whole, now, clock).columns, own)


FINGERPRINT: Final = ("host", "user", "source")
"""What sightings of one rule agree in to be one alert, unless the rule or a setting names other fields.

These three stand for what is told of an event in a line; any other name is a column, or a field as the rule calls it.
"""


def sighting_of(hit: Hit, rule: Rule, evidence: bytes, now: int, fields: Sequence[str] = ()) -> Sighting:
    """Give the sighting of a rule and an event that it hit; `now` is when, nanoseconds since 1970, UTC.

    `fields` are those of the fingerprint where a setting names them; else the rule's own are taken, or `FINGERPRINT`.
    """
    name = rule.id or rule.path
    event = msgspec.json.decode(evidence) if evidence else {}
    own = {"host": hit.host, "user": hit.user, "source": hit.peer}
    fingerprint = tuple(
        (each, own[each] if each in own else _value(event, each, hit.dataset))
        for each in fields or rule.fingerprint or FINGERPRINT
    )
    importance = _value(event, PLATFORM_LEVEL, hit.dataset)
    return Sighting(
        id=sighting_id(name, hit.event_id),
        alert=alert_id(name, fingerprint),
        rule=name,
        title=rule.title,
        level=Level(rule.level),
        tags=tuple(rule.tags),
        group=hit.event_id,
        window=0,
        dataset=hit.dataset,
        code=hit.code,
        host=hit.host,
        user=hit.user,
        peer=hit.peer,
        detail=hit.detail,
        time=hit.time,
        seen=now,
        platform=_value(event, PLATFORM_ID, hit.dataset),
        importance=int(importance) if importance.isdigit() else 0,
        agency=_value(event, AGENCY_ID, hit.dataset),
        fingerprint=fingerprint,
        evidence=evidence,
    )


def _value(event: Mapping[str, Any], name: str, dataset: str) -> str:
    """Give the text of a column in a nested event, or of the native field of that name; "" where it has neither."""
    for column in (name, column_of(name, dataset)):
        found = _found(event, column)
        if found is not None:
            return ", ".join(map(str, found)) if isinstance(found, list) else str(found)
    return ""


def _found(event: Mapping[str, Any], column: str) -> Any:  # noqa: ANN401 - a value of JSON
    """Give the value of a dotted name, some of whose parents may be written as one."""
    if column in event:
        return event[column]
    head, dot, rest = column.partition(".")
    while dot:
        inner = event.get(head)
        if isinstance(inner, dict) and (found := _found(inner, rest)) is not None:
            return found
        part, dot, rest = rest.partition(".")
        head = f"{head}.{part}"
    return None


def documents(columns: pa.RecordBatch | pa.Table, own: frozenset[str] = frozenset()) -> list[bytes]:
    """Give each row of normalised columns as JSON, less what was not the event's `own` but the intake's."""
    left_out = _NOT_SHOWN - own
    shown = {name: _plain(columns.column(name)) for name in columns.schema.names if name not in left_out}
    return [
        msgspec.json.encode(nested({name: values[row] for name, values in shown.items() if values[row] is not None}))
        for row in range(columns.num_rows)
    ]


# A scan takes nothing in.
_NOT_SHOWN = frozenset(
    {"event.ingested", "event.created", "event.id", "event.original", "log.file.path", "log.offset", "_kind"}
)


def _plain(column: pa.Array) -> list[Any]:
    if pa.types.is_timestamp(column.type):
        return list(pc.strftime(column, "%Y-%m-%dT%H:%M:%SZ").to_pylist())
    if pa.types.is_map(column.type):
        return [dict(pairs) if pairs else None for pairs in column.to_pylist()]
    return list(column.to_pylist())


def nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Give dotted names as nested objects; a name under another that has a value itself stays dotted."""
    nested: dict[str, Any] = {}
    for name in sorted(fields):
        *parents, leaf = name.split(".")
        place = nested
        for depth, parent in enumerate(parents):
            below = place.setdefault(parent, {})
            if not isinstance(below, dict):
                leaf = ".".join([*parents[depth:], leaf])
                break
            place = below
        place[leaf] = fields[name]
    return nested
