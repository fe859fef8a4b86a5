"""Ways to a web hook: straight, or through an HTTP proxy."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.notify.channels import SECOND
from sentinel.notify.trust import trusting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

    from sentinel.notify.channels import Webhook


@dataclass(frozen=True, slots=True)
class Way:
    """A connection that is not open yet, what is asked on it, and the headers that its proxy wants."""

    connection: HTTPConnection
    path: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def way_to(target: Webhook) -> Way:
    """Give the way to a web hook. Raise InputError where its certificates or its proxy cannot be used.

    HTTPS goes through a tunnel (CONNECT; RFC 9110, 9.3.6), so that the proxy reads nothing of it and the certificate is
    that of the endpoint; HTTP is asked of the proxy with its whole address (RFC 9112, 3.2.2).
    """
    parts, timeout = urlsplit(target.url), target.timeout / SECOND
    host, path = _ascii(parts.hostname or ""), _path(parts)
    proxy = _proxy(target, parts)
    through, port = (proxy.hostname or "", proxy.port or 80) if proxy else (host, parts.port)
    headers = _credentials(proxy) if proxy else {}
    if parts.scheme == "http":
        name = f"[{host}]" if ":" in host else host
        whole = f"http://{name}:{parts.port or 80}{path}" if proxy else path
        return Way(HTTPConnection(through, port, timeout=timeout), whole, headers)
    made = HTTPSConnection(through, port, timeout=timeout, context=trusting(target.ca_file))
    if proxy:
        made.set_tunnel(host, parts.port or 443, headers)
    return Way(made, path)


def _ascii(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode()


def _path(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:=&~+!$,;'@()*[]")
    return f"{path}?{quote(parts.query, safe='/%:=&~+!$,;?@()*[]')}" if parts.query else path


def _proxy(target: Webhook, parts: SplitResult) -> SplitResult | None:
    """Give the proxy that the channel names, else the one that the environment names; None where there is none."""
    told = target.proxy
    if told is None:
        from urllib.request import getproxies, proxy_bypass  # costs 10 ms

        host = parts.netloc.rpartition("@")[2]
        told = "" if proxy_bypass(host) else getproxies().get(parts.scheme, "")
    return proxy_of(told) if told else None


def proxy_of(text: str) -> SplitResult:
    """Read the address of a proxy; `http://` may be left out. Raise InputError where it is none."""
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        is_right = parts.scheme == "http" and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_right = False
    if not is_right:
        raise InputError(_("the proxy is no address of the form http://host:port"))
    return parts


def _credentials(proxy: SplitResult) -> Mapping[str, str]:
    """Give the header by which we are known to a proxy (RFC 9110, 11.7.1), none where its address names nobody."""
    if proxy.username is None:
        return {}
    told = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(told.encode()).decode()}"}
