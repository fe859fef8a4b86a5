"""Logs in the W3C extended format to ECS."""

from __future__ import annotations

from typing import Final

from sentinel.normalise.convert import address_type, integer, ip, lower, port, text
from sentinel.normalise.mapping import Event, Family, Map
from sentinel.normalise.times import read_iso
from sentinel.normalise.web_values import host_part, milliseconds, outcome, status, version_of_http

_PEERS = (
    Map("source.ip", "c-ip", ip),
    Map("source.address", "c-ip"),
    Map("source.port", "c-port", port),
    Map("network.type", "c-ip", address_type),
    Map("destination.ip", "s-ip", ip),
    Map("destination.port", "s-port", port),
)
_WEB = (
    *_PEERS,
    Map("user.name", "cs-username"),
    Map("http.request.method", "cs-method"),
    Map("http.request.bytes", "cs-bytes", integer),
    Map("http.request.referrer", "cs(Referer)"),
    Map("http.version", "cs-version", version_of_http),
    Map("http.response.status_code", "sc-status", status),
    Map("http.response.bytes", "sc-bytes", integer),
    Map("http.response.mime_type", "rs(Content-Type)"),
    Map("event.outcome", "sc-status", outcome),
    Map("url.original", "uri"),
    Map("url.scheme", "cs-uri-scheme"),
    Map("url.domain", "cs-host", host_part),
    Map("url.domain", "cs(Host)", host_part),
    Map("url.port", "cs-uri-port", port),
    Map("url.path", "cs-uri-stem", text),
    Map("url.path", "cs-uri-path", text),
    Map("url.query", "cs-uri-query"),
    Map("user_agent.original", "cs-user-agent"),
    Map("host.name", "s-computername"),
)
_ACCESS = Event("", action="access", category=("web",), type=("access",))
_TIME, _HOSTS = "date-time", ("s-computername", "cs-host", "s-ip")
_TELLING = ("cs-method", "uri", "sc-status", "c-ip", "cs-user-agent")

W3C: Final[tuple[Family, ...]] = (
    Family(
        "iis.access",
        maps=(
            *_WEB,
            Map("event.duration", "time-taken", milliseconds),
            Map("error.code", "sc-win32-status"),
            Map("service.name", "s-sitename"),
        ),
        event=_ACCESS,
        time=_TIME,
        hosts=_HOSTS,
        users=("cs-username",),
        telling=_TELLING,
    ),
    Family(
        "iis.httperr",
        maps=(*_WEB, Map("event.reason", "s-reason"), Map("service.name", "s-queuename")),
        event=Event("", action="error", category=("web",), type=("error",)),
        time=_TIME,
        hosts=("s-ip",),
        telling=("s-reason", "cs-uri", "c-ip", "s-queuename"),
    ),
    Family(
        "w3c.access",
        maps=(*_WEB, Map("http.request.id", "x-edge-request-id")),
        event=_ACCESS,
        time=_TIME,
        hosts=_HOSTS,
        users=("cs-username",),
        telling=_TELLING,
    ),
    Family(
        "w3c.proxy",
        maps=(
            *_WEB,
            Map("destination.ip", "r-ip", ip),
            Map("event.action", "s-action", lower),
            Map("event.duration", "time-taken", milliseconds),
            Map("event.reason", "x-exception-id"),
        ),
        event=Event("", action="access", category=("web", "network"), type=("access", "connection")),
        time=_TIME,
        hosts=("s-computername", "s-ip"),
        users=("cs-username",),
        telling=("cs-method", "cs-host", "uri", "sc-status", "s-action", "c-ip"),
    ),
    Family("w3c.log", maps=_PEERS, time=_TIME, hosts=("s-computername", "s-ip")),
    Family(
        "pfirewall.log",
        maps=(
            Map("event.action", "action", lower),
            Map("source.ip", "src-ip", ip),
            Map("source.port", "src-port", port),
            Map("destination.ip", "dst-ip", ip),
            Map("destination.port", "dst-port", port),
            Map("network.transport", "protocol", lower),
            Map("network.type", "src-ip", address_type),
            Map("network.bytes", "size", integer),
            Map("process.pid", "pid", integer),
        ),
        event=Event("", category=("network",), type=("connection",)),
        time=_TIME,
        read_time=read_iso,
        telling=("action", "protocol", "src-ip", "dst-ip", "dst-port"),
    ),
)
