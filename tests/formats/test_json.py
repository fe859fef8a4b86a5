"""JSON by lines and by documents: every record once, in its place, whatever is damaged beside it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.formats import json_documents, json_lines
from sentinel.formats.base import Block
from sentinel.formats.gather import ALL, FAULTS, Gatherer
from sentinel.formats.registry import HEAD_BYTES, recognise
from tests.formats.reading import faults_of, gathered, rows_of
from tests.formats.shapes import SHAPES, line_of

if TYPE_CHECKING:
    from collections.abc import Callable

DOCUMENTS, LINES = json_documents.FORMAT, json_lines.FORMAT
EVENTS = [{"EventID": number, "Channel": "A", "X": '{["\\,}]' * 3, "Y": {"Z": [number]}} for number in range(5)]
CODES = ["0", "1", "2", "3", "4"]
WRITTEN: dict[str, Callable[[list[dict[str, object]]], str]] = {
    "array on one line": json.dumps,
    "array without spaces": lambda events: json.dumps(events, separators=(",", ":")),
    "array, a record a line": lambda events: "[\n" + ",\n".join(map(json.dumps, events)) + "\n]\n",
    "pretty array": lambda events: json.dumps(events, indent=2),
    "pretty objects in a row": lambda events: "\n".join(json.dumps(event, indent=4) for event in events),
    "objects side by side": lambda events: "".join(map(json.dumps, events)),
    "evtx_dump -o json": lambda events: "".join(
        f"Record {number}\n{json.dumps(event, indent=2)}\n" for number, event in enumerate(events, 1)
    ),
    "carriage returns": lambda events: json.dumps(events, indent=2).replace("\n", "\r\n"),
    "byte order mark": lambda events: "\ufeff" + json.dumps(events, indent=2),
}


def codes_of(data: bytes) -> list[str]:
    return [row["event.code"] for row in rows_of(DOCUMENTS, data)]


@pytest.mark.parametrize("form", WRITTEN)
def test_documents_of_every_form_are_recognised_and_read(form: str) -> None:
    data = WRITTEN[form](EVENTS).encode()
    assert DOCUMENTS is recognise(data)
    assert (CODES, []) == (codes_of(data), faults_of(DOCUMENTS, data))


@pytest.mark.parametrize("form", WRITTEN)
def test_the_place_of_a_document_is_its_first_byte(form: str) -> None:
    data = WRITTEN[form](EVENTS).encode()
    batches = list(gathered(DOCUMENTS, data).rest())
    assert len(EVENTS) == sum(map(len, batches))
    for batch in batches:
        for place, raw in zip(batch.positions, batch.raws, strict=True):
            assert raw == data[place : place + len(raw)]


@given(st.sampled_from(sorted(WRITTEN)), st.integers(1, 200))
def test_cutting_documents_anywhere_neither_loses_nor_doubles_one(form: str, step: int) -> None:
    data, waiting, found = WRITTEN[form](EVENTS).encode(), b"", list[str]()
    for begin in range(0, len(data) + step, step):
        waiting += data[begin : begin + step]
        whole = DOCUMENTS.cut(waiting, begin >= len(data))
        gatherer = Gatherer(lambda _kind: ALL)
        DOCUMENTS.read(Block(0, begin, waiting[:whole], line=1), gatherer)
        assert [] == gatherer.faults
        found += [code for batch in gatherer.rest() for code in batch.columns.column("event.code").to_pylist()]
        waiting = waiting[whole:]
    assert CODES == found


DAMAGES: dict[str, Callable[[str], str]] = {
    "a brace is missing": lambda record: record.replace("}", "", 1),
    "two braces are missing": lambda record: record.replace("}", ""),
    "a brace too many": lambda record: record + "}",
    "cut in the middle": lambda record: record[: len(record) // 2],
    "a quote is missing": lambda record: record.replace('"Channel', "Channel", 1),
    "a quote too many": lambda record: record.replace("EventID", 'Ev"entID', 1),
    "a colon is missing": lambda record: record.replace(":", "", 1),
    "rubbish": lambda _record: "rubbish" * 3,
    "binary": lambda record: "\0\x01\x02" + record[10:],
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("form", ["lines", "one line", "pretty"])
def test_damage_costs_one_document_and_is_told(damage: str, form: str) -> None:
    events = [{"EventID": number, "Channel": "A", "Y": {"Z": "text"}} for number in range(5)]
    records = [json.dumps(event, indent=2 if form == "pretty" else None) for event in events]
    records[2] = DAMAGES[damage](records[2])
    data = ("[" + (", " if form == "one line" else ",\n").join(records) + "]").encode()
    found = codes_of(data)
    # The record with a brace or quote too many is whole but for that; the one behind a missing quote may go with it.
    assert {"0", "1", "4"} <= set(found) <= set(CODES)
    assert "3" in found or form == "one line"
    assert faults_of(DOCUMENTS, data)


def test_many_damages_in_one_block_cost_one_document_each() -> None:
    record = '{"EventID": 7, "Channel": "A", "Y": {"Z": 1}}'
    data = (",\n".join([record, record[:-1], record, record[:-2], record, "x"] * 500)).encode()
    assert 1500 == len(rows_of(DOCUMENTS, data))


def test_a_fault_between_documents_tells_its_line() -> None:
    (fault,) = faults_of(DOCUMENTS, b'[{"EventID":7,"Channel":"A"},\n rubbish,\n{"EventID":7,"Channel":"A"}]')
    assert (2, 31) == (fault.line, fault.offset)


HOSTILE = {
    "braces": b"{",
    "brackets": b"[",
    "quotes": b'"',
    "closing braces": b"}",
    "escaped quotes": b'\\"',
    "a string of escaped quotes": b'"\\"\\"\\"\\"',
    "backslashes": b"\\",
    "unclosed objects": b'{"a":',
    "unclosed objects by line": b"\n{",
    "unclosed objects after commas": b",{",
    "unclosed strings after commas": b',{"',
    "unclosed strings by line": b'{\n"a',
    "white space": b" \n",
    "objects far apart": b"," + b" " * 70 + b"{",
    "damaged records": b'{"x":"},',
    "an unclosed object and line feeds": b"\n" * 4000,
    "an unclosed object and commas": b", \n" * 4000,
    "noise of evtx_dump": b"Record 1\n",
    "zeros": b"\0",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_take_no_longer_than_they_are_long(name: str) -> None:
    data = (HOSTILE[name] * ((1 << 20) // len(HOSTILE[name])))[: 1 << 20]
    if name.startswith("an unclosed object"):
        data = b"{" + data
    begin = time.process_time()
    DOCUMENTS.cut(data, False)
    gathered(DOCUMENTS, data)
    recognise(data[:HEAD_BYTES])
    assert 2 > time.process_time() - begin


@pytest.mark.parametrize("shape", SHAPES)
def test_a_line_of_any_shape_is_recognised(shape: str) -> None:
    assert LINES is recognise(line_of(SHAPES[shape]) + b"\n" + b"x" * 100)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_first_record_longer_than_the_head_is_recognised(shape: str) -> None:
    record = json.loads(line_of(SHAPES[shape])) | {"zzz": "x" * HEAD_BYTES}
    assert DOCUMENTS is recognise(json.dumps(record).encode()[:HEAD_BYTES])


GOOD = b'{"EventID":7,"Channel":"A"}\n'


@pytest.mark.parametrize(
    "first",
    [b'{"EventID":7,"Chan', b'nnel":"A"}', b"\0\0\0", b"{}", b'{"a":1}', b"rubbish", b"\r\n\r", b"}", b'"', b"null"],
)
def test_lines_are_recognised_behind_a_damaged_first_one(first: bytes) -> None:
    data = first + b"\n" + GOOD * 3
    assert LINES is recognise(data)
    assert 3 == gathered(LINES, data).events


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\n\n",
        b"{" * HEAD_BYTES,
        b"[" * HEAD_BYTES,
        b'"' * HEAD_BYTES,
        b"{}",
        b"[]",
        b"[1, 2, 3]",
        b'{"name": "portal", "version": "1.0.0", "System": {"os": "linux"}}',
        b'{"ts":1.5,"uid":"C1","id.orig_h":"192.0.2.1","id.orig_p":1}\n' * 3,
        b'{"time_local":"x","request":"GET /","status":200}\n',
        b'{"event":{"kind":"event"},"host":{"name":"a"},"source":{"ip":"192.0.2.1"}}\n',
        b'{"EventID": 7, "Name": "no channel, no provider"}\n',
        b"<165> and nothing that is a header\n",
        b"Mar  1 08:00:00 and no program\n",
        b"<Events><Event><System/></Event></Events>",
        b"ElfFil\0\0",
        b"PK\x03\x04",
        b"\x00" * 100,
        b"Record 1\nnothing",
    ],
)
def test_what_merely_looks_similar_is_not_recognised(head: bytes) -> None:
    assert None is recognise(head)


@given(st.binary(max_size=2000), st.sampled_from([b"", b"{", b"[", b'{"EventID":7,"Channel":"A"', b"ElfFile\0"]))
def test_recognising_and_reading_anything_raises_nothing(tail: bytes, head: bytes) -> None:
    data = head + tail
    for each in (LINES, DOCUMENTS):
        each.recognise(data)
        assert 0 <= each.cut(data, False) <= len(data) == each.cut(data, True)
        gathered(each, data)


def test_lines_with_carriage_returns_and_empty_ones_read_the_same() -> None:
    data = b'\r\n{"EventID":7,"Channel":"A"}\r\n\r\n  \n{"EventID":8,"Channel":"A"}'
    assert (["7", "8"], []) == ([row["event.code"] for row in rows_of(LINES, data)], faults_of(LINES, data))


def test_very_many_faults_are_counted_and_not_kept_apart() -> None:
    faults = faults_of(LINES, b"x\n" * (FAULTS + 500))
    assert (FAULTS, FAULTS + 500) == (len(faults), sum(fault.count for fault in faults))


def test_a_log_with_a_line_of_json_among_others_is_no_ndjson() -> None:
    event = line_of(SHAPES["evtx_dump"])
    assert LINES.recognise(b"ut from the front\n" + event + b"\n")
    assert not LINES.recognise(b"text\ntext\n" + event + b"\ntext\ntext\n")
