"""`sentinel store`: what it shows, what it does, how it ends."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentinel.cli.main import main
from sentinel.cli.store import days_of
from sentinel.errors import InputError
from sentinel.store.embedded.store import open_store
from sentinel.store.histories import NAME
from tests.cli.a_store import a_store, put, requests
from tests.console.a_stored import NOON
from tests.folders import work_in
from tests.triage.builders import a_desk

if TYPE_CHECKING:
    from pathlib import Path

    Capture = pytest.CaptureFixture[str]

DAY = 86_400 * 10**9


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a store of its own."""
    work_in(tmp_path, monkeypatch)
    a_store(tmp_path / "store").close()
    return tmp_path / "store"


def answered(capfd: Capture, *arguments: str) -> Any:  # noqa: ANN401 - any JSON value
    assert 0 == main(["store", *arguments, "--json"])
    return json.loads(capfd.readouterr().out)


def test_stats_show_what_is_held_of_each_dataset(capfd: Capture, folder: Path) -> None:
    assert 0 == main(["store", "stats"])
    lines = capfd.readouterr().out.splitlines()
    assert ["dataset", "web.access", "windows.sysmon"] == [line.split()[0] for line in lines[:3]]
    assert ["3", "5"] == [line.split()[1] for line in lines[1:3]]
    assert str(folder) == lines[4]
    assert lines[5].startswith("8 events, ")


def test_stats_for_programs_add_up(capfd: Capture) -> None:
    found = answered(capfd, "stats")
    assert 8 == found["events"] == sum(each["events"] for each in found["datasets"])
    assert found["bytes"] > sum(each["bytes"] for each in found["datasets"])
    assert "2026-11-20T05:00:00.000000000Z" == found["datasets"][0]["first"]


def test_a_sound_store_is_verified(capfd: Capture) -> None:
    assert 0 == main(["store", "verify"])
    assert "everything is as it was written" == capfd.readouterr().out.splitlines()[-1]


def test_a_changed_byte_is_found_and_ends_in_exit_5(capfd: Capture, folder: Path) -> None:
    path = next(each for each in [*folder.rglob("*.parquet"), *folder.rglob("*.journal")])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    assert 5 == main(["store", "verify"])
    out = capfd.readouterr().out
    assert str(path) in out.replace("\n", "")
    assert "changed" in out
    assert 5 == main(["store", "verify", "--json"])
    assert not json.loads(capfd.readouterr().out)["sound"]


def test_a_backup_is_a_store_and_is_restored(capfd: Capture, folder: Path) -> None:
    assert 8 == answered(capfd, "backup", "copy")["events"]
    assert 0 == main(["store", "backup", "copy"])
    assert "8 events" in capfd.readouterr().out
    assert 0 == main(["--store", "other", "store", "restore", "copy"])
    capfd.readouterr()
    assert 8 == answered(capfd, "stats", "--store", "other")["events"]
    assert 2 == main(["store", "restore", "copy"])  # there is a store
    assert f"error: {folder}: " in capfd.readouterr().err
    assert 2 == main(["--store", "third", "store", "restore", "nothing"])
    assert "error: nothing: there is no backup here\n" in capfd.readouterr().err


def test_what_is_old_is_shown_and_only_dropped_when_told(capfd: Capture, folder: Path) -> None:
    store = open_store(folder)
    put(store, "web.access", "", requests("/old", "/older"), begin=NOON - 3000 * DAY)
    store.close()
    assert 0 == main(["store", "retain", "--older-than", "2000d"])
    assert "nothing is dropped yet: --yes does it" == capfd.readouterr().out.splitlines()[-1]
    assert 10 == answered(capfd, "stats")["events"]
    assert 2 == answered(capfd, "retain", "--older-than", "2000d", "--yes")["events"]
    assert 8 == answered(capfd, "stats")["events"]


def test_what_was_dropped_takes_no_room_any_more(capfd: Capture, folder: Path) -> None:
    store = open_store(folder)
    put(store, "web.access", "", requests("/old"), begin=NOON - 3000 * DAY)
    store.close()
    assert 0 == main(["store", "compact"])
    before = set(folder.rglob("*.parquet"))
    assert 0 == main(["store", "retain", "--older-than", "2000d", "--yes"])
    (gone,) = before - set(folder.rglob("*.parquet"))
    assert "2018-" in str(gone)
    assert 0 == main(["store", "verify"])
    assert "8 events" in capfd.readouterr().out


