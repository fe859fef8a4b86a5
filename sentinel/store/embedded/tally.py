"""Counts of texts, within a bound of memory.

Texts are counted by share: those whose hash falls to the tally. Where even a share is too much, whoever counts begins
again with more shares, and goes over the events once for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.store.embedded.folding import contents

if TYPE_CHECKING:
    from sentinel.store.embedded.folding import Array

_MOST_BYTES: Final = 256 << 20
_MERGED_AT: Final = 1 << 20
_PRIMES: Final = np.array([(0x9E3779B97F4A7C15 * (2 * number + 1)) & 0xFFFFFFFF | 1 for number in range(64)], np.uint64)


class Tally:
    """How often each text of a share was counted."""

    def __init__(self, share: int, shares: int) -> None:
        """Take which share it is, of how many."""
        self._share = share
        self._shares = shares
        self._parts: list[tuple[pa.Array, Array]] = []
        self._waiting = 0
        self._bytes = 0

    def own(self, texts: pa.Array) -> Array:
        """Tell which texts are of the share."""
        if self._shares == 1:
            return np.ones(len(texts), bool)
        own: Array = hashes(texts) % np.uint64(self._shares) == self._share
        return own

    def add(self, texts: pa.Array, counts: Array) -> None:
        """Count some texts."""
        if not len(texts):
            return
        self._parts.append((texts, counts))
        self._waiting += len(texts)
        if self._waiting > _MERGED_AT:
            self._merge()

    @property
    def is_full(self) -> bool:
        """Tell whether there are more texts than may be held."""
        return self._bytes > _MOST_BYTES

    def _merge(self) -> tuple[pa.Array, Array]:
        if not self._parts:
            return pa.array([], pa.string()), np.zeros(0, np.int64)
        every = pc.dictionary_encode(pa.chunked_array([texts for texts, _counts in self._parts])).combine_chunks()
        counts = np.concatenate([counts for _texts, counts in self._parts])
        sums = np.bincount(every.indices.to_numpy(), weights=counts).astype(np.int64)
        self._parts = [(every.dictionary, sums)]
        self._waiting = 0
        self._bytes = every.dictionary.nbytes + sums.nbytes
        return every.dictionary, sums

    def result(self, limit: int) -> tuple[int, list[tuple[str, int]]]:
        """Give how many texts there are, and the most frequent."""
        texts, counts = self._merge()
        if not len(texts):
            return 0, []
        rows = np.arange(len(counts))
        if len(rows) > limit:
            rows = np.flatnonzero(counts >= -np.partition(-counts, limit - 1)[limit - 1])
        most = zip(texts.take(pa.array(rows, pa.int64())).to_pylist(), counts[rows].tolist(), strict=True)
        return len(texts), sorted(most, key=lambda one: (-one[1], one[0]))[:limit]


def hashes(texts: pa.Array) -> Array:
    """Give a hash of each text."""
    offsets, data = contents(texts)
    found = np.diff(offsets).astype(np.uint64)
    full = np.flatnonzero(found)
    if len(full):
        places = (np.arange(len(data)) - np.repeat(offsets[:-1], np.diff(offsets))) & 63
        weighed = np.frombuffer(data, np.uint8) * _PRIMES[places]
        found[full] += np.add.reduceat(weighed, offsets[:-1][full])
    found ^= found >> np.uint64(17)
    found *= np.uint64(0x9E3779B97F4A7C15)
    return found >> np.uint64(33)
