"""`sentinel alerts ack`, `close` and the like: what they do, what they say, and how they end."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.cli.acting import os_user
from sentinel.cli.main import main
from sentinel.store.embedded.store import open_store
from sentinel.triage.desk import Desk
from tests.folders import work_in
from tests.triage.builders import LAN, NOW, a_desk, a_sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    Capture = pytest.CaptureFixture[str]

ROOT = Path(__file__).resolve().parents[2]
IDS = [a_sighting(number).alert for number in range(1, 5)]
ONE, TWO, THREE, FOUR = IDS


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder whose store has four alerts of four hosts."""
    work_in(tmp_path, monkeypatch)
    open_store(Path("store"), create=True).close()
    a_desk(Path("store"), 1, 2, 3, 4).close()
    return tmp_path


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(Path("store"), write=True) as opened:
        yield opened


def people(*roles: str) -> None:
    """Register whoever runs the tests as đức, with these roles, and Lan as an analyst and Khách as a viewer."""
    folder = Path(os.environ["XDG_CONFIG_HOME"]) / "sentinel"
    folder.mkdir(parents=True, exist_ok=True)
    known = [("đức", list(roles), [os_user()[1]]), ("lan.nguyễn", ["analyst"], []), ("khách", ["viewer"], [])]
    tables = [
        f"[[person]]\nname = {name!r}\nfull_name = {name!r}\nroles = {has}\nos_users = {users}\n"
        for name, has, users in known
    ]
    (folder / "people.toml").write_text("\n".join(tables), encoding="utf-8")


def call(capfd: Capture, *arguments: str, code: int = 0) -> str:
    capfd.readouterr()
    assert code == main(["alerts", *arguments])
    return capfd.readouterr().out


def told(capfd: Capture, *arguments: str, code: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call(capfd, *arguments, "--json", code=code))
    return found


def refused(capfd: Capture, *arguments: str) -> str:
    """Give what is said where nothing is done."""
    capfd.readouterr()
    assert 2 == main(["alerts", *arguments])
    return capfd.readouterr().err


def given(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(lines).encode())))


def test_an_alert_is_acknowledged_by_the_beginning_of_its_id(capfd: Capture, desk: Desk) -> None:
    lines = call(capfd, "ack", ONE[:8]).splitlines()
    assert [f"{ONE[:8]}  acknowledged  Title of r1", "acknowledged: 1 alert"] == lines
    assert ("acknowledged", os_user()[1]) == (desk.one(ONE).state.value, desk.one(ONE).assignee)


def test_what_was_done_is_told_to_programs(capfd: Capture) -> None:
    found = told(capfd, "close", ONE, TWO, "--reason", "false-positive", "--note", "máy quét của đội")
    assert ("close", 2, 0, False) == tuple(found[name] for name in ("action", "done", "not_done", "dry_run"))
    item = found["items"][0]
    assert (ONE, True, None, []) == (item["id"], item["done"], item["problem"], item["meanwhile"])
    assert "false_positive" == item["alert"]["reason"]


def test_what_can_be_done_to_some_only_ends_with_3(capfd: Capture) -> None:
    call(capfd, "close", ONE, "--reason", "benign")
    found = told(capfd, "close", ONE, TWO, "--reason", "benign", code=3)
    assert [(ONE, "it is closed"), (TWO, None)] == [(each["id"], each["problem"]) for each in found["items"]]


def test_what_can_be_done_to_none_ends_with_1(capfd: Capture) -> None:
    assert 1 == told(capfd, "resume", ONE, code=1)["not_done"]


def test_words_that_come_too_late_are_kept_and_who_was_first_is_told(capfd: Capture, desk: Desk) -> None:
    call(capfd, "close", ONE, "--reason", "benign", "--note", "đã xem")
    out = call(capfd, "close", ONE, "--reason", "true_positive", "--note", "có mã độc", code=1)
    assert "what you wrote is kept as a note" in out
    assert f"{os_user()[1]}  closed  benign · đã xem" in out
    assert ["Noted"] == [type(each.happened).__name__ for each in desk.history(desk.one(ONE))][-1:]


def test_filters_act_on_all_they_choose(capfd: Capture) -> None:
    assert 1 == told(capfd, "ack", "--host", "pc2.gov.example", "--all-matching")["done"]
    assert 3 == told(capfd, "ack", "--rule", "r1", "--all-matching")["done"]


