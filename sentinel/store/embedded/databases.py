"""SQLite's files: how they are opened, and what is said where they cannot be read or written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sentinel.errors import Damaged, StoreError
from sentinel.language import _, later
from sentinel.store.embedded import disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WAIT = 60.0
"""Seconds to wait for another process's transaction, which takes milliseconds."""
_PAUSE = 0.005
_NO_ROOM = 64 << 10
"""A disk with fewer bytes is full, whatever SQLite says of it."""


def connect(path: Path, how: str) -> sqlite3.Connection:
    """Open a database, without transactions of the library's own; `how` is a parameter of SQLite's addresses."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}",
        uri=True,
        timeout=_WAIT,
        isolation_level=None,
        check_same_thread=False,  # whoever shares one keeps threads apart
    )
    try:
        connection.execute("select 1 from sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def keep_log(connection: sqlite3.Connection) -> None:
    """Have a database keep a log (WAL), so that who reads waits for nobody.

    Others who do so at once are waited for here: SQLite itself does not wait when a mode is changed.
    """
    last = time.monotonic() + _WAIT
    while True:
        try:
            connection.execute("pragma journal_mode=wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > last:
                raise
            time.sleep(_PAUSE)
        else:
            return


def read_only(path: Path) -> sqlite3.Connection:
    """Open a database that is only read, and may lie where nothing can be written."""
    try:
        return connect(path, "mode=ro")
    except sqlite3.OperationalError:
        log = path.with_name(path.name + "-wal")
        # Without its shared memory a log cannot be read; where there is none, nothing is missed without it.
        if os.access(path.parent, os.W_OK) or (log.exists() and log.stat().st_size):
            raise
        return connect(path, "immutable=1")


_NOT_THERE = ("no such table", "no such column")
"""What SQLite says of a database that has not the tables it was made with."""
_FULL, _READ_ONLY = later("the disk is full"), later("it cannot be written")
_BUSY, _UNOPENED = later("another process holds it"), later("it cannot be opened")
_HINTS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: (_FULL, disk.FULL),
    sqlite3.SQLITE_READONLY: (_READ_ONLY, disk.FORBIDDEN),
    sqlite3.SQLITE_PERM: (_READ_ONLY, disk.FORBIDDEN),
    sqlite3.SQLITE_BUSY: (_BUSY, later("try again when it has ended")),
    sqlite3.SQLITE_LOCKED: (_BUSY, later("try again when it has ended")),
    sqlite3.SQLITE_CANTOPEN: (_UNOPENED, disk.FORBIDDEN),
    sqlite3.SQLITE_IOERR: (later("the disk fails"), disk.FAILING),
}
"""SQLite's code → what is wrong with a database, and what to do; any other means that it is damaged."""


_OF_EVENTS: Final = later("'sentinel store verify' tells more; restore the store from a backup")
_ADVICE: Final = {
    "alerts.db": later("'sentinel ledger verify' tells more; restore the store from a backup"),
    "register.db": later("'sentinel pki audit verify' tells more; 'sentinel pki restore' puts a backup in its place"),
}
"""What to do about a database that is damaged, by its file's name; the others are parts of a store of events."""


def damaged(path: Path) -> Damaged:
    """Give the error of a database that is not what was written."""
    hint = _(_ADVICE.get(path.name, _OF_EVENTS))
    return Damaged(_("{name} is damaged").format(name=path.name), place=str(path), hint=hint)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what SQLite refuses into StoreError, or Damaged where the database is not what was written."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # ours: a closed connection, or a query that is none
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_IOERR and _is_full(path):
            code = sqlite3.SQLITE_FULL
        if code == sqlite3.SQLITE_ERROR and not str(error).startswith(_NOT_THERE):
            raise  # ours: a statement that is none
        if code not in _HINTS:
            raise damaged(path) from error
        reason, hint = _HINTS[code]
        raise StoreError(
            _("{name}: {reason}").format(name=path.name, reason=_(reason)), place=str(path), hint=_(hint)
        ) from error


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _NO_ROOM
    except OSError:
        return False
