"""The events of the samples and their JSON shapes.

An event is made from a kind (kinds.toml: its header and every field the real event has), a host, a time, an actor and
the fields that matter; a shape writes it as one of the cited tools does. The rules' evidence was made the same way.
Rendered messages are left out: the shippers are taken to drop them, as many do to halve their volume.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HERE = Path(__file__).resolve().parent
HANOI = timedelta(hours=7)  # the wall clock of the recorded hosts; without daylight saving

Json = dict[str, Any]
Text = str | list[str]

# Fields that evtx_dump gives as numbers and truth values; everything else is text.
NUMBERS = frozenset(
    [
        "ProcessId",
        "ParentProcessId",
        "SourceProcessId",
        "TargetProcessId",
        "SourceThreadId",
        "NewThreadId",
        "TerminalSessionId",
        "SourcePort",
        "DestinationPort",
        "LogonType",
        "KeyLength",
        "MessageNumber",
        "MessageTotal",
        "Priority",
        "EnginePID",
        "ResultCode",
        "ProcessID",
    ]
)
TRUTHS = frozenset({"Initiated", "SourceIsIpv6", "DestinationIsIpv6"})
GUIDS = ("Guid", "GUID", "TaskInstanceId")
LEVELS = {0: "information", 2: "error", 3: "warning", 4: "information", 5: "verbose"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event: its header (numbers as Windows writes them) and the default of every field it has."""

    channel: str
    name: str
    guid: str
    event_id: int
    task: int
    action: str
    keywords: str
    level: int
    version: int = 0
    opcode: int = 0
    qualifiers: int = 0
    user: str = ""
    user_data: str = ""
    fields: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One event on one host at one time (UTC), its fields in the order of its kind."""

    kind: Kind
    host: str
    time: datetime
    record: int
    user_sid: str
    fields: Mapping[str, Text]


def read_kinds() -> dict[str, Kind]:
    """Read kinds.toml: `<provider>-<event id>` → kind."""
    table = tomllib.loads((HERE / "kinds.toml").read_text(encoding="utf-8"))
    kinds = {}
    for key, own in table["kinds"].items():
        provider, code = key.rsplit("-", 1)
        kinds[key] = Kind(event_id=int(code), **{**table["providers"][provider], **own})
    return kinds


# ── filling in what the templates leave open ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts and from where: account without domain, SID, and the address of the host."""

    account: str
    sid: str
    address: str


def fill(kind: Kind, host: str, when: datetime, actor: Actor, given: Mapping[str, Text]) -> Event:
    """Make an event of a kind; what `given` does not say comes from the kind, its identifiers from a hash."""
    digest = sha256(f"{kind.name}{kind.event_id}{host}{when.isoformat()}{json.dumps(given)}".encode()).hexdigest()
    known = placeholders(host, when, actor, digest)
    fields = {name: resolve(value, known) for name, value in {**kind.fields, **given}.items()}
    user_sid = str(resolve(kind.user, known))
    return Event(kind, host, when, int(digest[56:62], 16), user_sid, fields)


def placeholders(host: str, when: datetime, actor: Actor, digest: str) -> dict[str, str]:
    """Give the values of `{name}` in templates: who, where, when, and numbers taken from a hash."""
    machine = host.split(".", maxsplit=1)[0].upper()
    pids = [int(digest[at : at + 3], 16) * 4 + 400 for at in (0, 3)]
    hashed = digest.upper()
    return {
        "utc": f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03d}",
        "iso": f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z",
        "host": host,
        "machine": machine,
        "account": actor.account,
        "user": "NT AUTHORITY\\SYSTEM" if actor.sid == "S-1-5-18" else f"SOTNMT\\{actor.account}",
        "sid": actor.sid,
        "address": actor.address,
        "pid": str(pids[0]),
        "parent_pid": str(pids[1]),
        "hex_pid": hex(pids[0]),
        "hex_parent_pid": hex(pids[1]),
        "port": str(49152 + int(digest[6:9], 16)),
        "logon": f"0x{digest[9:15]}",
        "guid": "{" + f"8C1F33A0-{hashed[0:4]}-691E-{hashed[4:8]}-000000000B00" + "}",
        "parent_guid": "{" + f"8C1F33A0-{hashed[8:12]}-691E-{hashed[12:16]}-000000000B00" + "}",
        "logon_guid": "{" + f"8C1F33A0-{hashed[16:20]}-691E-{hashed[20:24]}-000000000000" + "}",
        "block": f"{digest[0:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}",
        "hashes": f"MD5={hashed[:32]},SHA256={hashed[::-1]},IMPHASH={hashed[32:]}",
    }


