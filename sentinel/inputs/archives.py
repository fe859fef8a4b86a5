"""Archives: zip, tar and 7z, packed in any stream, one within another up to three deep.

An archive is walked twice, each time from its beginning to its end: once to learn what it holds (`listed`), so that
every log in it has a number, a format and a row in the account, and once to read it (`parts`). Names in an archive are
shown and nothing else: no file is made but a nameless copy of an archive that must be sought in and stands packed.

Bombs: all that comes out of any unpacker is counted (`sentinel.inputs.member` has the limits).
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import IO, TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.formats.base import Fault
from sentinel.formats.registry import HEAD_BYTES
from sentinel.inputs import reader, seven_zip, tar_file, zip_file
from sentinel.inputs.member import MOST_MEMBERS, Allowance, Member
from sentinel.inputs.plain import open_file
from sentinel.inputs.recognition import identity_of, recognised
from sentinel.inputs.streams import (
    SIGNATURE_BYTES,
    STREAM_ERRORS,
    Parts,
    TrailingError,
    archive_kind,
    as_it_comes,
    decoded,
)
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.formats.base import Block
    from sentinel.inputs.reader import Limits, Piece, Source
    from sentinel.inputs.streams import ByteStream

DEEPEST: Final = 3
_LIMITS: Final = reader.Limits()
_STEP: Final = 1 << 20
_LONGEST_NAME: Final = 4096
_SOUGHT_IN: Final = {"zip": zip_file.members, "7z": seven_zip.members}


@dataclass(frozen=True, slots=True)
class Listing:
    """What an archive holds: a piece to be read (none where nothing can), and what there is to tell of its sources."""

    pieces: tuple[Piece, ...]
    sources: tuple[Source, ...]
    formats: dict[int, str]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class _Met:
    """What a walk comes by: a log's bytes, an archive (`kind`) or a fault; -1 is the number of the outermost one."""

    number: int
    path: str
    kind: str = ""
    stream: ByteStream | None = None
    fault: str = ""
    modified: int = 0


def listed(piece: Piece, first: int) -> Listing:
    """Walk an archive and number what it holds, from `first` on; raises InputError where it cannot be opened."""
    listing = Listing((), (), {piece.source.number: piece.format.name}, ())
    sources: list[Source] = []
    members: list[tuple[int, Piece]] = []
    faults: list[Fault] = []
    for met in _walk(piece.source):
        if met.number < 0:
            faults.append(Fault(piece.source.number, 0, 0, met.fault))
            continue
        if met.number == len(sources):
            sources.append(_source(piece.source, first + met.number, met))
        source = sources[met.number]
        if met.fault:
            faults.append(Fault(source.number, 0 if source.number in listing.formats else -1, 0, met.fault))
        elif met.kind:
            listing.formats[source.number] = met.kind
        else:
            _recognise(met, source, listing.formats, members, faults)
    if not sources:
        listing.formats[piece.source.number] = ""
        faults = [replace(fault, offset=-1) for fault in faults]
    whole = replace(piece, members=tuple(members))
    return replace(listing, pieces=(whole,) if members else (), sources=tuple(sources), faults=tuple(faults))


def _source(outer: Source, number: int, met: _Met) -> Source:
    """Give a member as a source; it was last written when it says so, but not after the archive."""
    times = [time for time in (met.modified, outer.modified) if time]
    modified = min(times, default=0)
    return replace(outer, number=number, path=met.path, size=0, within=outer.number, modified=modified)


def _recognise(
    met: _Met, source: Source, formats: dict[int, str], members: list[tuple[int, Piece]], faults: list[Fault]
) -> None:
    """Tell a member's format by its first bytes."""
    try:
        head = met.stream.peek(HEAD_BYTES) if met.stream else b""
        found = recognised(met.stream, source) if met.stream and head.strip() else None
    except STREAM_ERRORS as error:
        faults.append(Fault(source.number, -1, 0, _unreadable(error)))
    except InputError as error:
        faults.append(Fault(source.number, -1, 0, error.message))
    else:
        formats[source.number] = found.name if found else ""
        if found:
            members.append((met.number, reader.Piece(source, found, identity_of(head))))


def parts(piece: Piece, faults: list[Fault], limits: Limits = _LIMITS) -> Iterator[tuple[Piece, Iterator[Block]]]:
    """Give every member that was listed, with its blocks, which are to be read before the next is asked for."""
    for member, stream in streams(piece, faults):
        yield member, reader.blocks_of(member, stream, faults, limits)


def streams(piece: Piece, faults: list[Fault]) -> Iterator[tuple[Piece, ByteStream]]:
    """Give every member that was listed as a stream, which is to be read before the next is asked for."""
    left = dict(piece.members)
    reason = ""
    for met in _walk(piece.source):
        if met.number < 0:
            reason = met.fault
        member = left.pop(met.number, None)
        if member is None:
            continue
        if met.stream is None:
            faults.append(Fault(member.source.number, -1, 0, met.fault))
        else:
            yield member, met.stream
    reason = reason or _("gone since the archive was first looked at")
    faults += (Fault(member.source.number, -1, 0, reason) for member in left.values())


