"""`sentinel search`, `get`, `count`, `histogram`, `top` and `fields`: what they show and how they end."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import signal
import subprocess
import sys
import time
import unicodedata
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow.parquet as pq
import pytest

from sentinel.cli.asked import similar
from sentinel.cli.main import main
from sentinel.store.embedded.store import open_store
from tests.cli.a_store import a_store, id_of, put, requests
from tests.folders import work_in

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]
    Form = Literal["NFC", "NFD"]

ROOT = Path(__file__).resolve().parents[2]
SYSMON, WEB = "windows.sysmon", "web.access"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a store of its own."""
    work_in(tmp_path, monkeypatch)
    a_store(tmp_path / "store").close()
    return tmp_path / "store"


def shown(capfd: Capture, *arguments: str, code: int = 0) -> list[str]:
    assert code == main(list(arguments))
    return capfd.readouterr().out.splitlines()


def found(capfd: Capture, *arguments: str) -> list[Any]:
    return [json.loads(line) for line in shown(capfd, "search", "--ndjson", *arguments)]


def refused(capfd: Capture, *arguments: str, code: int = 2) -> list[str]:
    assert code == main(list(arguments))
    answer = capfd.readouterr()
    assert "" == answer.out
    return answer.err.splitlines()


# search ---------------------------------------------------------------------------------------------------------------


def test_the_latest_event_comes_first(capfd: Capture) -> None:
    lines = shown(capfd, "search", "whoami")
    assert ["time", "2026-11-20", "2026-11-20"] == [line.split()[0] for line in lines[:3]]
    assert ["12:02:00", "12:00:00"] == [line.split()[1] for line in lines[1:3]]
    assert ["", "Times are those of Asia/Ho_Chi_Minh."] == lines[3:]


def test_without_a_query_every_event_is_found(capfd: Capture) -> None:
    assert 8 == len(found(capfd))
    assert 8 == len(found(capfd, "*"))


def test_what_happened_is_told_of_events_of_different_kinds(capfd: Capture) -> None:
    lines = shown(capfd, "search", "event.id:*", "--limit", "8")
    assert "what happened" in lines[0]
    assert {"web.access", "windows.sysmon"} <= {word for line in lines for word in line.split()}


def test_nothing_found_is_said_and_is_no_error(capfd: Capture) -> None:
    assert ["No event is found."] == shown(capfd, "search", "mimikatz")


def test_a_page_tells_how_to_go_on_and_pages_do_not_repeat(capfd: Capture) -> None:
    ids, command = list[str](), "sentinel search '*'"
    arguments = ["search", "*", "--limit", "3", "--sort", "@timestamp:asc", "--ndjson"]
    while command:
        assert 0 == main(arguments)
        answer = capfd.readouterr()
        ids += [json.loads(line)["event"]["id"] for line in answer.out.splitlines()]
        command = answer.err.strip().removeprefix("more: ")
        arguments = [*shlex.split(command)[1:], "--ndjson"]
    assert 8 == len(ids) == len(set(ids))


def test_the_way_on_names_everything_that_was_asked(capfd: Capture, folder: Path) -> None:
    arguments = ["cmd.exe", "--since", "2026-11-19", "--dataset", "windows.*", "--any-accents", "--fields", "host.name"]
    lines = shown(capfd, "search", *arguments, "--limit", "2", "--store", str(folder), "--timezone", "UTC")
    assert lines[-1].startswith("more: sentinel search cmd.exe --since=2026-11-19 '--dataset=windows.*' --any-accents")
    assert lines[-1].endswith(f"--timezone=UTC --store={folder}")
    again = shlex.split(lines[-1].removeprefix("more: sentinel "))
    assert [line.split()[0] for line in shown(capfd, *again)[1:3]] != [line.split()[0] for line in lines[1:3]]


def test_all_gives_every_event(capfd: Capture, folder: Path) -> None:
    store = open_store(folder)
    put(store, "linux.syslog", "", [{"program": "sshd", "message": f"line {number}"} for number in range(2100)])
    store.close()
    assert 2100 == len(found(capfd, "line", "--all"))
    assert 1500 == len(found(capfd, "line", "--limit", "1500"))


def test_events_are_sorted_by_any_field(capfd: Capture) -> None:
    commands = [
        each["process"]["command_line"]
        for each in found(capfd, "--dataset", SYSMON, "--sort", "process.command_line:asc")
    ]
    assert sorted(commands) == commands
    down = [
        each["process"]["command_line"] for each in found(capfd, "--dataset", SYSMON, "--sort", "process.command_line")
    ]
    assert commands[::-1] == down


