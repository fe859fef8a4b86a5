"""Ids of events: the same for the same record of the same source, and for no other."""

from __future__ import annotations

import pytest

from sentinel.model.hit import event_id

TIME = 1_795_132_801_443_000_000
SOURCE = b"\x01" * 16


def test_an_id_begins_with_its_time_in_milliseconds() -> None:
    assert f"{TIME // 1_000_000:012x}" == event_id(TIME, SOURCE, b"{}", 0)[:12]


def test_an_id_is_36_hexadecimal_digits() -> None:
    assert (36, set()) == (
        len(event_id(TIME, SOURCE, b"{}", 7)),
        set(event_id(TIME, SOURCE, b"{}", 7)) - set("0123456789abcdef"),
    )


@pytest.mark.parametrize(
    ("source", "raw", "offset"), [(b"\x02" * 16, b"{}", 0), (SOURCE, b"{ }", 0), (SOURCE, b"{}", 3), (b"", b"{}", 0)]
)
def test_another_source_record_or_place_has_another_id(source: bytes, raw: bytes, offset: int) -> None:
    assert event_id(TIME, SOURCE, b"{}", 0) != event_id(TIME, source, raw, offset)


def test_the_end_of_a_line_is_none_of_the_record() -> None:
    assert event_id(TIME, SOURCE, b"{}", 5) == event_id(TIME, SOURCE, b"{}\r\n", 5)


@pytest.mark.parametrize("time", [None, -1, 0])
def test_an_event_without_a_time_has_an_id_that_begins_with_none(time: int | None) -> None:
    assert "0" * 12 == event_id(time, SOURCE, b"{}", 0)[:12]
