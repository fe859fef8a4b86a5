"""What a host does: what cron, systemd, the kernel's packet filter and ClamAV say.

Packet filter: the LOG target of iptables and nftables and what ufw writes with it, `IN=… OUT=… SRC=… DST=…`
(net/netfilter/nf_log_syslog.c).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sentinel.formats.message_row import ANY, Row, Table, row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.formats.message_row import Pairs

_CRONTAB: Final = r"\((?P<user>[^)]*)\) (?P<operation>{verbs}) \((?P<crontab>.*)\)"
CRON: Final[Table] = {
    ANY: (
        row("cron-command", "", r"\((?P<user>[^)]*)\) CMD \((?P<command>.*)\)"),
        row("cron-command-output", "", r"\((?P<user>[^)]*)\) CMDOUT \((?P<output>.*)\)"),
        row("crontab-changed", "success", _CRONTAB.format(verbs="REPLACE|DELETE|END EDIT")),
        row("crontab-read", "success", _CRONTAB.format(verbs="LIST|BEGIN EDIT")),
        row("crontab-loaded", "success", _CRONTAB.format(verbs="RELOAD|STARTUP|INFO")),
        row("cron-failed", "failure", r"\((?P<user>[^)]*)\) (?P<operation>[A-Za-z ]+) \((?P<reason>.*)\)"),
    )
}

SYSTEMD: Final[Table] = {
    "Started": (row("service-started", "success", r"Started (?P<systemd_unit>.*?)\.?"),),
    "Starting": (row("service-starting", "", r"Starting (?P<systemd_unit>.*?)(?:\.\.\.)?"),),
    "Finished": (row("service-finished", "success", r"Finished (?P<systemd_unit>.*?)\.?"),),
    "Stopping": (row("service-stopping", "", r"Stopping (?P<systemd_unit>.*?)(?:\.\.\.)?"),),
    "Stopped": (row("service-stopped", "success", r"Stopped (?P<systemd_unit>.*?)\.?"),),
    "Failed": (row("service-started", "failure", r"Failed to start (?P<systemd_unit>.*?)\.?"),),
    ANY: (
        row("service-stopped", "failure", r"(?P<systemd_unit>[^ :]+): Failed with result '(?P<reason>[^']*)'\."),
        row("service-stopped", "success", r"(?P<systemd_unit>[^ :]+): (?P<reason>Deactivated successfully)\."),
        row(
            "service-process-ended",
            "",
            r"(?P<systemd_unit>[^ :]+): (?P<which>Main|Control) process exited, (?P<reason>.*)",
        ),
    ),
}

_STAMP: Final = re.compile(r"(?:\[ *\d+\.\d+\] ?)?(.*?)(?=\bIN=)", re.DOTALL)
# What people call their chains and rules, in English or Vietnamese.
_VERDICTS: Final = re.compile(
    r"drop|block|reject|deny|denied|invalid|accept|allow|pass|forward|(?<![a-z])(?:chan|tu-choi|cho-qua)(?![a-z])",
    re.IGNORECASE,
)
_NAMES: Final = frozenset(
    {
        "IN",
        "OUT",
        "PHYSIN",
        "PHYSOUT",
        "MAC",
        "MACSRC",
        "MACDST",
        "MACPROTO",
        "SRC",
        "DST",
        "LEN",
        "TOS",
        "PREC",
        "TTL",
        "HOPLIMIT",
        "FLOWLBL",
        "TC",
        "ID",
        "PROTO",
        "SPT",
        "DPT",
        "WINDOW",
        "RES",
        "URGP",
        "TYPE",
        "CODE",
        "MTU",
        "PARAMETER",
        "SEQ",
        "ACK",
        "OPT",
        "UID",
        "GID",
        "MARK",
        "INCOMPLETE",
        "GATEWAY",
    }
)
_MEANT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("drop", "block", "deny", "denied", "invalid", "chan"), "drop"),
    **dict.fromkeys(("accept", "allow", "pass", "cho-qua"), "accept"),
    "tu-choi": "reject",
}


def _packet(message: str) -> Pairs | None:
    """Read a packet that the filter logged; what the rule's author wrote in front of it is the `prefix`."""
    found = _STAMP.match(message) if "IN=" in message and " PROTO=" in message else None
    if found is None:
        return None
    prefix = found[1].strip()
    verdict = _VERDICTS.search(prefix)
    taken: dict[str, str | None] = {"prefix": prefix}
    if verdict:
        word = verdict[0].lower()
        taken["verdict"] = _MEANT.get(word, word)
    # An ICMP error quotes the packet that it is about in brackets.
    outer, bracket, quoted = message[found.end() :].partition(" [")
    flags = []
    for token in outer.split():
        name, equals, value = token.partition("=")
        if equals and value and name in _NAMES:
            taken.setdefault(name, value)
        elif not equals:
            flags.append(name)
    taken["flags"] = " ".join(flags)
    taken["quoted"] = quoted.rpartition("]")[0] if bracket else None
    return taken.items() if "SRC" in taken or "MAC" in taken else None


_TIME: Final = r"(?:\[ *\d+\.\d+\] )?"
KERNEL: Final[Table] = {
    ANY: (
        Row("packet-logged", "", _packet),
        row("promiscuous-mode", "", rf"{_TIME}(?:device )?(?P<interface>[^ ]+?):? entered promiscuous mode"),
        row(
            "process-crashed",
            "failure",
            rf"{_TIME}(?P<process>[^\[]+)\[(?P<process_id>\d+)\]: "
            r"(?P<reason>segfault .*)",
        ),
        row(
            "process-killed",
            "failure",
            rf"{_TIME}Out of memory: Kill(?:ed)? process (?P<process_id>\d+) "
            r"\((?P<process>[^)]*)\).*",
        ),
        row(
            "module-tainted",
            "",
            rf"{_TIME}(?P<module>[^ :]+): "
            r"(?P<reason>(?:loading out-of-tree module|module verification failed).*)",
        ),
    )
}

# ulogd writes packets without the name of a program.
UNNAMED: Final[Table] = {ANY: (Row("packet-logged", "", _packet),)}

CLAMAV: Final[Table] = {
    ANY: (
        row(
            "malware-found", "", r"(?P<file>.*): (?P<signature>[^ ]+?)(?:\((?P<hash>[0-9a-f]+):(?P<size>\d+)\))? FOUND"
        ),
    )
}