def test_a_dataset_may_be_a_pattern(capfd: Capture) -> None:
    assert 5 == len(found(capfd, "--dataset", "windows.*"))
    assert 8 == len(found(capfd, "--dataset", "windows.*", "--dataset", WEB))


def test_a_dataset_that_is_not_stored_is_told_with_those_like_it(capfd: Capture) -> None:
    lines = refused(capfd, "search", "--dataset", "windows.sysmom")
    assert [
        "error: --dataset windows.sysmom: no stored dataset is called so",
        "  hint: like it: windows.sysmon",
    ] == lines


def test_a_window_leaves_out_what_lies_outside(capfd: Capture) -> None:
    assert 2 == len(found(capfd, "--until", "2026-11-20T12:01:00"))
    assert [] == found(capfd, "--since", "2027-01-01")


def test_chosen_fields_are_columns(capfd: Capture) -> None:
    lines = shown(capfd, "search", "whoami", "--fields", "event.id, user.name")
    assert [["event.id", "user.name"], [id_of(SYSMON, 2), "minh"]] == [line.split() for line in lines[:2]]


@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_vietnamese_is_found_composed_or_not(stored: Form, typed: Form, capfd: Capture, folder: Path) -> None:
    store = open_store(folder)
    text = unicodedata.normalize(stored, "Đã gửi BÁO CÁO tuần")
    put(store, "linux.syslog", "", [{"program": "app", "message": text}])
    store.close()
    query = unicodedata.normalize(typed, '"gửi báo cáo"')
    assert [text] == [each["message"] for each in found(capfd, query)]
    assert [] == found(capfd, '"gui bao cao"')
    assert [text] == [each["message"] for each in found(capfd, '"da gui bao cao"', "--any-accents")]


# forms ----------------------------------------------------------------------------------------------------------------


def test_json_is_one_document_that_tells_how_to_go_on(capfd: Capture) -> None:
    (line,) = [json.loads("\n".join(shown(capfd, "search", "whoami", "--limit", "1", "--json")))]
    assert "whoami /all" == line["events"][0]["process"]["command_line"]
    assert line["after"]
    assert json.loads("\n".join(shown(capfd, "search", "whoami", "--json")))["after"] is None


def test_csv_has_a_line_an_event(capfd: Capture) -> None:
    assert 0 == main(["search", "whoami", "--csv", "--fields", "@timestamp,process.command_line"])
    rows = list(csv.reader(io.StringIO(capfd.readouterr().out)))
    assert [["@timestamp", "process.command_line"], ["2026-11-20T05:02:00.000000000Z", "whoami /all"]] == rows[:2]


def test_parquet_is_a_file(capfd: Capture) -> None:
    assert [] == shown(capfd, "search", "--parquet", "events.parquet")
    table = pq.read_table("events.parquet")
    assert 8 == table.num_rows
    assert {"process.command_line", "http.response.status_code"} <= set(table.schema.names)
    assert "_kind" not in table.schema.names


@pytest.mark.parametrize("form", [[], ["--json"], ["--ndjson"], ["--csv"]])
def test_output_goes_to_a_file_that_is_what_would_have_been_shown(form: list[str], capfd: Capture) -> None:
    lines = shown(capfd, "search", "whoami", *form)
    assert [] == shown(capfd, "search", "whoami", *form, "--output", "out")
    assert lines == Path("out").read_text(encoding="utf-8").splitlines()


def test_only_one_form_at_a_time(capfd: Capture) -> None:
    lines = refused(capfd, "search", "--json", "--csv")
    assert "error: these cannot go together: --json, --csv" == lines[0]


@pytest.mark.parametrize("form", [[], ["--json"], ["--ndjson"], ["--csv"], ["--fields", "url.original,message"]])
def test_nothing_that_a_log_holds_is_obeyed_by_a_terminal(form: list[str], capfd: Capture) -> None:
    lines = shown(capfd, "search", "--dataset", WEB, *form)
    assert all(line.isprintable() for line in lines)
    assert any("b>" in line for line in lines)


# errors ---------------------------------------------------------------------------------------------------------------


def test_an_error_in_a_query_points_at_its_column(capfd: Capture) -> None:
    lines = refused(capfd, "search", "user.name:lan AND (whoami OR")
    assert lines[0].startswith("error: column 19: ")
    assert "  user.name:lan AND (whoami OR" == lines[1]
    assert 20 == lines[2].index("^")


