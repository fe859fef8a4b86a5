"""Web servers and proxies to ECS."""

from __future__ import annotations

from sentinel.normalise.convert import integer, ip, text
from sentinel.normalise.mapping import Event, Family, Map
from sentinel.normalise.times import read_clf

_ACCESS = Event("", action="access", category=("web",), type=("access",))

ACCESS = Family(
    "web.access",
    maps=(
        Map("source.ip", "remote_addr", ip),
        Map("source.address", "remote_addr"),
        Map("user.name", "remote_user"),
        Map("http.request.method", "method"),
        Map("http.request.referrer", "http_referer"),
        Map("http.response.status_code", "status", integer),
        Map("http.response.body.bytes", "body_bytes_sent", integer),
        Map("url.original", "uri", text),
        Map("url.path", "uri_path"),
        Map("url.query", "uri_query"),
        Map("url.domain", "vhost"),
        Map("user_agent.original", "http_user_agent"),
    ),
    event=_ACCESS,
    time="time_local",
    read_time=read_clf,
    hosts=("vhost",),
    users=("remote_user",),
    telling=("request", "status", "remote_addr", "http_user_agent"),
)

FAMILIES: tuple[Family, ...] = (ACCESS,)
