"""Winlogbeat events back to native names.

Winlogbeat and Elastic Agent move much of an event's data to ECS fields and out of `winlog.event_data`. Sigma rules ask
for the native fields, so those are rebuilt here, one record at a time; `winlog_columns` does the same to columns, by
the same tables. Three things cannot be: values that were empty or "-" (Winlogbeat drops them), the radix of numbers (it
writes hexadecimal DWORDs in decimal), and the order of `Hashes`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sentinel.formats.texts import identity_of
from sentinel.model.batch import EventKind
from sentinel.model.datasets import dataset_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIXES = ("winlog.event_data.", "winlog.user_data.")
LEFT_OUT = "xml_name"
"""What Winlogbeat calls the element that it drew user data out of."""
SYSTEM: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Channel", ("winlog.channel",)),
    ("EventID", ("winlog.event_id", "event.code")),
    ("Provider_Name", ("winlog.provider_name", "event.provider")),
    ("Provider_Guid", ("winlog.provider_guid",)),
    ("Computer", ("winlog.computer_name", "host.name")),
    ("EventRecordID", ("winlog.record_id",)),
    ("TimeCreated", ("@timestamp",)),
    ("Task", ("winlog.task",)),
    ("Opcode", ("winlog.opcode",)),
    ("Keywords", ("winlog.keywords",)),
    ("Version", ("winlog.version",)),
    ("Level", ("winlog.level", "log.level")),
    ("UserID", ("winlog.user.identifier",)),
    ("Execution_ProcessID", ("winlog.process.pid",)),
    ("Execution_ThreadID", ("winlog.process.thread.id",)),
    ("ActivityID", ("winlog.activity_id",)),
    ("RelatedActivityID", ("winlog.related_activity_id",)),
)

CLASHING = frozenset(name for name, _sources in SYSTEM)
_IDENTITY = tuple(dict(SYSTEM)[name] for name in ("Channel", "Provider_Name", "EventID"))
SYSMON_CHANNEL = "microsoft-windows-sysmon/operational"
# Native field ← the ECS field that Winlogbeat's Sysmon module moves it to.
_SYSMON: tuple[tuple[str, str], ...] = (
    ("RuleName", "rule.name"),
    ("ProcessGuid", "process.entity_id"),
    ("ProcessId", "process.pid"),
    ("Image", "process.executable"),
    ("CommandLine", "process.command_line"),
    ("CurrentDirectory", "process.working_directory"),
    ("ParentProcessGuid", "process.parent.entity_id"),
    ("ParentProcessId", "process.parent.pid"),
    ("ParentImage", "process.parent.executable"),
    ("ParentCommandLine", "process.parent.command_line"),
    ("OriginalFileName", "process.pe.original_file_name"),
    ("FileVersion", "process.pe.file_version"),
    ("Description", "process.pe.description"),
    ("Product", "process.pe.product"),
    ("Company", "process.pe.company"),
    ("TargetFilename", "file.path"),
    ("SourceIp", "source.ip"),
    ("SourceHostname", "source.domain"),
    ("SourcePort", "source.port"),
    ("DestinationIp", "destination.ip"),
    ("DestinationHostname", "destination.domain"),
    ("DestinationPort", "destination.port"),
    ("Protocol", "network.transport"),
    ("QueryName", "dns.question.name"),
    ("Details", "registry.data.strings"),
)
# The same for some event codes alone; the first that an event has is it.
_SYSMON_BY_CODE: dict[str, tuple[tuple[str, str], ...]] = {
    **dict.fromkeys(("6", "7"), (("ImageLoaded", "dll.path"), ("ImageLoaded", "file.path"))),
    **dict.fromkeys(("12", "13", "14"), (("TargetObject", "registry.path"),)),
    **dict.fromkeys(("17", "18"), (("PipeName", "file.name"),)),
}
HASHED = ("process", "file", "dll")
HASHES = ("md5", "sha1", "sha256", "sha512", "imphash")
DIRECTIONS = {"egress": "true", "outbound": "true", "ingress": "false", "inbound": "false"}
# Native field ← ECS field for the Security channel.
_SECURITY: tuple[tuple[str, str], ...] = (
    ("IpAddress", "source.ip"),
    ("IpPort", "source.port"),
    ("NewProcessName", "process.executable"),
    ("CommandLine", "process.command_line"),
    ("ParentProcessName", "process.parent.executable"),
)
_POWERSHELL: tuple[tuple[str, str], ...] = (
    ("ScriptBlockText", "powershell.file.script_block_text"),
    ("ScriptBlockId", "powershell.file.script_block_id"),
    ("Path", "file.path"),
)


def document_in(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Give the document of Winlogbeat that a record is, or that a search hit holds; None where there is none."""
    if is_winlogbeat(record):
        return record
    source = record.get("_source")
    return source if type(source) is dict and is_winlogbeat(source) else None


