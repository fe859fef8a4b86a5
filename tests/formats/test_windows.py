"""Every writer's shape of a Windows event gives the same columns, and loses nothing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.formats import json_lines
from sentinel.formats.texts import leaves_of
from sentinel.formats.windows import flatten, read_record, texts_of_record
from tests.formats.reading import batches_of, faults_of, rows_of
from tests.formats.shapes import COLUMNS, SHAPES, line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

NDJSON = json_lines.FORMAT
CHANNEL = "Application"


def a_nested(data: Any, section: str = "EventData", **system: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    return {"Event": {"System": {"EventID": 7, "Channel": CHANNEL, **system}, section: data}}


def row_of(record: Mapping[str, Any]) -> dict[str, Any]:
    (row,) = rows_of(NDJSON, line_of(dict(record)))
    return row


def data_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give an event's data under its native names."""
    prefix = "winlog.event_data."
    return {name.removeprefix(prefix): value for name, value in row_of(record).items() if name.startswith(prefix)}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_event_gives_the_same_columns_in_every_shape(shape: str) -> None:
    row = row_of(SHAPES[shape])
    assert COLUMNS == {name: row.get(name) for name in COLUMNS}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_event_is_of_the_same_kind_in_every_shape(shape: str) -> None:
    (batch,) = batches_of(NDJSON, line_of(SHAPES[shape]))
    assert ("windows.sysmon", "microsoft-windows-sysmon/operational", "microsoft-windows-sysmon", "1") == (
        batch.kind.dataset,
        batch.kind.channel,
        batch.kind.provider,
        batch.kind.code,
    )


def test_shapes_may_be_mixed_in_one_source() -> None:
    data = b"\n".join(line_of(record) for record in SHAPES.values())
    assert [COLUMNS["winlog.event_data.CommandLine"]] * len(SHAPES) == [
        row["winlog.event_data.CommandLine"] for row in rows_of(NDJSON, data)
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"Data": {"#text": ["a", "b"]}}, {"Data": ["a", "b"]}),
        ({"Data": ["a", "b"]}, {"Data": ["a", "b"]}),
        ({"Data": "a"}, {"Data": "a"}),
        ({"Data": ["a", {"@Name": "Image", "#text": "b"}]}, {"Data": "a", "Image": "b"}),
        ({"Data": [{"Name": "Image", "Value": "b"}]}, {"Image": "b"}),
        ({"Data": [{"#attributes": {"Name": "Image"}, "#text": "b"}]}, {"Image": "b"}),
        ({"Data": [{"@Name": "Image"}]}, {"Image": ""}),
        ({"Data": [{"@Name": "A", "#text": "1"}, {"@Name": "A", "#text": "2"}]}, {"A": ["1", "2"]}),
        ({"Data": {"@Name": "Image", "#text": "b"}}, {"Image": "b"}),
        ({"#attributes": {"Name": "TaskStart"}, "Path": "x"}, {"EventDataName": "TaskStart", "Path": "x"}),
        ({"file_attributes": "hidden"}, {"file_attributes": "hidden"}),
        ({"Image": None, "User": ""}, {"Image": "", "User": ""}),
        ({"A": {"#text": "1", "#attributes": {"x": "y"}}}, {"A": "1"}),
        ({"A": [1, [2, {"b": 3}]]}, {"A": ["1", "2", '{"b":3}']}),
        ({"A": {"B": {"C": "deep"}}}, {"C": "deep"}),
        ({"A": {"X": 1}, "B": {"X": 2}}, {"X": ["1", "2"]}),
        (["a", "b"], {"Data": ["a", "b"]}),
        ("text", {"Data": "text"}),
        (None, {}),
    ],
)
def test_event_data_of_any_form_loses_nothing(data: object, expected: dict[str, Any]) -> None:
    assert expected == data_of(a_nested(data))


