"""Reads bytes as a format does, for tests: whole blocks in, events and faults out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentinel.formats.base import Block, Fault
from sentinel.formats.gather import ALL, Gatherer

if TYPE_CHECKING:
    from sentinel.formats.base import Format
    from sentinel.model.batch import EventBatch


def gathered(of: Format, data: bytes, *, offset: int = 0) -> Gatherer:
    """Read a whole source, with every field of every kind."""
    gatherer = Gatherer(lambda _kind: ALL)
    of.read(Block(0, offset, data, line=1, last=True), gatherer)
    return gatherer


def batches_of(of: Format, data: bytes) -> list[EventBatch]:
    return list(gathered(of, data).rest())


def rows_of(of: Format, data: bytes) -> list[dict[str, Any]]:
    """Give every event as a dictionary from column to value, without the columns that it does not have."""
    rows = []
    for batch in batches_of(of, data):
        for position, row in zip(batch.positions, batch.columns.to_pylist(), strict=True):
            rows.append((position, {name: value for name, value in row.items() if value is not None}))
    return [row for _position, row in sorted(rows, key=lambda each: each[0])]


def faults_of(of: Format, data: bytes) -> list[Fault]:
    return gathered(of, data).faults
