"""Shares pieces of work between processes, without losing any of it.

A worker asks for a piece, is given one, and sends back what it finds; nobody waits on a queue that another fills, so
nothing can lock up. A worker that dies is noticed: every piece that it had been given is told, since what it found in
an early one may still have waited to be evaluated with a later one; the others go on.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import traceback
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.process import BaseProcess

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


class _WorkerError(RuntimeError):
    """An error that nobody raised on purpose, with the worker's own traceback."""


def usable_processors() -> int:
    """Count the processors that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(
    tasks: Iterator[Task], make_worker: Callable[[], Worker[Task, Result]], processes: int
) -> Iterator[Result | Lost[Task] | Interrupted]:
    """Give what workers find in the tasks, in no order; with one process, work is done here."""
    if processes > 1:
        yield from _Crew(tasks, make_worker, processes).run()
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


class _Crew(Generic[Task, Result]):
    """Several workers, each in a process of its own."""

    def __init__(self, tasks: Iterator[Task], make_worker: Callable[[], Worker[Task, Result]], processes: int) -> None:
        method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
        context: Any = multiprocessing.get_context(method)
        self._tasks = tasks
        self._working: dict[Connection, list[Task]] = {}
        self._processes: list[BaseProcess] = []
        self._interrupted = False
        for _number in range(processes):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, make_worker, [ours, *self._working]), daemon=True)
            process.start()
            theirs.close()
            self._working[ours] = []
            self._processes.append(process)

    def run(self) -> Iterator[Result | Lost[Task] | Interrupted]:
        try:
            while self._working:
                try:
                    ready = wait(list(self._working))
                    for connection in ready:
                        yield from self._hear(connection)  # type: ignore[arg-type]  # only ours are waited on
                except KeyboardInterrupt:
                    self._interrupted = True
            if self._interrupted:
                yield Interrupted()
            else:
                # Where every worker died, nobody was left to take these.
                yield from map(Lost, self._tasks)
        finally:
            for process in self._processes:
                if process.is_alive() and self._working:
                    process.terminate()
                process.join()

    def _hear(self, connection: Connection) -> Iterator[Result | Lost[Task]]:
        """Take one message of a worker: what it found, its wish for a piece, its end or its failure."""
        try:
            word, value = connection.recv()
        except (EOFError, OSError):
            yield from map(Lost, self._working.pop(connection))
            return
        if word == _FOUND:
            yield value
        elif word == _WANTS:
            task = None if self._interrupted else next(self._tasks, None)
            if task is not None:
                self._working[connection].append(task)
            # A worker that died since it asked is noticed when it is next listened to.
            with suppress(OSError):
                connection.send(task)
        elif word == _DONE:
            del self._working[connection]
        else:
            raise _WorkerError(value)


_FOUND, _WANTS, _DONE, _FAILED = range(4)


def _serve(connection: Connection, make_worker: Callable[[], Worker[Any, Any]], others: list[Connection]) -> None:
    """Work in a process of its own until there is nothing more to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in others:
        other.close()
    try:
        worker = make_worker()
        while True:
            connection.send((_WANTS, None))
            task = connection.recv()
            if task is None:
                break
            for found in worker.work(task):
                connection.send((_FOUND, found))
        for found in worker.finish():
            connection.send((_FOUND, found))
        connection.send((_DONE, None))
    except (EOFError, BrokenPipeError):
        return
    except Exception:  # noqa: BLE001 - whatever it is, it is told with its traceback and raised over there
        connection.send((_FAILED, traceback.format_exc()))
