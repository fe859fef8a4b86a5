"""What a ledger is made of: who signs, what is read.

A ledger is checked from two streams in the order of their numbers, acts and entries, each with the digest that was
stored beside it. Its keeper writes an act and all of its entries at once, and no act without one: so the acts that
entries name never go back, none is passed over, and a check needs no more of the acts than the newest one. They are
read as rows, as a table gives them: to make an object of each would take as long as to hash it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sentinel.crypto.keys import PublicKey
    from sentinel.ledger.chain import Act, Entry

ActRow: TypeAlias = tuple[int, int, str, str, str, bytes, bytes, bytes]
"""number, at, actor, via, action, body, signature; digest."""
EntryRow: TypeAlias = tuple[int, str, int, str, int, bytes, bytes]
"""number, subject, seq, kind, act, body; digest."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A key and whose it is: it signs for `owner` from `added` on, and until `retired` where that is not None.

    Times are nanoseconds since 1970, UTC.
    """

    owner: str
    key: PublicKey
    added: int
    retired: int | None = None

    def signs_at(self, time: int) -> bool:
        """Tell whether a signature of this time counts."""
        return self.added <= time and (self.retired is None or time < self.retired)


class Histories(Protocol):
    """A ledger that is kept somewhere; numbers run from 1 without a gap."""

    @property
    def origin(self) -> str:
        """Give the name that no other ledger has, as its checkpoints write it."""

    def count(self) -> int:
        """Count the entries."""

    def acts(self) -> Iterator[tuple[Act, bytes]]:
        """Give every act with its stored digest, in the order of their numbers."""

    def entries(self, after: int = 0) -> Iterator[tuple[Entry, bytes]]:
        """Give every entry behind number `after` with its stored digest, in the order of their numbers."""


def act_rows(acts: Iterable[tuple[Act, bytes]]) -> Iterator[ActRow]:
    """Give acts and their digests as rows."""
    for act, digest in acts:
        yield act.number, act.at, act.actor, act.via, act.action, act.body, act.signature, digest


def entry_rows(entries: Iterable[tuple[Entry, bytes]]) -> Iterator[EntryRow]:
    """Give entries and their digests as rows."""
    for entry, digest in entries:
        yield entry.number, entry.subject, entry.seq, entry.kind, entry.act, entry.body, digest
