"""Databases that several make at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from sentinel.store.embedded.databases import connect, keep_log

if TYPE_CHECKING:
    from pathlib import Path

_MANY, _FILES = 8, 300
"""SQLite refuses about one of 300 who change the mode of a new file at once."""


def test_whoever_makes_a_file_at_once_waits_for_the_others(tmp_path: Path) -> None:
    started = threading.Barrier(_MANY)

    def make(_number: int) -> set[str]:
        modes = set[str]()
        for each in range(_FILES):
            started.wait()
            connection = connect(tmp_path / f"{each}.db", "mode=rwc")
            keep_log(connection)
            modes |= {mode for (mode,) in connection.execute("pragma journal_mode")}
            connection.close()
        return modes

    with ThreadPoolExecutor(_MANY) as pool:
        assert {"wal"} == set[str]().union(*pool.map(make, range(_MANY)))
