"""What tells in which parts of a segment a text may stand, so that the others are not read: the file beside it.

For each group of rows and each column there is a *filter*: a set of bits, one for each hash that a run of GRAM bytes
in any of the column's values has, in its skeleton (`folding.skeleton`: no case, no accents). A text may stand where
all bits of its own runs are set, and no value is shorter than it. Beside it stands a second filter of runs of
LONG_GRAM bytes where it stays small: digits and hexadecimal fill the first one, since all their short runs occur. A
filter has as many bits as leave it at most a third full. A third one holds two bits for each whole value, and answers
where a value is sought by all of its text. Of numbers only the length of the longest is kept.

    magic · length of the head · head · filters
    head: names of columns, and of those that are written with a dictionary; rows of groups; and for each filter, column
          and group where it begins, the logarithm of its bits (0: nothing there; 255: anything may be there), and the
          longest value
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
from sentinel.store.embedded.unit import ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from sentinel.store.embedded.folding import Array

GRAM: Final = 3
LONG_GRAM: Final = 6
_LEVELS: Final = (GRAM, LONG_GRAM)
_WHOLE: Final = len(_LEVELS)
_KINDS: Final = _WHOLE + 1
_MANY_VALUES: Final = 2
_SHORT: Final = 24
_BITS_FOR_SHORT, _BITS_FOR_LONG = 8, 4
"""How many bits a whole value has in its filter: addresses and names are sought more than hashes are."""
_WITHOUT_WHOLE: Final = frozenset({ID})
"""Columns that are sought otherwise."""
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
_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_ENTRY: Final = np.dtype([("begin", "<u4"), ("size", "u1"), ("longest", "<u4")])


class _Head(msgspec.Struct, array_like=True):
    columns: list[str]
    distinct: list[str]
    rows: list[int]
    entries: bytes


class Grams:
    """Collects what is known of a segment's groups; one is made while the segment is written."""

    def __init__(self) -> None:
        """Begin without any group."""
        self._rows: list[int] = []
        self._repeats: dict[str, bool] = {}
        self._found: dict[str, dict[int, list[tuple[int, int, bytes]]]] = {}

    def add(self, table: pa.Table | pa.RecordBatch) -> None:
        """Add the next group of rows: all of its columns as they are written, as dictionaries or not."""
        group = len(self._rows)
        self._rows.append(table.num_rows)
        for name in table.schema.names:
            column = table.column(name)
            chunk = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
            texts = _texts(chunk)
            if texts is None:
                filters = _of_numbers(chunk)
            else:
                values = texts.dictionary if pa.types.is_dictionary(texts.type) else pc.unique(texts)
                self._repeats.setdefault(name, len(texts) - texts.null_count >= _MANY_VALUES * len(values))
                filters = _filters(values.drop_null(), whole=name not in _WITHOUT_WHOLE)
            self._found.setdefault(name, {})[group] = filters

    def repeats(self, name: str) -> bool | None:
        """Tell whether a column of texts has few distinct values in the first group that has it; None of others.

        Such columns are to be written with a dictionary, and the others without.
        """
        return self._repeats.get(name)

    def content(self) -> bytes:
        """Give the file's content."""
        names, groups = list(self._found), len(self._rows)
        entries = np.zeros((_KINDS, len(names), groups), _ENTRY)
        filters: list[bytes] = []
        begin = 0
        for number, name in enumerate(names):
            for group, levels in self._found[name].items():
                for level, (size, longest, bits) in enumerate(levels):
                    entries[level, number, group] = (begin, size, longest)
                    filters.append(bits)
                    begin += len(bits)
        distinct = [name for name, repeats in self._repeats.items() if repeats]
        head = msgspec.msgpack.encode(_Head(names, distinct, self._rows, entries.tobytes()))
        return b"".join([_MAGIC, len(head).to_bytes(4, "little"), head, *filters])


def _texts(column: pa.Array) -> pa.Array | None:
    """Give the texts of a column, of lists and maps too; None where it holds none."""
    if pa.types.is_map(column.type):
        begin, end = column.offsets[0].as_py(), column.offsets[-1].as_py()
        column = column.items.slice(begin, end - begin)
    while pa.types.is_list(column.type):
        column = column.flatten()
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return column if pa.types.is_string(kind) else None


def _filters(values: pa.Array, *, whole: bool) -> list[tuple[int, int, bytes]]:
    offsets, data = skeletons(values)
    if not data:
        return [(0, 0, b"")] * _WHOLE + [(_ANYTHING if len(values) else 0, 0, b"")]
    longest = int(np.diff(offsets).max())
    grams = [_filter(offsets, data, width, longest) for width in _LEVELS]
    return [*grams, _whole(offsets, data, longest) if whole else (_ANYTHING, longest, b"")]


def _of_numbers(column: pa.Array) -> list[tuple[int, int, bytes]]:
    """Tell how long the longest number is as text."""
    if not pa.types.is_int64(column.type) or column.null_count == len(column):
        size = 0 if column.null_count == len(column) else _ANYTHING
        return [(size, _UNSURE if size else 0, b"")] * _KINDS
    span = pc.min_max(column).as_py()
    return [(_ANYTHING, max(len(str(span["min"])), len(str(span["max"]))), b"")] * _KINDS


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


