"""Web servers and proxies to ECS."""

from __future__ import annotations

from sentinel.normalise.convert import address_type, endpoint_ip, endpoint_port, integer, ip, lower, port
from sentinel.normalise.mapping import Event, Family, Map
from sentinel.normalise.web_values import (
    count,
    first_address,
    host_part,
    milliseconds,
    nanoseconds,
    outcome,
    port_part,
    read_access,
    read_error,
    read_haproxy,
    seconds,
    status,
    version_of_http,
    without_tls_mark,
)
from sentinel.normalise.web_w3c import W3C

_ACCESS = Event("", action="access", category=("web",), type=("access",))
_PROXY = Event("", action="access", category=("web", "network"), type=("access", "connection"))
_ERROR = Event("", action="error", category=("web",), type=("error",))
_PARTS = (
    Map("url.original", "uri"),
    Map("url.path", "uri_path"),
    Map("url.query", "uri_query"),
)
_REQUEST = (
    Map("http.request.method", "method"),
    Map("http.version", "protocol", version_of_http),
    *_PARTS,
)


def answered(name: str) -> tuple[Map, ...]:
    """Map the status of the answer, and the outcome that it tells."""
    return Map("http.response.status_code", name, status), Map("event.outcome", name, outcome)


def client(name: str) -> tuple[Map, ...]:
    """Map the address that a connection came from."""
    return (
        Map("source.ip", name, ip),
        Map("source.address", name),
        Map("network.type", name, address_type),
    )


