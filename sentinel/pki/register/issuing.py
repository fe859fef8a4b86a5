"""Certificates are issued: written down, then signed, then checked, then written down again.

No signature is made of what is not on the disk: an entry says which bytes may be signed, and only when that is durable
does the signer see them. What is signed is checked against the authority's key, and a second entry says that it was
issued. Whoever dies in between leaves intended certificates: the next call asks the signer which of them it has signed,
finishes these, and signs the others or gives them up.

Groups are signed one process at a time (`issuing.lock`; `issuing.turn` is held by who is next), so what is intended and
unfinished while the lock is held was left by somebody who died.
"""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import msgspec

from sentinel.errors import Damaged, InputError, Refused
from sentinel.language import _
from sentinel.ledger.chain import Act
from sentinel.people.acting import SENTINEL
from sentinel.pki.certificates.anatomy import common_name
from sentinel.pki.register import entries
from sentinel.pki.register.asking import approvals_of, leaves_of, order_of
from sentinel.pki.register.file import REQUEST, subject_of
from sentinel.pki.register.holding import KNOWN_TO_OTHERS, compromised
from sentinel.pki.register.tables import State
from sentinel.store.embedded.disk import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sentinel.people.acting import Acting
    from sentinel.pki.model import Issuer
    from sentinel.pki.register.file import Authority, Register, Request
    from sentinel.pki.signing.approvals import Approval
    from sentinel.pki.signing.client import Batch

GROUP: Final = 500
"""Certificates that are written down, signed and written down again at once, at most."""
FIRST: Final = 100
LEAST: Final = 20
"""How many the first group has, before it is known how long they take, and a later one at least."""
HOLD: Final = 400_000_000
"""Nanoseconds that a group is to take, since others wait meanwhile: slow tokens and machines get smaller ones."""
LOCK, TURN = "issuing.lock", "issuing.turn"


