"""EVTX: undamaged records are read whatever is damaged beside them, and what is damaged is told."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from evtx import PyEvtxParser
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.formats import evtx, json_lines
from sentinel.formats.base import Block
from sentinel.formats.gather import ALL, Gatherer
from sentinel.formats.registry import recognise
from tests.formats.evtx_writer import CHUNK_SIZE, HEADER_SIZE, RECORDS_BEGIN, an_event, an_evtx
from tests.formats.reading import batches_of, faults_of, gathered, rows_of

if TYPE_CHECKING:
    from pathlib import Path

EVTX = evtx.FORMAT
FILE = an_evtx([[an_event(chunk * 10 + row, {"X": f"{chunk}.{row}"}) for row in range(3)] for chunk in range(3)])
ALL_OF_IT = ["0.0", "0.1", "0.2", "1.0", "1.1", "1.2", "2.0", "2.1", "2.2"]
SECOND, THIRD = HEADER_SIZE + CHUNK_SIZE, HEADER_SIZE + 2 * CHUNK_SIZE


def texts_of(data: bytes) -> list[str]:
    return [row.get("winlog.event_data.X", "") for row in rows_of(EVTX, data)]


def with_bytes(offset: int, new: bytes) -> bytes:
    return FILE[:offset] + new + FILE[offset + len(new) :]


def test_every_record_is_read_with_its_number() -> None:
    assert (ALL_OF_IT, []) == (texts_of(FILE), faults_of(EVTX, FILE))
    (batch,) = batches_of(EVTX, FILE)
    assert list(range(1, 10)) == batch.positions


def test_the_file_is_recognised() -> None:
    assert EVTX is recognise(FILE[:100])


@pytest.mark.parametrize(
    ("data", "expected", "told"),
    [
        pytest.param(with_bytes(SECOND, b"BadChnk\0"), ALL_OF_IT[:3] + ALL_OF_IT[6:], "signature", id="signature"),
        pytest.param(with_bytes(SECOND + 52, b"\0\1\2\3"), ALL_OF_IT, "checksum", id="checksum of the records"),
        pytest.param(with_bytes(SECOND + 124, b"\0\1\2\3"), ALL_OF_IT, "checksum", id="checksum of the header"),
        pytest.param(with_bytes(SECOND, bytes(CHUNK_SIZE)), ALL_OF_IT[:3] + ALL_OF_IT[6:], "", id="unused chunk"),
        pytest.param(FILE[:-60000], ALL_OF_IT, "truncated", id="cut within a chunk, behind its records"),
        pytest.param(FILE[: THIRD + RECORDS_BEGIN], ALL_OF_IT[:6], "truncated", id="cut before a chunk's records"),
        pytest.param(FILE[:THIRD], ALL_OF_IT[:6], "2 of 3 chunks", id="cut between chunks"),
        pytest.param(FILE[:HEADER_SIZE], [], "0 of 3 chunks", id="header only"),
        pytest.param(FILE[:100], [], "header is not whole", id="less than the header"),
        pytest.param(an_evtx([]), [], "", id="no chunks"),
        pytest.param(FILE + b"rubbish", ALL_OF_IT, "truncated", id="bytes behind the last chunk"),
        pytest.param(with_bytes(8, b"\xff" * 32), ALL_OF_IT, "", id="numbers in the file header"),
    ],
)
def test_damage_is_told_and_the_rest_is_read(data: bytes, expected: list[str], told: str) -> None:
    faults = faults_of(EVTX, data)
    assert expected == texts_of(data)
    assert bool(told) == bool(faults)
    assert all(told in fault.message for fault in faults[:1])


def test_a_log_that_is_being_written_has_no_valid_checksums_and_no_fault() -> None:
    data = bytearray(with_bytes(SECOND + 52, b"\0\1\2\3"))
    data[120] |= 1
    assert (ALL_OF_IT, []) == (texts_of(bytes(data)), faults_of(EVTX, bytes(data)))


def test_a_damaged_record_leaves_the_others_of_its_chunk() -> None:
    place = FILE.index("1.1".encode("utf-16-le"))
    begin = FILE.rindex(b"\x2a\x2a\0\0", 0, place)
    data = with_bytes(begin + 24, b"\xff" * 60)
    found = texts_of(data)
    assert {*ALL_OF_IT[:4], *ALL_OF_IT[6:]} <= set(found) < set(ALL_OF_IT)
    assert faults_of(EVTX, data)


def test_a_record_number_beyond_all_places_stays_in_its_source() -> None:
    begin = FILE.index(b"\x2a\x2a\0\0")
    gatherer = Gatherer(lambda _kind: ALL)
    EVTX.read(Block(3, 0, with_bytes(begin + 8, b"\xff" * 8)), gatherer)
    assert {3} == {position >> 44 for batch in gatherer.rest() for position in batch.positions}


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_names_that_lead_back_to_themselves_do_not_hang(steps: int) -> None:
    begin = HEADER_SIZE
    names = [600 + 20 * number for number in range(steps + 1)]
    data = bytearray(FILE)
    data[begin + 128 : begin + 132] = names[0].to_bytes(4, "little")
    for name, following in zip(names, [*names[1:], names[0]], strict=True):
        data[begin + name : begin + name + 4] = following.to_bytes(4, "little")
    assert {*ALL_OF_IT[3:]} <= set(texts_of(bytes(data)))


def test_names_that_overlap_take_no_time() -> None:
    data = bytearray(FILE[: HEADER_SIZE + CHUNK_SIZE])
    for entry in range(30000, 60000, 8):
        data[HEADER_SIZE + entry : HEADER_SIZE + entry + 8] = (entry + 8).to_bytes(4, "little") + b"\0\0\0\x40"
    for head in range(64):
        data[HEADER_SIZE + 128 + 4 * head : HEADER_SIZE + 132 + 4 * head] = (30000).to_bytes(4, "little")
    begin = time.process_time()
    assert ALL_OF_IT[:3] == texts_of(bytes(data))
    assert 2 > time.process_time() - begin


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, len(FILE) - 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_any_damage_leaves_the_records_of_untouched_chunks(changes: list[tuple[int, int]]) -> None:
    data = bytearray(FILE)
    for offset, byte in changes:
        data[offset if offset % 7 else offset % 4096 + HEADER_SIZE] = byte
    if data[:8] != FILE[:8]:
        return
    untouched = [
        chunk
        for chunk in range(3)
        if data[(begin := HEADER_SIZE + chunk * CHUNK_SIZE) : begin + CHUNK_SIZE] == FILE[begin : begin + CHUNK_SIZE]
    ]
    found = texts_of(bytes(data)) if gathered(EVTX, bytes(data)).events else []
    assert {text for text in ALL_OF_IT if int(text[0]) in untouched} <= set(found)


@given(st.binary(max_size=3000), st.integers(0, 3))
def test_rubbish_behind_a_header_raises_nothing(rubbish: bytes, chunks: int) -> None:
    gathered(EVTX, FILE[:HEADER_SIZE] + b"".join(b"ElfChnk\0" + rubbish.ljust(65528, b"\x2a") for _ in range(chunks)))


def test_reading_evtx_and_reading_its_json_give_the_same_batches(shared: Path) -> None:
    files = sorted((shared / "evtx").rglob("*.evtx"), key=lambda path: path.stat().st_size)[::6]
    for path in files:
        with path.open("rb") as file:
            records: list[Any] = list(PyEvtxParser(file).records_json())
        lines = b"\n".join(json.dumps(json.loads(record["data"])).encode() for record in records)
        from_evtx, from_json = batches_of(EVTX, path.read_bytes()), batches_of(json_lines.FORMAT, lines)
        assert [batch.kind for batch in from_evtx] == [batch.kind for batch in from_json]
        assert [batch.columns for batch in from_evtx] == [batch.columns for batch in from_json]
