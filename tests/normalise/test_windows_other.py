"""Events of the other Windows logs come out as ECS says."""

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
BY_AN = {"user.name": "an", "user.domain": "TINH"}
CONTEXT = """        Severity = Informational
        Host Name = ConsoleHost
        Host Version = 5.1.19041.1
        Host ID = 7d5cb8a8-0a62-4f52-ba67-09f94d24e1b7
        Host Application = powershell.exe -File C:\\Tools\\a.ps1
        Engine Version = 5.1.19041.1
        Pipeline ID = 6
        Command Name = Get-Process
        Command Type = Cmdlet
        Script Name = C:\\Tools\\a.ps1
        Sequence Number = 23
        User = TINH\\an
        Connected User =\x20
"""
ENGINE_STATE = """\tNewEngineState=Available
\tPreviousEngineState=None

\tSequenceNumber=13

\tHostName=ConsoleHost
\tHostVersion=5.1
\tHostApplication=powershell.exe -nop
\tEngineVersion=5.1
\tPipelineId=
"""
PIPELINE_DETAILS = """\tDetailSequence=1
\tDetailTotal=2

\tUserId=TINH\\an
\tHostName=ConsoleHost
\tHostApplication=powershell.exe
\tScriptName=C:\\Tools\\a.ps1
\tCommandLine=Get-Item x"""
ENGINE: list[str] = ["Available", "None", ENGINE_STATE.replace("\n", "\r\n")]
PIPELINE: list[str] = ["Get-Item x", PIPELINE_DETAILS.replace("\n", "\r\n"), ""]
THREAT = {
    "Threat ID": "2147725349",
    "Threat Name": "Trojan:PowerShell/Example",
    "Category Name": "Trojan",
    "Process Name": "C:\\Windows\\explorer.exe",
    "Detection User": "TINH\\an",
    "Path": "file:_C:\\Tools\\a.ps1; process:_pid:412",
}
SETTING = "HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\Real-Time Protection\\DisableRealtimeMonitoring"
OPERATION = {"User": "TINH\\an", "ClientMachine": "WS-7", "ClientProcessId": "412", "PossibleCause": "Unknown"}
APPLIED = {
    "FilePath": "%OSDRIVE%\\TOOLS\\A.EXE",
    "FullFilePath": "C:\\Tools\\a.exe",
    "FileHash": "AB" * 32,
    "TargetUser": AN,
    "TargetProcessId": "412",
    "RuleName": "-",
    "PolicyName": "EXE",
}
IS_APPLIED = {
    "file.path": "C:\\Tools\\a.exe",
    "file.hash.sha256": "ab" * 32,
    "user.id": AN,
    "process.pid": 412,
    "rule.ruleset": "EXE",
}
SESSION = {"User": "TINH\\an", "SessionID": "3", "Address": "192.0.2.7"}
IS_SESSION = {
    **BY_AN,
    "source.ip": "192.0.2.7",
    "winlog.logon.id": "3",
    "event.category": ["authentication", "session"],
}

