"""Real servers on 127.0.0.1 that keep what they are told: HTTP, mail, syslog."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

HOST = "127.0.0.1"


class Hook:
    """An endpoint: `status` is what it answers, `got` the headers and bodies it was sent."""

    def __init__(self, status: int = 204) -> None:
        self.status = status
        self.port = 0
        self.got: list[tuple[dict[str, str], bytes]] = []


@contextmanager
def a_hook(status: int = 204, tls: ssl.SSLContext | None = None) -> Iterator[Hook]:
    """Serve HTTP, or HTTPS, for as long as the context lasts."""
    hook = Hook(status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.got.append(({"path": self.path, **{name.lower(): text for name, text in self.headers.items()}}, body))
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *_parts: object) -> None:
            """Say nothing."""

    server = HTTPServer((HOST, 0), Handler)
    server.handle_error = lambda *_of: None  # type: ignore[method-assign] # a client that refuses us is what we test
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Post:
    """A mail server: the letters that it took, and whether each came encrypted."""

    def __init__(self) -> None:
        self.port = 0
        self.letters: list[bytes] = []
        self.logins: list[tuple[bytes, bytes]] = []

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: ANN401, N802 - as aiosmtpd
        assert session.ssl is not None
        self.letters.append(bytes(envelope.content))
        return "250 OK"

    def login(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:  # noqa: ANN401 - as aiosmtpd
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"secret", handled=False)


@contextmanager
def a_post(tls: ssl.SSLContext | None = None) -> Iterator[Post]:
    """Serve SMTP, with STARTTLS where there is a certificate."""
    post = Post()
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    more: dict[str, Any] = {"tls_context": tls, "require_starttls": True, "authenticator": post.login} if tls else {}
    controller = Controller(post, hostname=HOST, port=port, **more)
    controller.start()
    post.port = port
    try:
        yield post
    finally:
        controller.stop()


@contextmanager
def a_stream(tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """Take one connection by TCP, or TLS; give its port, and what comes over it once the context has ended."""
    got: list[bytes] = []
    server = socket.create_server((HOST, 0))

    def serve() -> None:
        plain, _peer = server.accept()
        try:
            with tls.wrap_socket(plain, server_side=True) if tls else plain as stream:
                while part := stream.recv(65536):
                    got.append(part)
                if tls:
                    stream.unwrap()  # type: ignore[attr-defined] # it is one of TLS
        except OSError:
            plain.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1], got
    finally:
        thread.join(5)
        server.close()
