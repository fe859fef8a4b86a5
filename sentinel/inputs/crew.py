"""Several workers, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import signal
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sentinel.inputs.workers import Interrupted, Lost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.process import BaseProcess

    from sentinel.inputs.workers import Worker

Task = TypeVar("Task")
Result = TypeVar("Result")


class WorkerError(RuntimeError):
    """An error that nobody raised on purpose, with the worker's own traceback."""


class Crew(Generic[Task, Result]):
    """Workers that share tasks; each begins when it is made."""

    def __init__(self, tasks: Iterator[Task], make_worker: Callable[[], Worker[Task, Result]], processes: int) -> None:
        """Begin so many processes; forked where that can be done, for they start sooner."""
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
        """Give what they find, in no order, until all have ended."""
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
            raise WorkerError(value)


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