def _whole(offsets: Array, data: bytes, longest: int) -> tuple[int, int, bytes]:
    """Make the filter of whole texts."""
    count = len(offsets) - 1
    bits_each = _BITS_FOR_SHORT if len(data) <= _SHORT * count else _BITS_FOR_LONG
    size = min(_LARGEST[LONG_GRAM], max(_SMALLEST, (count * bits_each - 1).bit_length()))
    bits = np.zeros(1 << size, bool)
    for hashes in _of_wholes(offsets, data):
        bits[hashes & ((1 << size) - 1)] = True
    return size, longest, np.packbits(bits, bitorder="little").tobytes()


def _of_wholes(offsets: Array, data: bytes) -> tuple[Array, Array]:
    """Give two hashes of each text, of its length, its first and its last 8 bytes."""
    lengths = np.diff(offsets).astype(np.int64)
    runs = np.ndarray((len(data) + 1,), "<u8", data + bytes(16), 0, (1,))
    kept = np.minimum(lengths, 8).astype(np.uint64)
    mask = np.where(kept == 8, _ALL, (np.uint64(1) << (kept * np.uint64(8))) - np.uint64(1))  # noqa: PLR2004 - bytes
    first = runs[offsets[:-1]] & mask
    last = runs[np.maximum(offsets[1:] - 8, offsets[:-1])] & mask
    mixed = (first ^ (last * np.uint64(_MIX)) ^ lengths.astype(np.uint64)) * np.uint64(_MIX)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(_MIX)
    return (mixed >> np.uint64(40)).astype(np.int64), (mixed & np.uint64(0xFFFFFF)).astype(np.int64)


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
def _sought(text: str) -> tuple[int, tuple[Array, ...], Array]:
    """Give how long a text's skeleton is, the places of its runs at each level, and those of the whole."""
    data = skeleton(text).encode()
    levels = tuple(_hashes(data + bytes(8), 0, max(0, len(data) - width + 1), width) for width in _LEVELS)
    return len(data), levels, np.concatenate(_of_wholes(np.array([0, len(data)]), data))


@dataclass(frozen=True, slots=True)
class Held:
    """What the file beside a segment tells: `rows` of each group, and in which of them a column may hold a text."""

    rows: tuple[int, ...]
    distinct: tuple[str, ...]
    """The columns of texts that are written with a dictionary."""
    _columns: Mapping[str, int]
    _entries: Array
    _filters: Array
    _known: dict[str, Array]

    def groups_with(
        self, column: str, texts: Sequence[str], *, whole: bool = False, many: bool = False
    ) -> bool | Array:
        """Tell in which groups some value of a column may hold all these texts; in all (True) where nothing is known.

        With `whole` the value is one of the texts. With `many` the same is going to be asked of many columns.
        """
        number = self._columns.get(column)
        if number is None or not texts:
            return True
        everywhere = many and not whole
        found = np.ones(len(self.rows), bool)
        for text in texts:
            one = self._entries[:, number]
            found &= self._everywhere(text)[number] if everywhere else self._sought_in(one, text, whole=whole)
        return found

    def columns_with(self, columns: Sequence[str], texts: Sequence[str]) -> list[str]:
        """Name those of the columns of which, in any group, some value may hold one of the texts."""
        found = {number for text in texts for number in np.flatnonzero(self._everywhere(text).any(axis=1)).tolist()}
        without = {name for name, number in self._columns.items() if number not in found}
        return [column for column in columns if column not in without]

    def _everywhere(self, text: str) -> Array:
        """Tell of each column and group whether some value may hold a text."""
        if text not in self._known:
            self._known[text] = self._sought_in(self._entries, text, whole=False)
        return self._known[text]

    def _sought_in(self, entries: Array, text: str, *, whole: bool) -> Array:
        """Tell where a text may stand, of filters by level, then in any form."""
        length, levels, of_whole = _sought(text)
        held = np.ones(entries.shape[1:], bool)
        for places, level in zip((*levels, of_whole) if whole else levels, entries, strict=False):
            held &= length <= level["longest"]
            if len(places):
                held &= level["size"] > 0
                at = np.nonzero(held & (level["size"] != _ANYTHING))
                held[at] = self._all_in(level[at], places)
        return held

    def _all_in(self, entries: Array, places: Array) -> Array:
        """Tell of each filter whether it has all of the places."""
        masks = (1 << entries["size"].astype(np.int64)) - 1
        at = places & masks[:, None]
        found = self._filters[entries["begin"].astype(np.int64)[:, None] + (at >> 3)] >> (at & 7) & 1
        every: Array = found.all(axis=1)
        return every


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
        entries = np.frombuffer(head.entries, _ENTRY).reshape(_KINDS, len(head.columns), len(head.rows))
    except (ValueError, msgspec.MsgspecError):
        return None
    sizes = np.where((entries["size"] == 0) | (entries["size"] == _ANYTHING), 0, entries["size"].astype(np.int64))
    if len(content) < end + int((entries["begin"].astype(np.int64) + ((1 << sizes) >> 3)).max(initial=0)):
        return None
    columns = {name: number for number, name in enumerate(head.columns)}
    return Held(
        tuple(head.rows), tuple(head.distinct), columns, entries, np.frombuffer(content, np.uint8, offset=end), {}
    )


def build(groups: Iterable[pa.Table | pa.RecordBatch]) -> bytes:
    """Give the file's content for the groups of a segment."""
    grams = Grams()
    for group in groups:
        grams.add(group)
    return grams.content()
