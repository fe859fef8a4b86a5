"""Logs of other formats that travel in messages: a table from program to parser.

A web server that logs to syslog, or whose output the journal takes, writes lines of its own format. They become events
of that format's dataset; the header is kept beside them, under `syslog.` or `journal.`. What the parser does not know
stays a message. A new program is one line in PROGRAMS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import (
    access_log,
    auditd,
    auditd_sysmon,
    bind,
    cef,
    dnsmasq,
    error_log,
    haproxy,
    squid,
    unbound,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from sentinel.model.batch import EventKind

    Told: TypeAlias = tuple[EventKind, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Carried:
    """A format that a program's messages may be of.

    `read` gives None for a message that is not. `time` names the field that its events tell their time by, where in
    syslog the header alone may tell it.
    """

    read: Callable[[str], Told | None]
    time: str = ""


def _of(kind: EventKind, parse: Callable[[str], dict[str, Any] | None]) -> Callable[[str], Told | None]:
    def read(message: str) -> Told | None:
        event = parse(message)
        return None if event is None else (kind, event)

    return read


def _dhcp(message: str) -> Told | None:
    return dnsmasq.tell(message, "dnsmasq-dhcp")


def _kernel(message: str) -> Told | None:
    return auditd.parse_record(message) if "audit(" in message else None


_ACCESS: Final = Carried(_of(access_log.KIND, access_log.parse))
_APACHE: Final = (_ACCESS, Carried(_of(error_log.APACHE, error_log.parse_apache)))
_AUDIT: Final = (Carried(auditd.parse_record, "time"),)
_NAMED: Final = (Carried(bind.tell, "time"),)

PROGRAMS: Final[Mapping[str, tuple[Carried, ...]]] = {
    "nginx": (_ACCESS, Carried(_of(error_log.NGINX, error_log.parse_nginx))),
    **dict.fromkeys(("apache", "apache2", "httpd"), _APACHE),
    "haproxy": (Carried(haproxy.parse_message),),
    **dict.fromkeys(("squid", "squid-1"), (Carried(_of(squid.KIND, squid.parse)),)),
    **dict.fromkeys(("audit", "auditd", "audispd", "audisp-syslog"), _AUDIT),
    "kernel": (Carried(_kernel, "time"),),
    "sysmon": (Carried(auditd_sysmon.parse_sysmon),),
    **dict.fromkeys(("named", "bind"), _NAMED),
    "unbound": (Carried(unbound.tell, "time"),),
    "dnsmasq": (Carried(dnsmasq.tell, "time"),),
    "dnsmasq-dhcp": (Carried(_dhcp, "time"),),
}


def payload_of(provider: str, message: str, time: str) -> Told | None:
    """Read what a program's message holds of another format; None where it is a message and no more.

    `time` is the header's, for events that tell none themselves.
    """
    for carried in PROGRAMS.get(provider, ()):
        found = carried.read(message)
        if found is not None:
            if carried.time and time and not found[1].get(carried.time):
                found[1][carried.time] = time
            return found
    begin = cef.find(message) if "|" in message else -1
    found = cef.event_of(message[begin:]) if begin >= 0 else None
    if found is not None and time:
        found[1].setdefault("time", time)
    return found


def beside(prefix: str, header: Mapping[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """Give an event with the fields of a header beside it, under a prefix."""
    for name, value in header.items():
        event[prefix + name] = value
    return event
