"""Audits of the register: that its tables are what its histories say, and its certificates what was intended.

`sentinel.ledger.verify` checks the histories themselves, against checkpoints. What they vouch for is folded here anew
and compared: every row of every table, and what every certificate says with what was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates.der import integer
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.model import Reason
from sentinel.pki.register import entries
from sentinel.pki.register.asking import items_digest, order_of
from sentinel.pki.register.file import AUTHORITY, CERTIFICATE, LIST, REQUEST, subject_of
from sentinel.pki.register.issuing import common_name
from sentinel.pki.register.tables import State
from sentinel.pki.signing.approvals import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentinel.pki.certificates.parse import Parsed
    from sentinel.pki.model import Order
    from sentinel.pki.register.entries import Happened
    from sentinel.pki.register.file import Register

_MOST: Final = 100
"""Faults that are kept; of the others, how many there are."""


@dataclass(slots=True)
class Audit:
    """What an audit found: how much was compared, and the first faults, each with the subject that it is about."""

    authorities: int = 0
    requests: int = 0
    certificates: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)
    fault_count: int = 0

    def add(self, subject: str, fault: str) -> None:
        """Note a fault."""
        self.fault_count += 1
        if len(self.faults) < _MOST:
            self.faults.append((subject, fault))


def audit(
    register: Register, entry: Callable[[int, int, Reason], bytes], told: Callable[[int], None] = lambda _seen: None
) -> Audit:
    """Compare the tables with the histories; `entry` gives what a revocation list says, as for `revoke`.

    `told` hears how many certificates were compared. Raise Damaged where an entry cannot be read at all.
    """
    found = Audit()
    if not register.is_there:
        return found
    with register.histories.reading():
        _Comparing(register, found, entry, told).all()
    return found


class _Comparing:
    """Tables beside histories."""

    def __init__(
        self,
        register: Register,
        found: Audit,
        entry: Callable[[int, int, Reason], bytes],
        told: Callable[[int], None],
    ) -> None:
        self._register, self._found, self._entry, self._told = register, found, entry, told
        self._issuers: dict[int, str] = {}
        self._lists: dict[tuple[int, int, int], bytes] = {}
        self._names: set[tuple[str, int]] = set()
        self._heads: dict[int, tuple[Any, ...]] = {}
        self._asked: set[int] = set()

    def all(self) -> None:
        """Compare everything."""
        asked = "select number, newest, state, changed, reason from subject"
        self._heads = {row[0]: row[1:] for row in self._register.histories.db.execute(asked)}
        self._compare(AUTHORITY, "select * from authority", self._authority)
        self._compare(REQUEST, _REQUESTS, self._request)
        for (number,) in self._register.rows("select distinct request from asked"):
            if number not in self._asked:
                self._found.add(f"{REQUEST}{number}", _("it has items and no history"))
        self._compare(CERTIFICATE, "select * from certificate", self._certificate)
        self._compare_lists()
        self._compare_rows("select value, certificate from name", self._names, _("a name in the index"))

    def _compare(self, beginning: str, asked: str, check: Callable[[str, list[_Told], tuple[Any, ...]], None]) -> None:
        rows = {row[0]: row for row in self._register.histories.db.execute(asked)}
        for number, name, told in self._told_of(beginning):
            row = rows.pop(number, None)
            if row is None and isinstance(told[-1].happened, entries.Planned):
                self._state(name, number, _NO_STATE)  # a founding that was broken off
                continue
            if row is None:
                self._found.add(name, _("its row is missing"))
                continue
            try:
                check(name, told, row)
            except (ValueError, TypeError, AttributeError, IndexError, InputError) as error:  # nobody of us wrote it
                self._found.add(name, _("its row cannot be read: {reason}").format(reason=error))
        for number in rows:
            self._found.add(f"{beginning}#{number}", _("it has a row and no history"))

    def _told_of(self, beginning: str) -> Iterator[tuple[int, str, list[_Told]]]:
        """Give every subject of a kind, with what happened to it, in order."""
        number, name, told, last = 0, "", list[_Told](), 0
        for subject, found, entry, before, kind, body, at, actor in self._register.histories.by_subject(beginning):
            if subject != number and told:
                self._check_newest(name, number, last)
                yield number, name, told
                told, last = [], 0
            if before != last:
                self._found.add(found, _("entry {number} does not follow the one before it").format(number=entry))
            number, name, last = subject, found, entry
            told.append(_Told(entries.read(kind, body), at, actor))
        if told:
            self._check_newest(name, number, last)
            yield number, name, told

    def _check_newest(self, name: str, number: int, last: int) -> None:
        if self._heads[number][0] != last:
            self._found.add(name, _("its last entry is not the one that was taken down"))

    def _state(self, name: str, number: int, expected: tuple[Any, ...]) -> None:
        if self._heads[number][1:] != expected:
            self._found.add(name, _("its state is not what its history says"))

    def _differ(self, name: str, pairs: dict[str, tuple[Any, Any]]) -> None:
        for what, (is_, should) in pairs.items():
            if is_ != should:
                self._found.add(name, _("{what} is not what its history says").format(what=what))

    def _authority(self, name: str, told: list[_Told], row: tuple[Any, ...]) -> None:
        self._found.authorities += 1
        founded, planned = told[-1].happened, told[-2:][0].happened  # of several plans, the last one
        if not isinstance(founded, entries.Founded):
            self._found.add(name, _("its history does not end with its founding"))
            return
        if isinstance(planned, entries.Planned):
            self._differ(name, {"tbs": (sha256(parsed(founded.certificate).tbs).hexdigest(), planned.tbs)})
        self._issuers[row[0]] = row[1]
        self._state(name, row[0], _NO_STATE)
        should = (
            name.removeprefix(AUTHORITY), founded.kind, founded.parent, founded.algorithm, founded.key, founded.url,
            " ".join(founded.policies), founded.certificate,
        )  # fmt: skip
        self._differ(name, {"authority": (tuple(row[1:]), should)})

    def _request(self, name: str, told: list[_Told], row: tuple[Any, ...]) -> None:
        self._found.requests += 1
        first, last = told[0], told[-1]
        asked = first.happened
        if not isinstance(asked, entries.Requested):
            self._found.add(name, _("its history does not begin with a request"))
            return
        subject, number, *facts, leaves = row
        should = [
            asked.issuer, first.actor, first.at, asked.count, bytes.fromhex(asked.digest), asked.purpose,
            asked.replaces,
        ]  # fmt: skip
        parts = [leaves[begin : begin + _DIGEST] for begin in range(0, len(leaves), _DIGEST)]
        covered = asked.digest, asked.count
        self._differ(
            name,
            {
                "number": (f"{REQUEST}{number}", name),
                "request": (facts, should),
                "digest": ((digest_of(parts).hex(), len(parts)), covered),
            },
        )
        self._state(name, subject, (int(_REQUEST_STATES[type(last.happened)]), last.at, None))
        self._waiting(name, number, parts, last.happened)
        if not isinstance(last.happened, entries.Rejected):
            items = [*self._register.rows(_ITEMS, number)]
            kept = items_digest((item, evidence or b"") for _place, item, evidence in items)
            places = [place for place, _item, _evidence in items]
            self._differ(name, {"items": ((places, kept), ([*range(asked.count)], asked.items))})

    def _waiting(self, name: str, number: int, leaves: Sequence[bytes], last: Happened) -> None:
        """Compare what of a request is not issued yet with what its digest covers."""
        rows = self._register.rows("select place, tbs, serial from asked where request = ?", number)
        self._asked.add(number)
        if rows and isinstance(last, entries.Rejected | entries.Done):
            self._found.add(name, _("it has items, though nothing of it waits"))
        for place, tbs, serial in rows:
            if sha256(tbs).digest() != leaves[place]:
                self._found.add(name, _("an item is not what was asked for"))
            if integer(int.from_bytes(serial, "big")) not in tbs[:_BEFORE_ISSUER]:
                self._found.add(name, _("the serial number of an item was changed"))

    def _certificate(self, name: str, told: list[_Told], row: tuple[Any, ...]) -> None:
        self._found.certificates += 1
        if not self._found.certificates % _STEP:
            self._told(self._found.certificates)
        (
            number, issuer, serial, request, place, profile, agency, subject, names, not_before, not_after, shard,
            spki, evidence, tbs, der, item,
        ) = row  # fmt: skip
        intended = told[0].happened
        if not isinstance(intended, entries.Intended):
            self._found.add(name, _("its history does not begin with an intention"))
            return
        state, changed, reason = _folded(told)
        self._state(name, number, (int(state), changed, reason))
        self._differ(
            name,
            {
                "serial": (name, subject_of(self._issuers.get(issuer, ""), serial)),
                "request": ((request, place), (intended.request, intended.place)),
                "profile": ((profile, agency, shard), (intended.profile, intended.agency, intended.shard)),
                "evidence": (sha256(evidence).hexdigest() if evidence else "", intended.evidence),
                "tbs": (tbs is not None, state is State.INTENDED),
            },
        )
        order, said = order_of(item, serial), row[_SAID]
        self._differ(name, {"order": (said, (" ".join(map(str, order.names)), *_facts_of(order)))})
        if state in {State.INTENDED, State.GIVEN_UP}:
            self._unsigned(name, told, subject, tbs, der)
            return
        certificate = parsed(der)
        # Of an authority they are those that it may give, which stand elsewhere in its certificate.
        given = names.split() if certificate.ca else [str(each) for each in certificate.names]
        self._names |= {(each.partition(":")[2], number) for each in given}
        self._signed(name, told, certificate, der)
        self._differ(
            name,
            {
                "serial": (int.from_bytes(serial, "big"), certificate.serial),
                "subject": (subject, certificate.common_name),
                "names": (sorted(names.split()), sorted(given)),
                "times": ((not_before, not_after), (certificate.not_before, certificate.not_after)),
                "key": (spki, sha256(certificate.spki).digest()),
            },
        )
        if state in {State.REVOKED, State.HELD}:
            revoked = next(each.happened for each in reversed(told) if isinstance(each.happened, entries.Revoked))
            self._lists[issuer, shard, number] = self._entry(certificate.serial, revoked.since, Reason(revoked.reason))

    def _signed(self, name: str, told: list[_Told], certificate: Parsed, der: bytes) -> None:
        intended, issued = told[0].happened, told[1].happened
        assert isinstance(intended, entries.Intended)  # noqa: S101 - it was looked at
        digest = issued.certificate if isinstance(issued, entries.Issued) else ""
        self._differ(
            name,
            {
                "certificate": (sha256(der).hexdigest(), digest),
                "tbs": (sha256(certificate.tbs).hexdigest(), intended.tbs),
            },
        )

    def _unsigned(self, name: str, told: list[_Told], subject: str, tbs: bytes | None, der: bytes | None) -> None:
        intended, last = told[0].happened, told[-1].happened
        if isinstance(last, entries.GivenUp):
            self._differ(name, {"subject": (subject, last.subject)})
        elif isinstance(intended, entries.Intended) and tbs is not None:
            self._differ(
                name,
                {"subject": (subject, common_name(tbs)), "tbs": (sha256(tbs).hexdigest(), intended.tbs)},
            )
        self._differ(name, {"certificate": (der, None)})

    def _compare_lists(self) -> None:
        asked = "select issuer, shard, certificate, entry from listed"
        rows = {(row[0], row[1], row[2]): row[3] for row in self._register.histories.db.execute(asked)}
        for key in rows.keys() | self._lists.keys():
            if rows.get(key) != self._lists.get(key):
                self._found.add(f"{CERTIFICATE}#{key[2]}", _("what lists say of it is not what its history says"))
        lists = {
            f"{LIST}{self._issuers.get(row[0], '')}:{row[1]}": tuple(row[2:])
            for row in self._register.rows("select * from list")
        }
        for number, name, told in self._told_of(LIST):
            self._state(name, number, _NO_STATE)
            last = told[-1].happened
            if isinstance(last, entries.Listed):
                digest = bytes.fromhex(last.digest)
                should = last.number, last.this_update, last.next_update, last.size, digest
                self._differ(name, {"list": (lists.pop(name, None), should)})
        for name in lists:
            self._found.add(name, _("it has a row and no history"))

    def _compare_rows(self, asked: str, should: set[tuple[Any, ...]], what: str) -> None:
        rows = set(self._register.rows(asked))
        for row in rows ^ should:
            self._found.add(f"{CERTIFICATE}#{row[-1]}", _("{what} is not what its history says").format(what=what))


@dataclass(frozen=True, slots=True)
class _Told:
    """One thing that happened, when (nanoseconds since 1970, UTC), and by whom."""

    happened: Happened
    at: int
    actor: str


_STEP: Final = 500
_DIGEST: Final = 32
_REQUESTS: Final = (
    "select subject, number, issuer, requester, at, count, digest, purpose, replaces, leaves from request"
)
_ITEMS: Final = (
    "select place, item, evidence from (select place, item, evidence from asked where request = ?1 "
    "union all select place, item, evidence from certificate where request = ?1) order by place"
)
_SAID: Final = slice(8, 13)
"""The places of what an order says, in a certificate's row."""
_NO_STATE: Final = (None, None, None)
_BEFORE_ISSUER: Final = 40
"""A serial number stands among these first octets of a TBSCertificate (RFC 5280, 4.1)."""
_REQUEST_STATES: Final = {
    entries.Requested: State.WAITING,
    entries.Approved: State.APPROVED,
    entries.ByGrant: State.APPROVED,
    entries.Rejected: State.REJECTED,
    entries.Done: State.DONE,
}
_STATES: Final = {
    entries.Intended: State.INTENDED,
    entries.Issued: State.ISSUED,
    entries.Restored: State.ISSUED,
    entries.GivenUp: State.GIVEN_UP,
}


def _facts_of(order: Order) -> tuple[object, ...]:
    return order.not_before, order.not_after, order.shard, sha256(order.public_key).digest()


def _folded(told: list[_Told]) -> tuple[State, int, str | None]:
    """Give the state of a certificate, when it came about, and why it was revoked."""
    last = told[-1]
    if isinstance(last.happened, entries.Revoked):
        reason = last.happened.reason
        return State.HELD if reason == Reason.HOLD else State.REVOKED, last.at, reason
    return _STATES[type(last.happened)], last.at, None
