"""`sentinel ledger`: every change of a real history is found, and how the calls end."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.cli.main import main
from sentinel.model.alert import Reason
from sentinel.triage.actions import Acknowledge, Close, Note
from tests.folders import work_in
from tests.triage.builders import DUC, LAN, MINUTE, NOW, a_desk, a_sighting

if TYPE_CHECKING:
    from sentinel.people.acting import Acting
    from sentinel.triage.actions import Action

    Capture = pytest.CaptureFixture[str]

DATABASE = Path("store/alerts.db")
FIRST, SECOND = (a_sighting(number).alert for number in (1, 2))

DONE: tuple[tuple[str, Action, Acting], ...] = (
    (FIRST, Acknowledge(), LAN),
    (FIRST, Note("đã gọi cho máy chủ"), LAN),
    (SECOND, Acknowledge(), DUC),
    (FIRST, Close(Reason.TRUE_POSITIVE, "đã cô lập"), LAN),
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> Path:
    """Work in a folder whose store has three alerts that two people worked on, and whose auditor has a key."""
    work_in(tmp_path, monkeypatch)
    monkeypatch.setenv("SENTINEL_PEOPLE", str(tmp_path / "people.toml"))
    Path("passphrase").write_text("mật khẩu thật dài\n", encoding="utf-8")
    Path("passphrase").chmod(0o600)
    assert 0 == main(["people", "add", "an.lê", "--role", "auditor"])
    new = "people", "key", "new", "an.lê", "--out", "an.key", "--new-passphrase-file", "passphrase"
    assert 0 == main([*new])
    Path("store").mkdir()
    with a_desk(Path("store"), 1, 2, 3) as desk:
        for number, (alert, action, by) in enumerate(DONE, 1):
            (outcome,) = desk.act(action, [desk.one(alert)], by, NOW + number * MINUTE)
            assert outcome.is_done
    capfd.readouterr()
    return tmp_path


def called(capfd: Capture, *arguments: str, code: int = 0) -> str:
    capfd.readouterr()
    assert code == main(["ledger", *arguments])
    out, err = capfd.readouterr()
    return err if code not in {0, 5} else out + err


def told(capfd: Capture, *arguments: str, code: int = 0) -> Any:  # noqa: ANN401 - a JSON document
    return json.loads(called(capfd, *arguments, "--json", code=code))


def signed(capfd: Capture, *more: str, code: int = 0) -> str:
    key = "--key", "an.key", "--passphrase-file", "passphrase"
    return called(capfd, "checkpoint", "--to", "điểm kiểm.txt", *key, *more, code=code)


def verified(capfd: Capture, code: int = 0) -> Any:  # noqa: ANN401 - a JSON document
    return told(capfd, "verify", "--checkpoints", "điểm kiểm.txt", code=code)


def changed(*statements: str) -> None:
    """Change the file behind the tool's back."""
    with closing(sqlite3.connect(DATABASE)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def test_what_nobody_changed_is_sound(capfd: Capture) -> None:
    found = told(capfd, "verify")
    assert (True, 5, 3, 0) == tuple(found[name] for name in ("sound", "acts", "subjects", "covered"))
    signed(capfd)
    assert (True, found["entries"]) == tuple(verified(capfd)[name] for name in ("sound", "covered"))
    assert "everything is as it was written" in called(capfd, "verify")


# Each table's fields, and what else somebody could do to the rows.
CHANGES = {
    **{
        f"{table}.{field}": f"update {table} set {field} = {value} where {which}"  # noqa: S608 - all of it stands below
        for table, which, fields in (
            (
                "act",
                "number = 3",
                {
                    "number": "77", "at": "at + 1", "actor": "'đức'", "via": "'os:0:root'", "action": "'close'",
                    "body": "x'7b7d'", "signature": "x'00'", "digest": "zeroblob(32)",
                },
            ),
            (
                "entry",
                "number = 5",
                {
                    "number": "77", "subject": "3", "seq": "9", "kind": "'closed'", "act": "act - 1", "body": "x'7b7d'",
                    "digest": "zeroblob(32)",
                },
            ),
            (
                "subject",
                "number = 1",
                {"number": "77", "name": "'alert:0'", "seq": "seq + 1", "digest": "zeroblob(32)"},
            ),
            ("head", "one = 1", {"origin": "'another'", "acts": "acts - 1", "entries": "entries + 1"}),
        )
        for field, value in fields.items()
    },
    "an act deleted": "delete from act where number = 3",
    "an entry deleted": "delete from entry where number = 4",
    "a subject deleted": "delete from subject where number = 2",
    "all entries deleted": "delete from entry",
    "a body that is text": "update entry set body = 'x' where number = 5",
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_is_changed_is_found(capfd: Capture, name: str) -> None:
    signed(capfd)
    changed(CHANGES[name])
    found = verified(capfd, code=5)
    assert (False, True) == (found["sound"], found["fault_count"] > 0)


def test_two_entries_that_changed_places_are_found(capfd: Capture) -> None:
    signed(capfd)
    changed(
        "update entry set number = 99 where number = 4",
        "update entry set number = 4 where number = 5",
        "update entry set number = 5 where number = 99",
    )
    assert 4 == verified(capfd, code=5)["faults"][0]["entry"]


def test_an_end_that_was_cut_off_without_a_trace_is_found_by_the_checkpoint(capfd: Capture) -> None:
    signed(capfd)
    entries = verified(capfd)["entries"]
    changed(
        f"delete from entry where number = {entries}",  # noqa: S608 - a number
        "delete from act where number = 5",
        "update subject set seq = seq - 1, digest = (select digest from entry where entry.subject = subject.number "
        "order by seq desc limit 1) where number = 1",
        "update head set acts = acts - 1, entries = entries - 1",
    )
    (fault,) = told(capfd, "verify", code=5)["faults"]
    assert "is not what its history says" in fault["what"], "the queue still knows the end"
    (fault,) = verified(capfd, code=5)["faults"]
    assert f"the end was cut off: there were {entries} entries, there are {entries - 1}" == fault["what"]
    assert "điểm kiểm.txt:1" == fault["checkpoint"]


def test_a_history_that_is_gone_is_found_by_the_checkpoint(capfd: Capture) -> None:
    signed(capfd)
    for path in Path("store").glob("alerts.db*"):
        path.unlink()
    assert "no checkpoint is one of this ledger" in verified(capfd, code=5)["faults"][0]["what"]


def test_what_was_changed_is_not_signed(capfd: Capture) -> None:
    signed(capfd)
    before = Path("điểm kiểm.txt").read_bytes()
    changed("update entry set body = x'7b7d' where number = 5")
    assert "entry 5" in signed(capfd, code=5)
    assert before == Path("điểm kiểm.txt").read_bytes()


def test_checkpoints_are_added_and_all_of_them_hold(capfd: Capture) -> None:
    first = json.loads(signed(capfd, "--json"))
    before = Path("điểm kiểm.txt").read_bytes()
    with a_desk(Path("store"), 4):
        pass
    second = json.loads(signed(capfd, "--json"))
    assert Path("điểm kiểm.txt").read_bytes().startswith(before)
    assert (first["origin"], ["an.lê"]) == (second["origin"], second["signed_by"])
    assert first["size"] < second["size"]
    assert (True, 2, second["size"]) == tuple(verified(capfd)[name] for name in ("sound", "checkpoints", "covered"))


def test_a_checkpoint_does_not_lie_in_the_store(capfd: Capture) -> None:
    os.symlink("store", "nơi khác")  # noqa: PTH211 - as short
    for path in ("store/heads", "nơi khác/heads"):
        arguments = "checkpoint", "--to", path, "--key", "an.key", "--passphrase-file", "passphrase"
        assert "inside of the store proves nothing" in called(capfd, *arguments, code=2)
        assert not Path(path).exists()


def test_who_may_not_sign_is_told(capfd: Capture) -> None:
    assert 0 == main(["people", "change", "an.lê", "--remove-role", "auditor", "--add-role", "viewer"])
    assert "an.lê may not sign checkpoints of a ledger" in signed(capfd, code=2)
    assert not Path("điểm kiểm.txt").exists()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "heads: there is no checkpoint in it"),
        (b"a\nb\n", "heads:2: not a checkpoint"),
        (b"a\n-1\nAA==\n\n", "heads:2: not the size of a ledger"),
        (b"\xff", "heads: cannot be read"),
    ],
)
def test_a_file_without_checkpoints_is_told(capfd: Capture, content: bytes, error: str) -> None:
    Path("heads").write_bytes(content)
    assert error in called(capfd, "verify", "--checkpoints", "heads", code=2)


