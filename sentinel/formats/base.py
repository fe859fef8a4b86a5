"""What a format is: how it is told, cut and read.

A source (a file, a stream) is handed over in *blocks*: runs of whole records, small enough to hold. The reader of
inputs asks the format where a block may end (`cut`), and the format puts each record into a `Gatherer`. A format does
no I/O and keeps no state between blocks, so blocks of one source may be read by several processes in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.formats.gather import Gatherer

LONGEST_RECORD = 32 << 20
"""Bytes. A longer record is left out and told as a fault, so that no input decides how much memory is used."""


class Splits(Enum):
    """Where a source of a format may be divided between processes."""

    AT_LINES = "after any line feed"
    AT_UNITS = "at multiples of the unit, after the preamble"
    NEVER = "only read from its beginning"


@dataclass(frozen=True, slots=True)
class Block:
    """A run of whole records of one source.

    `offset` is where `data` begins in the source, in bytes (decompressed); `line` is the number of its first line,
    from 1, or 0 where it is not known; `last` says that the source ends with it, and `again` that each of its lines
    can be read again at its place. `head` is what the format's `head` gives of the source in front of `data`.
    """

    source: int
    offset: int
    data: bytes
    line: int = 0
    last: bool = False
    again: bool = False
    head: bytes = b""


@dataclass(frozen=True, slots=True)
class Fault:
    """A record, or a part of a source, that could not be read; the rest of the source still is.

    `offset` is its place in the source (a byte), -1 where it is all of it; `line` as in `Block`. Where `count` is more
    than 1, so many records of the same block are told at once, the first of them by its place.
    """

    source: int
    offset: int
    line: int
    message: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Format:
    """A log format: one row of `sentinel.formats.registry`.

    `recognise` looks at the first bytes of a source and never at its name. `cut(data, last)` gives how many leading
    bytes of `data` are whole records. `read` puts a block's records into the gatherer. A `preamble` of that many
    bytes is repeated at the head of every block, and `unit` is the size of what follows it, where `splits` says so.

    Where what stands at the beginning says how the rest is to be read (`#Fields:`, the first line of a CSV file),
    `head(before, data)` gives that part of the source's first bytes; for a format that is never divided, of each block
    in turn, with what it gave for the block before, so that a new head in the middle holds from there on.
    """

    name: str
    title: str
    recognise: Callable[[bytes], bool]
    cut: Callable[[bytes, bool], int]
    read: Callable[[Block, Gatherer], None]
    splits: Splits
    preamble: int = 0
    unit: int = 0
    head: Callable[[bytes, bytes], bytes] | None = None
