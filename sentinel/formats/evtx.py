"""EVTX: the binary event log of Windows, through the `evtx` package.

A file is a header of 4,096 bytes and chunks of 65,536 bytes, each of which can be read without the others (MS-EVEN6;
layout: libevtx, "Windows XML Event Log (EVTX) format"). So any run of chunks behind the header is a block. A chunk
with a wrong signature is skipped; one whose checksum is wrong is read as far as it can be; both are told.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

from evtx import PyEvtxParser

from sentinel.formats.base import Block, Format, Splits
from sentinel.language import _
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
    if len(block.data) < HEADER_SIZE:
        gatherer.fault(place(block.source, 0), _("truncated: the file header is not whole"))
        return
    for offset, message in _chunk_faults(block.data):
        gatherer.fault(place(block.source, block.offset + offset), message)
    texts: list[bytes] = []
    numbers: list[int] = []
    try:
        # A second thread of the parser costs more than it saves on runs of a few chunks; processes share the work.
        records = PyEvtxParser(io.BytesIO(block.data), number_of_threads=1).records_json()
    except (RuntimeError, OSError) as error:
        gatherer.fault(place(block.source, block.offset), _reason(error))
        return
    while True:
        try:
            record = next(records)
        except StopIteration:
            break
        except (RuntimeError, OSError) as error:
            if "chunk header magic" not in str(error):
                gatherer.fault(place(block.source, block.offset), _reason(error))
            continue
        texts.append(record["data"].encode())
        numbers.append(place(block.source, record["event_record_id"]))
    gatherer.add(texts, numbers)


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0][:300]


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
    "evtx", "EVTX (Windows event log)", recognise, cut, read, Splits.AT_UNITS, preamble=HEADER_SIZE, unit=CHUNK_SIZE
)
