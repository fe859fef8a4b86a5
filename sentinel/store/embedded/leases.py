"""Leases: what keeps the files that a snapshot reads from being removed.

A reader locks a file in `leases/` whose name tells the manifest's generation, and then takes its snapshot: it sees no
segment that was dead by then. So the files of segments that died later stay. The lock ends with the reader, however it
ends; a lease that nobody holds is removed by whoever finds it.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sentinel.store.embedded import disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CANNOT = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT})


@contextmanager
def lease(folder: Path, generation: int) -> Iterator[None]:
    """Hold a lease from a generation on; where nothing can be written, go on without one."""
    path = folder / f"{generation:016x}-{os.getpid()}-{os.urandom(4).hex()}"
    handle = -1
    try:
        while handle < 0:
            handle = _begin(path)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise disk.refused(error, folder) from error
    try:
        yield
    finally:
        if handle >= 0:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            os.close(handle)


def _begin(path: Path) -> int:
    """Make a lease; give -1 where someone took it for one that nobody holds, before it was locked."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    if disk.take_lock(handle) and path.exists():
        return handle
    os.close(handle)
    return -1


def least_generation(folder: Path) -> int | None:
    """Give the earliest generation that a reader may still look at; None where nobody reads."""
    held = []
    for path in folder.iterdir():
        with suppress(ValueError):
            if _is_held(path):
                held.append(int(path.name.partition("-")[0], 16))
    return min(held, default=None)


def _is_held(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        if not disk.take_lock(handle):
            return True
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(handle)
