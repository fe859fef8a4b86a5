"""Builders of stored events: flat native events in, what a store gives of them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sentinel.formats.columns import every_column
from sentinel.model.batch import EventBatch, EventKind
from sentinel.normalise.batch import normalise
from sentinel.normalise.times import nanoseconds
from sentinel.store.base import StoredEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

NOON = 1_795_150_800_000_000_000  # 2026-11-20 05:00 UTC, 12:00 in Hà Nội
MINUTE = 60_000_000_000


def a_stored(dataset: str, event: Mapping[str, Any], *, code: str = "", minute: float = 0) -> StoredEvent:
    """Give an event as a store does: normalised, so many minutes after noon."""
    time = NOON + round(minute * MINUTE)
    columns = every_column([dict(event)], dataset)
    batch = normalise(EventBatch(EventKind(dataset, "", "", code), columns, [b""], [0], []), time).columns
    fields = {name: _value(batch.column(name)) for name in batch.schema.names}
    fields["@timestamp"] = fields["event.created"] = time
    identity = f"{time // 1_000_000:012x}{abs(round(minute)):024x}"
    return StoredEvent(identity, time, dataset, {name: value for name, value in fields.items() if value is not None})


def _value(column: pa.Array) -> Any:  # noqa: ANN401 - any value of an event
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.int64())[0].as_py()
    value = column[0].as_py()
    return dict(value) if pa.types.is_map(column.type) and value else value


def an_access(path: str, status: int = 200, *, minute: float = 0, client: str = "198.51.100.7") -> StoredEvent:
    """Give a request to nginx."""
    request = {
        "remote_addr": client,
        "remote_user": "-",
        "request": f"GET {path} HTTP/1.1",
        "method": "GET",
        "uri": path,
        "status": str(status),
        "body_bytes_sent": "512",
        "http_user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
        "vhost": "dichvucong.gov.example",
    }
    return a_stored("web.access", request, minute=minute)


def a_process(command: str, *, minute: float = 0, host: str = "sql01.gov.example") -> StoredEvent:
    """Give a process that Sysmon saw start."""
    event = {
        "EventID": "1",
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Computer": host,
        "User": "GOV\\lan.pham",
        "Image": "C:\\Windows\\System32\\cmd.exe",
        "CommandLine": command,
        "ParentImage": "C:\\Program Files\\SQL\\sqlservr.exe",
    }
    return a_stored("windows.sysmon", event, code="1", minute=minute)


def a_login(user: str, *, minute: float = 0) -> StoredEvent:
    """Give a failed log-on that Windows recorded."""
    event = {
        "EventID": "4625",
        "Channel": "Security",
        "Computer": "dc01.gov.example",
        "TargetUserName": user,
        "TargetDomainName": "GOV",
        "IpAddress": "203.0.113.66",
        "LogonType": "3",
    }
    return a_stored("windows.security", event, code="4625", minute=minute)


def time_of(text: str) -> int:
    """Give a time in nanoseconds."""
    time = nanoseconds(text)
    assert time is not None
    return time
