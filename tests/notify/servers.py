"""Real servers on 127.0.0.1 that keep what they are told: HTTP, mail, syslog."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
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


class Proxy:
    """A proxy: the lines of the requests that it was sent, and who asked."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[str] = []
        self.known: list[str] = []


@contextmanager
def a_proxy() -> Iterator[Proxy]:
    """Serve as an HTTP proxy: it tunnels HTTPS to this machine, and answers plain HTTP itself."""
    proxy = Proxy()

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            self.note()
            with socket.create_connection((HOST, int(self.path.rpartition(":")[2]))) as there:
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=pump, args=(there, self.connection))
                back.start()
                pump(self.connection, there)
                back.join()
            self.close_connection = True

        def do_POST(self) -> None:
            self.note()
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def note(self) -> None:
            proxy.asked.append(f"{self.command} {self.path}")
            proxy.known.append(self.headers["Proxy-Authorization"] or "")

        def log_message(self, *_parts: object) -> None:
            """Say nothing."""

    server = HTTPServer((HOST, 0), Handler)
    proxy.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Carry what comes from one end to the other until it closes."""
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)


class Post:
    """A mail server: the letters that it took, all encrypted; `says` is its reply to a letter.

    `strangers` are recipients that it does not take, each with its reply.
    """

    def __init__(self) -> None:
        self.port = 0
        self.says = "250 OK"
        self.strangers: dict[str, int] = {}
        self.letters: list[bytes] = []
        self.logins: list[tuple[bytes, bytes]] = []

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802 - as aiosmtpd
        assert server.transport.get_extra_info("ssl_object") is not None
        if self.says.startswith("250"):
            self.letters.append(bytes(envelope.content))
        return self.says

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: ANN401, N802 - as aiosmtpd
        if address in self.strangers:
            return f"{self.strangers[address]} not here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def login(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:  # noqa: ANN401 - as aiosmtpd
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"secret", handled=False)


@contextmanager
def a_post(tls: ssl.SSLContext | None = None, *, is_implicit: bool = False) -> Iterator[Post]:
    """Serve SMTP; where there is a certificate with STARTTLS, or TLS from the first byte."""
    post = Post()
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    more: dict[str, Any] = {"tls_context": tls, "require_starttls": True, "authenticator": post.login} if tls else {}
    if is_implicit:
        more = {"ssl_context": tls, "authenticator": post.login, "auth_require_tls": False}
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
