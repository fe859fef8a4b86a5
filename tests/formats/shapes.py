"""One event as every writer gives it."""

from __future__ import annotations

import json
from typing import Any

SYSMON = "Microsoft-Windows-Sysmon"
CHANNEL = "Microsoft-Windows-Sysmon/Operational"
TIME = "2026-03-01T08:15:30.123Z"
GUID = "5770385F-C22A-43E0-BF4C-06F5698FFBD9"
PROCESS_GUID = "6A910B9D-498A-5EE0-C903-000000000400"
HASHES = "MD5=D41D8CD98F00B204E9800998ECF8427E,SHA256=" + "0A" * 32

DATA: dict[str, Any] = {
    "RuleName": "technique_id=T1059",
    "UtcTime": "2026-03-01 08:15:30.120",
    "ProcessGuid": PROCESS_GUID,
    "ProcessId": 4242,
    "Image": r"C:\Windows\System32\cmd.exe",
    "CommandLine": 'cmd.exe /c "echo Xã Hòa Bình > C:\\tmp\\a.txt"',
    "CurrentDirectory": "C:\\",
    "User": r"GOV\an.nguyen",
    "Hashes": HASHES,
    "ParentProcessId": 77,
    "ParentImage": r"C:\Windows\explorer.exe",
}
COLUMNS = {
    "event.code": "1",
    "winlog.channel": CHANNEL,
    "winlog.provider_name": SYSMON,
    "winlog.provider_guid": "{" + GUID.lower() + "}",
    "winlog.computer_name": "ws-01.gov.example",
    "winlog.record_id": "99001",
    "winlog.time_created": TIME,
    "winlog.version": "5",
    "winlog.process.pid": "1900",
    "winlog.process.thread.id": "2100",
    "winlog.user.identifier": "S-1-5-18",
    **{f"winlog.event_data.{name}": str(value) for name, value in DATA.items()},
    "winlog.event_data.ProcessGuid": "{" + PROCESS_GUID.lower() + "}",
}

