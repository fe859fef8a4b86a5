"""Access logs in JSON: nginx's and Apache's as they are configured, Caddy's and Traefik's as they are.

nginx: a `log_format … escape=json` of `$variables` under their own names, as its documentation shows; Apache: the
formats that are copied from one to the other, with nginx's names or nearly so. Caddy: https://caddyserver.com/docs/logging,
Traefik: https://doc.traefik.io/traefik/observability/access-logs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sentinel.formats.access_log import KIND
from sentinel.formats.request_line import parts_of_uri
from sentinel.formats.schema import Schema, dotted
from sentinel.formats.web_event import completed
from sentinel.language import later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from collections.abc import Mapping

CADDY, TRAEFIK = EventKind("caddy.access"), EventKind("traefik.access")
_CLIENT: Final = frozenset({"remote_addr", "remote_ip", "clientip", "client_ip", "remote_host"})
_ANSWER: Final = frozenset({"status", "response", "status_code"})
_REQUEST: Final = frozenset({"request", "request_uri", "uri"})
_HTTP: Final = frozenset(
    {"request_method", "method", "verb", "http_user_agent", "user_agent", "agent", "server_protocol"}
)
_TRAEFIK: Final = frozenset({"ClientHost", "RequestMethod", "RequestPath", "DownstreamStatus"})


def is_access(record: Mapping[str, Any]) -> bool:
    """Tell a client, an answer and a request of HTTP by their names: nginx's, or those that Apache's formats use."""
    names = record.keys()
    if not (names & _CLIENT and names & _ANSWER):
        return False
    request = next((record[name] for name in ("request", "request_uri", "uri") if name in names), None)
    return type(request) is str and bool(names & _HTTP or " HTTP/" in request)


def read_access(record: dict[str, Any]) -> tuple[EventKind, dict[str, Any]]:
    """Give the event of an nginx or Apache record."""
    return KIND, completed(dotted(record))


def is_caddy(record: Mapping[str, Any]) -> bool:
    """Tell a record of Caddy's access log."""
    request = record.get("request")
    return type(request) is dict and {"method", "uri", "headers"} <= request.keys() and "logger" in record


def read_caddy(record: dict[str, Any]) -> tuple[EventKind, dict[str, Any]]:
    """Give the event of Caddy's record; a header is a list, as it may come several times."""
    event = dotted(record)
    return CADDY, parts_of_uri(str(event["request.uri"])) | event


def is_traefik(record: Mapping[str, Any]) -> bool:
    """Tell a record of Traefik's access log."""
    return record.keys() >= _TRAEFIK


def read_traefik(record: dict[str, Any]) -> tuple[EventKind, dict[str, Any]]:
    """Give the event of Traefik's record."""
    event = dotted(record)
    return TRAEFIK, parts_of_uri(str(event["RequestPath"])) | event


SCHEMAS: Final[tuple[Schema, ...]] = (
    Schema("traefik", later("Traefik access log (JSON)"), is_traefik, read_traefik, (b'"DownstreamStatus"',)),
    Schema("caddy", later("Caddy access log (JSON)"), is_caddy, read_caddy, (b'"logger"',)),
    Schema(
        "access_json",
        later("web server access log in JSON (nginx, Apache)"),
        is_access,
        read_access,
        (b'"remote_addr"', b'"remote_ip"', b'"clientip"', b'"client_ip"', b'"remote_host"'),
    ),
)
