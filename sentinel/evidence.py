"""Hits from the rows that rules hit: the events read whole, with their ids, times and ECS columns."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.formats.columns import every_column
from sentinel.formats.texts import text_of
from sentinel.formats.windows import read_record
from sentinel.model.batch import EventBatch, source_and_offset
from sentinel.model.hit import Hit, event_id
from sentinel.normalise import normalise
from sentinel.normalise.times import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LONGEST_DETAIL = 400
_LONGEST_VALUE = 160
# What tells best what happened, most telling first; the first few that an event has are shown.
_TELLING = (
    "CommandLine", "ScriptBlockText", "TargetObject", "Details", "TargetFilename", "ImageLoaded", "PipeName",
    "QueryName", "DestinationIp", "DestinationPort", "TargetImage", "GrantedAccess", "SourceImage", "ServiceName",
    "ImagePath", "ServiceFileName", "TaskName", "ShareName", "RelativeTargetName", "ObjectName", "Image",
    "NewProcessName", "ParentImage", "TargetUserName", "MemberName", "IpAddress", "LogonType", "ThreatName", "Path",
    "Payload", "ContextInfo", "Data",
)  # fmt: skip
_SHOWN = 3


def hits_of(
    batch: EventBatch, hits: Iterable[tuple[int, list[int]]], identities: Mapping[int, bytes], now: int | None
) -> list[Hit]:
    """Give a hit for every row of the batch that a rule hit, with all the rules that did.

    `identities` are the hashes of the sources by number. Evidence is made where `now`, in nanoseconds, is given.
    """
    rules: dict[int, list[int]] = defaultdict(list)
    for rule, rows in hits:
        for row in rows:
            rules[row].append(rule)
    if not rules:
        return []
    ordered = sorted(rules)
    events = [read_record(batch.raws[row]) for row in ordered]
    evidence = _evidence(batch, ordered, events, now) if now is not None else [b""] * len(ordered)
    return [
        _Row(batch, row, event).hit(tuple(rules[row]), identities, proof)
        for row, event, proof in zip(ordered, events, evidence, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a batch, and its event read whole."""

    batch: EventBatch
    row: int
    event: Mapping[str, Any]

    def hit(self, rules: tuple[int, ...], identities: Mapping[int, bytes], evidence: bytes) -> Hit:
        source, offset = source_and_offset(self.batch.positions[self.row])
        time = nanoseconds(_first(self.event, "TimeCreated"))
        return Hit(
            rules=rules,
            event_id=event_id(time, identities.get(source, b""), self.batch.raws[self.row]),
            time=time,
            dataset=self.batch.kind.dataset,
            code=self.batch.kind.code,
            host=_first(self.event, "Computer"),
            user=_user(self.event),
            source=source,
            offset=offset,
            detail=_detail(self.event),
            evidence=evidence,
        )


def _first(event: Mapping[str, Any], field: str) -> str:
    text = text_of(event.get(field))
    if isinstance(text, list):
        return text[0] if text else ""
    return text or ""


def _user(event: Mapping[str, Any]) -> str:
    """Give who did it, as far as the event tells: Sysmon's user, else the subject, else the target of a log-on."""
    user = _first(event, "User")
    if user and user != "-":
        return user
    for who in ("Subject", "Target"):
        name, domain = _first(event, who + "UserName"), _first(event, who + "DomainName")
        if name and name != "-":
            return f"{domain}\\{name}" if domain and domain != "-" else name
    return ""


def _detail(event: Mapping[str, Any]) -> str:
    told = []
    for field in _TELLING:
        text = text_of(event.get(field))
        if isinstance(text, list):
            text = "; ".join(text)
        if text and text != "-":
            told.append(f"{field}: {text[:_LONGEST_VALUE]}")
            if len(told) == _SHOWN:
                break
    return " · ".join(told)[:_LONGEST_DETAIL]


def _evidence(batch: EventBatch, rows: Sequence[int], events: Sequence[Mapping[str, Any]], now: int) -> list[bytes]:
    """Give each event as JSON: its ECS fields and, under `winlog`, its native ones."""
    whole = EventBatch(
        batch.kind, every_column(events), [batch.raws[row] for row in rows], [batch.positions[row] for row in rows], []
    )
    columns = normalise(whole, now).columns
    shown = {name: _plain(columns.column(name)) for name in columns.schema.names if name not in _NOT_SHOWN}
    return [
        msgspec.json.encode(_nested({name: values[row] for name, values in shown.items() if values[row] is not None}))
        for row in range(len(rows))
    ]


# A scan takes nothing in.
_NOT_SHOWN = frozenset({"event.ingested", "event.created"})


def _plain(column: pa.Array) -> list[Any]:
    if pa.types.is_timestamp(column.type):
        return list(pc.strftime(column, "%Y-%m-%dT%H:%M:%SZ").to_pylist())
    if pa.types.is_map(column.type):
        return [dict(pairs) if pairs else None for pairs in column.to_pylist()]
    return list(column.to_pylist())


def _nested(fields: Mapping[str, Any]) -> dict[str, Any]:
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
