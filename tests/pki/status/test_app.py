"""What is asked over HTTP: each address, each refusal, and what caches are told."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.x509 import ocsp as theirs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from sentinel.pki.model import Algorithm, Reason
from sentinel.pki.status import crl
from sentinel.pki.status.answers import Answers
from sentinel.pki.status.app import App
from sentinel.pki.status.keeping import DAY, follow
from sentinel.pki.status.ocsp import GOOD, LARGEST, State, Status
from sentinel.pki.status.published import Lists, publish
from sentinel.pki.status.replies import Responder
from sentinel.pki.status.source import Authority, Station
from tests.pki.status.builders import Book, House, a_question, a_responder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NOW = 1_795_150_800
NONE: Mapping[str, str] = MappingProxyType({})
HOUSE = House(NOW - DAY)
REVOKED = Status(State.REVOKED, NOW, Reason.KEY_COMPROMISE)


@dataclass
class Got:
    """What came back."""

    code: int
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> str:
        return theirs.load_der_ocsp_response(self.body).response_status.name


@dataclass
class Client:
    """Somebody who asks the application as a server of ASGI would."""

    app: App
    pieces: list[bytes] = field(default_factory=list)

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] = NONE) -> Got:
        sent: list[dict[str, Any]] = []
        pieces = self.pieces or [body]
        left = [{"type": "http.request", "body": each, "more_body": True} for each in pieces]
        left[-1]["more_body"] = False

        async def receive() -> dict[str, Any]:
            return left.pop(0) if left else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        raw = path.encode("utf-8", "surrogateescape")
        given = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "raw_path": raw, "headers": given}
        # Browsers of other tests have a loop in this thread.
        with ThreadPoolExecutor(1) as apart:
            apart.submit(lambda: asyncio.run(self.app(scope, receive, send))).result()
        start, end = sent
        return Got(start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, end["body"])


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    book = Book(served=[Authority(HOUSE.issuer, a_responder(HOUSE), (HOUSE.root.der,))])
    book.say(5, GOOD, NOW + 20 * DAY)
    book.say(6, REVOKED, NOW + 20 * DAY)
    for shard in (None, 3):
        tbs = crl.tbs_of(HOUSE.issuer, 1, NOW, NOW + DAY, [crl.entry(6, NOW, Reason.KEY_COMPROMISE)], shard=shard)
        publish(tmp_path, "hanoi", shard, crl.assemble(tbs, Algorithm.ECDSA_P256, HOUSE.authority.key.sign(tbs)))
    made = Station(Lists(tmp_path), tmp_path / "answers.db", book)
    made.look(NOW)
    yield made
    made.close()


@pytest.fixture
def client(station: Station) -> Client:
    return Client(App(station, lambda: NOW + 60))


@pytest.mark.parametrize("path", ["/crl/hanoi.crl", "/crl/hanoi/3.crl"])
def test_a_list_is_given_with_what_caches_need(client: Client, path: str) -> None:
    got = client.ask("GET", path)
    assert 1 == len(list(x509.load_der_x509_crl(got.body)))
    assert {
        "content-type": "application/pkix-crl",
        "cache-control": "max-age=3600, public, no-transform, must-revalidate",
        "last-modified": "Fri, 20 Nov 2026 05:00:00 GMT",
        "expires": "Sat, 21 Nov 2026 05:00:00 GMT",
        "etag": got.headers["etag"],
        "content-length": str(len(got.body)),
    } == got.headers


def test_a_list_about_to_end_is_not_kept_longer(station: Station) -> None:
    got = Client(App(station, lambda: NOW + DAY - 9)).ask("GET", "/crl/hanoi.crl")
    assert got.headers["cache-control"].startswith("max-age=9,")


@pytest.mark.parametrize(
    "path", ["/crl/hanoi.crl", "/ca/hanoi.cer", "/ocsp/" + quote(b64encode(a_question(HOUSE, 5)), "")]
)
def test_who_has_it_is_told_so(client: Client, path: str) -> None:
    first = client.ask("GET", path)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    for headers in (
        {"if_none_match": tag},
        {"if_none_match": f'"x", W/{tag}'},
        {"if_none_match": "*"},
        {"if_modified_since": date},
    ):
        again = client.ask("GET", path, headers=headers)
        assert (304, b"", tag) == (again.code, again.body, again.headers["etag"])
        assert "content-length" not in again.headers
    for headers in (
        {"if_none_match": '"x"'},
        {"if_none_match": '"x"', "if_modified_since": date},
        {"if_modified_since": "Fri, 20 Nov 2020 05:00:00 GMT"},
        {"if_modified_since": "yesterday"},
    ):
        assert 200 == client.ask("GET", path, headers=headers).code


@pytest.mark.parametrize("path", ["/crl/hanoi.crl", "/ca/hanoi.cer", "/health"])
def test_head_gives_all_but_the_body(client: Client, path: str) -> None:
    whole, head = client.ask("GET", path), client.ask("HEAD", path)
    assert (whole.code, whole.headers, b"") == (head.code, head.headers, head.body)


def test_the_authority_and_its_chain_are_given(client: Client) -> None:
    single, chain = client.ask("GET", "/ca/hanoi.cer"), client.ask("GET", "/ca/hanoi.pem")
    assert ("application/pkix-cert", HOUSE.authority.der) == (single.headers["content-type"], single.body)
    assert "application/pem-certificate-chain" == chain.headers["content-type"]
    assert [HOUSE.authority.certificate] == x509.load_pem_x509_certificates(chain.body)


@pytest.mark.parametrize(("serial", "kind"), [(5, "GOOD"), (6, "REVOKED"), (7, "UNKNOWN")])
def test_a_question_is_answered_in_body_and_path(client: Client, serial: int, kind: str) -> None:
    question = a_question(HOUSE, serial)
    posted = client.ask("POST", "/ocsp", question)
    text = b64encode(question).decode()
    asked = [client.ask("GET", f"/ocsp/{each}") for each in (text, quote(text, safe=""), text.rstrip("="))]
    for got in (posted, *asked):
        found = theirs.load_der_ocsp_response(got.body)
        assert (200, "application/ocsp-response", kind) == (
            got.code, got.headers["content-type"], found.certificate_status.name,
        )  # fmt: skip
        assert "max-age=" in got.headers["cache-control"]


def test_a_nonce_is_kept_by_nobody(client: Client) -> None:
    got = client.ask("POST", "/ocsp", a_question(HOUSE, 5, nonce=b"n" * 32))
    assert ("SUCCESSFUL", "no-store") == (got.told, got.headers["cache-control"])
    assert "etag" not in got.headers


def test_a_question_may_come_in_pieces(station: Station) -> None:
    question = a_question(HOUSE, 5)
    client = Client(App(station, lambda: NOW + 60), [question[:7], b"", question[7:]])
    assert "SUCCESSFUL" == client.ask("POST", "/ocsp").told


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", "/", b"", 404),
        ("GET", "/crl/hanoi/4.crl", b"", 404),
        ("GET", "/crl/../answers.db", b"", 404),
        ("GET", "/crl/hanoi/../../answers.db", b"", 404),
        ("GET", "//crl/hanoi.crl", b"", 404),
        ("GET", "/ocsp", b"", 400),
        ("GET", "/ocsp/", b"", 400),
        ("GET", "/ocsp/%zz!", b"", 400),
        ("GET", "/ocsp/" + "A" * (2 * LARGEST + 1), b"", 400),
        ("POST", "/crl/hanoi.crl", b"", 405),
        ("PUT", "/ocsp", b"", 405),
        ("DELETE", "/", b"", 405),
        ("POST", "/ocsp", b"x" * (LARGEST + 1), 413),
    ],
)
def test_what_is_wrong_with_a_request_is_its_code(
    client: Client, method: str, path: str, body: bytes, code: int
) -> None:
    got = client.ask(method, path, body)
    assert (code, "no-store") == (got.code, got.headers["cache-control"])
    assert ("GET, HEAD, POST" if path == "/ocsp" else "GET, HEAD") == got.headers.get(
        "allow", "GET, HEAD"
    ) or code != 405


@pytest.mark.parametrize("told", [str(LARGEST + 1), "9" * 5000, "-1", "x", ""])
def test_a_body_said_to_be_large_is_not_read(client: Client, told: str) -> None:
    assert 413 == client.ask("POST", "/ocsp", headers={"content_length": told}).code


@pytest.mark.parametrize("body", [b"", b"GET", b"\x30\x00", a_question(HOUSE, 5)[:-1]])
def test_what_is_wrong_with_a_question_is_an_answer(client: Client, body: bytes) -> None:
    got = client.ask("POST", "/ocsp", body)
    assert (200, "MALFORMED_REQUEST", "no-store") == (got.code, got.told, got.headers["cache-control"])


def test_all_is_well_until_something_ends(station: Station) -> None:
    well = Client(App(station, lambda: NOW + 60)).ask("GET", "/health")
    assert (200, {"ok": True, "faults": []}) == (well.code, json.loads(well.body))
    late = Client(App(station, lambda: NOW + DAY)).ask("GET", "/health")
    faults = ["crl/hanoi.crl: the list has ended", "crl/hanoi/3.crl: the list has ended", "hanoi: 2 answers have ended"]
    assert (503, {"ok": False, "faults": faults}) == (late.code, json.loads(late.body))


def test_what_is_revoked_is_told_after_the_next_look(station: Station, client: Client) -> None:
    question = a_question(HOUSE, 5)
    before = theirs.load_der_ocsp_response(client.ask("POST", "/ocsp", question).body)
    book = station.register
    assert isinstance(book, Book)
    book.say(5, REVOKED, NOW + 20 * DAY)
    station.look(NOW + 1)
    after = theirs.load_der_ocsp_response(client.ask("POST", "/ocsp", question).body)
    assert ["GOOD", "REVOKED"] == [each.certificate_status.name for each in (before, after)]


def test_an_authority_that_comes_later_is_served(station: Station, client: Client) -> None:
    book = station.register
    assert isinstance(book, Book)
    assert 404 == client.ask("GET", "/ca/root.cer").code
    book.served = [*book.served, Authority(HOUSE.root_issuer)]
    station.look(NOW + 1)
    assert HOUSE.root.der == client.ask("GET", "/ca/root.cer").body


def test_a_responder_that_clients_would_not_take_is_told_and_the_rest_served(station: Station, client: Client) -> None:
    book, wrong = station.register, HOUSE.server()
    assert isinstance(book, Book)
    book.served = [Authority(HOUSE.issuer, Responder(HOUSE.issuer, wrong.der, wrong.key)), Authority(HOUSE.root_issuer)]
    station.look(NOW + 1)
    health = client.ask("GET", "/health")
    told = ["hanoi: the responder's certificate is not for answers of OCSP"]
    assert (503, told) == (health.code, json.loads(health.body)["faults"])
    assert "SUCCESSFUL" == client.ask("POST", "/ocsp", a_question(HOUSE, 5)).told
    assert 200 == client.ask("GET", "/ca/root.cer").code


def test_what_another_process_signs_is_served_without_the_key(tmp_path: Path) -> None:
    book = Book(served=[Authority(HOUSE.issuer)])
    keyless = Station(Lists(tmp_path), tmp_path / "answers.db", book)
    client = Client(App(keyless, lambda: NOW + 60))
    keyless.look(NOW)
    before = client.ask("POST", "/ocsp", a_question(HOUSE, 5)).told
    book.say(5, GOOD, NOW + 20 * DAY)
    file = Answers(tmp_path / "answers.db", write=True)
    follow(file, book, a_responder(HOUSE), NOW)
    file.close()
    keyless.look(NOW + 1)
    assert ["TRY_LATER", "SUCCESSFUL"] == [before, client.ask("POST", "/ocsp", a_question(HOUSE, 5)).told]
    keyless.close()


def test_before_the_first_look_clients_are_asked_to_wait(tmp_path: Path) -> None:
    client = Client(App(Station(Lists(tmp_path), tmp_path / "answers.db", Book()), lambda: NOW))
    assert "TRY_LATER" == client.ask("POST", "/ocsp", a_question(HOUSE, 5)).told


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.sampled_from(["GET", "HEAD", "POST", "BREW"]),
    some.one_of(some.text(max_size=40), some.sampled_from(["/ocsp", "/health", "/crl/hanoi.crl"])),
    some.binary(max_size=60),
    some.dictionaries(
        some.sampled_from(["if_none_match", "if_modified_since", "content_length"]),
        some.text(some.characters(max_codepoint=255), max_size=20),
    ),
)
def test_no_request_raises(client: Client, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
    got = client.ask(method, f"/{path.removeprefix('/')}", body, headers=headers)
    assert got.code in {200, 304, 400, 404, 405, 413}
