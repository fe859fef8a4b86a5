"""Hits over time, cut into bars at round times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.console.report_histogram import MOST_BARS, SECOND, Cells, Histogram
from sentinel.console.report_svg import histogram_svg
from sentinel.console.times import shown, zone_named
from sentinel.model.severity import Level
from tests.console.a_scan import NOON

ZONE = zone_named("Asia/Ho_Chi_Minh")
HOUR = 3600 * SECOND


def histogram(*times: int | None, zone: str = "Asia/Ho_Chi_Minh") -> Histogram:
    cells = Cells(zone_named(zone))
    for time in times:
        cells.add(time, Level.HIGH)
    return cells.histogram()


def test_without_times_there_is_no_bar() -> None:
    assert Histogram() == histogram()
    assert Histogram() == histogram(None)
    assert "" == histogram_svg(Histogram(), ZONE)


def test_one_hit_is_one_bar() -> None:
    assert [(NOON, 1)] == [(bar.begin, bar.hits) for bar in histogram(NOON).bars]


def test_bars_begin_at_round_times_of_the_readers_clock() -> None:
    days = histogram(NOON, NOON + 80 * 24 * HOUR)
    assert 86400 == days.step
    assert "2026-11-20 00:00:00" == shown(days.bars[0].begin, ZONE)
    quarters = histogram(NOON + SECOND, NOON + 12 * HOUR, zone="Asia/Kathmandu")
    assert 600 == quarters.step
    assert "2026-11-20 10:40:00" == shown(quarters.bars[0].begin, zone_named("Asia/Kathmandu"))


@pytest.mark.parametrize(
    ("span", "step"), [(50, 1), (3600, 60), (24 * 3600, 900), (7 * 86400, 7200), (365 * 86400, 7 * 86400)]
)
def test_the_step_suits_the_span(span: int, step: int) -> None:
    assert step == histogram(NOON, NOON + span * SECOND, *(NOON + span * SECOND * n // 50 for n in range(50))).step


def test_levels_are_counted_apart() -> None:
    cells = Cells(ZONE)
    cells.add(NOON, Level.LOW, 3)
    cells.add(NOON, Level.CRITICAL)
    assert [{Level.LOW: 3, Level.CRITICAL: 1}] == [dict(bar.counts) for bar in cells.histogram().bars]


def test_a_wrong_clock_does_not_flatten_the_rest() -> None:
    day = [NOON + minute * 60 * SECOND for minute in range(0, 1440, 5)]
    told = histogram(-11_644_473_600 * SECOND, *day)
    assert 1 == told.outside
    assert 900 == told.step
    assert len(day) == sum(bar.hits for bar in told.bars)


def test_two_hits_far_apart_are_both_drawn() -> None:
    told = histogram(NOON, NOON + 1000 * 24 * HOUR)
    assert 0 == told.outside
    assert 2 == sum(bar.hits for bar in told.bars)


def test_many_different_times_are_counted_in_little_memory() -> None:
    cells = Cells(ZONE)
    for number in range(60_000):
        cells.add(NOON + number * 7 * SECOND, Level.LOW)
    assert len(cells._counts) <= 20_001  # noqa: SLF001 - memory shows nowhere else
    assert 60_000 == sum(bar.hits for bar in cells.histogram().bars)


@given(st.lists(st.integers(-(1 << 62), 1 << 62), min_size=1, max_size=40))
def test_every_hit_is_in_a_bar_or_counted_as_outside(times: list[int]) -> None:
    told = histogram(*times)
    assert len(times) == sum(bar.hits for bar in told.bars) + told.outside
    assert len(told.bars) <= MOST_BARS
    histogram_svg(told, ZONE)


def test_the_drawing_says_in_words_what_it_shows() -> None:
    drawn = histogram_svg(histogram(NOON, NOON, NOON + 3 * SECOND), ZONE)
    said = "3 hits over time, from 2026-11-20 12:00:00 to 2026-11-20 12:00:04; most, 2, from 2026-11-20 12:00:00"
    assert f'aria-label="{said}' in drawn
    assert "<title>2026-11-20 12:00:03 – 12:00:04: 1 hit (1 high)</title>" in drawn
