"""Retention drops whole segments that are old enough, and never less than the law keeps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import Refused
from sentinel.model.window import Window
from sentinel.store.base import Covered
from sentinel.store.embedded import disk
from sentinel.store.embedded.retain import drop, find_old
from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.sweep import collect
from sentinel.store.embedded.verify import verify
from tests.store.batches import BEGIN, DAY, a_batch_of, an_event
from tests.store.embedded.stores import ids_in, leave, put

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sentinel.store.embedded.store import EmbeddedStore


def at(day: int, *, second: int = 0) -> int:
    return BEGIN + day * DAY + second * 10**9


def event_on(day: int) -> dict[str, object]:
    return an_event(day, {"winlog.event_data.Image": "x"}, at=at(day, second=1))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    """Give a store with an event on each of 40 days 10 days apart, two of each sealed together."""
    store = open_store(tmp_path / "store", create=True)
    for day in range(0, 400, 20):
        put(store, a_batch_of(event_on(day), event_on(day + 10)), covered=[Covered(b"s", day, day + 20, b"d")])
    yield store
    store.close()


def test_what_is_older_goes_and_nothing_else(store: EmbeddedStore) -> None:
    old = find_old(store.manifest, 370, at(390, second=3600))
    assert (at(20, second=3600), 3, at(20, second=1)) == (old.before, old.events, old.last)
    assert 3 == drop(store.manifest, old)
    kept = [event_on(day)["event.id"] for day in range(30, 400, 10)]
    assert sorted(map(str, kept)) == ids_in(store.layout.folder)


def test_a_dry_run_changes_nothing(store: EmbeddedStore) -> None:
    before = ids_in(store.layout.folder)
    old = find_old(store.manifest, 366, at(1000))
    assert (40, (("windows.sysmon", 40),)) == (old.events, tuple(dataset[:2] for dataset in old.datasets))
    assert old.bytes == sum(path.stat().st_size for path in store.layout.segments.rglob("*.parquet"))
    assert before == ids_in(store.layout.folder)


def test_a_segment_with_one_event_that_is_young_stays(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    put(store, a_batch_of(an_event(1, at=at(0)), an_event(2, at=at(0, second=86_399))))
    assert 0 == find_old(store.manifest, 400, at(400, second=86_399)).events
    assert 2 == find_old(store.manifest, 400, at(401)).events
    store.close()


def test_files_go_when_nobody_reads_them_any_more(store: EmbeddedStore) -> None:
    old = find_old(store.manifest, 366, at(2000))
    with store.snapshot() as snapshot:
        assert 40 == drop(store.manifest, old)
        with disk.locked(store.layout.lock):
            assert 0 == collect(store.layout, store.manifest)
        assert 40 == sum(part.rows for part in snapshot.parts(Window()))
    with disk.locked(store.layout.lock):
        assert 40 == collect(store.layout, store.manifest)
    assert [] == [path for path in store.layout.segments.rglob("*") if path.is_file()]
    verify(store.layout.folder).check()


def test_what_was_dropped_stays_covered(store: EmbeddedStore) -> None:
    drop(store.manifest, find_old(store.manifest, 366, at(2000)))
    assert 20 == len(store.covered(b"s"))


def test_what_went_meanwhile_is_left_alone(store: EmbeddedStore) -> None:
    old = find_old(store.manifest, 366, at(2000))
    assert 40 == drop(store.manifest, old)
    assert 0 == drop(store.manifest, old)


def test_what_lies_in_a_journal_is_not_dropped(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    leave(store, a_batch_of(event_on(0)))
    assert 0 == drop(store.manifest, find_old(store.manifest, 400, at(1000)))
    assert 1 == len(ids_in(tmp_path / "store"))
    store.close()


def nanoseconds(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("now", "days", "refused"),
    [
        ((2026, 11, 23), 365, False),
        ((2026, 11, 23), 364, True),
        ((2028, 11, 23), 365, True),  # 12 months with 29 February in them
        ((2028, 11, 23), 366, False),
        ((2028, 2, 29), 366, False),
        ((2028, 2, 29), 365, True),
        ((2026, 11, 23), 0, True),
    ],
)
def test_less_than_twelve_months_are_refused(
    store: EmbeddedStore, now: tuple[int, int, int], days: int, refused: bool
) -> None:
    if not refused:
        find_old(store.manifest, days, nanoseconds(*now))
        return
    with pytest.raises(Refused) as raised:
        find_old(store.manifest, days, nanoseconds(*now))
    assert "Decree 53/2022" in raised.value.message
    least = int(raised.value.hint.split()[1])
    assert 0 <= find_old(store.manifest, least, nanoseconds(*now)).events


def test_less_is_kept_where_it_is_meant(store: EmbeddedStore) -> None:
    assert 31 == find_old(store.manifest, 90, at(399), less_than_the_law=True).events


def test_days_are_not_negative(store: EmbeddedStore) -> None:
    with pytest.raises(Refused):
        find_old(store.manifest, -1, at(399), less_than_the_law=True)
