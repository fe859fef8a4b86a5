"""What was learned of files that never change, kept between questions.

A file is known by its path, inode, size and time of change: one that was restored, or put in the place of another, is
read anew. Nothing stays open, so a file that is removed is gone.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

T = TypeVar("T")


class Kept(Generic[T]):
    """What was learned of files, the latest used; `size_of` tells how much room a value takes, of `room` in all."""

    def __init__(self, room: int, size_of: Callable[[T], int]) -> None:
        """Begin with nothing."""
        self._room = room
        self._size_of = size_of
        self._values: OrderedDict[str, tuple[tuple[int, ...], T]] = OrderedDict()
        self._lock = Lock()

    def get(self, path: str, status: os.stat_result) -> T | None:
        """Give what is known of a file as it is now, None where nothing is."""
        with self._lock:
            known = self._values.get(path)
            if known is None or known[0] != _mark(status):
                return None
            self._values.move_to_end(path)
            return known[1]

    def put(self, path: str, status: os.stat_result, value: T) -> None:
        """Keep what was learned of a file."""
        with self._lock:
            self._drop(path)
            self._values[path] = _mark(status), value
            self._room -= self._size_of(value)
            while self._room < 0 and self._values:
                self._drop(next(iter(self._values)))

    def _drop(self, path: str) -> None:
        known = self._values.pop(path, None)
        if known is not None:
            self._room += self._size_of(known[1])


def _mark(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
