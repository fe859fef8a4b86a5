"""What is made a column at once is what converters make one at a time."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.model import ecs
from sentinel.normalise.batch import normalise
from sentinel.normalise.convert import MISFIT, integer, port
from sentinel.normalise.mapping import repeated
from sentinel.normalise.related import related_columns
from sentinel.normalise.windows_powershell import context, detail
from tests.builders import batch_of

NOW = 1_750_000_000_000_000_000
NUMBERS = [
    ["1", "007", None, "0"],
    ["65535", "65536"],
    ["0x1F", "12"],
    [" 12", "+5", "-3"],
    ["9223372036854775807", "9223372036854775808"],
    ["000000000000000000000001"],
    ["٣", "4"],
    ["-", "", "17"],
]


@pytest.mark.parametrize("texts", NUMBERS)
@pytest.mark.parametrize(("field", "column", "convert"), [
    ("ProcessId", "process.pid", integer), ("SourcePort", "source.port", port),
])  # fmt: skip
def test_numbers_are_those_of_the_converter(texts: list[str | None], field: str, column: str, convert: object) -> None:
    assert callable(convert)
    made = normalise(batch_of("windows.sysmon", 3, [{field: text} for text in texts]), NOW).columns
    values = [convert(text) if text and text != "-" else None for text in texts]
    assert [None if value is MISFIT else value for value in values] == made.column(column).to_pylist()
    assert [value is MISFIT for value in values] == [each is not None for each in made.column(ecs.OVERFLOW).to_pylist()]


def test_each_name_of_an_event_is_related_once_in_order() -> None:
    made = {
        "source.ip": pa.array(["b", None, "a", "", None]),
        "destination.ip": pa.array(["a", None, "a", "c", None]),
        "dns.resolved_ip": pa.array([["d", "b", "d"], None, [], ["", "c"], []], pa.list_(pa.string())),
    }
    assert [["b", "a", "d"], None, ["a"], ["c"], None] == related_columns(made)["related.ip"].to_pylist()


def test_a_single_name_is_related_alone() -> None:
    assert [["a"], None, None] == related_columns({"host.name": pa.array(["a", None, ""])})["related.hosts"].to_pylist()


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_a_constant_stands_in_every_row(rows: int) -> None:
    words, word = repeated("event.type", ("start", "", "kết nối"), rows), repeated("event.kind", "sự kiện", rows)
    words.validate(full=True)
    word.validate(full=True)
    assert [["start", "", "kết nối"]] * rows == words.to_pylist()
    assert ["sự kiện"] * rows == word.to_pylist()


@pytest.mark.parametrize(("field", "text", "column"), [
    ("Image", "C:\\a.exe", "process.executable"),
    ("ProcessGuid", "{6a910b9d-498a-5ee0-c903-000000000400}", "process.entity_id"),
])  # fmt: skip
def test_a_field_of_the_same_texts_shares_its_native_column(field: str, text: str, column: str) -> None:
    columns = normalise(batch_of("windows.sysmon", 1, [{field: text}, {field: None}]), NOW).columns
    ours, theirs = (columns.column(name).buffers() for name in (column, f"winlog.event_data.{field}"))
    assert [each.address for each in theirs] == [each.address for each in ours]


def test_a_column_of_blanks_has_the_type_of_its_field() -> None:
    columns = normalise(batch_of("windows.sysmon", 7, [{"Signed": "-", "Image": "-"}]), NOW).columns
    assert pa.bool_() == columns.column("dll.code_signature.signed").type
    assert pa.string() == columns.column("process.name").type


PARTS = ["User", "Connected ", " =", "= ", "=", "an", "\n", "\r\n", " ", "\t", "\x1f", "\xa0", "\u2028"]


@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join))
def test_a_line_of_powershell_is_what_an_expression_would_find(text: str) -> None:
    for line, expression in (
        (context("User"), r"(?m)^[ \t]*User = ?([^\r\n\x1f]*)"),
        (detail("User"), r"(?:^|[\s\x1f])User=([^\r\n\x1f]*)"),
    ):
        found = re.search(expression, text)
        assert (found[1].strip() or None if found else None) == line(text)
