"""A backup is a store of one moment, taken while others write; a restored one holds what the backup held."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import Damaged, StoreError
from sentinel.store.base import Covered
from sentinel.store.embedded import disk
from sentinel.store.embedded.backup import backup, restore
from sentinel.store.embedded.compact import compact
from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.verify import verify
from sentinel.store.histories import NAME as ALERTS
from sentinel.triage.desk import Desk
from tests.store.embedded.stores import ids_in, leave, numbered, numbered_ids, put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sentinel.store.embedded.disk import Step
    from sentinel.store.embedded.store import EmbeddedStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    """Give a store with segments of two datasets and events in a journal."""
    store = open_store(tmp_path / "store", create=True)
    put(store, numbered(1, 2, 3), numbered(4, dataset="web.access"), covered=[Covered(b"s", 0, 4, b"d")])
    put(store, numbered(5, 6))
    leave(store, numbered(7, 8), covered=[Covered(b"s", 4, 8, b"d")])
    yield store
    store.close()


def whole(folder: Path) -> list[str]:
    """Give the ids in a store that is found whole, nothing beside it."""
    assert () == verify(folder).findings
    return ids_in(folder)


def test_a_backup_holds_what_the_store_holds(store: EmbeddedStore, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    copied = backup(tmp_path / "store", tmp_path / "backup", lambda done, total: told.append((done, total)))
    assert (8, 3, 0, 0) == (copied.events, copied.linked, copied.copied, copied.kept)
    assert numbered_ids(*range(1, 9)) == whole(tmp_path / "backup")
    opened = open_store(tmp_path / "backup", write=False)
    assert store.covered(b"s") == opened.covered(b"s")
    opened.close()
    assert told[-1][0] == told[-1][1] > 0


def test_a_restored_store_takes_events_again(store: EmbeddedStore, tmp_path: Path) -> None:
    backup(tmp_path / "store", tmp_path / "backup")
    told: list[tuple[int, int]] = []
    copied = restore(tmp_path / "backup", tmp_path / "again", lambda done, total: told.append((done, total)))
    assert (0, 3, 8) == (copied.linked, copied.copied, copied.events)
    assert sorted(told) == told
    again = open_store(tmp_path / "again")
    assert store.covered(b"s") == again.covered(b"s")
    put(again, numbered(9))
    compact(again.layout, again.manifest)
    again.close()
    assert numbered_ids(*range(1, 10)) == whole(tmp_path / "again")
    assert numbered_ids(*range(1, 9)) == whole(tmp_path / "backup")


def test_a_second_backup_copies_what_is_new(store: EmbeddedStore, tmp_path: Path) -> None:
    backup(tmp_path / "store", tmp_path / "backup")
    put(store, numbered(9))
    leave(store, numbered(10))
    copied = backup(tmp_path / "store", tmp_path / "backup")
    assert (3, 1) == (copied.kept, copied.linked)
    assert numbered_ids(*range(1, 11)) == whole(tmp_path / "backup")


def test_what_was_merged_since_goes_from_the_backup(store: EmbeddedStore, tmp_path: Path) -> None:
    backup(tmp_path / "store", tmp_path / "backup")
    compact(store.layout, store.manifest)
    copied = backup(tmp_path / "store", tmp_path / "backup")
    assert (1, 1) == (copied.kept, copied.linked)
    assert numbered_ids(*range(1, 9)) == whole(tmp_path / "backup")
    assert 2 == len(list((tmp_path / "backup" / "segments").rglob("*.parquet")))


def test_where_there_are_no_links_files_are_copied(store: EmbeddedStore, tmp_path: Path) -> None:
    def refuse(step: Step) -> None:
        if step.name == "link":
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    with disk.watch(refuse):
        copied = backup(tmp_path / "store", tmp_path / "backup")
    assert (0, 3) == (copied.linked, copied.copied)
    assert copied.bytes == sum(path.stat().st_size for path in store.layout.segments.rglob("*.parquet"))
    assert numbered_ids(*range(1, 9)) == whole(tmp_path / "backup")


def test_alerts_are_copied_too(store: EmbeddedStore, tmp_path: Path) -> None:
    Desk(store.layout.folder, write=True).close()
    backup(tmp_path / "store", tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "again")
    assert (tmp_path / "again" / ALERTS).exists()
    assert numbered_ids(*range(1, 9)) == whole(tmp_path / "again")


# ── what is refused ──


@pytest.mark.parametrize("inside", ["", "backup", "segments/backup"])
def test_a_backup_does_not_lie_in_its_store(store: EmbeddedStore, inside: str) -> None:
    with pytest.raises(StoreError):
        backup(store.layout.folder, store.layout.folder / inside)
    assert numbered_ids(*range(1, 9)) == whole(store.layout.folder)


def test_another_folder_is_not_touched(store: EmbeddedStore, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "letter.txt").write_text("dear")
    with pytest.raises(StoreError) as raised:
        backup(store.layout.folder, foreign)
    assert str(foreign) == raised.value.place
    assert [foreign / "letter.txt"] == list(foreign.iterdir())


def test_the_backup_of_another_store_is_not_touched(store: EmbeddedStore, tmp_path: Path) -> None:
    other = open_store(tmp_path / "other", create=True)
    put(other, numbered(99))
    other.close()
    with pytest.raises(StoreError):
        backup(store.layout.folder, tmp_path / "other")
    assert numbered_ids(99) == whole(tmp_path / "other")


@pytest.mark.parametrize("kind", ["a store", "a file", "the backup"])
def test_a_restore_overwrites_nothing(store: EmbeddedStore, tmp_path: Path, kind: str) -> None:
    backup(store.layout.folder, tmp_path / "backup")
    into = {"a store": store.layout.folder, "a file": tmp_path / "full", "the backup": tmp_path / "backup"}[kind]
    if kind == "a file":
        into.mkdir()
        (into / "file").touch()
    with pytest.raises(StoreError):
        restore(tmp_path / "backup", into)
    assert numbered_ids(*range(1, 9)) == whole(tmp_path / "backup")


def test_a_damaged_backup_is_not_restored(store: EmbeddedStore, tmp_path: Path) -> None:
    backup(store.layout.folder, tmp_path / "backup")
    shutil.copytree(tmp_path / "backup", tmp_path / "copy")
    path = next((tmp_path / "copy" / "segments").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(Damaged) as raised:
        restore(tmp_path / "copy", tmp_path / "again")
    assert str(path) == raised.value.place
    assert not (tmp_path / "again").exists()


def test_what_is_damaged_is_not_copied(store: EmbeddedStore, tmp_path: Path) -> None:
    def refuse(step: Step) -> None:
        if step.name == "link":
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    path = next(store.layout.segments.rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with disk.watch(refuse), pytest.raises(Damaged) as raised:
        backup(store.layout.folder, tmp_path / "backup")
    assert str(path) == raised.value.place
    with pytest.raises(StoreError):
        open_store(tmp_path / "backup")


# ── interrupted ──

EVERY = pytest.mark.parametrize("each", [5, pytest.param(1, marks=pytest.mark.deep)])
"""Steps from one that it is stopped at to the next."""


class Stopped(Exception):  # noqa: N818 - what a test does
    """Raised in place of a step."""


def stopped_at(number: int, work: Callable[[], object]) -> bool:
    """Do work that is stopped at a step; tell whether it was, not having ended before."""
    count = 0

    def stop_at(_step: Step) -> None:
        nonlocal count
        if count >= number:
            raise Stopped
        count += 1

    with disk.watch(stop_at):
        try:
            work()
        except Stopped:
            return True
    return False


@EVERY
def test_a_backup_that_is_stopped_anywhere_goes_on(store: EmbeddedStore, tmp_path: Path, each: int) -> None:
    steps = 0
    while True:
        into = tmp_path / f"backup-{steps}"
        if not stopped_at(steps, partial(backup, store.layout.folder, into)):
            break
        if (into / "sentinel-store.json").exists():
            assert numbered_ids(*range(1, 9)) == ids_in(into)
        assert 8 == backup(store.layout.folder, into).events
        assert numbered_ids(*range(1, 9)) == whole(into)
        shutil.rmtree(into)
        steps += each
    assert steps > 30


@EVERY
def test_a_second_backup_that_is_stopped_anywhere_leaves_the_first(
    store: EmbeddedStore, tmp_path: Path, each: int
) -> None:
    backup(store.layout.folder, tmp_path / "first")
    put(store, numbered(9))
    leave(store, numbered(10))
    compact(store.layout, store.manifest)
    steps, seen = 0, set()
    while True:
        into = shutil.copytree(tmp_path / "first", tmp_path / f"backup-{steps}")
        if not stopped_at(steps, partial(backup, store.layout.folder, into)):
            break
        verify(into).check()
        seen.add(len(ids_in(into)))
        backup(store.layout.folder, into)
        assert numbered_ids(*range(1, 11)) == whole(into)
        shutil.rmtree(into)
        steps += each
    assert {8, 10} == seen


@EVERY
def test_a_restore_that_is_stopped_anywhere_goes_on(store: EmbeddedStore, tmp_path: Path, each: int) -> None:
    backup(store.layout.folder, tmp_path / "backup")
    steps = 0
    while True:
        into = tmp_path / f"again-{steps}"
        if not stopped_at(steps, partial(restore, tmp_path / "backup", into)):
            break
        if (into / "sentinel-store.json").exists():
            assert numbered_ids(*range(1, 9)) == ids_in(into)
        else:
            restore(tmp_path / "backup", into)
            assert numbered_ids(*range(1, 9)) == whole(into)
        shutil.rmtree(into)
        steps += each
    assert steps > 30


# ── while others write ──


def test_a_backup_of_a_moving_store_is_of_one_moment(store: EmbeddedStore, tmp_path: Path) -> None:
    committed: list[int] = []
    enough = threading.Event()

    def work() -> None:
        own = open_store(store.layout.folder)
        for number in range(100, 100_000, 2):
            if enough.is_set():
                break
            (put if number % 3 else leave)(own, numbered(number), numbered(number + 1, dataset="web.access"))
            committed.append(number)
            if number % 20 == 0:
                compact(own.layout, own.manifest)
        own.close()

    writing = threading.Thread(target=work)
    writing.start()
    try:
        for turn in range(8):
            before = len(committed)
            backup(store.layout.folder, tmp_path / "backup")
            after = len(committed)
            there = whole(tmp_path / "backup")
            pairs = (len(there) - 8) // 2
            assert before <= pairs <= after + 1
            assert numbered_ids(*range(1, 9), *range(100, 100 + 2 * pairs)) == there, f"turn {turn}"
    finally:
        enough.set()
        writing.join()
    assert len(committed) > 8
