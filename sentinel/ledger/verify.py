"""Checks a ledger: every digest, number and signature, and every checkpoint.

The two streams of a ledger are read once. An entry that was changed no longer has the digest that was stored with it;
where somebody made all digests anew, the tree no longer has the root that a checkpoint says; where the end was cut off,
a checkpoint says more entries than there are. What was written behind the last checkpoint is as safe as its digests.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.ledger.chain import FIRST, digest_of_entry, framed_text
from sentinel.ledger.checkpoint import check_signed
from sentinel.ledger.faults import Fault, Faults, damaged
from sentinel.ledger.merkle import Frontier
from sentinel.ledger.verify_acts import CHANGED, Acts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sentinel.ledger.base import ActRow, EntryRow, Signer
    from sentinel.ledger.checkpoint import Checkpoint

_BETWEEN: Final = 5_000
"""Entries between two looks at how far it has come."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was read and checked: `root` is that of all entries, `covered` how many the largest checkpoint vouches for.

    `signed` counts the acts with a signature, `checkpoints` those of this ledger, `others` those of other ledgers.
    `faults` are the first of `fault_count`.
    """

    acts: int
    entries: int
    subjects: int
    signed: int
    root: bytes
    checkpoints: int
    others: int
    covered: int
    faults: tuple[Fault, ...] = ()
    fault_count: int = 0


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger to be checked: its origin, and its rows with the digests that were stored.

    `heads` says for each subject its last number and digest, where the ledger's keeper writes them down.
    """

    origin: str
    acts: Iterable[ActRow]
    entries: Iterable[EntryRow]
    heads: Iterable[tuple[str, int, bytes]] | None = None


def verify(
    ledger: Ledger,
    checkpoints: Sequence[Checkpoint] = (),
    signers: Mapping[str, Signer] | None = None,
    told: Callable[[int], None] = lambda _entries: None,
) -> Verified:
    """Check a ledger against checkpoints; `signers` are the known keys by fingerprint, `told` hears of entries read.

    Raises Damaged, which names the first entry, act or checkpoint that is not as it was written.
    """
    found = examine(ledger, checkpoints, signers, told)
    if found.faults:
        raise damaged(found.faults, found.fault_count, ledger.origin)
    return found


def examine(
    ledger: Ledger,
    checkpoints: Sequence[Checkpoint] = (),
    signers: Mapping[str, Signer] | None = None,
    told: Callable[[int], None] = lambda _entries: None,
) -> Verified:
    """Check as `verify` does, and give the faults instead of raising the first."""
    faults = Faults()
    ours = [checkpoint for checkpoint in checkpoints if checkpoint.origin == ledger.origin]
    check = _Check(Acts(ledger.acts, signers or {}, faults), faults)
    check.read(ledger.entries, _Heads(ours, signers or {}, faults), told)
    if checkpoints and not ours:
        faults.add(
            Fault(_("no checkpoint is one of this ledger, whose origin is '{origin}'").format(origin=ledger.origin))
        )
    subjects = len(check.subjects)
    if ledger.heads is not None:
        check.compare(ledger.heads)
    return Verified(
        check.acts.count,
        check.frontier.size,
        subjects,
        check.acts.signed,
        check.frontier.root(),
        len(ours),
        len(checkpoints) - len(ours),
        max((checkpoint.size for checkpoint in ours), default=0),
        tuple(faults.kept),
        faults.count,
    )


class _Heads:
    """The checkpoints of a ledger, by size: each is compared when the tree has that size."""

    def __init__(self, checkpoints: Sequence[Checkpoint], signers: Mapping[str, Signer], faults: Faults) -> None:
        self._faults = faults
        self._left = sorted(checkpoints, key=lambda checkpoint: checkpoint.size, reverse=True)
        self._sound = 0
        for checkpoint in reversed(self._left):
            try:
                check_signed(checkpoint, signers)
            except InputError as error:
                faults.add(Fault(error.message, checkpoint=checkpoint.place))

    def next_size(self) -> int | None:
        """Give the size that the tree has at the next checkpoint."""
        return self._left[-1].size if self._left else None

    def compare(self, frontier: Frontier) -> None:
        """Compare the checkpoints of the tree's size."""
        while self._left and self._left[-1].size == frontier.size:
            checkpoint = self._left.pop()
            if checkpoint.root == frontier.root():
                self._sound = checkpoint.size
                continue
            told = _("something in entries {first} to {last} is not as this checkpoint says")
            self._faults.add(
                Fault(told.format(first=self._sound + 1, last=checkpoint.size), checkpoint=checkpoint.place)
            )

    def end(self, size: int) -> None:
        """Report the checkpoints of more entries than there are."""
        told = _("the end was cut off: there were {expected} entries, there are {count}")
        for checkpoint in reversed(self._left):
            self._faults.add(Fault(told.format(expected=checkpoint.size, count=size), checkpoint=checkpoint.place))


