"""What tells in which parts of a segment a text may stand, so that the others are not read: the file beside it.

For each group of rows and each column there is a *filter*: a set of bits, one for each hash that a run of GRAM bytes
in any of the column's values has, in its skeleton (`folding.skeleton`: no case, no accents). A text may stand where
all bits of its own runs are set, and no value is shorter than it. Beside it stands a second filter of runs of
LONG_GRAM bytes where it stays small: digits and hexadecimal fill the first one, since all their short runs occur.
Of numbers only the length of the longest is kept. A filter has as many bits as leave it at most a third full.

    magic · length of the head · head · filters
    head: names of columns, rows of groups, and for each level, column and group: where its filter begins,
          the logarithm of its bits (0: nothing there; 255: anything may be there), and the longest value
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.store.embedded.folding import skeleton, skeletons

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from sentinel.store.embedded.folding import Array

GRAM: Final = 3
LONG_GRAM: Final = 6
_LEVELS: Final = (GRAM, LONG_GRAM)
_MAGIC: Final = b"sentinel grams 1\n"
_SMALLEST: Final = 6
_LARGEST: Final = {GRAM: 17, LONG_GRAM: 22}
"""Filters have at most so many bits, as a power of 2."""
_SAMPLE: Final = 1 << 15
_RANDOM: Final = 0.5
_LONG_BITS_PER_BYTE: Final = 0.5
"""The second filter is left out where it would be larger."""
_FULL: Final = 3
_BLOCK: Final = 1 << 14
_ANYTHING: Final = 255
_UNSURE: Final = 0xFFFFFFFF
_MIX: Final = 0x9E3779B97F4A7C15
_ENTRY: Final = np.dtype([("begin", "<u4"), ("size", "u1"), ("longest", "<u4")])


class _Head(msgspec.Struct, array_like=True):
    columns: list[str]
    rows: list[int]
    entries: bytes


class Grams:
    """Collects what is known of a segment's groups; one is made while the segment is written."""

    def __init__(self) -> None:
        """Begin without any group."""
        self._rows: list[int] = []
        self._found: dict[str, dict[int, list[tuple[int, int, bytes]]]] = {}

    def add(self, table: pa.Table | pa.RecordBatch) -> None:
        """Add the next group of rows: all of its columns as they are written, as dictionaries or not."""
        group = len(self._rows)
        self._rows.append(table.num_rows)
        for name in table.schema.names:
            column = table.column(name)
            chunk = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
            self._found.setdefault(name, {})[group] = _filters(chunk)

    def content(self) -> bytes:
        """Give the file's content."""
        names, groups = list(self._found), len(self._rows)
        entries = np.zeros((len(_LEVELS), len(names), groups), _ENTRY)
        filters: list[bytes] = []
        begin = 0
        for number, name in enumerate(names):
            for group, levels in self._found[name].items():
                for level, (size, longest, bits) in enumerate(levels):
                    entries[level, number, group] = (begin, size, longest)
                    filters.append(bits)
                    begin += len(bits)
        head = msgspec.msgpack.encode(_Head(names, self._rows, entries.tobytes()))
        return b"".join([_MAGIC, len(head).to_bytes(4, "little"), head, *filters])


def _filters(column: pa.Array) -> list[tuple[int, int, bytes]]:
    if pa.types.is_map(column.type):
        column = column.items
    while pa.types.is_list(column.type):
        column = column.flatten()
    if pa.types.is_dictionary(column.type):
        values = column.dictionary
    elif pa.types.is_string(column.type):
        values = pc.unique(column)
    else:
        return _of_numbers(column)
    offsets, data = skeletons(values.drop_null())
    if not data:
        return [(0, 0, b"")] * len(_LEVELS)
    longest = int(np.diff(offsets).max())
    return [_filter(offsets, data, width, longest) for width in _LEVELS]


def _of_numbers(column: pa.Array) -> list[tuple[int, int, bytes]]:
    """Tell how long the longest number is as text."""
    if not pa.types.is_int64(column.type) or column.null_count == len(column):
        size = 0 if column.null_count == len(column) else _ANYTHING
        return [(size, _UNSURE if size else 0, b"")] * len(_LEVELS)
    span = pc.min_max(column).as_py()
    return [(_ANYTHING, max(len(str(span["min"])), len(str(span["max"]))), b"")] * len(_LEVELS)


def _filter(offsets: Array, data: bytes, width: int, longest: int) -> tuple[int, int, bytes]:
    """Make the filter of texts for runs of so many bytes."""
    if width == LONG_GRAM and _is_random(data):
        return _ANYTHING, longest, b""
    size = min(_LARGEST[width], max(_SMALLEST, (len(data) * _FULL).bit_length()))
    bits = _marked(data, width, size, _crossing(offsets, len(data), width))
    while size > _SMALLEST and int(np.count_nonzero(bits)) * _FULL * 2 <= 1 << size:
        size -= 1
        bits = bits[: 1 << size] | bits[1 << size :]
    if width == LONG_GRAM and (1 << size) > _LONG_BITS_PER_BYTE * len(data):
        return _ANYTHING, longest, b""
    return size, longest, np.packbits(bits, bitorder="little").tobytes()


def _is_random(data: bytes) -> bool:
    """Tell from a sample whether nearly all long runs are different ones, as in hashes; a filter would be huge."""
    bits = _marked(data[:_SAMPLE], LONG_GRAM, _LARGEST[GRAM], np.zeros(0, np.int64))
    return len(data) > _SAMPLE and int(np.count_nonzero(bits)) > _RANDOM * _SAMPLE


