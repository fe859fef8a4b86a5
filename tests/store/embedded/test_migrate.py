"""A store of an earlier format becomes one of ours, or stays what it was."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import Damaged, StoreError
from sentinel.store.embedded import disk, layout
from sentinel.store.embedded.migrate import STEPS, migrate
from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.verify import verify
from tests.store.crash import migrating
from tests.store.embedded.stores import ids_in, leave, numbered, numbered_ids

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from sentinel.store.embedded.disk import Step
    from sentinel.store.embedded.layout import Layout


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Give the folder of a store of format 0."""
    migrating.a_store_of_format_0(tmp_path / "store")
    return tmp_path / "store"


def format_of(folder: Path) -> int:
    return int(json.loads((folder / layout.NAME).read_bytes())["format"])


def test_a_store_of_an_earlier_format_becomes_one_of_ours(old: Path) -> None:
    created = json.loads((old / layout.NAME).read_bytes())["created"]
    assert (0, 1) == migrate(old, migrating.STEPS, to=1)
    assert (1, created) == (format_of(old), json.loads((old / layout.NAME).read_bytes())["created"])
    assert () == verify(old).findings
    assert numbered_ids(*range(1, 7)) == ids_in(old)


def test_what_the_earlier_format_did_not_know_is_known_then(old: Path) -> None:
    migrate(old, migrating.STEPS, to=1)
    path = next((old / "segments").rglob("*.grams"))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert [str(path)] == [finding.place for finding in verify(old).damage]


def test_a_migrated_store_takes_events(old: Path) -> None:
    migrate(old, migrating.STEPS, to=1)
    store = open_store(old)
    leave(store, numbered(7))
    store.close()
    assert numbered_ids(*range(1, 8)) == ids_in(old)


def test_nothing_is_done_to_a_store_of_our_format(old: Path) -> None:
    migrate(old, migrating.STEPS, to=1)
    before = {path: path.stat().st_mtime_ns for path in old.rglob("*")}
    assert (1, 1) == migrate(old)
    assert before == {path: path.stat().st_mtime_ns for path in old.rglob("*")}


def test_a_step_that_fails_leaves_the_store_as_it_was(old: Path) -> None:
    def fail(_layout: Layout, manifest: sqlite3.Connection) -> None:
        manifest.execute("delete from segment")
        manifest.execute("select no_such_column from segment")

    with pytest.raises(StoreError):
        migrate(old, {0: fail}, to=1)
    assert 0 == format_of(old)
    assert (0, 1) == migrate(old, migrating.STEPS, to=1)
    assert numbered_ids(*range(1, 7)) == ids_in(old)


def test_a_migration_that_is_stopped_anywhere_goes_on(old: Path, tmp_path: Path) -> None:
    class Stopped(Exception):  # noqa: N818 - what a test does
        pass

    def stop_at(number: int) -> bool:
        def stop(_step: Step) -> None:
            seen.append(1)
            if len(seen) > number:
                raise Stopped

        seen: list[int] = []
        with disk.watch(stop):
            try:
                migrate(tmp_path / "copy", migrating.STEPS, to=1)
            except Stopped:
                return True
        return False

    steps = 0
    while True:
        shutil.copytree(old, tmp_path / "copy")
        if not stop_at(steps):
            break
        migrate(tmp_path / "copy", migrating.STEPS, to=1)
        assert () == verify(tmp_path / "copy").findings
        shutil.rmtree(tmp_path / "copy")
        steps += 1
    assert steps > 3


def test_a_store_that_is_written_to_is_not_migrated(old: Path) -> None:
    path = next((old / "journals").iterdir())
    with path.open("rb") as file:
        assert disk.take_lock(file.fileno())
        with pytest.raises(StoreError) as raised:
            migrate(old, migrating.STEPS, to=1)
    assert (str(path), 0) == (raised.value.place, format_of(old))


@pytest.mark.parametrize("write", [True, False])
def test_an_earlier_format_without_a_way_is_refused(old: Path, write: bool) -> None:
    assert 0 not in STEPS
    with pytest.raises(StoreError) as raised:
        open_store(old, write=write)
    assert raised.value.place.endswith(layout.NAME)


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize(
    ("head", "error"),
    [
        (b'{"format": 2, "id": "x"}', StoreError),
        (b'{"format": "many", "id": "x"}', Damaged),
        (b'{"id": "x"}', Damaged),
        (b"[]", Damaged),
        (b"", Damaged),
        (b"\xff", Damaged),
    ],
)
def test_a_newer_format_and_one_that_cannot_be_read_are_refused(
    tmp_path: Path, write: bool, head: bytes, error: type[StoreError]
) -> None:
    open_store(tmp_path / "store", create=True).close()
    (tmp_path / "store" / layout.NAME).write_bytes(head)
    for act in (lambda: open_store(tmp_path / "store", write=write), lambda: migrate(tmp_path / "store")):
        with pytest.raises(StoreError) as raised:
            act()
        assert error is type(raised.value)
        assert raised.value.hint
    assert head == (tmp_path / "store" / layout.NAME).read_bytes()
