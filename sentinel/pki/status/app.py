"""What is asked over HTTP, and what is given: an application of ASGI, without a framework.

    GET  /crl/<issuer>.crl, /crl/<issuer>/<shard>.crl    revocation lists (RFC 5280, 4.2.1.13)
    GET  /ca/<issuer>.cer, /ca/<issuer>.pem              the authority's certificate, and its chain
    POST /ocsp, GET /ocsp/<base64 of the question>       answers (RFC 6960, appendix A; RFC 5019, 5 and 6)
    GET  /health                                         200 where all is well, 503 and what is wrong

All of it is public, needs no secrets and is to be cached: a list or an answer says itself how long it is good. What
is wrong with a request is told by its status code (400, 404, 405, 413), what is wrong with a question by an answer.
"""

from __future__ import annotations

import json
import time
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import unquote_to_bytes

from sentinel.pki.status.ocsp import LARGEST
from sentinel.pki.status.published import tag_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.pki.status.answering import Reply
    from sentinel.pki.status.published import Document
    from sentinel.pki.status.source import Source

Scope: TypeAlias = "Mapping[str, Any]"
Receive: TypeAlias = Callable[[], Awaitable["Mapping[str, Any]"]]
Send: TypeAlias = Callable[["dict[str, Any]"], Awaitable[None]]

REPLY: Final = b"application/ocsp-response"
_JSON: Final = b"application/json"
_TEXT: Final = b"text/plain; charset=utf-8"
_OCSP: Final = "/ocsp"
_READING: Final = frozenset({"GET", "HEAD"})
_ASKING: Final = frozenset({"GET", "HEAD", "POST"})
_NEVER: Final = (b"cache-control", b"no-store")
_CLOSE: Final = (b"connection", b"close")
_UNCHANGED: Final = 304
_HELD: Final = 3600
"""Seconds that a list or an answer may be kept by others at most, so that a revocation is seen within the hour."""
_CERTIFICATE_HELD: Final = 86_400


@dataclass(frozen=True, slots=True)
class Response:
    """A status code, headers and a body."""

    code: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class App:
    """The application over a source; `clock` gives seconds since 1970, `held` how long others may keep things."""

    source: Source
    clock: Callable[[], float] = field(default=time.time)
    held: int = _HELD

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        found = await self._respond(scope, receive)
        headers = list(found.headers)
        if found.code != _UNCHANGED:
            headers.append((b"content-length", str(len(found.body)).encode()))
        await send({"type": "http.response.start", "status": found.code, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else found.body})

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        method, path = scope["method"], scope["path"]
        asking = path == _OCSP or path.startswith(f"{_OCSP}/")
        allowed = _ASKING if asking else _READING
        if method not in allowed:
            return _refused(405, "method not allowed", (b"allow", ", ".join(sorted(allowed)).encode()))
        now = int(self.clock())
        if asking:
            return await self._asked(scope, receive, now)
        if path == "/health":
            return self._health(now)
        document = self.source.document(path.removeprefix("/"))
        return self._given(scope, document, now) if document else _refused(404, "not found")

    def _health(self, now: int) -> Response:
        faults = list(self.source.faults(now))
        body = json.dumps({"ok": not faults, "faults": faults}, ensure_ascii=False).encode()
        return Response(503 if faults else 200, ((b"content-type", _JSON), _NEVER), body)

    async def _asked(self, scope: Scope, receive: Receive, now: int) -> Response:
        """Answer a question in the path or the body."""
        if scope["method"] == "POST":
            content = await _body(scope, receive)
            if content is None:
                return _refused(413, "too large", _CLOSE)
            return self._told(scope, self.source.answer(content, now), now)
        question = _in_path(scope)
        if question is None:
            return _refused(400, "not base64")
        return self._told(scope, self.source.answer(question, now), now)

    def _told(self, scope: Scope, reply: Reply, now: int) -> Response:
        kind, window = (b"content-type", REPLY), reply.window
        if window is None or window.ends <= now:
            return Response(200, (kind, _NEVER), reply.content)
        tag = tag_of(reply.content)
        headers = (kind, *_dated(tag, window.begins, window.ends, self._age(now, window.ends)))
        if scope["method"] != "POST" and _has(scope, tag, window.begins):
            return Response(_UNCHANGED, headers)
        return Response(200, headers, reply.content)

    def _given(self, scope: Scope, document: Document, now: int) -> Response:
        ends = document.expires or now + _CERTIFICATE_HELD
        age = self._age(now, ends) if document.expires else _CERTIFICATE_HELD
        kind = (b"content-type", document.media.encode())
        headers = (kind, *_dated(document.tag, document.modified, ends, age))
        if _has(scope, document.tag, document.modified):
            return Response(_UNCHANGED, headers)
        return Response(200, headers, document.content)

    def _age(self, now: int, ends: int) -> int:
        return max(0, min(self.held, ends - now))


def _refused(code: int, why: str, *headers: tuple[bytes, bytes]) -> Response:
    return Response(code, ((b"content-type", _TEXT), _NEVER, *headers), why.encode())


def _dated(tag: str, begins: int, ends: int, age: int) -> tuple[tuple[bytes, bytes], ...]:
    """Give the headers of RFC 5019, 6.2; Date is the server's."""
    return (
        (b"cache-control", b"max-age=%d, public, no-transform, must-revalidate" % age),
        (b"etag", tag.encode()),
        (b"last-modified", _date(begins)),
        (b"expires", _date(ends)),
    )


@lru_cache(maxsize=4096)
def _date(at: int) -> bytes:
    return formatdate(at, usegmt=True).encode()


def _has(scope: Scope, tag: str, modified: int) -> bool:
    """Tell whether the client has what it asks for (RFC 9110, 13.2.2: the tag goes before the date)."""
    headers = dict(scope["headers"])
    if tags := headers.get(b"if-none-match"):
        held = {each.strip().removeprefix("W/") for each in tags.decode("latin-1").split(",")}
        return bool(held & {tag, "*"})
    if since := headers.get(b"if-modified-since"):
        try:
            return modified <= parsedate_to_datetime(since.decode("latin-1")).timestamp()
        except (ValueError, OverflowError):
            return False
    return False


def _in_path(scope: Scope) -> bytes | None:
    """Give the question in a path, base64 that may be escaped (RFC 6960, A.1); None where it is none."""
    raw = scope.get("raw_path") or scope["path"].encode()
    text = unquote_to_bytes(bytes(raw).partition(b"?")[0].removeprefix(_OCSP.encode())).removeprefix(b"/")
    if not text or len(text) > 2 * LARGEST:
        return None
    try:
        return b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except NoBase64:
        return None


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """Read the body of a request; None where it is larger than a question may be."""
    told = dict(scope["headers"]).get(b"content-length", b"0")
    if not told.isdigit() or int(told[:20]) > LARGEST:
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)  # the client went away: nobody reads what is answered
        body += message.get("body", b"")
        if len(body) > LARGEST:
            return None
        if not message.get("more_body"):
            return bytes(body)