def test_small_files_are_merged(capfd: Capture, folder: Path) -> None:
    for number in range(3):
        store = open_store(folder)
        put(store, "web.access", "", requests(f"/{number}"), begin=NOON + number)
        store.close()
        assert answered(capfd, "compact")["packed"]
    found = answered(capfd, "stats")
    assert [1, 1] == [each["segments"] for each in found["datasets"]]
    assert (11, 0) == (found["events"], sum(each["unsealed"] for each in found["datasets"]))


def test_less_than_the_law_asks_for_is_refused(capfd: Capture) -> None:
    assert 2 == main(["store", "retain", "--older-than", "30d", "--yes"])
    assert "12 months" in capfd.readouterr().err
    assert 0 == main(["store", "retain", "--older-than", "30d", "--below-legal-minimum"])


def documents(path: Path) -> list[dict[str, Any]]:
    with pa.input_stream(path, compression="detect") as stream:
        return [json.loads(line) for line in stream.read().splitlines()]


@pytest.mark.parametrize("name", ["all.ndjson", "all.ndjson.zst", "all.ndjson.gz"])
def test_what_is_exported_and_taken_in_elsewhere_is_the_same(name: str, capfd: Capture, tmp_path: Path) -> None:
    assert 0 == main(["store", "export", name])
    assert "8 events written" == capfd.readouterr().err.strip()
    for stored in (8, 0):  # a second time there is nothing new
        assert 0 == main(["--store", "other", "store", "import", name, "--json"])
        assert stored == json.loads(capfd.readouterr().out)["stored"]
    assert 0 == main(["--store", "other", "store", "export", "again.ndjson"])
    one, two = documents(tmp_path / name), documents(tmp_path / "again.ndjson")
    for document in (*one, *two):
        del document["event"]["ingested"]
    assert sorted(one, key=lambda each: each["event"]["id"]) == sorted(two, key=lambda each: each["event"]["id"])


def test_a_query_chooses_what_is_exported(capfd: Capture, tmp_path: Path) -> None:
    assert 0 == main(["store", "export", "some.ndjson", "whoami", "--until", "2026-11-20T12:01"])
    (document,) = documents(tmp_path / "some.ndjson")
    assert "whoami" == document["process"]["command_line"]
    assert {"export": 1, "kind": ["", "", "1"]} == document["sentinel"]
    capfd.readouterr()
    assert 0 == main(["store", "export", "-", "mimikatz"])
    assert ("", "0 events written\n") == capfd.readouterr()


def test_an_export_may_be_a_table() -> None:
    assert 0 == main(["store", "export", "all.parquet"])
    assert 8 == pq.read_table("all.parquet").num_rows


@pytest.mark.parametrize(("text", "days"), [("400d", 400), ("60w", 420), ("2y", 732), (" 1 d ", 1)])
def test_lengths_of_time_are_days(text: str, days: int) -> None:
    assert days == days_of(text)


@pytest.mark.parametrize("text", ["", "400", "d", "12m", "-3d", "1.5y", "٣d"])
def test_other_lengths_of_time_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        days_of(text)


@pytest.mark.parametrize(
    "arguments",
    [["stats"], ["compact"], ["verify"], ["backup", "x"], ["retain", "--older-than", "2y"], ["export", "x"]],
)
def test_where_there_is_no_store_it_is_said(arguments: list[str], capfd: Capture, tmp_path: Path) -> None:
    assert 2 == main(["store", *arguments, "--store", str(tmp_path / "none")])
    err = capfd.readouterr().err
    assert f"error: {tmp_path / 'none'}" in err
    assert "sentinel ingest" in err
    assert not (tmp_path / "none").exists()


def test_a_queue_that_is_not_what_its_history_says_is_found(folder: Path, capfd: Capture) -> None:
    a_desk(folder, 1, 2).close()
    with sqlite3.connect(folder / NAME) as db:
        db.execute("update subject set state = 2 where number = 1")
    db.close()
    for command in (["store", "verify"], ["ledger", "verify"]):
        assert 5 == main(command)
        assert "is not what its history says" in " ".join(capfd.readouterr().out.split())
