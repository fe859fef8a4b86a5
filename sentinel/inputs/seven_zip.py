"""The members of a 7z archive (7-Zip's 7zFormat.txt), through the `py7zr` package.

The package reads the table of contents; folders, as 7z calls what is packed in one go, are unpacked by our own streams,
each once and from its beginning to its end. What logs are not packed with in practice (PPMd, Brotli) is a fault.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from functools import partial
from itertools import accumulate
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from sentinel.inputs import streams
from sentinel.inputs.member import (
    MOST_MEMBERS,
    MOST_NAMES,
    Body,
    Bounded,
    Member,
    as_stated,
    bomb,
    encrypted,
    of_unknown_method,
    slice_of,
    written_at,
)
from sentinel.inputs.streams import LONGEST_WINDOW, STREAM_ERRORS, PackingError, Parts, as_it_comes
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from sentinel.inputs.member import Allowance
    from sentinel.inputs.streams import ByteStream

_HEADER: Final = 32
_AES: Final = b"\x06\xf1\x07\x01"
_LZMA: Final = b"\x03\x01\x01"
_LZMA2: Final = b"\x21"


def members(file: IO[bytes], allowance: Allowance) -> Iterator[Member]:
    """Give the members of an archive; a fault of the archive where its table of contents cannot be read."""
    try:
        header, names = _contents(file)
    except Exception as error:  # noqa: BLE001 - damage makes py7zr raise whatever Python has
        fault = _("damaged table of contents: {reason}").format(reason=str(error) or type(error).__name__)
        needs_password = type(error).__name__ == "PasswordRequired"
        yield encrypted("") if needs_password else Member("", fault=fault)
        return
    yield from _members(file, header, names, allowance)


class _Entry(NamedTuple):
    """An entry of the table of contents."""

    name: str = ""
    has_bytes: bool = False
    is_file: bool = False
    modified: int = 0


def _contents(file: IO[bytes]) -> tuple[Any, list[_Entry]]:
    """Give the table of contents, as it is and as entries."""
    from py7zr import SevenZipFile, archiveinfo

    # The package's own limits let a small header take some GiB.
    archiveinfo.MAX_HEADER_SIZE = MOST_NAMES
    archiveinfo.MAX_NUMFILES = archiveinfo.MAX_NUMFOLDERS = archiveinfo.MAX_SUBSTREAMS = MOST_MEMBERS
    with SevenZipFile(Bounded(file)) as archive:  # type: ignore[arg-type]  # it asks for reading and seeking only
        names = [
            _Entry(
                entry.filename,
                not entry.emptystream,
                entry.is_file and not entry.is_junction,
                written_at(entry.lastwritetime.totimestamp()) if entry.lastwritetime else 0,
            )
            for entry in archive.files
        ]
        return archive.header, names


def _members(
    file: IO[bytes],
    header: Any,  # noqa: ANN401 - py7zr's own
    names: Sequence[_Entry],
    allowance: Allowance,
) -> Iterator[Member]:
    entries = iter(names)
    for folder, begin, packed, sizes, checksums in _folders(header):
        refused, stream = _unpacked(file, folder, slice(begin, begin + packed), allowance)
        for size, checksum in zip(sizes, checksums, strict=True):
            name, _has_bytes, is_file, modified = yield from _next_with_bytes(entries)
            if not name:
                return
            if refused or stream is None:
                yield refused(name) if refused else of_unknown_method(name)
                continue
            body = Body(stream, max(0, size))
            if is_file:
                parts = as_stated(as_it_comes(body), max(0, size), checksum)
                yield Member(name, Parts(parts), size=size, modified=modified)
            # Where this fails, it fails for the members behind it too: each of them tells.
            with suppress(*STREAM_ERRORS):
                body.pass_over()
    yield from _next_with_bytes(entries)


def _next_with_bytes(entries: Iterator[_Entry]) -> Generator[Member, None, _Entry]:
    """Give the empty files up to the next entry that has bytes; return that one."""
    for entry in entries:
        if entry.has_bytes:
            return entry
        if entry.is_file:
            yield Member(entry.name, Parts(iter(())))
    return _Entry()


def _folders(header: Any) -> Iterator[tuple[Any, int, int, list[int], list[int | None]]]:  # noqa: ANN401
    """Give each folder, where it is packed, in how many bytes, and the sizes and checksums of what it holds."""
    if header.main_streams is None:
        return
    packs, contents = header.main_streams.packinfo, header.main_streams.substreamsinfo
    folders = header.main_streams.unpackinfo.folders
    begins = list(accumulate(packs.packsizes, initial=_HEADER + packs.packpos))
    counts = contents.num_unpackstreams_folders if contents else [1] * len(folders)
    sizes = iter((contents and contents.unpacksizes) or [folder.get_unpack_size() for folder in folders])
    digests = iter(zip(contents.digestsdefined, contents.digests, strict=False) if contents else ())
    pack = 0
    for folder, count in zip(folders, counts, strict=False):
        if pack >= len(packs.packsizes):
            return
        stated = [next(digests, (False, 0)) for _member in range(count)]
        checksums = [digest if defined else None for defined, digest in stated]
        yield folder, begins[pack], packs.packsizes[pack], [next(sizes, 0) for _member in range(count)], checksums
        pack += len(folder.packed_indices)


def _unpacked(
    file: IO[bytes],
    folder: Any,  # noqa: ANN401 - py7zr's own
    place: slice,
    allowance: Allowance,
) -> tuple[Callable[[str], Member] | None, ByteStream | None]:
    """Give what unpacks a folder, or what its members are told as."""
    coders = [(coder["method"], coder["properties"] or b"") for coder in folder.coders]
    if any(method == _AES for method, _properties in coders):
        return encrypted, None
    if len(folder.packed_indices) != 1:
        return of_unknown_method, None
    size = folder.get_unpack_size()
    if not allowance.allows(size, place.stop - place.start):
        return bomb, None
    try:
        parts = _unpack(Parts(slice_of(file, place.start, place.stop)), coders, size)
    except (PackingError, struct.error, IndexError) as error:
        return partial(_refused, reason=str(error)), None
    return None, Parts(allowance.metered_within(place.stop - place.start, parts)) if parts else None


def _refused(name: str, reason: str) -> Member:
    return Member(name, fault=_("cannot be read: {reason}").format(reason=reason))


def _unpack(stream: ByteStream, coders: Sequence[tuple[bytes, bytes]], size: int) -> Iterator[bytes] | None:
    """Give what unpacks a stream; None where that is not known here."""
    ((method, properties), *others) = coders
    if not others and method == _LZMA:
        _checked_window(struct.unpack_from("<I", properties, 1)[0])
        return streams.unxz(_behind(properties[:5] + struct.pack("<Q", size), stream), alone=True)
    if not others and method in _METHODS:
        return _METHODS[method](stream)
    known = method == _LZMA2 and all(name in _filters() for name, _properties in others)
    return _filtered(stream, coders) if known else None


def _behind(header: bytes, stream: ByteStream) -> ByteStream:
    def parts() -> Iterator[bytes]:
        yield header
        yield from as_it_comes(stream)

    return Parts(parts())


def _filtered(stream: ByteStream, coders: Sequence[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """Unpack LZMA2, and undo the filters that it was packed behind."""
    import lzma

    window = coders[0][1][0]
    _checked_window((2 | window & 1) << (window // 2 + 11))
    filters: list[dict[str, Any]] = [{"id": lzma.FILTER_LZMA2, "dict_size": LONGEST_WINDOW}]
    for method, properties in coders[1:]:
        distance = {"dist": properties[0] + 1} if properties and method == _DELTA else {}
        filters.insert(0, {"id": _filters()[method], **distance})

    def parts() -> Iterator[bytes]:
        try:
            yield from streams.unpacked(stream, lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters))
        except (lzma.LZMAError, ValueError) as error:
            raise PackingError(str(error)) from None

    return parts()


def _checked_window(size: int) -> None:
    if size > LONGEST_WINDOW:
        raise PackingError(_("it asks for too much memory"))


_DELTA: Final = b"\x03"


def _filters() -> Mapping[bytes, int]:
    import lzma

    return {
        _DELTA: lzma.FILTER_DELTA,
        b"\x03\x03\x01\x03": lzma.FILTER_X86,
        b"\x03\x03\x02\x05": lzma.FILTER_POWERPC,
        b"\x03\x03\x05\x01": lzma.FILTER_ARM,
        b"\x03\x03\x07\x01": lzma.FILTER_ARMTHUMB,
    }


_METHODS: Final[Mapping[bytes, Callable[[ByteStream], Iterator[bytes]]]] = {
    b"\0": as_it_comes,
    b"\x04\x01\x08": streams.inflate,
    b"\x04\x02\x02": streams.bunzip2,
    b"\x04\xf7\x11\x01": streams.unzstd,
}
