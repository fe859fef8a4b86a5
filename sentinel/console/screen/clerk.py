"""A thread that asks a desk of its own, so that the screen never waits."""

from __future__ import annotations

from asyncio import wrap_future
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from sentinel.triage.desk import Desk

T = TypeVar("T")


class Clerk:
    """Answers one question after the other."""

    def __init__(self, desk: Callable[[], Desk]) -> None:
        """Take what opens a desk; it is opened for the first question, in the thread."""
        self._opens = desk
        self._desk: Desk | None = None
        self._thread = ThreadPoolExecutor(1, "clerk")

    def told(self, question: Callable[[Desk], T]) -> Future[T]:
        """Begin to answer a question."""
        return self._thread.submit(self._answer, question)

    async def asked(self, question: Callable[[Desk], T]) -> T:
        """Give the answer to a question; what it raises is raised here."""
        return await wrap_future(self.told(question))

    def _answer(self, question: Callable[[Desk], T]) -> T:
        if self._desk is not None and not self._desk.file.is_there:
            self._desk.close()  # there was no file yet: there may be one now
            self._desk = None
        if self._desk is None:
            self._desk = self._opens()
        return question(self._desk)

    def close(self) -> None:
        """Finish the question at hand, forget the others, and close the desk."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        if self._desk is not None:
            self._desk.close()
