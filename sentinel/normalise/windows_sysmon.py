"""The table of Sysmon: events 1 to 29 and 255."""

from __future__ import annotations

from sentinel.normalise.convert import date, digits, host_of, integer, lookup
from sentinel.normalise.lines import account_in, file_in, hashes_in, peer, program, signature_of, version_of
from sentinel.normalise.mapping import Event, Family, Map
from sentinel.normalise.paths import (
    answer_addresses,
    answer_texts,
    answer_types,
    details_strings,
    details_type,
    name_of,
    registry_hive,
    registry_key,
    registry_path,
    registry_value,
    registry_value_key,
    techniques,
)
from sentinel.normalise.windows_words import transport

_PROCESS = program("Image", pid="ProcessId", entity="ProcessGuid")
_CREATED = (
    *version_of("process"),
    *hashes_in("Hashes", "process"),
    *program("ParentImage", "process.parent", pid="ParentProcessId", entity="ParentProcessGuid"),
    Map("process.parent.command_line", "ParentCommandLine"),
    Map("process.command_line", "CommandLine"),
    Map("process.working_directory", "CurrentDirectory"),
    Map("process.start", "UtcTime", date),
    Map("winlog.logon.id", "LogonId", digits),
)
_initiated = lookup(
    "initiated",
    "egress where this host opened the connection, else ingress.",
    {"true": "egress", "1": "egress", "false": "ingress", "0": "ingress"},
)
_CONNECTION = (
    *peer("SourceIp", "SourcePort"),
    *peer("DestinationIp", "DestinationPort", "destination"),
    Map("source.domain", "SourceHostname", host_of),
    Map("destination.domain", "DestinationHostname", host_of),
    Map("network.direction", "Initiated", _initiated),
    Map("network.transport", "Protocol", transport),
    Map("network.protocol", "DestinationPortName"),
    Map("network.protocol", "SourcePortName"),
)
_LOADED = (
    Map("dll.path", "ImageLoaded"),
    Map("dll.name", "ImageLoaded", name_of),
    *version_of("dll"),
    *hashes_in("Hashes", "dll"),
    *signature_of("dll"),
)
_DRIVER = (*file_in("ImageLoaded"), *hashes_in("Hashes", "file"), *signature_of("file"))
_FILE = (*file_in("TargetFilename"), Map("file.created", "CreationUtcTime", date))
_KEPT = (*file_in("TargetFilename"), *hashes_in("Hashes", "file"))
# The acting process is the source; Sysmon spells its identity in two ways.
_BETWEEN = (
    Map("process.entity_id", "SourceProcessGUID"),
    Map("process.entity_id", "SourceProcessGuid"),
    *program("SourceImage", pid="SourceProcessId"),
    Map("process.thread.id", "SourceThreadId", integer),
    *account_in("SourceUser"),
    *account_in("TargetUser", "user.target"),
)
_REGISTRY = (Map("registry.path", "TargetObject", registry_path), Map("registry.hive", "TargetObject", registry_hive))
_OF_VALUE = ("EventType", frozenset({"deletevalue", "renamevalue"}))
_OF_KEY = ("EventType", frozenset({"createkey", "deletekey", "renamekey"}))
_REGISTRY_KEY = (
    *_REGISTRY,
    Map("registry.key", "TargetObject", registry_value_key, _OF_VALUE),
    Map("registry.value", "TargetObject", registry_value, _OF_VALUE),
    Map("registry.key", "TargetObject", registry_key, _OF_KEY),
)
_REGISTRY_VALUE = (
    *_REGISTRY,
    Map("registry.key", "TargetObject", registry_value_key),
    Map("registry.value", "TargetObject", registry_value),
    Map("registry.data.type", "Details", details_type),
    Map("registry.data.strings", "Details", details_strings),
)
# Windows' status of a query is DNS's answer code only where the server answered: 0, or 9000 and that code.
_response_code = lookup(
    "response_code",
    "DNS answer code, where the query's status is one.",
    {
        "0": "NOERROR",
        "9001": "FORMERR",
        "9002": "SERVFAIL",
        "9003": "NXDOMAIN",
        "9004": "NOTIMP",
        "9005": "REFUSED",
    },
)
_QUERY = (
    Map("dns.question.name", "QueryName"),
    Map("dns.response_code", "QueryStatus", _response_code),
    Map("dns.answers.data", "QueryResults", answer_texts),
    Map("dns.answers.type", "QueryResults", answer_types),
    Map("dns.resolved_ip", "QueryResults", answer_addresses),
)
_PIPE = (Map("file.name", "PipeName"),)
_CONFIGURATION = (
    *file_in("Configuration"),
    *hashes_in("ConfigurationFileHash", "file"),
)
_STREAM = (*_FILE, *hashes_in("Hash", "file"))

