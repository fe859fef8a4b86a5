"""What a snapshot reads: segments and journals alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

ID = "event.id"
TIME = "@timestamp"
INGESTED = "event.ingested"
KIND = "_kind"
"""Holds an event's channel, provider and code (`model.batch.EventKind`), joined by KIND_SEPARATOR."""
KIND_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Unit:
    """Events of one dataset that are read together: a segment's file, or what a journal holds that is not sealed.

    `columns` names each column's type, in the words of `str(pa.DataType)`. `aliases` names the columns that are not
    written since another one holds just the same values: ECS column → that other one; they are in `columns` too.
    `first` and `last` are the earliest and latest `@timestamp`, in nanoseconds since 1970, UTC. Of a segment `path` is
    the file and `key` its name for ever; of a journal `table` holds the rows.
    """

    dataset: str
    columns: Mapping[str, str]
    aliases: Mapping[str, str]
    rows: int
    first: int
    last: int
    path: str = ""
    key: str = ""
    table: pa.Table | None = None
