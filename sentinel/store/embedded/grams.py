"""What tells in which parts of a segment a text may stand, so that the others are not read: the file beside it.

For each group of rows and each column there is a *filter*: a set of bits, one for each hash that a run of GRAM bytes
in any of the column's values has, in its skeleton (`folding.skeleton`: no case, no accents). A text may stand where
all bits of its own runs are set, and no value is shorter than it. Beside it stands a second filter of runs of
LONG_GRAM bytes where it stays small: digits and hexadecimal fill the first one, since all their short runs occur. A
filter has as many bits as leave it at most a third full. A third one holds two bits for each whole value, and answers
where a value is sought by all of its text; where values look like addresses (IPv4), also for what of each goes up to
its second dot, so that networks are found. Of numbers only the length of the longest is kept.

    magic · length of the head · head · filters
    head: names of columns, and of those that are written with a dictionary; rows of groups; and for each filter, column
          and group where it begins, the logarithm of its bits (0: nothing there; 255: anything may be there), and the
          longest value; names of columns whose beginnings are known
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.store.embedded.folding import skeletons
from sentinel.store.embedded.unit import ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentinel.store.embedded.folding import Array

GRAM: Final = 3
LONG_GRAM: Final = 6
LEVELS: Final = (GRAM, LONG_GRAM)
_WHOLE: Final = len(LEVELS)
KINDS: Final = _WHOLE + 1
_MANY_VALUES: Final = 2
_SHORT: Final = 24
_BITS_FOR_SHORT, _BITS_FOR_LONG = 8, 4
"""How many bits a whole value has in its filter: addresses and names are sought more than hashes are."""
_WITHOUT_WHOLE: Final = frozenset({ID})
"""Columns that are sought otherwise."""
MAGIC: Final = b"sentinel grams 1\n"
_SMALLEST: Final = 6
_LARGEST: Final = {GRAM: 17, LONG_GRAM: 22}
"""Filters have at most so many bits, as a power of 2."""
_SAMPLE: Final = 1 << 15
_SMALL: Final = 1 << 13
"""Columns of so many bytes at most are done together."""
_RANDOM: Final = 0.5
_LONG_BITS_PER_BYTE: Final = 0.5
"""The second filter is left out where it would be larger."""
_FULL: Final = 3
_DOTS: Final = 2
"""Texts that look like addresses have more dots than so many, on average."""
_BLOCK: Final = 1 << 14
ANYTHING: Final = 255
_UNSURE: Final = 0xFFFFFFFF
_MIX: Final = 0x9E3779B97F4A7C15
_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
ENTRY: Final = np.dtype([("begin", "<u4"), ("size", "u1"), ("longest", "<u4")])


class Head(msgspec.Struct, array_like=True):
    """What stands before the filters; files of before have fewer fields."""

    columns: list[str]
    distinct: list[str]
    rows: list[int]
    entries: bytes
    begun: list[str] = []


class Grams:
    """Collects what is known of a segment's groups; one is made while the segment is written."""

    def __init__(self) -> None:
        """Begin without any group."""
        self._rows: list[int] = []
        self._repeats: dict[str, bool] = {}
        self._begun: dict[str, bool] = {}
        self._found: dict[str, dict[int, list[tuple[int, int, bytes]]]] = {}

    def add(self, table: pa.Table | pa.RecordBatch) -> None:
        """Add the next group of rows: all of its columns as they are written, as dictionaries or not."""
        group = len(self._rows)
        self._rows.append(table.num_rows)
        small: dict[str, tuple[Array, bytes]] = {}
        for name in table.schema.names:
            column = table.column(name)
            chunk = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
            texts = _texts(chunk)
            of_groups = self._found.setdefault(name, {})
            if texts is None:
                of_groups[group] = _of_numbers(chunk)
                continue
            values = texts.dictionary if pa.types.is_dictionary(texts.type) else pc.unique(texts)
            self._repeats.setdefault(name, len(texts) - texts.null_count >= _MANY_VALUES * len(values))
            offsets, data = skeletons(values.drop_null())
            if not data:
                of_groups[group] = [(0, 0, b"")] * _WHOLE + [(ANYTHING if len(offsets) > 1 else 0, 0, b"")]
            elif len(data) <= _SMALL and not self._is_begun(name, offsets, data):
                small[name] = offsets, data
            else:
                of_groups[group] = self._filters(name, offsets, data)
        for name, levels in zip(small, _of_small(list(small.values())), strict=True):
            longest = levels[0][1]
            self._found[name][group] = (
                [*levels[:_WHOLE], (ANYTHING, longest, b"")] if name in _WITHOUT_WHOLE else levels
            )

    def _is_begun(self, name: str, offsets: Array, data: bytes) -> bool:
        """Tell whether a column is one of addresses, by the first group that has it."""
        if name not in self._begun:
            self._begun[name] = name not in _WITHOUT_WHOLE and _are_addresses(len(offsets) - 1, data)
        return self._begun[name]

    def _filters(self, name: str, offsets: Array, data: bytes) -> list[tuple[int, int, bytes]]:
        longest = int(np.diff(offsets).max())
        grams = [_filter(offsets, data, width, longest) for width in LEVELS]
        if name in _WITHOUT_WHOLE:
            return [*grams, (ANYTHING, longest, b"")]
        return [*grams, _whole(offsets, data, longest, begun=self._is_begun(name, offsets, data))]

    def repeats(self, name: str) -> bool | None:
        """Tell whether a column of texts has few distinct values in the first group that has it; None of others.

        Such columns are to be written with a dictionary, and the others without.
        """
        return self._repeats.get(name)

    def content(self) -> bytes:
        """Give the file's content."""
        names, groups = list(self._found), len(self._rows)
        entries = np.zeros((KINDS, len(names), groups), ENTRY)
        filters: list[bytes] = []
        begin = 0
        for number, name in enumerate(names):
            for group, levels in self._found[name].items():
                for level, (size, longest, bits) in enumerate(levels):
                    entries[level, number, group] = (begin, size, longest)
                    filters.append(bits)
                    begin += len(bits)
        distinct = [name for name, repeats in self._repeats.items() if repeats]
        begun = [name for name, addresses in self._begun.items() if addresses]
        head = msgspec.msgpack.encode(Head(names, distinct, self._rows, entries.tobytes(), begun))
        return b"".join([MAGIC, len(head).to_bytes(4, "little"), head, *filters])


