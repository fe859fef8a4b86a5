"""DNS and DHCP servers, to ECS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.normalise.convert import host_of, integer, ip, lookup, lower, port
from sentinel.normalise.local_dates import read_local, read_month_first, read_named_month
from sentinel.normalise.mapping import Event, Family, Map
from sentinel.normalise.times import read_bsd

if TYPE_CHECKING:
    from sentinel.normalise.convert import Convert, Value

_QUESTION: Final = (
    Map("dns.question.name", "query", lower),
    Map("dns.question.type", "qtype"),
    Map("dns.question.class", "qclass"),
)
_CLIENT: Final = (
    Map("source.address", "client"),
    Map("source.ip", "client", ip),
    Map("source.port", "port", port),
)
_ASKED = Event("", action="dns-query", category=("network",), type=("protocol",))
_TOLD = Event("", category=("network",), type=("info",))
_DNS: Final = lookup("dns_type", "ECS's query or answer.", {"query": "query", "reply": "answer", "answer": "answer"})


def flag_names(value: str) -> Value:
    """Names of BIND's letters for flags: + is RD, D is DO, C is CD."""
    letters = {"+": "RD", "D": "DO", "C": "CD"}
    plain = value.partition("(")[0] + value.rpartition(")")[2]
    return [name for letter, name in letters.items() if letter in plain] or None


def letters(value: str) -> Value:
    """Names of the letters that Windows writes for flags: A is AA, T is TC, D is RD, R is RA."""
    names = {"A": "AA", "T": "TC", "D": "RD", "R": "RA"}
    return [names[letter] for letter in value if letter in names] or None


def transport(value: str) -> Value:
    """Transport that BIND's flags tell: T is TCP."""
    return "tcp" if "T" in value else "udp"


_BIND: Final = (*_QUESTION, *_CLIENT, Map("log.level", "severity"), Map("log.logger", "category"))
BIND_QUERY = Family(
    "bind.query",
    maps=(
        *_BIND,
        Map("server.ip", "server", ip),
        Map("dns.header_flags", "flags", flag_names, every=True),
        Map("network.transport", "flags", transport),
    ),
    event=_ASKED,
    time="time",
    read_time=read_named_month,
    telling=("query", "qtype", "client", "flags"),
)
BIND_LOG = Family(
    "bind.log",
    maps=(
        *_BIND,
        Map("message", "message"),
        Map("dns.response_code", "rcode"),
        Map("rule.name", "rule"),
        Map(
            "event.outcome",
            "result",
            lookup("denial", "failure for denied.", {"denied": "failure", "approved": "success"}),
        ),
    ),
    event=_TOLD,
    time="time",
    read_time=read_named_month,
    telling=("message", "category"),
)
_UNBOUND: Final = (*_QUESTION, *_CLIENT, Map("log.level", "level"), Map("process.pid", "pid", integer))


def seconds(value: str) -> Value:
    """Seconds as nanoseconds."""
    whole, _, fraction = value.strip().partition(".")
    digits = whole + fraction
    if not digits.isascii() or not digits.isdigit() or len(whole) > 9:  # noqa: PLR2004 - thirty years
        return None
    return int(whole or 0) * 1_000_000_000 + int(fraction[:9].ljust(9, "0"))


UNBOUND_QUERY = Family(
    "unbound.query",
    maps=(
        *_UNBOUND,
        Map("dns.response_code", "rcode"),
        Map("dns.type", "type", _DNS),
        Map("event.duration", "resolve_time", seconds),
    ),
    event=_ASKED,
    time="time",
    read_time=read_bsd,
    telling=("query", "qtype", "client", "rcode"),
)
UNBOUND_LOG = Family(
    "unbound.log",
    maps=(
        *_UNBOUND,
        Map("message", "message"),
        Map("event.action", "action"),
        Map("rule.name", "zone"),
        Map("rule.ruleset", "rpz"),
    ),
    event=_TOLD,
    time="time",
    read_time=read_bsd,
    telling=("message",),
)
_CODES: Final = lookup(
    "dnsmasq_code",
    "Answer code of an answer in words: NXDOMAIN, NODATA as NOERROR, SERVFAIL, REFUSED.",
    {
        "nxdomain": "NXDOMAIN",
        "nodata": "NOERROR",
        "nodata-ipv4": "NOERROR",
        "nodata-ipv6": "NOERROR",
        "servfail": "SERVFAIL",
        "refused": "REFUSED",
    },
)


