"""Sysmon events come out as ECS says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.normalise.batch import normalise
from tests.builders import a_batch, row_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.builders import Text

NOW = 1_750_000_000_000_000_000
GUID = "{6a910b9d-498a-5ee0-c903-000000000400}"
PARENT = "{6a910b9d-a3d7-5edf-0e00-000000000400}"
MD5, SHA256 = "5D41402ABC4B2A76B9719D911017C592", "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824"
HASHES = f"MD5={MD5},SHA256={SHA256},IMPHASH={'0' * 32}"
BY = {"ProcessGuid": GUID, "ProcessId": "412", "Image": "C:\\Tools\\a.exe", "User": "TINH\\an", "RuleName": "-"}
BETWEEN = {
    "SourceImage": "C:\\Tools\\a.exe",
    "SourceProcessId": "412",
    "TargetImage": "C:\\Windows\\System32\\lsass.exe",
    "TargetProcessId": "640",
}
FILE = {**BY, "TargetFilename": "C:\\Hoso\\b.docm"}
IS_PROCESS = {"process.pid": 412, "process.executable": "C:\\Tools\\a.exe", "process.name": "a.exe"}
BY_AN = {"user.name": "an", "user.domain": "TINH", "process.entity_id": GUID, **IS_PROCESS}
IS_FILE = {
    "file.path": "C:\\Hoso\\b.docm",
    "file.name": "b.docm",
    "file.directory": "C:\\Hoso",
    "file.extension": "docm",
}
RUN = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run"
SIGNED = {"Signed": "true", "Signature": "Example Ltd", "SignatureStatus": "Valid", "Hashes": HASHES}


def category(name: str, *kinds: str) -> dict[str, Any]:
    return {"event.category": name.split("+"), "event.type": list(kinds)}


def hashed(owner: str) -> dict[str, Any]:
    return {f"{owner}.hash.md5": MD5.lower(), f"{owner}.hash.sha256": SHA256.lower(), f"{owner}.pe.imphash": None}


CASES: list[tuple[int, Mapping[str, Text], Mapping[str, Any]]] = [
    (
        1,
        {
            **BY,
            "RuleName": "technique_id=T1059.001,technique_name=PowerShell",
            "UtcTime": "2025-06-10 02:51:06.381",
            "CommandLine": "a.exe --run",
            "CurrentDirectory": "C:\\Tools\\",
            "LogonId": "0x3E7",
            "Hashes": HASHES,
            "Company": "Example Ltd",
            "ParentProcessGuid": PARENT,
            "ParentProcessId": "4",
            "ParentImage": "C:\\Windows\\explorer.exe",
            "ParentCommandLine": "explorer",
        },
        {
            **category("process", "start"),
            **BY_AN,
            **hashed("process"),
            "rule.name": "technique_id=T1059.001,technique_name=PowerShell",
            "threat.technique.id": ["T1059.001"],
            "process.start": datetime(2025, 6, 10, 2, 51, 6, 381000, UTC),
            "process.command_line": "a.exe --run",
            "process.working_directory": "C:\\Tools\\",
            "process.parent.entity_id": PARENT,
            "process.parent.pid": 4,
            "process.parent.name": "explorer.exe",
            "process.parent.command_line": "explorer",
            "process.pe.company": "Example Ltd",
            "winlog.logon.id": "0x3e7",
            "related.hash": [MD5.lower(), SHA256.lower()],
        },
    ),
    (
        2,
        {**FILE, "CreationUtcTime": "2016-02-02 15:30:02.000"},
        {**category("file", "change"), **IS_FILE, "file.created": datetime(2016, 2, 2, 15, 30, 2, tzinfo=UTC)},
    ),
    (
        3,
        {
            **BY,
            "Protocol": "tcp",
            "Initiated": "true",
            "SourceIp": "10.0.0.5",
            "SourcePort": "52246",
            "SourceHostname": "-",
            "DestinationIp": "0:0:0:0:0:ffff:c633:6404",
            "DestinationHostname": "web.example",
            "DestinationPort": "443",
            "DestinationPortName": "https",
        },
        {
            **category("network", "start", "connection", "protocol"),
            **BY_AN,
            "network.direction": "egress",
            "network.transport": "tcp",
            "network.protocol": "https",
            "network.type": "ipv4",
            "source.ip": "10.0.0.5",
            "source.domain": None,
            "destination.ip": "198.51.100.4",
            "destination.port": 443,
            "destination.domain": "web.example",
        },
    ),
    (4, {"State": "Started", "Version": "15.0"}, category("process", "change")),
    (
        5,
        {**BY, "UtcTime": "2025-06-10 02:51:06"},
        {**category("process", "end"), "process.end": datetime(2025, 6, 10, 2, 51, 6, tzinfo=UTC)},
    ),
    (
        6,
        {"ImageLoaded": "C:\\Windows\\System32\\drivers\\x.sys", **SIGNED},
        {
            **category("driver", "start"),
            **hashed("file"),
            "file.name": "x.sys",
            "file.code_signature.signed": True,
            "file.code_signature.valid": True,
            "file.code_signature.subject_name": "Example Ltd",
        },
    ),
    (
        7,
        {**BY, "ImageLoaded": "C:/Tools/b.dll", **SIGNED, "SignatureStatus": "Expired"},
        {
            **category("library", "start"),
            **hashed("dll"),
            "dll.path": "C:/Tools/b.dll",
            "dll.name": "b.dll",
            "dll.code_signature.status": "Expired",
            "dll.code_signature.valid": False,
        },
    ),
    (8, {**BETWEEN, "SourceProcessGuid": GUID}, {**category("process", "change"), "process.entity_id": GUID}),
    (9, {**BY, "Device": "\\Device\\HarddiskVolume3"}, {"file.path": "\\Device\\HarddiskVolume3"}),
    (
        10,
        {**BETWEEN, "SourceProcessGUID": GUID, "SourceThreadId": "77", "TargetUser": "NT AUTHORITY\\SYSTEM"},
        {
            **category("process", "access"),
            **IS_PROCESS,
            "process.entity_id": GUID,
            "process.thread.id": 77,
            "user.target.name": "SYSTEM",
            "user.target.domain": "NT AUTHORITY",
        },
    ),
    (11, FILE, {**category("file", "creation"), **IS_FILE, **BY_AN}),
    (
        12,
        {**BY, "EventType": "DeleteValue", "TargetObject": f"{RUN}\\Cap nhat"},
        {
            **category("configuration+registry", "change"),
            "registry.path": f"{RUN}\\Cap nhat",
            "registry.hive": "HKLM",
            "registry.key": RUN.removeprefix("HKLM\\"),
            "registry.value": "Cap nhat",
        },
    ),
    (
        13,
        {**BY, "EventType": "SetValue", "TargetObject": f"{RUN}\\Cap nhat", "Details": "DWORD (0x00000001)"},
        {
            "registry.key": RUN.removeprefix("HKLM\\"),
            "registry.value": "Cap nhat",
            "registry.data.type": "REG_DWORD",
            "registry.data.strings": ["0x00000001"],
        },
    ),
    (14, {**BY, "EventType": "RenameKey", "TargetObject": RUN}, {"registry.key": RUN.removeprefix("HKLM\\")}),
    (
        15,
        {**BY, "TargetFilename": "C:\\Hoso\\b.docm:Zone.Identifier", "Hash": HASHES},
        {**category("file", "creation"), **hashed("file"), "file.extension": "docm"},
    ),
    (
        16,
        {"Configuration": "C:\\Tools\\sysmon.xml", "ConfigurationFileHash": f"SHA256={SHA256}"},
        {"file.name": "sysmon.xml", "file.hash.sha256": SHA256.lower()},
    ),
    (17, {**BY, "PipeName": "\\ong"}, {**category("file", "creation"), "file.name": "\\ong"}),
    (18, {**BY, "PipeName": "\\ong"}, category("file", "access")),
    (19, {"Operation": "Created", "User": "TINH\\an"}, {**category("configuration", "creation"), "user.name": "an"}),
    (20, {"Operation": "Created", "User": "TINH\\an"}, category("configuration", "creation")),
    (21, {"Operation": "Created", "User": "TINH\\an"}, category("configuration", "creation")),
    (
        22,
        {
            **BY,
            "QueryName": "web.example",
            "QueryStatus": "0",
            "QueryResults": "type:  5 edge.web.example;::ffff:198.51.100.4;2001:DB8::4;",
        },
        {
            "dns.question.name": "web.example",
            "dns.response_code": "NOERROR",
            "dns.answers.data": ["edge.web.example", "198.51.100.4", "2001:db8::4"],
            "dns.answers.type": ["CNAME", "A", "AAAA"],
            "dns.resolved_ip": ["198.51.100.4", "2001:db8::4"],
            "related.ip": ["198.51.100.4", "2001:db8::4"],
        },
    ),
    (23, {**FILE, "Hashes": HASHES}, {**category("file", "deletion"), **IS_FILE, **hashed("file")}),
    (24, {**BY, "Hashes": HASHES}, {**category("host", "change"), **hashed("file")}),
    (25, {**BY, "Type": "Image is replaced"}, {**category("process", "change"), **BY_AN}),
    (26, {**FILE, "Hashes": HASHES}, {**category("file", "deletion"), **hashed("file")}),
    (27, {**FILE, "Hashes": HASHES}, {**category("file", "denied"), **IS_FILE}),
    (28, {**FILE, "Hashes": HASHES}, {**category("file", "denied"), **IS_FILE}),
    (29, {**FILE, "Hashes": HASHES}, {**category("file", "creation"), **hashed("file")}),
]


@pytest.mark.parametrize(("code", "fields", "expected"), CASES, ids=[str(code) for code, _, _ in CASES])
def test_an_event_comes_out_as_ecs_says(code: int, fields: Mapping[str, Text], expected: Mapping[str, Any]) -> None:
    made = row_of(normalise(a_batch("windows.sysmon", code, **fields), NOW))
    assert expected == {name: made.get(name) for name in expected}
    assert made["_overflow"] is None


def test_every_sysmon_event_is_tried() -> None:
    assert [code for code, _, _ in CASES] == list(range(1, 30))
