"""The signer's log: what is in it stays, and a changed byte is found."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import Damaged, StoreError
from sentinel.pki.signing.log import ListNumber, Log, Made, read_act, read_log

if TYPE_CHECKING:
    from pathlib import Path


def made(*numbers: int) -> tuple[Made, ...]:
    return tuple(Made(sha256(b"%d" % number).digest(), number, b"signature %d" % number) for number in numbers)


def a_log(folder: Path, acts: int = 4) -> Path:
    """Write a log of acts that each sign two things."""
    path = folder / "signer.db"
    with closing(Log.open(path)) as log:
        for number in range(acts):
            log.add("signed", 1000, key="issuing", made=made(2 * number, 2 * number + 1))
    return path


def test_a_log_goes_on_where_it_was(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    with closing(Log.open(path)) as log:
        assert 5 == log.add("refused", 1000, values={"code": "garbage"}).number
        assert 5 == log.verify()
        assert ["signed"] * 4 + ["refused"] == [read_act(body).kind for body, _digest in log.rows()]
    assert 0o600 == path.stat().st_mode & 0o777


def test_a_log_is_read_by_an_auditor_while_its_signer_runs(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    with closing(Log.open(path)) as log:
        log.add("refused", 1000)
        assert [1, 2, 3, 4, 5] == [act.number for act in read_log(path)]
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("drop trigger act_stays")
        base.execute("update act set digest = x'00' where number = 2")
    with pytest.raises(Damaged, match="act 2"):
        list(read_log(path))
    with pytest.raises(StoreError, match="unable to open"):
        list(read_log(tmp_path / "none"))


def test_what_was_signed_is_found_and_recalled(tmp_path: Path) -> None:
    with closing(Log.open(a_log(tmp_path))) as log:
        (first, _second), (third,), (unknown,) = made(0, 1), made(2), made(99)
        asked = [first.digest, third.digest, unknown.digest]
        assert {first.digest: 1, third.digest: 2} == log.signed_before(asked)
        assert {first.digest: b"signature 0", third.digest: b"signature 2"} == log.recall(asked)


def test_nothing_is_signed_twice_even_where_the_signer_errs(tmp_path: Path) -> None:
    with closing(Log.open(a_log(tmp_path))) as log:
        with pytest.raises(StoreError):
            log.add("signed", 1000, key="issuing", made=made(0))
        assert (4, 4) == (log.last[0], log.verify())


FORBIDDEN = (
    "update act set digest = x''",
    "delete from act",
    "delete from signed",
    "update signed set act = 1",
)


def test_acts_cannot_be_changed_or_removed_by_way_of_sqlite(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    with closing(sqlite3.connect(path)) as base:
        for change in FORBIDDEN:
            with pytest.raises(sqlite3.IntegrityError, match="stay"):
                base.execute(change)


CHANGES = [
    ("update act set body = replace(body, 'issuing', 'another') where number = 2", 2),
    ("update act set digest = randomblob(32) where number = 3", 3),
    ("delete from act where number = 2", 2),
    ("update act set number = 9 where number = 1", 1),
    ("delete from signed where act = 3", 3),
    ("update signed set act = 1 where act = 4", 4),
    ("insert into signed values (randomblob(32), 2)", 4),
]


@pytest.mark.parametrize(("change", "number"), CHANGES)
def test_whatever_is_changed_is_found(tmp_path: Path, change: str, number: int) -> None:
    path = a_log(tmp_path)
    with closing(sqlite3.connect(path)) as base, base:
        for name in ("act_stays", "act_remains", "signed_stays", "signed_remains"):
            base.execute(f"drop trigger {name}")
        base.execute(change)
    with closing(Log.open(path)) as log, pytest.raises(Damaged, match=f"act {number}") as caught:
        log.verify()
    assert str(path) == caught.value.place


def test_the_last_number_of_a_list_is_kept_by_key_and_scope(tmp_path: Path) -> None:
    with closing(Log.open(tmp_path / "signer.db")) as log:
        lists = [ListNumber("issuing", b"", 2**159 - 1), ListNumber("issuing", b"shard", 0)]
        log.add("signed", 1000, key="issuing", lists=lists)
        found = [log.last_number(*each) for each in (("issuing", b""), ("issuing", b"shard"), ("root", b""))]
    assert [2**159 - 1, 0, -1] == found


def test_a_tail_that_a_dead_signer_left_is_none(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    with closing(Log.open(path)) as log:
        log.add("signed", 1000, key="issuing", made=made(100))
        (tmp_path / "dead").mkdir()
        for name in ("signer.db", "signer.db-wal"):  # the shared memory dies with the machine
            content = (tmp_path / name).read_bytes()
            # The last frame of the log ahead is torn: half of it never reached the disk.
            (tmp_path / "dead" / name).write_bytes(content if name == "signer.db" else content[:-2000])
    with closing(Log.open(tmp_path / "dead" / "signer.db")) as log:
        assert 4 == log.verify()
        assert {} == log.signed_before([each.digest for each in made(100)])


def test_what_is_no_log_is_told(tmp_path: Path) -> None:
    path = tmp_path / "signer.db"
    path.write_bytes(b"no database " * 500)
    with pytest.raises(Damaged, match="not a database"):
        Log.open(path)
    with pytest.raises(StoreError, match="unable to open"):
        Log.open(tmp_path / "none" / "signer.db")


def test_a_log_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    with closing(sqlite3.connect(path)) as base:
        base.execute("pragma user_version = 99")
    with pytest.raises(StoreError, match="of version 99"):
        Log.open(path)


def test_where_the_disk_is_full_nothing_is_added(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    with closing(Log.open(path)) as log:
        log._base.execute(f"pragma max_page_count = {os.stat(path).st_size // 4096 + 1}")  # noqa: SLF001, PTH116
        with pytest.raises(StoreError, match="full"):
            log.add("signed", 1000, key="issuing", made=made(*range(100, 600)))
        assert 4 == log.verify()
