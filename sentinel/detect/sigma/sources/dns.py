"""Log sources of DNS and DHCP servers.

Rules of `category: dns` ask for `query`, `record_type` and `answer` (taxonomy appendix, "DNS"). Only the detailed debug
log of Windows and dnsmasq tell answers.
"""

from __future__ import annotations

from typing import Final

from sentinel.detect.sigma.sources.base import Source

_NAMES: Final = {"record_type": "qtype", "answer": "answer", "src_ip": "client", "c-ip": "client", "rcode": "rcode"}
_WINDOWS: Final = {
    "record_type": "question_type",
    "answer": "answers",
    "src_ip": "remote_ip",
    "c-ip": "remote_ip",
    "rcode": "response_code",
}

_BIND: Final = frozenset(
    {"time", "category", "severity", "object", "client", "port", "key", "name", "view", "query", "qclass", "qtype",
     "flags", "server", "rest"}
)  # fmt: skip
_UNBOUND: Final = frozenset(
    {"time", "pid", "thread", "level", "tag", "type", "client", "port", "name", "query", "qtype", "qclass", "rcode",
     "resolve_time", "from_cache", "size", "rest"}
)  # fmt: skip
_DNSMASQ: Final = frozenset(
    {"time", "program", "pid", "serial", "requestor", "port", "action", "query", "type", "qtype", "client", "answer"}
)

DNS: Final = (
    Source(("bind.query",), product="bind", category="dns", service="query", fields=_NAMES, supplies=_BIND),
    Source(("unbound.query",), product="unbound", category="dns", service="query", fields=_NAMES, supplies=_UNBOUND),
    Source(("dnsmasq.query",), product="dnsmasq", category="dns", service="query", fields=_NAMES, supplies=_DNSMASQ),
    Source(("msdns.debug",), product="msdns", category="dns", service="debug", fields=_WINDOWS),
    Source(("bind.log",), product="bind", service="log", fields=_NAMES),
    Source(("unbound.log",), product="unbound", service="log", fields=_NAMES),
    Source(("dnsmasq.log",), product="dnsmasq", service="log", fields=_NAMES),
    Source(("msdhcp.server",), product="msdhcp", category="dhcp", service="dhcp"),
    Source(("dnsmasq.dhcp",), product="dnsmasq", category="dhcp", service="dhcp"),
)
