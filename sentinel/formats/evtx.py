"""EVTX: the binary event log of Windows, through the `evtx` package.

A file is a header of 4,096 bytes and chunks of 65,536 bytes, each of which can be read without the others (MS-EVEN6;
layout: libevtx, "Windows XML Event Log (EVTX) format"). So any run of chunks behind the header is a block. A chunk
with a wrong signature is skipped; one whose checksum is wrong is read as far as it can be; both are told.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

from sentinel.formats.base import Block, Format, Splits
from sentinel.language import _, later
from sentinel.model.batch import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.formats.gather import Gatherer

HEADER_SIZE = 4096
CHUNK_SIZE = 65536
FILE_SIGNATURE = b"ElfFile\x00"
CHUNK_SIGNATURE = b"ElfChnk\x00"
_UNUSED = bytes(CHUNK_SIZE)
_FREE_SPACE_OFFSET = 48
_RECORDS_CHECKSUM = 52
_HEADER_CHECKSUM = 124
_RECORDS_BEGIN = 512
_FILE_DIRTY = 120
_CHUNK_COUNT = 42
_HEADER_END = 128
_NAME_LISTS = 64
_LIST_HEADS = struct.Struct("<96I")
_ENTRY = struct.Struct("<I2xH")
_MOST_ERRORS = 10_000
"""Faults of a block's records: more than its chunks can hold would mean that the parser makes no way."""
_LAST_NUMBER = (1 << 44) - 1
"""The largest record number that has a place; damage makes larger ones."""


def recognise(head: bytes) -> bool:
    """Tell an EVTX file by its signature."""
    return head.startswith(FILE_SIGNATURE)


def cut(data: bytes, last: bool) -> int:  # noqa: FBT001 - the signature of every format's cut
    """Give where the last whole chunk behind the header ends."""
    if last:
        return len(data)
    return HEADER_SIZE + (len(data) - HEADER_SIZE) // CHUNK_SIZE * CHUNK_SIZE if len(data) >= HEADER_SIZE else 0


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather the records of the chunks of a block; its data begins with the file's header."""
    data = block.data
    if len(data) < HEADER_SIZE:
        gatherer.fault(place(block.source, 0), _("truncated: the file header is not whole"))
        return
    faults = [*_chunk_faults(data), *_missing_chunks(block)]
    # A chunk that was cut short still has the records before the cut.
    data = _without_circles(data + bytes(-(len(data) - HEADER_SIZE) % CHUNK_SIZE))
    found = _Found()
    try:
        found.read(data)
    except _PanicError:
        # What the parser cannot bear costs the chunk it is in, not the others.
        found = _Found()
        for offset in range(HEADER_SIZE, len(data), CHUNK_SIZE):
            try:
                found.read(data[:HEADER_SIZE] + data[offset : offset + CHUNK_SIZE])
            except _PanicError as error:
                faults.append((offset, str(error)))
    for offset, message in [*faults, *((HEADER_SIZE, error) for error in found.errors)]:
        gatherer.fault(place(block.source, block.offset + offset), message)
    gatherer.add(found.texts, [place(block.source, number) for number in found.numbers])


def _without_circles(data: bytes) -> bytes:
    """Give chunks in which no list of names or templates leads back to itself: the parser would follow it for ever.

    A chunk's header has the heads of 64 lists of names and 32 of templates; each entry begins with the offset of the
    next, and a name's length stands behind that and its hash. Names that take more room than a chunk has overlap, which
    would cost time without end too. A list is let go by its head: names and templates are found where they are used.
    """
    mended = None
    for begin in range(HEADER_SIZE, len(data), CHUNK_SIZE):
        seen: set[int] = set()
        room = CHUNK_SIZE
        for number, head in enumerate(_LIST_HEADS.unpack_from(data, begin + _HEADER_END)):
            entry = head
            while 0 < entry <= CHUNK_SIZE - _ENTRY.size:
                following, length = _ENTRY.unpack_from(data, begin + entry)
                room -= 2 * length if number < _NAME_LISTS else 0
                if entry in seen or room < 0:
                    mended = mended or bytearray(data)
                    place_of_head = begin + _HEADER_END + 4 * number
                    mended[place_of_head : place_of_head + 4] = bytes(4)
                    break
                seen.add(entry)
                entry = following
    return bytes(mended) if mended else data


