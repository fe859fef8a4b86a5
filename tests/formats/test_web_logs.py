"""What holds for every web log: it is told from the others, and nothing that is broken stops it."""

from __future__ import annotations

import pickle
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.formats.registry import formats, recognise
from tests.formats.reading import gathered
from tests.formats.web_lines import SOURCES

WEB = {each.name: each for each in formats() if each.name in SOURCES}
CASES = [(name, data) for name, several in SOURCES.items() for data in several]
HOSTILE = (
    b'"' * (1 << 20),
    b"\\" * (1 << 20),
    b" " * (1 << 20),
    b"[" * (1 << 20),
    b"1.1.1.1 - " + b"a " * (1 << 19),
    b'1.1.1.1 - - [22/Nov/2026:10:00:00 +0700] "' + b'\\"' * (1 << 19),
    b'1.1.1.1 - - [22/Nov/2026:10:00:00 +0700] "GET /' + b"%25" * (1 << 18) + b' HTTP/1.1" 200 1',
    b'1.1.1.1 - - [22/Nov/2026:10:00:00 +0700] "GET /" 200 1 "-" "-" "' + b"1, " * (1 << 18),
    b"2026/11/22 10:00:00 [error] 1#1: *1 " + b', client: a, server: b, request: "' * (1 << 15),
    b"2026/11/22 10:00:00 [error] 1#1: *1 ModSecurity: " + b'[id "' * (1 << 17),
    b"[Sun Nov 22 10:00:00 2026] [error] " + b"[client a] (1)a: " * (1 << 15),
    b"#Fields: " + b"a " * (1 << 18) + b"\n" + b'"" ' * (1 << 18),
    b"1.1.1.1:1 [22/Nov/2026:10:00:00.123] a b/c 1/1/1/1/1 200 1 - - ---- 1/1/1/1/1 1/1 " + b"{|" * (1 << 18),
    b"1795316400.123 1 1.1.1.1 TCP_HIT/200 1 GET http://" + b"a@" * (1 << 19) + b" - HIER_NONE/- -",
)


@pytest.mark.parametrize(("name", "data"), CASES)
def test_a_log_is_told_by_its_lines_alone(name: str, data: bytes) -> None:
    found = recognise(data)
    assert found is not None
    assert name == found.name


@pytest.mark.parametrize(("name", "data"), CASES)
def test_no_other_web_log_takes_it(name: str, data: bytes) -> None:
    assert [name] == [each.name for each in WEB.values() if each.recognise(data)]


@pytest.mark.parametrize("name", sorted(WEB.keys() - {"w3c"}))
def test_a_log_cut_from_the_front_with_a_damaged_line_is_still_told(name: str) -> None:
    data = max(SOURCES[name], key=len)
    found = recognise(data[7:] + b"?\n" + data * 3)
    assert found is not None
    assert name == found.name


@given(case=st.sampled_from(CASES), cut=st.integers(0, 999), at=st.integers(0, 9999), bit=st.integers(0, 7))
def test_broken_logs_give_faults_and_no_more_events_than_lines(
    case: tuple[str, bytes], cut: int, at: int, bit: int
) -> None:
    name, data = case
    broken = bytearray(data[: max(1, len(data) - cut)])
    broken[at % len(broken)] ^= 1 << bit
    read = gathered(WEB[name], bytes(broken))
    for _batch in read.rest():
        pass
    # One more fault may tell that lines are not UTF-8.
    assert read.events + len(read.faults) <= len(bytes(broken).splitlines()) + 1


@pytest.mark.parametrize("name", WEB)
def test_no_line_of_a_megabyte_takes_long(name: str) -> None:
    for data in HOSTILE:
        began = time.process_time()
        gathered(WEB[name], data)
        assert time.process_time() - began < 2, data[:60]


@pytest.mark.parametrize(("name", "data"), CASES)
def test_a_format_goes_to_other_processes(name: str, data: bytes) -> None:
    there = pickle.loads(pickle.dumps(WEB[name]))  # noqa: S301 - ours
    assert gathered(WEB[name], data).events == gathered(there, data).events > 0
