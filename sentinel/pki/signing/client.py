"""Who asks a signer: the authority's side of the socket."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from sentinel import language
from sentinel.errors import Damaged, InputError, Refused, StoreError
from sentinel.language import _
from sentinel.pki.signing import protocol
from sentinel.pki.signing.declined import declined
from sentinel.pki.signing.log import check_row, read_act
from sentinel.pki.signing.opening import secrets_of, wanted
from sentinel.pki.signing.protocol import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from typing import Self

    from sentinel.pki.signing.approvals import Approval
    from sentinel.pki.signing.grants import Grant
    from sentinel.pki.signing.home import KeyEntry
    from sentinel.pki.signing.log import Act
    from sentinel.pki.signing.protocol import KeyRow

_PATIENCE: Final = 120.0
"""Seconds that an answer may take: a token signs slowly, and others may be asking."""
_REOPENED: Final = 60.0
"""Seconds after which a connection that was not used is made anew: the service ends idle ones."""
_ENDING: Final = 10.0
_TROUBLES: Final = {kind.__name__: kind for kind in (InputError, StoreError, Damaged, Refused)}
_Found = TypeVar("_Found", bound=protocol.Answer)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be signed by one key; `kind` is `certificate` or `crl`.

    `intents` are the numbers of the recorded intents, one for each of `tbs`. Certificates need `approvals` or the name
    of a `grant`. Where the approvals cover more than `tbs`, `whole` are the SHA-256 of all that they cover, in order.
    """

    key: str
    kind: str
    tbs: Sequence[bytes]
    intents: Sequence[int]
    approvals: Sequence[Approval] = ()
    grant: str = ""
    whole: Sequence[bytes] = ()