_REGISTRY_CATEGORY = ("configuration", "registry")

FAMILY = Family(
    "windows.sysmon",
    maps=(
        *_PROCESS,
        *account_in("User"),
        Map("rule.name", "RuleName"),
        Map("threat.technique.id", "RuleName", techniques),
    ),
    events=(
        Event("1", "process-created", ("process",), ("start",), maps=_CREATED),
        Event("2", "file-creation-time-changed", ("file",), ("change",), maps=_FILE),
        Event("3", "network-connection", ("network",), ("start", "connection", "protocol"), maps=_CONNECTION),
        Event("4", "sysmon-state-changed", ("process",), ("change",)),
        Event(
            "5",
            "process-terminated",
            ("process",),
            ("end",),
            maps=(Map("process.end", "UtcTime", date),),
        ),
        Event("6", "driver-loaded", ("driver",), ("start",), maps=_DRIVER),
        Event("7", "image-loaded", ("library",), ("start",), maps=_LOADED),
        Event("8", "remote-thread-created", ("process",), ("change",), maps=_BETWEEN),
        Event("9", "raw-disk-read", ("file",), ("access",), maps=(Map("file.path", "Device"),)),
        Event("10", "process-accessed", ("process",), ("access",), maps=_BETWEEN),
        Event("11", "file-created", ("file",), ("creation",), maps=_FILE),
        Event("12", "registry-object-changed", _REGISTRY_CATEGORY, ("change",), maps=_REGISTRY_KEY),
        Event("13", "registry-value-set", _REGISTRY_CATEGORY, ("change",), maps=_REGISTRY_VALUE),
        Event("14", "registry-object-renamed", _REGISTRY_CATEGORY, ("change",), maps=_REGISTRY_KEY),
        Event("15", "file-stream-created", ("file",), ("creation",), maps=_STREAM),
        Event("16", "sysmon-configuration-changed", ("configuration",), ("change",), maps=_CONFIGURATION),
        Event("17", "pipe-created", ("file",), ("creation",), maps=_PIPE),
        Event("18", "pipe-connected", ("file",), ("access",), maps=_PIPE),
        Event("19", "wmi-filter-registered", ("configuration",), ("creation",)),
        Event("20", "wmi-consumer-registered", ("configuration",), ("creation",)),
        Event("21", "wmi-consumer-bound", ("configuration",), ("creation",)),
        Event("22", "dns-query", ("network",), ("connection", "protocol", "info"), maps=_QUERY),
        Event("23", "file-deleted", ("file",), ("deletion",), maps=_KEPT),
        Event("24", "clipboard-changed", ("host",), ("change",), maps=hashes_in("Hashes", "file")),
        Event("25", "process-tampered", ("process",), ("change",)),
        Event("26", "file-deleted", ("file",), ("deletion",), maps=_KEPT),
        Event("27", "executable-blocked", ("file",), ("denied",), maps=_KEPT),
        Event("28", "shredding-blocked", ("file",), ("denied",), maps=_KEPT),
        Event("29", "executable-detected", ("file",), ("creation",), maps=_KEPT),
        Event(
            "255", "sysmon-error", (), ("error",), maps=(Map("error.code", "ID"), Map("event.reason", "Description"))
        ),
    ),
)