def _texts(column: pa.Array) -> pa.Array | None:
    """Give the texts of a column, of lists and maps too; None where it holds none."""
    if pa.types.is_map(column.type):
        begin, end = column.offsets[0].as_py(), column.offsets[-1].as_py()
        column = column.items.slice(begin, end - begin)
    while pa.types.is_list(column.type):
        column = column.flatten()
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return column if pa.types.is_string(kind) else None


def _of_numbers(column: pa.Array) -> list[tuple[int, int, bytes]]:
    """Tell how long the longest number is as text."""
    if not pa.types.is_int64(column.type) or column.null_count == len(column):
        size = 0 if column.null_count == len(column) else ANYTHING
        return [(size, _UNSURE if size else 0, b"")] * KINDS
    span = pc.min_max(column).as_py()
    return [(ANYTHING, max(len(str(span["min"])), len(str(span["max"]))), b"")] * KINDS


def _filter(offsets: Array, data: bytes, width: int, longest: int) -> tuple[int, int, bytes]:
    """Make the filter of texts for runs of so many bytes."""
    if width == LONG_GRAM and _is_random(data):
        return ANYTHING, longest, b""
    size = min(_LARGEST[width], max(_SMALLEST, (len(data) * _FULL).bit_length()))
    bits = _marked(data, width, size, _crossing(offsets, len(data), width))
    while size > _SMALLEST and int(np.count_nonzero(bits)) * _FULL * 2 <= 1 << size:
        size -= 1
        bits = bits[: 1 << size] | bits[1 << size :]
    if width == LONG_GRAM and (1 << size) > _LONG_BITS_PER_BYTE * len(data):
        return ANYTHING, longest, b""
    return size, longest, np.packbits(bits, bitorder="little").tobytes()