def test_a_field_that_no_event_has_is_told_with_those_like_it(capfd: Capture) -> None:
    assert 0 == main(["search", "proces.name:cmd.exe OR username:lan"])
    told = capfd.readouterr().err.splitlines()
    assert "no event has the field 'proces.name'; like it: process.name" == told[0].split(",")[0]
    assert told[1].startswith("no event has the field 'username'")


@pytest.mark.parametrize("arguments", [["count", "no.field:1"], ["top", "no.field"], ["histogram", "--by", "no.field"]])
def test_a_field_that_no_event_has_is_told_by_every_command(arguments: list[str], capfd: Capture) -> None:
    assert 0 == main(arguments)
    assert "no event has the field 'no.field'" == capfd.readouterr().err.strip()


def test_a_field_that_events_have_is_not_spoken_of(capfd: Capture) -> None:
    assert 0 == main(["search", "winlog.event_data.CommandLine:whoami AND process.*:cmd"])
    assert "" == capfd.readouterr().err


@pytest.mark.parametrize("command", ["search", "count", "histogram", "fields", "get 00", "top user.name"])
def test_without_a_store_it_is_said_what_to_do(command: str, capfd: Capture) -> None:
    lines = refused(capfd, *command.split(), "--store", "none")
    assert lines[0].startswith(f"error: {Path.cwd() / 'none'}: ")
    assert "sentinel ingest" in lines[1]


@pytest.mark.parametrize("command", ["search", "count", "histogram", "fields", "get 00", "top user.name"])
def test_an_empty_store_says_what_to_do(command: str, capfd: Capture) -> None:
    open_store(Path("empty"), create=True).close()
    lines = refused(capfd, *command.split(), "--store", "empty")
    assert "sentinel ingest" in lines[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "--limit", "0"],
        ["search", "--since", "never"],
        ["search", "--after", "nonsense!"],
        ["histogram", "--interval", "0m"],
        ["histogram", "--interval", "abc"],
        ["top", "user.name", "--limit", "-1"],
        ["search", "--output", "/no/such/folder/x", "--json"],
        ["get"],
    ],
)
def test_a_wrong_call_ends_in_exit_2(arguments: list[str], capfd: Capture) -> None:
    assert refused(capfd, *arguments)[0].startswith("error: ")


def test_names_like_another_are_found() -> None:
    names = ["user.name", "user.target.name", "process.name", "source.ip"]
    assert ["process.name"] == similar("proces.name", names)
    assert ["user.name", "process.name", "user.target.name"] == similar("name", names)
    assert ["user.name"] == similar("username", names)


# get ------------------------------------------------------------------------------------------------------------------


def test_an_event_is_shown_whole(capfd: Capture) -> None:
    lines = shown(capfd, "get", id_of(SYSMON, 0))
    assert "windows.sysmon  2026-11-20 12:00:00 Asia/Ho_Chi_Minh" == lines[0]
    assert any(line.split() == ["CommandLine", "whoami"] for line in lines)


def test_an_event_as_json_is_a_document_and_several_are_a_list(capfd: Capture) -> None:
    one, two = id_of(SYSMON, 0), id_of(WEB, 1)
    assert "whoami" == json.loads(shown(capfd, "get", one, "--json")[0])["process"]["command_line"]
    both = json.loads(shown(capfd, "get", two, one.upper(), two, "--json")[0])
    assert [two, one] == [each["event"]["id"] for each in both]


def test_an_id_that_is_not_there_ends_in_exit_1(capfd: Capture) -> None:
    assert 1 == main(["get", id_of(SYSMON, 0), "00\x1b"])
    answer = capfd.readouterr()
    assert answer.out.startswith("windows.sysmon")
    assert "no event has the id '00\\x1b'\n" == answer.err


# numbers --------------------------------------------------------------------------------------------------------------


def test_count_is_a_number(capfd: Capture) -> None:
    assert ["2"] == shown(capfd, "count", "whoami")
    assert ['{"events":8}'] == shown(capfd, "count", "--json")
    assert ["0"] == shown(capfd, "count", "mimikatz")


def test_top_shows_values_and_their_share(capfd: Capture) -> None:
    lines = shown(capfd, "top", "user.name", "--limit", "1")
    assert [["user.name", "events", "share"], ["minh", "3", "37.5", "%"]] == [line.split() for line in lines[:2]]
    assert ["1 more value", "8 events, 3 without the field (37.5 %)"] == lines[3:]


