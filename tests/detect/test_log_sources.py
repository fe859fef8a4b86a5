"""Which events a rule's log source admits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from sentinel.detect.sigma.logsource import resolve
from tests.detect.builders import Event, Json, event, hits, security

if TYPE_CHECKING:
    from pathlib import Path

PROCESS = "{product: windows, category: process_creation}"
REGISTRY = "{product: windows, category: registry_set}"
POWERSHELL: dict[str, Json] = {
    "Channel": "Microsoft-Windows-PowerShell/Operational",
    "SourceName": "Microsoft-Windows-PowerShell",
    "EventID": 4104,
}


def test_every_windows_log_source_of_sigmahq_is_read(shared: Path) -> None:
    sources = set()
    for folder in ["rules", "rules-emerging-threats", "rules-threat-hunting"]:
        for path in (shared / "sigma" / folder).rglob("*.yml"):
            for document in yaml.load_all(path.read_text(encoding="utf-8"), yaml.CSafeLoader):
                source = document["logsource"]
                sources.add((source.get("product"), source.get("category"), source.get("service")))
    windows = {source for source in sources if source[0] == "windows"}
    assert len(windows) > 60
    assert set() == {source for source in windows if not resolve(*source)}


@pytest.mark.parametrize(
    ("service", "channel", "provider"),
    [
        ("sysmon", "Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon"),
        ("powershell", "Microsoft-Windows-PowerShell/Operational", "Microsoft-Windows-PowerShell"),
        ("powershell", "PowerShellCore/Operational", "PowerShellCore"),
        ("windefend", "Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-Windows Defender"),
        ("taskscheduler", "Microsoft-Windows-TaskScheduler/Operational", "Microsoft-Windows-TaskScheduler"),
        ("wmi", "Microsoft-Windows-WMI-Activity/Operational", "Microsoft-Windows-WMI-Activity"),
    ],
)
def test_a_service_asks_for_its_channel_and_its_provider(service: str, channel: str, provider: str) -> None:
    events: list[Event] = [
        event(Channel=channel, SourceName=provider, F="x"),
        event(Channel=channel.upper(), SourceName=provider.lower(), F="x"),
        event(Channel=channel, SourceName=None, F="x"),
        event(Channel=channel, SourceName="Another-Provider", F="x"),
        event(Channel="Application", SourceName=provider, F="x"),
        event(Channel=channel, SourceName=provider, F="y"),
    ]
    assert [0, 1, 2] == hits("selection: {F: x}", *events, source=f"{{product: windows, service: {service}}}")


def test_a_service_whose_channel_has_many_providers_asks_for_the_channel_alone() -> None:
    events = [
        event(Channel="System", SourceName="Service Control Manager", EventID=7045),
        event(Channel="System", SourceName="Microsoft-Windows-Eventlog", EventID=7045),
        event(Channel="Security", SourceName="Service Control Manager", EventID=7045),
    ]
    assert [0, 1] == hits("selection: {EventID: 7045}", *events, source="{product: windows, service: system}")


def test_a_category_asks_for_its_codes_in_their_channel() -> None:
    events = [event(EventID=code, F="x") for code in (3, 22, 1)] + [event(EventID=22, F="x", Channel="System")]
    assert [1] == hits("selection: {F: x}", *events, source="{product: windows, category: dns_query}")


def test_a_script_block_is_asked_of_powershell_alone() -> None:
    events = [{**POWERSHELL, "ScriptBlockText": "Invoke-X"}, event(EventID=4104, ScriptBlockText="Invoke-X")]
    source = "{product: windows, category: ps_script}"
    assert [0] == hits("selection: {ScriptBlockText|contains: invoke}", *events, source=source)


def test_a_rule_for_windows_as_a_whole_looks_at_every_channel() -> None:
    assert [0, 1, 2] == hits("selection: {F: x}", event(F="x"), security(F="x"), event(Channel="Any", F="x"))


def test_a_category_may_stand_without_its_product() -> None:
    assert [0, 2] == hits(
        "selection: {CommandLine|contains: x}",
        event(CommandLine="x"),
        event(CommandLine="x", EventID=3),
        security(CommandLine="x"),
        source="{category: process_creation}",
    )


def test_a_service_beside_a_category_narrows_it() -> None:
    events = [event(CommandLine="x"), security(CommandLine="x")]
    source = "{{product: windows, category: process_creation, service: {}}}"
    assert [0] == hits("selection: {CommandLine: x}", *events, source=source.format("sysmon"))
    assert [1] == hits("selection: {CommandLine: x}", *events, source=source.format("security"))


def test_process_creation_is_read_from_sysmon_and_from_the_audit() -> None:
    sysmon = event(Image=r"C:\a\evil.exe", ParentImage=r"C:\w3wp.exe", CommandLine="evil -x", ProcessId=16)
    audit = security(
        NewProcessName=r"C:\a\evil.exe", ParentProcessName=r"C:\w3wp.exe", CommandLine="evil -x", NewProcessId="16"
    )
    left = [security(NewProcessName=r"C:\good.exe"), {**audit, "EventID": 4689}, {**audit, "Channel": "System"}]
    images = r"Image|endswith: \evil.exe, ParentImage|endswith: \w3wp.exe"
    text = f"selection: {{{images}, CommandLine|contains: -x, ProcessId: 16}}"
    assert [0, 1] == hits(text, sysmon, audit, *left, source=PROCESS)


def test_the_audit_names_the_parent_process_by_its_own_field() -> None:
    assert [0] == hits(
        "selection: {ParentProcessId: '0x10'}",
        security(ProcessId="0x10"),
        security(NewProcessId="0x10"),
        source=PROCESS,
    )


@pytest.mark.parametrize(
    ("fields", "user"),
    [
        ({"SubjectUserName": "an", "SubjectDomainName": "DVC"}, r"DVC\an"),
        ({"SubjectUserName": "an", "SubjectDomainName": "-"}, "an"),
        ({"SubjectUserName": "an"}, "an"),
        ({"SubjectUserName": "an", "SubjectDomainName": "DVC", "TargetUserName": "-"}, r"DVC\an"),
        ({"SubjectUserName": "HOST$", "TargetUserName": "minh", "TargetDomainName": "DVC"}, r"DVC\minh"),
        ({"User": "already there", "SubjectUserName": "an"}, "already there"),
    ],
)
def test_the_audit_tells_the_user_as_sysmon_does(fields: dict[str, Json], user: str) -> None:
    assert [0] == hits(f"selection: {{User: '{user}'}}", security(**fields), security(), source=PROCESS)


@pytest.mark.parametrize(
    ("label", "level"),
    [("S-1-16-4096", "Low"), ("S-1-16-8192", "Medium"), ("S-1-16-12288", "High"), ("S-1-16-16384", "System")],
)
def test_the_audit_tells_the_integrity_level_as_sysmon_does(label: str, level: str) -> None:
    events = [security(MandatoryLabel=label), security(MandatoryLabel="S-1-16-0"), security()]
    assert [0] == hits(f"selection: {{IntegrityLevel: {level}}}", *events, source=PROCESS)


def test_what_the_audit_lacks_neither_hits_nor_is_missed() -> None:
    events = [event(CommandLine="x", OriginalFileName="A.EXE"), event(CommandLine="x"), security(CommandLine="x")]
    both = "a: {CommandLine: x}\nb: {OriginalFileName: a.exe}\ncondition: "
    assert [0] == hits(both + "a and b", *events, source=PROCESS)
    assert [0, 1, 2] == hits(both + "a or b", *events, source=PROCESS)
    assert [1] == hits("selection: {OriginalFileName: null}", *events, source=PROCESS)


@pytest.mark.parametrize(
    "condition", ["a and not b", "a and not (b or c)", "a and not 1 of b*", "not (not a or b)", "a and not not not b"]
)
def test_a_filter_on_what_the_audit_lacks_leaves_the_audit_out(condition: str) -> None:
    text = f"a: {{CommandLine: x}}\nb: {{OriginalFileName: b.exe}}\nc: {{CommandLine: y}}\ncondition: {condition}"
    events = [event(CommandLine="x", OriginalFileName="a"), security(CommandLine="x"), event(OriginalFileName="b.exe")]
    assert [0] == hits(text, *events, source=PROCESS)


def test_a_field_compared_with_one_the_audit_lacks_leaves_the_audit_out() -> None:
    text = "a: {CommandLine|contains: x}\nb: {Image|fieldref: OriginalFileName}\ncondition: a and not b"
    events = [event(CommandLine="x", Image="a", OriginalFileName="b"), security(CommandLine="x", NewProcessName="a")]
    assert [0] == hits(text, *events, source=PROCESS)


def test_a_filter_on_what_the_audit_has_keeps_the_audit() -> None:
    text = "a: {CommandLine: x}\nb: {ParentImage: good.exe}\ncondition: a and not b"
    events = [security(CommandLine="x"), security(CommandLine="x", ParentProcessName="GOOD.exe")]
    assert [0] == hits(text, *events, source=PROCESS)


def audited(**fields: Json) -> dict[str, Json]:
    return security(EventID=4657, OperationType="%%1905", **fields)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        (r"\REGISTRY\MACHINE\SOFTWARE\Run", "evil", r"HKLM\SOFTWARE\Run\evil"),
        (
            r"\REGISTRY\MACHINE\SYSTEM\ControlSet001\Services\x",
            "Start",
            r"HKLM\SYSTEM\CurrentControlSet\Services\x\Start",
        ),
        (r"\REGISTRY\USER\S-1-5-21-1\Run", "evil", r"HKU\S-1-5-21-1\Run\evil"),
        (r"\REGISTRY\MACHINE\SOFTWARE\Run", "", r"HKLM\SOFTWARE\Run"),
        (r"\REGISTRY\A\{x}\Run", "evil", r"\REGISTRY\A\{x}\Run\evil"),
    ],
)
def test_the_audit_names_a_registry_value_as_sysmon_does(key: str, value: str, shown: str) -> None:
    events = [audited(ObjectName=key, ObjectValueName=value), audited(ObjectName="other")]
    assert [0] == hits(f"selection: {{TargetObject: '{shown}'}}", *events, source=REGISTRY)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("%%1873", "C:\\evil.exe", "C:\\evil.exe"),
        ("%%1876", "1", "DWORD (0x00000001)"),
        ("%%1876", "0xFF", "DWORD (0x000000ff)"),
        ("%%1883", "0xC000000000000001", "QWORD (0xc0000000-0x00000001)"),
        ("%%1876", "no number", "no number"),
    ],
)
def test_the_audit_tells_registry_data_as_sysmon_does(kind: str, value: str, shown: str) -> None:
    events = [audited(NewValue=value, NewValueType=kind), audited(NewValue="x", NewValueType=kind)]
    assert [0] == hits(f"selection: {{Details: '{shown}'}}", *events, source=REGISTRY)


def test_a_deleted_value_was_not_set() -> None:
    events = [audited(ObjectName="k"), {**audited(ObjectName="k"), "OperationType": "%%1906"}]
    assert [0] == hits("selection: {TargetObject: k}", *events, source=REGISTRY)


def test_registry_rules_read_sysmon_too() -> None:
    events = [event(EventID=code, TargetObject="k", EventType="SetValue") for code in (12, 13, 14)]
    assert [1] == hits("selection: {TargetObject: k}", *events, source=REGISTRY)
    every = "{product: windows, category: registry_event}"
    assert [0, 1, 2, 3] == hits("selection: {TargetObject: k}", *events, audited(ObjectName="k"), source=every)
