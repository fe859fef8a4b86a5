"""Sigma log sources to the events they select.

The event codes and channels are those of pySigma's `sysmon` and `windows` pipelines; what they do not cover is added
here, or named as a log source that Sentinel does not read. A `service` always asks for its channel, and where a
channel belongs to one provider, for that provider too. `process_creation` and the registry categories have a second
variant: the Security channel's audit events, with their own field names.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

from sigma.pipelines.common import windows_logsource_mapping
from sigma.pipelines.sysmon.sysmon import sysmon_generic_logsource_eventid_mapping
from sigma.pipelines.windows.windows import windows_generic_category_channel_mapping

from sentinel.detect.sigma.sources import SOURCES

SYSMON = "Microsoft-Windows-Sysmon/Operational"

# Services that the pipelines do not know.
_CHANNELS: dict[str, tuple[str, ...]] = {
    "iis-configuration": ("Microsoft-IIS-Configuration/Operational",),
    "ldap": ("Microsoft-Windows-LDAP-Client/Debug",),
    "smbclient-connectivity": ("Microsoft-Windows-SmbClient/Connectivity",),
    "smbserver-connectivity": ("Microsoft-Windows-SMBServer/Connectivity",),
    "terminalservices-remoteconnectionmanager": (
        "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
    ),
}

# Channels that one provider alone writes to.
_PROVIDERS: dict[str, tuple[str, ...]] = {
    SYSMON: ("Microsoft-Windows-Sysmon",),
    "Microsoft-Windows-PowerShell/Operational": ("Microsoft-Windows-PowerShell",),
    "PowerShellCore/Operational": ("PowerShellCore",),
    "Microsoft-Windows-Windows Defender/Operational": ("Microsoft-Windows-Windows Defender",),
    "Microsoft-Windows-TaskScheduler/Operational": ("Microsoft-Windows-TaskScheduler",),
    "Microsoft-Windows-WMI-Activity/Operational": ("Microsoft-Windows-WMI-Activity",),
}

# Categories whose events come straight from a tracing provider (ETW), whatever channel they were collected into.
_TRACED: dict[str, tuple[str, tuple[str, ...]]] = {
    "file_access": ("Microsoft-Windows-Kernel-File", ("10", "11", "12")),
    "file_rename": ("Microsoft-Windows-Kernel-File", ("19", "27")),
}


@dataclass(frozen=True, slots=True)
class LogSource:
    """Which events a rule looks at: any of each tuple, an empty tuple standing for any at all; lower case.

    Without `datasets` they are Windows event logs, else those datasets. `renames` maps the rule's field names to the
    event's. `supplies` names the fields that these events can have, None where that is not known. `requires` are values
    of fields that the events must have besides.
    """

    channels: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    renames: dict[str, str] = field(default_factory=dict)
    supplies: frozenset[str] | None = None
    requires: tuple[tuple[str, str], ...] = ()
    datasets: tuple[str, ...] = ()


# What Security 4688 supplies of the fields of process creation, and 4657 of the registry's (fields computed from
# others by `sentinel.normalise.views` are among them).
_AUDITED_PROCESS = LogSource(
    channels=("security",),
    codes=("4688",),
    renames={
        "Image": "NewProcessName",
        "ParentImage": "ParentProcessName",
        "ProcessId": "NewProcessId",
        "ParentProcessId": "ProcessId",
        "LogonId": "SubjectLogonId",
    },
    supplies=frozenset(
        {
            "CommandLine", "NewProcessName", "ParentProcessName", "NewProcessId", "ProcessId", "SubjectLogonId", "User",
            "IntegrityLevel", "MandatoryLabel", "TokenElevationType", "EventID", "Channel", "Provider_Name", "Computer",
            "SubjectUserName", "SubjectUserSid", "SubjectDomainName", "TargetUserName", "TargetUserSid",
            "TargetDomainName", "TargetLogonId",
        }
    ),
)  # fmt: skip
_AUDITED_REGISTRY = LogSource(
    channels=("security",),
    codes=("4657",),
    renames={"Image": "ProcessName"},
    supplies=frozenset(
        {
            "TargetObject", "Details", "ProcessName", "ProcessId", "User", "EventType", "EventID", "Channel",
            "Provider_Name", "Computer", "SubjectUserName", "SubjectUserSid", "SubjectDomainName", "ObjectName",
            "ObjectValueName", "NewValue", "OldValue", "OperationType",
        }
    ),
)  # fmt: skip
_AUDITED: dict[str, LogSource] = {
    "process_creation": _AUDITED_PROCESS,
    "registry_event": _AUDITED_REGISTRY,
    "registry_set": replace(_AUDITED_REGISTRY, requires=(("EventType", "SetValue"),)),
}


def resolve(product: str | None, category: str | None, service: str | None) -> tuple[LogSource, ...]:
    """Give the variants of a log source; none where Sentinel reads no such log.

    A rule hits where any variant does (Sigma specification 2.0, "Log Source").
    """
    windows = _windows(product, category, service)
    if product == "windows" or not (product or category or service):
        return windows
    return *windows, *_others(product, category, service)


@cache
def _others(product: str | None, category: str | None, service: str | None) -> tuple[LogSource, ...]:
    return tuple(
        LogSource(
            datasets=row.datasets,
            providers=row.providers,
            codes=row.codes,
            renames=dict(row.fields),
            requires=row.requires,
        )
        for row in SOURCES
        if row.answers(product, category, service)
    )


def _windows(product: str | None, category: str | None, service: str | None) -> tuple[LogSource, ...]:
    if category and product in ("windows", None):
        return tuple(narrow for each in _category(category) for narrow in _narrowed(each, service))
    if product != "windows":
        return ()
    return _service(service) if service else (LogSource(),)


def _narrowed(source: LogSource, service: str | None) -> tuple[LogSource, ...]:
    """Give what of a category's events a service besides it leaves."""
    if not service:
        return (source,)
    channels = tuple(channel.lower() for channel in _channels_of(service))
    left = tuple(channel for channel in channels if not source.channels or channel in source.channels)
    return (replace(source, channels=left),) if left else ()


@cache
def _category(category: str) -> tuple[LogSource, ...]:
    codes = sysmon_generic_logsource_eventid_mapping.get(category)
    if codes is not None:
        sysmon = _channels((SYSMON,), _codes(codes))
        audited = _AUDITED.get(category)
        return (sysmon, audited) if audited else (sysmon,)
    windows = windows_generic_category_channel_mapping.get(category)
    if windows is not None:
        return (_channels(_channels_of(str(windows["service"])), _codes(windows["EventID"])),)
    traced = _TRACED.get(category)
    if traced is not None:
        return (LogSource(providers=(traced[0].lower(),), codes=traced[1]),)
    return ()


@cache
def _service(service: str) -> tuple[LogSource, ...]:
    channels = _channels_of(service)
    return (_channels(channels, ()),) if channels else ()


def _channels_of(service: str) -> tuple[str, ...]:
    known = windows_logsource_mapping.get(service) or _CHANNELS.get(service, ())
    return (known,) if isinstance(known, str) else tuple(known)


def _channels(channels: tuple[str, ...], codes: tuple[str, ...]) -> LogSource:
    providers = [provider for channel in channels for provider in _PROVIDERS.get(channel, ())]
    if any(channel not in _PROVIDERS for channel in channels):
        providers = []
    return LogSource(
        tuple(channel.lower() for channel in channels), tuple(provider.lower() for provider in providers), codes
    )


def _codes(codes: object) -> tuple[str, ...]:
    return tuple(str(code) for code in codes) if isinstance(codes, list) else (str(codes),)
