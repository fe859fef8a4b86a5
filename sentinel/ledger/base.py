"""What a ledger is made of: who signs, what is read.

A ledger is checked from two streams in the order of their numbers, acts and entries, each with the digest that was
stored beside it. Its keeper writes an act and all of its entries at once, and no act without one: so the acts that
entries name never go back, none is passed over, and a stream needs no more of the acts than the newest one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.crypto.keys import PublicKey
    from sentinel.ledger.chain import Act, Entry


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