def is_winlogbeat(record: Mapping[str, Any]) -> bool:
    """Tell whether Winlogbeat or Elastic Agent wrote a record."""
    return isinstance(record.get("winlog"), dict) or "winlog.event_id" in record


def kind_of(fields: Mapping[str, Any]) -> EventKind:
    """Give the kind of a document, given by dotted names."""
    return _kind_of_names(*(_first(fields, sources) for sources in _IDENTITY))


def kind_in(record: Mapping[str, Any]) -> EventKind:
    """Give the kind of a document, nested or dotted."""
    beat = record.get("winlog")
    prefix, fields = ("", beat) if type(beat) is dict else ("winlog.", record)
    channel, provider, code = (fields.get(prefix + name) for name in ("channel", "provider_name", "event_id"))
    if type(channel) is str and type(provider) is str and type(code) in _CODES:
        return _kind(channel, provider, code)
    return kind_of(_dotted(record))


_CODES = frozenset({str, int})


@lru_cache(maxsize=4096)
def _kind(channel: str, provider: str, event_id: str | int) -> EventKind:
    return _kind_of_names(channel, provider, event_id)


def _kind_of_names(*names: object) -> EventKind:
    channel, provider, code = map(identity_of, names)
    return EventKind(dataset_of(channel, provider), channel, provider, code)


def _first(fields: Mapping[str, Any], sources: tuple[str, ...]) -> Any:  # noqa: ANN401 - any JSON value
    return next((fields[source] for source in sources if fields.get(source) is not None), None)


@lru_cache(maxsize=1024)
def moved_fields(channel: str, code: str) -> tuple[tuple[str, str], ...]:
    """Give the native fields of a kind that Winlogbeat moves to ECS fields, each with where to; in lower case."""
    if channel == SYSMON_CHANNEL:
        return _SYSMON + _SYSMON_BY_CODE.get(code, ())
    if channel == "security":
        return _SECURITY
    return _POWERSHELL if "powershell" in channel else ()


def flatten_winlogbeat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give the flat form of a Winlogbeat or Elastic Agent event (ECS 1.x to 9.x, nested or dotted names)."""
    fields = _dotted(record)
    flat = _own_data(fields)
    for name in CLASHING & flat.keys():
        flat["EventData_" + name] = flat[name]
    for name, sources in SYSTEM:
        value = _first(fields, sources)
        if value is not None:
            flat[name] = value
    if "message" in fields:
        flat.setdefault("Message", fields["message"])
    channel = str(flat.get("Channel", "")).lower()
    for native, source in moved_fields(channel, str(flat.get("EventID", ""))):
        if native not in flat and source in fields:
            flat[native] = fields[source]
    if channel == SYSMON_CHANNEL:
        _join_sysmon(flat, fields)
    return flat


def _own_data(fields: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        for prefix in PREFIXES:
            if name.startswith(prefix):
                flat[name.removeprefix(prefix)] = value
    flat.pop(LEFT_OUT, None)
    return flat


def _dotted(record: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten nested objects to dotted names; lists and scalars are leaves."""
    flat: dict[str, Any] = {}
    stack: list[tuple[str, Mapping[str, Any]]] = [("", record)]
    while stack:
        prefix, entries = stack.pop()
        for name, value in entries.items():
            if type(value) is dict:
                stack.append((prefix + name + ".", value))
            elif value is not None:
                flat[prefix + name] = value
    return flat


def _join_sysmon(flat: dict[str, Any], fields: Mapping[str, Any]) -> None:
    """Put together what Winlogbeat took apart."""
    if "User" not in flat and "user.name" in fields:
        domain = fields.get("user.domain")
        flat["User"] = f"{domain}\\{fields['user.name']}" if domain else fields["user.name"]
    initiated = DIRECTIONS.get(str(fields.get("network.direction")))
    if "Initiated" not in flat and initiated:
        flat["Initiated"] = initiated
    if "Hashes" not in flat:
        hashes = _hashes(fields)
        if hashes:
            flat["Hashes"] = hashes


def _hashes(fields: Mapping[str, Any]) -> str:
    found: dict[str, str] = {}
    for owner in HASHED:
        for name in HASHES:
            value = fields.get(f"{owner}.hash.{name}", fields.get(f"{owner}.pe.{name}"))
            if isinstance(value, str):
                found.setdefault(name, value)
    return ",".join(f"{name.upper()}={value.upper()}" for name, value in found.items())
