"""Histograms: bars of the reader's clock, in parts by value, in any terminal."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel import language
from sentinel.console.bars import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    WEEK,
    bar_lines,
    csv_lines,
    foot,
    histogram_object,
    interval_for,
    interval_text,
    spans,
    step_of,
    values_of,
)
from sentinel.console.theme import console_for, put
from sentinel.console.times import iso, shown, zone_named
from sentinel.store.base import Bar
from tests.console.a_stored import NOON, time_of

GOLDEN = Path(__file__).parent / "golden"
HANOI = zone_named("Asia/Ho_Chi_Minh")
BERLIN = zone_named("Europe/Berlin")
COUNTS = (3, 0, 1, 120, 47, 0, 0, 9)
VALUES = ("web.access", "windows.sysmon", "x\x1b[31m", "", "e", "f", "g")


def bars(*counts: int, step: int = HOUR, begin: int = NOON) -> list[Bar]:
    return [Bar(begin + place * step, count) for place, count in enumerate(counts) if count]


def stacked() -> list[Bar]:
    counts = [(hour, value, (hour * 7 + place * 3) % 5) for hour in range(6) for place, value in enumerate(VALUES)]
    return [Bar(NOON + hour * HOUR, count, value) for hour, value, count in counts if count]


@pytest.mark.parametrize("plain", [True, False], ids=["ascii", "unicode"])
@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("code", ["en", "vi"])
@pytest.mark.parametrize("name", ["simple", "stacked"])
def test_what_is_drawn_is_as_it_was_looked_at(
    name: str, code: str, width: int, plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    language.use(code)
    found = spans(bars(*COUNTS) if name == "simple" else stacked(), HOUR, HANOI)
    out = io.StringIO()
    put(console_for(out, "never"), *bar_lines(found, HOUR, HANOI, width, plain=plain), foot(found, HOUR, HANOI))
    path = GOLDEN / f"histogram-{name}-{code}-{width}-{'ascii' if plain else 'unicode'}.txt"
    if os.environ.get("REWRITE_GOLDEN"):  # look at every change before it is committed
        path.write_text(out.getvalue(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == out.getvalue()
    assert max(map(len, out.getvalue().splitlines())) <= width
    assert not plain or code != "en" or out.getvalue().isascii()


def test_times_without_events_between_others_have_a_line_too() -> None:
    assert list(COUNTS) == [span.events for span in spans(bars(*COUNTS), HOUR, HANOI)]


def test_nothing_gives_no_line() -> None:
    assert [] == spans([], HOUR, HANOI)


def test_the_highest_bar_is_as_wide_as_there_is_room_and_the_least_is_seen() -> None:
    lines = [line.plain for line in bar_lines(spans(bars(1, 1_000_000), HOUR, HANOI), HOUR, HANOI, 80, plain=True)]
    assert ["#" * (80 - 16 - 9 - 4)] == lines[1].split()[-1:]
    assert lines[0].endswith("  #")


def test_a_bar_of_parts_is_as_long_as_one_without() -> None:
    found = spans(stacked(), HOUR, HANOI)
    whole = [span.events for span in found]
    lines = [line.plain for line in bar_lines(found, HOUR, HANOI, 80, plain=True)[-len(found) :]]
    room = max(len(line.split()[-1]) for line in lines)
    assert [round(count * room / max(whole)) for count in whole] == [len(line.split()[-1]) for line in lines]


def test_a_day_is_one_of_the_readers_clock() -> None:
    quarters = [Bar(NOON + place * 15 * MINUTE, 1) for place in range(4 * 48)]  # from noon, for two days
    found = spans(quarters, DAY, HANOI)
    assert [(f"2026-11-{day} 00:00:00", count) for day, count in ((20, 48), (21, 96), (22, 48))] == [
        (shown(span.begin, HANOI), span.events) for span in found
    ]


def test_a_week_begins_on_monday() -> None:
    (found,) = spans([Bar(NOON, 1)], WEEK, HANOI)
    assert "2026-11-16 00:00:00" == shown(found.begin, HANOI)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_on_which_the_clock_changes_is_one_day(day: str, hours: int) -> None:
    begin = time_of(f"{day}T00:00:00+02:00") - 26 * HOUR
    found = spans([Bar(begin + place * 15 * MINUTE, 1) for place in range(4 * 80)], DAY, BERLIN)
    by_day = {shown(span.begin, BERLIN): span.events for span in found}
    assert hours * 4 == by_day[f"{day} 00:00:00"]


def test_an_hour_that_the_clock_shows_twice_is_two_lines() -> None:
    begin = time_of("2026-10-25T00:00:00+00:00")
    found = spans(bars(1, 2, step=HOUR, begin=begin), HOUR, BERLIN)
    assert [("2026-10-25 02:00:00", 1), ("2026-10-25 02:00:00", 2)] == [
        (shown(span.begin, BERLIN), span.events) for span in found
    ]


def test_a_zone_at_half_an_hour_has_hours_of_its_own() -> None:
    zone = zone_named("Asia/Kolkata")
    found = spans([Bar(NOON + place * 15 * MINUTE, 1) for place in range(8)], HOUR, zone)
    assert {"00:00"} == {shown(span.begin, zone)[14:] for span in found}
    assert [2, 4, 2] == [span.events for span in found]


@given(
    st.lists(st.tuples(st.integers(0, 400 * 96), st.integers(1, 9)), min_size=1, max_size=30),
    st.sampled_from([15 * MINUTE, HOUR, 6 * HOUR, DAY, WEEK]),
    st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC"]),
)
def test_no_event_is_lost_and_spans_follow_one_another(cells: list[tuple[int, int]], interval: int, name: str) -> None:
    zone = zone_named(name)
    found = spans([Bar(NOON + cell * 15 * MINUTE, count) for cell, count in cells], interval, zone)
    assert sum(count for _cell, count in cells) == sum(span.events for span in found)
    begins = [span.begin for span in found]
    assert sorted(set(begins)) == begins
    assert found[0].events
    assert found[-1].events


@pytest.mark.parametrize(
    ("span", "interval"),
    [(0, SECOND), (MINUTE, 5 * SECOND), (HOUR, 5 * MINUTE), (DAY, HOUR), (30 * DAY, DAY), (365 * DAY, 4 * WEEK)],
)
def test_the_interval_follows_the_span(span: int, interval: int) -> None:
    assert interval == interval_for(span)


@pytest.mark.parametrize(
    ("interval", "step"), [(SECOND, SECOND), (5 * MINUTE, 5 * MINUTE), (HOUR, 15 * MINUTE), (7 * MINUTE, MINUTE)]
)
def test_events_are_counted_in_steps_that_any_clock_can_be_made_of(interval: int, step: int) -> None:
    assert step == step_of(interval)


@pytest.mark.parametrize(("interval", "text"), [(90 * SECOND, "90s"), (HOUR, "1h"), (14 * DAY, "2w"), (DAY, "1d")])
def test_an_interval_is_written_as_the_option_takes_it(interval: int, text: str) -> None:
    assert text == interval_text(interval)


def test_values_are_in_the_order_of_their_events() -> None:
    found = spans([Bar(NOON, 1, "a"), Bar(NOON, 5, "b"), Bar(NOON + HOUR, 5, "a")], HOUR, HANOI)
    assert ["a", "b"] == values_of(found)


def test_programs_read_the_same_numbers() -> None:
    found = spans([Bar(NOON, 1, "=a"), Bar(NOON, 5, "b"), Bar(NOON + 2 * HOUR, 2, "b")], HOUR, HANOI)
    shown_bars = json.loads(json.dumps(histogram_object(found, HOUR, "x")))
    assert [iso(NOON), {"=a": 1, "b": 5}, 6] == [shown_bars["bars"][0][name] for name in ("time", "values", "events")]
    assert [6, 0, 2] == [bar["events"] for bar in shown_bars["bars"]]
    lines = [line.strip() for line in csv_lines(found, "x")]
    assert ["time,x,events", f"{iso(NOON)},'=a,1", f"{iso(NOON)},b,5"] == lines[:3]
    assert ["time,events", f"{iso(NOON)},6", f"{iso(NOON + HOUR)},0"] == [
        line.strip() for line in csv_lines(found, "")
    ][:3]
