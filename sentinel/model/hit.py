"""What a scan finds: rules that hit events."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

_DIGEST_BYTES = 12


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


def event_id(time: int | None, source_identity: bytes, raw: bytes) -> str:
    """Give an event's id: 12 hexadecimal digits of milliseconds, and 24 of a hash of its source and raw record.

    White space after a record is none of it. Records that are byte for byte the same within a source share an id:
    whoever keeps events tells them apart by `repeat`.
    """
    milliseconds = max(0, time // 1_000_000) if time is not None else 0
    digest = blake2b(raw.rstrip(), digest_size=_DIGEST_BYTES, key=source_identity[:64])
    return f"{milliseconds & 0xFFFFFFFFFFFF:012x}{digest.hexdigest()}"


def repeat(event_id: str, ordinal: int) -> str:
    """Give the id of the ordinal-th (from 0) among identical records of a source."""
    return f"{event_id}-{ordinal}" if ordinal else event_id