class _Check:
    """The state of a check: the last entry of each subject, and the tree so far."""

    def __init__(self, acts: Acts, faults: Faults) -> None:
        self.acts, self.faults = acts, faults
        self.frontier = Frontier()
        # Its last number and digest, and its name as it is hashed.
        self.subjects: dict[str, tuple[int, bytes, bytes]] = {}
        self._kinds: dict[str, bytes] = {}
        self._last = 0
        # The act that the last entry named, first nothing that could stand in a row, and its digest.
        self._named: object = ()
        self._by = b""

    def read(self, entries: Iterable[EntryRow], heads: _Heads, told: Callable[[int], None]) -> None:
        """Read every entry, and compare each checkpoint on the way."""
        left = iter(entries)
        heads.compare(self.frontier)
        while True:
            wanted, size = heads.next_size(), self.frontier.size
            step = _BETWEEN if wanted is None else min(_BETWEEN, wanted - size)
            self.frontier.add(self._checked(islice(left, step)))
            heads.compare(self.frontier)
            if self.frontier.size > size:
                told(self.frontier.size)
            if self.frontier.size < size + step:
                break
        self.acts.end()
        heads.end(self.frontier.size)

    def _checked(self, entries: Iterable[EntryRow]) -> list[bytes]:
        """Check entries and give their digests; what hangs on an entry that is missing is not reported again."""
        subjects, kinds, digests, last = self.subjects, self._kinds, list[bytes](), self._last
        for number, subject, seq, kind, act, body, stored in entries:
            try:
                before, digest, name = subjects.get(subject) or (0, FIRST, framed_text(subject))
                by = self._by if act == self._named else self._act(act, number)
                framed = kinds.get(kind) or kinds.setdefault(kind, framed_text(kind))
                if number != last + 1:
                    self._report_number(number, last, subject)
                elif seq != before + 1:
                    self._report_seq(number, seq, before, subject)
                elif by and digest_of_entry(number, seq, act, digest, by, name, framed, body) != stored:
                    self.faults.add(Fault(_(CHANGED), number, subject, act))
                subjects[subject] = seq, stored, name
            except (TypeError, ValueError, AttributeError):  # who changes a file can put texts for numbers, and nothing
                self.faults.add(Fault(_(CHANGED), number))
            last = number
            digests.append(stored)
        self._last = last
        return [digest if isinstance(digest, bytes) else b"" for digest in digests]  # type: ignore[redundant-expr]  # as above

    def _act(self, act: int, entry: int) -> bytes:
        self._by, self._named = self.acts.advance(act, entry), act
        return self._by

    def _report_number(self, number: int, last: int, subject: str) -> None:
        if number > last:
            missing = _("entries {first} to {last} are missing").format(first=last + 1, last=number - 1)
            self.faults.add(Fault(missing, number, subject))
        else:
            self.faults.add(Fault(_("stands behind entry {number}").format(number=last), number, subject))

    def _report_seq(self, number: int, seq: int, before: int, subject: str) -> None:
        told = _("is number {seq} of its subject, and the one before it is {before}")
        self.faults.add(Fault(told.format(seq=seq, before=before), number, subject))

    def compare(self, heads: Iterable[tuple[str, int, bytes]]) -> None:
        """Compare what the keeper took down of each subject; none is left known."""
        left = self.subjects
        for subject, seq, digest in heads:
            last = left.pop(subject, (0, FIRST, b""))
            if last[:2] != (seq, digest):
                self.faults.add(Fault(_("its last entry is not the one that was taken down"), subject=str(subject)))
        for subject in left:
            self.faults.add(Fault(_("its last entry was not taken down"), subject=str(subject)))