def test_user_data_reads_like_event_data_and_its_clash_with_the_system_is_kept() -> None:
    record = a_nested(
        {"LogFileCleared": {"#attributes": {"xmlns": "x"}, "SubjectUserName": "an", "Channel": "Security"}},
        "UserData",
    )
    assert {"SubjectUserName": "an", "EventData_Channel": "Security"} == data_of(record)
    assert row_of(record)["winlog.channel"] == CHANNEL


def test_a_clash_in_winlogbeats_user_data_is_kept() -> None:
    record = {"winlog": {"channel": "System", "event_id": 104, "user_data": {"xml_name": "x", "Channel": "Security"}}}
    assert {"EventData_Channel": "Security"} == data_of(record)


def test_an_event_id_with_qualifiers_keeps_both() -> None:
    row = row_of(a_nested({}, EventID={"#attributes": {"Qualifiers": 16384}, "#text": 7036}))
    assert ("7036", "16384") == (row["event.code"], row["winlog.event_data.Qualifiers"])


@pytest.mark.parametrize(
    ("json_text", "expected"),
    [
        ("true", "true"),
        ("false", "false"),
        ("18446744073709551616", "18446744073709551616"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("9" * 5000, "9" * 5000),
        ("1.50", "1.50"),
        ("1e400", "1e400"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        (r'"\ud800x"', r"\ud800x"),
        (r'"\ud83d\ude00"', "😀"),
        (r'"a\u0000b"', "a\0b"),
        ('"a\tb"', "a\tb"),
        ('""', ""),
        ("null", None),
        ("[]", None),
        ("[1, true, null, [2.0]]", ["1", "true", "2.0"]),
        ('{"b": [1]}', '{"b":[1]}'),
    ],
)
def test_a_value_of_a_flat_record_comes_out_verbatim(json_text: str, expected: object) -> None:
    line = f'{{"EventID": 7, "Channel": "Application", "X": {json_text}}}'.encode()
    (row,) = rows_of(NDJSON, line)
    assert expected == (row.get("winlog.event_data.X") or None if json_text == "[]" else row.get("winlog.event_data.X"))


def test_an_empty_text_is_told_from_an_absent_one() -> None:
    lines = b'{"EventID":7,"Channel":"A","X":""}\n{"EventID":7,"Channel":"A","X":null}\n{"EventID":7,"Channel":"A"}'
    (batch,) = batches_of(NDJSON, lines)
    assert ["", None, None] == batch.columns.column("winlog.event_data.X").to_pylist()


def test_bytes_that_are_not_utf8_are_kept_as_escapes() -> None:
    (row,) = rows_of(NDJSON, b'{"EventID":7,"Channel":"A","X":"a\xff\xfeb"}')
    assert r"a\xff\xfeb" == row["winlog.event_data.X"]


def test_a_byte_order_mark_is_passed_over() -> None:
    data = b'\xef\xbb\xbf{"EventID":7,"Channel":"A"}\n{"EventID":8,"Channel":"A"}\n'
    assert ["7", "8"] == [row["event.code"] for row in rows_of(NDJSON, data)]


@pytest.mark.parametrize("guid", ["{6A910B9D-498a-5EE0-C903-000000000400}", "6a910b9d-498a-5ee0-c903-000000000400"])
@pytest.mark.parametrize("in_list", [False, True])
def test_a_guid_is_lower_case_within_braces(guid: str, in_list: bool) -> None:
    canonical = "{6a910b9d-498a-5ee0-c903-000000000400}"
    row = row_of({"EventID": 7, "Channel": "A", "X": [guid, "y"] if in_list else guid})
    assert ([canonical, "y"] if in_list else canonical) == row["winlog.event_data.X"]


@pytest.mark.parametrize("text", ["x6a910b9d-498a-5ee0-c903-000000000400", "6A910B9D-498A-5EE0-C903-00000000040Z"])
def test_what_is_no_guid_is_kept_to_the_letter(text: str) -> None:
    assert text == row_of({"EventID": 7, "Channel": "A", "X": text})["winlog.event_data.X"]


@pytest.mark.parametrize(
    "line",
    [
        b"[1, 2]",
        b"7",
        b'"text"',
        b"null",
        b"{}",
        b'{"System": {"os": "linux"}}',
        b'{"EventID": 7}',
        b'{"Event": "System"}',
        b'{"_source": {"a": 1}}',
        b'{"_source": {"_source": {"EventID": 7, "Channel": "A"}}}',
        b'{"ts": 1.5, "uid": "C1", "id.orig_h": "192.0.2.1"}',
        b"{" * 5000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"<Event/>",
    ],
)
def test_what_is_no_event_is_a_fault_with_its_line(line: bytes) -> None:
    (fault,) = faults_of(NDJSON, b'{"EventID":7,"Channel":"A"}\n' + line + b"\n")
    assert (2, 28) == (fault.line, fault.offset)
    assert fault.message


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [100, 300, 450, 900])
def test_a_deeply_nested_value_keeps_its_texts_or_is_a_fault(opening: str, depth: int) -> None:
    closing = "]" if opening == "[" else "}"
    value = opening * depth + '"needle"' + closing * depth
    for line in (
        f'{{"EventID":7,"Channel":"A","X":{value}}}',
        f'{{"Event":{{"System":{{"EventID":7,"Channel":"A"}},"EventData":{{"X":{value}}}}}}}',
    ):
        rows, faults = rows_of(NDJSON, line.encode()), faults_of(NDJSON, line.encode())
        assert (len(rows), len(faults)) in {(1, 0), (0, 1)}
        if rows:
            assert "needle" in json.dumps(rows)
            assert "needle" in "".join(texts_of_record(line.encode()))


def test_a_name_that_repeats_in_json_text_never_stops_the_reading() -> None:
    assert "2" == row_of(json.loads('{"EventID":7,"Channel":"A","X":1,"X":2}'))["winlog.event_data.X"]


def test_a_record_of_no_event_reads_as_empty() -> None:
    assert {} == read_record(b"not JSON") == read_record(b"{}") == read_record(b"[]")


NAMES = st.sampled_from(
    re.findall(
        r"\S+",
        "Event System EventData UserData EventID Channel Provider Data #text #attributes winlog event_data user_data "
        "network.direction network direction process hash md5 @Name Name Provider_attributes _source SourceName "
        "channel user name registry path",
    )
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
ANY_RECORD = st.dictionaries(NAMES, ANY_JSON, max_size=6)


@given(ANY_RECORD, st.sampled_from(["", "Microsoft-Windows-Sysmon/Operational", "Security", "Windows PowerShell"]))
def test_a_record_of_any_form_is_an_event_or_a_fault(record: dict[str, Any], channel: str) -> None:
    if channel:
        record = {**record, "winlog": {"channel": channel, "event_id": 1, "event_data": record}}
    line = json.dumps(record).encode()
    assert 1 == len(rows_of(NDJSON, line)) + len(faults_of(NDJSON, line))


@given(ANY_JSON)
def test_no_text_of_event_data_is_lost(data: object) -> None:
    record = json.loads(json.dumps(a_nested({"Data": data} if not isinstance(data, dict) else data)))
    flat = flatten(record)
    assert flat is not None
    kept = "\n".join([*leaves_of(dict(flat)), json.dumps(flat)])
    for text in leaves_of({name: value for name, value in _without_attributes(record).items() if name != "System"}):
        assert text in kept


def _without_attributes(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Leave out what XML's attributes say, and the names that they give."""
    if isinstance(value, dict):
        skipped = ("#attributes", "@Name", "Name", "Provider_attributes")
        return {name: _without_attributes(each) for name, each in value.items() if name not in skipped}
    return [_without_attributes(each) for each in value] if isinstance(value, list) else value
