"""`sentinel ingest` and `sentinel alerts`: logs in, once, and what rules hit on the way."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.cli.main import main
from tests.folders import work_in
from tests.formats.document_lines import NGINX, line

if TYPE_CHECKING:
    from pathlib import Path

    Capture = pytest.CaptureFixture[str]

RULE = """title: {title}
id: {id}
status: test
level: {level}
tags: [attack.t1490]
logsource: {{product: windows, category: process_creation}}
detection:
    a:
        CommandLine|contains: {text}
    condition: a
"""
IDS = ("0f0a9e70-46f4-4b72-9a4d-1d3a4e6f0001", "0f0a9e70-46f4-4b72-9a4d-1d3a4e6f0002")


def an_event(command: str, hour: int = 5, host: str = "web01") -> str:
    event = {
        "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "SourceName": "Microsoft-Windows-Sysmon",
        "TimeCreated": f"2026-11-20T{hour:02}:00:00Z",
        "Computer": host,
        "User": "GOV\\lan",
        "CommandLine": command,
    }
    return json.dumps(event) + "\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with two rules, a file of events and a store to be made."""
    work_in(tmp_path, monkeypatch, 80)
    (tmp_path / "rules").mkdir()
    rules = (("Evil ran", "high", "evil"), ("Worse ran", "critical", "worse"))
    for identity, (title, level, text) in zip(IDS, rules, strict=True):
        rule = RULE.format(title=title, id=identity, level=level, text=text)
        (tmp_path / "rules" / f"{text}.yml").write_text(rule)
    (tmp_path / "logs").mkdir()
    events = an_event("evil.exe") + an_event("worse evil", 6, "db1") + an_event("x")
    (tmp_path / "logs" / "a.ndjson").write_text(events)
    return tmp_path


def ingest(*arguments: str) -> int:
    return main(["ingest", "logs", "--rules", "rules", *arguments])


def told(capfd: Capture, *arguments: str) -> Any:  # noqa: ANN401 - any JSON value
    capfd.readouterr()
    assert 0 == main([*arguments])
    return json.loads(capfd.readouterr().out)


def listed(capfd: Capture, *arguments: str) -> list[str]:
    found = told(capfd, "alerts", "list", "--json", *arguments)["alerts"]
    return [f"{each['rule']['title']} on {each['event']['host']}" for each in found]


def test_the_account_tells_what_was_stored_and_raised(here: Path, capfd: Capture) -> None:
    assert 0 == ingest()
    out = capfd.readouterr().out
    assert "events stored: 3 in" in out
    assert "new alerts: 3: 1 critical, 2 high" in out
    assert f"store: {here / 'store'}" in out.replace("\n", "")


def test_what_is_known_is_passed_over_and_raises_nothing(here: Path, capfd: Capture) -> None:
    ingest("--quiet")
    (here / "logs" / "a.ndjson").rename(here / "logs" / "b.ndjson")
    size = (here / "logs" / "b.ndjson").stat().st_size
    again = told(capfd, "ingest", "logs", "--rules", "rules", "--json")
    assert (0, size, 0) == (again["stored"], again["known_bytes"], sum(again["alerts"].values()))


def test_without_rules_events_are_stored_and_nothing_is_said_of_alerts(capfd: Capture) -> None:
    assert 0 == main(["ingest", "logs", "--no-rules"])
    out = capfd.readouterr().out
    assert "events stored: 3 in" in out
    assert "alerts" not in out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["logs", "--rules", "rules", "--fail-on", "critical"], 1),
        (["nothing"], 2),
        (["logs", "--no-rules", "--shipped"], 2),
        (["empty"], 2),
    ],
)
def test_how_it_ends(here: Path, arguments: list[str], code: int, capfd: Capture) -> None:
    (here / "empty").mkdir()
    assert code == main(["ingest", *arguments])
    assert "Traceback" not in capfd.readouterr().err


def test_what_cannot_be_read_is_told_and_written(here: Path, capfd: Capture) -> None:
    (here / "logs" / "bad.ndjson").write_text(an_event("x") + '{"EventID": broken\n')
    assert 3 == ingest("--faults", "faults.ndjson")
    assert "1 fault" in capfd.readouterr().out
    assert 2 == json.loads((here / "faults.ndjson").read_text())["line"]


def test_a_store_that_is_none_is_refused(here: Path, capfd: Capture) -> None:
    (here / "store").mkdir()
    (here / "store" / "thesis.odt").write_text("mine")
    assert 2 == ingest()
    assert "is no store" in capfd.readouterr().err