def address(value: str) -> Value:
    """Address among the answers; nothing of any other answer."""
    found = ip(value)
    return found if isinstance(found, str) else None


_DNSMASQ: Final = (
    *_QUESTION,
    *_CLIENT,
    Map("source.address", "requestor"),
    Map("source.ip", "requestor", ip),
    Map("process.name", "program"),
    Map("process.pid", "pid", integer),
    Map("event.action", "action"),
)
DNSMASQ_QUERY = Family(
    "dnsmasq.query",
    maps=(
        *_DNSMASQ,
        Map("dns.type", "type", _DNS),
        Map("dns.answers.data", "answer"),
        Map("dns.resolved_ip", "answer", address),
        Map("dns.response_code", "answer", _CODES),
    ),
    event=_ASKED,
    time="time",
    read_time=read_bsd,
    telling=("action", "query", "qtype", "client", "answer"),
)
DNSMASQ_LOG = Family(
    "dnsmasq.log",
    maps=(*_DNSMASQ, Map("message", "message"), Map("destination.ip", "upstream", ip)),
    event=_TOLD,
    time="time",
    read_time=read_bsd,
    telling=("message",),
)
_LEASES: Final[dict[str, str]] = {
    "dhcpdiscover": "dhcp-discover",
    "dhcpoffer": "dhcp-offer",
    "dhcprequest": "dhcp-request",
    "dhcpack": "dhcp-assign",
    "dhcpnak": "dhcp-nack",
    "dhcprelease": "dhcp-release",
    "dhcpdecline": "dhcp-decline",
    "dhcpinform": "dhcp-inform",
}


def mac(value: str) -> Value:
    """Hardware address as ECS writes it: 00-00-5E-00-53-23; anything else as it is."""
    digits = value.replace(":", "").replace("-", "").replace(".", "").upper()
    if len(digits) != 12 or not set(digits) <= set("0123456789ABCDEF"):  # noqa: PLR2004 - EUI-48
        return value
    return "-".join(digits[place : place + 2] for place in range(0, 12, 2))


DNSMASQ_DHCP = Family(
    "dnsmasq.dhcp",
    maps=(
        Map("message", "message"),
        Map("client.ip", "client", ip),
        Map("source.ip", "client", ip),
        Map("source.mac", "mac", mac),
        Map("host.name", "host"),
        Map("event.action", "action", lookup("lease", "What was done.", _LEASES, otherwise=lower)),
        Map("observer.ingress.interface.name", "interface"),
        Map("process.name", "program"),
        Map("process.pid", "pid", integer),
    ),
    event=Event("", category=("network",), type=("connection", "protocol")),
    time="time",
    read_time=read_bsd,
    telling=("action", "client", "mac", "host", "message"),
)

WINDOWS_DNS = Family(
    "msdns.debug",
    maps=(
        Map("dns.question.name", "query", lower),
        Map("dns.question.type", "question_type"),
        Map("dns.response_code", "response_code"),
        Map("dns.type", "type", _DNS),
        Map("dns.id", "xid"),
        Map(
            "dns.op_code",
            "opcode",
            lookup("ms_opcode", "Operation of a letter.", {"q": "QUERY", "n": "NOTIFY", "u": "UPDATE"}),
        ),
        Map("dns.header_flags", "flags", letters, every=True),
        Map("dns.answers.data", "answers"),
        Map("dns.resolved_ip", "answers", address),
        Map("network.transport", "protocol", lower),
        Map(
            "network.direction",
            "direction",
            lookup("ms_direction", "ingress or egress.", {"rcv": "ingress", "snd": "egress"}),
        ),
        Map("source.ip", "sender_ip", ip),
        Map("source.port", "remote_port", port, when=("direction", frozenset({"rcv"}))),
        Map("destination.ip", "receiver_ip", ip),
        Map("destination.port", "remote_port", port, when=("direction", frozenset({"snd"}))),
        Map("message", "message"),
    ),
    event=_ASKED,
    time="date_time",
    read_time=read_local,
    telling=("query", "question_type", "remote_ip", "direction", "response_code", "message"),
)