def _walk(source: Source) -> Iterator[_Met]:
    """Give what an archive holds, in the same order each time; raises InputError where it cannot be opened."""
    try:
        with _opened(source) as file:
            size = file.seek(0, 2)
            yield from _Walk(Allowance(size)).of_file(file, source.path)
    except STREAM_ERRORS as error:
        raise InputError(_unreadable(error), place=source.path) from None


_copies: list[tuple[object, IO[bytes]]] = []


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    """Open an archive; standard input, which can be read but once, is copied to a nameless file."""
    if source.path != reader.STANDARD_INPUT:
        with open_file(source.path) as file:
            yield file
        return
    if not _copies or _copies[0][0] is not sys.stdin:
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - it lasts as long as standard input
        _copies[:] = [(sys.stdin, copy)]
        with suppress(*STREAM_ERRORS):
            copy.writelines(as_it_comes(reader.standard_input()))
    yield _copies[0][1]


@dataclass
class _Walk:
    """One way through an archive, and all archives in it."""

    allowance: Allowance
    numbers: Iterator[int] = field(default_factory=count)

    def of_file(self, file: IO[bytes], path: str) -> Iterator[_Met]:
        """Walk the archive that a file is, or is packed in."""
        file.seek(0)
        kind = archive_kind(file.read(SIGNATURE_BYTES))
        file.seek(0)
        if kind in _SOUGHT_IN:
            yield from self._archive(_Met(-1, path, kind), _SOUGHT_IN[kind](file, self.allowance), 1)
        else:
            stream = decoded(Parts(as_it_comes(file)), self.allowance.metered)
            yield from self._of_stream(_Met(-1, path, archive_kind(stream.peek(SIGNATURE_BYTES)), stream), 1)

    def _of_stream(self, at: _Met, depth: int) -> Iterator[_Met]:
        if at.stream is None or not at.kind:
            return
        if at.kind not in _SOUGHT_IN:
            yield from self._archive(at, tar_file.members(at.stream), depth)
            return
        with tempfile.TemporaryFile() as copy:
            try:
                while part := at.stream.read(_STEP):
                    copy.write(part)
            except STREAM_ERRORS as error:
                yield replace(at, stream=None, fault=_unreadable(error))
            copy.seek(0)
            yield from self._archive(at, _SOUGHT_IN[at.kind](copy, self.allowance), depth)

    def _archive(self, at: _Met, members: Iterator[Member], depth: int) -> Iterator[_Met]:
        """Give the members of an archive, and what is wrong with it."""
        try:
            for member in members:
                if not member.name:
                    yield _Met(at.number, at.path, at.kind, fault=member.fault)
                elif not _is_hidden(member.name):
                    modified = member.modified or at.modified
                    path = f"{at.path}!{_shown(member.name)}"
                    met = _Met(next(self.numbers), path, fault=member.fault, modified=modified)
                    if met.number >= MOST_MEMBERS:
                        yield _Met(at.number, at.path, at.kind, fault=_("too many members; the rest is left out"))
                        return
                    yield from self._member(met, member, depth)
        except STREAM_ERRORS as error:
            yield _Met(at.number, at.path, at.kind, fault=_unreadable(error))

    def _member(self, met: _Met, member: Member, depth: int) -> Iterator[_Met]:
        if member.stream is None:
            yield met
            return
        try:
            stream = decoded(member.stream, partial(self.allowance.metered_within, member.size))
            kind = archive_kind(stream.peek(SIGNATURE_BYTES))
        except STREAM_ERRORS as error:
            yield replace(met, fault=_unreadable(error))
            return
        if not kind:
            yield replace(met, stream=stream)
        elif depth >= DEEPEST:
            yield replace(met, fault=_("an archive within archives {depth} deep; unpack it first").format(depth=depth))
        else:
            yield replace(met, kind=kind)
            yield from self._of_stream(replace(met, kind=kind, stream=stream), depth + 1)


def _is_hidden(name: str) -> bool:
    """Tell whether a name is passed over, as hidden files and folders are on disk."""
    return any((part.startswith(".") and part not in {".", ".."}) or part == "__MACOSX" for part in _parts(name))


def _parts(name: str) -> list[str]:
    return name.replace("\\", "/").split("/")


def _shown(name: str) -> str:
    """Give a name as text that can be written anywhere, not too long."""
    plain = name.removeprefix("./").encode("utf-8", "replace").decode()
    return plain if len(plain) <= _LONGEST_NAME else plain[:_LONGEST_NAME] + "…"


def _unreadable(error: Exception) -> str:
    if isinstance(error, TrailingError):
        return str(error)
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return _("cannot be read: {reason}").format(reason=reason)
