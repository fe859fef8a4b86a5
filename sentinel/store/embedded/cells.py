"""Counts by span of time and value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from sentinel.store.embedded.folding import Array

_MOST: Final = 1 << 22
_MERGED_AT: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """Some counts: of span `spans[i]` and text `texts[codes[i]]` there are `counts[i]` events."""

    texts: pa.Array
    spans: Array
    codes: Array
    counts: Array


class Cells:
    """Counts that are added up."""

    def __init__(self) -> None:
        """Begin with none."""
        self._parts: list[Part] = []
        self._waiting = 0

    def add(self, part: Part | None) -> None:
        """Add counts."""
        if part is None:
            return
        self._parts.append(part)
        self._waiting += len(part.counts)
        if self._waiting > _MERGED_AT:
            self._merge()

    def _merge(self) -> Part:
        """Add up what was added so far, by span, then text."""
        every = pc.dictionary_encode(pa.chunked_array([part.texts for part in self._parts])).combine_chunks()
        rising = pc.sort_indices(every.dictionary)
        place = np.empty(len(rising), np.int64)
        place[rising.to_numpy()] = np.arange(len(rising))
        numbers = place[every.indices.to_numpy()]
        begins = np.cumsum([0, *(len(part.texts) for part in self._parts)])
        codes = [numbers[part.codes + begin] for part, begin in zip(self._parts, begins, strict=False)]
        counts = np.concatenate([part.counts for part in self._parts])
        spans = np.concatenate([part.spans for part in self._parts])
        texts = every.dictionary.take(rising)
        merged = Part(texts, *crossed(spans, np.concatenate(codes), len(texts), counts))
        self._parts, self._waiting = [merged], 0
        return merged

    def result(self) -> Part:
        """Give what was added, each span and text once, by span, then text."""
        return self._merge() if self._parts else Part(pa.array([], pa.string()), *[np.zeros(0, np.int64)] * 3)


def crossed(spans: Array, codes: Array, size: int, counts: Array | None = None) -> tuple[Array, Array, Array]:
    """Count pairs of a span and a code (less than `size`); each as often as `counts` tells."""
    if not len(spans):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    first = int(spans.min())
    pairs = (spans - first) * size + codes
    if (int(spans.max()) - first + 1) * size <= _MOST:
        sums = np.bincount(pairs, counts)
        cells = np.flatnonzero(sums)
        sums = sums[cells].astype(np.int64)
    elif counts is None:
        cells, sums = np.unique(pairs, return_counts=True)
    else:
        cells, places = np.unique(pairs, return_inverse=True)
        sums = np.bincount(places, counts).astype(np.int64)
    return cells // size + first, cells % size, sums
