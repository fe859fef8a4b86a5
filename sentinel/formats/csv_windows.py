"""Windows events in tables: what PowerShell's `Get-WinEvent | Export-Csv` writes, and tables with System's names.

`Export-Csv` writes the properties of .NET's EventLogRecord, and the event's data only within its message. Messages of
Sysmon name the fields of the data as rules do, line by line, so they are read; those of other providers are translated
labels, and stay as `Message`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sentinel.formats.local_dates import iso_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentinel.formats.gather import Gatherer

# Properties of EventLogRecord, and other writers' names → System's.
_NAMES: Final = {
    "Id": "EventID",
    "EventId": "EventID",
    "Event ID": "EventID",
    "LogName": "Channel",
    "ProviderName": "Provider_Name",
    "Provider": "Provider_Name",
    "ProviderId": "Provider_Guid",
    "MachineName": "Computer",
    "RecordId": "EventRecordID",
    "EventRecordId": "EventRecordID",
    "ProcessId": "Execution_ProcessID",
    "ThreadId": "Execution_ThreadID",
    "UserId": "UserID",
    "ActivityId": "ActivityID",
    "RelatedActivityId": "RelatedActivityID",
}
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9]{1,63}): (.*)$", re.MULTILINE)
_SYSMON: Final = "Microsoft-Windows-Sysmon"


def is_windows(names: Sequence[str]) -> bool:
    """Tell whether a header is that of Windows events: it names the event id and the channel."""
    system = {_NAMES.get(name, name) for name in names}
    return {"EventID", "Channel"} <= system


def renamed(names: Sequence[str]) -> tuple[str, ...]:
    """Give System's names for those of a header."""
    return tuple(_NAMES.get(name, name) for name in names)


def flat_event(row: dict[str, Any]) -> dict[str, Any]:
    """Make a row, under System's names, a flat Windows event."""
    if row.get("Provider_Name") == _SYSMON:
        for name, value in _FIELD.findall(row.get("Message", "")):
            row[name] = value.rstrip("\r")
    created = row.get("TimeCreated")
    if created and (time := iso_of(created)) is not None:
        row["TimeCreated"] = time
    return row


def gather(rows: Iterable[tuple[dict[str, Any], bytes, int]], gatherer: Gatherer, size: int) -> None:
    """Gather rows as Windows events; their raw record is the flat event in JSON."""
    texts: list[bytes] = []
    positions: list[int] = []
    for row, _record, position in rows:
        texts.append(msgspec.json.encode(flat_event(row)))
        positions.append(position)
    gatherer.add(texts, positions)
    gatherer.took(0, max(0, size - sum(map(len, texts))))
