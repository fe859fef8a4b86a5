"""A ledger to check: what a few people did to a few alerts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sentinel.crypto.keys import PrivateKey
from sentinel.ledger.base import Signer, act_rows, entry_rows
from sentinel.ledger.chain import FIRST, Act, Entry, act_digest, entry_digest
from sentinel.ledger.checkpoint import Checkpoint, signed
from sentinel.ledger.merkle import Frontier
from sentinel.ledger.verify import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ORIGIN = "sentinel.example/alerts/1"
NOON = 1_795_150_800_000_000_000
KEY, AUDITOR = PrivateKey.new(), PrivateKey.new()
VIA_KEY = f"key:{KEY.public.fingerprint}"
SIGNERS = {
    KEY.public.fingerprint: Signer("lan.nguyen", KEY.public, 0),
    AUDITOR.public.fingerprint: Signer("an.lê", AUDITOR.public, 0),
}


@dataclass(slots=True)
class Rows:
    """The rows of a ledger as its keeper stores them: each with its digest."""

    acts: list[tuple[Act, bytes]] = field(default_factory=list)
    entries: list[tuple[Entry, bytes]] = field(default_factory=list)

    def ledger(self) -> Ledger:
        """Give the ledger to be checked, with what its keeper took down of each subject."""
        heads = {entry.subject: (entry.subject, entry.seq, digest) for entry, digest in self.entries}
        return Ledger(ORIGIN, act_rows(self.acts), entry_rows(self.entries), iter(heads.values()))


def a_ledger(acts: int = 6, subjects: Sequence[str] = ("alert-1", "alert-2", "cảnh báo 3")) -> Rows:
    """Give a ledger in which each act leaves an entry on each subject; every second act is signed."""
    plain = [
        Act(number, NOON + number, "lan.nguyen", VIA_KEY if number % 2 else "os:1000:lan", "alerts.note", b'{"a": 1}')
        for number in range(1, acts + 1)
    ]
    left = [
        Entry(0, subject, 0, "noted", act.number, f'{{"text": "{act.number} của {subject}"}}'.encode())
        for act in plain
        for subject in subjects
    ]
    return written([_signed(act) for act in plain], left)


def _signed(act: Act) -> Act:
    from sentinel.ledger.chain import signed_bytes

    return replace(act, signature=KEY.sign(signed_bytes(act))) if act.via == VIA_KEY else act


def written(acts: Iterable[Act], entries: Iterable[Entry]) -> Rows:
    """Give acts and entries as a keeper writes them: numbered anew, with their digests."""
    rows = Rows()
    digests: dict[int, bytes] = {}
    for number, act in enumerate(acts, 1):
        whole = replace(act, number=number)
        digests[act.number] = act_digest(whole)
        rows.acts.append((whole, digests[act.number]))
    subjects: dict[str, tuple[int, bytes]] = {}
    numbers = {act: number for number, act in enumerate(digests, 1)}
    for number, entry in enumerate(entries, 1):
        seq, before = subjects.get(entry.subject, (0, FIRST))
        whole_entry = replace(entry, number=number, seq=seq + 1, act=numbers[entry.act])
        digest = entry_digest(whole_entry, before, digests[entry.act])
        subjects[entry.subject] = seq + 1, digest
        rows.entries.append((whole_entry, digest))
    return rows


def a_checkpoint(rows: Rows, size: int | None = None, place: str = "checkpoints:1") -> Checkpoint:
    """Give the auditor's checkpoint of the first entries, or of all."""
    frontier = Frontier()
    frontier.add(digest for _entry, digest in rows.entries[:size])
    head = Checkpoint(ORIGIN, frontier.size, frontier.root(), NOON // 10**9 * 10**9, place=place)
    return signed(head, "an.lê", AUDITOR)
