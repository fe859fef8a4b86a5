"""`sentinel alerts stats`, `stories`, `handover` and `export`: what they tell and how they end."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.cli.main import main
from sentinel.model.alert import Reason
from sentinel.triage.actions import Acknowledge, Close, Note, Pause
from sentinel.triage.desk import Desk
from tests.folders import work_in
from tests.triage.builders import DUC, HOUR, LAN, MINUTE, a_sighting

if TYPE_CHECKING:
    from pathlib import Path

    Capture = pytest.CaptureFixture[str]

HOSTILE = "<script>alert(1)</script>|@đức\x1b[2J"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder whose queue has five alerts: one closed, one paused, one acknowledged with a note, two new."""
    work_in(tmp_path, monkeypatch)
    now = time.time_ns()
    (tmp_path / "store").mkdir()
    with Desk(tmp_path / "store", write=True) as desk:
        desk.take([a_sighting(number, seen=now, time=now - HOUR) for number in range(1, 5)], now - 2 * HOUR)
        desk.take([a_sighting(5, seen=now, time=now - HOUR, title=HOSTILE, rule="r2")], now - 2 * HOUR)
        one, two, three = (found(desk, number) for number in (1, 2, 3))
        desk.act(Close(Reason.FALSE_POSITIVE, "quét định kỳ"), [one], LAN, now - HOUR)
        desk.act(Pause("chờ cơ quan trả lời"), [two], DUC, now - HOUR)
        desk.act(Acknowledge(), [three], LAN, now - HOUR)
        desk.act(Note("đã gọi cho máy chủ"), [three], LAN, now - 50 * MINUTE)
    return tmp_path


def found(desk: Desk, number: int) -> Any:  # noqa: ANN401 - an alert
    return desk.one(a_sighting(number).alert)


def shown(capfd: Capture, *arguments: str, code: int = 0) -> str:
    capfd.readouterr()
    assert code == main(["alerts", *arguments])
    return capfd.readouterr().out


