"""`sentinel hunt`: what it shows, keeps and answers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel.cli.main import main
from tests.detect.builders import event, rule
from tests.folders import work_in
from tests.hunting import stored

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

TWO = "title: two\nid: 9f3c4d3e-7a55-4b1c-8a1e-2f0b1d3c5e71\nlevel: high\nstatus: test"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a store of three events, and two rules of which the first hits two and the other one."""
    work_in(tmp_path, monkeypatch)
    monkeypatch.setenv("SENTINEL_TIMEZONE", "UTC")
    (tmp_path / "rules").mkdir()
    Path("rules/one.yml").write_text(rule("selection: {Image|endswith: cmd.exe}", head="title: one\nlevel: low"))
    Path("rules/two.yml").write_text(rule("selection: {CommandLine|contains: whoami}", head=TWO))
    events = [
        event(Image="C:\\cmd.exe", CommandLine=command, Hostname="WS1", **{"@timestamp": f"2026-01-0{day}T08:00:00Z"})
        for day, command in ((5, "dir"), (6, "whoami"))
    ]
    other = event(Image="C:\\calc.exe", Hostname="WS2", **{"@timestamp": "2026-01-07T08:00:00Z"})
    Path("log.ndjson").write_text("".join(json.dumps(each) + "\n" for each in [*events, other]))
    stored(tmp_path / "store", Path("log.ndjson")).close()
    return tmp_path / "store"


def shown(capfd: Capture, *arguments: str, code: int = 0) -> list[str]:
    assert code == main(["hunt", "--rules", "rules", *arguments])
    return capfd.readouterr().out.splitlines()


def titles(capfd: Capture, *arguments: str) -> list[str]:
    return sorted(json.loads(line)["rule"]["title"] for line in shown(capfd, "--ndjson", "--quiet", *arguments))


def test_hits_are_grouped_and_the_account_names_the_store(capfd: Capture, folder: Path) -> None:
    lines = shown(capfd)
    assert [["high", "two", "1"], ["low", "one", "2"]] == [line.split()[:3] for line in lines[1:3]]
    assert ["hits: 3 hits on 2 events, 1 high, 2 low", "rules: 2 run", f"store: {folder}"] == lines[-3:]
    assert lines[-4].startswith("events: 3 in ")


def test_a_hunt_that_looked_at_everything_names_the_fields_that_are_lacking(capfd: Capture) -> None:
    Path("rules/three.yml").write_text(rule("selection: {Hashes|contains: MD5}", head="title: three\nlevel: low"))
    lines = [" ".join(line.split()) for line in shown(capfd)]
    begin = lines.index("Fields that rules want and this data lacks")
    assert ["field of events rules", "Hashes windows.sysmon 1 1"] == lines[begin + 1 :]


def test_hunting_again_shows_the_same(capfd: Capture) -> None:
    assert titles(capfd) == titles(capfd) == ["one", "one", "two"]


def test_a_rule_that_changed_is_run_anew(capfd: Capture) -> None:
    assert ["one", "one", "two"] == titles(capfd)
    Path("rules/two.yml").write_text(rule("selection: {Image|contains: calc}", head=TWO))
    assert ["one", "one", "two"] == titles(capfd)
    assert ["WS2"] == [json.loads(line)["event"]["host"] for line in shown(capfd, "--ndjson", "-q", "--rule", "two")]


def test_only_a_span_of_time_is_hunted(capfd: Capture) -> None:
    assert ["one", "two"] == titles(capfd, "--since", "2026-01-06")
    assert ["one"] == titles(capfd, "--until", "2026-01-05")
    assert [] == titles(capfd, "--since", "2026-02-01")


def test_filters_choose_rules(capfd: Capture) -> None:
    assert ["two"] == titles(capfd, "--level", "high")
    assert ["two"] == titles(capfd, "--status", "test")
    assert ["one", "one"] == titles(capfd, "--rule", "one")


def test_hits_are_written_for_programs_with_their_events(capfd: Capture) -> None:
    document = json.loads("\n".join(shown(capfd, "--json", "--quiet", "--level", "high")))
    (hit,) = document["hits"]
    assert ("log.ndjson", "whoami") == (hit["event"]["file"], hit["evidence"]["process"]["command_line"])
    assert {"critical": 0, "high": 1, "medium": 0, "low": 0, "informational": 0} == document["summary"]["hits"]
    rows = list(csv.DictReader(io.StringIO("\n".join(shown(capfd, "--csv", "--quiet")))))
    assert ["one", "one", "two"] == sorted(row["rule.title"] for row in rows)


def test_hits_are_shown_as_a_timeline_and_as_a_report(capfd: Capture, tmp_path: Path) -> None:
    assert ["2026-01-05", "2026-01-06", "2026-01-06"] == [line[:10] for line in shown(capfd, "--timeline", "-q")[1:4]]
    assert any("two" in line for line in shown(capfd, "--markdown", "--quiet"))
    shown(capfd, "--html", str(tmp_path / "report.html"))
    assert b"two" in (tmp_path / "report.html").read_bytes()


def test_hits_are_kept_as_alerts_once(capfd: Capture) -> None:
    assert "new alerts: 2" in shown(capfd, "--raise")
    assert "new alerts: 0" in shown(capfd, "--raise")
    assert 0 == main(["alerts", "list", "--json"])
    alerts = json.loads(capfd.readouterr().out)["alerts"]
    assert [("one", 2), ("two", 1)] == sorted((each["rule"]["title"], each["count"]) for each in alerts)


def test_the_exit_code_tells_of_grave_hits(capfd: Capture) -> None:
    shown(capfd, "--fail-on", "high", code=1)
    shown(capfd, "--fail-on", "critical")


def test_views_exclude_each_other(capfd: Capture) -> None:
    assert 2 == main(["hunt", "--json", "--csv"])
    assert "these cannot go together: --json, --csv" in capfd.readouterr().err


def test_without_a_store_there_is_an_error(capfd: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTINEL_STORE", str(tmp_path / "none"))
    assert 2 == main(["hunt", "--rules", "rules"])
    assert str(tmp_path / "none") in capfd.readouterr().err
