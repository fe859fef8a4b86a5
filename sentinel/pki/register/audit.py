"""Audits of the register: that its tables are what its histories say, and its certificates what was intended.

`sentinel.ledger.verify` checks the histories themselves, against checkpoints. What they vouch for is folded here anew
and compared: every row of every table, and what every certificate says with what was asked for. Both are read side
by side, in the order of their subjects, so that no more than one of these is held at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from math import inf
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import Damaged, InputError
from sentinel.language import _, later
from sentinel.pki.certificates.anatomy import common_name
from sentinel.pki.certificates.der import integer
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.model import Reason
from sentinel.pki.register import entries
from sentinel.pki.register.asking import items_digest, order_of
from sentinel.pki.register.file import AUTHORITY, CERTIFICATE, LIST, REQUEST, subject_of
from sentinel.pki.register.indexes import Bag, names_faults, stray_listings
from sentinel.pki.register.subjects import REQUEST_STATES, folded, subjects
from sentinel.pki.register.tables import State
from sentinel.pki.signing.approvals import digest_of, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentinel.pki.certificates.parse import Parsed
    from sentinel.pki.model import Order
    from sentinel.pki.register.entries import Happened
    from sentinel.pki.register.file import Register
    from sentinel.pki.register.subjects import Subject, Told

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

    `told` hears how many certificates were compared. Where the file cannot be read on, that is the last fault.
    """
    found = Audit()
    if not register.is_there:
        return found
    try:
        with register.histories.reading():
            _Comparing(register, found, entry, told).all()
    except Damaged as error:
        found.add("", error.message)
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
        self._names = Bag()

    def all(self) -> None:
        """Compare everything."""
        self._compare(AUTHORITY, "select * from authority order by number", self._authority)
        self._compare(REQUEST, _REQUESTS, self._request)
        for (number,) in self._register.histories.db.execute(_STRAY_ITEMS):
            self._found.add(f"{REQUEST}{number}", _("it has items and no history"))
        self._compare(CERTIFICATE, _CERTIFICATES, self._certificate)
        for number in stray_listings(self._register):
            self._found.add(f"{CERTIFICATE}#{number}", _(_LISTED))
        self._compare_lists()
        for subject, fault in names_faults(self._register, self._names):
            self._found.add(subject, fault)

    def _compare(self, beginning: str, asked: str, check: Callable[[Subject, tuple[Any, ...]], None]) -> None:
        """Compare a table with the histories of its subjects; both come in the order of the subjects' numbers."""
        rows = self._register.histories.db.execute(asked)
        row = next(rows, None)
        for subject in subjects(self._register, beginning, self._found.add):
            while row is not None and _number(row) < subject.number:
                self._found.add(f"{beginning}#{row[0]}", _("it has a row and no history"))
                row = next(rows, None)
            if row is None or _number(row) != subject.number:
                self._without_row(subject)
                continue
            try:
                if subject.told:
                    check(subject, row)
            except (ValueError, TypeError, AttributeError, LookupError, InputError) as error:  # nobody of us wrote it
                self._found.add(subject.name, _("its row cannot be read: {reason}").format(reason=error))
            row = next(rows, None)
        for rest in [] if row is None else chain([row], rows):
            self._found.add(f"{beginning}#{rest[0]}", _("it has a row and no history"))

    def _without_row(self, subject: Subject) -> None:
        if subject.told and isinstance(subject.told[-1].happened, entries.Planned):
            self._state(subject, _NO_STATE)  # a founding that was broken off
            return
        self._found.add(subject.name, _("its row is missing"))

    def _state(self, subject: Subject, expected: tuple[Any, ...]) -> None:
        if subject.fold != expected:
            self._found.add(subject.name, _("its state is not what its history says"))

    def _differ(self, name: str, pairs: dict[str, tuple[Any, Any]]) -> None:
        for what, (is_, should) in pairs.items():
            if is_ != should:
                self._found.add(name, _("{what} is not what its history says").format(what=what))

    def _authority(self, subject: Subject, row: tuple[Any, ...]) -> None:
        self._found.authorities += 1
        name, told = subject.name, subject.told
        founded, planned = told[-1].happened, told[-2:][0].happened  # of several plans, the last one
        if not isinstance(founded, entries.Founded):
            self._found.add(name, _("its history does not end with its founding"))
            return
        if isinstance(planned, entries.Planned):
            self._differ(name, {"tbs": (sha256(parsed(founded.certificate).tbs).hexdigest(), planned.tbs)})
        self._issuers[row[0]] = row[1]
        self._state(subject, _NO_STATE)
        should = (
            name.removeprefix(AUTHORITY), founded.kind, founded.parent, founded.algorithm, founded.key, founded.url,
            " ".join(founded.policies), founded.certificate,
        )  # fmt: skip
        self._differ(name, {"authority": (tuple(row[1:]), should)})

    def _request(self, subject: Subject, row: tuple[Any, ...]) -> None:
        self._found.requests += 1
        name, first, last = subject.name, subject.told[0], subject.told[-1]
        asked = first.happened
        if not isinstance(asked, entries.Requested):
            self._found.add(name, _("its history does not begin with a request"))
            return
        _subject, number, *facts, leaves = row
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
        is_whole = not (asked.parts and last is first)
        state = REQUEST_STATES[type(last.happened)] if is_whole else State.ASKING
        self._state(subject, (int(state), last.at, None))
        self._approved(name, subject.told, asked)
        self._waiting(name, number, parts, last.happened)
        if is_whole and not isinstance(last.happened, entries.Rejected):
            places, kept = self._items(number)
            self._differ(name, {"items": ((places, kept), ([*range(asked.count)], asked.items))})

    def _approved(self, name: str, told: Sequence[Told], asked: entries.Requested) -> None:
        """Compare every approval with what was asked for, by whom, and with who gave it."""
        for given in told:
            if isinstance(given.happened, entries.Approved):
                said = parse(given.happened.approval.encode())
                is_ = said.issuer, said.digest.hex(), said.count, said.requester, said.approver
                should = asked.issuer, asked.digest, asked.count, told[0].actor, given.actor
                self._differ(name, {"approval": (is_, should)})

    def _items(self, request: int) -> tuple[list[int], str]:
        """Give the places of the items of a request, and the digest of all of them."""
        places: list[int] = []

        def kept() -> Iterator[tuple[bytes, bytes]]:
            for place, item, evidence in self._register.histories.db.execute(_ITEMS, (request,)):
                places.append(place)
                yield item, evidence or b""

        return places, items_digest(kept())

    def _waiting(self, name: str, number: int, leaves: Sequence[bytes], last: Happened) -> None:
        """Compare what of a request is not issued yet with what its digest covers."""
        waits = not isinstance(last, entries.Rejected | entries.Done)
        rows = self._register.histories.db.execute(_WAITING, (number,))
        for count, (place, tbs, serial) in enumerate(rows):
            if not (waits or count):
                self._found.add(name, _("it has items, though nothing of it waits"))
            if sha256(tbs).digest() != leaves[place]:
                self._found.add(name, _("an item is not what was asked for"))
            if integer(int.from_bytes(serial, "big")) not in tbs[:_BEFORE_ISSUER]:
                self._found.add(name, _("the serial number of an item was changed"))

    def _certificate(self, subject: Subject, row: tuple[Any, ...]) -> None:
        self._found.certificates += 1
        name, told = subject.name, subject.told
        if not self._found.certificates % _STEP:
            self._told(self._found.certificates)
        (
            number, issuer, serial, request, place, profile, agency, common, names, not_before, not_after, shard,
            spki, evidence, tbs, der, item, listed,
        ) = row  # fmt: skip
        intended = told[0].happened
        if not isinstance(intended, entries.Intended):
            self._found.add(name, _("its history does not begin with an intention"))
            return
        state, changed, reason = folded(told)
        self._state(subject, (int(state), changed, reason))
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
            self._unsigned(name, told, common, tbs, der)
            self._listed(name, listed, None)
            return
        certificate = parsed(der)
        # Of an authority they are those that it may give, which stand elsewhere in its certificate.
        given = names.split() if certificate.ca else [str(each) for each in certificate.names]
        self._names.add(given, number)
        self._signed(name, told, certificate, der)
        self._differ(
            name,
            {
                "serial": (int.from_bytes(serial, "big"), certificate.serial),
                "subject": (common, certificate.common_name),
                "names": (sorted(names.split()), sorted(given)),
                "times": ((not_before, not_after), (certificate.not_before, certificate.not_after)),
                "key": (spki, sha256(certificate.spki).digest()),
            },
        )
        last = told[-1].happened
        says = None
        if isinstance(last, entries.Revoked):
            says = self._entry(certificate.serial, last.since, Reason(last.reason))
        self._listed(name, listed, says)

    def _listed(self, name: str, says: bytes | None, should: bytes | None) -> None:
        if says != should:
            self._found.add(name, _(_LISTED))

    def _signed(self, name: str, told: list[Told], certificate: Parsed, der: bytes) -> None:
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

    def _unsigned(self, name: str, told: list[Told], subject: str, tbs: bytes | None, der: bytes | None) -> None:
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
        lists = {
            f"{LIST}{self._issuers.get(row[0], '')}:{row[1]}": tuple(row[2:])
            for row in self._register.rows("select * from list")
        }
        for subject in subjects(self._register, LIST, self._found.add):
            self._state(subject, _NO_STATE)
            last = subject.told[-1].happened if subject.told else None
            if isinstance(last, entries.Listed):
                digest = bytes.fromhex(last.digest)
                should = last.number, last.this_update, last.next_update, last.size, digest
                self._differ(subject.name, {"list": (lists.pop(subject.name, None), should)})
        for name in lists:
            self._found.add(name, _("it has a row and no history"))


