"""The line that tells how far a run has come."""

from __future__ import annotations

import io
import threading

from rich.console import Console

from sentinel.console.progress import ProgressLine, compiling, passing, scanning, working


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_short_run_shows_nothing() -> None:
    out, clock = io.StringIO(), Clock()
    line = ProgressLine(Console(file=out, force_terminal=True, width=100), 100, clock)
    clock.now = 0.9
    line.tell(90, scanning(90, 100, 5, 0))
    line.close()
    assert "" == out.getvalue()


def test_a_long_run_is_told_at_most_ten_times_a_second_and_by_no_thread() -> None:
    out, clock, said = io.StringIO(), Clock(), []
    line = ProgressLine(Console(file=out, force_terminal=True, width=100), 100, clock)

    def say(gone: float, left: float | None) -> str:
        said.append((round(gone, 2), left and round(left, 2)))
        return "text"

    threads = threading.active_count()
    for hundredth in range(200):
        clock.now = hundredth / 100
        line.tell(hundredth / 4, say)
    assert threads == threading.active_count()
    line.close()
    assert 10 == len(said)
    assert (1.0, 3.0) == said[0]
    assert "text" in out.getvalue()


def test_a_scan_tells_bytes_rates_hits_and_what_is_left() -> None:
    told = scanning(50_000_000, 200_000_000, 120_000, 1)(2.0, 6.0)
    assert "50 MB of 200 MB · 25 MB a second · 60,000 events a second · 1 hit · 6.0 s left" == told
    assert "50 MB · 25 MB a second · 60,000 events a second · 2 hits" == scanning(50_000_000, None, 120_000, 2)(
        2.0, None
    )
    assert "compiling rules: 5 of 2,407" == compiling(5, 2407)(1.0, None)


def test_looking_after_a_store_tells_bytes_or_events() -> None:
    assert "50 MB of 200 MB · 6.0 s left" == working(50_000_000, 200_000_000)(2.0, 6.0)
    assert "50 MB of 200 MB" == working(50_000_000, 200_000_000)(2.0, None)
    assert "120,000 events · 60,000 events a second" == passing(120_000)(2.0, None)


def test_the_total_may_come_to_be_known_later() -> None:
    out, clock = io.StringIO(), Clock()
    line = ProgressLine(Console(file=out, force_terminal=True, width=100), None, clock)
    clock.now = 2.0
    line.tell(50, lambda _gone, left: f"left: {left}", 200)
    line.close()
    assert "left: 6.0" in out.getvalue()


def test_where_there_is_no_terminal_only_time_is_taken() -> None:
    clock = Clock()
    line = ProgressLine(None, None, clock)
    clock.now = 5.0
    line.tell(1, scanning(1, None, 1, 1))
    line.close()
    assert 5.0 == line.seconds
