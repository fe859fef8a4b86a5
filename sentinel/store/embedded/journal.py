"""A journal: what one writer took in and did not seal yet, in the order it came.

    file    = head, frame*
    head    = "SNTLJRN1", mark (16 random bytes)
    frame   = kind (1 byte), length of the payload (8), CRC-32 of the payload (4), CRC-32 of these 13 bytes (4), payload
    events  = kind 1: an Arrow IPC stream (LZ4) of one batch; its schema's metadata tell the dataset and the aliases
    commit  = kind 2: msgpack of mark, the frame's own offset, the end of the commit before it, when it was taken in,
              boot, moment, rows, ranges covered

    end     = kind 3: the mark; its writer let go of it in order

Events count from the commit behind them on. A writer that dies leaves a tail without a commit, of which anything may
be missing: where a frame is not whole, the journal ends. But nothing is written behind a commit that is not durable
yet. So all that comes before a whole commit was acknowledged, up to the commit before it, and where bytes stand behind
it, up to itself. If a frame there is not whole, no death did it: `Damaged`. Where the last commit is of an earlier run
of the machine and has nothing behind it, its events have to be whole, or the power went before it was durable, and it
is none.

`moment` is the machine's monotonic clock, and `boot` names the run of the machine that it counts from: a snapshot
takes from all journals what was committed up to one moment.
"""

from __future__ import annotations

import os
import struct
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec
import pyarrow as pa

from sentinel.errors import Damaged
from sentinel.language import _
from sentinel.store.base import Covered
from sentinel.store.embedded import disk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAGIC = b"SNTLJRN1"
_MARK_BYTES = 16
HEAD_BYTES = len(MAGIC) + _MARK_BYTES
_FRAME = struct.Struct("<BQI")
_CHECK = struct.Struct("<I")
FRAME_BYTES = _FRAME.size + _CHECK.size
EVENTS, COMMIT, END = 1, 2, 3
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")
_SEARCHED = 1 << 20


class Commit(msgspec.Struct, frozen=True, array_like=True):
    """What a commit frame says; `ingested` is nanoseconds since 1970, UTC."""

    mark: bytes
    offset: int
    acknowledged: int
    ingested: int
    boot: str
    moment: int
    rows: int
    covered: tuple[tuple[bytes, int, int, bytes], ...]

    @property
    def ranges(self) -> tuple[Covered, ...]:
        """The ranges of sources whose events are committed."""
        return tuple(Covered(*each) for each in self.covered)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where committed events stand in a journal, and the commit behind them."""

    offset: int
    length: int
    check: int
    commit: Commit


@dataclass(frozen=True)
class Events:
    """Events of one dataset that were added together; `aliases` are columns that hold just what another does."""

    dataset: str
    batch: pa.RecordBatch
    aliases: Mapping[str, str]

    @cached_property
    def types(self) -> dict[str, pa.DataType]:
        """The types of all columns, aliases included."""
        types = {field.name: field.type for field in self.batch.schema}
        return types | {name: types[root] for name, root in self.aliases.items()}


_MARK_AT = 3
"""Where a commit's mark stands in its payload: behind msgpack's head of an array and that of 16 bytes."""
_encoder = msgspec.msgpack.Encoder()
_commits = msgspec.msgpack.Decoder(Commit)


def boot() -> str:
    """Name the machine's run since it was switched on."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:  # a system without it: one moment of its clock may then look like another's
        return ""


