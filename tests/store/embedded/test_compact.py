"""Compaction: small segments become large ones, and nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from sentinel.errors import Damaged
from sentinel.model.window import Window
from sentinel.store.embedded import compact as compaction
from sentinel.store.embedded import merge, sweep
from sentinel.store.embedded import writer as writers
from sentinel.store.embedded.compact import tidy
from sentinel.store.embedded.segment import read
from sentinel.store.embedded.segment_file import GRAMS_ROWS
from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.verify import verify
from tests.store.embedded.batches import a_batch, numbers_of, rows_of, segments_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sentinel.store.embedded.store import EmbeddedStore


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedStore]:
    for name in ("HELD_BYTES", "CARRIED_BYTES", "LEFT_CARRIED_BYTES"):
        monkeypatch.setattr(writers, name, 0)
    store = open_store(tmp_path / "store", create=True)
    yield store
    store.close()


def fill(store: EmbeddedStore, count: int, rows: int = 3) -> None:
    """Write segments that overlap in time."""
    writer = store.writer()
    for number in range(count):
        size = [number] * rows
        writer.add(a_batch(number * rows, rows, begin=1_790_000_000_000_000_000 - number * 2 * 10**9, size=size))
        writer.commit()
    # Not closed in the ordinary way, which would merge them.
    writer._leave()  # noqa: SLF001


def files(store: EmbeddedStore) -> set[str]:
    return {path.name for path in store.layout.segments.rglob("*.parquet")}


def test_small_segments_of_a_day_become_one(store: EmbeddedStore) -> None:
    fill(store, 5)
    before = rows_of(store)
    done = store.compact()
    assert ((5, 1, 5), 1) == ((done.merged, done.made, done.removed), segments_of(store))
    assert before == rows_of(store)
    assert 1 == len(files(store))
    assert [] == store.manifest.faults()


@pytest.mark.parametrize("held", [1, 1 << 16, 1 << 30])
def test_what_is_merged_is_in_the_order_of_time_and_id(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(merge, "_HELD_BYTES", held)
    monkeypatch.setattr(merge, "_FEWEST_ROWS", 2)
    writer = store.writer()
    # Many events of one moment, too: these stand in the order of their ids.
    for begin, step in ((0, 2), (50, 1), (100, 0), (101, 0), (101, 0)):
        writer.add(a_batch(segments_of(store) * 40, 40, begin=begin, step=step))
        writer.commit()
    before = rows_of(store)
    store.compact()
    with store.snapshot() as snapshot:
        (unit,) = snapshot.units(Window())
        table = read(unit, ["@timestamp", "event.id"])
    keys = list(zip(table.column(0).cast(pa.int64()).to_pylist(), table.column(1).to_pylist(), strict=True))
    assert sorted(keys) == keys
    assert before == rows_of(store)


def test_segments_without_a_file_beside_them_get_one(store: EmbeddedStore) -> None:
    fill(store, 2, rows=GRAMS_ROWS)
    fill(store, 1, rows=GRAMS_ROWS - 1)
    before = rows_of(store)
    assert 0 == tidy(store.layout, store.manifest).made
    sizes = {segment.rows: segment.grams_bytes for segment in store.manifest.segments()}
    beside = sorted(path.stat().st_size for path in store.layout.segments.rglob("*.grams"))
    assert (True, 0) == (sizes[GRAMS_ROWS] > 0, sizes[GRAMS_ROWS - 1])
    assert [sizes[GRAMS_ROWS]] * 2 == beside
    assert before == rows_of(store)
    verify(store.layout.folder).check()


def test_how_far_merging_is_is_told(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "LARGE_ROWS", 10)
    fill(store, 6)
    told: list[tuple[int, int]] = []
    compaction.compact(store.layout, store.manifest, lambda done, total: told.append((done, total)))
    (first, all_of_it), (second, again) = told
    assert (0, all_of_it) == (first, again)
    assert 0 < second < all_of_it


def test_a_few_small_segments_are_left_until_there_are_many(store: EmbeddedStore) -> None:
    fill(store, 7)
    assert 0 == tidy(store.layout, store.manifest).made
    fill(store, 1)
    assert (8, 1) == (tidy(store.layout, store.manifest).merged, segments_of(store))


def test_smaller_segments_are_merged_with_the_larger_ones_that_are_due(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "_SMALLEST_ROWS", 4)
    fill(store, 7)
    fill(store, 8, rows=6)
    done = tidy(store.layout, store.manifest)
    assert (15, 1, 1) == (done.merged, done.made, segments_of(store))


def test_what_becomes_large_is_left(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "LARGE_ROWS", 10)
    fill(store, 8)
    before = rows_of(store)
    assert (6, 2) == ((done := tidy(store.layout, store.manifest)).merged, done.made)
    assert [3, 3, 9, 9] == sorted(segment.rows for segment in store.manifest.segments())
    assert 0 == tidy(store.layout, store.manifest).made
    assert before == rows_of(store)


def test_any_number_of_segments_is_merged_at_once_where_few_are_of_one_time(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "_MOST_AT_ONCE", 2)
    writer = store.writer()
    for number in range(9):
        writer.add(a_batch(number * 3, begin=1_790_000_000_000_000_000 + number * 10 * 10**9))
        writer.commit()
    writer._leave()  # noqa: SLF001 - as in `fill`
    assert 1 == tidy(store.layout, store.manifest).made
    assert 1 == segments_of(store)


def test_columns_that_are_alike_in_all_parts_only_are_written_once(store: EmbeddedStore) -> None:
    writer = store.writer()
    for number, other in enumerate((["a", "b", "c"], ["a", "b", "x"])):
        writer.add(a_batch(number * 3, one=["a", "b", "c"], two=["a", "b", "c"], three=other))
        writer.commit()
    before = rows_of(store)
    store.compact()
    (segment,) = store.manifest.segments()
    assert {"two": "one"} == segment.shape.aliases
    assert before == rows_of(store)


def test_a_reader_keeps_the_segments_that_it_reads(store: EmbeddedStore) -> None:
    fill(store, 3)
    before = files(store)
    with store.snapshot() as snapshot:
        units = snapshot.units(Window())
        assert (1, 0) == ((done := store.compact()).made, done.removed)
        assert before < files(store)
        assert 9 == sum(read(unit, ["event.id"]).num_rows for unit in units)
        assert list(range(9)) == sorted(numbers_of(store))
    assert 3 == store.compact().removed
    assert 1 == len(files(store))


def test_a_reader_that_died_keeps_nothing(store: EmbeddedStore) -> None:
    fill(store, 3)
    (store.layout.leases / "0000000000000000-1-dead").touch()
    assert 3 == store.compact().removed
    assert [] == list(store.layout.leases.iterdir())


def test_files_that_nobody_knows_are_removed_and_a_writers_journal_is_not(store: EmbeddedStore) -> None:
    fill(store, 2)
    writer = store.writer()
    writer.add(a_batch(100))
    writer.commit()
    day = store.layout.segments / "linux.auth" / "2026-09-21"
    for path in (day / "0123456789abcdef-0.parquet", day / "0123456789abcdef-1.tmp"):
        path.write_bytes(b"left by a death")
    (store.layout.journals / "0123456789abcdef.journal").write_bytes(b"left by a death")
    assert 3 == sweep.sweep(store.layout, store.manifest)
    assert 0 == sweep.sweep(store.layout, store.manifest)
    writer.close()
    assert [0, 1, 2, 3, 4, 5, 100, 101, 102] == sorted(numbers_of(store))


def test_a_segment_of_a_writer_that_lives_is_not_swept(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "HELD_BYTES", 1 << 30)
    writer = store.writer()
    writer.add(a_batch(0))
    writer.commit()
    (journal,) = store.manifest.journals()
    path = store.layout.segment("linux.auth", "2026-09-21", f"{journal}-0")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"being written")
    assert 0 == sweep.sweep(store.layout, store.manifest)
    path.unlink()
    writer.close()


def test_merging_a_segment_with_one_that_is_damaged_changes_nothing(store: EmbeddedStore) -> None:
    fill(store, 2)
    path = min(store.layout.segments.rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(Damaged) as caught:
        store.compact()
    assert str(path) == caught.value.place
    assert (2, 2) == (segments_of(store), len(files(store)))
