"""Keeping answers true: they follow the register at once, and are signed anew before they end.

The register numbers its changes: a certificate was issued, revoked, put on hold or released. Whatever was changed since
the file of answers last followed it is signed and written, then how far that was. Answers that will soon end are signed
again with what they say, which by then is what the register says. Both may be done by several processes at once: each
holds the file while it does one portion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from sentinel.pki.status.answers import Answer
from sentinel.pki.status.ocsp import Hash, Status
from sentinel.pki.status.replies import bounded, presign

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentinel.pki.status.answers import Answers
    from sentinel.pki.status.ocsp import Window
    from sentinel.pki.status.replies import Responder

DAY: Final = 86_400
PORTION: Final = 1_000
"""Answers that are signed within one transaction: about 50 ms."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a certificate: `number` counts the changes of the register, `not_after` is when it ends."""

    number: int
    serial: int
    status: Status
    not_after: int


class Changes(Protocol):
    """What the register tells of changes."""

    def changes(self, issuer: str, after: int, most: int) -> Sequence[Change]:
        """Give the changes about an authority's certificates with higher numbers than `after`, lowest first."""
        ...


@dataclass(frozen=True, slots=True)
class Term:
    """For how long answers are good, and how long before their end they are signed anew, in seconds."""

    life: int = DAY
    renewed: int = DAY // 2
    hashes: tuple[Hash, ...] = (Hash.SHA1,)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was done: answers signed because something changed, or because they were to end, and answers dropped."""

    followed: int = 0
    renewed: int = 0
    dropped: int = 0


def keep(answers: Answers, changes: Changes, responder: Responder, now: int, term: Term | None = None) -> Kept:
    """Follow the register, then renew what is to end and drop what is about certificates that have ended.

    `now` is seconds since 1970. Raises InputError where the responder's certificate has ended, StoreError.
    """
    term = term or Term()
    followed = follow(answers, changes, responder, now, term)
    renewed = sum(_renew(answers, responder, now, term, hashed) for hashed in term.hashes)
    return Kept(followed, renewed, answers.drop(responder.issuer.id, now - term.life))


def follow(answers: Answers, changes: Changes, responder: Responder, now: int, term: Term | None = None) -> int:
    """Sign answers for whatever changed in the register since; give how many changes. Raises as `keep`."""
    term, done = term or Term(), 0
    while portion := _follow(answers, changes, responder, now, term):
        done += portion
    return done


def _follow(answers: Answers, changes: Changes, responder: Responder, now: int, term: Term) -> int:
    issuer = responder.issuer.id
    if not changes.changes(issuer, answers.followed(issuer), 1):
        return 0
    window = bounded(responder, now, term.life)
    with answers.writing():
        found = changes.changes(issuer, answers.followed(issuer), PORTION)
        # Of one certificate the last change counts; of one that has ended nothing is said.
        last = {change.serial: change for change in found if change.not_after > now}
        told = [(each.serial, each.status, each.not_after) for each in last.values()]
        for hashed in term.hashes:
            answers.put(responder, hashed, signed(responder, told, window, hashed))
        if found:
            answers.follow(issuer, found[-1].number)
    return len(found)


def _renew(answers: Answers, responder: Responder, now: int, term: Term, hashed: Hash) -> int:
    """Sign anew what ends soon, as far as it can be made to end later."""
    ends = min(now + term.life, responder.not_after)
    before, done, issuer = min(now + term.renewed, ends), 0, responder.issuer.id
    while answers.due(issuer, hashed, before, now, 1):
        window = bounded(responder, now, term.life)
        with answers.writing():
            due = answers.due(issuer, hashed, before, now, PORTION)
            told = [(each.serial, each.status, each.not_after) for each in due]
            answers.put(responder, hashed, signed(responder, told, window, hashed))
        done += len(due)
    return done


def signed(
    responder: Responder, told: Sequence[tuple[int, Status, int]], window: Window, hashed: Hash
) -> Iterable[Answer]:
    """Sign answers about certificates: serial number, status, and when each ends."""
    made = presign(responder, ((serial, status) for serial, status, _end in told), window, hashed)
    for (serial, status, not_after), content in zip(told, made, strict=True):
        yield Answer(serial, status, window, not_after, content)