# Event ids, as the heading of the log explains them → what was done.
_DHCP_ACTIONS: Final[dict[str, str]] = {
    "00": "log-started",
    "01": "log-stopped",
    "02": "log-paused",
    "10": "dhcp-assign",
    "11": "dhcp-renew",
    "12": "dhcp-release",
    "13": "ip-found-in-use",
    "14": "scope-exhausted",
    "15": "dhcp-deny",
    "16": "dhcp-delete",
    "17": "dhcp-expire",
    "18": "dhcp-expire",
    "20": "bootp-assign",
    "21": "bootp-assign-dynamic",
    "22": "bootp-scope-exhausted",
    "23": "bootp-delete",
    "24": "ip-cleanup-start",
    "25": "ip-cleanup-end",
    "30": "dns-update-request",
    "31": "dns-update-failed",
    "32": "dns-update-successful",
    "33": "packet-dropped-nap",
    "34": "dns-update-queue-full",
    "35": "dns-update-request-failed",
    "36": "packet-dropped-failover",
}
_DHCP_FAILED: Final = dict.fromkeys(("13", "14", "15", "22", "31", "33", "34", "35", "36"), "failure")
_DHCP_TYPES: Final[dict[str, str]] = {
    "00": "start",
    "01": "end",
    "10": "start",
    "12": "end",
    "15": "denied",
    "16": "end",
    "17": "end",
    "18": "end",
    "33": "denied",
    "36": "denied",
}


def positive(value: str) -> Value:
    """Error; 0 is none."""
    return None if value.strip() == "0" else value


def _always(value: str) -> Convert:
    return lambda _text: value


WINDOWS_DHCP = Family(
    "msdhcp.server",
    maps=(
        Map("event.code", "ID"),
        Map("event.action", "ID", lookup("dhcp_action", "What a DHCP event is called.", _DHCP_ACTIONS)),
        Map(
            "event.outcome",
            "ID",
            lookup("dhcp_outcome", "failure, or success.", _DHCP_FAILED, otherwise=_always("success")),
        ),
        Map(
            "event.type",
            "ID",
            lookup("dhcp_type", "ECS's type of a DHCP event.", _DHCP_TYPES, otherwise=_always("info")),
        ),
        Map("message", "Description"),
        Map("client.ip", "IP Address", ip),
        Map("client.ip", "IPv6 Address", ip),
        Map("source.ip", "IP Address", ip),
        Map("source.ip", "IPv6 Address", ip),
        Map("source.mac", "MAC Address", mac),
        Map("host.mac", "MAC Address", mac),
        Map("host.name", "Host Name", host_of),
        Map("host.ip", "IP Address", ip),
        Map("user.name", "User Name"),
        Map("error.code", "DnsRegError", positive),
        Map("error.code", "Error Code"),
    ),
    event=Event("", category=("network",), type=("info",)),
    time="date_time",
    read_time=read_month_first,
    users=("User Name",),
    telling=("Description", "IP Address", "IPv6 Address", "Host Name", "MAC Address"),
)

FAMILIES: Final[tuple[Family, ...]] = (
    BIND_QUERY,
    BIND_LOG,
    UNBOUND_QUERY,
    UNBOUND_LOG,
    DNSMASQ_QUERY,
    DNSMASQ_LOG,
    DNSMASQ_DHCP,
    WINDOWS_DNS,
    WINDOWS_DHCP,
)
