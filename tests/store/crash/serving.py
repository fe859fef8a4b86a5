"""A process that starts others, quickly: each is forked from it with everything imported.

A program calls `serve` with what does a line's work, and the test that kills it calls `serving`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[[str], tuple[int, Callable[[], int]]]


def serve(run: Callable[[str], Any]) -> None:
    """For each line of the input start a process that does it, told by its number, then by how it ended."""
    for line in sys.stdin:
        process = os.fork()
        if not process:
            run(line.strip())
            os._exit(0)
        os.write(1, b"%d\n" % process)
        os.write(1, b"%d\n" % os.waitpid(process, 0)[1])


@contextmanager
def serving(module: str) -> Iterator[Start]:
    """Give a function that starts a process to do a line's work, and gives its number and how to wait for its end."""
    with subprocess.Popen(
        [sys.executable, "-m", module, "--serve"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as served:
        asked, told = served.stdin, served.stdout
        assert asked is not None
        assert told is not None

        def start(line: str) -> tuple[int, Callable[[], int]]:
            asked.write(line + "\n")
            asked.flush()
            return int(told.readline()), lambda: int(told.readline())

        yield start
        asked.close()