class Client:
    """A conversation with a signer. Raises Declined for what it refuses, StoreError where it does not answer.

    Threads may share one: their questions wait for each other.
    """

    def __init__(self, wire: Wire, path: Path | None = None, process: subprocess.Popen[bytes] | None = None) -> None:
        self._wire, self._path, self._process = wire, path, process
        self._turn = threading.RLock()
        self._used = time.monotonic()
        self._covers: dict[tuple[object, ...], int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def process(self) -> int:
        """Give the signer's process number where it is a child of ours; 0 where it is a service."""
        return self._process.pid if self._process else 0

    def keys(self) -> list[KeyRow]:
        """Give the keys that the signer can sign with."""
        return list(self._ask(protocol.Keys(), protocol.TheKeys).keys)

    def sign(self, batch: Batch) -> list[bytes]:
        """Give the signatures over all of a batch, in its order.

        Where one part of it is refused, those before it are signed, and `recall` gives their signatures.
        """
        with self._turn:
            self._reopen()
            cover, signatures = self._cover(batch), list[bytes]()
            for start, end in _parts(batch.tbs):
                part, intents = list(batch.tbs[start:end]), list(batch.intents[start:end])
                asked = protocol.Sign(batch.key, batch.kind, part, intents, cover, batch.grant)
                signatures += self._ask(asked, protocol.Signed).signatures
            return signatures

    def recall(self, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        """Give the signatures that were made over what has these SHA-256; those that were not are left out."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(digests), protocol.MOST_AT_ONCE):
            asked = protocol.Recall(list(digests[start : start + protocol.MOST_AT_ONCE]))
            found |= self._ask(asked, protocol.Recalled).signatures
        return found

    def give(self, grant: Grant, approvals: Sequence[Approval]) -> int:
        """Have a standing grant taken down that two people approved; give the number of the act in the log."""
        papers = tuple(approval.content() for approval in approvals)
        return self._ask(protocol.Give(grant.statement, papers), protocol.Done).act

    def withdraw(self, grant: str, approvals: Sequence[Approval]) -> int:
        """Have a standing grant ended; give the number of the act in the log."""
        papers = tuple(approval.content() for approval in approvals)
        return self._ask(protocol.Withdraw(grant, papers), protocol.Done).act

    def acts(self, after: int = 0, before: bytes = b"") -> Iterator[Act]:
        """Give what stands in the signer's log behind a number, checked: `before` is the digest of that act.

        Raises Damaged where the chain does not hold; nothing is checked of what is before the first act where `after`
        is not 0 and `before` is not given.
        """
        known = bool(before) or not after
        while found := self._ask(protocol.Acts(after), protocol.TheActs).acts:
            for body, digest in found:
                after += 1
                if known:
                    check_row(body, digest, before, after, "signer.db")
                before, known = digest, True
                yield read_act(body)

    def close(self) -> None:
        """End the conversation; a signer that is a child of ours ends with it."""
        self._wire.close()
        if self._process:
            try:
                self._process.wait(_ENDING)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _cover(self, batch: Batch) -> int:
        """Have the approvals of a batch accepted, once for all of its parts; 0 where there are none."""
        if not batch.approvals:
            return 0
        digests = b"".join(batch.whole or [sha256(each).digest() for each in batch.tbs])
        papers = tuple(approval.content() for approval in batch.approvals)
        known = (batch.key, papers, sha256(digests).digest())
        if known not in self._covers:
            self._covers.clear()  # the signer keeps the last few of a connection, and one is what is in use
            asked = protocol.Cover(batch.key, papers, digests)
            self._covers[known] = self._ask(asked, protocol.Covered).cover
        return self._covers[known]

    def _ask(self, asked: protocol.AnyQuestion, expected: type[_Found]) -> _Found:
        with self._turn:
            self._reopen()
            answered = self._told(protocol.packed(asked))
            self._used = time.monotonic()
        return _expected(answered, expected)

    def _told(self, payload: bytes) -> protocol.AnyAnswer:
        try:
            with suppress(OSError):  # it may have said why before it ended
                self._wire.send(payload, _PATIENCE)
            return _received(self._wire)
        except BaseException:  # an answer that comes yet is not one to the next question
            self._wire.close()
            raise

    def _reopen(self) -> None:
        """Make anew a connection that the service may have ended."""
        if self._path and time.monotonic() - self._used > _REOPENED:
            self._wire.close()
            self._wire = _connected(self._path)
            self._used = time.monotonic()
            self._covers.clear()


def connect(path: Path) -> Client:
    """Give a conversation with the signer that serves at a socket. Raises StoreError where none does."""
    return Client(_connected(path), path)


def spawn(home: Path, people: Path, unlock: Callable[[KeyEntry], bytes], keys: Collection[str] = ()) -> Client:
    """Start the signer of a home as a child of this process, which ends with it; give the conversation.

    `people` is the people.toml that it checks approvals against. `unlock` gives the passphrase or PIN of each key that
    is opened: those named, or all. Raises InputError where one does not open, Refused where a signer runs there
    already.
    """
    secrets = secrets_of(wanted(home, keys), unlock)
    ours, theirs = socket.socketpair()
    with theirs:
        process = _child(theirs.fileno())
    client = Client(Wire(ours), process=process)
    try:
        _start(ours, home, people, secrets)
    except BaseException:
        client.close()
        raise
    return client


def _child(number: int) -> subprocess.Popen[bytes]:
    found = str(Path(__file__).parents[3])
    environ = os.environ | {"PYTHONPATH": found, "SENTINEL_LANG": language.current()}
    arguments = [sys.executable, "-P", "-m", "sentinel.pki.signing.child", str(number), str(os.getpid())]
    return subprocess.Popen(  # noqa: S603 - this very program, with two numbers
        arguments, pass_fds=(number,), env=environ, stdin=subprocess.DEVNULL, start_new_session=True
    )


def _start(ours: socket.socket, home: Path, people: Path, secrets: dict[str, bytes]) -> None:
    from sentinel.pki.signing.child import Start

    wire = Wire(ours)
    # The kernel ends a child with the thread that made it; only the main one lives as long as its process.
    dies = threading.current_thread() is threading.main_thread()
    started = Start(str(home.absolute()), str(people.absolute()), secrets, dies)
    wire.send(protocol.packed(started))
    _expected(_received(wire), protocol.TheKeys)


def _connected(path: Path) -> Wire:
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        stream.connect(str(path))
    except OSError as error:
        stream.close()
        told = _("no signer answers: {reason}").format(reason=error.strerror or error)
        hint = _("is it running, and may this user ask it?")
        raise StoreError(told, place=str(path), hint=hint) from None
    return Wire(stream)


def _received(wire: Wire) -> protocol.AnyAnswer:
    try:
        payload = wire.receive(_PATIENCE, _PATIENCE)
    except OSError:
        payload = None
    if payload is None:
        raise StoreError(
            _("the signer ended, or does not answer"),
            hint=_("start it again; what it signed until then is in its log, and not lost"),
        )
    return protocol.answer(payload)


def _expected(answered: protocol.AnyAnswer, expected: type[_Found]) -> _Found:
    if isinstance(answered, expected):
        return answered
    if isinstance(answered, protocol.Refusal):
        raise declined(answered.code, answered.values)
    if isinstance(answered, protocol.Trouble):
        raise _TROUBLES.get(answered.kind, StoreError)(answered.message, place=answered.place, hint=answered.hint)
    raise declined("garbage", {})


def _parts(tbs: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Give where the parts of a batch begin and end that each go into one question."""
    start = size = 0
    for number, each in enumerate(tbs):
        if number - start == protocol.MOST_AT_ONCE or (
            number > start and size + len(each) > protocol.MOST_BYTES_AT_ONCE
        ):
            yield start, number
            start, size = number, 0
        size += len(each)
    if tbs:
        yield start, len(tbs)