def test_top_for_programs(capfd: Capture) -> None:
    (line,) = shown(capfd, "top", "user.name", "--json")
    assert {
        "field": "user.name",
        "events": 8,
        "missing": 3,
        "distinct": 2,
        "values": [{"value": "minh", "events": 3}, {"value": "lan.pham", "events": 2}],
    } == json.loads(line)
    assert ["user.name,events", "minh,3", "lan.pham,2"] == shown(capfd, "top", "user.name", "--csv")


def test_a_histogram_has_a_line_a_minute_and_is_ascii_where_nobody_looks(capfd: Capture) -> None:
    lines = shown(capfd, "histogram", "--interval", "1m")
    assert [f"2026-11-20 12:0{minute}" for minute in range(5)] == [line[:16] for line in lines[:5]]
    assert ["2", "2", "2", "1", "1"] == [line.split()[2] for line in lines[:5]]
    assert all(line.isascii() for line in lines)


def test_the_interval_is_chosen_by_the_span(capfd: Capture) -> None:
    assert "a line is 15s" in shown(capfd, "histogram")[-1]
    assert "a line is 1w" in shown(capfd, "histogram", "--interval", "7d")[-1]


def test_a_histogram_by_a_field_tells_its_values(capfd: Capture) -> None:
    lines = shown(capfd, "histogram", "--by", "event.dataset", "--interval", "1h")
    assert "# windows.sysmon   = web.access" == lines[0]
    bars = json.loads(shown(capfd, "histogram", "--by", "event.dataset", "--interval", "1d", "--json")[0])["bars"]
    assert [{"time": "2026-11-19T17:00:00.000000000Z", "events": 8, "values": {WEB: 3, SYSMON: 5}}] == bars
    assert "time,event.dataset,events" == shown(capfd, "histogram", "--by", "event.dataset", "--csv")[0]


def test_a_histogram_of_nothing_says_so(capfd: Capture) -> None:
    assert ["No event is found."] == shown(capfd, "histogram", "mimikatz")
    assert [] == json.loads(shown(capfd, "histogram", "mimikatz", "--json")[0])["bars"]


def test_a_histogram_too_long_for_anyone_is_refused(capfd: Capture, folder: Path) -> None:
    store = open_store(folder)
    put(store, WEB, "", requests("/"), begin=0)
    store.close()
    assert "5000 lines" in refused(capfd, "histogram", "--interval", "1m")[0]


def test_fields_are_listed_with_what_they_hold(capfd: Capture) -> None:
    lines = shown(capfd, "fields", "process.command")
    assert ["process.command_line", "keyword", "5", "windows.sysmon"] == lines[1].split()[:4]
    assert "sentinel search 'process.command_line:*word*'" in lines[-1]
    names = [each["name"] for each in json.loads(shown(capfd, "fields", "*.Name", "--json")[0])]
    assert names
    assert all(name.endswith(".name") for name in names)
    assert ["No field is called so."] == shown(capfd, "fields", "nobody")


# how it ends ----------------------------------------------------------------------------------------------------------


def sentinel(*arguments: str, **options: Any) -> subprocess.Popen[str]:  # noqa: ANN401 - those of Popen
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "sentinel", *arguments]
    return subprocess.Popen(command, env=environ, text=True, **options)


def test_a_reader_that_stops_reading_is_no_error(folder: Path) -> None:
    store = open_store(folder)
    put(store, WEB, "", requests(*[f"/{number:0500d}" for number in range(2000)]))
    store.close()
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with sentinel("search", "--all", "--ndjson", **pipes) as run:
        assert run.stdout
        run.stdout.readline()
        run.stdout.close()
        assert (141, "") == (run.wait(timeout=60), run.stderr.read() if run.stderr else "")


def test_an_interrupt_ends_in_exit_130(folder: Path) -> None:
    store = open_store(folder)
    put(store, WEB, "", requests(*[f"/{number:0500d}" for number in range(2000)]))
    store.close()
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # Whoever starts the tests may ignore Ctrl-C, and would have the command ignore it too.
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with sentinel("search", "--all", "--ndjson", preexec_fn=heard, **pipes) as run:
        assert run.stdout
        run.stdout.readline()  # the pipe is full, and it waits
        time.sleep(0.2)
        run.send_signal(signal.SIGINT)
        run.stdout.read()
        assert 130 == run.wait(timeout=60)