def _marked(data: bytes, width: int, size: int, left_out: Array) -> Array:
    """Give the bits that runs of bytes set, less those that begin at some places."""
    bits = np.zeros((1 << size) + 1, bool)
    count = len(data) - width + 1
    data += bytes(8)
    for begin in range(0, count, _BLOCK):  # as much as the processor keeps near
        places = _hashes(data, begin, min(_BLOCK, count - begin), width)
        places &= (1 << size) - 1
        first, last = np.searchsorted(left_out, (begin, begin + len(places)))
        places[left_out[first:last] - begin] = 1 << size  # which is no bit of the filter
        bits[places] = True
    return bits[:-1]


def _crossing(offsets: Array, count: int, width: int) -> Array:
    """Give where runs begin that go across the end of a text."""
    found = np.zeros(count, bool)
    lengths = np.diff(offsets)
    for before in range(1, width):
        found[offsets[1:][lengths >= before] - before] = True
    return np.flatnonzero(found)


def _hashes(data: bytes, begin: int, count: int, width: int) -> Array:
    """Give the hashes of runs of bytes; their low bits are their places in a filter. 8 more bytes stand behind."""
    runs = np.ndarray((count,), "<u8", data, begin, (1,)) & np.uint64((1 << 8 * width) - 1)
    runs *= np.uint64(_MIX)
    runs >>= np.uint64(64 - _LARGEST[LONG_GRAM])
    return runs.view(np.int64)


@lru_cache(maxsize=256)
def _sought(text: str) -> tuple[int, tuple[Array, ...]]:
    """Give how long a text's skeleton is, and the places of its runs at each level."""
    data = skeleton(text).encode()
    return len(data), tuple(_hashes(data + bytes(8), 0, max(0, len(data) - width + 1), width) for width in _LEVELS)


@dataclass(frozen=True, slots=True)
class Held:
    """What the file beside a segment tells: `rows` of each group, and in which of them a column may hold a text."""

    rows: tuple[int, ...]
    _columns: Mapping[str, int]
    _entries: Array
    _filters: Array

    def may_hold(self, column: str, group: int, texts: Sequence[str]) -> bool:
        """Tell whether some value of a column in a group may hold all these texts; it may where nothing is known."""
        number = self._columns.get(column)
        return number is None or all(self._may(number, group, text) for text in texts)

    def columns_with(self, columns: Sequence[str], texts: Sequence[str]) -> list[str]:
        """Name those of the columns of which, in any group, some value may hold one of the texts."""
        numbers = np.array([self._columns.get(column, -1) for column in columns], np.int64)
        entries = self._entries[:, numbers]
        may = np.zeros(len(columns), bool)
        for text in texts:
            length, levels = _sought(text)
            held = np.ones(entries.shape[1:], bool)
            for places, level in zip(levels, entries, strict=True):
                held &= length <= level["longest"]
                if len(places):
                    held &= level["size"] > 0
                    column, group = np.nonzero(held & (level["size"] != _ANYTHING))
                    held[column, group] = self._all_in(level[column, group], places)
            may |= held.any(axis=1)
        return [column for column, held, number in zip(columns, may, numbers, strict=True) if held or number < 0]

    def _all_in(self, entries: Array, places: Array) -> Array:
        """Tell of each filter whether it has all of the places."""
        masks = (1 << entries["size"].astype(np.int64)) - 1
        at = places & masks[:, None]
        found = self._filters[entries["begin"].astype(np.int64)[:, None] + (at >> 3)] >> (at & 7) & 1
        every: Array = found.all(axis=1)
        return every

    def _may(self, number: int, group: int, text: str) -> bool:
        length, levels = _sought(text)
        for level, places in enumerate(levels):
            begin, size, longest = self._entries[level, number, group].item()
            if length > longest:
                return False
            if size != _ANYTHING and len(places) and not self._all_set(begin, size, places):
                return False
        return True

    def _all_set(self, begin: int, size: int, places: Array) -> bool:
        if not size:
            return False
        at = places & ((1 << size) - 1)
        return bool((self._filters[begin + (at >> 3)] >> (at & 7) & 1).all())


def opened(path: Path) -> Held | None:
    """Open the file beside a segment; None where it is not there or cannot be told from another."""
    try:
        with path.open("rb") as file:
            return parsed(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError):
        return None


def parsed(content: bytes | mmap.mmap) -> Held | None:
    """Read the content of such a file; None where it is no such."""
    begin = len(_MAGIC) + 4
    if content[: len(_MAGIC)] != _MAGIC:
        return None
    end = begin + int.from_bytes(content[len(_MAGIC) : begin], "little")
    try:
        head = msgspec.msgpack.decode(content[begin:end], type=_Head)
    except msgspec.MsgspecError:
        return None
    entries = np.frombuffer(head.entries, _ENTRY).reshape(len(_LEVELS), len(head.columns), len(head.rows))
    columns = {name: number for number, name in enumerate(head.columns)}
    return Held(tuple(head.rows), columns, entries, np.frombuffer(content, np.uint8, offset=end))


def build(groups: Iterable[pa.Table | pa.RecordBatch]) -> bytes:
    """Give the file's content for the groups of a segment."""
    grams = Grams()
    for group in groups:
        grams.add(group)
    return grams.content()
