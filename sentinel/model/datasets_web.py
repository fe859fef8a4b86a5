"""Datasets of web servers and proxies."""

from __future__ import annotations

from typing import Final

from sentinel.model.dataset import Dataset

_REQUEST: Final = (
    ("method", "Method, from the request line"),
    ("uri", "Path and query, from the request line, as it was sent"),
    ("uri_path", "What of the URI stands before the first `?`"),
    ("uri_query", "What of the URI stands behind the first `?`"),
    ("protocol", "Protocol and version, from the request line"),
)
_COMBINED: Final = (
    ("remote_addr", "Address of the client (`%h`)"),
    ("remote_user", "Who the client says it is, after authentication (`%u`)"),
    ("time_local", "When the request was received (`%t`)"),
    ("request", "Request line (`%r`)"),
    *_REQUEST,
    ("status", "Status of the answer"),
    ("body_bytes_sent", "Bytes of the body sent (`%b`)"),
    ("http_referer", "Referer that the client named"),
    ("http_user_agent", "User agent that the client named"),
    ("vhost", "Virtual host, where it stands in front"),
)

WEB: Final[tuple[Dataset, ...]] = (
    Dataset(
        "web.access",
        "Web server access log: nginx and Apache, common and combined",
        fields=_COMBINED,
        cites="https://httpd.apache.org/docs/2.4/logs.html#accesslog",
    ),
)
