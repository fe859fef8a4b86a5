"""Winlogbeat events back to native names.

Winlogbeat and Elastic Agent move much of an event's data to ECS fields and out of `winlog.event_data`. Sigma rules ask
for the native fields, so those are rebuilt here. Three things cannot be: values that were empty or "-" (Winlogbeat
drops them), the radix of numbers (it writes hexadecimal DWORDs in decimal), and the order of `Hashes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_SYSTEM: tuple[tuple[str, tuple[str, ...]], ...] = (
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
    ("Level", ("log.level",)),
    ("UserID", ("winlog.user.identifier",)),
    ("Execution_ProcessID", ("winlog.process.pid",)),
    ("Execution_ThreadID", ("winlog.process.thread.id",)),
    ("ActivityID", ("winlog.activity_id",)),
    ("RelatedActivityID", ("winlog.related_activity_id",)),
)

_CLASHING = frozenset(name for name, _sources in _SYSTEM)
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
    ("PipeName", "file.name"),
    ("Details", "registry.data.strings"),
)
_REGISTRY_EVENTS = frozenset({"12", "13", "14"})
_DRIVER_AND_IMAGE = {"6": "ImageLoaded", "7": "ImageLoaded"}
_PIPE_EVENTS = frozenset({"17", "18"})
_HASHED = ("process", "file", "dll")
_HASHES = ("md5", "sha1", "sha256", "sha512", "imphash")
_DIRECTIONS = {"egress": "true", "outbound": "true", "ingress": "false", "inbound": "false"}
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


def flatten_winlogbeat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give the flat form of a Winlogbeat or Elastic Agent event (ECS 1.x to 9.x, nested or dotted names)."""
    fields = _dotted(record)
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        for prefix in ("winlog.event_data.", "winlog.user_data."):
            if name.startswith(prefix):
                flat[name.removeprefix(prefix)] = value
    flat.pop("xml_name", None)
    for name in _CLASHING & flat.keys():
        flat["EventData_" + name] = flat[name]
    for name, sources in _SYSTEM:
        value = next((fields[source] for source in sources if fields.get(source) is not None), None)
        if value is not None:
            flat[name] = value
    if "message" in fields:
        flat.setdefault("Message", fields["message"])
    _rebuild(flat, fields)
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


def _rebuild(flat: dict[str, Any], fields: Mapping[str, Any]) -> None:
    channel = str(flat.get("Channel", "")).lower()
    if channel == "microsoft-windows-sysmon/operational":
        _rebuild_sysmon(flat, fields, str(flat.get("EventID", "")))
    elif channel == "security":
        _fill(flat, fields, _SECURITY)
    elif "powershell" in channel:
        _fill(flat, fields, _POWERSHELL)


def _fill(flat: dict[str, Any], fields: Mapping[str, Any], table: tuple[tuple[str, str], ...]) -> None:
    for native, source in table:
        if native not in flat and source in fields:
            flat[native] = fields[source]


def _rebuild_sysmon(flat: dict[str, Any], fields: Mapping[str, Any], code: str) -> None:
    is_pipe = code in _PIPE_EVENTS
    _fill(flat, fields, tuple(row for row in _SYSMON if is_pipe or row[0] != "PipeName"))
    if code in _DRIVER_AND_IMAGE and "ImageLoaded" not in flat:
        for source in ("dll.path", "file.path"):
            if source in fields:
                flat["ImageLoaded"] = fields[source]
                break
    if code in _REGISTRY_EVENTS and "TargetObject" not in flat and "registry.path" in fields:
        flat["TargetObject"] = fields["registry.path"]
    if "User" not in flat and "user.name" in fields:
        domain = fields.get("user.domain")
        flat["User"] = f"{domain}\\{fields['user.name']}" if domain else fields["user.name"]
    initiated = _DIRECTIONS.get(str(fields.get("network.direction")))
    if "Initiated" not in flat and initiated:
        flat["Initiated"] = initiated
    if "Hashes" not in flat:
        hashes = _hashes(fields)
        if hashes:
            flat["Hashes"] = hashes


def _hashes(fields: Mapping[str, Any]) -> str:
    found: dict[str, str] = {}
    for owner in _HASHED:
        for name in _HASHES:
            value = fields.get(f"{owner}.hash.{name}", fields.get(f"{owner}.pe.{name}"))
            if isinstance(value, str):
                found.setdefault(name, value)
    return ",".join(f"{name.upper()}={value.upper()}" for name, value in found.items())
