"""Times in every form that records write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.normalise.times import Clock, nanoseconds, read_iso, read_times, read_times_with

SECOND = 1_000_000_000
NOON = 1_591_743_054 * SECOND  # 2020-06-09T22:50:54Z

FORMS = [
    ("2020-06-09 22:50:54", NOON),
    ("2020-06-09T22:50:54Z", NOON),
    ("2020-06-09T22:50:54.5Z", NOON + SECOND // 2),
    ("2020-06-09T22:50:54.123456789Z", NOON + 123_456_789),
    ("2020-06-09T22:50:54.12345678999999Z", NOON + 123_456_789),
    ("2020-06-09T22:50:54,25", NOON + SECOND // 4),
    ("2020-06-10T05:50:54+07:00", NOON),
    ("2020-06-10T05:50:54+0700", NOON),
    ("2020-06-09T17:50:54-05", NOON),
    ("2020-06-09 22:50:54 UTC", NOON),
    ("2020-06-09T22:50", NOON - 54 * SECOND),
    ("2020-06-09", NOON - (22 * 3600 + 50 * 60 + 54) * SECOND),
    ("2016-12-31T23:59:60Z", 1_483_228_800 * SECOND),
    ("1591743054", NOON),
    ("1591743054.25", NOON + SECOND // 4),
    ("1591743054000", NOON),
    ("1591743054000000", NOON),
    ("1591743054000000001", NOON + 1),
    ("0", 0),
    ("132361230540000000", None),
    ("2020-02-31T00:00:00Z", None),
    ("2020-06-09T25:00:00Z", None),
    ("1601-01-01T00:00:00Z", None),
    ("9999-12-31T23:59:59Z", None),
    ("now", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "expected"), FORMS)
def test_a_time_is_read_as_utc_nanoseconds(text: str, expected: int | None) -> None:
    assert expected == nanoseconds(text)


def test_one_odd_time_does_not_spoil_a_column() -> None:
    column = pa.array(["2020-06-09T22:50:54Z", None, "2020-02-31T00:00:00Z", "1591743054"])
    assert [NOON, None, None, NOON] == read_times(column).cast(pa.int64()).to_pylist()


@given(st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31)), st.sampled_from(" T"), st.sampled_from(["", "Z"]))  # noqa: DTZ001 - a record's time without a zone
def test_both_ways_of_reading_agree(time: datetime, between: str, zone: str) -> None:
    text = time.isoformat(between, "microseconds") + zone
    expected = (time.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
    assert expected == nanoseconds(text)
    assert [expected] == read_times(pa.array([text])).cast(pa.int64()).to_pylist()


WHOLE = [
    ["2020-06-09T22:50:54.5+0700", "2020-06-09T22:50:54+0700", None],
    ["2020-06-09T22:50:54-05:30", "2021-06-09T22:50:54.123456789-05:30"],
    ["2020-06-09T22:50:54+0700", "2020-06-09T22:50:54-0700"],
    ["2020-06-09T22:50:54Z", "2020-06-09T22:50:54"],
    ["2020-06-09 22:50:54", "2020-06-09 22:50:55.25"],
    ["2020-02-31T22:50:54+0700"],
    ["1591743054.25", None, "1591743054.123456789"],
    ["8999999999.999999999", "1591743054.1234567891", "1591743054"],
    ["9999999999.5", "1591743054.5"],
    [None, None],
    [],
]


@pytest.mark.parametrize("texts", WHOLE)
@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=7))])
def test_a_column_is_read_as_its_texts_are(texts: list[str | None], zone: tzinfo) -> None:
    clock = Clock(zone, latest=NOON)
    column = pa.array(texts, pa.string())
    expected = [text and nanoseconds(text) for text in texts]
    assert expected == read_times(column).cast(pa.int64()).to_pylist()
    expected = [text and read_iso(text, clock) for text in texts]
    assert expected == read_times_with(read_iso, column, clock).cast(pa.int64()).to_pylist()
