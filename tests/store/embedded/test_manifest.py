"""The manifest: changes are whole, and any other change is found."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import Damaged, StoreError
from sentinel.store.base import Covered
from sentinel.store.embedded import layout as layouts
from sentinel.store.embedded.manifest import TABLES, Manifest, Segment, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHAPE = Shape({"event.id": "string", "a": "string", "b": "string"}, {"b": "a"})


def a_segment(name: str, born: int = 0) -> Segment:
    return Segment(name, "linux.auth", "2026-11-20", 3, 99, 1, 9, "1", "2", SHAPE, b"d" * 16, born=born)


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    manifest = Manifest(layouts.create(tmp_path / "store"))
    with manifest.change() as change:
        change.add_segment(a_segment("one"))
        change.add_segment(a_segment("two"))
        change.add_journal("j")
        change.add_covered([Covered(b"source", 0, 10, b"digest"), Covered(b"source", 10, 20, b"digest")])
    yield manifest
    manifest.close()


def test_what_was_added_is_there(manifest: Manifest) -> None:
    state = manifest.state()
    assert (1, ("one", "two"), ("j",)) == (
        state.generation,
        tuple(each.name for each in state.segments),
        state.journals,
    )
    assert a_segment("one", born=1) == state.segments[0]
    assert [(0, 10, b"digest"), (10, 20, b"digest")] == manifest.covered(b"source")
    assert [] == manifest.faults()


def test_a_change_that_fails_leaves_nothing(manifest: Manifest) -> None:
    with suppress(KeyError), manifest.change() as change:
        change.add_segment(a_segment("three"))
        change.end_segment("one")
        raise KeyError
    assert (1, 2) == (manifest.generation(), len(manifest.segments()))
    assert [] == manifest.faults()


def test_a_dead_segment_is_known_until_it_is_forgotten(manifest: Manifest) -> None:
    with manifest.change() as change:
        assert change.end_segment("one")
        assert not change.end_segment("one")
        change.forget_segment("two")  # it lives
    assert ["two"] == [each.name for each in manifest.segments()]
    assert [("one", 2)] == [(each.name, each.dead) for each in manifest.segments("dead is not null")]
    with manifest.change() as change:
        change.forget_segment("one")
    assert () == manifest.segments("dead is not null")
    assert [] == manifest.faults()


def test_what_is_covered_twice_is_noted_once(manifest: Manifest) -> None:
    with manifest.change() as change:
        change.add_covered([Covered(b"source", 0, 10, b"digest"), Covered(b"source", 0, 10, b"other")])
    assert [(0, 10, b"digest"), (0, 10, b"other"), (10, 20, b"digest")] == manifest.covered(b"source")
    assert [] == manifest.faults()


def edited(manifest: Manifest, command: str) -> list[tuple[str, str]]:
    with sqlite3.connect(manifest.layout.manifest) as connection:
        connection.execute(command)
    connection.close()
    return manifest.faults()


FIELDS = [(table, column) for table, columns in TABLES.items() for column in (*columns, "mark")]


@pytest.mark.parametrize(("table", "column"), FIELDS)
def test_any_changed_field_is_found(manifest: Manifest, table: str, column: str) -> None:
    # A value of the column's own type that it does not have.
    value = f"""case typeof("{column}") when 'integer' then "{column}" + 1 when 'null' then 7
        when 'blob' then cast("{column}" || 'x' as blob) else "{column}" || 'x' end"""
    faults = edited(manifest, f'update {table} set "{column}" = {value}')  # noqa: S608 - a test's own
    assert table in {each for each, _row in faults}


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_was_removed_is_found(manifest: Manifest, table: str) -> None:
    assert [(table, "")] == edited(manifest, f"delete from {table}")  # noqa: S608 - a test's own


def test_a_row_that_was_added_is_found(manifest: Manifest) -> None:
    mark = "(select mark from journal)"
    assert {"journal"} == {table for table, _ in edited(manifest, f"insert into journal values('k', 1, {mark})")}


@pytest.mark.parametrize("key", ["generation", "sum:segment", "mark", "store", "format"])
def test_a_change_of_what_the_manifest_says_of_itself_is_found(manifest: Manifest, key: str) -> None:
    assert ("meta", "") in edited(manifest, f"update meta set value = x'00' where key = '{key}'")  # noqa: S608


def test_a_file_that_is_no_manifest_is_damage(manifest: Manifest) -> None:
    manifest.close()
    manifest.layout.manifest.write_bytes(b"no database at all" * 400)
    for suffix in ("-wal", "-shm"):
        manifest.layout.manifest.with_name("manifest.db" + suffix).unlink(missing_ok=True)
    with pytest.raises(Damaged):
        Manifest(manifest.layout)


def test_a_manifest_that_another_process_keeps_busy_is_told(
    manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = sqlite3.connect(manifest.layout.manifest, isolation_level=None)
    connection.execute("begin immediate")
    monkeypatch.setattr("sentinel.store.embedded.databases._WAIT", 0.05)
    other = Manifest(manifest.layout)
    with pytest.raises(StoreError) as caught, other.change():
        pass
    assert (str(manifest.layout.manifest), True) == (caught.value.place, bool(caught.value.hint))
    connection.close()
    other.close()
