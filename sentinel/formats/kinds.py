"""Lines of which each says what kind it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentinel.errors import InputError
from sentinel.formats.lines import numbered, text_of_line
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sentinel.formats.base import Block
    from sentinel.formats.gather import Gatherer
    from sentinel.model.batch import EventKind

    Read = Callable[[str], tuple[EventKind, dict[str, Any]] | None]


def read_kinds(block: Block, gatherer: Gatherer, read: Read) -> None:
    """Gather every line of a block as an event of the kind that `read` gives; empty lines are passed over."""
    gather_kinds(block, gatherer, read, numbered(block))


def gather_kinds(block: Block, gatherer: Gatherer, read: Read, records: Iterable[tuple[bytes, int, int]]) -> None:
    """Gather records of a block, each given with its place and the number of its line."""
    # By identity, which is quicker than a kind's hash; the kinds are held here, so that none is mistaken.
    known: dict[int, tuple[EventKind, Callable[[dict[str, Any], bytes, int], None]]] = {}
    events = 0
    for record, position, number in records:
        try:
            text = record.rstrip(b"\r\n").decode()
        except UnicodeDecodeError:
            text = text_of_line(record)
        try:
            found = read(text)
        except (InputError, ValueError, KeyError, IndexError):
            found = None
        if found is None:
            if record.strip():
                gatherer.fault(position, _("a line that is not of this format"), number)
            continue
        kind, event = found
        gathering = known.get(id(kind))
        if gathering is None:
            gathering = known[id(kind)] = kind, gatherer.of(kind).take
        gathering[1](event, record, position)
        events += 1
    gatherer.took(events, len(block.data))