def test_filters_alone_do_nothing(capfd: Capture, desk: Desk) -> None:
    assert "the filters choose 4 alerts" in refused(capfd, "ack", "--rule", "r1")
    assert ["new"] * 4 == [desk.one(each).state.value for each in IDS]


def test_a_dry_run_changes_nothing(capfd: Capture, desk: Desk) -> None:
    found = told(capfd, "close", "--rule", "r1", "--reason", "benign", "--dry-run")
    assert (4, True) == (found["done"], found["dry_run"])
    assert "would be: closed: 1 alert" in call(capfd, "close", ONE, "--reason", "benign", "--dry-run")
    assert [1] * 4 == [desk.one(each).version for each in IDS]


def test_ids_are_read_from_standard_input(capfd: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, ONE, "", TWO[:8], json.dumps({"id": THREE, "touched": 1}))
    assert [ONE, TWO, THREE] == [each["id"] for each in told(capfd, "ack", "-")["items"]]


def test_an_alert_that_changed_since_it_was_listed_is_left_alone(
    capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = call(capfd, "list", "--ndjson").splitlines()
    call(capfd, "note", ONE, "--note", "đang gọi cho đơn vị")
    given(monkeypatch, *listed)
    items = told(capfd, "close", "-", "--reason", "benign", code=3)["items"]
    assert [ONE] == [each["id"] for each in items if each["problem"] == "others changed it meanwhile"]


def test_an_id_of_standard_input_that_is_gone_is_told(capfd: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, ONE, "f" * 32)
    items = told(capfd, "ack", "-", code=3)["items"]
    assert [True, False] == [each["done"] for each in items]


@pytest.mark.parametrize("line", ["không", '{"no": 1}', '{"id": "ab12", "touched": "x"}', '{"id": 5}', "{"])
def test_a_line_that_is_no_id_is_told_with_its_place(
    capfd: Capture, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    given(monkeypatch, ONE, line)
    assert "-:2: not an alert's id" in refused(capfd, "ack", "-")


def test_a_version_that_is_not_the_last_any_more_is_left_alone(capfd: Capture) -> None:
    call(capfd, "ack", ONE)
    found = told(capfd, "close", ONE, "--reason", "benign", "--if-version", "1", code=1)
    assert ["acknowledged", "assigned"] == [each["what"] for each in found["items"][0]["meanwhile"]]
    version = found["items"][0]["alert"]["version"]
    assert 1 == told(capfd, "close", ONE, "--reason", "benign", "--if-version", str(version))["done"]


def test_further_hits_are_no_change_that_counts(capfd: Capture, desk: Desk) -> None:
    desk.take([a_sighting(1, event="another")], NOW)
    assert 1 == told(capfd, "ack", ONE, "--if-version", "1")["done"]


def test_a_duplicate_names_the_other(capfd: Capture) -> None:
    found = told(capfd, "close", TWO, "--duplicate-of", ONE[:8])
    assert ("duplicate", ONE) == tuple(found["items"][0]["alert"][name] for name in ("reason", "duplicate_of"))


def test_the_alert_that_others_duplicate_stays_open(capfd: Capture) -> None:
    found = told(capfd, "close", "--rule", "r1", "--all-matching", "--duplicate-of", ONE)
    assert {TWO, THREE, FOUR} == {each["id"] for each in found["items"]}


def test_clocks_stand_and_run_again_and_an_alert_opens_again(capfd: Capture) -> None:
    assert (
        "chờ đơn vị trả lời"
        == told(capfd, "pause", ONE, "--reason", "chờ đơn vị trả lời")["items"][0]["alert"]["pause_reason"]
    )
    assert 1 == told(capfd, "resume", ONE)["done"]
    call(capfd, "close", ONE, "--reason", "benign")
    assert "new" == told(capfd, "reopen", ONE, "--note", "lại thấy")["items"][0]["alert"]["state"]


def test_what_one_did_is_taken_back_and_not_what_others_did(capfd: Capture, desk: Desk) -> None:
    from sentinel.triage.actions import Acknowledge

    call(capfd, "close", ONE, "--reason", "benign")
    assert "new" == told(capfd, "undo", ONE)["items"][0]["alert"]["state"]
    desk.act(Acknowledge(), [desk.one(TWO)], LAN, NOW)
    assert "lan.nguyễn" == told(capfd, "undo", TWO, code=1)["items"][0]["meanwhile"][0]["actor"]


def test_an_undo_is_tried_first_and_tells_what_it_would_take_back(capfd: Capture, desk: Desk) -> None:
    call(capfd, "close", ONE, "--reason", "benign", "--note", "quét định kỳ")
    tried = told(capfd, "undo", ONE, "--dry-run")
    assert [("closed", "benign · quét định kỳ")] == [(it["what"], it["words"]) for it in tried["items"][0]["back"]]
    shown = call(capfd, "undo", ONE, "--dry-run")
    assert "would be: taken back: 1 alert" in shown
    assert "closed  benign · quét định kỳ" in shown
    assert ("closed", 2) == (desk.one(ONE).state.value, desk.one(ONE).version)


def test_an_undo_that_would_take_back_nothing_ends_with_1_tried_or_not(capfd: Capture) -> None:
    tried = told(capfd, "undo", TWO, "--dry-run", code=1)
    assert tried["items"][0]["problem"] == told(capfd, "undo", TWO, code=1)["items"][0]["problem"]
    assert [] == tried["items"][0]["back"]


def test_an_alert_that_one_wrote_is_not_taken_back(capfd: Capture) -> None:
    written = told(capfd, "new", "Đơn vị báo mất máy")["id"]
    assert "the last change is not yours to take back" == told(capfd, "undo", written, code=1)["items"][0]["problem"]


def test_alerts_are_given_to_people_who_may_act(capfd: Capture) -> None:
    people("analyst")
    assert "lan.nguyễn" == told(capfd, "assign", ONE, "--to", "LAN.Nguyễn")["items"][0]["alert"]["assignee"]
    assert "đức" == told(capfd, "assign", ONE, "--to", "me")["items"][0]["alert"]["assignee"]
    assert told(capfd, "assign", ONE, "--to", "nobody")["items"][0]["alert"]["assignee"] is None
    assert "khách may not act on alerts" in refused(capfd, "assign", ONE, "--to", "khách")
    assert "nobody is called so" in refused(capfd, "assign", ONE, "--to", "minh")


def test_a_viewer_does_nothing(capfd: Capture) -> None:
    people("viewer")
    assert "đức may not act on alerts" in refused(capfd, "ack", ONE)
    assert "đức may not act on alerts" in refused(capfd, "close", ONE, "--reason", "benign", "--dry-run")


def test_bytes_that_are_no_text_are_no_fault_of_ours(capfd: Capture) -> None:
    assert "no alert has an id that begins so" in refused(capfd, "ack", "\udcff\udcfe\udcff\udcff")
    assert 1 == told(capfd, "note", ONE, "--note", "\udcff")["done"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["ack"],
        ["ack", "--all-matching"],
        ["ack", "ffffffff"],
        ["ack", ONE, "--host", "pc1"],
        ["ack", ONE, TWO, "--if-version", "1"],
        ["ack", ONE, "--if-version", "0"],
        ["close", ONE],
        ["close", ONE, "--reason", "tired"],
        ["close", ONE, "--reason", "duplicate"],
        ["close", ONE, "--reason", "benign", "--duplicate-of", TWO],
        ["close", ONE, "--duplicate-of", ONE],
        ["close", ONE, "--duplicate-of", "ffffffff"],
        ["note", ONE, "--note", "  "],
        ["note", ONE, "--note", "x", "--if-version", "1"],
        ["pause", ONE, "--reason", ""],
        ["assign", ONE, "--to", "a b"],
        ["undo", ONE, "--if-version", "1"],
    ],
)
def test_a_wrong_call_does_nothing(capfd: Capture, desk: Desk, wrong: list[str]) -> None:
    assert refused(capfd, *wrong)
    assert [1] * 4 == [desk.one(each).version for each in IDS]


def test_filters_that_choose_none_are_no_fault(capfd: Capture) -> None:
    assert "No alert.\n" == call(capfd, "ack", "--host", "không-có", "--all-matching")


def test_of_two_who_close_one_alert_at_once_one_does_and_the_other_is_noted(folder: Path, desk: Desk) -> None:
    commands = [
        [sys.executable, "-m", "sentinel", "alerts", "close", ONE, "--reason", "benign", "--note", words, "--json"]
        for words in ("của Lan", "của Đức")
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    running = [subprocess.Popen(each, stdout=subprocess.PIPE, cwd=folder, env=environment) for each in commands]
    items = [json.loads(each.communicate(timeout=60)[0])["items"][0] for each in running]
    assert [0, 1] == sorted(each.returncode for each in running)
    assert [(False, True), (True, False)] == sorted((each["done"], each["noted"]) for each in items)
    words = {getattr(each.happened, "text", "") for each in desk.history(desk.one(ONE))}
    assert {"của Lan", "của Đức"} <= words
