"""What a scan finds: rules that hit events."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

_OURS = re.compile(r"[0-9a-f]{32,36}")
_DIGITS = 24


@dataclass(frozen=True, slots=True)
class Hit:
    """An event that one or more rules hit.

    `rules` are numbers in the rule set. `time` is nanoseconds since 1970, UTC, None where the event tells none.
    `source` is the source's number and `offset` the event's place there (a byte; for EVTX its record number).
    `detail` is one line of what happened. `evidence` is the event as JSON in ECS layout, b"" where nobody asked for it.
    `peer` is the address that it came from (ECS `source.ip`, else `source.address`), "" where the event tells none.
    """

    rules: tuple[int, ...]
    event_id: str
    time: int | None
    dataset: str
    code: str
    host: str
    user: str
    source: int
    offset: int
    detail: str
    evidence: bytes = b""
    peer: str = ""


def event_id(time: int | None, source_identity: bytes, raw: bytes, offset: int) -> str:
    """Give an event's id: 12 hexadecimal digits of milliseconds, and 24 of a hash of its source, place and raw record.

    `offset` is the place in the unpacked source that `EventBatch.positions` has (EVTX: the record's number). So records
    that are byte for byte the same have ids of their own, and a source that was renamed, packed or has grown keeps its
    own. White space after a record is none of it: the last line may have had no end when it was first read. The hash
    is SHA-256, for which most processors have instructions; the identities of sources are all of one length.
    """
    record = b"".join((source_identity, offset.to_bytes(8, "big"), raw.rstrip()))
    return _milliseconds(time) + sha256(record).hexdigest()[:_DIGITS]


def _milliseconds(time: int | None) -> str:
    milliseconds = max(0, time // 1_000_000) if time is not None else 0
    return f"{milliseconds & 0xFFFFFFFFFFFF:012x}"


def is_event_id(text: str, time: int | None) -> bool:
    """Tell whether an id that came with an event is one like ours, which begins with the event's time."""
    return _OURS.fullmatch(text) is not None and text.startswith(_milliseconds(time))