EVTX_DUMP = {
    "Event": {
        "#attributes": {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"},
        "System": {
            "Provider": {"#attributes": {"Name": SYSMON, "Guid": GUID}},
            "EventID": 1,
            "Version": 5,
            "TimeCreated": {"#attributes": {"SystemTime": TIME}},
            "EventRecordID": 99001,
            "Correlation": None,
            "Execution": {"#attributes": {"ProcessID": 1900, "ThreadID": 2100}},
            "Channel": CHANNEL,
            "Computer": "ws-01.gov.example",
            "Security": {"#attributes": {"UserID": "S-1-5-18"}},
        },
        "EventData": DATA,
    }
}
SEPARATE_ATTRIBUTES = {
    "Event": {
        "System": {
            "Provider": None,
            "Provider_attributes": {"Name": SYSMON, "Guid": GUID},
            "EventID": 1,
            "Version": 5,
            "TimeCreated": None,
            "TimeCreated_attributes": {"SystemTime": TIME},
            "EventRecordID": 99001,
            "Correlation": None,
            "Execution": None,
            "Execution_attributes": {"ProcessID": 1900, "ThreadID": 2100},
            "Channel": CHANNEL,
            "Computer": "ws-01.gov.example",
            "Security": None,
            "Security_attributes": {"UserID": "S-1-5-18"},
        },
        "EventData": DATA,
    },
    "Event_attributes": {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"},
}
AT_NAMES = {
    "Event": {
        "@xmlns": "http://schemas.microsoft.com/win/2004/08/events/event",
        "System": {
            "Provider": {"@Name": SYSMON, "@Guid": "{" + GUID + "}"},
            "EventID": "1",
            "Version": "5",
            "TimeCreated": {"@SystemTime": TIME},
            "EventRecordID": "99001",
            "Correlation": None,
            "Execution": {"@ProcessID": "1900", "@ThreadID": "2100"},
            "Channel": CHANNEL,
            "Computer": "ws-01.gov.example",
            "Security": {"@UserID": "S-1-5-18"},
        },
        "EventData": {"Data": [{"@Name": name, "#text": str(value)} for name, value in DATA.items()]},
    }
}
NXLOG = {
    "EventTime": "2026-03-01 09:15:30",
    "@timestamp": TIME,
    "Hostname": "ws-01.gov.example",
    "EventID": 1,
    "SourceName": SYSMON,
    "ProviderGuid": "{" + GUID + "}",
    "Version": 5,
    "RecordNumber": 99001,
    "ExecutionProcessID": 1900,
    "ThreadID": 2100,
    "Channel": CHANNEL,
    "UserID": "S-1-5-18",
    "Severity": "INFO",
    "SourceModuleType": "im_msvistalog",
    **DATA,
}
OTHER_FLAT_NAMES = {
    "SystemTime": TIME,
    "ComputerName": "ws-01.gov.example",
    "EventId": "1",
    "ProviderName": SYSMON,
    "ProviderGuid": GUID,
    "Version": "5",
    "RecordId": "99001",
    "ExecutionProcessID": "1900",
    "ThreadID": "2100",
    "LogName": CHANNEL,
    "UserID": "S-1-5-18",
    **DATA,
}
_BEAT = {
    "@timestamp": TIME,
    "host": {"name": "ws-01.gov.example"},
    "event": {"code": "1", "provider": SYSMON, "kind": "event"},
    "agent": {"type": "winlogbeat", "version": "8.17.0"},
}
_WINLOG = {
    "channel": CHANNEL,
    "event_id": "1",
    "provider_name": SYSMON,
    "provider_guid": "{" + GUID + "}",
    "computer_name": "ws-01.gov.example",
    "record_id": 99001,
    "version": 5,
    "process": {"pid": 1900, "thread": {"id": 2100}},
    "user": {"identifier": "S-1-5-18"},
}
WINLOGBEAT_RAW = {**_BEAT, "winlog": {**_WINLOG, "event_data": {name: str(value) for name, value in DATA.items()}}}
WINLOGBEAT_SYSMON_MODULE = {
    **_BEAT,
    "winlog": {**_WINLOG, "event_data": {"UtcTime": DATA["UtcTime"]}},
    "rule": {"name": DATA["RuleName"]},
    "process": {
        "entity_id": "{" + PROCESS_GUID + "}",
        "pid": 4242,
        "executable": DATA["Image"],
        "command_line": DATA["CommandLine"],
        "working_directory": DATA["CurrentDirectory"],
        "hash": {"md5": "d41d8cd98f00b204e9800998ecf8427e", "sha256": "0a" * 32},
        "parent": {"pid": 77, "executable": DATA["ParentImage"]},
    },
    "user": {"domain": "GOV", "name": "an.nguyen"},
}


def dotted(record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Write nested objects as dotted names, as an export of Elasticsearch fields does."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat |= dotted(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


SHAPES: dict[str, dict[str, Any]] = {
    "evtx_dump": EVTX_DUMP,
    "evtx_dump --separate-json-attributes": SEPARATE_ATTRIBUTES,
    "XML to JSON with @Name": AT_NAMES,
    "the inside of Event": EVTX_DUMP["Event"],
    "NXLog, OTRF": NXLOG,
    "flat with other names": OTHER_FLAT_NAMES,
    "Winlogbeat": WINLOGBEAT_RAW,
    "Winlogbeat 7 and 8, Sysmon module": WINLOGBEAT_SYSMON_MODULE,
    "Winlogbeat, dotted": dotted(WINLOGBEAT_SYSMON_MODULE),
    "search hit of Elasticsearch": {"_index": "logs", "_id": "x", "_source": WINLOGBEAT_SYSMON_MODULE},
    "search hit of a flat record": {"_source": NXLOG},
}


def line_of(record: dict[str, Any]) -> bytes:
    """Give a record as a line of NDJSON, without its line feed."""
    return json.dumps(record, ensure_ascii=False).encode()
