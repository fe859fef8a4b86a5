"""Shares pieces of work between processes, without losing any of it.

A worker asks for a piece, is given one, and sends back what it finds; nobody waits on a queue that another fills, so
nothing can lock up. A worker that dies is noticed: every piece that it had been given is told, since what it found in
an early one may still have waited to be evaluated with a later one; the others go on.
"""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Task = TypeVar("Task")
Result = TypeVar("Result")


_Taken_contra = TypeVar("_Taken_contra", contravariant=True)
_Told_co = TypeVar("_Told_co", covariant=True)


class Worker(Protocol[_Taken_contra, _Told_co]):
    """What works on pieces within one process."""

    def work(self, task: _Taken_contra, /) -> Iterator[_Told_co]:
        """Work on a piece; give what there is to tell so far."""

    def finish(self) -> Iterator[_Told_co]:
        """Give what is left to tell when there are no more pieces."""


@dataclass(frozen=True, slots=True)
class Lost(Generic[Task]):
    """A piece whose worker died, killed or out of memory, before it had told all of it."""

    task: Task


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The user asked to stop; what was being worked on is finished, the rest is not begun."""


class Stop:
    """A wish to end early, which every process of a scan sees between two blocks."""

    def __init__(self) -> None:
        """Begin without the wish."""
        self._flag = _shared_byte()

    def ask(self) -> None:
        """Wish; this may be called from a signal handler."""
        self._flag[0] = 1

    @property
    def asked(self) -> bool:
        """Tell whether it was asked for."""
        return bool(self._flag[0])


def _shared_byte() -> Any:  # noqa: ANN401 - one of two kinds of memory
    """Give a byte that processes made from this one share."""
    if hasattr(os, "fork"):
        return mmap.mmap(-1, 1)
    import multiprocessing  # where processes are not forked, only this gives memory that goes along

    return multiprocessing.RawArray("b", 1)


def usable_processors() -> int:
    """Count the processors that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(
    tasks: Iterator[Task], make_worker: Callable[[], Worker[Task, Result]], processes: int
) -> Iterator[Result | Lost[Task] | Interrupted]:
    """Give what workers find in the tasks, in no order; with one process, work is done here."""
    if processes > 1:
        from sentinel.inputs.crew import Crew  # one process alone does without what many need

        yield from Crew(tasks, make_worker, processes).run()
    else:
        yield from _alone(tasks, make_worker())


def _alone(tasks: Iterator[Task], worker: Worker[Task, Result]) -> Iterator[Result | Interrupted]:
    interrupted = False
    try:
        for task in tasks:
            yield from worker.work(task)
    except KeyboardInterrupt:
        interrupted = True
    yield from worker.finish()
    if interrupted:
        yield Interrupted()
