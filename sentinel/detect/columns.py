"""Columns of a batch as distinct values and codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Column:
    """A column of text: its distinct values in Unicode form C, and where they stand.

    `codes[i]` is the value of entry i, -1 for none. An entry belongs to row `rows[i]`; where `rows` is None, entry i
    is row i. `null` marks the rows without any value.
    """

    values: pa.StringArray
    ascii_only: bool
    codes: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int64] | None
    null: npt.NDArray[np.bool_]

    @classmethod
    def absent(cls, size: int) -> Column:
        """Give the column of a field that no event has."""
        codes = np.full(size, -1, np.int32)
        return cls(pa.array([], pa.string()), True, codes, None, np.ones(size, np.bool_))  # noqa: FBT003 - a field

    def rows_with(self, codes: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        """Mark the rows that hold any of the values with these codes."""
        wanted = np.zeros(len(self.values) + 1, np.bool_)
        wanted[codes] = True
        entries = wanted[self.codes]
        if self.rows is None:
            return entries
        marked = np.zeros(len(self.null), np.bool_)
        marked[self.rows[entries]] = True
        return marked

    def texts(self) -> list[list[str]]:
        """Give the texts of every row."""
        texts: list[list[str]] = [[] for _row in range(len(self.null))]
        values = self.values.to_pylist()
        rows = range(len(self.codes)) if self.rows is None else self.rows.tolist()
        for row, code in zip(rows, self.codes.tolist(), strict=True):
            if code >= 0:
                texts[row].append(values[code])
        return texts


def encode(array: pa.Array, size: int | None = None) -> Column:
    """Encode a column of strings or of lists of strings; what is encoded as a dictionary is taken as it is."""
    rows = None
    if pa.types.is_list(array.type):
        rows = pc.list_parent_indices(array).to_numpy()
        entries = array.flatten()
    else:
        entries = array
    return _column(entries, rows, len(array) if size is None else size)


def encode_sparse(rows: Sequence[int], texts: Sequence[Sequence[str]], size: int) -> Column:
    """Encode a column that has texts only in some rows of `size`."""
    parents = np.repeat(np.array(rows, np.int64), [len(each) for each in texts])
    return _column(pa.array([text for each in texts for text in each], pa.string()), parents, size)


def _column(entries: pa.Array, rows: npt.NDArray[np.int64] | None, size: int) -> Column:
    encoded = entries if pa.types.is_dictionary(entries.type) else entries.dictionary_encode()
    indices, values = encoded.indices, encoded.dictionary
    codes = (indices.fill_null(-1) if indices.null_count else indices).to_numpy()
    if encoded is entries:
        codes, values = _compacted(codes, values)
    ascii_only = bool(pc.all(pc.string_is_ascii(values)).as_py())
    if not ascii_only:
        values = pc.utf8_normalize(values, "NFC")
    null = codes < 0
    if rows is not None:
        null = np.ones(size, np.bool_)
        null[rows[codes >= 0]] = False
    return Column(values, ascii_only, codes, rows, null)


def _compacted(codes: npt.NDArray[np.int32], values: pa.StringArray) -> tuple[npt.NDArray[np.int32], pa.StringArray]:
    """Leave out the values that no entry has: a dictionary may be shared by many columns."""
    if len(codes) < len(values) // 8:
        kept, inverse = np.unique(codes, return_inverse=True)
        absent = int(len(kept) > 0 and kept[0] < 0)
        return inverse.astype(np.int32) - np.int32(absent), values.take(pa.array(kept[absent:]))
    used = np.zeros(len(values) + 1, np.bool_)
    used[codes] = True
    used[-1] = False
    count = int(used.sum())
    if count == len(values):
        return codes, values
    numbers = np.cumsum(used, dtype=np.int32) - np.int32(1)
    numbers[-1] = -1
    return numbers[codes], values.filter(pa.array(used[:-1]))