class JournalFile:
    """A journal that is being written."""

    def __init__(self, path: Path) -> None:
        """Make the file and lock it; raise OSError."""
        self.path = path
        self._file = disk.File(path)
        self._mark = os.urandom(_MARK_BYTES)
        self._boot = boot()
        self._rows = 0
        self._locked = self._file.lock()
        self._file.write(MAGIC + self._mark)
        self._past = self._file.size
        self._file.sync()
        disk.sync_folder(path.parent)

    @property
    def name(self) -> str:
        """The journal's name."""
        return self.path.stem

    def is_ours(self) -> bool:
        """Tell whether the lock was free and the file is still there."""
        try:
            return self._locked and os.path.samestat(os.fstat(self._file.fileno()), self.path.stat())
        except FileNotFoundError:
            return False

    @property
    def size(self) -> int:
        """The number of bytes."""
        return self._file.size

    def add(self, events: Events) -> None:
        """Write events."""
        payload = _packed(events)
        self._write(EVENTS, payload, crc32(payload))
        self._rows += events.batch.num_rows

    def commit(self, covered: Sequence[Covered]) -> Commit:
        """Make durable what was written since the last commit."""
        ranges = tuple((each.identity, each.begin, each.end, each.digest) for each in covered)
        now, moment = time.time_ns(), time.monotonic_ns()
        commit = Commit(self._mark, self._file.size, self._past, now, self._boot, moment, self._rows, ranges)
        payload = _encoder.encode(commit)
        disk.point("before commit")
        self._write(COMMIT, payload, crc32(payload))
        disk.point("commit written")
        self._file.sync()
        disk.point("committed")
        self._past = self._file.size
        self._rows = 0
        return commit

    def _write(self, kind: int, payload: bytes | memoryview, check: int) -> None:
        head = _FRAME.pack(kind, len(payload), check)
        self._file.write(head + _CHECK.pack(crc32(head)))
        self._file.write(payload)

    def end(self) -> None:
        """Forget what was not committed, and note that all else was; raise OSError."""
        self._file.cut(self._past)
        self._file.write(_end_frame(self._mark))

    def fileno(self) -> int:
        """Give the file's descriptor, to read with."""
        return self._file.fileno()

    def close(self) -> None:
        """Close the file and let go of its lock."""
        self._file.close()


def _end_frame(mark: bytes) -> bytes:
    head = _FRAME.pack(END, len(mark), crc32(mark))
    return head + _CHECK.pack(crc32(head)) + mark


def _is_whole(head: bytes) -> bool:
    return len(head) == FRAME_BYTES and _CHECK.unpack_from(head, _FRAME.size)[0] == crc32(head[: _FRAME.size])


def _packed(events: Events) -> memoryview:
    meta = {"dataset": events.dataset, "aliases": _encoder.encode(dict(events.aliases))}
    sink = pa.BufferOutputStream()
    schema = events.batch.schema.with_metadata(meta)
    with pa.ipc.new_stream(sink, schema, options=_OPTIONS) as stream:
        stream.write_batch(events.batch)
    return memoryview(sink.getvalue())


