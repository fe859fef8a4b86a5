"""Security events come out as ECS says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sentinel.normalise.batch import normalise
from tests.builders import a_batch, row_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.builders import Text

NOW = 1_750_000_000_000_000_000
AN = "S-1-5-21-1004336348-1177238915-682003330-1104"
BINH = "S-1-5-21-1004336348-1177238915-682003330-1105"
ADMINS = "S-1-5-32-544"

SUBJECT = {
    "SubjectUserSid": AN,
    "SubjectUserName": "an",
    "SubjectDomainName": "TINH",
    "SubjectLogonId": "0x3E7",
}
TARGET = {
    "TargetUserSid": BINH,
    "TargetUserName": "binh",
    "TargetDomainName": "TINH",
    "TargetLogonId": "0x5a1f",
}
CHANGED = {**SUBJECT, "TargetSid": BINH, "TargetUserName": "binh", "TargetDomainName": "TINH"}
JOINED = {
    **SUBJECT,
    "MemberName": "CN=Tran Binh,OU=Staff,DC=tinh,DC=example",
    "MemberSid": BINH,
    "TargetSid": ADMINS,
    "TargetUserName": "Administrators",
    "TargetDomainName": "Builtin",
}
BY_AN = {"user.id": AN, "user.name": "an", "user.domain": "TINH", "winlog.logon.id": "0x3e7"}
BY_BINH = {"user.id": BINH, "user.name": "binh", "user.domain": "TINH"}
ON_BINH = {"user.target.id": BINH, "user.target.name": "binh", "user.target.domain": "TINH"}
SUCCESS = {"event.outcome": "success"}
FAILURE = {"event.outcome": "failure"}
IAM = {"event.category": ["iam"]}
TICKET = {"TargetSid": BINH, "TargetUserName": "binh@TINH.EXAMPLE", "TargetDomainName": "TINH.EXAMPLE"}
SHARE = {**SUBJECT, "IpAddress": "192.0.2.7", "IpPort": "50106", "ShareName": "\\\\*\\C$"}
KEY = "\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001\\Control\\Lsa"

CASES: list[tuple[str, Mapping[str, Text], Mapping[str, Any]]] = [
    (
        "4624",
        {
            **SUBJECT,
            **TARGET,
            "LogonType": "10",
            "IpAddress": "::ffff:192.0.2.7",
            "IpPort": "0",
            "WorkstationName": "WS-7",
            "ProcessId": "0x1f4",
            "ProcessName": "C:\\Windows\\System32\\svchost.exe",
        },
        {
            **BY_BINH,
            **SUCCESS,
            "event.action": "logged-in",
            "event.category": ["authentication"],
            "event.type": ["start"],
            "winlog.logon.id": "0x5a1f",
            "winlog.logon.type": "RemoteInteractive",
            "source.ip": "192.0.2.7",
            "source.port": None,
            "source.domain": "WS-7",
            "network.type": "ipv4",
            "process.pid": 500,
            "process.name": "svchost.exe",
            "related.ip": ["192.0.2.7"],
            "related.user": ["binh"],
        },
    ),
    (
        "4625",
        {
            **SUBJECT,
            "TargetUserSid": "S-1-0-0",
            "TargetUserName": "binh",
            "TargetDomainName": "TINH",
            "LogonType": "3",
            "Status": "0xC000006D",
            "SubStatus": "0xc0000064",
            "FailureReason": "%%2313",
            "IpAddress": "2001:DB8::7",
        },
        {
            **FAILURE,
            "user.id": None,
            "user.name": "binh",
            "winlog.logon.type": "Network",
            "winlog.logon.failure.reason": "Unknown user name or bad password.",
            "winlog.logon.failure.status": "The cause is either a bad username or authentication information",
            "winlog.logon.failure.sub_status": "User logon with misspelled or bad user account",
            "error.code": "0xc000006d",
            "source.ip": "2001:db8::7",
            "network.type": "ipv6",
        },
    ),
    ("4634", {**TARGET, "LogonType": "3"}, {**BY_BINH, "event.action": "logged-out", "event.type": ["end"]}),
    ("4647", TARGET, {**BY_BINH, "event.action": "logged-out", "event.type": ["end"], "winlog.logon.id": "0x5a1f"}),
    (
        "4648",
        {**SUBJECT, "TargetUserName": "quantri", "TargetDomainName": "TINH", "TargetServerName": "dc1.tinh.example"},
        {
            **BY_AN,
            "event.action": "logged-in-explicit",
            "user.effective.name": "quantri",
            "user.effective.domain": "TINH",
            "destination.domain": "dc1.tinh.example",
            "related.user": ["an", "quantri"],
        },
    ),
    (
        "4657",
        {
            **SUBJECT,
            "ObjectName": KEY,
            "ObjectValueName": "LimitBlankPasswordUse",
            "NewValueType": "%%1876",
            "NewValue": "0",
            "ProcessId": "0x10",
            "ProcessName": "C:\\Windows\\regedit.exe",
        },
        {
            "event.category": ["configuration", "registry"],
            "registry.path": "HKLM\\SYSTEM\\ControlSet001\\Control\\Lsa",
            "registry.hive": "HKLM",
            "registry.key": "SYSTEM\\ControlSet001\\Control\\Lsa",
            "registry.value": "LimitBlankPasswordUse",
            "registry.data.type": "REG_DWORD",
            "registry.data.strings": ["0"],
            "process.name": "regedit.exe",
        },
    ),
    (
        "4662",
        {**SUBJECT, "ObjectType": "%{19195a5b-6da0-11d0-afd3-00c04fd930c9}", "AccessMask": "0x100"},
        {**BY_AN, **IAM, "event.action": "object-operation-performed"},
    ),
    (
        "4663",
        {**SUBJECT, "ObjectType": "File", "ObjectName": "C:\\Hoso\\luong.xlsx", "AccessMask": "0x2"},
        {
            "event.category": ["file"],
            "event.type": ["access"],
            "file.path": "C:\\Hoso\\luong.xlsx",
            "file.name": "luong.xlsx",
            "file.directory": "C:\\Hoso",
            "file.extension": "xlsx",
        },
    ),
    ("4672", SUBJECT, {**BY_AN, **IAM, "event.action": "logged-in-special", "event.type": ["admin"]}),
    (
        "4688",
        {
            **SUBJECT,
            **TARGET,
            "NewProcessId": "0x1e58",
            "NewProcessName": "C:\\Windows\\System32\\cmd.exe",
            "CommandLine": "cmd /c dir",
            "ProcessId": "0x1f4",
            "ParentProcessName": "C:\\Windows\\explorer.exe",
        },
        {
            **BY_AN,
            "event.action": "created-process",
            "event.category": ["process"],
            "event.type": ["start"],
            "process.pid": 7768,
            "process.executable": "C:\\Windows\\System32\\cmd.exe",
            "process.name": "cmd.exe",
            "process.command_line": "cmd /c dir",
            "process.parent.pid": 500,
            "process.parent.name": "explorer.exe",
            "user.effective.name": "binh",
        },
    ),
    (
        "4697",
        {**SUBJECT, "ServiceName": "Updater", "ServiceFileName": "%COMSPEC% /c x", "ServiceType": "0x10"},
        {"event.action": "service-installed", "service.name": "Updater", "process.command_line": "%COMSPEC% /c x"},
    ),
    (
        "4698",
        {**SUBJECT, "TaskName": "\\Sao luu"},
        {**BY_AN, "event.action": "scheduled-task-created", "event.type": ["admin", "creation"]},
    ),
    ("4720", CHANGED, {**BY_AN, **ON_BINH, **IAM, "event.type": ["user", "creation"]}),
    ("4722", CHANGED, {**ON_BINH, "event.action": "enabled-user-account"}),
    ("4724", CHANGED, {**ON_BINH, "event.action": "reset-password", "event.type": ["user", "change"]}),
    (
        "4728",
        JOINED,
        {
            **BY_AN,
            "event.type": ["group", "change"],
            "group.id": ADMINS,
            "group.name": "Administrators",
            "group.domain": "Builtin",
            "user.target.id": BINH,
            "user.target.name": "Tran Binh",
        },
    ),
    ("4732", {**JOINED, "MemberName": "-"}, {"user.target.id": BINH, "user.target.name": None}),
    ("4738", CHANGED, {**ON_BINH, "event.action": "modified-user-account"}),
    (
        "4740",
        {**SUBJECT, "TargetSid": BINH, "TargetUserName": "binh", "TargetDomainName": "WS-7"},
        {"event.action": "locked-out-user-account", "user.target.name": "binh", "source.domain": "WS-7"},
    ),
    ("4756", JOINED, {"event.action": "added-member-to-group", "group.name": "Administrators"}),
    (
        "4768",
        {**TICKET, "ServiceName": "krbtgt", "Status": "0x0", "IpAddress": "::ffff:192.0.2.7", "IpPort": "50611"},
        {
            **SUCCESS,
            "event.action": "kerberos-authentication-ticket-requested",
            "user.name": "binh",
            "user.domain": "TINH.EXAMPLE",
            "service.name": "krbtgt",
            "source.ip": "192.0.2.7",
            "source.port": 50611,
            "event.reason": None,
        },
    ),
    (
        "4769",
        {**TICKET, "ServiceName": "WS-7$", "Status": "0x1F"},
        {**FAILURE, "event.reason": "KRB_AP_ERR_BAD_INTEGRITY", "service.name": "WS-7$"},
    ),
    (
        "4771",
        {"TargetUserName": "binh", "TargetSid": BINH, "Status": "0x18"},
        {**FAILURE, "event.reason": "KDC_ERR_PREAUTH_FAILED", "user.name": "binh", "user.id": BINH},
    ),
    (
        "4776",
        {"TargetUserName": "binh", "Workstation": "\\\\WS-7", "Status": "0xc000006a"},
        {
            **FAILURE,
            "event.action": "credential-validated",
            "user.name": "binh",
            "source.domain": "WS-7",
            "winlog.logon.failure.status": "User logon with misspelled or bad password",
        },
    ),
    (
        "5136",
        {**SUBJECT, "ObjectDN": "CN=binh,DC=tinh,DC=example", "OperationType": "%%14674"},
        {**BY_AN, "event.action": "directory-service-object-modified", "event.type": ["admin", "change"]},
    ),
    ("5140", SHARE, {"event.action": "network-share-object-accessed", "source.ip": "192.0.2.7", "source.port": 50106}),
    (
        "5145",
        {**SHARE, "RelativeTargetName": "ProgramData\\a.exe", "Keywords": "0x8010000000000000"},
        {**FAILURE, "file.path": "ProgramData\\a.exe", "file.extension": "exe"},
    ),
    (
        "5156",
        {
            "ProcessID": "812",
            "Application": "\\device\\harddiskvolume1\\windows\\system32\\dns.exe",
            "Direction": "%%14593",
            "SourceAddress": "10.0.0.5",
            "SourcePort": "61774",
            "DestAddress": "198.51.100.4",
            "DestPort": "53",
            "Protocol": "17",
        },
        {
            "event.type": ["connection", "start", "allowed"],
            "process.pid": 812,
            "process.name": "dns.exe",
            "network.direction": "egress",
            "network.transport": "udp",
            "network.iana_number": "17",
            "source.ip": "10.0.0.5",
            "destination.port": 53,
            "related.ip": ["10.0.0.5", "198.51.100.4"],
        },
    ),
    ("1102", SUBJECT, {**BY_AN, **IAM, "event.action": "audit-log-cleared", "event.type": ["admin", "change"]}),
]


@pytest.mark.parametrize(("code", "fields", "expected"), CASES, ids=[code for code, _, _ in CASES])
def test_an_event_comes_out_as_ecs_says(code: str, fields: Mapping[str, Text], expected: Mapping[str, Any]) -> None:
    made = row_of(normalise(a_batch("windows.security", code, **fields), NOW))
    assert expected == {name: made.get(name) for name in expected}
    assert made["_overflow"] is None


def test_the_outcome_is_read_from_keywords_in_any_form() -> None:
    forms = ["0x8020000000000000", "-9214364837600034816", "Audit Success", "0x8010000000000000", "Audit Failure"]
    made = [row_of(normalise(a_batch("windows.security", 4663, Keywords=form), NOW)) for form in forms]
    assert [row["event.outcome"] for row in made] == ["success", "success", "success", "failure", "failure"]
