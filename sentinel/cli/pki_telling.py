"""How far a command of `sentinel pki` has come, on the terminal's error stream."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentinel.settings import Settings


@contextmanager
def telling(now: Settings, what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Give what tells how many of `total` are done; `what` says of what, such as "certificates checked"."""
    from sentinel.console.numbers import number
    from sentinel.console.progress import ProgressLine
    from sentinel.console.theme import console_for

    line = ProgressLine(console_for(sys.stderr, now.color) if sys.stderr.isatty() else None, total)
    try:
        yield lambda done: line.tell(done, lambda _gone, _left: f"{what}: {number(done)}")
    finally:
        line.close()
