"""Security events about processes, objects, shares."""

from __future__ import annotations

from sentinel.normalise.convert import host_of, integer, text
from sentinel.normalise.lines import file_in, peer, program, who
from sentinel.normalise.mapping import Event, Map
from sentinel.normalise.paths import registry_hive, registry_key, registry_path
from sentinel.normalise.windows_words import direction, object_category, outcome_of_status, registry_type, transport

_BY = program("ProcessName", pid="ProcessId")
_CONFIGURATION = ("iam", "configuration")


def _only(kind: str, lines: tuple[Map, ...]) -> tuple[Map, ...]:
    """Keep lines to objects of one type: a key's name is no file's path."""
    return tuple(Map(line.target, line.source, line.convert, ("ObjectType", frozenset({kind}))) for line in lines)


_KEY = (
    Map("registry.path", "ObjectName", registry_path),
    Map("registry.hive", "ObjectName", registry_hive),
    Map("registry.key", "ObjectName", registry_key),
)
_OBJECT = (
    *_BY,
    Map("event.category", "ObjectType", object_category),
    *_only("file", file_in("ObjectName")),
    *_only("key", _KEY),
)
_SHARE = (
    *peer("IpAddress", "IpPort"),
    *file_in("RelativeTargetName"),
)
_CONNECTION = (
    Map("process.pid", "ProcessID", integer),
    Map("process.pid", "ProcessId", integer),
    *program("Application"),
    *peer("SourceAddress", "SourcePort"),
    *peer("DestAddress", "DestPort", "destination"),
    Map("network.direction", "Direction", direction),
    Map("network.iana_number", "Protocol"),
    Map("network.transport", "Protocol", transport),
)
_NEW_PROCESS = (
    *program("NewProcessName", pid="NewProcessId"),
    Map("process.command_line", "CommandLine"),
    *program("ParentProcessName", "process.parent", pid="ProcessId"),
    *who("Target", "user.effective", id_of="UserSid"),
)
_SERVICE = (
    Map("service.name", "ServiceName"),
    Map("service.type", "ServiceType"),
    Map("process.command_line", "ServiceFileName"),
)
_LISTENING = (
    Map("process.pid", "ProcessId", integer),
    *program("Application"),
    *peer("SourceAddress", "SourcePort"),
    Map("network.iana_number", "Protocol"),
    Map("network.transport", "Protocol", transport),
)
_TASKS = (
    ("4698", "scheduled-task-created", "creation"),
    ("4699", "scheduled-task-deleted", "deletion"),
    ("4700", "scheduled-task-enabled", "change"),
    ("4701", "scheduled-task-disabled", "change"),
    ("4702", "scheduled-task-updated", "change"),
)
_DIRECTORY = (
    ("5136", "directory-service-object-modified", "change"),
    ("5137", "directory-service-object-created", "creation"),
    ("5138", "directory-service-object-undeleted", "change"),
    ("5139", "directory-service-object-moved", "change"),
    ("5141", "directory-service-object-deleted", "deletion"),
)
_FILTERED = (
    ("5152", "packet-blocked", ("connection", "denied"), "failure"),
    ("5156", "connection-allowed", ("connection", "start", "allowed"), "success"),
    ("5157", "connection-blocked", ("connection", "denied"), "failure"),
)

EVENTS: tuple[Event, ...] = (
    Event("1100", "logging-service-shutdown", ("process",), ("end",), "success"),
    Event("1102", "audit-log-cleared", ("iam",), ("admin", "change"), "success"),
    Event("4656", "object-handle-requested", (), ("access",), maps=_OBJECT),
    Event(
        "4657",
        "registry-value-modified",
        ("configuration", "registry"),
        ("change",),
        maps=(
            *_BY,
            Map("registry.path", "ObjectName", registry_path),
            Map("registry.hive", "ObjectName", registry_hive),
            Map("registry.key", "ObjectName", registry_key),
            Map("registry.value", "ObjectValueName"),
            Map("registry.data.type", "NewValueType", registry_type),
            Map("registry.data.strings", "NewValue", text),
        ),
    ),
    Event("4658", "object-handle-closed", (), ("access",), maps=_OBJECT),
    Event("4660", "object-deleted", (), ("deletion",), maps=_BY),
    Event("4661", "object-handle-requested", ("iam",), ("info",), maps=_BY),
    Event("4662", "object-operation-performed", ("iam",), ("info",)),
    Event("4663", "object-accessed", (), ("access",), maps=_OBJECT),
    Event("4670", "object-permissions-changed", ("iam", "configuration"), ("admin", "change"), maps=_OBJECT),
    Event("4688", "created-process", ("process",), ("start",), "success", maps=_NEW_PROCESS),
    Event(
        "4689",
        "exited-process",
        ("process",),
        ("end",),
        "success",
        maps=(*_BY, Map("error.code", "Status")),
    ),
    Event("4697", "service-installed", _CONFIGURATION, ("admin", "change"), "success", maps=_SERVICE),
    *(Event(code, action, _CONFIGURATION, ("admin", change), "success") for code, action, change in _TASKS),
    Event("4719", "changed-audit-config", _CONFIGURATION, ("admin", "change"), "success"),
    Event("4946", "firewall-rule-added", ("configuration",), ("creation",), maps=(Map("rule.name", "RuleName"),)),
    *(Event(code, action, _CONFIGURATION, ("admin", change)) for code, action, change in _DIRECTORY),
    Event("5140", "network-share-object-accessed", ("network", "file"), ("access",), maps=_SHARE),
    Event("5142", "network-share-object-added", ("configuration",), ("creation",), maps=peer("IpAddress", "IpPort")),
    Event("5145", "network-share-object-access-checked", ("network", "file"), ("access",), maps=_SHARE),
    Event("5154", "listening-allowed", ("network",), ("start", "allowed"), "success", maps=_LISTENING),
    Event("5158", "local-port-bound", ("network",), ("start", "allowed"), "success", maps=_LISTENING),
    *(Event(code, action, ("network",), kinds, end, maps=_CONNECTION) for code, action, kinds, end in _FILTERED),
    Event(
        "5379",
        "credentials-read",
        ("iam",),
        ("info",),
        maps=(
            Map("process.pid", "ClientProcessId", integer),
            Map("event.outcome", "ReturnCode", outcome_of_status),
            Map("destination.domain", "TargetServerName", host_of),
        ),
    ),
)
