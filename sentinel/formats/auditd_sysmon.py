"""Sysmon for Linux: events as XML in the message of a syslog line.

The layout is that of Windows' events (System, EventData). See https://github.com/microsoft/SysmonForLinux.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from sentinel.model.batch import EventKind

DATASET = "linux.sysmon"
_PROVIDER = "linux-sysmon"
_CODES = frozenset(map(str, range(1, 30))) | {"255"}
_BEGIN, _END = "<Event>", "</Event>"

# Elements of System → name and what of the element: an attribute, or its text.
_SYSTEM: dict[str, tuple[tuple[str, str], ...]] = {
    "Provider": (("Provider_Name", "Name"), ("Provider_Guid", "Guid")),
    "EventID": (("EventID", ""),),
    "Version": (("Version", ""),),
    "Level": (("Level", ""),),
    "Task": (("Task", ""),),
    "Opcode": (("Opcode", ""),),
    "Keywords": (("Keywords", ""),),
    "TimeCreated": (("TimeCreated", "SystemTime"),),
    "EventRecordID": (("EventRecordID", ""),),
    "Execution": (("Execution_ProcessID", "ProcessID"), ("Execution_ThreadID", "ThreadID")),
    "Channel": (("Channel", ""),),
    "Computer": (("Computer", ""),),
    "Security": (("UserID", "UserId"),),
}


def parse_sysmon(message: str) -> tuple[EventKind, dict[str, Any]] | None:
    """Read an event of Sysmon for Linux from the message of a syslog line; None where there is none.

    What declares anything (`<!DOCTYPE`, `<!ENTITY`) is no event, so that no entity can be made to grow.
    """
    begin, end = message.find(_BEGIN), message.rfind(_END)
    if begin < 0 or end < begin or "<!" in message:
        return None
    try:
        root = ET.fromstring(message[begin : end + len(_END)])  # noqa: S314 - without declarations there is no entity
    except (ET.ParseError, ValueError):  # a lone surrogate is a ValueError
        return None
    event: dict[str, Any] = {}
    for element in root.iterfind("System/*"):
        for name, attribute in _SYSTEM.get(element.tag, ()):
            _set(event, name, element.get(attribute) if attribute else element.text)
    for element in root.iterfind("EventData/Data"):
        _set(event, element.get("Name", ""), element.text)
    code = event.get("EventID")
    if not isinstance(code, str):
        return None
    return EventKind(DATASET, provider=_PROVIDER, code=code if code in _CODES else ""), event


def _set(event: dict[str, Any], name: str, value: str | None) -> None:
    if name and value:
        event.setdefault(name, value)
