"""Logs as they stand in evidence: read, and hit by rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.detect.engine import Engine
from sentinel.formats.base import Block
from sentinel.formats.gather import ALL, Gatherer
from sentinel.formats.registry import recognise
from sentinel.normalise.views import view_of
from sentinel.reading import texts_of

if TYPE_CHECKING:
    from sentinel.detect.plan import Ruleset
    from sentinel.formats.base import Format


def read_log(log: str) -> tuple[Format, Gatherer]:
    """Read a log, whole; give its format and the gatherer that holds its events."""
    return _read(log, Gatherer(lambda _kind: ALL, view_of))


def rules_hit(ruleset: Ruleset, log: str) -> set[int]:
    """Give the numbers of the rules that hit any event of a log."""
    engine = Engine(ruleset, texts_of)
    _format, gatherer = _read(log, Gatherer(engine.wanted, view_of, engine.touched, engine.needs_whole))
    return {number for batch in gatherer.rest() for number, _rows in engine.hits(batch)}


def _read(log: str, gatherer: Gatherer) -> tuple[Format, Gatherer]:
    data = log.encode()
    found = recognise(data)
    assert found is not None, log
    head = found.head(b"", data) if found.head else b""
    found.read(Block(0, 0, data, line=1, last=True, head=head), gatherer)
    return found, gatherer
