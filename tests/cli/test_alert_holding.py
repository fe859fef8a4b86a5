"""`sentinel alerts suppress`, `suppressions`, `lift` and `new`: what they hold back, and what people write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel.cli.acting import os_user
from sentinel.cli.main import main
from sentinel.store.embedded.store import open_store
from sentinel.triage.desk import Desk
from tests.cli.test_alert_actions import IDS, ONE, TWO, call, people, refused, told
from tests.folders import work_in
from tests.triage.builders import NOW, a_desk, a_sighting

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

WHY = ["--until", "7d", "--reason", "máy quét của đội"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder whose store has four alerts of four hosts."""
    work_in(tmp_path, monkeypatch)
    open_store(Path("store"), create=True).close()
    a_desk(Path("store"), 1, 2, 3, 4).close()


def states() -> list[str]:
    with Desk(Path("store")) as desk:
        return [desk.one(each).state.value for each in IDS]


def test_alerts_like_one_are_held_back_those_to_come_too(capfd: Capture) -> None:
    made = told(capfd, "suppress", ONE[:8], "--same", "rule,host", *WHY)
    assert ({"rule": "r1", "host": "pc1.gov.example"}, 1) == (made["suppression"]["holds"], made["open_alerts"])
    assert ["suppressed", "new", "new", "new"] == states()
    with Desk(Path("store"), write=True) as desk:
        desk.take([a_sighting(1, event="another")], NOW)
    assert [1] == [each["hits"] for each in told(capfd, "suppressions")["suppressions"]]


def test_options_select_and_may_widen_what_an_alert_says(capfd: Capture) -> None:
    assert 4 == told(capfd, "suppress", "--host", "PC*.gov.example", *WHY)["open_alerts"]
    found = told(capfd, "suppress", TWO, "--same", "rule,host", "--host", "pc*", *WHY, "--dry-run")
    assert {"rule": "r1", "host": "pc*"} == found["suppression"]["holds"]


def test_a_dry_run_of_a_suppression_holds_nothing_back(capfd: Capture) -> None:
    lines = call(capfd, "suppress", "--rule", "r1", *WHY, "--dry-run").splitlines()
    assert lines[0].startswith("would hold back rule=r1 until ")
    assert "open alerts that it is about: 4" == lines[1]
    assert (["new"] * 4, "No suppression.\n") == (states(), call(capfd, "suppressions"))


def test_what_expires_first_is_listed_first_and_what_is_lifted_only_on_demand(capfd: Capture) -> None:
    late = told(capfd, "suppress", "--host", "a", "--until", "2w", "--reason", "x")["suppression"]["id"]
    soon = told(capfd, "suppress", "--host", "b", "--until", "1d", "--reason", "x")["suppression"]["id"]
    call(capfd, "lift", late[:6])
    assert [soon] == [each["id"] for each in told(capfd, "suppressions")["suppressions"]]
    every = told(capfd, "suppressions", "--all")["suppressions"]
    assert [(soon, True), (late, False)] == [(each["id"], each["active"]) for each in every]
    assert [soon[:8], late[:8]] == [line.split()[0] for line in call(capfd, "suppressions", "--all").splitlines()[1:]]


def test_a_lifted_suppression_gives_back_what_it_held_on_demand(capfd: Capture) -> None:
    id_ = told(capfd, "suppress", "--rule", "r1", *WHY)["suppression"]["id"]
    found = told(capfd, "lift", id_, "--release")
    assert (4, False) == (len(found["released"]), found["suppression"]["active"])
    assert ["new"] * 4 == states()


def test_a_suppression_is_somebodys_who_may_act(capfd: Capture) -> None:
    assert os_user()[1] == told(capfd, "suppress", "--host", "a", *WHY)["suppression"]["owner"]
    people("analyst")
    found = told(capfd, "suppress", "--host", "b", *WHY, "--owner", "lan.nguyễn")
    assert "lan.nguyễn" == found["suppression"]["owner"]
    assert "khách may not act on alerts" in refused(capfd, "suppress", "--host", "c", *WHY, "--owner", "khách")


def test_a_viewer_holds_nothing_back(capfd: Capture) -> None:
    people("viewer")
    assert "đức may not suppress alerts" in refused(capfd, "suppress", "--rule", "r1", *WHY)
    assert "đức may not suppress alerts" in refused(capfd, "lift", "abcd")
    assert "đức may not act on alerts" in refused(capfd, "new", "x")


@pytest.mark.parametrize(
    "wrong",
    [
        WHY,
        [ONE, *WHY],
        ["--same", "host", *WHY],
        [ONE, "--same", "colour", *WHY],
        ["ffffffff", "--same", "host", *WHY],
        ["--host", "a", "--until", "400d", "--reason", "x"],
        ["--host", "a", "--until", "2020-01-01", "--reason", "x"],
        ["--host", "a", "--until", "soon", "--reason", "x"],
        ["--host", "a", "--until", "7d", "--reason", " "],
        ["--host", "a", "--until", "7d"],
        ["--host", "a", "--reason", "x"],
        ["--host", "a", *WHY, "--owner", "nobody"],
    ],
)
def test_a_wrong_suppression_is_refused(capfd: Capture, wrong: list[str]) -> None:
    assert refused(capfd, "suppress", *wrong)
    assert ["new"] * 4 == states()


@pytest.mark.parametrize("until", ["2020-01-01", "soon", "400d", "2w 3d"])
def test_an_end_that_cannot_be_is_told_with_those_that_can(capfd: Capture, until: str) -> None:
    said = refused(capfd, "suppress", "--host", "a", "--until", until, "--reason", "x")
    assert (True, True, False) == ("--until" in said, "so long from now" in said, "ago" in said)


def test_a_suppression_that_is_not_there_cannot_be_lifted(capfd: Capture) -> None:
    assert "no suppression has an id that begins so" in refused(capfd, "lift", "abcd")


def test_people_write_alerts_that_no_rule_raised(capfd: Capture) -> None:
    found = told(
        capfd, "new", "Đơn vị báo mất máy tính", "--level", "high", "--host", "máy-đội-9", "--at", "2026-11-20T10:14"
    )  # fmt: skip
    assert ("Đơn vị báo mất máy tính", "high", True) == (
        found["rule"]["title"],
        found["rule"]["level"],
        found["manual"],
    )
    assert ("máy-đội-9", "2026-11-20T03:14:00.000000000Z") == (found["event"]["host"], found["first"])


def test_the_first_alert_of_a_store_may_be_one_that_somebody_wrote(
    capfd: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENTINEL_STORE", str(tmp_path / "other"))
    assert "there is no store here" in refused(capfd, "new", "x")
    open_store(tmp_path / "other", create=True).close()
    assert " is in the queue, with rank " in call(capfd, "new", "x")
    assert 0 == main(["alerts", "list"])


@pytest.mark.parametrize("wrong", [[" "], ["x", "--level", "grave"], ["x", "--at", "noon"], ["x", "--platform", "no"]])
def test_what_cannot_be_an_alert_is_refused(capfd: Capture, wrong: list[str]) -> None:
    assert refused(capfd, "new", *wrong)
