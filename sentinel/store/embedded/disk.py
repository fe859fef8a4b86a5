"""Every change of a file that the store makes.

All of them pass through here, and each is told to whoever watches (`watch`) before it is done: tests end the process
at any step, record them to play back what a loss of power leaves, or let the disk be full. SQLite's own files
(manifest, alerts, verdicts) are its own business.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sentinel.errors import StoreError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

FULL = later("free some space; nothing that was acknowledged is lost, and the store opens again")
FORBIDDEN = later("give this user the right to write there, or use another folder")
FAILING = later("the disk fails: copy the store to another one, then run 'sentinel store verify' there")
_HINTS = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EROFS: FORBIDDEN,
    errno.EACCES: FORBIDDEN,
    errno.EPERM: FORBIDDEN,
    errno.EMFILE: later("raise the number of files that a process may have open (ulimit -n)"),
    errno.EIO: FAILING,
}


@dataclass(frozen=True, slots=True)
class Step:
    """What is about to be done to a file: `name` is one of make, write, sync, rename, link, unlink, cut and point.

    `offset` and `data` tell what is written where; `to` is the new name of a file, `size` what it is cut to. A `point`
    changes nothing: it names a place in the code (`path`).
    """

    name: str
    path: str
    offset: int = 0
    data: bytes = b""
    to: str = ""
    size: int = 0


_watchers: list[Callable[[Step], None]] = []


@contextmanager
def watch(watcher: Callable[[Step], None]) -> Iterator[None]:
    """Tell a function of every step before it is taken; what it raises stands for the step's own failure."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def _tell(name: str, path: str, **more: Any) -> None:  # noqa: ANN401 - the fields of a step
    if _watchers:
        step = Step(name, path, **more)
        for watcher in tuple(_watchers):
            watcher(step)


def point(name: str) -> None:
    """Pass a place that tests may want to stop at."""
    _tell("point", name)


@contextmanager
def told(place: Path | str) -> Iterator[None]:
    """Turn what the operating system refuses into StoreError, with a place and what to do next."""
    try:
        yield
    except OSError as error:
        raise refused(error, place) from error


def refused(error: OSError, place: Path | str) -> StoreError:
    """Give the StoreError of what the operating system refused."""
    hint = _HINTS.get(error.errno or 0)
    reason = error.strerror or str(error)
    return StoreError(
        _("the store cannot go on: {reason}").format(reason=reason),
        place=str(error.filename or place),
        hint=_(hint) if hint else "",
    )


class File:
    """A file that is written from its beginning to its end, and nowhere else."""

    __slots__ = ("_handle", "path", "size")

    def __init__(self, path: Path | str) -> None:
        """Make the file; raise FileExistsError where there is one."""
        self.path = str(path)
        _tell("make", self.path)
        self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        self.size = 0

    def write(self, data: Any) -> int:  # noqa: ANN401 - anything with a buffer
        """Add bytes at the end: all of them, or raise OSError."""
        view = memoryview(data).cast("B")
        if _watchers:
            _tell("write", self.path, offset=self.size, data=bytes(view))
        done = 0
        while done < len(view):
            done += os.pwrite(self._handle, view[done:], self.size + done)
        self.size += done
        return done

    def sync(self) -> None:
        """Wait until all that was written will survive the loss of power."""
        _tell("sync", self.path)
        os.fdatasync(self._handle)

    def cut(self, size: int) -> None:
        """Forget what stands behind `size` bytes."""
        _tell("cut", self.path, size=size)
        os.ftruncate(self._handle, size)
        self.size = size

    def lock(self) -> bool:
        """Take the file's lock for as long as it is open; False where another has it."""
        return take_lock(self._handle)

    def fileno(self) -> int:
        """Give the file's descriptor, to read with."""
        return self._handle

    def close(self) -> None:
        """Close it, and let go of its lock."""
        if self._handle >= 0:
            handle, self._handle = self._handle, -1
            os.close(handle)


def take_lock(handle: int, *, shared: bool = False) -> bool:
    """Take the lock of an open file without waiting; tell whether it was free."""
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def locked(path: Path | str, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock of a file, made where it is not there; give False where `wait` is not and another has it."""
    with told(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        if wait:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield True
        else:
            yield take_lock(handle)
    finally:
        os.close(handle)


_FLOCK = struct.Struct("@hhqqi")
"""`struct flock`: type, from where, begin, length, process."""


@contextmanager
def places_locked(path: Path | str, places: Iterable[int]) -> Iterator[None]:
    """Hold the locks of some places of a file, whether or not there is a byte; wait for those that others hold."""
    with told(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        with told(path):
            for place in sorted(set(places)):  # in one order, so that no two wait for each other
                fcntl.fcntl(handle, fcntl.F_OFD_SETLKW, _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, place, 1, 0))
        yield
    finally:
        os.close(handle)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, so that they survive the loss of power."""
    if path.is_dir():
        return
    make_folder(path.parent)
    _tell("make", f"{path}/")
    with suppress(FileExistsError):
        path.mkdir(0o750)
    sync_folder(path.parent)


def sync_folder(path: Path | str) -> None:
    """Wait until the names in a folder will survive the loss of power."""
    _tell("sync", f"{path}/")
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def rename(path: Path | str, to: Path | str) -> None:
    """Give a file its name."""
    _tell("rename", str(path), to=str(to))
    os.rename(path, to)  # noqa: PTH104 - one call, told above


def link(path: Path | str, to: Path | str) -> None:
    """Give a file that never changes a second name; raise OSError where the disk has no such thing."""
    _tell("link", str(path), to=str(to))
    os.link(path, to)


def unlink(path: Path | str) -> None:
    """Remove a file where it is there."""
    _tell("unlink", str(path))
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - one call, told above


def put(path: Path, content: bytes) -> None:
    """Write a small file as a whole: it is there with all its bytes, or as it was before."""
    put_unnamed(path, content)
    sync_folder(path.parent)


def put_unnamed(path: Path, content: bytes) -> None:
    """Write a small file as `put` does; its name is durable only when its folder has been synced."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    unlink(beside)
    file = File(beside)
    try:
        file.write(content)
        file.sync()
    finally:
        file.close()
    rename(beside, path)
