"""What holds for every batch, whatever its events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.model import ecs, estate
from sentinel.model.batch import column_of
from sentinel.normalise.batch import normalise
from sentinel.normalise.tables import COMMON, FAMILIES, plan_of
from tests.builders import Text, a_batch, batch_of, row_of

if TYPE_CHECKING:
    from sentinel.normalise.mapping import Map

NOW = 1_750_000_000_000_000_000
TAKEN_IN = datetime(2025, 6, 15, 15, 6, 40, tzinfo=UTC)
KINDS = [(family.dataset, event.code) for family in FAMILIES for event in family.events]

# ECS 8.17, "event.category" and "event.type": the allowed values.
CATEGORIES = {
    "api",
    "authentication",
    "configuration",
    "database",
    "driver",
    "email",
    "file",
    "host",
    "iam",
    "intrusion_detection",
    "library",
    "malware",
    "network",
    "package",
    "process",
    "registry",
    "session",
    "threat",
    "vulnerability",
    "web",
}
TYPES = {
    "access",
    "admin",
    "allowed",
    "change",
    "connection",
    "creation",
    "deletion",
    "denied",
    "device",
    "end",
    "error",
    "group",
    "indicator",
    "info",
    "installation",
    "protocol",
    "start",
    "user",
}


def sources_of(dataset: str, code: str) -> list[str]:
    lines = [line for lines in plan_of(dataset, code).maps.values() for line in lines]
    named = [line.source for line in lines] + [line.when[0] for line in lines if line.when]
    return list(dict.fromkeys([*named, "TimeCreated"]))


odd = st.sampled_from(
    [
        "",
        "-",
        "0x",
        "0xffffffffffffffffff",
        "-1",
        "9" * 30,
        "LOCAL",
        "::ffff:192.0.2.1",
        "fe80::1%3",
        "1.2.3.4:99999",
        "[::1",
        "\\",
        "\\\\",
        "HKLM",
        "HKLM\\",
        "SHA1=,MD5=zz",
        "type:  5 ;type: 28 x;;",
        "\x1f",
        "9999-12-31T23:59:60Z",
        "2025-02-31T00:00:00Z",
        "0001-01-01",
        "%%99999",
        "²",
        "١٢",
    ]
)
texts = st.none() | odd | st.text(max_size=40)
cells = texts | st.lists(odd | st.text(max_size=40), max_size=3)


@given(st.data())
def test_no_text_raises_or_changes_what_was_there(data: st.DataObject) -> None:
    dataset, code = data.draw(st.sampled_from(KINDS))
    sources = sources_of(dataset, code)
    events = data.draw(st.lists(st.dictionaries(st.sampled_from(sources), cells, max_size=8), min_size=1, max_size=4))
    batch = batch_of(dataset, code, [{"EventID": code, **event} for event in events])
    made = normalise(batch, NOW)
    assert len(events) == made.columns.num_rows
    assert batch.columns.equals(made.columns.select(batch.columns.schema.names))
    assert [] == [name for name, column in columns_of(made.columns) if column.type != type_of(name)]


def columns_of(columns: pa.RecordBatch) -> list[tuple[str, pa.Array]]:
    return [pair for pair in zip(columns.schema.names, columns.columns, strict=True) if pair[0] in ecs.BY_NAME]


def type_of(name: str) -> pa.DataType:
    return ecs.arrow_type(ecs.BY_NAME[name])


MISFITS = [
    ("windows.security", "4624", "IpAddress", "LOCAL", "source.ip"),
    ("windows.security", "4624", "IpPort", "70000", "source.port"),
    ("windows.sysmon", "1", "ProcessId", "none", "process.pid"),
    ("windows.sysmon", "1", "ProcessId", "0xffffffffffffffff", "process.pid"),
    ("windows.sysmon", "7", "Signed", "perhaps", "dll.code_signature.signed"),
    ("windows.sysmon", "1", "Hashes", "MD5=12", "process.hash.md5"),
    ("windows.sysmon", "11", "CreationUtcTime", "yesterday", "file.created"),
    ("windows.sysmon", "1", "TimeCreated", "yesterday", "event.created"),
]


@pytest.mark.parametrize(("dataset", "code", "field", "text", "column"), MISFITS)
def test_what_does_not_fit_is_found_in_overflow(dataset: str, code: str, field: str, text: str, column: str) -> None:
    made = normalise(batch_of(dataset, code, [{field: text}, {field: None}]), NOW)
    assert row_of(made)[column] is None
    assert row_of(made)[ecs.OVERFLOW] == [(column, text)]
    assert row_of(made, 1)[ecs.OVERFLOW] is None


def test_of_a_list_a_single_field_takes_the_first_text() -> None:
    assert (
        row_of(normalise(a_batch("windows.sysmon", 1, Image=["C:\\a.exe", "C:\\b.exe"]), NOW))["process.name"]
        == "a.exe"
    )


def test_of_a_list_a_field_of_many_takes_every_text() -> None:
    made = normalise(a_batch("windows.security", 4657, NewValue=["a", "-", "b"]), NOW)
    assert row_of(made)["registry.data.strings"] == ["a", "b"]


def test_only_columns_whose_fields_are_there_are_made() -> None:
    names = normalise(a_batch("windows.sysmon", 1, Image="C:\\a.exe"), NOW).columns.schema.names
    assert "process.executable" in names
    assert [] == [name for name in names if name.startswith(("process.hash", "user.", "host.", "related."))]


def test_a_kind_that_no_table_knows_gets_the_common_columns() -> None:
    made = row_of(
        normalise(
            a_batch(
                "windows.contoso", 77, Computer="WS-7.tinh.example", Level="2", EventRecordID="12", Provider_Name="P"
            ),
            NOW,
        )
    )
    expected = {
        "event.code": "77",
        "event.dataset": "windows.contoso",
        "event.module": "windows",
        "event.kind": "event",
        "event.provider": "P",
        "event.sequence": 12,
        "host.name": "WS-7.tinh.example",
        "host.hostname": "ws-7",
        "log.level": "error",
        "related.hosts": ["WS-7.tinh.example"],
    }
    assert expected == {name: made[name] for name in expected}


def test_normalising_twice_changes_nothing() -> None:
    once = normalise(a_batch("windows.sysmon", 1, Image="C:\\a.exe", TimeCreated="2025-06-10T00:00:00Z"), NOW)
    assert once.columns.equals(normalise(once, NOW + 5).columns)


def test_a_batch_without_columns_or_events_is_normalised() -> None:
    batch = a_batch("windows.sysmon", 1)
    assert normalise(batch_of("windows.sysmon", 1, []), NOW).columns.num_rows == 0
    bare = type(batch)(batch.kind, pa.RecordBatch.from_arrays([], []), batch.raws, batch.positions, [])
    assert normalise(bare, NOW).columns.num_rows == 1


TIMES = [
    (None, TAKEN_IN, None, "missing"),
    ("-", TAKEN_IN, None, "missing"),
    ("yesterday", TAKEN_IN, None, "unparsable"),
    ("1601-01-01T00:00:00Z", TAKEN_IN, None, "unparsable"),
    ("2025-06-16T15:06:41Z", TAKEN_IN, datetime(2025, 6, 16, 15, 6, 41, tzinfo=UTC), "future"),
    (
        "2025-06-16T15:06:40Z",
        datetime(2025, 6, 16, 15, 6, 40, tzinfo=UTC),
        datetime(2025, 6, 16, 15, 6, 40, tzinfo=UTC),
        None,
    ),
]


@pytest.mark.parametrize(("text", "timestamp", "created", "flag"), TIMES)
def test_a_time_of_no_use_is_flagged(
    text: Text, timestamp: datetime, created: datetime | None, flag: str | None
) -> None:
    made = row_of(normalise(a_batch("windows.security", 4624, TimeCreated=text), NOW))
    assert (timestamp, created, TAKEN_IN, flag) == (
        made["@timestamp"],
        made["event.created"],
        made["event.ingested"],
        made[ecs.TIME_FLAG],
    )


def test_every_line_names_a_field_that_is_described() -> None:
    assert {line.target for _dataset, line in every_line()} <= ecs.BY_NAME.keys()


def every_line() -> list[tuple[str, Map]]:
    own = [
        (f.dataset, line)
        for f in FAMILIES
        for maps in (f.maps, f.event.maps, *(e.maps for e in f.events))
        for line in maps
    ]
    return [*(("windows.", line) for line in COMMON), *own]


def test_every_field_is_made_by_some_table() -> None:
    made = {line.target for _dataset, line in every_line()}
    always = {"@timestamp", "ecs.version", ecs.TIME_FLAG}
    rest = ecs.BY_NAME.keys() - made - always - set(estate.COLUMNS)
    assert {name for name in rest if not name.startswith(("event.", "related."))} == set()


def test_categories_and_types_are_those_of_ecs() -> None:
    events = [event for family in FAMILIES for event in (family.event, *family.events)]
    assert {name for event in events for name in event.category} <= CATEGORIES
    assert {name for event in events for name in event.type} <= TYPES
    assert {event.outcome for event in events} <= {"", "success", "failure", "unknown"}


def test_no_event_stands_in_a_table_twice() -> None:
    assert len(set(KINDS)) == len(KINDS)


def test_native_names_are_not_those_of_ecs() -> None:
    natives = {column_of(line.source, dataset) for dataset, line in every_line()}
    # The code of an event of Windows stands in its ECS column at once.
    assert natives & ecs.BY_NAME.keys() <= {"event.code"}
