"""CEF, LEEF and devices of Cisco, to ECS."""

from __future__ import annotations

from typing import Final

from sentinel.normalise.convert import integer, lookup, lower, port, short_name
from sentinel.normalise.lines import peer
from sentinel.normalise.mapping import Event, Family, Map
from sentinel.normalise.syslog_values import address, log_level, name, read_syslog, verdict

_HEADER: Final = (
    Map("observer.hostname", "syslog.host"),
    Map("log.syslog.appname", "syslog.program"),
    Map("log.syslog.hostname", "syslog.host"),
    Map("log.syslog.priority", "syslog.pri", integer),
)

CEF: Final = Family(
    "cef.event",
    maps=(
        *_HEADER,
        Map("observer.vendor", "deviceVendor"),
        Map("observer.product", "deviceProduct"),
        Map("observer.version", "deviceVersion"),
        Map("observer.hostname", "dvchost"),
        Map("observer.ip", "dvc", address),
        Map("event.code", "deviceEventClassId"),
        Map("event.action", "act"),
        Map("event.outcome", "outcome"),
        Map("event.type", "act", verdict),
        Map("event.id", "externalId"),
        Map("event.reason", "reason"),
        Map("message", "msg"),
        Map("message", "name"),
        Map("rule.name", "name"),
        *peer("src", "spt"),
        *peer("dst", "dpt", "destination"),
        Map("source.domain", "shost"),
        Map("destination.domain", "dhost"),
        Map("source.mac", "smac"),
        Map("destination.mac", "dmac"),
        Map("source.bytes", "out", integer),
        Map("destination.bytes", "in", integer),
        Map("network.transport", "proto", lower),
        Map("network.application", "app"),
        Map("user.name", "suser"),
        Map("user.name", "duser"),
        Map("user.target.name", "duser"),
        Map("host.name", "dhost"),
        Map("host.name", "dvchost"),
        Map("host.name", "syslog.host"),
        Map("file.name", "fname"),
        Map("file.path", "filePath"),
        Map("url.original", "request"),
        Map("http.request.method", "requestMethod"),
        Map("user_agent.original", "requestClientApplication"),
        Map("process.name", "sproc"),
    ),
    time="time",
    read_time=read_syslog,
    hosts=("dvchost", "dvc", "syslog.host"),
    users=("suser", "duser"),
    telling=("deviceVendor", "deviceProduct", "name", "act", "src", "dst"),
)

LEEF: Final = Family(
    "leef.event",
    maps=(
        *_HEADER,
        Map("observer.vendor", "vendor"),
        Map("observer.product", "product"),
        Map("observer.version", "productVersion"),
        Map("event.code", "eventId"),
        Map("event.action", "action"),
        Map("event.type", "action", verdict),
        *peer("src", "srcPort"),
        *peer("dst", "dstPort", "destination"),
        Map("source.mac", "srcMAC"),
        Map("destination.mac", "dstMAC"),
        Map("source.bytes", "srcBytes", integer),
        Map("destination.bytes", "dstBytes", integer),
        Map("network.transport", "proto", lower),
        Map("user.name", "usrName"),
        Map("host.name", "identHostName"),
        Map("host.name", "syslog.host"),
        Map("url.original", "url"),
        Map("rule.name", "policy"),
    ),
    time="time",
    read_time=read_syslog,
    hosts=("identHostName", "syslog.host"),
    users=("usrName",),
    telling=("vendor", "product", "eventId", "cat", "src", "dst"),
)

_maker: Final = lookup("maker", "Cisco.", {}, otherwise=lambda _: "Cisco")
_login: Final = lookup("login", "Outcome of a login.", {"success": "success", "failed": "failure"})
_CISCO: Final = (
    Map("message", "message"),
    Map("event.code", "mnemonic"),
    Map("event.severity", "level", integer),
    Map("log.level", "level", log_level),
    Map("log.syslog.facility.name", "facility"),
    Map("log.syslog.priority", "pri", integer),
    Map("observer.vendor", "component", _maker),
    Map("observer.hostname", "host"),
    Map("host.name", "host"),
    Map("host.hostname", "host", short_name),
)

IOS: Final = Family(
    "cisco.ios",
    maps=(
        *_CISCO,
        Map("user.name", "user"),
        Map("process.command_line", "command"),
        Map("source.ip", "ip", address),
        Map("destination.port", "port", port),
        Map("event.outcome", "login", _login),
    ),
    time="timestamp",
    read_time=read_syslog,
    hosts=("host",),
    users=("user",),
    telling=("message",),
)

ASA: Final = Family(
    "cisco.asa",
    maps=(
        *_CISCO,
        Map("event.action", "verdict", lower),
        Map("event.type", "verdict", verdict),
        *peer("src_ip", "src_port"),
        Map("source.domain", "src_ip", name),
        *peer("dst_ip", "dst_port", "destination"),
        Map("destination.domain", "dst_ip", name),
        Map("network.transport", "protocol", lower),
        Map("observer.ingress.interface.name", "src_interface"),
        Map("observer.egress.interface.name", "dst_interface"),
    ),
    event=Event("", category=("network",), type=("info",)),
    time="timestamp",
    read_time=read_syslog,
    hosts=("host",),
    telling=("message",),
)

APPLIANCES: Final = (CEF, LEEF, IOS, ASA)
