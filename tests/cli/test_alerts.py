"""`sentinel alerts list`, `show` and `watch`: what they show and how they end."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.cli.main import main
from tests.detect.builders import event, rule
from tests.folders import work_in

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

ROOT = Path(__file__).resolve().parents[2]
RULES = {"one": ("low", "{Image|endswith: cmd.exe}"), "two": ("high", "{CommandLine|contains: whoami}")}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder whose store has three alerts, two low and one high."""
    work_in(tmp_path, monkeypatch)
    monkeypatch.setenv("SENTINEL_RULES", str(tmp_path / "rules"))
    (tmp_path / "rules").mkdir()
    for number, (name, (level, selection)) in enumerate(RULES.items()):
        head = f"title: {name}\nid: 9f3c4d3e-7a55-4b1c-8a1e-2f0b1d3c5e7{number}\nlevel: {level}\ntags: [attack.t1033]"
        Path(f"rules/{name}.yml").write_text(rule(f"selection: {selection}", head=head))
    ingest("máy-đội-1", "dir")
    ingest("máy-đội-2", "whoami")
    return tmp_path


def ingest(host: str, command: str) -> None:
    told = event(Image="C:\\cmd.exe", CommandLine=command, Hostname=host, **{"@timestamp": "2026-01-05T08:00:00Z"})
    path = Path(f"{host}.ndjson")
    path.write_text(json.dumps(told) + "\n")
    assert 0 == main(["ingest", str(path), "--rules", "rules", "--quiet"])


def shown(capfd: Capture, *arguments: str, code: int = 0) -> list[str]:
    capfd.readouterr()
    assert code == main(["alerts", *arguments])
    return capfd.readouterr().out.splitlines()


def listed(capfd: Capture, *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shown(capfd, "list", "--ndjson", *arguments)]


def test_the_gravest_comes_first_and_the_foot_counts(capfd: Capture) -> None:
    lines = shown(capfd, "list")
    assert ["high", "low", "low"] == [line.split()[2] for line in lines[1:4]]
    assert "alerts: 3 of 3; times are those of Asia/Ho_Chi_Minh" == lines[5]


def test_filters_choose(capfd: Capture) -> None:
    assert ["two"] == [each["rule"]["title"] for each in listed(capfd, "--level", "high")]
    assert 2 == len(listed(capfd, "--host", "MÁY-ĐỘI-2"))
    assert 3 == len(listed(capfd, "--technique", "T1033"))
    assert [] == listed(capfd, "--state", "closed")


def test_pages_follow_each_other(capfd: Capture) -> None:
    first = json.loads(shown(capfd, "list", "--json", "--limit", "2")[0])
    rest = json.loads(shown(capfd, "list", "--json", "--after", first["after"])[0])
    assert (2, 1, None, 3) == (len(first["alerts"]), len(rest["alerts"]), rest["after"], first["total"])


def test_csv_has_a_line_an_alert(capfd: Capture) -> None:
    rows = list(csv.DictReader(io.StringIO("\n".join(shown(capfd, "list", "--csv")))))
    assert ["one", "one", "two"] == sorted(row["title"] for row in rows)


@pytest.mark.parametrize("wrong", [["--sort", "name"], ["--limit", "-1"], ["--json", "--csv"], ["--after", "x"]])
def test_a_wrong_call_ends_with_2(capfd: Capture, wrong: list[str]) -> None:
    assert [] == shown(capfd, "list", *wrong, code=2)


def show(capfd: Capture, *arguments: str) -> dict[str, Any]:
    (alert,) = listed(capfd, "--level", "high")
    told: dict[str, Any] = json.loads(shown(capfd, "show", alert["id"][:8], "--json", *arguments)[0])
    return told


def test_an_alert_says_why_its_rule_fired(capfd: Capture) -> None:
    why = show(capfd)["why"]
    assert ("same", ["CommandLine"]) == (why["rule"], why["fields"])
    assert [{"field": "CommandLine", "asks": "contains whoami", "values": ["whoami"]}] == why["items"]


def test_a_rule_that_changed_or_is_gone_is_told(capfd: Capture) -> None:
    path = Path("rules/two.yml")
    path.write_text(path.read_text().replace("whoami", "mimikatz"))
    assert "changed" == show(capfd)["why"]["rule"]
    path.unlink()
    assert "gone" == show(capfd)["why"]["rule"]


def test_an_alert_is_shown_with_what_happened_around_it(capfd: Capture) -> None:
    told = show(capfd)
    assert [("host", "máy-đội-2", 1)] == [(each["kind"], each["name"], each["total"]) for each in told["around"]]
    assert "whoami" == told["evidence"]["process"]["command_line"]
    assert ["raised"] == [each["what"] for each in told["history"]]


def test_brief_leaves_out_events(capfd: Capture) -> None:
    told = show(capfd, "--brief")
    assert (None, None, False) == (told["why"], told["around"], "evidence" in told)


def test_an_id_that_is_nobodys_ends_with_2(capfd: Capture) -> None:
    assert [] == shown(capfd, "show", "ffffffff", code=2)


def test_without_a_store_nothing_is_shown_and_the_place_is_named(
    folder: Path, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENTINEL_STORE", str(folder / "nowhere"))
    capfd.readouterr()
    assert 2 == main(["alerts", "show", "82a2"])
    said = capfd.readouterr()
    assert ("", True) == (said.out, "nowhere: there is no store here" in said.err)
    assert not (folder / "nowhere").exists()


def test_watch_ends_when_nobody_reads_any_more(folder: Path) -> None:
    command = [sys.executable, "-m", "sentinel", "alerts", "watch", "--json"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, cwd=folder, env=environment) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        with pytest.raises(subprocess.TimeoutExpired):
            watching.wait(2)
        watching.stdout.close()
        ingest("máy-đội-3", "whoami")
        assert (b"", 141) == (watching.stderr.read(), watching.wait(20))


def test_watch_prints_what_is_new_and_ends_on_interrupt(folder: Path) -> None:
    command = [sys.executable, "-m", "sentinel", "alerts", "watch", "--json", "--level", "high"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=folder, env=environment) as watching:
        assert watching.stdout is not None
        with pytest.raises(subprocess.TimeoutExpired):
            watching.wait(2)
        ingest("máy-đội-3", "whoami")
        told = json.loads(watching.stdout.readline())
        watching.send_signal(signal.SIGINT)
        assert ("máy-đội-3", 130) == (told["alert"]["event"]["host"], watching.wait(20))