CASES: list[tuple[str, str, Mapping[str, Text], Mapping[str, Any]]] = [
    (
        "system",
        "7045",
        {"ServiceName": "Updater", "ImagePath": "cmd.exe /c x", "ServiceType": "user mode service", "UserID": AN},
        {
            "event.action": "service-installed",
            "service.name": "Updater",
            "service.type": "user mode service",
            "process.command_line": "cmd.exe /c x",
            "user.id": AN,
        },
    ),
    (
        "system",
        "7040",
        {"param1": "Background Intelligent Transfer Service", "param2": "demand start", "param4": "BITS"},
        {"event.action": "service-start-type-changed", "service.name": "BITS"},
    ),
    (
        "system",
        "104",
        {"SubjectUserName": "an", "SubjectDomainName": "TINH"},
        {**BY_AN, "event.action": "event-log-cleared"},
    ),
    (
        "powershell_operational",
        "4103",
        {"ContextInfo": CONTEXT, "UserID": AN},
        {
            **BY_AN,
            "user.id": AN,
            "process.title": "ConsoleHost",
            "process.command_line": "powershell.exe -File C:\\Tools\\a.ps1",
            "powershell.command.name": "Get-Process",
            "powershell.command.type": "Cmdlet",
            "powershell.sequence": 23,
            "powershell.engine.version": "5.1.19041.1",
            "powershell.connected_user.name": None,
            "file.path": "C:\\Tools\\a.ps1",
            "file.name": "a.ps1",
        },
    ),
    (
        "powershell_operational",
        "4104",
        {"MessageNumber": "1", "MessageTotal": "2", "ScriptBlockText": "Get-Item -", "Path": "C:\\Tools\\a.ps1"},
        {
            "powershell.file.script_block_text": "Get-Item -",
            "powershell.sequence": 1,
            "powershell.total": 2,
            "file.extension": "ps1",
        },
    ),
    (
        "powershell",
        "400",
        {"Data": ENGINE},
        {
            "event.action": "engine-started",
            "process.command_line": "powershell.exe -nop",
            "powershell.engine.new_state": "Available",
            "powershell.engine.previous_state": "None",
            "powershell.sequence": 13,
            "powershell.pipeline_id": None,
        },
    ),
    ("powershell", "403", {"Data": ENGINE[2]}, {"event.type": ["end"], "process.title": "ConsoleHost"}),
    (
        "powershell",
        "600",
        {"Data": "ProviderName=Registry\n\tNewProviderState=Started"},
        {"powershell.provider.name": "Registry", "powershell.provider.new_state": "Started"},
    ),
    (
        "powershell",
        "800",
        {"Data": PIPELINE},
        {**BY_AN, "powershell.sequence": 1, "powershell.total": 2, "file.name": "a.ps1"},
    ),
    (
        "defender",
        "1116",
        THREAT,
        {
            **BY_AN,
            "event.kind": "alert",
            "event.category": ["malware"],
            "rule.id": "2147725349",
            "rule.name": "Trojan:PowerShell/Example",
            "file.path": "C:\\Tools\\a.ps1",
            "file.name": "a.ps1",
            "process.name": "explorer.exe",
        },
    ),
    ("defender", "1117", THREAT, {"event.action": "malware-acted-upon", "rule.category": "Trojan"}),
    ("defender", "5001", {}, {"event.action": "real-time-protection-disabled", "event.category": ["configuration"]}),
    (
        "defender",
        "5007",
        {"Old Value": f"{SETTING} = 0x0", "New Value": f"{SETTING} = 0x1"},
        {
            "registry.path": SETTING,
            "registry.hive": "HKLM",
            "registry.value": "DisableRealtimeMonitoring",
            "registry.data.strings": ["0x1"],
        },
    ),
    ("task_scheduler", "106", {"TaskName": "\\Sao luu", "UserContext": "TINH\\an"}, BY_AN),
    ("task_scheduler", "129", {"Path": "taskhostw.exe", "ProcessID": "1532"}, {"process.pid": 1532}),
    ("task_scheduler", "140", {"UserName": "TINH\\an"}, {**BY_AN, "event.action": "task-updated"}),
    ("task_scheduler", "141", {"UserName": "TINH\\an"}, {**BY_AN, "event.type": ["deletion"]}),
    ("task_scheduler", "200", {"ActionName": "C:\\Tools\\a.exe"}, {"process.command_line": "C:\\Tools\\a.exe"}),
    ("task_scheduler", "201", {"ResultCode": "2147942402"}, {"event.outcome": "failure", "error.code": "2147942402"}),
    (
        "wmi_activity",
        "5857",
        {"HostProcess": "wmiprvse.exe", "ProcessID": "412", "ProviderPath": "C:\\a.dll", "Code": "0x0"},
        {"event.outcome": "success", "process.pid": 412, "process.name": "wmiprvse.exe", "dll.path": "C:\\a.dll"},
    ),
    (
        "wmi_activity",
        "5858",
        {**OPERATION, "ResultCode": "0x80041003"},
        {**BY_AN, "process.pid": 412, "error.code": "0x80041003", "source.domain": "WS-7", "event.reason": "Unknown"},
    ),
    ("wmi_activity", "5859", {"User": "TINH\\an", "processid": "412"}, {**BY_AN, "process.pid": 412}),
    ("wmi_activity", "5860", {"User": "TINH\\an", "processid": "412"}, {"event.type": ["creation"]}),
    ("wmi_activity", "5861", {"PossibleCause": "Binding EventFilter"}, {"event.reason": "Binding EventFilter"}),
    *(
        ("applocker", code, APPLIED, {**IS_APPLIED, "event.outcome": outcome, "event.type": ["start", verdict]})
        for code, verdict, outcome in (
            ("8002", "allowed", "success"),
            ("8003", "allowed", "success"),
            ("8004", "denied", "failure"),
            ("8005", "allowed", "success"),
            ("8006", "allowed", "success"),
            ("8007", "denied", "failure"),
        )
    ),
    *(("rdp_local_session", code, SESSION, IS_SESSION) for code in ("21", "22", "23", "24", "25")),
    (
        "rdp_remote_connection",
        "1149",
        {"Param1": "an", "Param2": "TINH", "Param3": "2001:db8::7"},
        {**BY_AN, "source.ip": "2001:db8::7", "network.type": "ipv6"},
    ),
    (
        "rdp_core",
        "131",
        {"ConnType": "TCP", "ClientIP": "[2001:db8::7]:52202"},
        {"source.ip": "2001:db8::7", "source.port": 52202, "network.transport": "tcp"},
    ),
]


@pytest.mark.parametrize(
    ("dataset", "code", "fields", "expected"), CASES, ids=[f"{dataset}-{code}" for dataset, code, _, _ in CASES]
)
def test_an_event_comes_out_as_ecs_says(
    dataset: str, code: str, fields: Mapping[str, Text], expected: Mapping[str, Any]
) -> None:
    made = row_of(normalise(a_batch(f"windows.{dataset}", code, **fields), NOW))
    assert expected == {name: made.get(name) for name in expected}
    assert made["_overflow"] is None


def test_a_session_from_the_console_keeps_its_word_in_overflow() -> None:
    made = row_of(normalise(a_batch("windows.rdp_local_session", 21, Address="LOCAL", User="TINH\\an"), NOW))
    assert made["source.ip"] is None
    assert made["_overflow"] == [("source.ip", "LOCAL")]
