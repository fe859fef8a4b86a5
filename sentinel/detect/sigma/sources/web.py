"""Web servers and proxies: `category: webserver`, `proxy` and their products.

Sigma's names are those of the W3C extended log format (taxonomy appendix, "Webserver" and "Proxy").
"""

from __future__ import annotations

from typing import Final

from sentinel.detect.sigma.sources.base import Source

_ACCESS: Final = {
    "c-ip": "remote_addr",
    "cs-username": "remote_user",
    "cs-method": "method",
    "cs-uri": "uri",
    "c-uri": "uri",
    "cs-uri-stem": "uri_path",
    "cs-uri-query": "uri_query",
    "c-uri-query": "uri_query",
    "cs-host": "vhost",
    "cs-referer": "http_referer",
    "cs-referrer": "http_referer",
    "cs-user-agent": "http_user_agent",
    "c-useragent": "http_user_agent",
    "sc-status": "status",
    "sc-bytes": "body_bytes_sent",
}

WEB: Final = (
    Source(("web.access",), category="webserver", fields=_ACCESS),
    Source(("web.access",), product="nginx", service="access", fields=_ACCESS),
    Source(("web.access",), product="apache", service="access", fields=_ACCESS),
)
