"""What happened in the register, subject by subject: one of them is held at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sentinel.errors import Damaged
from sentinel.language import _
from sentinel.pki.model import Reason
from sentinel.pki.register import entries
from sentinel.pki.register.tables import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentinel.pki.register.entries import Happened
    from sentinel.pki.register.file import Register


class Told(NamedTuple):
    """One thing that happened, when (nanoseconds since 1970, UTC), and by whom."""

    happened: Happened
    at: int
    actor: str


@dataclass(slots=True)
class Subject:
    """A subject: its number, its name, what its row says that its entries fold to, and what they tell, in order.

    `fold` is state, changed and reason; `told` is empty where an entry cannot be read.
    """

    number: int
    name: str
    fold: tuple[Any, ...]
    told: list[Told] = field(default_factory=list)


_ASKED: Final = (
    "select subject.number, name, newest, state, changed, reason, entry.number, before, kind, entry.body, at, actor "
    "from entry join subject on entry.subject = subject.number join act on act.number = entry.act "
    "where name >= ? and name < ? order by subject.number, entry.seq"
)

REQUEST_STATES: Final = {
    entries.Requested: State.WAITING,
    entries.Complete: State.WAITING,
    entries.Approved: State.APPROVED,
    entries.ByGrant: State.APPROVED,
    entries.Rejected: State.REJECTED,
    entries.Done: State.DONE,
}
"""What an entry means for its request."""
_STATES: Final = {
    entries.Intended: State.INTENDED,
    entries.Issued: State.ISSUED,
    entries.Restored: State.ISSUED,
    entries.GivenUp: State.GIVEN_UP,
}


def subjects(register: Register, beginning: str, fault: Callable[[str, str], None]) -> Iterator[Subject]:
    """Give the subjects whose names begin so, in the order of their numbers.

    `fault` hears of entries that cannot be read, do not follow each other, or are not the last one taken down.
    """
    subject, newest, last, sound = Subject(0, "", ()), 0, 0, True
    rows = register.histories.db.execute(_ASKED, (beginning, beginning + "\U0010ffff"))
    for number, name, head, state, changed, reason, entry, before, kind, body, at, actor in rows:
        if number != subject.number:
            if subject.number:
                yield _ended(subject, newest, last, fault, sound=sound)
            subject, newest, last, sound = Subject(number, name, (state, changed, reason)), head, 0, True
        if before != last:
            fault(name, _("entry {number} does not follow the one before it").format(number=entry))
        last = entry
        try:
            subject.told.append(Told(entries.read(kind, body), at, actor))
        except Damaged as error:
            fault(name, error.message)
            sound = False
    if subject.number:
        yield _ended(subject, newest, last, fault, sound=sound)


def _ended(subject: Subject, newest: int, last: int, fault: Callable[[str, str], None], *, sound: bool) -> Subject:
    if newest != last:
        fault(subject.name, _("its last entry is not the one that was taken down"))
    if not sound:
        subject.told.clear()
    return subject


def folded(told: list[Told]) -> tuple[State, int, str | None]:
    """Give the state of a certificate, when it came about, and why it was revoked."""
    last = told[-1]
    if isinstance(last.happened, entries.Revoked):
        reason = last.happened.reason
        return State.HELD if reason == Reason.HOLD else State.REVOKED, last.at, reason
    return _STATES[type(last.happened)], last.at, None