ACCESS = Family(
    "web.access",
    maps=(
        *client("remote_addr"),
        Map("client.ip", "http_x_forwarded_for", first_address),
        Map("user.name", "remote_user"),
        *_REQUEST,
        Map("http.request.referrer", "http_referer"),
        Map("http.request.id", "request_id"),
        Map("http.request.bytes", "request_length", integer),
        *answered("status"),
        Map("http.response.body.bytes", "body_bytes_sent", integer),
        Map("http.response.bytes", "bytes_sent", integer),
        Map("url.domain", "vhost", host_part),
        Map("url.port", "vhost", port_part),
        Map("url.scheme", "scheme"),
        Map("user_agent.original", "http_user_agent"),
        Map("event.duration", "request_time", seconds),
        Map("server.address", "upstream_addr"),
    ),
    event=_ACCESS,
    time="time_local",
    read_time=read_access,
    hosts=("vhost",),
    users=("remote_user",),
    telling=("request", "uri", "status", "remote_addr", "http_user_agent"),
)
_MODSECURITY = (
    Map("rule.id", "modsec.id"),
    Map("rule.name", "modsec.msg"),
    Map("rule.version", "modsec.ver"),
    Map("event.reason", "modsec.action"),
)
NGINX_ERROR = Family(
    "nginx.error",
    maps=(
        *client("client"),
        *_REQUEST,
        *_MODSECURITY,
        Map("message", "message"),
        Map("log.level", "level"),
        Map("process.pid", "pid", integer),
        Map("process.thread.id", "tid", integer),
        Map("url.domain", "host", host_part),
        Map("url.domain", "server"),
        Map("http.request.referrer", "referrer"),
        Map("server.address", "upstream"),
    ),
    event=_ERROR,
    time="time",
    read_time=read_error,
    hosts=("server", "host"),
    telling=("message", "request", "client"),
)
APACHE_ERROR = Family(
    "apache.error",
    maps=(
        Map("source.ip", "client", endpoint_ip),
        Map("source.ip", "remote", endpoint_ip),
        Map("source.port", "client", endpoint_port),
        Map("source.address", "client"),
        *_MODSECURITY,
        Map("message", "message"),
        Map("event.code", "code"),
        Map("error.code", "status"),
        Map("error.message", "reason"),
        Map("log.level", "level"),
        Map("log.logger", "module"),
        Map("process.pid", "pid", integer),
        Map("process.thread.id", "tid", integer),
        Map("url.domain", "modsec.hostname"),
        Map("url.path", "modsec.uri"),
        Map("http.request.id", "modsec.unique_id"),
        Map("http.request.referrer", "referer"),
    ),
    event=_ERROR,
    time="time",
    read_time=read_error,
    hosts=("modsec.hostname",),
    telling=("message", "client", "code"),
)
_BALANCED = (
    *client("client_ip"),
    Map("source.port", "client_port", port),
    Map("server.address", "server_name"),
    Map("destination.bytes", "bytes_read", count),
    Map("event.reason", "termination_state"),
    Map("observer.ingress.interface.name", "frontend_name", without_tls_mark),
    Map("service.name", "backend_name"),
    Map("process.pid", "pid", integer),
    Map("host.name", "syslog_hostname"),
    Map("log.syslog.hostname", "syslog_hostname"),
)
HAPROXY_HTTP = Family(
    "haproxy.http",
    maps=(
        *_BALANCED,
        *_REQUEST,
        *answered("status_code"),
        Map("event.duration", "Ta", milliseconds),
        Map("http.response.bytes", "bytes_read", count),
    ),
    event=_ACCESS,
    time="accept_date",
    read_time=read_haproxy,
    hosts=("syslog_hostname",),
    telling=("http_request", "status_code", "client_ip", "server_name"),
)
HAPROXY_TCP = Family(
    "haproxy.tcp",
    maps=(*_BALANCED, Map("event.duration", "Tt", milliseconds)),
    event=Event("", action="connection", category=("network",), type=("connection",)),
    time="accept_date",
    read_time=read_haproxy,
    hosts=("syslog_hostname",),
    telling=("client_ip", "frontend_name", "server_name", "termination_state"),
)
HAPROXY = Family(
    "haproxy.log",
    maps=(Map("message", "message"), *_BALANCED[-3:]),
    event=Event("", category=("web",), type=("info",)),
    time="accept_date",
    read_time=read_haproxy,
    hosts=("syslog_hostname",),
    telling=("message",),
)
SQUID = Family(
    "squid.access",
    maps=(
        *client("remotehost"),
        Map("user.name", "rfc931"),
        Map("http.request.method", "method"),
        Map("http.response.bytes", "bytes", integer),
        Map("http.response.mime_type", "type"),
        *answered("status"),
        Map("event.action", "code", lower),
        Map("event.duration", "elapsed", milliseconds),
        Map("url.original", "URL"),
        Map("url.full", "URL"),
        Map("url.domain", "url_host"),
        Map("url.path", "url_path"),
        Map("url.query", "url_query"),
        Map("destination.ip", "peerhost", ip),
        Map("destination.address", "peerhost"),
    ),
    event=_PROXY,
    time="time",
    users=("rfc931",),
    telling=("URL", "code", "status", "remotehost"),
)
CADDY = Family(
    "caddy.access",
    maps=(
        Map("source.ip", "request.client_ip", ip),
        Map("source.ip", "request.remote_ip", ip),
        Map("source.address", "request.remote_ip"),
        Map("source.port", "request.remote_port", port),
        Map("user.name", "user_id"),
        Map("http.request.method", "request.method"),
        Map("http.request.referrer", "request.headers.Referer"),
        Map("http.version", "request.proto", version_of_http),
        *answered("status"),
        Map("http.response.body.bytes", "size", integer),
        Map("url.domain", "request.host", host_part),
        *_PARTS,
        Map("user_agent.original", "request.headers.User-Agent"),
        Map("event.duration", "duration", seconds),
        Map("log.level", "level"),
        Map("log.logger", "logger"),
    ),
    event=_ACCESS,
    time="ts",
    hosts=("request.host",),
    users=("user_id",),
    telling=("request.uri", "status", "request.remote_ip", "request.headers.User-Agent"),
)
TRAEFIK = Family(
    "traefik.access",
    maps=(
        *client("ClientHost"),
        Map("source.port", "ClientPort", port),
        Map("user.name", "ClientUsername"),
        Map("http.request.method", "RequestMethod"),
        Map("http.request.referrer", "request_Referer"),
        Map("http.version", "RequestProtocol", version_of_http),
        *answered("DownstreamStatus"),
        Map("http.response.body.bytes", "DownstreamContentSize", integer),
        Map("url.domain", "RequestHost", host_part),
        Map("url.scheme", "RequestScheme"),
        *_PARTS,
        Map("user_agent.original", "request_User-Agent"),
        Map("event.duration", "Duration", nanoseconds),
        Map("service.name", "ServiceName"),
        Map("server.address", "ServiceAddr"),
    ),
    event=_ACCESS,
    time="StartUTC",
    hosts=("RequestHost",),
    users=("ClientUsername",),
    telling=("RequestPath", "DownstreamStatus", "ClientHost", "request_User-Agent"),
)
ENVOY = Family(
    "envoy.access",
    maps=(
        Map("source.ip", "x_forwarded_for", first_address),
        Map("source.address", "x_forwarded_for"),
        *_REQUEST,
        *answered("response_code"),
        Map("http.request.body.bytes", "bytes_received", integer),
        Map("http.response.body.bytes", "bytes_sent", integer),
        Map("http.request.id", "request_id"),
        Map("event.duration", "duration", milliseconds),
        Map("event.reason", "response_flags"),
        Map("url.domain", "authority", host_part),
        Map("user_agent.original", "user_agent"),
        Map("server.address", "upstream_host"),
    ),
    event=_ACCESS,
    time="start_time",
    hosts=("authority",),
    telling=("request", "response_code", "x_forwarded_for", "user_agent"),
)
ALB = Family(
    "aws.alb",
    maps=(
        Map("source.ip", "client", endpoint_ip),
        Map("source.port", "client", endpoint_port),
        Map("source.address", "client"),
        *_REQUEST,
        *answered("elb_status_code"),
        Map("http.request.bytes", "received_bytes", integer),
        Map("http.response.bytes", "sent_bytes", integer),
        Map("trace.id", "trace_id"),
        Map("event.duration", "target_processing_time", seconds),
        Map("url.domain", "domain_name"),
        Map("user_agent.original", "user_agent"),
        Map("server.address", "target"),
        Map("tls.cipher", "ssl_cipher"),
        Map("observer.name", "elb"),
    ),
    event=_ACCESS,
    time="time",
    hosts=("domain_name", "elb"),
    telling=("request", "elb_status_code", "client", "user_agent"),
)

FAMILIES: tuple[Family, ...] = (
    ACCESS,
    NGINX_ERROR,
    APACHE_ERROR,
    *W3C,
    HAPROXY_HTTP,
    HAPROXY_TCP,
    HAPROXY,
    SQUID,
    ENVOY,
    ALB,
    CADDY,
    TRAEFIK,
)
