"""Writers: what they committed is there for everyone, in journals first and in segments later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from sentinel.errors import StoreError
from sentinel.model.batch import EventKind
from sentinel.store.base import Covered
from sentinel.store.embedded import writer as writers
from sentinel.store.embedded.store import open_store
from tests.store.embedded.batches import (
    DAY,
    MAP_TYPE,
    NOON,
    a_batch,
    numbers_of,
    plain,
    rows_of,
    segments_of,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sentinel.store.embedded.store import EmbeddedStore

WEB = EventKind("nginx.access")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    store = open_store(tmp_path / "store", create=True)
    yield store
    store.close()


@pytest.fixture
def sealing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every commit be sealed, and nothing carried on."""
    for name in ("HELD_BYTES", "CARRIED_BYTES", "LEFT_CARRIED_BYTES"):
        monkeypatch.setattr(writers, name, 0)


def test_others_see_what_was_committed_and_nothing_else(store: EmbeddedStore) -> None:
    other = open_store(store.layout.folder)
    writer = store.writer()
    writer.add(a_batch(0))
    assert [] == numbers_of(other)
    writer.commit()
    writer.add(a_batch(3))
    assert [0, 1, 2] == numbers_of(other)
    writer.close()
    assert [0, 1, 2] == numbers_of(other)
    other.close()


@pytest.mark.usefixtures("sealing")
def test_every_commit_is_sealed_where_it_is_large_enough(store: EmbeddedStore) -> None:
    writer = store.writer()
    for number in range(3):
        writer.add(a_batch(number * 3))
        writer.commit()
    assert (3, 0) == (segments_of(store), len(list(store.layout.journals.iterdir())))
    assert list(range(9)) == numbers_of(store)
    writer.close()
    assert [] == store.manifest.faults()


