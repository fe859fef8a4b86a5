"""Files of checkpoints: only ever added to.

Whoever adds one holds the file's lock, and what was added is on the disk before the lock is let go.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.ledger.checkpoint import parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from sentinel.ledger.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Adding:
    """A file of checkpoints that is locked: those that are `there`, in its order."""

    there: tuple[Checkpoint, ...]
    _stream: IO[bytes]

    def add(self, checkpoint: Checkpoint) -> None:
        """Add a checkpoint behind the others; it is durable when this returns."""
        self._stream.write((b"\n" if self.there else b"") + checkpoint.note())
        self._stream.flush()
        os.fsync(self._stream.fileno())


@contextmanager
def adding(path: Path) -> Iterator[Adding]:
    """Give a file to add checkpoints to, alone with it; it is made where it is not there.

    Raises InputError where it cannot be written, or holds what is no checkpoint (`path:line`).
    """
    try:
        with path.open("a+b") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            stream.seek(0)
            there = tuple(parse(_text(stream.read(), path), str(path)))
            yield Adding(there, stream)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(_("cannot be written: {reason}").format(reason=reason), place=str(path)) from None


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(_("not a file of checkpoints: no UTF-8"), place=f"{path}:{line}") from None
