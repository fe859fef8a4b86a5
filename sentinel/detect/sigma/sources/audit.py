"""Log sources of the Linux audit system: `service: auditd`, and categories of `product: linux` told from it.

Of what Sigma's categories ask for, audit records never hold the parent's program and command line, and no host names of
destinations. A connection is a `connect` to an address of inet or inet6, whether it succeeded (one that does not wait
for its success says EINPROGRESS) or not. A process is created where the execution succeeded, a file written where the
call succeeded.
"""

from __future__ import annotations

from typing import Final

from sentinel.detect.sigma.sources.base import Source

_AUDITD: Final = ("linux.auditd",)
_PROCESS: Final = {
    "Image": "exe",
    "CommandLine": "command_line",
    "CurrentDirectory": "cwd",
    "ProcessId": "pid",
    "ParentProcessId": "ppid",
    "User": "user_name",
    "LogonId": "ses",
    "Computer": "node",
}
_FILE: Final = {**_PROCESS, "TargetFilename": "target_filename"}
_CONNECTION: Final = {
    **_PROCESS,
    "DestinationIp": "saddr_ip",
    "DestinationPort": "saddr_port",
    "Initiated": "initiated",
}
_SUCCESS: Final = ("success", "yes")
_SYSMON: Final = ("linux.sysmon",)

AUDIT: Final[tuple[Source, ...]] = (
    Source(_AUDITD, product="linux", service="auditd"),
    Source(
        _AUDITD,
        product="linux",
        category="process_creation",
        fields=_PROCESS,
        codes=("execve", "execveat"),
        requires=(_SUCCESS,),
        supplies=frozenset(_PROCESS.values()),
    ),
    Source(
        _AUDITD,
        product="linux",
        category="file_event",
        fields=_FILE,
        requires=(("writes", "yes"),),
        supplies=frozenset(_FILE.values()),
    ),
    Source(
        _AUDITD,
        product="linux",
        category="network_connection",
        fields=_CONNECTION,
        codes=("connect",),
        requires=(("initiated", "true"),),
        supplies=frozenset(_CONNECTION.values()),
    ),
    Source(_SYSMON, product="linux", service="sysmon"),
    Source(_SYSMON, product="linux", category="process_creation", codes=("1",)),
    Source(_SYSMON, product="linux", category="network_connection", codes=("3",)),
    Source(_SYSMON, product="linux", category="process_termination", codes=("5",)),
    Source(_SYSMON, product="linux", category="raw_access_thread", codes=("9",)),
    Source(_SYSMON, product="linux", category="file_event", codes=("11",)),
    Source(_SYSMON, product="linux", category="file_delete", codes=("23", "26")),
)
