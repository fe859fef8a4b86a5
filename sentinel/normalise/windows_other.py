"""The tables of the smaller Windows logs.

System, Defender, Task Scheduler, WMI, AppLocker and Remote Desktop.
"""

from __future__ import annotations

from sentinel.normalise.convert import after, digits, endpoint_ip, endpoint_port, guid, integer, lower, pattern, sid
from sentinel.normalise.lines import account_in, file_in, hashes_in, peer, program, who
from sentinel.normalise.mapping import Event, Family, Map
from sentinel.normalise.paths import registry_hive, registry_path, registry_value, registry_value_key
from sentinel.normalise.windows_words import outcome_of_status

_CONFIGURATION = ("configuration",)
_BY_WRITER = Map("user.id", "UserID", sid)

SYSTEM = Family(
    "windows.system",
    events=(
        Event(
            "104", "event-log-cleared", ("iam",), ("admin", "change"), "success", maps=who("Subject", id_of="UserSid")
        ),
        Event("7036", "service-state-changed", ("process",), ("change",), maps=(Map("service.name", "param1"),)),
        Event(
            "7040",
            "service-start-type-changed",
            _CONFIGURATION,
            ("change",),
            "success",
            maps=(_BY_WRITER, Map("service.name", "param4"), Map("service.name", "param1")),
        ),
        Event(
            "7045",
            "service-installed",
            _CONFIGURATION,
            ("creation",),
            "success",
            maps=(
                _BY_WRITER,
                Map("service.name", "ServiceName"),
                Map("service.type", "ServiceType"),
                Map("process.command_line", "ImagePath"),
            ),
        ),
    ),
)

# Defender writes resources as `file:_C:\a.exe; process:_pid:412`.
_resource = pattern(
    "file_resource", "First file among Defender's resources.", r"(?:^|[;\s])(?:container)?file:_([^;]+)"
)
_setting = pattern("setting", "Registry path of a changed setting.", r"^(.*?)(?: = .*)?$")
_set_to = pattern("set_to", "What a setting was set to.", r" = (.*)$")
_THREAT = (
    Map("rule.id", "Threat ID"),
    Map("rule.name", "Threat Name"),
    Map("rule.category", "Category Name"),
    Map("error.code", "Error Code", digits),
    *file_in("Path", _resource),
    *program("Process Name"),
    *account_in("Detection User"),
)
_CHANGED = (
    Map("registry.path", "New Value", after(_setting, registry_path)),
    Map("registry.hive", "New Value", after(_setting, registry_hive)),
    Map("registry.key", "New Value", after(_setting, registry_value_key)),
    Map("registry.value", "New Value", after(_setting, registry_value)),
    Map("registry.data.strings", "New Value", _set_to),
    *(
        # A setting that was taken away stands in the old value alone.
        Map(f"registry.{part}", "Old Value", after(_setting, convert))
        for part, convert in (("path", registry_path), ("hive", registry_hive))
    ),
)

DEFENDER = Family(
    "windows.defender",
    events=(
        *(
            Event(code, action, ("malware",), ("info",), kind="alert", maps=_THREAT)
            for code, action in (
                ("1006", "malware-detected"),
                ("1007", "malware-acted-upon"),
                ("1008", "malware-action-failed"),
                ("1015", "suspicious-behavior-detected"),
                ("1116", "malware-detected"),
                ("1117", "malware-acted-upon"),
                ("1118", "malware-action-failed"),
                ("1119", "malware-action-failed"),
            )
        ),
        Event("5001", "real-time-protection-disabled", _CONFIGURATION, ("change",), "success"),
        Event("5007", "antimalware-configuration-changed", _CONFIGURATION, ("change",), "success", maps=_CHANGED),
        Event("5010", "malware-scanning-disabled", _CONFIGURATION, ("change",), "success"),
        Event("5012", "virus-scanning-disabled", _CONFIGURATION, ("change",), "success"),
        Event("5013", "tamper-protection-blocked-change", _CONFIGURATION, ("info",), maps=_CHANGED),
    ),
)

TASK_SCHEDULER = Family(
    "windows.task_scheduler",
    events=(
        Event("106", "task-registered", _CONFIGURATION, ("creation",), "success", maps=account_in("UserContext")),
        Event(
            "129",
            "task-process-created",
            ("process",),
            ("start",),
            "success",
            maps=program("Path", pid="ProcessID"),
        ),
        Event("140", "task-updated", _CONFIGURATION, ("change",), "success", maps=account_in("UserName")),
        Event("141", "task-deleted", _CONFIGURATION, ("deletion",), "success", maps=account_in("UserName")),
        Event("142", "task-disabled", _CONFIGURATION, ("change",), "success", maps=account_in("UserName")),
        Event(
            "200",
            "task-action-started",
            ("process",),
            ("start",),
            maps=(Map("process.entity_id", "TaskInstanceId", guid), Map("process.command_line", "ActionName")),
        ),
        Event(
            "201",
            "task-action-completed",
            ("process",),
            ("end",),
            maps=(
                Map("process.entity_id", "TaskInstanceId", guid),
                Map("process.command_line", "ActionName"),
                Map("event.outcome", "ResultCode", outcome_of_status),
                Map("error.code", "ResultCode"),
            ),
        ),
    ),
)

