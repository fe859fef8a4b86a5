"""Flat records as columns: a few hundred at a time, or all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.formats.columns import PIECE_ROWS, Pieces, every_column, wanted_columns
from sentinel.formats.gather import ALL
from sentinel.formats.gathering import Gathering
from sentinel.formats.texts import text_of
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

GUID = "6a910b9d-498a-5ee0-c903-00000000ABCD"
CANONICAL = "{6a910b9d-498a-5ee0-c903-00000000abcd}"
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.text(max_size=3),
    st.lists(st.one_of(st.none(), st.integers(0, 9), st.text(max_size=2)), max_size=3),
    st.dictionaries(st.sampled_from(["#text", "a"]), st.text(max_size=2), max_size=2),
)
RECORDS = st.lists(st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3), max_size=12)


def in_pieces(records: Sequence[dict[str, Any]], size: int) -> pa.RecordBatch:
    pieces = Pieces()
    for begin in range(0, len(records), size):
        some = records[begin : begin + size]
        pieces.add([tuple(record) for record in some], [record.values() for record in some])
    return pieces.join("nginx.access")


def texts_in(columns: pa.RecordBatch) -> dict[str, list[Any]]:
    return {name: columns.column(name).to_pylist() for name in columns.schema.names}


@given(RECORDS, st.integers(1, 5))
def test_in_pieces_or_at_once_the_columns_are_the_same(records: list[dict[str, Any]], size: int) -> None:
    assert every_column(records, "nginx.access").equals(in_pieces(records, size))


@given(RECORDS)
def test_a_value_is_its_native_text(records: list[dict[str, Any]]) -> None:
    for name, column in texts_in(every_column(records, "nginx.access")).items():
        expected = [text_of(record.get(name.removeprefix("nginx.access."))) for record in records]
        if any(isinstance(text, list) for text in expected):
            expected = [[text] if isinstance(text, str) else text for text in expected]
        assert expected == column


def test_a_list_in_a_later_piece_makes_lists_of_all() -> None:
    records: list[dict[str, Any]] = [{"a": "x"}] * PIECE_ROWS + [{"b": 1}, {"a": ["y", "z"]}]
    column = every_column(records, "zeek.dns").column("zeek.dns.a").to_pylist()
    assert [["x"], None, ["y", "z"]] == column[PIECE_ROWS - 1 :]


@pytest.mark.parametrize("text", [GUID, f"{{{GUID}}}", f"{{{GUID.lower()}}}", GUID.lower(), CANONICAL])
def test_a_guid_is_written_in_lower_case_within_braces(text: str) -> None:
    columns = wanted_columns(("a", "b"), [(text, [text, "X" * 38]), ("A" * 36, None)], "windows.sysmon")
    assert [[CANONICAL, "A" * 36], [[CANONICAL, "X" * 38], None]] == [each.to_pylist() for each in columns.columns]


@pytest.mark.parametrize("text", [f"{{{GUID}", f"{GUID}}}", f"{GUID[:-1]}G", f"({GUID})"])
def test_what_is_nearly_a_guid_is_kept_to_the_letter(text: str) -> None:
    columns = wanted_columns(("a",), [(text,), (GUID,)], "windows.sysmon")
    assert [text, CANONICAL] == columns.column(0).to_pylist()


NAMES = {"Computer": ("Hostname", "host")}


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([{"Hostname": "a", "host": "b"}], ["a"]),
        ([{"host": "b"}, {"Hostname": "a"}], ["b", "a"]),
        ([{"Computer": None, "Hostname": "a"}, {"Computer": "c", "host": "b"}], ["a", "c"]),
        ([{"host": ["b", "d"]}, {"Hostname": "a"}, {}], [["b", "d"], ["a"], None]),
        ([{"host": 7}, {"Hostname": "a"}], ["7", "a"]),
    ],
)
def test_a_field_answers_to_its_other_names(records: list[dict[str, Any]], expected: list[Any]) -> None:
    pieces = Pieces(NAMES)
    pieces.add([tuple(record) for record in records], [record.values() for record in records])
    assert expected == texts_in(pieces.join("windows.sysmon"))["winlog.computer_name"]


def test_a_field_that_stands_for_another_shares_its_texts() -> None:
    pieces = Pieces(NAMES)
    for host in ("a", "b"):
        pieces.add([("Hostname",)], [(host,)])
    columns = pieces.join("windows.sysmon")
    ours, theirs = (columns.column(name) for name in ("winlog.computer_name", "winlog.event_data.Hostname"))
    assert [each.address for each in theirs.buffers()[1:]] == [each.address for each in ours.buffers()[1:]]


def test_a_name_that_no_record_has_makes_no_column() -> None:
    pieces = Pieces(NAMES)
    pieces.add([("Hostname", "a")], [(None, "b")])
    assert "winlog.computer_name" not in pieces.join("windows.sysmon").schema.names


def test_what_waits_is_measured_however_often_it_is_asked() -> None:
    kind = EventKind("web.access")
    gathering, often = (Gathering(kind, ALL, None, whole=True) for _each in range(2))
    for number in range(700):
        for each in (gathering, often):
            each.take({"path": "/" * (number % 40), "status": "200"}, b"x" * (number % 40), number)
        often.size()
        if number % 250 == 249:
            gathering.make_columns()
            often.make_columns()
    assert abs(gathering.size() - often.size()) < gathering.size() // 10
    assert gathering.give().columns.equals(often.give().columns)