def resolve(value: Text, known: Mapping[str, str]) -> Text:
    """Put the known values in place of `{name}`; other braces stay as they are."""
    if isinstance(value, list):
        return [str(resolve(one, known)) for one in value]
    for name, text in known.items():
        value = value.replace("{" + name + "}", text)
    return value


# ── the shapes of JSON ──────────────────────────────────────────────────────────────────────────────────────────────


def evtx_dump(event: Event) -> Json:
    """Shape an event as `evtx_dump -o jsonl` writes it: XML attributes under `#attributes`."""
    kind = event.kind
    code: Any = kind.event_id
    if kind.qualifiers:
        code = {"#attributes": {"Qualifiers": kind.qualifiers}, "#text": kind.event_id}
    system = {
        "Provider": {"#attributes": provider_attributes(kind)},
        "EventID": code,
        **system_values(event),
        "TimeCreated": {"#attributes": {"SystemTime": stamp(event.time, 6)}},
        "Execution": {"#attributes": {"ProcessID": 1912, "ThreadID": 3064}},
        "Security": {"#attributes": {"UserID": event.user_sid}} if event.user_sid else None,
    }
    xmlns = {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"}
    return {"Event": {"#attributes": xmlns, "System": system, **event_body(event)}}


def evtx_dump_separate(event: Event) -> Json:
    """Shape an event as `evtx_dump --separate-json-attributes` does: attributes in `<element>_attributes`."""
    kind = event.kind
    system: Json = {"Provider_attributes": provider_attributes(kind), "EventID": kind.event_id}
    if kind.qualifiers:
        system["EventID_attributes"] = {"Qualifiers": kind.qualifiers}
    system |= system_values(event)
    system["TimeCreated_attributes"] = {"SystemTime": stamp(event.time, 6)}
    system["Execution_attributes"] = {"ProcessID": 1912, "ThreadID": 3064}
    if event.user_sid:
        system["Security_attributes"] = {"UserID": event.user_sid}
    xmlns = {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"}
    return {"Event": {"System": system, **event_body(event)}, "Event_attributes": xmlns}


def provider_attributes(kind: Kind) -> Json:
    """Give the provider as BinXML has it: manifest GUIDs bare, classic sources without one."""
    return {"Name": kind.name, **({"Guid": kind.guid.strip("{}")} if kind.guid else {})}


def system_values(event: Event) -> Json:
    """Give the elements of System that both styles of evtx_dump write alike."""
    kind = event.kind
    return {
        "Version": kind.version,
        "Level": kind.level,
        "Task": kind.task,
        "Opcode": kind.opcode,
        "Keywords": kind.keywords,
        "EventRecordID": event.record,
        "Correlation": None,
        "Channel": kind.channel,
        "Computer": event.host,
    }


def event_body(event: Event) -> Json:
    """Give EventData or UserData with the types that BinXML has."""
    typed = {name: typed_value(name, value) for name, value in event.fields.items()}
    if event.kind.user_data:
        return {"UserData": {event.kind.user_data: typed}}
    if "Data" in typed:
        typed["Data"] = {"#text": typed["Data"]}
    return {"EventData": typed}


def typed_value(name: str, value: Text) -> object:
    """Turn a field's text into what evtx_dump makes of it."""
    if isinstance(value, list):
        return value
    if name in NUMBERS and value.isdigit():
        return int(value)
    if name in TRUTHS:
        return value == "true"
    return value.strip("{}") if name.endswith(GUIDS) else value


def nxlog(event: Event) -> Json:
    """Shape an event as NXLog's im_msvistalog and to_json() do: flat, the header's fields beside the event's own."""
    kind, local = event.kind, event.time + HANOI
    audit = {"0x8020000000000000": "AUDIT_SUCCESS", "0x8010000000000000": "AUDIT_FAILURE"}
    header: Json = {
        "EventTime": f"{local:%Y-%m-%d %H:%M:%S}",
        "Hostname": event.host,
        "Keywords": int.from_bytes(int(kind.keywords, 16).to_bytes(8, "big"), "big", signed=True),
        "EventType": audit.get(kind.keywords, "INFO"),
        "SeverityValue": 2,
        "Severity": "INFO",
        "EventID": kind.event_id,
        "SourceName": kind.name,
        "ProviderGuid": kind.guid,
        "Version": kind.version,
        "Task": kind.task,
        "OpcodeValue": kind.opcode,
        "RecordNumber": event.record,
        "ExecutionProcessID": 1912,
        "ThreadID": 3064,
        "Channel": kind.channel,
    }
    # NXLog keeps the header's name when the event has a field of that name, except Sysmon's EventType.
    own = {} if kind.user_data else {k: v for k, v in event.fields.items() if v != "" and k not in header}
    sysmon_type = {"EventType": event.fields["EventType"]} if "EventType" in event.fields else {}
    received = f"{local + timedelta(seconds=1):%Y-%m-%d %H:%M:%S}"
    module = {"SourceModuleName": "windows", "SourceModuleType": "im_msvistalog", "@timestamp": stamp(event.time, 3)}
    return {**header, **sysmon_type, **own, "EventReceivedTime": received, **module}


def winlogbeat(event: Event) -> Json:
    """Shape an event as Winlogbeat 8 ships it before an ingest pipeline: all data as text, empty values dropped."""
    kind = event.kind
    data: Json = {}
    for name, value in event.fields.items():
        if isinstance(value, list):
            data |= {f"param{number}": one for number, one in enumerate(value, 1)}
        elif value:
            data[name] = value
    body = {"user_data": {**data, "xml_name": kind.user_data}} if kind.user_data else {"event_data": data}
    security = "fail" if kind.keywords == "0x8010000000000000" else "success"
    return {
        "@timestamp": stamp(event.time, 3),
        "event": {
            "code": str(kind.event_id),
            "kind": "event",
            "provider": kind.name,
            "created": stamp(event.time + timedelta(seconds=2), 3),
            **({"action": kind.action} if kind.action else {}),
            **({"outcome": security.replace("fail", "failure")} if kind.channel == "Security" else {}),
        },
        "host": {"name": event.host},
        "log": {"level": LEVELS[kind.level]},
        "agent": {"type": "winlogbeat", "version": "8.17.0", "name": event.host.split(".", maxsplit=1)[0].upper()},
        "ecs": {"version": "8.0.0"},
        "winlog": {
            "channel": kind.channel,
            "computer_name": event.host,
            "event_id": str(kind.event_id),
            "opcode": "Info",
            "process": {"pid": 1912, "thread": {"id": 3064}},
            **({"provider_guid": kind.guid} if kind.guid else {}),
            "provider_name": kind.name,
            "record_id": event.record,
            **({"task": kind.action} if kind.action else {}),
            **({"user": {"identifier": event.user_sid}} if event.user_sid else {}),
            "api": "wineventlog",
            **body,
        },
    }


def stamp(when: datetime, digits: int) -> str:
    """Write a time as RFC 3339 in UTC with 3 or 6 digits of the second."""
    return f"{when:%Y-%m-%dT%H:%M:%S}.{f'{when.microsecond:06d}'[:digits]}Z"


SHAPES: dict[str, Callable[[Event], Json]] = {
    "evtx_dump JSON": evtx_dump,
    "evtx_dump JSON, --separate-json-attributes": evtx_dump_separate,
    "NXLog im_msvistalog JSON": nxlog,
    "Winlogbeat 8 JSON": winlogbeat,
}