_OPERATION = (
    *account_in("User"),
    Map("process.pid", "ClientProcessId", integer),
    Map("process.pid", "processid", integer),
    Map("process.pid", "Processid", integer),
    Map("source.domain", "ClientMachine"),
    Map("event.reason", "PossibleCause"),
)
WMI_ACTIVITY = Family(
    "windows.wmi_activity",
    events=(
        Event(
            "5857",
            "wmi-provider-started",
            ("process", "library"),
            ("start",),
            maps=(
                *program("HostProcess", pid="ProcessID"),
                Map("dll.path", "ProviderPath"),
                Map("event.outcome", "Code", outcome_of_status),
            ),
        ),
        Event(
            "5858",
            "wmi-operation-failed",
            ("process",),
            ("error",),
            "failure",
            maps=(*_OPERATION, Map("error.code", "ResultCode", digits)),
        ),
        Event("5859", "wmi-subscription-started", _CONFIGURATION, ("info",), maps=_OPERATION),
        Event("5860", "wmi-temporary-subscription-created", _CONFIGURATION, ("creation",), maps=_OPERATION),
        Event("5861", "wmi-permanent-subscription-created", _CONFIGURATION, ("creation",), maps=_OPERATION),
    ),
)

_APPLIED = (
    *file_in("FullFilePath"),
    *(Map(line.target, line.source, line.convert) for line in file_in("FilePath")),
    *hashes_in("FileHash", "file"),
    Map("process.pid", "TargetProcessId", integer),
    Map("user.id", "TargetUser", sid),
    Map("winlog.logon.id", "TargetLogonId", digits),
    Map("rule.id", "RuleId", guid),
    Map("rule.name", "RuleName"),
    Map("rule.ruleset", "PolicyName"),
)
APPLOCKER = Family(
    "windows.applocker",
    events=tuple(
        Event(code, action, ("process",), ("start", verdict), outcome, maps=_APPLIED)
        for code, action, verdict, outcome in (
            ("8002", "executable-allowed", "allowed", "success"),
            ("8003", "executable-would-be-blocked", "allowed", "success"),
            ("8004", "executable-blocked", "denied", "failure"),
            ("8005", "script-allowed", "allowed", "success"),
            ("8006", "script-would-be-blocked", "allowed", "success"),
            ("8007", "script-blocked", "denied", "failure"),
            ("8020", "packaged-app-allowed", "allowed", "success"),
            ("8021", "packaged-app-would-be-blocked", "allowed", "success"),
            ("8022", "packaged-app-blocked", "denied", "failure"),
        )
    ),
)

_SESSION = (*account_in("User"), *peer("Address"), Map("winlog.logon.id", "SessionID"))
RDP_LOCAL_SESSION = Family(
    "windows.rdp_local_session",
    events=tuple(
        Event(code, action, ("authentication", "session"), (kind,), "success", maps=_SESSION)
        for code, action, kind in (
            ("21", "session-logged-in", "start"),
            ("22", "session-shell-started", "start"),
            ("23", "session-logged-out", "end"),
            ("24", "session-disconnected", "end"),
            ("25", "session-reconnected", "start"),
        )
    ),
)
RDP_REMOTE_CONNECTION = Family(
    "windows.rdp_remote_connection",
    events=(
        Event(
            "1149",
            "remote-connection-accepted",
            # The network layer let the client in; whether its user logs on, event 21 or 4624 says.
            ("network", "session"),
            ("start", "connection"),
            "success",
            maps=(Map("user.name", "Param1"), Map("user.domain", "Param2"), *peer("Param3")),
        ),
    ),
)
_FROM_CLIENT = (
    Map("source.ip", "ClientIP", endpoint_ip),
    Map("source.port", "ClientIP", endpoint_port),
    Map("network.transport", "ConnType", lower),
)
RDP_CORE = Family(
    "windows.rdp_core",
    events=(
        Event("131", "remote-connection-received", ("network",), ("start", "connection"), maps=_FROM_CLIENT),
        Event("140", "remote-connection-refused", ("authentication",), ("start",), "failure", maps=peer("IPString")),
    ),
)

FAMILIES = (
    SYSTEM,
    DEFENDER,
    TASK_SCHEDULER,
    WMI_ACTIVITY,
    APPLOCKER,
    RDP_LOCAL_SESSION,
    RDP_REMOTE_CONNECTION,
    RDP_CORE,
)
