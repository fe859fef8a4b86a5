"""Stored events for programs: documents, CSV and Parquet hold what the events hold."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.console.documents import CsvSink, JsonSink, NdjsonSink, document, exported
from sentinel.console.parquet import ParquetSink
from sentinel.evidence import nested
from sentinel.store.base import StoredEvent
from tests.console.a_stored import NOON, a_process, an_access

HOSTILE = '=cmd|"x"!A1\x1b[2J\x9b\u202e\u2028\n<script>'
EVIL = replace(an_access("/"), fields={"message": HOSTILE, "user.name": "@evil", "_kind": "a\x1fb\x1f1"})


def parquet(*events: StoredEvent, fields: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - a table of Arrow
    out = io.BytesIO()
    sink = ParquetSink(out, fields)
    for event in events:
        sink.take([event])
    sink.end("")
    return pq.read_table(io.BytesIO(out.getvalue()))


def test_a_document_nests_the_fields_and_writes_times_out() -> None:
    found = document(a_process("whoami"))
    assert "2026-11-20T05:00:00.000000000Z" == found["@timestamp"]
    assert "whoami" == found["process"]["command_line"] == found["winlog"]["event_data"]["CommandLine"]
    assert {"dataset": "windows.sysmon", "code": "1"}.items() <= found["event"].items()
    assert ["lan.pham"] == found["related"]["user"]


def test_a_document_may_hold_chosen_fields_only() -> None:
    found = document(a_process("whoami"), ["process.parent.*", "event.id"])
    assert {"event", "process"} == set(found)
    assert {"parent"} == set(found["process"])


def test_what_a_store_needs_for_itself_is_not_in_a_document() -> None:
    assert "_kind" not in document(EVIL)


def test_a_name_below_one_that_has_a_value_stays_dotted() -> None:
    event = StoredEvent("1", NOON, "x", {"a": "1", "a.b": "2", "a.b.c": "3"})
    assert {"a": "1", "a.b": "2", "a.b.c": "3"}.items() <= document(event).items()


@given(
    st.lists(
        st.dictionaries(
            st.lists(st.sampled_from(["a", "b", "c-d", ""]), min_size=1, max_size=3).map(".".join), st.text(max_size=3)
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_exported_is_nested_as_a_document_is(events: list[dict[str, str]]) -> None:
    names = sorted({name for event in events for name in event})
    columns = [pa.array([event.get(name) for event in events], pa.string()) for name in names]
    kinds = pa.array([f"channel\x1fprovider\x1f{number}" for number in range(len(events))])
    found = list(exported(pa.RecordBatch.from_arrays([*columns, kinds], [*names, "_kind"])))
    marks = [{"sentinel.export": 1, "sentinel.kind": ["channel", "provider", str(number)]} for number in range(9)]
    assert [nested({**event, **mark}) for event, mark in zip(events, marks, strict=False)] == found


def test_json_holds_the_same_text_but_nothing_that_a_terminal_obeys() -> None:
    out = io.BytesIO()
    sink = JsonSink(out, [])
    sink.take([EVIL])
    sink.take([a_process("whoami")])
    sink.end("next")
    text = out.getvalue().decode()
    assert all(line.isprintable() for line in text.splitlines())
    found = json.loads(text)
    assert (HOSTILE, "next") == (found["events"][0]["message"], found["after"])
    assert 2 == len(found["events"])


def test_json_of_nothing_is_json() -> None:
    out = io.BytesIO()
    JsonSink(out, []).end("")
    assert {"events": [], "after": None} == json.loads(out.getvalue())


def test_ndjson_is_a_document_a_line() -> None:
    out = io.BytesIO()
    sink = NdjsonSink(out, [])
    sink.take([EVIL, a_process("whoami")])
    sink.end("")
    assert [HOSTILE, None] == [json.loads(line).get("message") for line in out.getvalue().splitlines()]


def test_no_cell_of_csv_is_a_formula_or_obeyed() -> None:
    out = io.BytesIO()
    sink = CsvSink(out, ["@timestamp", "message", "user.name"])
    sink.take([EVIL])
    text = out.getvalue().decode()
    head, row = csv.reader(io.StringIO(text))
    assert ["@timestamp", "message", "user.name"] == head
    assert ["2026-11-20T05:00:00.000000000Z", "'=cmd", "'@evil"] == [row[0], row[1][:5], row[2]]
    assert "\x1b" not in text


def test_csv_without_chosen_fields_tells_what_happened() -> None:
    out = io.BytesIO()
    sink = CsvSink(out, [])
    sink.take([a_process("whoami")])
    (row,) = csv.DictReader(io.StringIO(out.getvalue().decode()))
    assert ("process-created", "GOV\\lan.pham") == (row["event.action"], row["user.name"])
    assert row["detail"].startswith("process.command_line: whoami")


def test_parquet_holds_every_column_of_events_that_have_different_ones() -> None:
    table = parquet(a_process("whoami"), an_access("/login", 403))
    assert ["whoami", None] == table["process.command_line"].to_pylist()
    assert [None, 403] == table["http.response.status_code"].to_pylist()
    assert pa.timestamp("ns", "UTC") == table.schema.field("@timestamp").type
    assert pa.list_(pa.string()) == table.schema.field("related.user").type


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("a", ["b", "c"], None, []), [["a"], ["b", "c"], None, []]),
        ((["b"], "a"), [["b"], ["a"]]),
        ((1, 2.5), [1.0, 2.5]),
        ((1, "x"), ["1", "x"]),
        ((1, ["x"]), [["1"], ["x"]]),
        ((True, "x"), ["true", "x"]),
    ],
)
def test_a_column_of_parquet_takes_the_type_that_holds_all_values(values: tuple[Any, ...], expected: list[Any]) -> None:
    events = [StoredEvent(str(number), NOON, "x", {"own.field": value}) for number, value in enumerate(values)]
    assert expected == parquet(*events)["own.field"].to_pylist()
    one = io.BytesIO()
    sink = ParquetSink(one, ())
    sink.take(events)
    sink.end("")
    assert expected == pq.read_table(one)["own.field"].to_pylist()


def test_what_did_not_fit_stands_in_parquet_as_a_map() -> None:
    event = replace(EVIL, fields={"_overflow": {"source.port": "x"}})
    assert [[("source.port", "x")], None] == parquet(event, EVIL)["_overflow"].to_pylist()


def test_parquet_of_nothing_is_a_file() -> None:
    assert 0 == parquet().num_rows
