"""Log sources of Linux: syslog and the journal; and of devices that log into syslog.

A service asks for the programs that write to its file: `auth` is /var/log/auth.log, `syslog` all there is. Rules for
`product: linux` alone look at every message. The rules of these services are keywords, but for sudo's fields.
"""

from __future__ import annotations

from typing import Final

from sentinel.detect.sigma.sources.base import Source

_LOGS: Final = ("linux.syslog", "linux.journal")
# Messages of these programs are read by parsers of their own, and stay part of syslog.
_CARRIED: Final = ("bind.log", "unbound.log", "dnsmasq.log")
_ACCESS: Final = (
    "sshd", "sudo", "su", "login", "systemd-logind", "polkitd", "pkexec", "polkit-agent-helper-1", "useradd", "usermod",
    "userdel", "groupadd", "groupdel", "groupmod", "gpasswd", "passwd", "chpasswd", "chage", "chfn", "chsh", "cron",
    "gdm-password", "sudoedit", "doas",
)  # fmt: skip
_SUDO: Final = {
    "USER": "target_user",
    "GROUP": "target_group",
    "TTY": "tty",
    "PWD": "pwd",
    "COMMAND": "command",
    "ENV": "env",
}
_SSHD: Final = {"User": "user", "src_ip": "ip", "src_port": "port"}
_PACKET: Final = {
    "src_ip": "SRC",
    "dst_ip": "DST",
    "src_port": "SPT",
    "dst_port": "DPT",
    "protocol": "PROTO",
    "action": "verdict",
}
_PACKET_FIELDS: Final = frozenset(
    {*_PACKET.values(), "IN", "OUT", "MAC", "LEN", "TTL", "ID", "WINDOW", "flags", "prefix"}
)
_CEF: Final = {
    "src_ip": "src",
    "dst_ip": "dst",
    "src_port": "spt",
    "dst_port": "dpt",
    "protocol": "proto",
    "action": "act",
}
_CEF_FIELDS: Final = frozenset({*_CEF.values(), "outcome", "reason", "name", "msg"})
_ASA: Final = {"action": "verdict"}
_ASA_FIELDS: Final = frozenset(
    {"src_ip", "dst_ip", "src_port", "dst_port", "protocol", "direction", "verdict", "message"}
)
_MALWARE: Final = {"Signature": "signature", "Filename": "file"}
_DEVICES: Final = ("cisco.ios", "cisco.asa")

LINUX: Final[tuple[Source, ...]] = (
    Source((*_LOGS, *_CARRIED), product="linux", service="syslog"),
    Source(_LOGS, product="linux", service="auth", providers=_ACCESS),
    Source(_LOGS, product="linux", service="sshd", providers=("sshd",), fields=_SSHD),
    Source(_LOGS, product="linux", service="sudo", providers=("sudo", "sudoedit"), fields=_SUDO),
    Source(_LOGS, product="linux", service="cron", providers=("cron", "crond", "crontab", "anacron")),
    Source(
        _LOGS,
        product="linux",
        service="clamav",
        providers=("clamd", "clamav-daemon", "clamscan", "clamdscan", "clamav"),
    ),
    Source(_LOGS, product="linux", service="vsftpd", providers=("vsftpd",)),
    Source(_LOGS, product="linux", service="guacamole", providers=("guacd", "guacamole", "tomcat")),
    # Not asked for by program: what ulogd writes names none.
    Source(
        _LOGS,
        category="firewall",
        fields=_PACKET,
        requires=(("action", "packet-logged"),),
        supplies=_PACKET_FIELDS,
    ),
    Source(("cef.event",), category="firewall", fields=_CEF, supplies=_CEF_FIELDS),
    Source(("cisco.asa",), category="firewall", product="cisco", fields=_ASA, supplies=_ASA_FIELDS),
    Source(
        _LOGS,
        category="antivirus",
        providers=("clamd", "clamav-daemon", "clamscan", "clamdscan", "clamav"),
        fields=_MALWARE,
        requires=(("action", "malware-found"),),
        supplies=frozenset({*_MALWARE.values(), "hash", "size", "action"}),
    ),
    *(Source(_DEVICES, product="cisco", service=service) for service in ("aaa", "bgp", "ldp", "syslog")),
    *(Source(("linux.syslog",), product=product, service="bgp") for product in ("huawei", "juniper")),
)
