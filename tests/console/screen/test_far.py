"""The far end of a long queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.console.screen.queue import Queue
from sentinel.model.severity import Level
from tests.console.screen.a_sitting import a_shift, a_sighting, play, sitting

if TYPE_CHECKING:
    from pathlib import Path

MANY = 10_200  # more than are counted, and more than are kept


def test_who_scrolls_far_from_the_cursor_sees_rows_and_finds_the_cursor_again(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(number, level=Level.LOW) for number in range(1, MANY + 1)])

    async def scene() -> None:
        async with sitting(shift) as at:
            first, queue = at.line, at.app.query_one(Queue)
            while queue.leaves is not None and queue.leaves.more:
                queue.scroll_to(y=queue.leaves.rows, animate=False, immediate=True)
                await at.settle()
            queue.scroll_to(y=MANY, animate=False, immediate=True)
            await at.settle()
            assert queue.leaves is not None
            assert MANY == queue.leaves.rows
            await at.until(lambda: "Queue: more than 10,000" in at.shown)
            assert all("Alert" in line for line in at.shown.splitlines()[2:-2])
            assert not at.line  # the cursor stands where it stood, out of sight
            await at.press("down", "up")
            assert first == at.line

    play(scene)
