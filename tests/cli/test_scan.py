"""`sentinel scan`: what it shows, how it ends, and that hostile input does no harm."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.cli.main import main
from tests.folders import work_in

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = str(ROOT / "docs" / "samples" / "windows")
RULE = """title: {title}
id: {id}
status: test
level: {level}
tags: [attack.t1490, attack.impact]
logsource: {{product: windows, category: process_creation}}
detection:
    a:
        CommandLine|contains: {text}
    condition: a
"""
IDS = ("0f0a9e70-46f4-4b72-9a4d-1d3a4e6f0001", "0f0a9e70-46f4-4b72-9a4d-1d3a4e6f0002")


def an_event(**fields: Any) -> str:  # noqa: ANN401 - any JSON value
    event = {
        "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "SourceName": "Microsoft-Windows-Sysmon",
        "TimeCreated": "2026-11-20T05:00:00Z",
        "Hostname": "web01",
        "Computer": "web01",
        "User": "GOV\\lan",
        "CommandLine": "evil.exe",
    }
    return json.dumps({**event, **fields}) + "\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with two rules of its own and one file of events."""
    work_in(tmp_path, monkeypatch)
    (tmp_path / "rules").mkdir()
    rules = (("Evil ran", "high", "evil"), ("Worse ran", "critical", "worse"))
    for identity, (title, level, text) in zip(IDS, rules, strict=True):
        rule = RULE.format(title=title, id=identity, level=level, text=text)
        (tmp_path / "rules" / f"{text}.yml").write_text(rule)
    (tmp_path / "logs").mkdir()
    events = (
        an_event() + an_event(CommandLine="worse evil", TimeCreated="2026-11-20T06:00:00Z") + an_event(CommandLine="x")
    )
    (tmp_path / "logs" / "a.ndjson").write_text(events)
    return tmp_path


def scan(*arguments: str) -> int:
    return main(["scan", *arguments, "--rules", "rules"])


def scanned(capfd: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    scan("logs", "--ndjson", "--quiet", *arguments)
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_the_table_shows_the_gravest_rule_first(capfd: Capture) -> None:
    assert 0 == scan("logs")
    lines = capfd.readouterr().out.splitlines()
    assert ["level", "critical", "high"] == [line.split()[0] for line in lines[:3]]
    assert "Times are those of Asia/Ho_Chi_Minh." in lines
    assert "hits: 3 hits on 2 events, 1 critical, 2 high" in lines


def test_the_samples_are_scanned_with_the_shipped_rules(capfd: Capture) -> None:
    assert 0 == main(["scan", SAMPLES, "--by", "host"])
    out = capfd.readouterr().out
    told = re.search(r"hits: (\d+) hits", out)
    said = re.search(r"at least once, (\d+) hits in all", (ROOT / "docs/samples/README.md").read_text(encoding="utf-8"))
    assert told
    assert said
    assert said[1] == told[1]


def test_the_session_of_the_readme_is_what_the_command_shows(monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> None:
    session = (ROOT / "README.md").read_text(encoding="utf-8").split("```text\n$ ")[1].partition("```")[0]
    command, *lines = session.rstrip("\n").split("\n")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(ROOT)
    assert 0 == main(command.split()[1:])
    out = capfd.readouterr().out.splitlines()
    timed = re.compile(r"in .* a second\)")
    shown = [timed.sub("", line) for line in out]
    assert [] == [line for line in lines if line != "…" and timed.sub("", line) not in shown]


def test_ids_of_identical_events_differ_and_stay(here: Path, capfd: Capture) -> None:
    (here / "logs" / "a.ndjson").write_text(an_event() * 3)
    first, again = scanned(capfd), scanned(capfd)
    assert 3 == len({hit["event"]["id"] for hit in first})
    assert first == again


def test_json_holds_the_hits_and_the_account(capfd: Capture) -> None:
    assert 0 == scan("logs", "--json", "--quiet")
    document = json.loads(capfd.readouterr().out)
    assert (3, 3, 2) == (len(document["hits"]), document["summary"]["events"], document["summary"]["hits"]["high"])
    assert "evil.exe" == document["hits"][0]["evidence"]["process"]["command_line"]


def test_json_without_hits_is_json(capfd: Capture) -> None:
    assert 0 == scan("logs", "--json", "--quiet", "--since", "2027-01-01")
    assert [] == json.loads(capfd.readouterr().out)["hits"]


def test_csv_holds_a_line_a_hit(capfd: Capture) -> None:
    assert 0 == scan("logs", "--csv", "--quiet")
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out)))
    assert ["Evil ran", "Evil ran", "Worse ran"] == sorted(row["rule.title"] for row in rows)


def test_the_account_of_a_stream_goes_to_standard_error_unless_quiet(capfd: Capture) -> None:
    scan("logs", "--ndjson")
    assert "hits: 3 hits" in capfd.readouterr().err
    scan("logs", "--ndjson", "--quiet")
    assert "" == capfd.readouterr().err