class JournalReader:
    """A journal that is read: its commits so far, and the events before them.

    It may be read while it grows (`advance` then finds more), and when its file has been removed.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; raise FileNotFoundError where it is gone."""
        self.path = path
        self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._mark = b""
        self._end = 0
        self._pending: list[tuple[int, int, int]] = []
        self._past = 0
        self.frames: list[Frame] = []
        self.commits: list[Commit] = []

    @property
    def name(self) -> str:
        """The journal's name."""
        return self.path.stem

    @property
    def end(self) -> int:
        """Where the last commit ends, in bytes."""
        return self._past

    @property
    def closing(self) -> bytes:
        """What stands at the end of the journal when it was left in order."""
        return _end_frame(self._mark)

    def advance(self) -> None:
        """Find the commits that came since it was last called; raise Damaged where what stands before one is torn."""
        size = os.fstat(self._handle).st_size
        if not self._mark:
            head = os.pread(self._handle, HEAD_BYTES, 0)
            if len(head) < HEAD_BYTES or (size == HEAD_BYTES and not head.startswith(MAGIC)):
                return  # its writer died, or is about to write it
            if not head.startswith(MAGIC):
                raise self._damaged(0)  # nothing is written behind a head that is not durable
            self._mark = head[len(MAGIC) :]
            self._end = self._past = HEAD_BYTES
        # What is not committed yet may be cut and written anew.
        self._end = self._past
        self._pending.clear()
        while self._end < size and self._step(size):
            pass
        self._forget_torn(size)

    def _forget_torn(self, size: int) -> None:
        """Forget the last commit where the power went before it was durable: any part of it may be missing.

        Nobody was told of it, or there would be something behind it, or all of it be whole.
        """
        if not self.commits or self._past < size or self.commits[-1].boot == boot():
            return
        own = [frame for frame in self.frames if frame.commit is self.commits[-1]]
        if not all(self._payload(frame) is not None for frame in own):
            self._past = own[0].offset
            self.commits.pop()
            del self.frames[-len(own) :]

    def _step(self, size: int) -> bool:
        head = os.pread(self._handle, FRAME_BYTES, self._end)
        if not _is_whole(head):
            return self._stop(size)
        kind, length, check = _FRAME.unpack_from(head)
        end = self._end + FRAME_BYTES + length
        if end > size:
            return self._stop(size)
        if kind == EVENTS:
            self._pending.append((self._end, length, check))
        elif kind == COMMIT:
            commit = self._commit_at(self._end, length, check)
            if commit is None:
                return self._stop(size)
            self.frames += [Frame(*pending, commit) for pending in self._pending]
            self.commits.append(commit)
            self._pending.clear()
            self._past = end
        self._end = end
        return True

    def _commit_at(self, offset: int, length: int, check: int) -> Commit | None:
        payload = os.pread(self._handle, length, offset + FRAME_BYTES)
        if len(payload) != length or crc32(payload) != check:
            return None
        commit = _commits.decode(payload)
        return commit if (commit.mark, commit.offset) == (self._mark, offset) else None

    def _stop(self, size: int) -> bool:
        """End at what is not whole, unless a commit behind it tells that it had been acknowledged."""
        closing = self.closing
        if os.pread(self._handle, len(closing), max(self._end, size - len(closing))) == closing:
            raise self._damaged(self._end)
        begin = self._end
        while begin + FRAME_BYTES < size:
            chunk = os.pread(self._handle, _SEARCHED, begin)
            at = chunk.find(self._mark)
            if at >= 0 and self._acknowledged(begin + at, size) > self._end:
                raise self._damaged(self._end)
            step = at + 1 if at >= 0 else len(chunk) - _MARK_BYTES + 1
            if step <= 0 or len(chunk) < _MARK_BYTES:
                break
            begin += step
        return False

    def _acknowledged(self, mark: int, size: int) -> int:
        """Give up to where a commit frame that has its mark at an offset tells that all was acknowledged; else 0."""
        offset = mark - _MARK_AT - FRAME_BYTES
        head = os.pread(self._handle, FRAME_BYTES, max(0, offset))
        if offset < self._end or not _is_whole(head):
            return 0
        kind, length, check = _FRAME.unpack_from(head)
        commit = self._commit_at(offset, length, check) if kind == COMMIT else None
        if commit is None:
            return 0
        end = int(offset + FRAME_BYTES + length)
        return end if end < size else commit.acknowledged

    def read(self, frame: Frame) -> Events:
        """Read events; raise Damaged where they are not what was written."""
        payload = self._payload(frame)
        if payload is None:
            raise self._damaged(frame.offset)
        with pa.ipc.open_stream(payload) as stream:
            meta = stream.schema.metadata
            batch = stream.read_next_batch()
        aliases = msgspec.msgpack.decode(meta[b"aliases"], type=dict[str, str])
        return Events(meta[b"dataset"].decode(), batch.replace_schema_metadata(None), aliases)

    def _payload(self, frame: Frame) -> bytes | None:
        """Give the bytes of events; None where they are not what was written."""
        payload, more = b"", b"?"
        while len(payload) < frame.length and more:
            more = os.pread(self._handle, frame.length - len(payload), frame.offset + FRAME_BYTES + len(payload))
            payload += more
        return payload if len(payload) == frame.length and crc32(payload) == frame.check else None

    def _damaged(self, offset: int) -> Damaged:
        return Damaged(
            _("the journal is damaged at byte {offset}, before events that were acknowledged").format(offset=offset),
            place=str(self.path),
            hint=_("restore the store from a backup; sources that are still there can be taken in again"),
        )

    def events(self) -> Iterator[tuple[Events, Commit]]:
        """Give all committed events, in the order they came."""
        for frame in self.frames:
            yield self.read(frame), frame.commit

    def take_lock(self) -> bool:
        """Take the journal's lock; False where its writer lives."""
        return disk.take_lock(self._handle)

    def close(self) -> None:
        """Close the file, and let go of its lock."""
        if self._handle >= 0:
            handle, self._handle = self._handle, -1
            os.close(handle)
