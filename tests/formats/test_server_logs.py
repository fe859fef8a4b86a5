"""What holds for the logs of DNS, DHCP and database servers, and for tables, whatever is done to them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.formats.base import Block
from sentinel.formats.gather import ALL, Gatherer
from sentinel.formats.registry import formats, recognise
from tests.formats.reading import batches_of, faults_of, rows_of
from tests.formats.server_logs import LOGS

if TYPE_CHECKING:
    from sentinel.formats.base import Format

OF = {each.name: each for each in formats()}
NAMES = sorted(LOGS)
names = st.sampled_from(NAMES)


def read_in_steps(of: Format, data: bytes, step: int) -> list[tuple[int, dict[str, object]]]:
    """Read a source as it comes, so many bytes at a time; give its events with their places."""
    gatherer, waiting, begin, head = Gatherer(lambda _kind: ALL), b"", 0, b""
    for end in range(step, len(data) + 2 * step, step):
        waiting += data[end - step : end]
        whole = of.cut(waiting, end >= len(data) + step)
        if whole:
            block = Block(0, begin, waiting[:whole], head=head)
            of.read(block, gatherer)
            head = of.head(head, block.data) if of.head else head
            waiting, begin = waiting[whole:], begin + whole
    return sorted_events(gatherer)


def sorted_events(gatherer: Gatherer) -> list[tuple[int, dict[str, object]]]:
    found = [
        (position, dict(record))
        for batch in gatherer.rest()
        for position, record in zip(batch.positions, batch.records or (), strict=True)
    ]
    return sorted(found, key=lambda each: each[0])


@pytest.mark.parametrize("name", NAMES)
def test_each_log_is_recognised_as_its_own_format(name: str) -> None:
    assert name == getattr(recognise(LOGS[name]), "name", "")


@pytest.mark.parametrize("name", NAMES)
def test_each_log_is_recognised_by_no_other_format_but_the_general_ones(name: str) -> None:
    told = [of.name for of in formats() if of.recognise(LOGS[name])]
    assert [name] == [each for each in told if each == name or each not in {"syslog", "csv"}]


@pytest.mark.parametrize("name", NAMES)
def test_each_log_is_read_without_a_fault(name: str) -> None:
    assert [] == faults_of(OF[name], LOGS[name])


@pytest.mark.parametrize("name", NAMES)
def test_carriage_returns_change_nothing_of_an_event_but_line_ends_within_it(name: str) -> None:
    plain = LOGS[name].replace(b"\r\n", b"\n")
    windows = plain.replace(b"\n", b"\r\n")
    expected = [{key: str(value) for key, value in row.items()} for row in rows_of(OF[name], plain)]
    found = rows_of(OF[name], windows)
    assert expected == [
        {key: str(value).replace("\r", "").replace("\\r", "") for key, value in row.items()} for row in found
    ]


@pytest.mark.parametrize("name", NAMES)
def test_the_place_of_an_event_is_its_first_byte(name: str) -> None:
    for batch in batches_of(OF[name], LOGS[name]):
        for place, raw in zip(batch.positions, batch.raws, strict=True):
            assert raw == LOGS[name][place : place + len(raw)]


@given(names, st.integers(1, 400))
def test_cutting_a_log_anywhere_neither_loses_nor_doubles_nor_changes_an_event(name: str, step: int) -> None:
    gatherer = Gatherer(lambda _kind: ALL)
    OF[name].read(Block(0, 0, LOGS[name], line=1, last=True), gatherer)
    assert sorted_events(gatherer) == read_in_steps(OF[name], LOGS[name], step)


@given(names, st.integers(0, 3000), st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 7)), max_size=6), names)
def test_damage_costs_what_is_damaged_and_raises_nothing(
    name: str, cut: int, flips: list[tuple[int, int]], reader: str
) -> None:
    data = bytearray(LOGS[name][cut:] or LOGS[name])
    for place, bit in flips:
        data[place % len(data)] ^= 1 << bit
    for of in {OF[name], OF[reader]}:
        gatherer = Gatherer(lambda _kind: ALL)
        of.recognise(bytes(data))
        of.read(Block(0, 0, bytes(data), line=1, last=True), gatherer)
        assert gatherer.events <= data.count(b"\n") + 1


FILLS = [b"a", b" ", b'"', b"'", b",", b"\t", b"(1)", b"1:", b"a=", b'",', b',""', b": ", b"\n\t", b"\\", b"[", b"-- "]


@pytest.mark.parametrize("name", NAMES)
def test_a_long_line_of_anything_takes_no_longer_than_it_is_long(name: str) -> None:
    slowest = 0.0
    for fill in FILLS:
        for at in (0, 30, 90, len(LOGS[name]) - 3):
            data = LOGS[name][:at] + fill * (100_000 // len(fill)) + b"\n"
            begin = time.process_time()
            OF[name].recognise(data[: 1 << 16])
            OF[name].cut(data, False)
            OF[name].read(Block(0, 0, data, line=1, last=True), Gatherer(lambda _kind: ALL))
            slowest = max(slowest, time.process_time() - begin)
    assert slowest < 2