def told(capfd: Capture, *arguments: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(shown(capfd, *arguments, "--json"))
    return made


def test_stats_count_by_state_and_tell_how_long_it_took(capfd: Capture) -> None:
    stats = told(capfd, "stats")
    assert 5 == stats["total"]
    states = {each["name"]: each["count"] for each in stats["by"]["state"]}
    assert {"new": 3, "acknowledged": 1, "closed": 1} == states
    assert (1, 3600.0) == (stats["close"]["count"], stats["close"]["median_seconds"])


def test_stats_tell_which_rules_are_noisy(capfd: Capture) -> None:
    first = told(capfd, "stats")["rules"][0]
    assert ("r1", 4, 1, 1) == (first["id"], first["alerts"], first["closed"], first["false_or_benign"])
    assert "100 %" in shown(capfd, "stats")


def test_stats_of_a_span_leave_out_what_was_seen_before(capfd: Capture) -> None:
    assert 0 == told(capfd, "stats", "--since", "5m")["total"]


def test_stats_on_the_terminal_let_hostile_text_do_nothing(capfd: Capture) -> None:
    assert "\x1b" not in shown(capfd, "stats")


def test_stories_are_listed_by_rank(capfd: Capture) -> None:
    stories = told(capfd, "stories")["stories"]
    ranks = [story["rank"] for story in stories]
    assert sorted(ranks, reverse=True) == ranks
    assert 4 == len(stories)


def test_stories_go_on_behind_a_place(capfd: Capture) -> None:
    first = told(capfd, "stories", "--limit", "3")
    rest = told(capfd, "stories", "--after", first["after"])
    ids = {story["id"] for story in (*first["stories"], *rest["stories"])}
    assert (3, 1, None, 4) == (len(first["stories"]), len(rest["stories"]), rest["after"], len(ids))


def test_a_handover_tells_what_the_next_shift_has_to_know(capfd: Capture) -> None:
    page = told(capfd, "handover")
    totals = {name: page[name]["total"] for name in ("open", "overdue", "paused", "closed", "notes")}
    assert {"open": 4, "overdue": 2, "paused": 1, "closed": 1, "notes": 1} == totals
    assert ({"false_positive": 1}, 5) == (page["closed"]["reasons"], page["raised"])
    did = {each["name"]: each["did"] for each in page["people"]}
    assert {"lan.nguyễn": {"close": 1, "ack": 1, "note": 1}, "đức": {"pause": 1}} == did
    assert "quét định kỳ" == page["closed"]["first"][0]["text"]


def test_a_handover_of_a_shift_leaves_out_what_was_before(capfd: Capture) -> None:
    page = told(capfd, "handover", "--since", "55m")
    assert (0, 1, 0, 4) == (page["closed"]["total"], page["notes"]["total"], page["raised"], page["open"]["total"])


@pytest.mark.parametrize("since", ["0001-01-01", "1600-06-01", "999999w"])
def test_a_time_before_all_that_happened_is_a_time(since: str, capfd: Capture) -> None:
    totals = {told(capfd, "handover", "--since", each)["open"]["total"] for each in ("9000d", since)}
    counted = {shown(capfd, "stats", "--since", each) for each in ("9000d", since)}
    listed = {shown(capfd, "list", "--since", each) for each in ("9000d", since)}
    assert (1, 1, 1) == (len(totals), len(counted), len(listed))


def test_a_handover_names_what_waits_and_why(capfd: Capture) -> None:
    page = shown(capfd, "handover")
    assert "Paused: 1" in page
    assert "chờ cơ quan trả lời" in page
    assert "\x1b" not in page


def test_alerts_whose_clocks_stand_are_listed_as_the_page_says(capfd: Capture) -> None:
    every = shown(capfd, "list", "--paused", "--ndjson").splitlines()
    assert ["chờ cơ quan trả lời"] == [json.loads(line)["pause_reason"] for line in every]
    assert 1 == len(shown(capfd, "export", "--paused").splitlines())
    assert 1 == len(shown(capfd, "export", "--paused", "--after", "0").splitlines())


def test_a_handover_in_html_runs_nothing(capfd: Capture, folder: Path) -> None:
    assert "" == shown(capfd, "handover", "--output", "ca-trực.html")
    page = (folder / "ca-trực.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src &#x27;none&#x27;" in page
    assert "đã gọi cho máy chủ" in page


def test_a_handover_in_markdown_has_no_markup_of_strangers(capfd: Capture, folder: Path) -> None:
    shown(capfd, "handover", "--output", "a.md")
    page = (folder / "a.md").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "## Closed: 1" in page
    assert "| quét định kỳ |" in page


def test_an_export_has_history_and_evidence(capfd: Capture) -> None:
    lines = [json.loads(line) for line in shown(capfd, "export").splitlines()]
    (closed,) = [line for line in lines if line["state"] == "closed"]
    assert (5, ["raised", "closed"]) == (len(lines), [each["what"] for each in closed["history"]])
    assert [{"event": {"code": "1"}, "message": "1"}] == [each["evidence"] for each in closed["sightings"]]


def test_an_export_goes_on_where_the_last_one_ended(capfd: Capture, folder: Path) -> None:
    first = told(capfd, "export", "--output", "alle.ndjson")
    assert 5 == first["alerts"]
    place = str(first["number"])
    assert 0 == told(capfd, "export", "--output", "none.ndjson", "--after", place)["alerts"]
    with Desk(folder / "store", write=True) as desk:
        desk.act(Note("mới"), [found(desk, 4)], LAN, time.time_ns())
    (changed,) = [json.loads(line) for line in shown(capfd, "export", "--after", place).splitlines()]
    assert "mới" == changed["history"][-1]["words"]


def test_an_export_as_csv_has_a_line_an_alert(capfd: Capture) -> None:
    rows = list(csv.DictReader(io.StringIO(shown(capfd, "export", "--csv", "--state", "new"))))
    assert ["new"] * 3 == [row["state"] for row in rows]


@pytest.mark.parametrize(
    "wrong",
    [
        ["stats", "--top", "0"],
        ["stats", "--since", "x"],
        ["stories", "--limit", "0"],
        ["export", "--json"],
        ["export", "--after", "-1"],
        ["stories", "--after", "x"],
        ["handover", "--output", "a.pdf"],
        ["handover", "--since", "x"],
        ["handover", "--json", "--output", "a.md"],
    ],
)
def test_a_wrong_call_ends_with_2(capfd: Capture, wrong: list[str]) -> None:
    assert "" == shown(capfd, *wrong, code=2)
