"""All that the server serves: lists, certificates of authorities, and answers, each as it is now.

The server knows a `Source` only. `Station` is the one that there is: it watches the folder of lists, asks the register
for its authorities and changes, and keeps the answers true. Its `look` does all the work that takes time, and is called
about once a second from a thread beside the server; what `document` and `answer` use is replaced as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from sentinel.errors import SentinelError
from sentinel.language import _
from sentinel.pki.certificates.parse import authority
from sentinel.pki.status.answering import Answering, Reply, Unissued
from sentinel.pki.status.answers import Answers
from sentinel.pki.status.keeping import Changes, Term, keep
from sentinel.pki.status.published import CERTIFICATE, CERTIFICATES, CHAIN, Document, Lists
from sentinel.pki.status.replies import Failure, check_responder, failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.pki.model import Issuer
    from sentinel.pki.status.replies import Responder


class Source(Protocol):
    """What is served, and that it changes."""

    def document(self, name: str) -> Document | None:
        """Give what is served at an address without its first slash, `crl/hanoi/3.crl`; None for nothing."""
        ...

    def answer(self, content: bytes, now: int) -> Reply:
        """Answer a question of OCSP, whatever its octets; `now` is seconds since 1970."""
        ...

    def faults(self, now: int) -> Sequence[str]:
        """Tell what is wrong: a list or an answer that has ended, a file that cannot be read; [] when all is well."""
        ...

    def look(self, now: int) -> None:
        """Take in whatever has changed, and do what is due; called again and again, never twice at once."""
        ...


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority that is served: `chain` are the certificates above its own, DER, up to the root and across.

    `crosses` are those that other roots issued to a root, DER.
    """

    issuer: Issuer
    responder: Responder | None = None
    chain: tuple[bytes, ...] = ()
    crosses: tuple[bytes, ...] = ()


class Served(Changes, Protocol):
    """What the register tells the server: its authorities now, and its changes."""

    def authorities(self) -> Sequence[Authority]:
        """Give the authorities whose status is served."""
        ...


_NONE: Final[tuple[Authority, ...]] = ()


@dataclass(slots=True)
class Station:
    """What is served from a folder of lists, a file of answers and a register."""

    lists: Lists
    path: Path
    register: Served
    term: Term = field(default_factory=Term)
    unissued: Unissued = Unissued.UNKNOWN
    _told: tuple[Authority, ...] = _NONE
    _authorities: tuple[Authority, ...] = _NONE
    _documents: dict[str, Document] = field(default_factory=dict)
    _answering: Answering | None = None
    _kept: Answers | None = None
    _refused: list[str] = field(default_factory=list)
    _faults: list[str] = field(default_factory=list)

    def document(self, name: str) -> Document | None:
        """Give a list or a certificate."""
        return self.lists.documents.get(name) or self._documents.get(name)

    def answer(self, content: bytes, now: int) -> Reply:
        """Answer a question; `tryLater` before `look` was called once."""
        return self._answering.answer(content, now) if self._answering else Reply(failure(Failure.TRY_LATER))

    def faults(self, now: int) -> list[str]:
        """Tell what is wrong now."""
        ended = [name for name, each in sorted(self.lists.documents.items()) if each.expires <= now]
        late = [_("{name}: the list has ended").format(name=name) for name in ended]
        return [*self._faults, *map(str, self.lists.faults), *late, *self._late(now)]

    def look(self, now: int) -> None:
        """Read lists that changed, take in authorities that came, and keep the answers."""
        self.lists.look()
        try:
            told = tuple(self.register.authorities())
            if told != self._told or self._answering is None or self._file_came():
                self._take(told)
            faults = list(self._refused)
        except SentinelError as error:
            faults = [_shown(error)]
        for each in self._authorities:
            faults += self._keep(each.responder, now) if each.responder else []
        self._faults = faults

    def close(self) -> None:
        """Let go of the files."""
        for each in (self._kept, self._answering.answers if self._answering else None):
            if each:
                each.close()
        self._answering = self._kept = None

    def _file_came(self) -> bool:
        """Tell whether somebody else made the file of answers since."""
        return bool(self._answering and not self._answering.answers.is_there and self.path.exists())

    def _take(self, told: tuple[Authority, ...]) -> None:
        """Serve these authorities, one whose responder clients would not take without it."""
        found, refused = [], []
        for each in told:
            try:
                if each.responder:
                    check_responder(each.responder)
                found.append(each)
            except SentinelError as error:
                refused.append(_shown(error))
                found.append(replace(each, responder=None))
        if self._kept is None and any(each.responder for each in found):
            self._kept = Answers(self.path, write=True)
        read = self._answering.answers if self._answering and self._answering.answers.is_there else Answers(self.path)
        self._documents = dict(entry for each in found for entry in _certificates(each))
        self._answering = Answering.of(read, [(each.issuer, each.responder) for each in found], self.unissued)
        self._told, self._authorities, self._refused = told, tuple(found), refused

    def _keep(self, responder: Responder, now: int) -> list[str]:
        try:
            if self._kept:
                keep(self._kept, self.register, responder, now, self.term)
        except SentinelError as error:
            return [_shown(error)]
        return []

    def _late(self, now: int) -> list[str]:
        if not self._answering or not self._answering.answers.is_there:
            return []
        told = _("{name}: {count} answers have ended")
        try:
            counted = {each.issuer.id: self._answering.answers.ended(each.issuer.id, now) for each in self._authorities}
        except SentinelError as error:
            return [_shown(error)]
        return [told.format(name=name, count=count) for name, count in counted.items() if count]


def _shown(error: SentinelError) -> str:
    """Give an error for everyone: of a place within this machine the last part only."""
    return f"{Path(error.place).name}: {error.message}" if error.place else error.message


def _certificates(served: Authority) -> list[tuple[str, Document]]:
    """Give an authority's certificate, and its chain without the root, as PEM.

    Of a root that others signed too it is what they say of it: the address is asked by whoever has no way to a root yet
    (RFC 5280, 4.2.2.1), and is not helped by a root that it does not trust.
    """
    issuer = served.issuer
    begins = authority(issuer.certificate).not_before
    kept = [issuer.certificate, *(each for each in served.chain if not authority(each).self_issued)]
    content, media = _found_by(served)
    return [
        (f"ca/{issuer.id}.cer", Document.of(content, media, begins)),
        (f"ca/{issuer.id}.pem", Document.of(b"".join(map(_pem, kept)), CHAIN, begins)),
    ]


def _found_by(served: Authority) -> tuple[bytes, str]:
    """Give what is found at the address of an authority: one certificate, or several in CMS (RFC 5652)."""
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
    from cryptography.x509 import load_der_x509_certificate

    if len(served.crosses) > 1:
        certificates = [load_der_x509_certificate(each) for each in served.crosses]
        return serialize_certificates(certificates, Encoding.DER), CERTIFICATES
    return (served.crosses or (served.issuer.certificate,))[0], CERTIFICATE


def _pem(content: bytes) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_der_x509_certificate

    return load_der_x509_certificate(content).public_bytes(Encoding.PEM)
