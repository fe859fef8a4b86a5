"""The members of a tar archive, old, POSIX (pax) or GNU, read from its beginning to its end.

The standard library reads a header; the rest is ours, since its own reader holds whatever size a header of names
states in memory, and ends where an archive is damaged: this one looks for the next header instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.inputs.member import Body, Member, written_at
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from tarfile import TarInfo

    from sentinel.inputs.streams import ByteStream

_BLOCK: Final = 512
_LONGEST_NAME: Final = 1 << 16
_GNU_NAME, _PAX, _PAX_OF_ALL, _SPARSE = b"L", b"x", b"g", b"S"
_FILES: Final = frozenset({b"0", b"\0", b"7", _SPARSE})
_SIZED: Final = _FILES | {_GNU_NAME, _PAX, _PAX_OF_ALL, b"K", b"X"}
"""Behind the header of any other type nothing stands, whatever size it states."""


def members(stream: ByteStream) -> Iterator[Member]:
    """Give the members of an archive; raises what reading the stream may raise."""
    import tarfile

    told: dict[str, str] = {}
    lost = False
    while block := stream.read(_BLOCK):
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]  # not in the library's stubs
            continue
        except (tarfile.HeaderError, ValueError):
            if not lost:
                yield Member("", fault=_("damaged: what stands before the next header that can be read is left out"))
            lost = True
            continue
        lost = False
        size = _size(header, told) if header.type in _SIZED else 0
        body = Body(stream, size, -size % _BLOCK)
        if header.type in {_GNU_NAME, _PAX}:
            told |= _names(header, body)
        elif header.type in _FILES and not header.isdir():
            yield _file(header, body, told)
            told = {}
        elif header.type != b"K":
            told = {}
        body.pass_over()


def _size(header: TarInfo, told: dict[str, str]) -> int:
    stated = told.get("size", "") if header.type in _FILES else ""
    return int(stated) if stated.isdecimal() and len(stated) < len(str(1 << 63)) else max(0, header.size)


def _file(header: TarInfo, body: Body, told: dict[str, str]) -> Member:
    name = told.get("GNU.sparse.name") or told.get("path") or header.name
    if header.type == _SPARSE or any(key.startswith("GNU.sparse") for key in told):
        return Member(name, fault=_("a file with holes; unpack it first"))
    return Member(name, body, size=_size(header, told), modified=_modified(header, told))


def _modified(header: TarInfo, told: dict[str, str]) -> int:
    stated = told.get("mtime", "").partition(".")[0]
    return written_at(int(stated) if stated.isdecimal() and len(stated) < len(str(1 << 63)) else header.mtime)


def _names(header: TarInfo, body: Body) -> dict[str, str]:
    """Read what a header says of the next one: a long name, or the records of pax."""
    if header.size > _LONGEST_NAME:
        return {}
    data = b""
    while part := body.read(_LONGEST_NAME):
        data += part
    if header.type == _GNU_NAME:
        return {"path": data.partition(b"\0")[0].decode("utf-8", "replace")}
    return dict(_records(data))


def _records(data: bytes) -> Iterator[tuple[str, str]]:
    """Give the keys and values of pax records: `27 path=…` and a line feed (POSIX, pax Interchange Format)."""
    while data:
        size, _blank, _rest = data.partition(b" ")
        length = int(size) if size.isdigit() and len(size) < len(str(_LONGEST_NAME)) + 1 else 0
        if not len(size) < length <= len(data):
            return
        key, _sign, value = data[len(size) + 1 : length - 1].partition(b"=")
        yield key.decode("utf-8", "replace"), value.decode("utf-8", "replace")
        data = data[length:]
