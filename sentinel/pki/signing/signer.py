"""The signer's mind: what it is asked, whether it may, and the signatures. No sockets, no processes.

It believes nobody: approvals and grants are checked against its own copy of people.toml, and what is to be signed
against the bytes themselves. What it answers with is in its log first; what it refuses, too.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError, SentinelError
from sentinel.people.register import People, read
from sentinel.pki.certificates import algorithms
from sentinel.pki.signing import approvals, grants, protocol, tbs
from sentinel.pki.signing.approvals import Need, What
from sentinel.pki.signing.declined import Declined, Unapproved
from sentinel.pki.signing.log import ListNumber, Made
from sentinel.pki.signing.moments import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from cryptography import x509

    from sentinel.pki.signing.approvals import Approval
    from sentinel.pki.signing.home import KeyEntry
    from sentinel.pki.signing.keys import SigningKey
    from sentinel.pki.signing.log import Log

_SECOND: Final = 1_000_000_000
_LIST_PAST: Final = 3600 * _SECOND
_LIST_TO_COME: Final = 300 * _SECOND
_MOST_COVERS: Final = 16
_ACTS_AT_ONCE: Final = 100
_ACT_BYTES_AT_ONCE: Final = 4 << 20
_DIGEST: Final = 32


@dataclass(frozen=True, slots=True)
class OpenKey:
    """A key that can sign, and what keys.toml says of it."""

    entry: KeyEntry
    key: SigningKey
    identifier: bytes

    @classmethod
    def of(cls, entry: KeyEntry, key: SigningKey) -> OpenKey:
        """Give a key with its algorithm in DER."""
        return cls(entry, key, algorithms.identifier(entry.algorithm))


@dataclass(frozen=True, slots=True)
class _Covered:
    """An approval that was accepted, act `number` of the log, for what has `digests`."""

    number: int
    issuer: str
    approval: Approval
    digests: frozenset[bytes]


@dataclass(slots=True)
class Caller:
    """Who asks over one connection, and what was approved over it."""

    uid: int
    covers: dict[int, _Covered] = field(default_factory=dict)


@dataclass(slots=True)
class PeopleFile:
    """The people of a file, read again when it was changed."""

    path: Path
    _state: tuple[int, ...] = ()
    _people: People | None = None

    def now(self) -> People:
        """Give the people as they stand there. Raises InputError where the file is not there, or wrong."""
        try:
            found = self.path.stat()
        except OSError as error:
            raise InputError(str(error.strerror), place=str(self.path)) from None
        state = (found.st_ino, found.st_size, found.st_mtime_ns)
        if self._people is None or state != self._state:
            self._people, self._state = read(self.path), state
        return self._people


@dataclass(slots=True)
class _Asked:
    """A question to sign, as it is checked: the keys, what is asked, of whom, when."""

    opened: OpenKey
    ask: protocol.Sign
    digests: list[bytes]
    now: int
    papers: dict[str, Any] = field(default_factory=dict)
    """What the log says of why it was signed."""


class Signer:
    """A signer with its keys open; `clock` gives nanoseconds since 1970. One thread at a time may ask it."""

    def __init__(
        self, keys: Sequence[OpenKey], log: Log, people: PeopleFile, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self._keys = {opened.entry.name: opened for opened in keys}
        self._log, self._people, self._clock = log, people, clock

    def answer(self, payload: bytes | bytearray, caller: Caller) -> bytes:
        """Answer a question; what is refused is told and logged."""
        key = ""
        try:
            asked = protocol.question(payload)
            key = getattr(asked, "key", "")
            answered = _ANSWERS[type(asked)](self, asked, caller)
        except Declined as error:
            answered = self.refuse(error, caller.uid, key)
        except SentinelError as error:
            answered = protocol.trouble(error)
        return protocol.packed(answered)

    def refuse(self, error: Declined, uid: int, key: str = "") -> protocol.AnyAnswer:
        """Log a refusal, and give the answer that tells it."""
        try:
            self._log.add("refused", uid, key=key, values={"code": error.code, **error.values})
        except SentinelError as trouble:
            return protocol.trouble(trouble)
        return protocol.Refusal(error.code, error.values)

    def keys(self) -> protocol.TheKeys:
        """Give the keys that can sign."""
        return protocol.TheKeys(
            tuple(
                protocol.KeyRow(opened.entry.name, opened.entry.algorithm, opened.key.spki, opened.entry.issuer)
                for opened in self._keys.values()
            )
        )

    def _the_keys(self, _asked: protocol.Keys, _caller: Caller) -> protocol.TheKeys:
        return self.keys()

    def _cover(self, asked: protocol.Cover, caller: Caller) -> protocol.Covered:
        opened = self._opened(asked.key)
        if not asked.digests or len(asked.digests) % _DIGEST:
            raise Declined("garbage")
        digests = [asked.digests[at : at + _DIGEST] for at in range(0, len(asked.digests), _DIGEST)]
        given = _papers(asked.approvals)
        what = What.AUTHORITY if any(each.what is What.AUTHORITY for each in given) else What.CERTIFICATES
        need = Need(what, opened.entry.issuer, approvals.digest_of(digests), len(digests))
        approval = approvals.check(given, need, self._people.now(), self._clock())
        papers = (approval.content(),)
        said = {"count": str(len(digests)), "approver": approval.approver, "requester": approval.requester}
        act = self._log.add(
            "covered", caller.uid, key=asked.key, values=said, papers=papers, emergency=approval.emergency
        )
        while len(caller.covers) >= _MOST_COVERS:
            caller.covers.pop(next(iter(caller.covers)))
        caller.covers[act.number] = _Covered(act.number, need.issuer, approval, frozenset(digests))
        return protocol.Covered(act.number)

    def _sign(self, ask: protocol.Sign, caller: Caller) -> protocol.Signed:
        opened = self._opened(ask.key)
        if ask.kind not in opened.entry.signs:
            raise Declined("wrong-use", key=ask.key, kind=ask.kind)
        asked = _Asked(opened, ask, [sha256(each).digest() for each in ask.tbs], self._clock())
        self._check_new(asked)
        lists = _RULES[ask.kind](self, asked, caller)
        sign = opened.key.sign
        made = tuple(map(Made, asked.digests, ask.intents, map(sign, ask.tbs)))
        self._log.add("signed", caller.uid, key=ask.key, made=made, lists=lists, **asked.papers)
        return protocol.Signed([each.signature for each in made])

    def _opened(self, name: str) -> OpenKey:
        if name not in self._keys:
            raise Declined("unknown-key", key=name)
        return self._keys[name]

    def _check_new(self, asked: _Asked) -> None:
        if len(asked.ask.tbs) != len(asked.ask.intents):
            raise Declined("garbage")
        if len(set(asked.digests)) != len(asked.digests):
            raise Declined("twice")
        for act in self._log.signed_before(asked.digests).values():
            raise Declined("replay", act=act)

    def _certificates(self, asked: _Asked, caller: Caller) -> list[ListNumber]:
        """Check certificates that are to be signed."""
        if not asked.opened.entry.signs_certificates_at(asked.now):
            raise Declined("retired-key", key=asked.ask.key)
        read = [tbs.certificate(content) for content in asked.ask.tbs]
        for each in read:
            _check_ours(asked.opened, each)
        found = tbs.whole(asked.ask.tbs, asked.opened.identifier, meaning=bool(asked.ask.grant))
        authority = any(each.authority for each in read)
        if asked.ask.grant:
            if authority:
                raise Declined("grant-authority")
            self._check_granted(asked, found)
        else:
            _check_covered(asked, caller.covers.get(asked.ask.cover), authority=authority)
        return []

    def _check_granted(self, asked: _Asked, found: Sequence[x509.Certificate]) -> None:
        name, issuer = asked.ask.grant, asked.opened.entry.issuer
        papers = self._log.granted(name)
        if not papers:
            raise Declined("unknown-grant", grant=name)
        grant = grants.parse(papers[0])
        for each in found:
            grants.check_given(grant, each, issuer, asked.now)
        used = self._log.used(name, asked.now - grant.seconds * _SECOND)
        if used + len(asked.ask.tbs) > grant.count:
            raise Declined("grant-spent", grant=name, count=grant.count, seconds=grant.seconds)
        asked.papers["grant"] = name

    def _lists(self, asked: _Asked, _caller: Caller) -> list[ListNumber]:
        """Check lists of what is revoked that are to be signed: they need no approval, only to be the next ones."""
        key, last = asked.ask.key, dict[bytes, int]()
        for content in asked.ask.tbs:
            read = tbs.revocations(content)
            _check_ours(asked.opened, read)
            if not asked.now - _LIST_PAST <= read.this_update <= asked.now + _LIST_TO_COME:
                raise Declined("not-now", time=shown(read.this_update))
            if read.next_update <= read.this_update:
                raise Declined("no-end")
            before = last.get(read.scope, self._log.last_number(key, read.scope))
            if read.number <= before:
                raise Declined("old-number", number=read.number, last=before)
            last[read.scope] = read.number
        asked.papers["values"] = {scope.hex(): str(number) for scope, number in last.items()}
        return [ListNumber(key, scope, number) for scope, number in last.items()]

    def _recall(self, asked: protocol.Recall, _caller: Caller) -> protocol.Recalled:
        return protocol.Recalled(self._log.recall(asked.digests))

    def _give(self, asked: protocol.Give, caller: Caller) -> protocol.Done:
        grant, given = grants.parse(asked.statement), _papers(asked.approvals)
        if self._log.is_granted(grant.name):
            raise Declined("grant-there", grant=grant.name)
        approvals.check_two(given, grant.need(), self._people.now(), self._clock())
        papers = (asked.statement, *(each.content() for each in given))
        emergency = any(each.emergency for each in given)
        act = self._log.add("granted", caller.uid, grant=grant.name, papers=papers, emergency=emergency)
        return protocol.Done(act.number)

    def _withdraw(self, asked: protocol.Withdraw, caller: Caller) -> protocol.Done:
        papers, given = self._log.granted(asked.grant), _papers(asked.approvals)
        if not papers:
            raise Declined("unknown-grant", grant=asked.grant)
        need = grants.withdrawal(asked.grant, grants.parse(papers[0]).issuer)
        approval = approvals.check(given, need, self._people.now(), self._clock())
        act = self._log.add("withdrawn", caller.uid, grant=asked.grant, papers=(approval.content(),))
        return protocol.Done(act.number)

    def _acts(self, asked: protocol.Acts, _caller: Caller) -> protocol.TheActs:
        found, size = list[tuple[bytes, bytes]](), 0
        for row in self._log.rows(asked.after, _ACTS_AT_ONCE):
            found.append(row)
            size += len(row[0])
            if size > _ACT_BYTES_AT_ONCE:
                break
        return protocol.TheActs(found)


_ANSWERS: Final[Mapping[type, Callable[..., protocol.AnyAnswer]]] = {
    protocol.Keys: Signer._the_keys,  # noqa: SLF001 - a table of its own methods, as are those below
    protocol.Cover: Signer._cover,  # noqa: SLF001
    protocol.Sign: Signer._sign,  # noqa: SLF001
    protocol.Recall: Signer._recall,  # noqa: SLF001
    protocol.Give: Signer._give,  # noqa: SLF001
    protocol.Withdraw: Signer._withdraw,  # noqa: SLF001
    protocol.Acts: Signer._acts,  # noqa: SLF001
}
_RULES: Final[Mapping[str, Callable[[Signer, _Asked, Caller], list[ListNumber]]]] = {
    tbs.CERTIFICATE: Signer._certificates,  # noqa: SLF001
    tbs.CRL: Signer._lists,  # noqa: SLF001
}


def _papers(contents: Sequence[bytes]) -> list[Approval]:
    try:
        return [approvals.parse(content) for content in contents]
    except InputError as error:
        raise Declined("broken-approval", reason=error.message) from None


def _check_ours(opened: OpenKey, read: tbs.CertificateTbs | tbs.ListTbs) -> None:
    if read.issuer != opened.entry.subject:
        raise Declined("wrong-issuer", key=opened.entry.name)
    if read.algorithm != opened.identifier:
        raise Declined("wrong-algorithm", key=opened.entry.name)


def _check_covered(asked: _Asked, cover: _Covered | None, *, authority: bool) -> None:
    if cover is None:
        raise Unapproved("unapproved")
    approvals.holds(cover.approval, asked.now)
    if cover.issuer != asked.opened.entry.issuer:
        raise Declined("other-issuer", approved=cover.issuer, asked=asked.opened.entry.issuer)
    if authority and cover.approval.what is not What.AUTHORITY:
        raise Declined("is-authority")
    if not cover.digests.issuperset(asked.digests):
        raise Unapproved("not-covered")
    asked.papers.update(cover=cover.number, emergency=cover.approval.emergency)
