"""Every way in which another engine was seen to err is a test of ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sentinel.inputs import reader
from sentinel.pipeline import scan
from sentinel.reading import Finding
from tests.detect.builders import Event, Json, compiled, event, hits, rule, security
from tests.scanning import scanned

if TYPE_CHECKING:
    from pathlib import Path

PROCESS = "{product: windows, category: process_creation}"
GUID = "bf967aba-0de6-11d0-a285-00aa003049e2"


def test_a_rule_with_a_service_alone_still_asks_for_its_channel_and_provider() -> None:
    events: list[Event] = [
        event(Channel="Microsoft-Windows-Windows Defender/Operational", SourceName=provider, EventID=1116)
        for provider in ["Microsoft-Windows-Windows Defender", "Another"]
    ]
    events += [security(EventID=1116), event(Channel="Application", SourceName="X", EventID=1116)]
    assert [0] == hits("selection: {EventID: 1116}", *events, source="{product: windows, service: windefend}")


def test_wildcards_within_the_values_of_modifiers_stay_wildcards() -> None:
    events = [event(CommandLine=text) for text in ["x cmd /c 'echo 1' y", "x cmd /c echo y", "cmd*echo", "x cmd1"]]
    assert [0, 1, 2] == hits("selection: {CommandLine|contains: 'cmd*echo'}", *events)
    assert [3] == hits("selection: {CommandLine|endswith: 'cmd?'}", *events)
    assert [2] == hits("selection: {CommandLine|startswith: 'cmd?e'}", *events)


def test_booleans_and_numbers_of_json_answer_to_text_in_rules() -> None:
    events = [event(Initiated=True, DestinationPort=3389), event(Initiated="true", DestinationPort="3389")]
    events.append(event(Initiated=False, DestinationPort=33890))
    assert [0, 1] == hits("selection: {Initiated: 'true', DestinationPort: '3389'}", *events)
    assert [0, 1] == hits("selection: {Initiated: true, DestinationPort: 3389}", *events)
    assert [0, 1, 2] == hits("selection: {DestinationPort|startswith: '33'}", *events)


def nested(data: Json, code: int = 400) -> Event:
    return {
        "Event": {
            "System": {
                "Provider": {"#attributes": {"Name": "PowerShell"}},
                "EventID": code,
                "Channel": "Windows PowerShell",
            },
            "EventData": data,
        }
    }


def test_arrays_of_data_and_data_without_a_name_are_searched() -> None:
    events = [
        nested({"Data": {"#text": ["Available", "None", "HostApplication=powershell -enc x"]}}),
        nested({"Data": ["Available", "HostApplication=powershell -enc x"]}),
        nested({"Data": "HostApplication=powershell -enc x"}),
        nested({"Data": ["Available", "HostApplication=cmd"]}),
    ]
    source = "{product: windows, category: ps_classic_start}"
    assert [0, 1, 2] == hits("selection: {Data|contains: 'powershell -ENC'}", *events, source=source)
    assert [0, 1, 2] == hits("selection: ['powershell -enc']", *events, source=source)


def test_guids_match_with_and_without_braces_whatever_their_case() -> None:
    spellings = [GUID, GUID.upper(), f"{{{GUID}}}", f"{{{GUID.upper()}}}"]
    events = [*(event(ObjectType=text) for text in spellings), event(ObjectType=GUID.replace("b", "c"))]
    for asked in spellings:
        assert [0, 1, 2, 3] == hits(f"selection: {{ObjectType: '{asked}'}}", *events)


def test_the_empty_text_and_null_are_told_apart() -> None:
    events = [event(ParentImage=""), event(ParentImage=None), event()]
    assert [0] == hits("selection: {ParentImage: ''}", *events)
    assert [1, 2] == hits("selection: {ParentImage: null}", *events)


def test_fields_whose_names_hold_spaces_answer_to_the_names_of_rules() -> None:
    defender: dict[str, Json] = {
        "Channel": "Microsoft-Windows-Windows Defender/Operational",
        "SourceName": "Microsoft-Windows-Windows Defender",
        "EventID": 5007,
    }
    events: list[Event] = [
        {**defender, "New Value": "Exclusions = x"},
        {**defender, "NewValue": "exclusions"},
        {**defender},
    ]
    source = "{product: windows, service: windefend}"
    assert [0, 1] == hits("selection: {NewValue|contains: Exclusions}", *events, source=source)
    assert [0] == hits("selection: {'New Value|contains': Exclusions}", *events, source=source)


def test_keywords_without_a_field_are_searched_in_every_value() -> None:
    events = [event(A="0x1410 sekurlsa::x"), event(B=["y", "SEKURLSA::"]), event(sekurlsa="x")]
    assert [0, 1] == hits("selection: ['sekurlsa::']", *events)


def test_windash_takes_every_dash() -> None:
    events = [event(CommandLine=f"reg {dash}s x") for dash in ["-", "/", "–", "—", "―", "+"]]
    assert [0, 1, 2, 3, 4] == hits("selection: {CommandLine|contains|windash: ' -s '}", *events)


def test_cidr_reads_addresses_of_both_versions() -> None:
    texts = ["10.1.2.3", "::ffff:10.1.2.3", "fe80::1", "110.1.2.3", "10.1.2.3.4", "-"]
    events = [event(DestinationIp=text) for text in texts]
    assert [0, 1, 2] == hits("selection: {DestinationIp|cidr: [10.0.0.0/8, 'fe80::/10']}", *events)


def test_fieldref_compares_with_the_other_field_of_the_same_event() -> None:
    events = [event(A="x", B="X"), event(A="x", B="y"), event(A="B"), event(A="x")]
    assert [0] == hits("selection: {A|fieldref: B}", *events)


def test_a_regular_expression_ignores_case_only_where_it_is_told_to() -> None:
    events = [event(A="INVOKE-x"), event(A="Invoke-x")]
    assert [0, 1] == hits("selection: {A|re|i: 'invoke-[a-z]'}", *events)
    assert [1] == hits("selection: {A|re: 'Invoke-[a-z]'}", *events)


def test_process_creation_is_found_in_the_audit_as_in_sysmon() -> None:
    events: list[Event] = [
        event(Image=r"C:\x\certutil.exe", CommandLine="certutil -urlcache"),
        security(NewProcessName=r"C:\x\certutil.exe", CommandLine="certutil -urlcache"),
        security(EventID=4689, ProcessName=r"C:\x\certutil.exe"),
    ]
    text = r"selection: {Image|endswith: \certutil.exe, CommandLine|contains: urlcache}"
    assert [0, 1] == hits(text, *events, source=PROCESS)


SYSMON, NAME = "Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon"
SHAPES: dict[str, dict[str, Json]] = {
    "flat": {"EventID": 1, "Channel": SYSMON, "SourceName": NAME, "Image": "evil.exe"},
    "flat with text": {"EventID": "1", "Channel": SYSMON, "ProviderName": NAME, "Image": "evil.exe"},
    "nested": {
        "Event": {
            "System": {"Provider": {"#attributes": {"Name": NAME}}, "EventID": {"#text": 1}, "Channel": SYSMON},
            "EventData": {"Image": "evil.exe"},
        }
    },
    "nested with separate attributes": {
        "Event": {
            "System": {"Provider_attributes": {"Name": NAME}, "EventID": 1, "Channel": SYSMON},
            "EventData": {"Image": "evil.exe"},
        }
    },
    "Winlogbeat": {
        "winlog": {"channel": SYSMON, "provider_name": NAME, "event_id": "1", "event_data": {"Image": "evil.exe"}},
        "event": {"code": "1"},
    },
    "Winlogbeat, renamed to ECS": {
        "winlog": {"channel": SYSMON, "provider_name": NAME, "event_id": 1},
        "process": {"executable": "evil.exe"},
    },
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_json_is_recognised_and_read_alike(tmp_path: Path, shape: str) -> None:
    ruleset = compiled(rule("selection: {Image: evil.exe}", PROCESS))
    (tmp_path / "log").write_text(json.dumps(SHAPES[shape]) + "\n")
    result = scanned([tmp_path / "log"], ruleset)
    assert (1, {}, [1]) == (result.events, result.faults, list(result.counts(tmp_path / "log").values()))


@pytest.mark.parametrize(
    "content",
    [b"words\n", b"<Event/>\n", b"a,b\n1,2\n", b"\x7fELF\0\0", b"ElfFilx\0" * 9, b'{"a": 1}\n', b'[{"a": 1}]', b"{}\n"],
)
def test_an_input_of_unknown_shape_is_an_error_and_never_no_detections(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "log").write_bytes(content)
    ruleset = compiled(rule("selection: {Image: evil.exe}", PROCESS))
    findings = [each for each in scan(reader.find([str(tmp_path)]), ruleset, now=0) if isinstance(each, Finding)]
    assert 0 == sum(finding.events for finding in findings)
    assert [] != [fault.message for finding in findings for fault in finding.faults]
