"""Work is shared between processes, and none of it is lost or told twice."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from sentinel.inputs.workers import Interrupted, Lost, spread

if TYPE_CHECKING:
    from collections.abc import Iterator


class Doubling:
    """Doubles numbers; the last few are told at the end, as batches are."""

    def __init__(self) -> None:
        self.waiting: list[int] = []

    def work(self, task: int) -> Iterator[int]:
        if task == KILLS_ITSELF:
            os.kill(os.getpid(), signal.SIGKILL)
        if task == FAILS:
            raise ZeroDivisionError("on purpose")
        if task % 2:
            self.waiting.append(2 * task)
        else:
            yield 2 * task

    def finish(self) -> Iterator[int]:
        yield from self.waiting


KILLS_ITSELF, FAILS, INTERRUPTS = -1, -2, -3


@pytest.mark.parametrize("processes", [1, 2, 5])
@pytest.mark.parametrize("tasks", [0, 1, 3, 200])
def test_every_task_is_done_once(processes: int, tasks: int) -> None:
    found = spread(iter(range(tasks)), Doubling, processes)
    assert [2 * task for task in range(tasks)] == sorted(told for told in found if isinstance(told, int))


def test_a_killed_worker_tells_every_task_that_it_had_and_the_others_go_on() -> None:
    tasks = [1, 3, KILLS_ITSELF, *range(4, 100, 2)]
    told = list(spread(iter(tasks), Doubling, 2))
    lost = {each.task for each in told if isinstance(each, Lost)}
    assert KILLS_ITSELF in lost <= set(tasks)
    assert set(tasks) <= lost | {each // 2 for each in told if isinstance(each, int)}


def test_when_all_workers_are_killed_all_tasks_they_had_are_told_and_nothing_hangs() -> None:
    begin = time.monotonic()
    told = list(spread(iter([KILLS_ITSELF] * 5), Doubling, 2))
    assert [Lost(KILLS_ITSELF)] * 5 == told
    assert 20 > time.monotonic() - begin


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_that_nobody_raised_on_purpose_surfaces_with_its_own_traceback(processes: int) -> None:
    with pytest.raises((ZeroDivisionError, RuntimeError), match="on purpose") as raised:
        list(spread(iter([2, FAILS, 4]), Doubling, processes))
    assert processes == 1 or "in work" in str(raised.value)


def test_an_interrupt_finishes_what_was_begun() -> None:
    def tasks() -> Iterator[int]:
        yield from (1, 2)
        raise KeyboardInterrupt

    told = list(spread(tasks(), Doubling, 1))
    assert [4, 2, Interrupted()] == told