def test_alerts_are_listed_newest_first(capfd: Capture) -> None:
    ingest("--quiet")
    assert ["Evil ran on db1", "Worse ran on db1", "Evil ran on web01"] == [
        *sorted(listed(capfd)[:2]),
        *listed(capfd)[2:],
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--level", "critical"], ["Worse ran on db1"]),
        (["--rule", "worse"], ["Worse ran on db1"]),
        (["--rule", IDS[1]], ["Worse ran on db1"]),
        (["--host", "WEB01"], ["Evil ran on web01"]),
        (["--dataset", "windows.security"], []),
        (["--until", "2026-11-20T12:30+07:00"], ["Evil ran on web01"]),
    ],
)
def test_alerts_are_found_by_what_is_asked(arguments: list[str], expected: list[str], capfd: Capture) -> None:
    ingest("--quiet")
    assert expected == listed(capfd, *arguments)


def test_pages_follow_one_another(capfd: Capture) -> None:
    ingest("--quiet")
    first = told(capfd, "alerts", "list", "--json", "--limit", "2")
    second = told(capfd, "alerts", "list", "--json", "--limit", "2", "--after", first["after"])
    ids = [each["id"] for page in (first, second) for each in page["alerts"]]
    assert (3, 3, None) == (len(ids), len(set(ids)), second["after"])


@pytest.mark.parametrize("columns", [80, 200])
def test_the_table_fits_its_width(columns: int, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> None:
    ingest("--quiet")
    monkeypatch.setenv("COLUMNS", str(columns))
    capfd.readouterr()
    assert 0 == main(["alerts", "list"])
    lines = capfd.readouterr().out.splitlines()
    assert "Evil ran" in lines[3]
    assert all(len(each) <= columns for each in lines)
    assert "alerts: 3 of 3" in lines[-1]


def test_programs_read_lines_of_json_and_csv(capfd: Capture) -> None:
    ingest("--quiet")
    capfd.readouterr()
    assert 0 == main(["alerts", "list", "--ndjson"])
    assert 3 == len([json.loads(each) for each in capfd.readouterr().out.splitlines()])
    assert 0 == main(["alerts", "list", "--csv"])
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out)))
    assert {("critical", "db1"), ("high", "db1"), ("high", "web01")} == {(row["level"], row["host"]) for row in rows}


def test_an_alert_is_shown_with_its_event(capfd: Capture) -> None:
    ingest("--quiet")
    (alert,) = told(capfd, "alerts", "list", "--json", "--level", "critical")["alerts"]
    assert 0 == main(["alerts", "show", alert["id"][:8]])
    out = capfd.readouterr().out
    assert "Worse ran" in out
    assert "process.command_line  worse evil" in out
    whole = told(capfd, "alerts", "show", alert["id"], "--json")
    assert "worse evil" == whole["evidence"]["winlog"]["event_data"]["CommandLine"]


def test_an_alert_that_is_not_there_is_told(capfd: Capture) -> None:
    ingest("--quiet")
    assert 2 == main(["alerts", "show", "0000"])
    assert "no alert" in capfd.readouterr().err


def test_without_a_store_there_is_nothing_to_list(capfd: Capture) -> None:
    assert 2 == main(["alerts", "list"])
    assert "sentinel ingest" in capfd.readouterr().err


def test_a_store_without_alerts_says_so(capfd: Capture) -> None:
    main(["ingest", "logs", "--no-rules", "--quiet"])
    assert 0 == main(["alerts", "list"])
    assert "No alert." in capfd.readouterr().out


def test_an_export_taken_in_gives_the_same_events(here: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> None:
    (here / "logs" / "access.log").write_text(
        '192.0.2.1 - - [20/Nov/2026:10:28:04 +0700] "GET /ế HTTP/1.1" 200 5 "-" "-"\n' * 2
    )
    (here / "logs" / "documents.ndjson").write_bytes(line(NGINX) + line(NGINX | {"source": {"port": "many"}}))
    ingest("--quiet")
    assert 0 == main(["store", "export", "first.ndjson"])
    monkeypatch.setenv("SENTINEL_STORE", str(here / "other"))
    assert 7 == told(capfd, "ingest", "first.ndjson", "--no-rules", "--json")["stored"]
    assert 0 == main(["store", "export", "second.ndjson"])
    first, second = (_events(here / f"{name}.ndjson") for name in ("first", "second"))
    assert 7 == len(first)
    assert first == second


def _events(path: Path) -> dict[str, Any]:
    """Give exported events by id, less when they were taken in."""
    events = [json.loads(each) for each in path.read_text(encoding="utf-8").splitlines()]
    for event in events:
        event["event"].pop("ingested")
    return {event["event"]["id"]: event for event in events}
