"""How far a run has come, on the terminal's error stream.

A scan forks, and a forked process must not carry half a thread: so nothing here runs by itself. The line is drawn when
it is told something, at most ten times a second, and only in runs that take longer than a moment.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sentinel.console.numbers import duration, number, size
from sentinel.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console
    from rich.progress import Progress

MOMENT: Final = 1.0
_BETWEEN: Final = 0.1


class ProgressLine:
    """One line that tells how far a run has come; it goes when the run ends."""

    def __init__(
        self, console: Console | None, total: float | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Show it on a console, or nowhere; `total` is what there is to do, None where that is not known."""
        self._console, self._total, self._clock = console, total, clock
        self._begin = clock()
        self._next = self._begin + MOMENT
        self._progress: Progress | None = None

    @property
    def seconds(self) -> float:
        """Give how long the run has taken so far."""
        return self._clock() - self._begin

    def tell(self, done: float, say: Callable[[float, float | None], str], total: float | None = None) -> None:
        """Draw what `say` gives for the seconds gone and those left (None where not known), if it is time to.

        `total` is given where only now it is known how much there is to do.
        """
        self._total = total or self._total
        now = self._clock()
        if self._console is None or now < self._next:
            return
        self._next = now + _BETWEEN
        progress = self._progress or self._open(self._console)
        gone = now - self._begin
        left = gone * (self._total - done) / done if self._total and 0 < done <= self._total else None
        progress.update(progress.task_ids[0], completed=done, total=self._total, text=say(gone, left))
        progress.refresh()

    def _open(self, console: Console) -> Progress:
        from rich.progress import BarColumn, Progress, TextColumn  # most runs are over before there is a line to draw

        bar, text = BarColumn(bar_width=20), TextColumn("{task.fields[text]}", markup=False)
        self._progress = Progress(
            bar, text, console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        self._progress.add_task("", total=self._total, text="")
        self._progress.start()
        return self._progress

    def close(self) -> None:
        """Take the line away."""
        if self._progress:
            self._progress.stop()
            self._progress = None


def scanning(done: int, total: int | None, events: int, hits: int) -> Callable[[float, float | None], str]:
    """Give what is said of a scan: bytes, rates, hits, and the time that is left."""

    def say(gone: float, left: float | None) -> str:
        read = _("{done} of {total}").format(done=size(done), total=size(total)) if total else size(done)
        parts = [
            read,
            _("{size} a second").format(size=size(done / gone)),
            _("{count} events a second").format(count=number(events / gone)),
            n_("{count} hit", "{count} hits", hits).format(count=number(hits)),
        ]
        if left is not None:
            parts.append(_("{duration} left").format(duration=duration(left)))
        return " · ".join(parts)

    return say


def compiling(done: int, total: int) -> Callable[[float, float | None], str]:
    """Give what is said while rules are compiled."""
    text = _("compiling rules: {done} of {total}").format(done=number(done), total=number(total))
    return lambda _gone, _left: text


def working(done: int, total: int) -> Callable[[float, float | None], str]:
    """Give what is said while so many bytes of so many are read or copied."""

    def say(_gone: float, left: float | None) -> str:
        text = _("{done} of {total}").format(done=size(done), total=size(total))
        if left is None:
            return text
        return " · ".join((text, _("{duration} left").format(duration=duration(left))))

    return say


def passing(events: int) -> Callable[[float, float | None], str]:
    """Give what is said while events pass."""

    def say(gone: float, _left: float | None) -> str:
        told = n_("{count} event", "{count} events", events).format(count=number(events))
        return " · ".join((told, _("{count} events a second").format(count=number(events / gone))))

    return say
