"""Documents of the Elastic Common Schema: told from other JSON, and taken as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sentinel.formats import ecs_documents
from sentinel.formats.base import Block
from sentinel.formats.gather import ALL, Gatherer
from sentinel.formats.registry import recognise
from sentinel.model.batch import KIND_COLUMN, KIND_SEPARATOR, EventKind
from sentinel.model.exported import KIND, MARK
from sentinel.normalise.batch import normalise
from sentinel.store.embedded.unit import KIND as STORED_KIND
from sentinel.store.embedded.unit import KIND_SEPARATOR as STORED_SEPARATOR
from tests.formats.document_lines import ID, NGINX, SYSMON, dotted, line

if TYPE_CHECKING:
    from sentinel.model.batch import EventBatch

NOW = 1_795_200_000 * 10**9


def gathered(data: bytes, **asked: Any) -> tuple[list[EventBatch], Gatherer]:  # noqa: ANN401 - as a gatherer's
    gatherer = Gatherer(lambda _kind: ALL, **asked)
    ecs_documents.read(Block(0, 0, data, line=1), gatherer)
    return list(gatherer.rest()), gatherer


def rows(data: bytes) -> list[dict[str, Any]]:
    """Give the documents normalised, without what every event has."""
    found: list[dict[str, Any]] = []
    for batch in gathered(data)[0]:
        columns = normalise(batch, NOW).columns
        names = [name for name in columns.schema.names if name not in {"event.ingested", KIND_COLUMN}]
        values = {name: [_plain(each) for each in columns.column(name)] for name in names}
        found += [
            {name: column[row] for name, column in values.items() if column[row] is not None}
            for row in range(len(batch))
        ]
    return found


def _plain(scalar: Any) -> Any:  # noqa: ANN401 - an Arrow scalar
    return scalar.value if "timestamp" in str(scalar.type) else scalar.as_py()


NORMALISED = {
    "@timestamp": 1_795_132_801_443_000_000,
    "ecs.version": "8.17.0",
    "event.dataset": "nginx.access",
    "event.category": ["web"],
    "event.outcome": "success",
    "source.ip": "192.0.2.1",
    "source.port": 4135,
    "http.response.status_code": 200,
    "nginx.access.upstream": "10.0.0.1:8080",
    "nginx.access.weight": "5",
    "labels.platform": "portal",
    "labels.share": 0.5,
}


@pytest.mark.parametrize(
    ("first", "format_name"),
    [
        (NGINX, "ecs"),
        (dotted(NGINX), "ecs"),
        (SYSMON, "ecs"),
        ({name: value for name, value in SYSMON.items() if name != "event.id"} | {"winlog.event_id": 1}, "ndjson"),
        ({"@timestamp": "2026-11-20T00:00:01Z", "EventID": 1, "Channel": "System"}, "ndjson"),
    ],
)
def test_documents_are_told_from_events_of_windows(first: dict[str, Any], format_name: str) -> None:
    found = recognise(line(first) * 3)
    assert found is not None
    assert format_name == found.name


@pytest.mark.parametrize("head", [b"{}\n", b"[1]\n", b'{"@timestamp": 5, "ecs.version": "1"}\n', b"text\n"])
def test_other_json_is_none(head: bytes) -> None:
    assert not ecs_documents.recognise(head)


@pytest.mark.parametrize(
    "written",
    [line(NGINX), line(dotted(NGINX)), line(NGINX, separators=(", ", ": ")), line(dotted(NGINX))[:-1] + b"\r\n"],
    ids=["nested", "dotted", "spaced", "crlf"],
)
def test_fields_are_columns_typed_by_the_schema(written: bytes) -> None:
    assert [NORMALISED] * 2 == rows(written * 2)


def test_native_fields_of_windows_are_text() -> None:
    (row,) = rows(line(SYSMON))
    assert ("7", "C:\\a.exe", ID) == (row["winlog.record_id"], row["winlog.event_data.Image"], row["event.id"])


def test_documents_of_winlogbeat_keep_their_fields_and_get_native_ones() -> None:
    beat = {
        "@timestamp": "2026-11-20T00:00:01.443Z",
        "ecs": {"version": "8.0.0"},
        "event": {"dataset": "windows.sysmon_operational", "code": "1"},
        "winlog": {"channel": "Microsoft-Windows-Sysmon/Operational", "event_id": "1", "computer_name": "ws1"},
        "process": {"executable": "C:\\a.exe"},
        "labels": {"platform": "portal"},
    }
    batches, gatherer = gathered(line(NGINX) + line(beat) + line(dotted(beat) | {"event.id": "their own"}))
    assert 3 == gatherer.events
    assert {"nginx.access", "windows.sysmon"} == {batch.kind.dataset for batch in batches}
    (windows,) = (batch for batch in batches if batch.kind.is_windows)
    assert ["C:\\a.exe"] * 2 == windows.columns.column("winlog.event_data.Image").to_pylist()
    assert ["portal"] * 2 == windows.columns.column("labels.platform").to_pylist()


def test_what_has_an_id_of_ours_is_kept_apart_from_what_lacks_fields() -> None:
    bare = {name: value for name, value in SYSMON.items() if name != "event.id"} | {"winlog.event_id": 1}
    batches, _gatherer = gathered((line(SYSMON) + line(bare)) * 2)
    assert [(2, False), (2, True)] == sorted((len(batch), batch.lacks_ecs) for batch in batches)


def test_a_kind_is_what_the_document_says() -> None:
    channel, provider = "microsoft-windows-sysmon/operational", "microsoft-windows-sysmon"
    data = line(SYSMON) * 2 + line(dotted(NGINX)) * 2
    kinds = [batch.kind for batch in gathered(data)[0]]
    assert [EventKind("windows.sysmon", channel, provider, "1"), EventKind("nginx.access")] == kinds


def test_kinds_that_nobody_wants_apart_share_a_batch_and_keep_their_names() -> None:
    data = line(SYSMON) + line(SYSMON | {"event.code": "3"})
    (batch,), _gatherer = gathered(data, apart=lambda _kind: False)
    assert EventKind("windows.sysmon") == batch.kind
    assert ["1", "3"] == [told.split(KIND_SEPARATOR)[2] for told in batch.columns.column(KIND_COLUMN).to_pylist()]


def test_the_column_of_kinds_is_the_one_that_stores_keep() -> None:
    assert (STORED_KIND, STORED_SEPARATOR) == (KIND_COLUMN, KIND_SEPARATOR)


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("source.port", "4135", 4135),
        ("source.port", 4135.0, 4135),
        ("source.port", [4135], 4135),
        ("source.port", True, None),
        ("source.port", "many", None),
        ("source.port", 1 << 70, None),
        ("source.ip", "::ffff:192.0.2.9", "192.0.2.9"),
        ("source.ip", "LOCAL", None),
        ("host.ip", "192.0.2.9", ["192.0.2.9"]),
        ("host.ip", ["192.0.2.9", "::1"], ["192.0.2.9", "::1"]),
        ("host.ip", ["192.0.2.9", "x"], None),
        ("user.name", 5, "5"),
        ("user.name", ["a", "b"], ["a", "b"]),
        ("event.category", "web", ["web"]),
        ("event.start", "2026-11-20T00:00:01Z", 1_795_132_801 * 10**9),
        ("event.start", "yesterday", None),
        ("labels.x", "2026-11-20T00:00:01Z", "2026-11-20T00:00:01Z"),
        ("labels.x", 1 << 63, str(1 << 63)),
        ("labels.x", True, True),
        ("labels.x", [1, 2], [1, 2]),
        ("labels.x", [1, "a"], ["1", "a"]),
        ("labels.x", {"y": 1}, None),
        ("labels.x", "\ud800", "\\ud800"),
    ],
)  # fmt: skip
def test_values_get_the_type_of_their_field_or_go_to_the_overflow(field: str, value: object, kept: object) -> None:
    (row,) = rows(line(dotted(NGINX) | {field: value}))
    assert kept == row.get(field)
    assert (kept is None and not isinstance(value, dict)) == (field in dict(row.get("_overflow", ())))


def test_columns_of_several_types_are_text() -> None:
    found = rows(line(dotted(NGINX) | {"labels.x": 5}) + line(dotted(NGINX) | {"labels.x": "five"}))
    assert ["5", "five"] == [row["labels.x"] for row in found]


def test_bytes_that_are_not_text_become_escapes() -> None:
    (row,) = rows(line(dotted(NGINX)).replace(b"portal", b"p\xffrtal"))
    assert "p\\xffrtal" == row["labels.platform"]


def test_a_time_that_cannot_be_is_judged() -> None:
    found = rows(line(NGINX | {"@timestamp": "2030-01-01T00:00:00Z"}) + line(NGINX | {"@timestamp": "soon"}))
    assert [("future", NOW), ("unparsable", NOW)] == [(row["sentinel.time_flag"], row["@timestamp"]) for row in found]
    assert ["2030-01-01T00:00:00Z", "soon"] == [dict(row["_overflow"])["@timestamp"] for row in found]


def test_exported_documents_are_taken_as_they_are() -> None:
    told = {
        "@timestamp": "2026-11-20T00:00:01.443000007Z",
        MARK: 1,
        KIND: ["sshd", "sshd", ""],
        "event": {"dataset": "linux.auth", "id": "0" * 36},
        "sentinel.time_flag": "missing",
        "_overflow": {"source.port": "many"},
    }
    (batch,), _gatherer = gathered(line(told))
    assert EventKind("linux.auth", "sshd", "sshd", "") == batch.kind
    (row,) = rows(line(told))
    assert 1_795_132_801_443_000_007 == row["@timestamp"]
    assert ([("source.port", "many")], "missing", "0" * 36) == (
        row["_overflow"],
        row["sentinel.time_flag"],
        row["event.id"],
    )
    assert MARK not in row
    assert KIND not in row


def test_what_is_no_document_is_told_with_its_line() -> None:
    _batches, gatherer = gathered(line(NGINX) + b"{broken\n" + line({"a": 1}) + b"\n" + line(NGINX))
    assert (2, [2, 3]) == (gatherer.events, [fault.line for fault in gatherer.faults])


def test_a_name_within_a_text_or_an_object_is_none() -> None:
    inner = {"x": {"event.dataset": "windows.security"}, "message": '"event.dataset":"evil"'}
    (batch,), _gatherer = gathered(line(inner | dotted(NGINX)))
    assert "nginx.access" == batch.kind.dataset


def test_what_only_looked_like_a_document_is_told_with_its_place() -> None:
    good = line(dotted(NGINX))
    bad = good.replace(b'"ecs.version":', b'"ecs.version"')
    (batch,), gatherer = gathered(good * 2 + bad + good)
    assert 3 == len(batch) == batch.columns.num_rows == len(batch.positions)
    assert [2 * len(good)] == [fault.offset for fault in gatherer.faults]
