"""Times in the reader's zone, and the times that readers write."""

from __future__ import annotations

import pytest

from sentinel.console.times import iso, shown, window, zone_named
from sentinel.errors import InputError
from sentinel.model.window import Window

HANOI = zone_named("Asia/Ho_Chi_Minh")
DAY = 86400 * 1_000_000_000
NOON = 1_795_150_800_000_000_000  # 2026-11-20 05:00 UTC


def test_times_are_shown_as_the_clocks_of_the_zone_do() -> None:
    assert ("2026-11-20 12:00:00", "–") == (shown(NOON, HANOI), shown(None, HANOI))
    assert "–" == shown(1 << 80, HANOI)


def test_programs_get_all_nine_places_in_utc() -> None:
    assert ("2026-11-20T05:00:00.000000001Z", None) == (iso(NOON + 1), iso(None))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-20T12:00", NOON),
        ("2026-11-20 12:00:00", NOON),
        ("2026-11-20T05:00Z", NOON),
        ("2026-11-20T06:00+01:00", NOON),
        ("2026-11-20", NOON - DAY // 2),
        ("24h", NOON - DAY),
        ("7d", NOON - 7 * DAY),
        ("90m", NOON - DAY // 16),
    ],
)
def test_a_time_is_read_in_the_readers_zone(text: str, time: int) -> None:
    assert Window(since=time) == window(text, None, HANOI, NOON)


def test_a_day_as_the_end_is_included() -> None:
    assert Window(until=NOON + DAY // 2) == window(None, "2026-11-20", HANOI, NOON)
    assert Window(until=NOON) == window(None, "2026-11-20T12:00", HANOI, NOON)


def test_what_tells_no_time_lies_in_every_window() -> None:
    span = Window(10, 20)
    assert [False, True, True, False, True] == [span.holds(time) for time in (9, 10, 19, 20, None)]


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "24", "9999-12-31", "-1h"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a time") as caught:
        window(None, text, HANOI, NOON)
    assert "--until" == caught.value.place


def test_an_end_that_is_not_after_the_start_is_refused() -> None:
    with pytest.raises(InputError, match="'2026-11-19' is not after --since '2026-11-20'"):
        window("2026-11-20", "2026-11-19", HANOI, NOON)
    assert Window(NOON - DAY // 2, NOON + DAY // 2) == window("2026-11-20", "2026-11-20", HANOI, NOON)
