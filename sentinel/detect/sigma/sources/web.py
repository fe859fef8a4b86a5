"""Web servers and proxies: `category: webserver`, `proxy` and their products.

Sigma's names are those of the W3C extended log format (taxonomy appendix, "Webserver" and "Proxy"). Its rules mean two
things by `cs-uri-query`: the query, as the standard has it, and the whole URI, as most of them do. Both are asked, and
the URI decoded besides, so that a rule finds what an attacker encodes in another way than the rule's author thought of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.detect.sigma.sources.base import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ACCESS: Final = {
    "c-ip": "remote_addr",
    "src_ip": "remote_addr",
    "cs-username": "remote_user",
    "cs-method": "method",
    "cs-uri": "uri",
    "c-uri": "uri",
    "cs-uri-stem": "uri_path",
    "cs-version": "protocol",
    "cs-host": "vhost",
    "cs-referer": "http_referer",
    "cs-referrer": "http_referer",
    "cs-user-agent": "http_user_agent",
    "c-useragent": "http_user_agent",
    "cs-cookie": "http_cookie",
    "cs-content-type": "http_content_type",
    "sc-status": "status",
    "sc-bytes": "body_bytes_sent",
    "cs-bytes": "request_length",
}
# IIS and others of the W3C format have Sigma's names themselves, but for these.
_W3C: Final = {
    "c-uri": "uri",
    "cs-uri": "uri",
    "c-useragent": "cs-user-agent",
    "src_ip": "c-ip",
    "dst_ip": "s-ip",
    "cs-referer": "cs(Referer)",
    "cs-referrer": "cs(Referer)",
    "cs-cookie": "cs(Cookie)",
    "cs-content-type": "cs(Content-Type)",
}
_HAPROXY: Final = {
    "c-ip": "client_ip",
    "src_ip": "client_ip",
    "cs-method": "method",
    "cs-uri": "uri",
    "c-uri": "uri",
    "cs-uri-stem": "uri_path",
    "cs-version": "protocol",
    # Which headers are captured is the configuration's choice: a rule looks at all of them.
    "cs-host": "captured_request_headers",
    "cs-user-agent": "captured_request_headers",
    "c-useragent": "captured_request_headers",
    "cs-referer": "captured_request_headers",
    "cs-cookie": "captured_request_cookie",
    "sc-status": "status_code",
    "sc-bytes": "bytes_read",
}
_CADDY: Final = {
    "c-ip": "request.remote_ip",
    "cs-username": "user_id",
    "cs-method": "request.method",
    "cs-uri": "uri",
    "c-uri": "uri",
    "cs-uri-stem": "uri_path",
    "cs-host": "request.host",
    "cs-referer": "request.headers.Referer",
    "cs-user-agent": "request.headers.User-Agent",
    "c-useragent": "request.headers.User-Agent",
    "cs-cookie": "request.headers.Cookie",
    "cs-content-type": "request.headers.Content-Type",
    "sc-status": "status",
    "sc-bytes": "size",
}
_TRAEFIK: Final = {
    "c-ip": "ClientHost",
    "cs-username": "ClientUsername",
    "cs-method": "RequestMethod",
    "cs-uri": "uri",
    "c-uri": "uri",
    "cs-uri-stem": "uri_path",
    "cs-host": "RequestHost",
    "cs-referer": "request_Referer",
    "cs-user-agent": "request_User-Agent",
    "c-useragent": "request_User-Agent",
    "cs-cookie": "request_Cookie",
    "cs-content-type": "request_Content-Type",
    "sc-status": "DownstreamStatus",
    "sc-bytes": "DownstreamContentSize",
}
_ENVOY: Final = {
    "c-ip": "x_forwarded_for",
    "cs-method": "method",
    "cs-uri": "uri",
    "c-uri": "uri",
    "cs-uri-stem": "uri_path",
    "cs-host": "authority",
    "cs-user-agent": "user_agent",
    "c-useragent": "user_agent",
    "sc-status": "response_code",
    "sc-bytes": "bytes_sent",
}
_ALB: Final = {
    **_ENVOY,
    "c-ip": "client",
    "cs-host": "domain_name",
    "sc-status": "elb_status_code",
    "sc-bytes": "sent_bytes",
}
_SQUID: Final = {
    "c-ip": "remotehost",
    "src_ip": "remotehost",
    "cs-username": "rfc931",
    "cs-method": "method",
    "c-uri": "URL",
    "cs-uri": "URL",
    "cs-host": "url_host",
    "r-dns": "url_host",
    "cs-uri-stem": "url_path",
    "c-uri-stem": "url_path",
    "c-uri-query": "url_query",
    "cs-uri-query": "url_query",
    "c-uri-extension": "url_extension",
    "dst_ip": "peerhost",
    "sc-status": "status",
    "sc-bytes": "bytes",
}
_SQUID_FIELDS: Final = frozenset(
    {
        "time", "elapsed", "remotehost", "code", "status", "bytes", "method", "URL", "rfc931", "peerstatus", "peerhost",
        "type", "url_host", "url_path", "url_query", "url_extension", "url_decoded", "rest",
    }
)  # fmt: skip
_PROXY: Final = {
    **_W3C,
    "cs-uri-stem": "cs-uri-path",
    "c-uri-extension": "cs-uri-extension",
    "c-uri-query": "cs-uri-query",
    "dst_ip": "r-ip",
    "r-dns": "r-host",
}


def _servers(dataset: str, fields: Mapping[str, str], query: str = "uri_query", product: str = "") -> Iterator[Source]:
    """Give the rows of a web server: one for each thing that `cs-uri-query` may mean."""
    for asked in ("uri", query, "uri_decoded"):
        named = {**fields, "cs-uri-query": asked, "c-uri-query": asked}
        yield Source((dataset,), product=product, category="webserver", fields=named)


WEB: Final[tuple[Source, ...]] = (
    *_servers("web.access", _ACCESS),
    *_servers("iis.access", _W3C, "cs-uri-query", "iis"),
    *_servers("w3c.access", _W3C, "cs-uri-query"),
    *_servers("haproxy.http", _HAPROXY, product="haproxy"),
    *_servers("envoy.access", _ENVOY, product="envoy"),
    *_servers("aws.alb", _ALB),
    *_servers("caddy.access", _CADDY, product="caddy"),
    *_servers("traefik.access", _TRAEFIK, product="traefik"),
    Source(("nginx.error",), product="nginx", service="nginx"),
    Source(("apache.error",), product="apache", service="apache"),
    Source(("nginx.error", "apache.error"), product="modsecurity", service="modsecurity"),
    Source(("squid.access",), product="squid", category="proxy", fields=_SQUID, supplies=_SQUID_FIELDS),
    Source(("w3c.proxy",), category="proxy", fields=_PROXY),
    Source(
        ("pfirewall.log",),
        product="windows",
        category="firewall",
        fields={"src_ip": "src-ip", "dst_ip": "dst-ip", "src_port": "src-port", "dst_port": "dst-port"},
    ),
)
