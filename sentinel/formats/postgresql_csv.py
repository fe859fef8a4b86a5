"""PostgreSQL's CSV log (`log_destination = csvlog`), under the names of its JSON log.

23 columns until version 12; `backend_type` came with 13, `leader_pid` and `query_id` with 14. See the manual, "Using
CSV-Format Log Output".
"""

from __future__ import annotations

import re
from itertools import compress
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import csv_records, entries, lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.postgresql import KIND
from sentinel.formats.postgresql_message import add_computed
from sentinel.language import later

if TYPE_CHECKING:
    from sentinel.formats.gather import Gatherer

_NAMES: Final = (
    "timestamp", "user", "dbname", "pid", "connection_from", "session_id", "line_num", "ps", "session_start", "vxid",
    "txid", "error_severity", "state_code", "message", "detail", "hint", "internal_query", "internal_position",
    "context", "statement", "cursor_position", "location", "application_name", "backend_type", "leader_pid",
    "query_id",
)  # fmt: skip
_FEWEST: Final = 23
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? \S{1,8}$")
_BEGINS = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? [^\s,]{1,8},")


def parse(record: str) -> dict[str, Any] | None:
    """Read a record; None where it is not one of this log."""
    cells = _cells(record)
    return None if cells is None else _event(cells)


def _cells(record: str) -> list[str] | None:
    cells = csv_records.cells_of(record, ",")
    return cells if len(cells) >= _FEWEST and _TIME.match(cells[0]) else None


def _event(cells: list[str]) -> dict[str, Any]:
    event: dict[str, Any] = dict(compress(zip(_NAMES, cells, strict=False), cells))
    if len(cells) > len(_NAMES):
        event["rest"] = cells[len(_NAMES) :]
    if cells[4]:
        host, _colon, port = event.pop("connection_from").rpartition(":")
        if port.isdecimal() and host:
            event["remote_host"], event["remote_port"] = host, port
        else:
            event["remote_host"] = cells[4]
    return add_computed(event)


def recognise(head: bytes) -> bool:
    """Tell whether most of the first records are of this log."""
    data = head.removeprefix(b"\xef\xbb\xbf")
    whole = data[: csv_records.cut(data, False) or len(data)]  # noqa: FBT003 - the signature of every format's cut
    found = [parse(lines.text_of_line(whole[begin:end])) for begin, end in _some(whole)]
    return 2 * sum(event is not None for event in found) > len(found)


def _some(data: bytes) -> list[tuple[int, int]]:
    """Give the first records; what begins in the middle of one is passed over."""
    spans = zip(csv_records.spans(data), range(4 * lines.LOOKED_AT), strict=False)
    begun = [(begin, end) for (begin, end), _number in spans if _BEGINS.match(data, begin)]
    return begun[: lines.LOOKED_AT]


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every record of a block."""
    counted, gathering = entries.Counted(gatherer), gatherer.of(KIND)
    for record, position, number in csv_records.records(block):
        cells = _cells(lines.text_of_line(record))
        if cells is not None:
            if gathering.fields is not None:
                gathering.take(_event(cells), record, position)
            counted.events += 1
        elif record.strip():
            counted.fault(position, number)
    gatherer.took(counted.events, len(block.data))


FORMAT = Format(
    "postgresql_csv", later("PostgreSQL CSV log"), recognise, csv_records.cut, read, Splits.NEVER
)  # fmt: skip