def _whole(offsets: Array, data: bytes, longest: int, *, begun: bool) -> tuple[int, int, bytes]:
    """Make the filter of whole texts; with `begun`, also of how they begin."""
    count = len(offsets) - 1
    bits_each = _BITS_FOR_SHORT if len(data) <= _SHORT * count else _BITS_FOR_LONG
    marks = of_spans(offsets[:-1], offsets[1:], data)
    if begun:
        beginnings = np.unique(of_spans(*_up_to_second_dot(offsets, data), data), axis=1)
        marks = np.concatenate((marks, beginnings), axis=1)
    size = min(_LARGEST[LONG_GRAM], max(_SMALLEST, (marks.shape[1] * bits_each - 1).bit_length()))
    bits = np.zeros(1 << size, bool)
    bits[marks & ((1 << size) - 1)] = True
    return size, longest, np.packbits(bits, bitorder="little").tobytes()


def _of_small(columns: Sequence[tuple[Array, bytes]]) -> list[list[tuple[int, int, bytes]]]:
    """Make the filters of many columns of few bytes each, all at once: numpy takes longer to begin than to do them."""
    if not columns:
        return []
    data = b"".join(data for _offsets, data in columns)
    sizes = np.array([len(data) for _offsets, data in columns])
    counts = np.array([len(offsets) - 1 for offsets, _data in columns])
    begins = np.cumsum(sizes) - sizes
    ends = np.concatenate([offsets[1:] + begin for (offsets, _data), begin in zip(columns, begins, strict=True)])
    offsets = np.concatenate(([0], ends))
    longest = np.maximum.reduceat(np.diff(offsets), np.cumsum(counts) - counts).tolist()
    levels = [_runs_of_small(offsets, data, sizes, width) for width in LEVELS]
    levels.append(_wholes_of_small(offsets, data, sizes, counts))
    return [
        [(size, most, bits) for size, bits in own] for most, own in zip(longest, zip(*levels, strict=True), strict=True)
    ]


def _runs_of_small(offsets: Array, data: bytes, sizes: Array, width: int) -> list[tuple[int, bytes]]:
    """Make the filters of columns, which follow one another in `data`, for runs of so many bytes."""
    count = max(0, len(data) - width + 1)
    kept = np.ones(len(data), bool)
    kept[_crossing(offsets, len(data), width)] = False
    at = np.flatnonzero(kept[:count])
    places = hashes(data + bytes(8), 0, count, width)[at]
    logs = np.clip(np.frexp(sizes * _FULL)[1], _SMALLEST, _LARGEST[width])
    bits = _Bits(logs, np.repeat(np.arange(len(sizes)), sizes)[at], places)
    most = _LONG_BITS_PER_BYTE * sizes if width == LONG_GRAM else 1 << logs
    return [
        bits.folded(number) if bits.least(number) <= most[number] else (ANYTHING, b"") for number in range(len(sizes))
    ]


def _wholes_of_small(offsets: Array, data: bytes, sizes: Array, counts: Array) -> list[tuple[int, bytes]]:
    """Make the filters of whole texts of columns, which follow one another in `data`."""
    bits_each = np.where(sizes <= _SHORT * counts, _BITS_FOR_SHORT, _BITS_FOR_LONG)
    logs = np.clip(np.frexp(counts * bits_each - 1)[1], _SMALLEST, _LARGEST[LONG_GRAM])
    marks = of_spans(offsets[:-1], offsets[1:], data)
    bits = _Bits(logs, np.repeat(np.arange(len(counts)), counts), marks)
    return [bits.plain(number) for number in range(len(counts))]


