"""Log sources of network sensors: Zeek and Suricata.

A sensor sees what servers, proxies and firewalls log themselves: rules of `category: dns`, `proxy`, `webserver` and
`firewall` look at its DNS, its HTTP and its connections too. By `cs-uri-query` rules mean the query or the whole URI
(see `web`): both are asked. A sensor does not say what a firewall did: `action` and `blocked` have no source in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.detect.sigma.sources.base import Source
from sentinel.model.datasets_network import ZEEK_LOGS
from sentinel.model.datasets_suricata import SURICATA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ZEEK_ENDS: Final = {
    "src_ip": "id.orig_h",
    "src_port": "id.orig_p",
    "dst_ip": "id.resp_h",
    "dst_port": "id.resp_p",
    "c-ip": "id.orig_h",
}
_ENDS: Final = {"dst_ip": "dest_ip", "dst_port": "dest_port", "c-ip": "src_ip"}
_ZEEK_HTTP: Final = {
    **_ZEEK_ENDS,
    "cs-method": "method",
    "cs-host": "host",
    "r-dns": "host",
    "cs-uri": "uri",
    "c-uri": "uri",
    "cs-uri-stem": "uri_path",
    "c-uri-stem": "uri_path",
    "cs-uri-query": "uri",
    "c-uri-query": "uri_query",
    "cs-user-agent": "user_agent",
    "c-useragent": "user_agent",
    "cs-referer": "referrer",
    "cs-referrer": "referrer",
    "cs-username": "username",
    "cs-version": "version",
    "cs-content-type": "orig_mime_types",
    "sc-status": "status_code",
    "sc-bytes": "response_body_len",
    "cs-bytes": "request_body_len",
}
_HTTP: Final = {
    **_ENDS,
    "cs-method": "http.http_method",
    "cs-host": "http.hostname",
    "r-dns": "http.hostname",
    "cs-uri": "http.url",
    "c-uri": "http.url",
    "cs-uri-stem": "http.url_path",
    "c-uri-stem": "http.url_path",
    "cs-uri-query": "http.url",
    "c-uri-query": "http.url_query",
    "cs-user-agent": "http.http_user_agent",
    "c-useragent": "http.http_user_agent",
    "cs-referer": "http.http_refer",
    "cs-referrer": "http.http_refer",
    "cs-version": "http.protocol",
    "sc-status": "http.status",
    "sc-bytes": "http.length",
}
_ZEEK_DNS: Final = {
    **_ZEEK_ENDS,
    "record_type": "qtype_name",
    "answer": "answers",
    "rcode": "rcode_name",
}
_DNS: Final = {
    **_ENDS,
    "query": "dns.rrname",
    "record_type": "dns.rrtype",
    "answer": "dns.rdata",
    "rcode": "dns.rcode",
}
_NAMES: Final[Mapping[str, Mapping[str, str]]] = {"http": _ZEEK_HTTP, "dns": _ZEEK_DNS, "conn": _ZEEK_ENDS}
_SURICATA_NAMES: Final[Mapping[str, Mapping[str, str]]] = {"http": _HTTP, "dns": _DNS}


def _zeek() -> Iterator[Source]:
    """Give a row for each log of Zeek: its service is the log's path."""
    for each in ZEEK_LOGS:
        yield Source((f"zeek.{each.path}",), product="zeek", service=each.path, fields=_NAMES.get(each.path, {}))


def _suricata() -> Iterator[Source]:
    """Give a row for each type of Suricata's events: its service is the type."""
    for each in SURICATA:
        service = each.name.removeprefix("suricata.")
        yield Source((each.name,), product="suricata", service=service, fields=_SURICATA_NAMES.get(service, _ENDS))


def _web(dataset: str, fields: Mapping[str, str], query: str) -> Iterator[Source]:
    for category in ("webserver", "proxy"):
        yield Source((dataset,), category=category, fields=fields)
        yield Source((dataset,), category=category, fields={**fields, "cs-uri-query": query})


NETWORK: Final[tuple[Source, ...]] = (
    *_zeek(),
    *_suricata(),
    Source(("zeek.dns",), category="dns", fields=_ZEEK_DNS),
    Source(("suricata.dns",), category="dns", fields=_DNS),
    *_web("zeek.http", _ZEEK_HTTP, "uri_query"),
    *_web("suricata.http", _HTTP, "http.url_query"),
    Source(("zeek.conn",), category="firewall", fields=_ZEEK_ENDS),
    Source(("suricata.flow", "suricata.netflow"), category="firewall", fields=_ENDS),
)
