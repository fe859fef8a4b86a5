r"""The request line of HTTP and its URI, taken apart as every log of requests does.

The parts stand beside what a log wrote, under the names `method`, `uri`, `uri_path`, `uri_query`, `uri_decoded` and
`protocol`. `uri_decoded` is what an application sees: the log's own escapes and the percent-encoding undone, twice
where it was encoded twice, as attackers do, `+` in the query a space; text that is not UTF-8 stands as `\xff`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

_PROTOCOL = re.compile(r"[A-Z]{3,8}/[\d.]{1,8}")
# nginx writes \x22 (ngx_http_log_escape), Apache \" and \t besides (ap_escape_logitem).
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|([\"\\bnrtv]))")
_CONTROLS = {"b": "\b", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_METHOD = re.compile(r"[A-Za-z][\w-]{0,31}", re.ASCII)
_TWICE = 2
_REMEMBERED = 512
"""Most requests are asked for again and again: those shorter than this are taken apart once."""


@lru_cache(maxsize=8192)
def _parts_of(request: str) -> dict[str, str]:
    method, found, rest = request.partition(" ")
    if not (found and _METHOD.fullmatch(method)):
        return {}
    uri, found, protocol = rest.rpartition(" ")
    # A URI with spaces in it is what an attacker sends: all between the method and the protocol is it.
    if found and (protocol.startswith("HTTP/") or _PROTOCOL.fullmatch(protocol)):
        return {"method": method, "protocol": protocol} | parts_of_uri(uri)
    return {"method": method} | parts_of_uri(rest)


def parts_of_request(request: str) -> dict[str, str]:
    """Give the parts of a request line (RFC 9112 section 3); of what is none, such as a TLS greeting, nothing."""
    return _parts_of(request) if len(request) < _REMEMBERED else _parts_of.__wrapped__(request)


def parts_of_uri(uri: str) -> dict[str, str]:
    """Give a URI and its parts."""
    path, mark, query = uri.partition("?")
    parts = {"uri": uri, "uri_path": path}
    if mark:
        parts["uri_query"] = query
    parts["uri_decoded"] = decoded(uri) if "%" in uri or "\\" in uri or "+" in query else uri
    return parts


def decoded(uri: str) -> str:
    """Undo a log's escapes, `+` in the query, and percent-encoding, at most twice."""
    if "\\" in uri:
        uri = _ESCAPE.sub(_unescaped, uri)
    path, mark, query = uri.partition("?")
    uri = f"{path}{mark}{query.replace('+', ' ')}"
    for _time in range(_TWICE):
        if "%" not in uri:
            break
        uri = unquote_to_bytes(uri).decode(errors="backslashreplace")
    return uri


def _unescaped(found: re.Match[str]) -> str:
    # A byte above 127 goes on as percent-encoding: several of them may be one character.
    return f"%{found[1]}" if found[1] else _CONTROLS.get(found[2], found[2])