class _PanicError(Exception):
    """The parser gave up in a way that it does not document."""


class _Found:
    """Records of some chunks as JSON, their numbers, and what is wrong with others."""

    def __init__(self) -> None:
        self.texts: list[bytes] = []
        self.numbers: list[int] = []
        self.errors: list[str] = []

    def read(self, data: bytes) -> None:
        """Take the records of some chunks behind a header; what came before a panic is kept."""
        from evtx import PyEvtxParser  # a door: other formats do without it

        try:
            # A second thread of the parser costs more than it saves on a few chunks; processes share the work.
            self._take(iter(PyEvtxParser(io.BytesIO(data), number_of_threads=1).records_json()))
        except (RuntimeError, OSError, ValueError) as error:
            self.errors.append(_reason(error))
        except BaseException as error:
            # A panic in the extension is no Exception, and its class cannot be imported.
            if type(error).__name__ != "PanicException":
                raise
            raise _PanicError(_reason(error)) from None

    def _take(self, records: Iterator[Any]) -> None:
        errors = self.errors
        while len(errors) < _MOST_ERRORS:
            try:
                record = next(records)
            except StopIteration:
                return
            except (RuntimeError, OSError) as error:
                if "chunk header magic" not in str(error):
                    errors.append(_reason(error))
                continue
            self.texts.append(record["data"].encode())
            self.numbers.append(min(record["event_record_id"], _LAST_NUMBER))


def _reason(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:300]


def _missing_chunks(block: Block) -> Iterator[tuple[int, str]]:
    """Tell at a source's end how many of the chunks that its header counts are missing, unless it is still written."""
    (chunks,) = struct.unpack_from("<H", block.data, _CHUNK_COUNT)
    there = (block.offset + len(block.data) - HEADER_SIZE + CHUNK_SIZE - 1) // CHUNK_SIZE
    if block.last and not block.data[_FILE_DIRTY] & 1 and there < chunks:
        yield len(block.data), _("truncated: {there} of {chunks} chunks").format(there=there, chunks=chunks)


def _chunk_faults(data: bytes) -> Iterator[tuple[int, str]]:
    """Give what is wrong with the chunks of a block: offset from the block's begin, and words."""
    in_use = bool(data[_FILE_DIRTY] & 1)
    for offset in range(HEADER_SIZE, len(data), CHUNK_SIZE):
        chunk = memoryview(data)[offset : offset + CHUNK_SIZE]
        if len(chunk) < CHUNK_SIZE:
            yield offset, _("truncated: {size} bytes of a chunk").format(size=len(chunk))
        elif chunk[: len(CHUNK_SIGNATURE)] != CHUNK_SIGNATURE:
            if chunk.tobytes() != _UNUSED:
                yield offset, _("damaged: a chunk without its signature was skipped")
        elif not in_use and not _checksums_hold(chunk):
            yield offset, _("damaged: a chunk's checksum is wrong; what could be read of it was read")


def _checksums_hold(chunk: memoryview) -> bool:
    (free_space,) = struct.unpack_from("<I", chunk, _FREE_SPACE_OFFSET)
    (of_records,) = struct.unpack_from("<I", chunk, _RECORDS_CHECKSUM)
    (of_header,) = struct.unpack_from("<I", chunk, _HEADER_CHECKSUM)
    header = zlib.crc32(chunk[128:_RECORDS_BEGIN], zlib.crc32(chunk[:120]))
    return bool(header == of_header) and zlib.crc32(chunk[_RECORDS_BEGIN:free_space]) == of_records


FORMAT = Format(
    "evtx",
    later("EVTX (Windows event log)"),
    recognise,
    cut,
    read,
    Splits.AT_UNITS,
    preamble=HEADER_SIZE,
    unit=CHUNK_SIZE,
)
