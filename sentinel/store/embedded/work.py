"""Work on many groups of rows at once."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from sentinel.store.embedded.groups import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sentinel.store.embedded.groups import Group
    from sentinel.store.embedded.unit import Unit

T = TypeVar("T")
S = TypeVar("S")

THREADS: Final = max(
    1, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
)
_AHEAD: Final = 2 * THREADS


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="sentinel-search")


def each(work: Callable[[S], T], of: Iterable[S]) -> Iterator[T]:
    """Do work on each, several at once, and give what came of it in order; only some are begun ahead."""
    waiting, running = iter(of), deque()  # type: ignore[var-annotated]
    try:
        running.extend(_pool().submit(work, one) for one in islice(waiting, _AHEAD))
        while running:
            found = running.popleft().result()
            running.extend(_pool().submit(work, one) for one in islice(waiting, 1))
            yield found
    finally:
        for left in running:
            left.cancel()


def on_groups(
    units: Sequence[Unit], work: Callable[[Group], T], of: Callable[[Source], Iterable[Group]] = Source.groups
) -> Iterator[T]:
    """Do work on groups of units, on all unless `of` tells which; what was read of one is let go of then."""

    def done(group: Group) -> T:
        try:
            return work(group)
        finally:
            group.forget()

    return each(done, (group for unit in units for group in of(Source(unit))))