class _Bits:
    """The bits of filters that stand one behind the other; `logs` are the logarithms of their sizes."""

    def __init__(self, logs: Array, numbers: Array, places: Array) -> None:
        """Set the bits at places of filters, by number; places count from the lowest bit, and what is above is left."""
        sizes = 1 << logs
        self._logs = logs.tolist()
        ends = np.cumsum(sizes)
        begins = ends - sizes
        self._bits = np.zeros(ends[-1], bool)
        self._bits[(places & (sizes - 1)[numbers]) + begins[numbers]] = True
        self._begins = begins.tolist()
        self._counts = np.add.reduceat(self._bits, begins, dtype=np.int64).tolist()
        self._packed = np.packbits(self._bits, bitorder="little")

    def least(self, number: int) -> int:
        """Give how many bits a filter has at least, when it is folded."""
        return int(self._counts[number]) * _FULL

    def plain(self, number: int) -> tuple[int, bytes]:
        """Give a filter's size and bits."""
        begin, log = self._begins[number], self._logs[number]
        return log, self._packed[begin >> 3 : (begin + (1 << log)) >> 3].tobytes()

    def folded(self, number: int) -> tuple[int, bytes]:
        """Give a filter's size and bits, no larger than leaves it a sixth to a third full."""
        log, count = self._logs[number], self._counts[number]
        if log == _SMALLEST or count * _FULL * 2 > 1 << log:
            return self.plain(number)
        bits = self._bits[self._begins[number] : self._begins[number] + (1 << log)]
        while log > _SMALLEST and int(np.count_nonzero(bits)) * _FULL * 2 <= 1 << log:
            log -= 1
            bits = bits[: 1 << log] | bits[1 << log :]
        return log, np.packbits(bits, bitorder="little").tobytes()


def _are_addresses(count: int, data: bytes) -> bool:
    """Tell whether texts look like addresses of IPv4, most of them."""
    return data.count(b".") >= _DOTS * count and len(data.translate(None, b"0123456789.")) * _FULL < len(data)


def _up_to_second_dot(offsets: Array, data: bytes) -> tuple[Array, Array]:
    """Give where texts that have two dots begin, and where they go on behind the second one."""
    dots = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("."))
    second = np.searchsorted(dots, offsets[:-1]) + 1
    ends = np.append(dots, [len(data)] * 2)[second] + 1
    there = ends <= offsets[1:]
    return offsets[:-1][there], ends[there]


def of_spans(begins: Array, ends: Array, data: bytes) -> Array:
    """Give two hashes of each of some spans of bytes, of its length, its first and its last 8 bytes."""
    lengths = (ends - begins).astype(np.int64)
    runs = np.ndarray((len(data) + 1,), "<u8", data + bytes(16), 0, (1,))
    kept = np.minimum(lengths, 8).astype(np.uint64)
    mask = np.where(kept == 8, _ALL, (np.uint64(1) << (kept * np.uint64(8))) - np.uint64(1))  # noqa: PLR2004 - bytes
    first = runs[begins] & mask
    last = runs[np.maximum(ends - 8, begins)] & mask
    mixed = (first ^ (last * np.uint64(_MIX)) ^ lengths.astype(np.uint64)) * np.uint64(_MIX)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(_MIX)
    return np.stack(((mixed >> np.uint64(40)).astype(np.int64), (mixed & np.uint64(0xFFFFFF)).astype(np.int64)))


def _is_random(data: bytes) -> bool:
    """Tell from a sample whether nearly all long runs are different ones, as in hashes; a filter would be huge."""
    if len(data) <= _SAMPLE:
        return False
    bits = _marked(data[:_SAMPLE], LONG_GRAM, _LARGEST[GRAM], np.zeros(0, np.int64))
    return int(np.count_nonzero(bits)) > _RANDOM * _SAMPLE


def _marked(data: bytes, width: int, size: int, left_out: Array) -> Array:
    """Give the bits that runs of bytes set, less those that begin at some places."""
    bits = np.zeros((1 << size) + 1, bool)
    count = len(data) - width + 1
    data += bytes(8)
    for begin in range(0, count, _BLOCK):  # as much as the processor keeps near
        places = hashes(data, begin, min(_BLOCK, count - begin), width)
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


def hashes(data: bytes, begin: int, count: int, width: int) -> Array:
    """Give the hashes of runs of bytes; their low bits are their places in a filter. 8 more bytes stand behind."""
    runs = np.ndarray((count,), "<u8", data, begin, (1,)) & np.uint64((1 << 8 * width) - 1)
    runs *= np.uint64(_MIX)
    runs >>= np.uint64(64 - _LARGEST[LONG_GRAM])
    return runs.view(np.int64)


def build(groups: Iterable[pa.Table | pa.RecordBatch]) -> bytes:
    """Give the file's content for the groups of a segment."""
    grams = Grams()
    for group in groups:
        grams.add(group)
    return grams.content()
