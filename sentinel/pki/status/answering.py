"""What is answered to a question of OCSP, and by whom.

A question about one certificate without a nonce gets the answer that was signed beforehand (RFC 5019). Any other is
answered by the responder's key, if it is here, from what the file of answers says: with the same thisUpdate and
nextUpdate, for that is when the status was known. Without the key a nonce goes unanswered, as RFC 9654 allows.

What nothing is known of: an authority that is not served here is `unauthorized` (RFC 5019, 2.2.3), unsigned. Of a
certificate that an authority never issued it depends on `Unissued`: `unknown`, signed (RFC 6960, 2.2), unless something
else is wished. A question is about certificates of one authority, as no responder speaks for two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError, SentinelError
from sentinel.pki.status.ocsp import UNKNOWN, Asked, CertId, Hash, Status, Window, asked
from sentinel.pki.status.replies import (
    NOT_ISSUED,
    Failure,
    Responder,
    Said,
    bounded,
    failure,
    issuer_hashes,
    reply,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    from sentinel.pki.model import Issuer
    from sentinel.pki.status.answers import Answers

    _Named: TypeAlias = tuple[Hash | None, bytes, bytes]

_SHORT: Final = 300
"""Seconds that `unknown` is good for: the certificate may be issued the next moment."""


class Unissued(StrEnum):
    """What is said of a certificate that was never issued."""

    UNKNOWN = "unknown"
    REVOKED = "revoked"
    UNAUTHORIZED = "unauthorized"


_SAID: Final[Mapping[Unissued, Status]] = {Unissued.UNKNOWN: UNKNOWN, Unissued.REVOKED: NOT_ISSUED}


@dataclass(frozen=True, slots=True)
class Reply:
    """An OCSPResponse, DER. `window` is when it may be given to others too; None: it is for this one question."""

    content: bytes
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers about certificates of some authorities, each with its responder, or None where its key is not here."""

    answers: Answers
    named: Mapping[_Named, tuple[str, Responder | None]] = field(repr=False)
    unissued: Unissued = Unissued.UNKNOWN

    @classmethod
    def of(
        cls,
        answers: Answers,
        issuers: Iterable[tuple[Issuer, Responder | None]],
        unissued: Unissued = Unissued.UNKNOWN,
    ) -> Answering:
        """Make it for authorities, which questions name by hashes."""
        named: dict[_Named, tuple[str, Responder | None]] = {
            (each, *issuer_hashes(issuer.certificate, each)): (issuer.id, responder)
            for issuer, responder in issuers
            for each in Hash
        }
        return cls(answers, named, unissued)

    def answer(self, content: bytes, now: int) -> Reply:
        """Answer a question, whatever its octets are; `now` is seconds since 1970."""
        try:
            question = asked(content)
        except InputError:
            return Reply(failure(Failure.MALFORMED))
        found = [self.named.get(_name(each)) for each in question.ids]
        asked_of = {each[0]: each[1] for each in found if each}
        if None in found or len(asked_of) != 1:
            return Reply(failure(Failure.UNAUTHORIZED))
        ((issuer, responder),) = asked_of.items()
        try:
            return self._answer(question, issuer, responder, now)
        except SentinelError:
            # A file that cannot be read, a token that was pulled out, a responder's certificate that has ended.
            return Reply(failure(Failure.TRY_LATER))

    def _answer(self, question: Asked, issuer: str, responder: Responder | None, now: int) -> Reply:
        first = question.ids[0]
        if len(question.ids) == 1 and not (question.nonce and responder):
            found = self.answers.find(issuer, first.serial, first.hash)
            if found and found.window.ends > now:
                return Reply(whole(found.signed, found.tail), found.window)
        if responder is None:
            return Reply(failure(Failure.TRY_LATER if self._knows(issuer, question) else Failure.UNAUTHORIZED))
        said = [self._said(issuer, responder, each, now) for each in question.ids]
        told = [each for each in said if each]
        if len(told) != len(said):
            return Reply(failure(Failure.UNAUTHORIZED))
        if any(each.window.ends <= now for each in told):
            return Reply(failure(Failure.TRY_LATER))
        content = whole(reply(responder, told, now, question.nonce), responder.tail)
        return Reply(content, None if question.nonce else _common([each.window for each in told]))

    def _knows(self, issuer: str, question: Asked) -> bool:
        return all(self.answers.find(issuer, each.serial) for each in question.ids)

    def _said(self, issuer: str, responder: Responder, asked_of: CertId, now: int) -> Said | None:
        """Give what is said of one certificate; None where it was never issued and nothing is to be said of that."""
        hashed = asked_of.hash or Hash.SHA1
        if found := self.answers.find(issuer, asked_of.serial):
            return Said(hashed, asked_of.serial, found.status, found.window)
        if status := _SAID.get(self.unissued):
            return Said(hashed, asked_of.serial, status, bounded(responder, now, _SHORT))
        return None


def _name(named: CertId) -> _Named:
    return named.hash, named.name_hash, named.key_hash


def _common(windows: list[Window]) -> Window:
    return Window(max(each.begins for each in windows), min(each.ends for each in windows))
