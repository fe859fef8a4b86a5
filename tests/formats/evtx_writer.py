"""Writes small EVTX files, so that tests of reading them need no file of others.

Elements are written out, with no templates and hence no dependency identifiers: `[MS-EVEN6]` section 2.2.12 and
libevtx, "Windows XML Event Log (EVTX) format". A name stands where it is first used and is referred to by its offset in
the chunk afterwards.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEADER_SIZE, CHUNK_SIZE, RECORDS_BEGIN = 4096, 65536, 512
_FILETIME = 133_500_000_000_000_000


@dataclass(frozen=True)
class Element:
    """An XML element: its name, attributes, and either text or elements within it."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    content: str | Sequence[Element] = ""


def an_event(number: int, data: Mapping[str, str], *, channel: str = "Application", code: str = "7") -> Element:
    """Build the XML of an event with named data."""
    system = Element(
        "System",
        content=[
            Element("Provider", {"Name": "Sentinel-Test"}),
            Element("EventID", content=code),
            Element("Level", content="4"),
            Element("TimeCreated", {"SystemTime": "2026-03-01T08:00:00.000000Z"}),
            Element("EventRecordID", content=str(number)),
            Element("Channel", content=channel),
            Element("Computer", content="ws-01.gov.example"),
        ],
    )
    event_data = Element("EventData", content=[Element("Data", {"Name": name}, text) for name, text in data.items()])
    return Element("Event", {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"}, [system, event_data])


def an_evtx(chunks: Sequence[Sequence[Element]]) -> bytes:
    """Write a file of chunks of events; records are numbered from 1."""
    written, number = [], 1
    for events in chunks:
        written.append(_chunk(events, number))
        number += len(events)
    head = struct.pack("<8sQQQIHHHH", b"ElfFile\0", 0, max(0, len(chunks) - 1), number, 128, 1, 3, 4096, len(chunks))
    head = head.ljust(120, b"\0")
    return (head + struct.pack("<II", 0, zlib.crc32(head))).ljust(HEADER_SIZE, b"\0") + b"".join(written)


def _chunk(events: Sequence[Element], first: int) -> bytes:
    records, begin, names = b"", RECORDS_BEGIN, dict[str, int]()
    for number, event in enumerate(events, first):
        begin = RECORDS_BEGIN + len(records)
        xml = _Xml(begin + 24, names)
        xml.fragment(event)
        body = bytes(xml.written) + bytes(-len(xml.written) % 8)
        size = len(body) + 28
        records += struct.pack("<IIQQ", 0x2A2A, size, number, _FILETIME + number) + body + struct.pack("<I", size)
    last = first + len(events) - 1
    free = RECORDS_BEGIN + len(records)
    head = struct.pack("<8sQQQQIIII", b"ElfChnk\0", first, last, first, last, 128, begin, free, zlib.crc32(records))
    head = head.ljust(120, b"\0")
    tables = bytes(RECORDS_BEGIN - 128)
    checksum = struct.pack("<II", 1, zlib.crc32(tables, zlib.crc32(head)))
    assert free <= CHUNK_SIZE
    return (head + checksum + tables + records).ljust(CHUNK_SIZE, b"\0")


class _Xml:
    """Binary XML, written to a place in a chunk."""

    def __init__(self, begin: int, names: dict[str, int]) -> None:
        self.begin = begin
        self.names = names
        self.written = bytearray()

    def fragment(self, element: Element) -> None:
        self.written += b"\x0f\x01\x01\x00"
        self.element(element)
        self.written += b"\x00"

    def element(self, element: Element) -> None:
        self.written += b"\x41" if element.attributes else b"\x01"
        sized = self.gap()
        self.name(element.name)
        if element.attributes:
            attributes = self.gap()
            for number, (name, text) in enumerate(element.attributes.items(), 1):
                self.written += b"\x06" if number == len(element.attributes) else b"\x46"
                self.name(name)
                self.text(text)
            self.fill(attributes)
        if element.content:
            self.written += b"\x02"
            if isinstance(element.content, str):
                self.text(element.content)
            else:
                for each in element.content:
                    self.element(each)
            self.written += b"\x04"
        else:
            self.written += b"\x03"
        self.fill(sized)

    def gap(self) -> int:
        self.written += bytes(4)
        return len(self.written)

    def fill(self, gap: int) -> None:
        self.written[gap - 4 : gap] = struct.pack("<I", len(self.written) - gap)

    def name(self, name: str) -> None:
        known = self.names.get(name)
        here = self.begin + len(self.written) + 4
        self.written += struct.pack("<I", known or here)
        if not known:
            self.names[name] = here
            hashed = 0
            for character in name:
                hashed = hashed * 65599 + ord(character)
            self.written += struct.pack("<IHH", 0, hashed & 0xFFFF, len(name)) + name.encode("utf-16-le") + b"\0\0"

    def text(self, text: str) -> None:
        encoded = text.encode("utf-16-le")
        self.written += b"\x05\x01" + struct.pack("<H", len(encoded) // 2) + encoded
