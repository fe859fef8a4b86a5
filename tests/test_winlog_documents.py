"""Documents of Winlogbeat from the file to the store and back: nothing is lost, and rules see what they saw."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.cli.main import main
from tests.folders import work_in
from tests.formats.document_lines import dotted, line
from tests.hunting import hunted, scanned, stored
from tests.test_hunt import named, without_detail

if TYPE_CHECKING:
    from pathlib import Path

    Capture = pytest.CaptureFixture[str]

SYSMON: dict[str, Any] = {
    "@timestamp": "2026-11-20T08:00:00.123Z",
    "@metadata": {"beat": "winlogbeat"},
    "ecs": {"version": "8.0.0"},
    "event": {"code": "1", "created": "2026-11-20T08:00:02.5Z", "dataset": "windows.sysmon", "kind": "event"},
    "host": {"name": "WS1", "ip": ["10.1.1.1", "fe80::1"]},
    "organization": {"id": "H09.84", "name": "Cà Mau"},
    "labels": {"province": "ca-mau", "weight": 0.5, "checked": True},
    "tags": ["forwarded", "portal"],
    "related": {"user": ["an", "binh"]},
    "user": {"name": "an", "domain": "GOV", "full_name": "Nguyễn An"},
    "own": {"field": {"number": 5, "list": [1, 2]}},
    "process": {"pid": 4242, "hash": {"md5": "0a"}},
    "message": "Process Create",
    "winlog": {
        "channel": "Microsoft-Windows-Sysmon/Operational",
        "event_id": "1",
        "provider_name": "Microsoft-Windows-Sysmon",
        "computer_name": "ws1.gov.example",
        "api": "wineventlog",
        "event_data": {
            "Image": "C:\\Windows\\certutil.exe",
            "CommandLine": "certutil -urlcache",
            "IntegrityLevel": "High",
        },
    },
}
LOG_ON: dict[str, Any] = {
    "@timestamp": "2026-11-20T08:00:01.5Z",
    "ecs": {"version": "8.0.0"},
    "organization": {"id": "H09.84"},
    "winlog": {
        "channel": "Security",
        "event_id": 4625,
        "provider_name": "Microsoft-Windows-Security-Auditing",
        "computer_name": "dc1.gov.example",
        "event_data": {"TargetUserName": "binh", "TargetDomainName": "GOV", "IpAddress": "10.4.4.4", "LogonType": "3"},
    },
}
DETECTIONS = (
    "selection: {Image|endswith: certutil.exe, User: 'GOV\\an', Hashes|contains: 'MD5=0A'}",
    "selection: {EventID: 4625, TargetUserName: binh}",
    "keywords: [urlcache]\ncondition: keywords",
    "keywords: [wineventlog, ca-mau, H09.84]\ncondition: keywords",
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with settings of its own."""
    work_in(tmp_path, monkeypatch)
    (tmp_path / "beat.ndjson").write_bytes(line(SYSMON) + line(LOG_ON))
    return tmp_path


def told(capfd: Capture, *arguments: str) -> Any:  # noqa: ANN401 - any JSON value
    capfd.readouterr()
    assert 0 == main([*arguments, "--json"])
    return json.loads(capfd.readouterr().out)


def found(capfd: Capture, query: str, store: str = "one") -> list[dict[str, Any]]:
    return [dotted(event) for event in told(capfd, "--store", store, "search", query)["events"]]


def test_every_field_is_found_and_given_back(capfd: Capture) -> None:
    told(capfd, "--store", "one", "ingest", "--no-rules", "beat.ndjson")
    (event,) = found(capfd, "labels.province:ca-mau tags:portal own.field.number:5 user.full_name:*an labels.weight:<1")
    times = {"@timestamp": "2026-11-20T08:00:00.123000000Z", "event.created": "2026-11-20T08:00:02.500000000Z"}
    document = dotted(SYSMON) | times
    assert document == {name: event.get(name) for name in document}
    assert 2 == told(capfd, "--store", "one", "count", "organization.id:H09.84")["events"]
    by_id = told(capfd, "--store", "one", "get", event["event.id"])
    assert event == dotted(by_id)


def test_what_a_document_lacks_is_made_of_its_native_fields(capfd: Capture) -> None:
    told(capfd, "--store", "one", "ingest", "--no-rules", "beat.ndjson")
    (sysmon,) = found(capfd, "event.code:1")
    (log_on,) = found(capfd, "event.code:4625")
    made = {"process.executable": "C:\\Windows\\certutil.exe", "process.name": "certutil.exe", "event.type": ["start"]}
    assert made == {name: sysmon[name] for name in made}
    assert (["0a"], ["WS1"]) == (sysmon["related.hash"], sysmon["related.hosts"])
    made = {"user.name": "binh", "source.ip": "10.4.4.4", "event.outcome": "failure", "related.user": ["binh"]}
    assert made == {name: log_on[name] for name in made}
    assert log_on["@timestamp"] == log_on["event.created"]


def test_an_id_that_is_not_ours_is_kept_beside_ours(capfd: Capture, folder: Path) -> None:
    (folder / "beat.ndjson").write_bytes(line(dotted(SYSMON) | {"event.id": "their own"}))
    told(capfd, "--store", "one", "ingest", "--no-rules", "beat.ndjson")
    (event,) = found(capfd, 'event.id:"their own"')
    assert ("their own", 36) == (event["_overflow.event.id"], len(event["event.id"]))


def test_taken_in_or_carried_again_it_is_the_same(capfd: Capture) -> None:
    told(capfd, "--store", "one", "ingest", "--no-rules", "beat.ndjson")
    assert 0 == told(capfd, "--store", "one", "ingest", "--no-rules", "beat.ndjson")["stored"]
    assert 0 == main(["--store", "one", "store", "export", "all.ndjson"])
    assert 2 == told(capfd, "--store", "two", "store", "import", "all.ndjson")["stored"]
    assert 0 == told(capfd, "--store", "one", "store", "import", "all.ndjson")["stored"]
    first, second = found(capfd, "*"), found(capfd, "*", "two")
    for event in (*first, *second):
        del event["event.ingested"]
    assert first == second


@pytest.mark.parametrize("write", [lambda document: document, dotted], ids=["nested", "dotted"])
@pytest.mark.parametrize(
    "others", [b"", b'{"@timestamp":"2026-11-20T08:00:00Z","ecs.version":"8","event.dataset":"x"}\n']
)
def test_a_hunt_hits_what_a_scan_hits(folder: Path, write: Any, others: bytes) -> None:  # noqa: ANN401 - a function
    path, ruleset = folder / "logs.ndjson", named(*DETECTIONS)
    path.write_bytes(line(write(SYSMON)) + others + line(write(LOG_ON)))
    hits = scanned(ruleset, path)
    assert ["0.yml", "1.yml", "2.yml"] == [each.rule for each in hits]
    assert without_detail(hits) == without_detail(hunted(ruleset, stored(folder / "store", path)))


def test_the_evidence_of_a_scan_is_the_whole_document(folder: Path) -> None:
    (hit,) = scanned(named(DETECTIONS[0]), folder / "beat.ndjson", evidence=True)
    evidence = dotted(json.loads(hit.hit.evidence))
    document = dotted(SYSMON) | {name: evidence[name] for name in ("@timestamp", "event.created")}
    assert document == {name: evidence.get(name) for name in document}
    assert "certutil.exe" == evidence["process.name"]
