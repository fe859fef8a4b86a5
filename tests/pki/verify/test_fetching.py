from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID as Access

from sentinel.pki.verify.fetching import Bounds, Fetcher
from tests.pki.verify.chains import Party, a_list, a_server, an_answer, an_authority

if TYPE_CHECKING:
    from collections.abc import Iterator


class Server:
    """A server on the loopback: what it answers by path, and what it was asked."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.answers: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.wait = threading.Event()


@contextmanager
def serving() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(f"{self.command} {self.path}")
            if self.path == "/slow":
                state.wait.wait(20)
            if self.path == "/drip":
                with suppress(OSError):
                    while not state.wait.wait(0.05):
                        self.wfile.write(b"H")
                return
            if self.path == "/elsewhere":
                self.send_response(302)
                self.send_header("Location", "/root.cer")
                self.end_headers()
                return
            content = state.answers.get(self.path)
            self.send_response(200 if content is not None else 404)
            self.end_headers()
            with suppress(OSError):  # who asked may have hung up
                self.wfile.write(content or b"")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Server(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        state.wait.set()
        server.shutdown()
        thread.join()
        server.server_close()


def access(issuers: str = "", answers: str = "") -> tuple[x509.ExtensionType, bool]:
    found = [(Access.CA_ISSUERS, issuers), (Access.OCSP, answers)]
    descriptions = [x509.AccessDescription(kind, x509.UniformResourceIdentifier(url)) for kind, url in found if url]
    return x509.AuthorityInformationAccess(descriptions), False


def points(url: str) -> tuple[x509.ExtensionType, bool]:
    name = x509.UniformResourceIdentifier(url)
    return x509.CRLDistributionPoints([x509.DistributionPoint([name], None, None, None)]), False


def fetched(leaf: Party, *known: Party, bounds: Bounds | None = None) -> Fetcher:
    fetcher = Fetcher(bounds or Bounds())
    fetcher.complete(leaf.der, [each.der for each in known], revocation=True)
    return fetcher


def test_issuers_lists_and_answers_are_fetched_from_where_the_certificates_say() -> None:
    with serving() as server:
        root = an_authority()
        issuing = an_authority("Cấp", root, more=[points(f"{server.url}/root.crl")])
        leaf = a_server(issuing, more=[access(f"{server.url}/issuing.cer", f"{server.url}/ocsp")])
        server.answers = {
            "/issuing.cer": issuing.der,
            "/root.crl": a_list(root),
            "/ocsp": an_answer(leaf),
        }
        pieces = fetched(leaf, root).pieces

    assert [issuing.der] == [each.der for each in pieces.certificates]
    assert [a for a in server.asked if "ocsp" in a] == ["POST /ocsp"]
    assert (1, 1) == (len(pieces.lists), len(pieces.answers))


def test_an_answer_that_is_not_what_was_asked_for_is_told_and_changes_nothing() -> None:
    with serving() as server:
        root = an_authority()
        for path, content in {"/gone": None, "/html": b"<html>", "/elsewhere": None}.items():
            if content is not None:
                server.answers[path] = content
            fetcher = fetched(a_server(root, more=[points(f"{server.url}{path}")]), root)
            assert [] == fetcher.pieces.lists
            assert [(f"{server.url}{path}", True)] == [(each.url, bool(each.fault)) for each in fetcher.asked]
        assert ["GET /gone", "GET /html", "GET /elsewhere"] == server.asked


def test_an_answer_beyond_the_bounds_is_left_off() -> None:
    with serving() as server:
        root = an_authority()
        server.answers["/large"] = b"0" * 4096
        large = fetched(a_server(root, more=[points(f"{server.url}/large")]), root, bounds=Bounds(size=1024))
        late = [
            fetched(a_server(root, more=[points(f"{server.url}/{path}")]), root, bounds=Bounds(each=0.2))
            for path in ("slow", "drip")
        ]
    assert "more than" in large.asked[0].fault
    assert [True, True] == [bool(each.asked[0].fault) for each in late]


@pytest.mark.parametrize("url", ["https://127.0.0.1:1/a", "ldap://127.0.0.1/a", "file:///etc/passwd"])
def test_nothing_but_plain_http_is_asked(url: str) -> None:
    root = an_authority()
    assert [] == fetched(a_server(root, more=[points(url)]), root).asked


@pytest.mark.parametrize("host", ["169.254.169.254", "224.0.0.1", "0.0.0.0"])  # noqa: S104 - to be refused
def test_addresses_that_are_no_servers_are_not_asked(host: str) -> None:
    root = an_authority()
    fetcher = fetched(a_server(root, more=[points(f"http://{host}/latest")]), root)
    assert ["not asked" in each.fault for each in fetcher.asked] == [True]


def test_no_more_addresses_are_asked_than_the_bounds_allow() -> None:
    with serving() as server:
        root = an_authority()
        names = [x509.UniformResourceIdentifier(f"{server.url}/{number}") for number in range(9)]
        many = x509.CRLDistributionPoints([x509.DistributionPoint(names, None, None, None)])
        fetcher = fetched(a_server(root, more=[(many, False)]), root, bounds=Bounds(addresses=3))
    assert 3 == len(server.asked)
    assert 9 == len(fetcher.asked)