@pytest.mark.parametrize(("name", "error"), [("none", "there is no such file"), (".", "cannot be read")])
def test_a_path_without_a_file_is_told_with_what_to_name(capfd: Capture, name: str, error: str) -> None:
    capfd.readouterr()
    assert 2 == main(["ledger", "verify", "--checkpoints", name])
    said = capfd.readouterr().err
    assert (True, True, False) == (f"{name}: {error}" in said, "ledger checkpoint --to FILE" in said, "Errno" in said)


def test_a_file_that_holds_something_else_is_not_added_to(capfd: Capture) -> None:
    Path("điểm kiểm.txt").write_text("nhật ký\n", encoding="utf-8")
    assert "điểm kiểm.txt:1: not a checkpoint" in signed(capfd, code=2)
    assert "nhật ký\n" == Path("điểm kiểm.txt").read_text(encoding="utf-8")


def test_a_store_without_alerts_is_sound_and_not_signed(capfd: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTINEL_STORE", "empty")
    assert (True, 0) == tuple(told(capfd, "verify")[name] for name in ("sound", "entries"))
    assert "nothing has happened here yet" in signed(capfd, code=2)
    assert "nothing was done\n" == called(capfd, "log")


def test_the_log_tells_who_did_what_the_newest_first(capfd: Capture) -> None:
    entries = told(capfd, "log")["entries"]
    numbers = [each["number"] for each in entries]
    assert sorted(numbers, reverse=True) == numbers
    assert ("lan.nguyễn", "os:1000:lan", f"alert:{FIRST}") == tuple(
        entries[0][name] for name in ("actor", "via", "subject")
    )
    assert {"đức"} == {each["actor"] for each in told(capfd, "log", "--actor", "Đức")["entries"]}
    of_second = told(capfd, "log", SECOND[:8])["entries"]
    assert {f"alert:{SECOND}"} == {each["subject"] for each in of_second}
    assert entries[:1] == told(capfd, "log", "--limit", "1")["entries"]
    assert entries == [json.loads(line) for line in called(capfd, "log", "--ndjson").splitlines()]
    assert len(entries) + 1 == len(called(capfd, "log").splitlines())


def test_the_log_of_a_time_leaves_out_what_was_before(capfd: Capture) -> None:
    since = told(capfd, "log", "--limit", "1")["entries"][0]["at"]
    assert {since} == {each["at"] for each in told(capfd, "log", "--since", since)["entries"]}


@pytest.mark.parametrize("arguments", [("--limit", "-1"), ("--since", "sometime"), ("--json", "--ndjson")])
def test_a_wrong_call_of_the_log_does_nothing(capfd: Capture, arguments: tuple[str, ...]) -> None:
    assert "error" in called(capfd, "log", *arguments, code=2)


def test_whoever_has_an_old_checkpoint_sees_that_the_ledger_only_grew(capfd: Capture) -> None:
    old = json.loads(signed(capfd, "--json"))
    shutil.copy("điểm kiểm.txt", "mine")
    with a_desk(Path("store"), 4, 5):
        pass
    key = "--key", "an.key", "--passphrase-file", "passphrase"
    grown = "prove", "--since", "mine", "--checkpoint", "điểm kiểm.txt", "--out", "grown"
    made = told(capfd, *grown, *key)
    assert ("consistency", old["size"], old["origin"]) == (made["kind"], made["since"], made["origin"])
    Path("store").rename("elsewhere")
    checked = told(capfd, "check", "grown", "--since", "mine", "--checkpoint", "điểm kiểm.txt")
    assert (True, "an.lê", made["size"]) == (checked["holds"], checked["signed_by"], checked["size"])
    assert "only grew" in called(capfd, "check", "grown", "--since", "mine")
    proof = Path("grown").read_bytes()
    Path("grown").write_bytes(proof.replace(proof.splitlines()[1], b"A" * 43 + b"="))
    capfd.readouterr()
    assert 1 == main(["ledger", "check", "grown", "--since", "mine"])
    assert "not the beginning" in capfd.readouterr().out
    Path("grown").write_bytes(b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + Path("mine").read_bytes())
    assert "pki audit check" in called(capfd, "check", "grown", "--since", "mine", code=2)


def test_a_ledger_that_was_cut_off_or_written_anew_is_not_proved_to_have_grown(capfd: Capture) -> None:
    signed(capfd)
    shutil.copy("điểm kiểm.txt", "mine")
    with a_desk(Path("store"), 4):
        pass
    signed(capfd)
    grown = "prove", "--since", "mine", "--checkpoint", "điểm kiểm.txt", "--out", "grown"
    for change, said in (
        ("update entry set digest = zeroblob(32) where number = 2", "something in entries 1 to"),
        ("update head set entries = 3", "the end was cut off: there were"),
    ):
        changed(change)
        assert said in called(capfd, *grown, code=5)
        assert not Path("grown").exists()
