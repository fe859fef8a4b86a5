"""The members of a zip archive (PKWARE APPNOTE 6.3.10).

The standard library reads the table of contents; members are unpacked by our own streams, since its own take as much
memory as a member asks for. Where the table is damaged or cut off, members are found by the headers before them.
"""

from __future__ import annotations

import calendar
import io
import stat
import struct
from dataclasses import dataclass, replace
from datetime import datetime
from typing import IO, TYPE_CHECKING, Final

from sentinel.inputs import streams
from sentinel.inputs.member import (
    Bounded,
    Member,
    as_stated,
    bomb,
    encrypted,
    of_unknown_method,
    slice_of,
    written_at,
)
from sentinel.inputs.streams import Parts, as_it_comes
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from zipfile import ZipInfo

    from sentinel.inputs.member import Allowance
    from sentinel.inputs.streams import ByteStream

_LOCAL: Final = struct.Struct("<4s2xHHHHIIIHH")
_SIGNATURE: Final = b"PK\3\4"
_AFTER_MEMBER: Final = (_SIGNATURE, b"PK\7\x08", b"PK\1\2", b"PK\6\6", b"PK\5\6")
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 1, 1 << 3, 1 << 11
_UNIX: Final = 3
_IN_ZIP64: Final = 0xFFFFFFFF
_ZIP64: Final = 1
_STEP: Final = 1 << 20


def members(file: IO[bytes], allowance: Allowance) -> Iterator[Member]:
    """Give the members of an archive; a fault of the archive, and then what can still be found, where it is damaged."""
    import zipfile

    try:
        with zipfile.ZipFile(Bounded(file)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError, OverflowError, OSError) as error:
        yield Member("", fault=_("damaged table of contents: {reason}").format(reason=error))
        yield from _found(file, allowance)
        return
    for entry in entries:
        is_link = entry.create_system == _UNIX and stat.S_ISLNK(entry.external_attr >> 16)
        if not entry.is_dir() and not is_link:
            yield _listed(file, entry, allowance)


def _listed(file: IO[bytes], entry: ZipInfo, allowance: Allowance) -> Member:
    """Give a member that stands in the table of contents."""
    try:
        file.seek(entry.header_offset)
        header = file.read(_LOCAL.size)
        signature, *_rest, name_size, extra_size = _LOCAL.unpack(header)
    except (struct.error, ValueError, OSError):
        signature, name_size, extra_size = b"", 0, 0
    if signature != _SIGNATURE:
        return Member(entry.filename, fault=_("damaged: it is not where the archive says"))
    begin = entry.header_offset + _LOCAL.size + name_size + extra_size
    found = _Packed(entry.filename, entry.flag_bits, entry.compress_type, begin, begin + entry.compress_size)
    stated = replace(found, size=entry.file_size, checksum=entry.CRC, modified=_moment(*entry.date_time))
    return _member(file, stated, allowance)


def _moment(*moment: int) -> int:
    """Give a time of a zip in nanoseconds since 1970; it is of an unknown zone, and taken for UTC."""
    try:
        return written_at(calendar.timegm(datetime(*moment).timetuple()))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return 0


def _moment_of_dos(date: int, time: int) -> int:
    """Give a time as MS-DOS packs it (APPNOTE 4.4.6)."""
    return _moment((date >> 9) + 1980, date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2)


@dataclass(frozen=True, slots=True)
class _Packed:
    """Where a member's packed bytes are, and what is stated of them; `size` is -1 where that is not known."""

    name: str
    flags: int
    method: int
    begin: int
    end: int
    size: int = -1
    checksum: int = 0
    modified: int = 0


def _member(file: IO[bytes], of: _Packed, allowance: Allowance) -> Member:
    if of.flags & _ENCRYPTED:
        return encrypted(of.name)
    if of.method not in _METHODS:
        return of_unknown_method(of.name)
    packed = max(0, of.end - of.begin)
    if not allowance.allows(of.size, packed):
        return bomb(of.name)
    parts = _METHODS[of.method](Parts(slice_of(file, of.begin, of.end)))
    if of.size >= 0:
        parts = as_stated(parts, of.size, of.checksum)
    return Member(
        of.name, Parts(allowance.metered_within(packed, parts)), size=max(of.size, packed), modified=of.modified
    )


def _unlzma(stream: ByteStream) -> Iterator[bytes]:
    """Unpack LZMA (APPNOTE 5.8): behind the version and size of its properties it is .lzma without the length."""
    _version, size = struct.unpack("<HH", stream.read(4).ljust(4, b"\0"))
    properties = stream.read(size)
    unknown_length = b"\xff" * 8

    def parts() -> Iterator[bytes]:
        yield properties + unknown_length
        yield from as_it_comes(stream)

    return streams.unxz(Parts(parts()), alone=True)


# APPNOTE 4.4.5.
_METHODS: Final[Mapping[int, Callable[[ByteStream], Iterator[bytes]]]] = {
    0: as_it_comes,
    8: streams.inflate,
    12: streams.bunzip2,
    14: _unlzma,
    93: streams.unzstd,
    95: streams.unxz,
}


# ── without a table of contents ──────────────────────────────────────────────────────────────────────────────────────
def _found(file: IO[bytes], allowance: Allowance) -> Iterator[Member]:
    """Give the members whose headers are found, one behind another."""
    at = _next(file, 0, (_SIGNATURE,))
    while at is not None:
        file.seek(at)
        header = file.read(_LOCAL.size)
        if len(header) < _LOCAL.size:
            return
        _mark, flags, method, time, date, checksum, packed, size, name_size, extra_size = _LOCAL.unpack(header)
        name = file.read(name_size).decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        if _IN_ZIP64 in (packed, size):
            size, packed = _long_sizes(file.read(extra_size), size, packed)
        begin = at + _LOCAL.size + name_size + extra_size
        if flags & _SIZES_FOLLOW:
            end = _next(file, begin, _AFTER_MEMBER) or file.seek(0, io.SEEK_END)
            found = _Packed(name, flags, method, begin, end, modified=_moment_of_dos(date, time))
        else:
            end = begin + packed
            found = _Packed(name, flags, method, begin, end, size, checksum, _moment_of_dos(date, time))
        if not name.endswith("/"):
            yield _member(file, found, allowance)
        at = _next(file, end, (_SIGNATURE,))


def _long_sizes(extra: bytes, size: int, packed: int) -> tuple[int, int]:
    """Give the sizes, unpacked and packed, that a zip64 field states (APPNOTE 4.5.3)."""
    while len(extra) >= struct.calcsize("<HH"):
        kind, length = struct.unpack_from("<HH", extra)
        if kind == _ZIP64 and length >= struct.calcsize("<QQ") and len(extra) >= struct.calcsize("<HHQQ"):
            size, packed = struct.unpack_from("<QQ", extra, 4)
            break
        extra = extra[4 + length :]
    return size, packed


def _next(file: IO[bytes], begin: int, marks: tuple[bytes, ...]) -> int | None:
    """Find the first of the marks from an offset on."""
    overlap = len(_SIGNATURE) - 1
    while True:
        file.seek(begin)
        data = file.read(_STEP)
        places = [place for mark in marks if (place := data.find(mark)) >= 0]
        if places:
            return begin + min(places)
        if len(data) <= overlap:
            return None
        begin += len(data) - overlap