def _number(row: tuple[Any, ...]) -> float:
    """Give the subject that a row is about; text for it, which SQLite puts last, is about none."""
    return row[0] if isinstance(row[0], int | float) else inf


_STEP: Final = 500
_DIGEST: Final = 32
_REQUESTS: Final = (
    "select subject, number, issuer, requester, at, count, digest, purpose, replaces, leaves from request "
    "order by subject"
)
_ITEMS: Final = (
    "select place, item, evidence from (select place, item, evidence from asked where request = ?1 "
    "union all select place, item, evidence from certificate where request = ?1) order by place"
)
_CERTIFICATES: Final = (
    "select certificate.*, listed.entry from certificate left join listed on listed.issuer = certificate.issuer and "
    "listed.shard = certificate.shard and listed.certificate = certificate.number order by certificate.number"
)
_WAITING: Final = "select place, tbs, serial from asked where request = ?"
_STRAY_ITEMS: Final = "select distinct request from asked where request not in (select number from request)"
_LISTED: Final = later("what lists say of it is not what its history says")
_SAID: Final = slice(8, 13)
"""The places of what an order says, in a certificate's row."""
_NO_STATE: Final = (None, None, None)
_BEFORE_ISSUER: Final = 40
"""A serial number stands among these first octets of a TBSCertificate (RFC 5280, 4.1)."""


def _facts_of(order: Order) -> tuple[object, ...]:
    return order.not_before, order.not_after, order.shard, sha256(order.public_key).digest()
