"""Fetches what a chain lacks from where its certificates say it is: issuers, revocation lists, OCSP answers.

A certificate of a stranger names the addresses, so little is granted to them: plain `http:` alone (what is fetched is
signed, RFC 5280, 8), no redirects, no proxies, no link-local address (where clouds keep their secrets), a bound on time
for each and for all, on bytes, and on how many there are.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.verify.parsed import Certificate, certificate_of
from sentinel.pki.verify.reading import Pieces, take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_DEPTH: Final = 8
"""How many issuers above each other are fetched."""
_OK: Final = 200
_CHUNK: Final = 1 << 16
_ISSUERS, _ANSWERS = "1.3.6.1.5.5.7.48.2", "1.3.6.1.5.5.7.48.1"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What fetching may take: seconds for one address and for all, bytes of one answer, addresses."""

    each: float = 10.0
    total: float = 60.0
    size: int = 64 << 20
    addresses: int = 24


@dataclass(frozen=True, slots=True)
class Fetched:
    """One address that was asked: how many bytes came, or why none did."""

    url: str
    size: int = 0
    fault: str = ""


@dataclass(slots=True)
class Fetcher:
    """Fetches, each address once, within bounds; keeps what came and what was asked."""

    bounds: Bounds = field(default_factory=Bounds)
    told: Callable[[str], None] = lambda _url: None
    pieces: Pieces = field(default_factory=Pieces)
    asked: list[Fetched] = field(default_factory=list)
    _until: float = 0.0

    def complete(self, leaf: bytes, known: Sequence[bytes], *, revocation: bool) -> None:
        """Fetch missing issuers of a certificate, and with `revocation` what tells the status of each below them."""
        self._until = time.monotonic() + self.bounds.total
        pool = [certificate_of(each) for each in known]
        for certificate in self._chain(certificate_of(leaf), pool):
            issuer = _issuer(certificate, pool)
            if revocation and certificate.self_issued != "yes":
                for url in _lists_of(certificate):
                    self._fetch(url)
                if issuer is not None:
                    for url in _access(certificate, _ANSWERS):
                        self._fetch(url, _question(certificate, issuer))

    def _chain(self, certificate: Certificate, pool: list[Certificate]) -> Iterator[Certificate]:
        """Follow issuers up, and fetch those that are not in the pool into it."""
        for _step in range(_DEPTH):
            if certificate.subject == certificate.issuer:
                return
            issuer = _issuer(certificate, pool)
            if issuer is None:
                for url in _access(certificate, _ISSUERS):
                    before = len(self.pieces.certificates)
                    self._fetch(url)
                    pool.extend(certificate_of(each.der) for each in self.pieces.certificates[before:])
                issuer = _issuer(certificate, pool)
            yield certificate
            if issuer is None:
                return
            certificate = issuer

    def _fetch(self, url: str, question: bytes | None = None) -> None:
        if not url.startswith("http://") or any(each.url == url and question is None for each in self.asked):
            return
        if len(self.asked) >= self.bounds.addresses or time.monotonic() > self._until:
            self.asked.append(Fetched(url, fault=_("not asked: too much was fetched already")))
            return
        self.told(url)
        try:
            content = _answer(url, question, self.bounds)
            take(content, url, self.pieces)
        except InputError as error:
            self.asked.append(Fetched(url, fault=error.message))
        else:
            self.asked.append(Fetched(url, len(content)))


def _issuer(certificate: Certificate, pool: Sequence[Certificate]) -> Certificate | None:
    wanted = certificate.authority_key_identifier
    for each in pool:
        if each.subject == certificate.issuer and (not wanted or each.key_identifier in {None, wanted}):
            return each
    return None


def _access(certificate: Certificate, method: str) -> Iterator[str]:
    for each in certificate.authority_information_access_value or ():
        location = each["access_location"]
        if each["access_method"].dotted == method and location.name == "uniform_resource_identifier":
            yield location.native


def _lists_of(certificate: Certificate) -> Iterator[str]:
    points: list[Any] = [*certificate.crl_distribution_points, *certificate.delta_crl_distribution_points]
    for point in points:
        name = point["distribution_point"]
        for each in name.chosen if name and name.name == "full_name" else ():
            if each.name == "uniform_resource_identifier":
                yield each.native


def _question(certificate: Certificate, issuer: Certificate) -> bytes:
    """Give the request for the status of one certificate: SHA-1 names it (RFC 5019, 2.1.1), it secures nothing."""
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_der_x509_certificate
    from cryptography.x509.ocsp import OCSPRequestBuilder

    subject, authority = (load_der_x509_certificate(each.dump()) for each in (certificate, issuer))
    return OCSPRequestBuilder().add_certificate(subject, authority, SHA1()).build().public_bytes(Encoding.DER)  # noqa: S303


def _answer(url: str, question: bytes | None, bounds: Bounds) -> bytes:
    """Give what an address answers. Raises InputError where it does not, or with too much."""
    try:
        parts = urlsplit(url)
        connection = _connection(parts.hostname or "", parts.port or 80, bounds.each)
    except (OSError, UnicodeError, ValueError) as error:
        raise InputError(str(error), place=url) from error
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": parts.netloc.rpartition("@")[2], "User-Agent": "sentinel", "Connection": "close"}
    if question is not None:
        headers["Content-Type"] = "application/ocsp-request"
    # A server that sends a byte now and then would never run into the timeout of one read.
    until = time.monotonic() + bounds.each
    late = threading.Timer(bounds.each, _hung_up, (connection.sock,))
    late.daemon = True
    late.start()
    try:
        connection.request("POST" if question is not None else "GET", path, question, headers)
        content = _body(connection, url, bounds)
    except (OSError, HTTPException, ValueError) as error:
        raise InputError(str(error) or type(error).__name__, place=url) from error
    finally:
        late.cancel()
        connection.close()
    if time.monotonic() >= until:
        raise InputError(_("takes longer than {seconds} s").format(seconds=bounds.each), place=url)
    return content


def _hung_up(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _connection(host: str, port: int, seconds: float) -> HTTPConnection:
    """Connect to the very address that was looked at, so that a name cannot mean another one a moment later."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    address = str(found[0][4][0])
    where = ip_address(address.partition("%")[0])
    where = getattr(where, "ipv4_mapped", None) or where
    if where.is_link_local or where.is_multicast or where.is_unspecified:
        raise OSError(_("not asked: {address} is not an address of a server").format(address=address))
    connection = HTTPConnection(host, port, timeout=seconds)
    connection.sock = socket.create_connection((address, port), seconds)
    return connection


def _body(connection: HTTPConnection, url: str, bounds: Bounds) -> bytes:
    response = connection.getresponse()
    if response.status != _OK:
        raise InputError(f"HTTP {response.status}", place=url)
    content = bytearray()
    while chunk := response.read1(_CHUNK):
        content += chunk
        if len(content) > bounds.size:
            raise InputError(_("answers with more than {size} MiB").format(size=bounds.size >> 20), place=url)
    return bytes(content)