@pytest.mark.usefixtures("sealing")
def test_a_segment_is_of_one_dataset_and_one_day(store: EmbeddedStore) -> None:
    writer = store.writer()
    writer.add(a_batch(0, 48, step=DAY // 24))
    writer.add(a_batch(48, 3, kind=WEB))
    writer.commit()
    writer.close()
    found = {(each.dataset, each.day, each.rows) for each in store.manifest.segments()}
    days = ["2026-09-21", "2026-09-22", "2026-09-23"]
    assert {("linux.auth", days[0], 10), ("linux.auth", days[1], 24), ("linux.auth", days[2], 14)} == {
        each for each in found if each[0] == "linux.auth"
    }
    assert 1 == len([each for each in found if each[0] == "nginx.access"])
    assert list(range(51)) == sorted(numbers_of(store))


def test_days_with_few_events_wait_in_a_journal(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "HELD_BYTES", 1 << 18)
    writer = store.writer()
    writer.add(a_batch(0, 5000))
    writer.add(a_batch(5000, 3, kind=WEB))
    writer.commit([Covered(b"source", 0, 9, b"digest")])
    assert [("linux.auth", 5000)] == [(each.dataset, each.rows) for each in store.manifest.segments()]
    assert list(range(5003)) == sorted(numbers_of(store))
    writer.add(a_batch(5003, 3, kind=WEB))
    writer.commit()
    writer.close()
    assert 1 == segments_of(store)
    assert list(range(5006)) == sorted(numbers_of(store))
    assert (Covered(b"source", 0, 9, b"digest"),) == store.covered(b"source")


def test_events_tell_when_they_were_committed_wherever_they_are(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ingested() -> list[int]:
        with store.snapshot() as snapshot:
            from sentinel.model.window import Window
            from sentinel.store.embedded.segment import read

            units = snapshot.units(Window())
            return [each.value for unit in units for each in read(unit, ["event.ingested"]).column(0)]

    writer = store.writer()
    writer.add(a_batch(0, 2))
    writer.commit()
    first = ingested()
    monkeypatch.setattr(writers, "HELD_BYTES", 0)
    writer.add(a_batch(2, 1))
    writer.commit()  # carries all of it on
    assert (0, first) == (segments_of(store), ingested()[:2])
    assert ingested()[2] > first[0] > NOON
    writer.close()
    store.compact()
    assert (1, first) == (segments_of(store), ingested()[:2])


def test_what_a_dead_writer_left_is_sealed(store: EmbeddedStore) -> None:
    dead = store.writer()
    dead.add(a_batch(0))
    dead.commit([Covered(b"source", 0, 9, b"digest")])
    assert 0 == writers.seal_left(store.layout, store.manifest, least=0)  # it lives
    dead.close()
    assert 1 == writers.seal_left(store.layout, store.manifest, least=0)
    assert (1, ()) == (segments_of(store), store.manifest.journals())
    assert ([0, 1, 2], (Covered(b"source", 0, 9, b"digest"),)) == (numbers_of(store), store.covered(b"source"))


def test_many_small_journals_become_one(store: EmbeddedStore) -> None:
    for number in range(40):
        writer = store.writer()
        writer.add(a_batch(number, 1))
        writer.commit()
        writer.close()
    assert len(store.manifest.journals()) < 34
    assert list(range(40)) == numbers_of(store)


def test_what_is_covered_is_told_from_journals_and_segments(store: EmbeddedStore) -> None:
    writer = store.writer()
    ranges = [Covered(b"source", at, at + 10, bytes([at])) for at in (0, 10, 20)]
    for number, each in enumerate(ranges):
        writer.add(a_batch(number, 1))
        writer.commit([each])
    writer.commit([Covered(b"other", 0, 5, b"x")])
    assert tuple(ranges) == store.covered(b"source")
    writer.close()
    store.compact()
    assert tuple(ranges) == store.covered(b"source")
    assert ((), [0, 1, 2]) == (store.covered(b"unknown"), numbers_of(store))


def test_a_closed_writer_takes_no_more(store: EmbeddedStore) -> None:
    writer = store.writer()
    writer.close()
    with pytest.raises(StoreError):
        writer.add(a_batch())


@pytest.mark.usefixtures("sealing")
def test_every_type_comes_back_as_it_was(store: EmbeddedStore) -> None:
    batch = a_batch(
        text=["a", None, ""],
        vietnamese=["Trần", "Tra\u0302\u0300n", "🐉"],
        number=[1, None, -(2**63)],
        truth=[True, False, None],
        real=[0.5, None, float("inf")],
        texts=[["a", "b"], [], None],
        numbers=[[1], None, [2, 3]],
        moment=pa.array([NOON, None, 5], pa.timestamp("ns", "UTC")),
        moments=pa.array([[NOON], None, []], pa.list_(pa.timestamp("ns", "UTC"))),
        _overflow=pa.array([[("process.pid", "many")], None, [("a", "1"), ("b", "2")]], MAP_TYPE),
    )
    expected = plain(batch.columns)
    writer = store.writer()
    writer.add(batch)
    writer.commit()
    writer.close()
    assert expected == rows_of(store)


def test_other_types_become_the_widest_of_their_kind(store: EmbeddedStore) -> None:
    batch = a_batch(
        small=pa.array([1, 2, 3], pa.int16()),
        huge=pa.array([1, 2**64 - 1, None], pa.uint64()),
        dictionary=pa.array(["a", "b", "a"]).dictionary_encode(),
        seconds=pa.array([1, 2, 3], pa.timestamp("s")),
        large=pa.array(["x", None, "y"], pa.large_string()),
    )
    writer = store.writer()
    writer.add(batch)
    writer.commit()
    writer.close()
    rows = rows_of(store)
    assert [(1, "1", "a", 10**9, "x"), (2, str(2**64 - 1), "b", 2 * 10**9, None)] == [
        (row["small"], row["huge"], row["dictionary"], row["seconds"], row.get("large")) for row in rows[:2]
    ]


@pytest.mark.usefixtures("sealing")
def test_text_and_lists_of_text_of_one_column_become_lists(store: EmbeddedStore) -> None:
    writer = store.writer()
    writer.add(a_batch(0, 2, answers=["one", None]))
    writer.add(a_batch(2, 2, answers=[["two", "three"], None]))
    writer.commit()
    writer.close()
    assert 1 == segments_of(store)
    assert [["one"], None, ["two", "three"], None] == [row.get("answers") for row in rows_of(store)]


@pytest.mark.usefixtures("sealing")
def test_columns_of_types_that_differ_stay_apart_and_as_they_are(store: EmbeddedStore) -> None:
    writer = store.writer()
    writer.add(a_batch(0, 1, value=[5]))
    writer.add(a_batch(1, 1, value=["five"]))
    writer.add(a_batch(2, 1, value=[6]))
    writer.add(a_batch(3, 1, value=[5.5]))
    writer.commit()
    writer.close()
    assert 3 == segments_of(store)
    store.compact()
    assert [5, "five", 6, 5.5] == [row["value"] for row in rows_of(store)]


@pytest.mark.parametrize("dataset", ["../../outside", "a/b", ".", "", "Nhật ký", "x" * 300, "a%b", "con\x00trol"])
@pytest.mark.usefixtures("sealing")
def test_a_datasets_name_leads_nowhere_else(store: EmbeddedStore, dataset: str) -> None:
    writer = store.writer()
    writer.add(a_batch(kind=EventKind(dataset)))
    writer.commit()
    writer.close()
    (path,) = store.layout.folder.parent.rglob("*.parquet")
    assert store.layout.segments == path.parents[2]
    assert [dataset] == [each.dataset for each in store.manifest.segments()]
    assert [0, 1, 2] == numbers_of(store)