class Signing(Protocol):
    """The signer, as issuing needs it: keys are behind it, and what it refuses it raises as `Refused`."""

    def sign(self, batch: Batch) -> list[bytes]:
        """Give the signatures over a batch, in order; raise Refused."""

    def recall(self, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        """Give the signatures that were made, by the SHA-256 of what was signed."""


class Finishing(Protocol):
    """What becomes of a signature: the certificate, checked. Raise InputError where it is not one of the authority."""

    def __call__(self, issuer: Issuer, tbs: bytes, signature: bytes) -> bytes:
        """Give the certificate, DER."""


@dataclass(frozen=True, slots=True)
class Came:
    """What issuing came to: how many certificates were issued, and how many given up."""

    issued: int
    given_up: int = 0


class _Intent(NamedTuple):
    number: int
    serial: bytes
    request: int
    tbs: bytes
    names: tuple[str, ...]
    spki: bytes


@dataclass(frozen=True, slots=True)
class Issuance:
    """What issuing works with: the register, the signer, how a signature becomes a certificate, and a clock.

    The clock gives nanoseconds since 1970, UTC.
    """

    register: Register
    signing: Signing
    finish: Finishing
    clock: Callable[[], int]

    def issue(self, request: Request, by: Acting, told: Callable[[int], None] = lambda _issued: None) -> Came:
        """Issue what an approved request asks for, and give what came of it; `told` hears how many are done.

        Called again after an interruption, it goes on where it was. Raise Refused, also where the request may not be
        issued, Damaged where the signer's answer is no signature, StoreError.
        """
        by.must("pki.issue")
        authority = self.register.authority(request.issuer)
        if request.state is not State.APPROVED:
            raise Refused(
                _("{id} is {state}, not approved").format(id=request.id, state=request.state.told),
                hint=_("`sentinel pki approve {id}`: whoever asked may not").format(id=request.id),
            )
        covered = self._covered(request)
        issued, given_up, most = 0, 0, FIRST
        while True:
            with self._alone():
                began = self.clock()
                given_up += self._finish_left(authority).given_up
                if self.register.request(request.id).left:
                    _check_hold(request, covered, self.clock())
                intents = self._intend(authority, request, by, most)
                sound = self._sound(authority, intents, covered)
                self._sign(authority, sound, covered, by)
                took = self.clock() - began
            issued, given_up = issued + len(sound), given_up + len(intents) - len(sound)
            told(issued)
            if len(intents) < most:
                break
            most = max(LEAST, min(GROUP, most * HOLD // max(took, 1)))
        self._close(request, by)
        return Came(issued, given_up)

    def recover(self) -> Came:
        """Finish what somebody who died left behind: certificates that were intended. Raise Damaged, StoreError."""
        issued = given_up = 0
        for authority in self.register.authorities():
            with self._alone():
                came = self._finish_left(authority)
            issued, given_up = issued + came.issued, given_up + came.given_up
        return Came(issued, given_up)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock, in turn: the system would give it again and again to whoever has just let it go."""
        folder = self.register.folder
        with ExitStack() as held:
            with locked(folder / TURN):  # who waits for the lock holds this, all others wait behind
                held.enter_context(locked(folder / LOCK))
            yield

    def _intend(self, authority: Authority, request: Request, by: Acting, most: int) -> list[_Intent]:
        """Write the next group down: from here on it may be signed. Give it."""
        now = self.clock()
        with self.register.writing():
            db = self.register.histories.db
            rows = db.execute(_ASKED, (request.number, most)).fetchall()
            if not rows:
                return []
            first = self.register.histories.last_subject() + 1
            drafted = [_drafted(authority, request, first + place, row) for place, row in enumerate(rows)]
            happened = [(subject_of(authority.issuer.id, each.intent.serial), each.intended) for each in drafted]
            body = msgspec.json.encode({"request": request.number, "count": len(drafted)})
            act = by.signed(Act(0, now, by.name, by.via, "pki issue", body))
            self.register.append(act, happened, _state_of(happened, State.INTENDED, now))
            try:
                db.executemany(_INSERT, [each.row for each in drafted])
            except sqlite3.IntegrityError as error:
                raise InputError(
                    _("a certificate with a serial number of this request is there already"),
                    place=request.id,
                    hint=_("ask anew: each request has serial numbers of its own"),
                ) from error
            db.execute("delete from asked where request = ? and place <= ?", (request.number, rows[-1][0]))
        return [each.intent for each in drafted]

    def _covered(self, request: Request) -> _Covered:
        told = (
            entries.read(each.entry.kind, each.entry.body)
            for each in self.register.history(f"{REQUEST}{request.number}")
        )
        grant = next((each.grant for each in told if isinstance(each, entries.ByGrant)), "")
        approvals = approvals_of(self.register, request)  # which somebody gives where the grant gives no more
        lost = compromised(self.register)
        return _Covered(approvals, leaves_of(self.register, request), "" if approvals else grant, lost)

    def _sound(self, authority: Authority, intents: Sequence[_Intent], covered: _Covered) -> list[_Intent]:
        """Give up what has a key that others have come to know since it was asked for; give the rest."""
        if lost := [each for each in intents if each.spki in covered.known_to_others]:
            self._give_up(authority, lost, _(KNOWN_TO_OTHERS))
        return [each for each in intents if each.spki not in covered.known_to_others]

    def _sign(self, authority: Authority, intents: Sequence[_Intent], covered: _Covered, by: Acting) -> None:
        from sentinel.pki.signing.client import Batch

        if not intents:
            return
        issuer = authority.issuer
        tbs, numbers = [each.tbs for each in intents], [each.number for each in intents]
        batch = Batch(
            issuer.key, "certificate", tbs, numbers, covered.approvals, grant=covered.grant, whole=covered.leaves
        )
        self._record(issuer, intents, self.signing.sign(batch), by)

    def _record(self, issuer: Issuer, intents: Sequence[_Intent], signatures: Sequence[bytes], by: Acting) -> None:
        """Check signatures and write down that the certificates are issued."""
        now = self.clock()
        ready = [
            (each, self._finished(issuer, each, signature)) for each, signature in zip(intents, signatures, strict=True)
        ]
        happened = [
            (subject_of(issuer.id, each.serial), entries.Issued(sha256(der).hexdigest())) for each, der in ready
        ]
        body = msgspec.json.encode({"count": len(ready)})
        with self.register.writing():
            act = by.signed(Act(0, now, by.name, by.via, "pki issued", body))
            self.register.append(act, happened, _state_of(happened, State.ISSUED, now))
            db = self.register.histories.db
            rows = [(der, each.number) for each, der in ready]
            db.executemany("update certificate set der = ?, tbs = null where number = ?", rows)
            names = [(name.partition(":")[2], each.number) for each, _der in ready for name in each.names]
            db.executemany("insert or ignore into name values(?, ?)", names)

    def _finished(self, issuer: Issuer, intent: _Intent, signature: bytes) -> bytes:
        try:
            return self.finish(issuer, intent.tbs, signature)
        except InputError as error:
            raise Damaged(
                _("the signer's answer is no signature of {issuer}").format(issuer=issuer.id),
                place=intent.serial.hex(),
                hint=_("`sentinel pki doctor` compares the signer's keys with the authorities"),
            ) from error

    def _finish_left(self, authority: Authority) -> Came:
        """Finish what was intended and not recorded; give what came of it."""
        rows = self.register.rows(_UNFINISHED, authority.number)
        left = [_Intent(*row)._replace(names=tuple(row[4].split())) for row in rows]
        if not left:
            return Came(0)
        digests = {each.number: sha256(each.tbs).digest() for each in left}
        made = self.signing.recall(list(digests.values()))
        signed = [each for each in left if digests[each.number] in made]
        if signed:
            self._record(authority.issuer, signed, [made[digests[each.number]] for each in signed], SENTINEL)
        given_up = 0
        unsigned = [each for each in left if digests[each.number] not in made]
        for request in sorted({each.request for each in unsigned}):
            given_up += self._sign_left(authority, [each for each in unsigned if each.request == request])
        return Came(len(left) - given_up, given_up)

    def _sign_left(self, authority: Authority, left: Sequence[_Intent]) -> int:
        """Sign what nobody has signed; where the signer refuses, give it up, and give how many."""
        covered = self._covered(self.register.request(f"r{left[0].request}"))
        sound = self._sound(authority, left, covered)
        try:
            self._sign(authority, sound, covered, SENTINEL)
        except Refused as refused:
            self._give_up(authority, sound, refused.message)
            return len(left)
        return len(left) - len(sound)

    def _give_up(self, authority: Authority, left: Sequence[_Intent], reason: str) -> None:
        now = self.clock()
        happened = [
            (subject_of(authority.issuer.id, each.serial), entries.GivenUp(reason, common_name(each.tbs)))
            for each in left
        ]
        body = msgspec.json.encode({"count": len(left), "reason": reason})
        with self.register.writing():
            act = Act(0, now, SENTINEL.name, SENTINEL.via, "pki give up", body)
            self.register.append(act, happened, _state_of(happened, State.GIVEN_UP, now))
            numbers = [(each.number,) for each in left]
            self.register.histories.db.executemany("update certificate set tbs = null where number = ?", numbers)

    def _close(self, request: Request, by: Acting) -> None:
        """Write down that nothing of a request is left, if that is so and nobody else has."""
        now = self.clock()
        with self.register.writing():
            current = self.register.request(request.id)
            if current.state is not State.APPROVED or current.left:
                return
            values = request.number, int(State.GIVEN_UP)
            issued, given_up, unfinished = self.register.histories.db.execute(_COUNTED, values).fetchone()
            if unfinished:
                return
            happened = [(f"{REQUEST}{request.number}", entries.Done(issued, given_up))]
            body = msgspec.json.encode({"request": request.number})
            act = by.signed(Act(0, now, by.name, by.via, "pki done", body))
            self.register.append(act, happened, _state_of(happened, State.DONE, now))


_ASKED: Final = "select place, serial, item, tbs, evidence from asked where request = ? order by place limit ?"
_UNFINISHED: Final = (
    "select number, serial, request, tbs, names, spki from certificate indexed by certificate_unfinished "
    "where tbs is not null and issuer = ?"
)
_INSERT: Final = f"insert into certificate values({', '.join('?' * 17)})"
_COUNTED: Final = (
    "select count(*) filter (where state <> ?2), count(*) filter (where state = ?2), "
    "count(*) filter (where tbs is not null) from certificate "
    "join subject on subject.number = certificate.number where request = ?1"
)


class _Covered(NamedTuple):
    """What a request may be signed by: its approvals, the SHA-256 of all that they cover, or the name of a grant.

    `known_to_others` are the SHA-256 of keys that nothing is signed for.
    """

    approvals: list[Approval]
    leaves: list[bytes]
    grant: str = ""
    known_to_others: frozenset[bytes] = frozenset()


def _check_hold(request: Request, covered: _Covered, now: int) -> None:
    """Raise Refused where every approval has ended: what is written down then would have to be given up."""
    if covered.approvals and all(each.expires <= now for each in covered.approvals):
        raise Refused(
            _("its approval has ended"),
            place=request.id,
            hint=_("let it be approved again: sentinel pki approve {id}").format(id=request.id),
        )


class _Drafted(NamedTuple):
    """A certificate that is to be intended: as it goes on, what its history says, and its row."""

    intent: _Intent
    intended: entries.Intended
    row: tuple[Any, ...]


def _drafted(authority: Authority, request: Request, number: int, asked: Sequence[Any]) -> _Drafted:
    place, serial, item, tbs, evidence = asked
    order = order_of(item, serial)
    names, spki = tuple(str(name) for name in order.names), sha256(order.public_key).digest()
    row = (
        number, authority.number, serial, request.number, place, order.profile, order.agency,
        common_name(tbs), " ".join(names), order.not_before, order.not_after, order.shard,
        spki, evidence, tbs, None, item,
    )  # fmt: skip
    seen = sha256(evidence).hexdigest() if evidence else ""
    digest = sha256(tbs).hexdigest()
    intended = entries.Intended(digest, request.number, place, order.profile, order.agency, order.shard, seen)
    return _Drafted(_Intent(number, serial, request.number, tbs, names, spki), intended, row)


def _state_of(happened: Iterable[tuple[str, entries.Happened]], state: State, now: int) -> dict[str, dict[str, int]]:
    return {subject: {"state": int(state), "changed": now} for subject, _happened in happened}
