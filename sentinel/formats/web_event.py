"""What events of `web.access` have, whatever log they come from: nginx's names, and the parts of the request.

A JSON log or a format of one's own writes the fields that it was told to. Where those that rules ask for are missing
but follow from others, they are added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sentinel.formats.request_line import parts_of_request, parts_of_uri

if TYPE_CHECKING:
    from collections.abc import Mapping

# A field that every event of the dataset ought to have → those that it may be taken from, best first.
_TAKEN_FROM: Final[Mapping[str, tuple[str, ...]]] = {
    "time_local": ("time_iso8601", "time", "timestamp", "@timestamp", "ts", "msec"),
    "remote_addr": ("remote_ip", "clientip", "client_ip", "client", "remote_host", "http_x_real_ip"),
    "remote_user": ("user", "remote_username", "auth"),
    "status": ("response", "status_code", "http_status"),
    "body_bytes_sent": ("bytes", "response_size", "size"),
    "http_referer": ("referer", "referrer", "http_referrer"),
    "http_user_agent": ("user_agent", "agent", "useragent", "userAgent", "http_agent"),
    "http_x_forwarded_for": ("x_forwarded_for", "x_forwarded", "xff"),
    "vhost": ("http_host", "host", "server_name", "domain", "virtual_host"),
    "method": ("request_method", "verb"),
    "protocol": ("server_protocol", "http_version"),
}


def completed(event: dict[str, Any]) -> dict[str, Any]:
    """Add to an event what follows from its fields."""
    for name, others in _TAKEN_FROM.items():
        if not event.get(name):
            found = next((event[other] for other in others if event.get(other)), None)
            if found is not None:
                event[name] = found
    return _with_parts(event)


def _with_parts(event: dict[str, Any]) -> dict[str, Any]:
    """Add the parts of the URI; `$uri` of nginx is the path alone, as it stood after rewriting."""
    request, uri = event.get("request"), event.get("request_uri")
    if type(request) is str and request.count(" ") and not uri:
        return parts_of_request(request) | event
    uri = uri or event.get("uri") or event.get("url") or event.get("path") or request
    if type(uri) is not str or not uri:
        return event
    query = event.get("args") or event.get("query_string") or event.get("query")
    if type(query) is str and query and "?" not in uri:
        uri = f"{uri}?{query.removeprefix('?')}"
    return parts_of_uri(uri) | event