def test_the_timeline_is_in_order_of_time(capfd: Capture) -> None:
    assert 0 == scan("logs", "--timeline", "--quiet")
    lines = capfd.readouterr().out.splitlines()
    assert ["12:00:00", "13:00:00", "13:00:00"] == [line.split()[1] for line in lines[1:4]]
    assert ["high", "critical", "high"] == [line.split()[2] for line in lines[1:4]]


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        (["--level", "critical"], ["Worse ran"]),
        (["--status", "stable", "--status", "test"], ["Evil ran", "Evil ran", "Worse ran"]),
        (["--tag", "attack.T1490", "--rule", "worse"], ["Worse ran"]),
        (["--rule", IDS[0]], ["Evil ran", "Evil ran"]),
        (["--since", "2026-11-20T12:30"], ["Evil ran", "Worse ran"]),
        (["--until", "2026-11-20T12:30"], ["Evil ran"]),
        (["--until", "2026-11-20"], ["Evil ran", "Evil ran", "Worse ran"]),
    ],
)
def test_filters_cut_rules_and_times(filters: list[str], titles: list[str], capfd: Capture) -> None:
    assert titles == sorted(hit["rule"]["title"] for hit in scanned(capfd, *filters))


def test_a_tag_stands_for_those_below_it_and_for_no_other(capfd: Capture, here: Path) -> None:
    rule = here / "rules" / "evil.yml"
    rule.write_text(rule.read_text().replace("attack.t1490", "attack.t1003.001, attack.credential_access"))
    for tag, count in (("attack.t1003", 2), ("attack.credential-access", 2), ("attack.t100", 0)):
        scan("logs", "--ndjson", "--quiet", "--tag", tag)
        assert count == len(capfd.readouterr().out.splitlines())


def test_rules_of_your_own_come_before_shipped_ones(here: Path, capfd: Capture) -> None:
    (here / "sentinel.toml").write_text('rules = ["rules"]\n')
    assert 0 == main(["scan", "logs", "--ndjson", "--quiet", "--rule", "ran"])
    assert 3 == len(capfd.readouterr().out.splitlines())


def test_output_goes_to_a_file_that_is_whole_or_not_there(here: Path, capfd: Capture) -> None:
    assert 0 == scan("logs", "--json", "--output", "hits.json", "--quiet")
    assert 3 == len(json.loads((here / "hits.json").read_text())["hits"])
    assert 2 == scan("logs", "--json", "--output", "nowhere/hits.json")
    assert ["hits.json"] == [path.name for path in here.iterdir() if "hits" in path.name]
    assert "nowhere/hits.json: cannot be written" in capfd.readouterr().err


def test_every_file_is_accounted_for(here: Path, capfd: Capture) -> None:
    (here / "logs" / "empty.evtx").touch()
    (here / "logs" / "notes.txt").write_text("hello")
    (here / "logs" / "torn.ndjson").write_text(an_event() + "{torn\n")
    assert 3 == scan("logs", "--files", "--faults", "faults.ndjson")
    lines = [line.split() for line in capfd.readouterr().out.splitlines()]
    assert [
        ["logs/a.ndjson", "ndjson", "3", "0"],
        ["logs/empty.evtx", "empty", "0", "0"],
        ["logs/notes.txt", "not", "read", "0", "1"],
        ["logs/torn.ndjson", "ndjson", "1", "1"],
    ] == [line for line in lines if line and line[0].startswith("logs/") and not line[0].endswith(":")]
    faults = [json.loads(line) for line in (here / "faults.ndjson").read_text().splitlines()]
    assert {"logs/notes.txt": None, "logs/torn.ndjson": 2} == {fault["path"]: fault["line"] for fault in faults}


def test_a_fault_far_into_a_file_is_told_with_its_line(here: Path, capfd: Capture) -> None:
    lines = [an_event(CommandLine="x" * 1000)] * 9000
    (here / "logs" / "a.ndjson").write_text("".join([*lines, "{torn\n", an_event()]))
    assert 3 == scan("logs")
    assert "logs/a.ndjson:9001: " in capfd.readouterr().out


