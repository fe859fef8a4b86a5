"""What documents of Winlogbeat say stays; what they lack is made of their native fields."""

from __future__ import annotations

from typing import Any

import pytest

from sentinel.formats import json_lines
from sentinel.formats.base import Block
from sentinel.formats.gather import ALL, Gatherer
from sentinel.normalise.batch import normalise
from tests.formats.document_lines import line

NOW = 1_795_200_000 * 10**9
TIME = "2026-11-20T00:00:01.443Z"
DATA = {
    "Image": "C:\\Windows\\a.exe", "SourceIp": "10.0.0.1", "SourcePort": "many", "DestinationIp": "10.0.0.2",
    "User": "GOV\\an", "ProcessId": "7",
}  # fmt: skip


def filled(**said: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON values
    """Give what is stored of a network connection for which a document says more."""
    beat = {
        "channel": "Microsoft-Windows-Sysmon/Operational",
        "event_id": 3,
        "provider_name": "Microsoft-Windows-Sysmon",
    }
    gatherer = Gatherer(lambda _kind: ALL)
    json_lines.read(
        Block(0, 0, line({"@timestamp": TIME, "winlog": beat | {"event_data": DATA}} | said), line=1), gatherer
    )
    (batch,) = gatherer.rest()
    columns = normalise(batch, NOW).columns
    values = {
        name: columns.column(name)[0]
        for name in columns.schema.names
        if "timestamp" not in str(columns.column(name).type)
    }
    return {name: value.as_py() for name, value in values.items()}


@pytest.mark.parametrize(
    ("said", "field", "kept"),
    [
        ({}, "process.executable", "C:\\Windows\\a.exe"),
        ({"process.executable": "D:\\b.exe"}, "process.executable", "D:\\b.exe"),
        ({}, "source.ip", "10.0.0.1"),
        ({"source.ip": "LOCAL"}, "source.ip", None),
        ({"source.port": 80}, "source.port", 80),
        ({}, "event.action", "network-connection"),
        ({"event": {"action": "seen"}}, "event.action", "seen"),
        ({}, "event.category", ["network"]),
        ({"event.category": "web"}, "event.category", ["web"]),
        ({"user.name": ["an", "binh"]}, "user.name", ["an", "binh"]),
        ({}, "related.user", ["an"]),
        ({"user.name": "chi"}, "related.user", ["chi"]),
        ({"related.user": ["dung"]}, "related.user", ["dung"]),
        ({}, "related.ip", ["10.0.0.1", "10.0.0.2"]),
        ({"host.name": "WS1"}, "host.name", "WS1"),
        ({"ecs.version": "1.12"}, "ecs.version", "1.12"),
        ({"event.dataset": "sysmon"}, "event.dataset", "windows.sysmon"),
        ({"event.dataset": "sysmon"}, "_overflow", [("source.port", "many"), ("event.dataset", "sysmon")]),
    ],
)  # fmt: skip
def test_what_a_document_says_stays_and_what_it_lacks_is_made(said: dict[str, Any], field: str, kept: object) -> None:
    found = filled(**said)[field]
    assert kept == (sorted(found, reverse=True) if field == "_overflow" else found)


@pytest.mark.parametrize(
    ("said", "overflow"),
    [
        ({}, {"source.port": "many"}),
        ({"source": {"port": 80}}, None),
        ({"source": {"port": "some"}}, {"source.port": "some"}),
        ({"source": {"port": 80}, "process": {"pid": "x"}}, {"process.pid": "x"}),
    ],
)
def test_only_what_no_column_holds_overflows(said: dict[str, Any], overflow: dict[str, str] | None) -> None:
    found = filled(**said)["_overflow"]
    assert overflow == (found and dict(found))


def test_documents_that_say_some_are_filled_row_by_row() -> None:
    gatherer = Gatherer(lambda _kind: ALL)
    one = {"@timestamp": TIME, "winlog.channel": "Security", "winlog.event_id": 4625, "winlog.provider_name": "x"}
    one["winlog.event_data.TargetUserName"] = "an"
    rows = [one, one | {"user.name": "binh"}, one | {"user.name": ["chi", "dung"], "related.user": "e"}]
    json_lines.read(Block(0, 0, b"".join(map(line, rows)), line=1), gatherer)
    (batch,) = gatherer.rest()
    columns = normalise(batch, NOW).columns
    assert [["an"], ["binh"], ["chi", "dung"]] == columns.column("user.name").to_pylist()
    assert [["an"], ["binh"], ["e"]] == columns.column("related.user").to_pylist()
