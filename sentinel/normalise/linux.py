"""Linux: syslog and the journal, to ECS; and what devices log into syslog."""

from __future__ import annotations

from typing import Final

from sentinel.normalise.appliances import APPLIANCES
from sentinel.normalise.convert import integer, lower, port, short_name
from sentinel.normalise.lines import peer
from sentinel.normalise.linux_actions import ACTED, TARGETED, category, kind
from sentinel.normalise.mapping import Family, Map
from sentinel.normalise.paths import name_of
from sentinel.normalise.syslog_values import (
    address,
    facility_of,
    log_level,
    name,
    read_syslog,
    severity_name,
    severity_of,
    verdict,
)

_ACTED: Final = ("action", ACTED)
_TARGETED: Final = ("action", TARGETED)
_PACKET: Final = ("action", frozenset({"packet-logged"}))

_MESSAGES: Final = (
    Map("event.action", "action"),
    Map("event.category", "action", category),
    Map("event.type", "verdict", verdict, when=_PACKET),
    Map("event.type", "action", kind),
    Map("event.outcome", "outcome"),
    Map("event.reason", "reason"),
    Map("user.name", "user", when=_ACTED),
    Map("user.name", "by", when=_TARGETED),
    Map("user.effective.name", "target_user"),
    Map("user.target.name", "user", when=_TARGETED),
    Map("user.target.id", "uid", when=_TARGETED),
    Map("group.name", "group"),
    Map("source.ip", "ip", address),
    Map("source.domain", "ip", name),
    Map("source.address", "ip"),
    Map("source.port", "port", port),
    *peer("SRC", "SPT"),
    *peer("DST", "DPT", "destination"),
    Map("network.transport", "PROTO", lower),
    Map("observer.ingress.interface.name", "IN"),
    Map("observer.egress.interface.name", "OUT"),
    Map("rule.name", "prefix"),
    Map("rule.name", "signature"),
    Map("process.tty.name", "tty"),
    Map("process.working_directory", "pwd"),
    Map("process.command_line", "command"),
    Map("file.path", "file"),
    Map("service.name", "systemd_unit"),
)
_TELLING: Final = ("program", "SYSLOG_IDENTIFIER", "message", "MESSAGE")

SYSLOG: Final = Family(
    "linux.syslog",
    maps=(
        *_MESSAGES,
        Map("message", "message"),
        Map("host.name", "host"),
        Map("host.hostname", "host", short_name),
        Map("process.name", "program", name_of),
        Map("process.pid", "pid", integer),
        Map("log.level", "severity", log_level),
        Map("log.syslog.appname", "program"),
        Map("log.syslog.facility.code", "pri", facility_of),
        Map("log.syslog.facility.name", "facility"),
        Map("log.syslog.hostname", "host"),
        Map("log.syslog.msgid", "msgid"),
        Map("log.syslog.priority", "pri", integer),
        Map("log.syslog.procid", "pid"),
        Map("log.syslog.severity.code", "pri", severity_of),
        Map("log.syslog.severity.name", "severity"),
        Map("log.syslog.version", "version"),
    ),
    time="timestamp",
    read_time=read_syslog,
    hosts=("host",),
    users=("user", "target_user"),
    telling=_TELLING,
)

JOURNAL: Final = Family(
    "linux.journal",
    maps=(
        *_MESSAGES,
        Map("message", "MESSAGE"),
        Map("event.code", "MESSAGE_ID"),
        Map("event.id", "__CURSOR"),
        Map("host.id", "_MACHINE_ID"),
        Map("host.name", "_HOSTNAME"),
        Map("host.hostname", "_HOSTNAME", short_name),
        Map("process.pid", "_PID", integer),
        Map("process.pid", "SYSLOG_PID", integer),
        Map("process.name", "_COMM"),
        Map("process.name", "SYSLOG_IDENTIFIER"),
        Map("process.executable", "_EXE"),
        Map("process.command_line", "_CMDLINE"),
        Map("process.user.id", "_UID"),
        Map("process.group.id", "_GID"),
        Map("service.name", "_SYSTEMD_UNIT"),
        Map("log.level", "PRIORITY", log_level),
        Map("log.syslog.appname", "SYSLOG_IDENTIFIER"),
        Map("log.syslog.facility.code", "SYSLOG_FACILITY", integer),
        Map("log.syslog.procid", "SYSLOG_PID"),
        Map("log.syslog.severity.code", "PRIORITY", integer),
        Map("log.syslog.severity.name", "PRIORITY", severity_name),
        Map("container.id", "CONTAINER_ID_FULL"),
        Map("container.name", "CONTAINER_NAME"),
    ),
    time="__REALTIME_TIMESTAMP",
    hosts=("_HOSTNAME",),
    users=("user", "target_user"),
    telling=_TELLING,
)

FAMILIES: Final[tuple[Family, ...]] = (SYSLOG, JOURNAL, *APPLIANCES)