def test_fields_that_are_lacking_are_named(here: Path, capfd: Capture) -> None:
    (here / "logs" / "a.ndjson").write_text(an_event(CommandLine=None))
    assert 0 == scan("logs")
    assert ["CommandLine", "windows.sysmon", "1", "2"] in [line.split() for line in capfd.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["logs"], 0),
        (["logs", "--fail-on", "critical"], 1),
        (["logs", "--fail-on", "critical", "--rule", "evil"], 0),
        (["empty"], 0),
        (["notes"], 2),
        (["nothing"], 2),
        (["nowhere"], 2),
        (["logs", "notes"], 3),
        (["logs", "notes", "--fail-on", "low"], 3),
    ],
)
def test_every_ending_has_its_code(arguments: list[str], code: int, here: Path) -> None:
    for folder in ("empty", "notes", "nothing"):
        (here / folder).mkdir()
    (here / "empty" / "a.evtx").touch()
    (here / "notes" / "a.txt").write_text("hello")
    assert code == scan(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "error: nowhere: no such file or folder\n  hint: check the path; `-` reads standard input"),
        (["rules", "--quiet"], "error: nothing could be read\n  hint: `sentinel formats`"),
        ([".settings/none"], "error: .settings/none: no such file"),
        (
            ["logs", "--level", "grave"],
            "error: --level: must be one of informational, low, medium, high, critical, not 'grave'",
        ),
        (["logs", "--fail-on", "grave"], "error: --fail-on: must be one of"),
        (["logs", "--status", "new"], "error: --status: must be one of stable,"),
        (["logs", "--by", "user"], "error: --by: must be one of rule, host, technique, not 'user'"),
        (["logs", "--since", "soon"], "error: --since: not a time: 'soon'\n  hint: write 2026-11-20,"),
        (["logs", "--json", "--csv"], "error: these cannot go together: --json, --csv\n  hint: choose one"),
        (["logs", "--rule", "zzz"], "error: --rule zzz: no rule passes the filters"),
        (["logs", "--rules", "nowhere"], "error: nowhere: rules cannot be read: No such file"),
        ([], "error: argument 'PATH' is missing"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(arguments: list[str], message: str, capfd: Capture) -> None:
    assert 2 == scan(*arguments)
    assert capfd.readouterr().err.startswith(message)


def test_strict_scans_nothing_where_a_rule_is_faulty(here: Path, capfd: Capture) -> None:
    rule = here / "rules" / "bad.yml"
    rule.write_text(
        (here / "rules" / "evil.yml").read_text().replace("contains", "containz").replace(IDS[0], IDS[0][:-1] + "9")
    )
    assert 0 == scan("logs")
    assert "rules: 2 run, 1 faulty, see `sentinel rules check`" in capfd.readouterr().out
    assert 2 == scan("logs", "--strict")
    said = capfd.readouterr()
    assert "" == said.out
    assert said.err.startswith("error: rules/bad.yml:")
    assert "1 rule is faulty" in said.err


@pytest.mark.parametrize("view", [[], ["--by", "host"], ["--timeline"], ["--csv"], ["--ndjson"], ["--json"]])
def test_hostile_values_do_no_harm(view: list[str], here: Path, capfd: Capture) -> None:
    hostile = "=evil \x1b[2J\x1b]0;x\x07 [bold]x[/] \u202egpj \x9b31m \x85 \u2028 \x00"
    (here / "logs" / "a\x1b[31m.ndjson").write_text(
        an_event(CommandLine=hostile, Computer=hostile, User=hostile) + an_event(User="\ud800evil") + "\x1b[2J\n"
    )
    assert 3 == scan("logs", "--files", *view)
    said = capfd.readouterr()
    obeyed = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
    assert [] == obeyed.findall(said.out + said.err)
    assert "[bold]x[/]" in said.out or view not in (["--csv"], ["--ndjson"], ["--json"])


def test_standard_input_is_read_as_any_file(here: Path) -> None:
    command = [sys.executable, "-m", "sentinel", "scan", "-", "--rules", "rules", "--files"]
    ended = subprocess.run(
        command, input=(here / "logs" / "a.ndjson").read_bytes(), capture_output=True, check=True, env=environment()
    )
    assert b"<stdin>  ndjson       3       0" in ended.stdout


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def started(*arguments: str, **environ: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "sentinel", "scan", *arguments, "--rules", "rules"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env={**environment(), **environ})


def test_an_interrupted_scan_shows_what_it_found() -> None:
    # Standard input never ends, so that the scan goes on until it is interrupted, however fast the machine.
    with started("logs", "-") as process:
        assert process.stdin is not None
        block = an_event(CommandLine="x").encode() * 20_000
        begin = time.monotonic()
        with suppress(BrokenPipeError):
            while time.monotonic() - begin < 1.5:
                process.stdin.write(block)
            process.send_signal(signal.SIGINT)
            while time.monotonic() - begin < 60:
                process.stdin.write(block)
        out, error = process.communicate()
    assert (130, b"") == (process.returncode, error)
    assert b"Interrupted: this is what had been found by then." in out
    assert b"Worse ran" in out


def test_an_interrupt_stops_every_process(here: Path) -> None:
    # Nobody reads the hits before the interrupt, so that the scan cannot end on its own.
    (here / "logs" / "b.ndjson").write_text(an_event() * 40_000)
    with started("logs", "--ndjson", SENTINEL_PROCESSES="2") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        hits = [json.loads(line) for line in (first, *process.stdout)]
        error = process.stderr.read()
    assert 130 == process.returncode
    assert 0 < len(hits) < 40_000
    assert b"Interrupted: this is what had been found by then." in error


def test_standard_input_is_read_beside_files() -> None:
    with started("logs", "-", "--files", SENTINEL_PROCESSES="2") as process:
        out, _error = process.communicate(an_event().encode(), timeout=60)
    assert ["<stdin>", "ndjson", "1", "0"] in [line.split() for line in out.decode().splitlines()]
