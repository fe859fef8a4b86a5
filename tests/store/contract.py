"""What every store of events promises: a suite of tests that an engine joins by saying how to open one of its stores.

    class TestEmbedded(StoreContract):
        @pytest.fixture
        def opened(self, tmp_path): ...

`opened` gives a function; each call opens the same store once more, as another process would.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from sentinel.store.base import Covered, Order, Question, Top
from tests.store.batches import BEGIN, SECOND, a_batch_of, an_event, pages, put, query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from sentinel.store.base import EventStore, Snapshot

    Opened: TypeAlias = Callable[[], EventStore]

EVERYTHING = Question(query())
OLDEST_FIRST = Order(descending=False)


def ids_of(snapshot: Snapshot, ask: Question = EVERYTHING, order: Order = OLDEST_FIRST) -> list[str]:
    """Give the ids of all events that a search finds, in its order."""
    return [event.id for page in pages(snapshot, ask, order, 1000) for event in page.events]


def stored_ids(store: EventStore) -> list[str]:
    """Give the ids of all events of a store, oldest first."""
    with store.snapshot() as snapshot:
        return ids_of(snapshot)


def ids(*numbers: int) -> list[str]:
    """Give the ids of built events."""
    return [an_event(number)["event.id"] for number in numbers]


def answers(snapshot: Snapshot) -> dict[str, object]:
    """Ask a snapshot everything that it can be asked; what it answers can be compared."""
    everything = pages(snapshot, EVERYTHING, OLDEST_FIRST, 7)
    batches = list(snapshot.read(EVERYTHING, ("event.id", "host.name")))
    return {
        "search": [event for page in everything for event in page.events],
        "count": snapshot.count(EVERYTHING),
        "histogram": snapshot.histogram(EVERYTHING, 10 * SECOND, "host.name"),
        "top": snapshot.top(EVERYTHING, "host.name", 5),
        "fields": snapshot.fields(EVERYTHING),
        "get": snapshot.get(ids(0, 1, 2, 3, 999)),
        "read": sorted(row["event.id"] for batch in batches for row in batch.to_pylist()),
        "parts": sum(part.rows for part in snapshot.parts(EVERYTHING.window)),
    }


class StoreContract:
    """The contract of `store.base`, sentence by sentence."""

    @pytest.fixture
    def opened(self) -> Iterator[Opened]:
        """Give a function that opens the store of the test, which is empty at first."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, opened: Opened) -> EventStore:
        """Give the store of the test, open."""
        return opened()

    def settle(self, store: EventStore) -> None:
        """Do what the engine does when nobody looks: seal, merge, collect. Nothing may be seen of it."""

    # ── what is acknowledged stays ──

    def test_a_new_store_has_no_events(self, store: EventStore) -> None:
        assert [] == stored_ids(store)
        with store.snapshot() as snapshot:
            assert 0 == snapshot.count(EVERYTHING)
            assert () == snapshot.histogram(EVERYTHING, SECOND)
            assert () == snapshot.fields(EVERYTHING)
            assert Top((), 0, 0) == snapshot.top(EVERYTHING, "host.name", 3)
            assert [] == [batch for batch in snapshot.read(EVERYTHING) if batch.num_rows]
            assert 0 == sum(part.rows for part in snapshot.parts(EVERYTHING.window))

    def test_what_was_committed_is_there_when_the_store_is_opened_again(self, opened: Opened) -> None:
        first = opened()
        put(first, a_batch_of(an_event(1), an_event(2)))
        first.close()
        assert ids(1, 2) == stored_ids(opened())

    def test_what_was_committed_is_seen_by_everyone_at_once(self, opened: Opened) -> None:
        writing, reading = opened(), opened()
        writer = writing.writer()
        for number in range(3):
            writer.add(a_batch_of(an_event(number)))
            writer.commit()
            assert ids(*range(number + 1)) == stored_ids(reading)
        writer.close()

    def test_what_was_added_is_not_seen_before_its_commit(self, opened: Opened) -> None:
        store = opened()
        writer = store.writer()
        writer.add(a_batch_of(an_event(1)))
        assert [] == stored_ids(store)
        assert [] == stored_ids(opened())
        writer.commit()
        assert ids(1) == stored_ids(store)
        writer.close()

    def test_what_was_not_committed_is_gone_when_its_writer_closes(self, opened: Opened) -> None:
        store = opened()
        writer = store.writer()
        writer.add(a_batch_of(an_event(1)))
        writer.commit()
        writer.add(a_batch_of(an_event(2)))
        writer.close()
        assert ids(1) == stored_ids(store)
        store.close()
        assert ids(1) == stored_ids(opened())

    def test_a_commit_of_several_batches_and_datasets_is_one(self, store: EventStore) -> None:
        put(store, a_batch_of(an_event(1)), a_batch_of(an_event(2), dataset="web.access"), a_batch_of(an_event(3)))
        assert ids(1, 2, 3) == stored_ids(store)

    def test_a_writer_of_a_store_that_is_closed_first_loses_nothing(self, opened: Opened) -> None:
        store = opened()
        writer = store.writer()
        writer.add(a_batch_of(an_event(1)))
        writer.commit()
        store.close()
        assert ids(1) == stored_ids(opened())

    def test_several_writers_write_at_once(self, opened: Opened) -> None:
        stores = [opened() for _store in range(3)]
        writers = [store.writer() for store in stores]
        for number in range(12):
            writers[number % 3].add(a_batch_of(an_event(number)))
        for writer in writers:
            writer.commit()
        assert ids(*range(12)) == stored_ids(stores[0])
        for writer in writers:
            writer.close()
        assert ids(*range(12)) == stored_ids(stores[1])

    def test_a_writer_goes_on_after_a_commit_of_nothing(self, store: EventStore) -> None:
        writer = store.writer()
        writer.commit()
        writer.add(a_batch_of())
        writer.commit()
        writer.add(a_batch_of(an_event(1)))
        writer.commit()
        writer.commit()
        writer.close()
        assert ids(1) == stored_ids(store)

    def test_events_of_many_days_and_of_no_sensible_time_are_kept(self, store: EventStore) -> None:
        times = (0, -SECOND, 1, BEGIN, BEGIN - 1, 2**62, 4_102_444_800 * SECOND)
        events = [an_event(number, at=at) for number, at in enumerate(times)]
        put(store, a_batch_of(*events))
        self.settle(store)
        by_time = sorted(events, key=lambda event: (event["@timestamp"], event["event.id"]))
        with store.snapshot() as snapshot:
            found = [event for page in pages(snapshot, EVERYTHING, OLDEST_FIRST, 3) for event in page.events]
        assert [(event["event.id"], event["@timestamp"]) for event in by_time] == [(e.id, e.time) for e in found]

    def test_every_event_tells_when_it_was_taken_in(self, store: EventStore) -> None:
        before = time.time_ns()
        put(store, a_batch_of(an_event(1), an_event(2)))
        after = time.time_ns()
        with store.snapshot() as snapshot:
            found = snapshot.get(ids(1, 2))
        stamps = [event.fields["event.ingested"] for event in found.values()]
        assert 2 == len(stamps)
        assert all(before - SECOND <= stamp <= after + SECOND for stamp in stamps)

    # ── nothing is there twice ──

    def test_what_is_covered_is_told_to_everyone(self, opened: Opened) -> None:
        store = opened()
        covered = (Covered(b"a" * 16, 0, 100, b"x" * 16), Covered(b"a" * 16, 100, 250, b"y" * 16))
        other = Covered(b"b" * 16, 0, 7, b"\x00\xff" * 8)
        for part, source in zip((covered[:1], (*covered[1:], other)), (1, 2), strict=True):
            writer = store.writer()
            writer.add(a_batch_of(an_event(source)))
            writer.commit(part)
            writer.close()
        for place in (store, opened()):
            self.settle(place)
            assert covered == tuple(sorted(place.covered(b"a" * 16), key=lambda each: each.begin))
            assert (other,) == place.covered(b"b" * 16)
            assert () == place.covered(b"c" * 16)

    def test_what_is_covered_is_one_with_its_events(self, opened: Opened) -> None:
        store = opened()
        writer = store.writer()
        for number in range(4):
            writer.add(a_batch_of(an_event(number)))
            assert number == len(store.covered(b"s"))
            writer.commit([Covered(b"s", number, number + 1, bytes([number]))])
            assert number + 1 == len(opened().covered(b"s")) == len(stored_ids(store))
        writer.close()
        assert 4 == len(store.covered(b"s"))

    def test_a_source_without_events_is_covered_too(self, opened: Opened) -> None:
        store = opened()
        writer = store.writer()
        writer.commit([Covered(b"empty", 0, 10, b"digest")])
        writer.close()
        store.close()
        assert (Covered(b"empty", 0, 10, b"digest"),) == opened().covered(b"empty")

    def test_one_beginning_may_be_of_two_sources(self, store: EventStore) -> None:
        both = {Covered(b"same", 0, 10, b"one"), Covered(b"same", 0, 10, b"two"), Covered(b"same", 0, 12, b"three")}
        for covered in sorted(both, key=lambda each: each.digest):
            writer = store.writer()
            writer.commit([covered])
            writer.close()
        self.settle(store)
        assert both == set(store.covered(b"same"))

    def test_what_was_added_can_be_dropped_before_its_commit(self, opened: Opened) -> None:
        store = opened()
        writer = store.writer()
        writer.add(a_batch_of(*map(an_event, range(4))))
        writer.add(a_batch_of(an_event(4), dataset="web.access"))
        there = ids(1, 4)
        assert 2 == writer.drop({*there, "nobody's"})
        assert 0 == writer.drop(there)
        writer.commit()
        assert 0 == writer.drop(ids(0))
        writer.close()
        assert ids(0, 2, 3) == stored_ids(opened())
        with store.snapshot() as snapshot:
            assert set(ids(0, 3)) == snapshot.known([*ids(0, 1, 3), "nobody's"])

    def test_what_is_settled_is_known_to_who_settles_next(self, opened: Opened) -> None:
        first, second = opened(), opened()
        ours, theirs = Covered(b"s", 0, 100, b"one"), Covered(b"s", 50, 60, b"two")
        order: list[str] = []

        def settle_too() -> None:
            with second.settling([theirs]) as known:
                order.append(f"second {known}")

        with ThreadPoolExecutor() as pool, first.settling([ours]) as known:
            waiting = pool.submit(settle_too)
            with second.settling([Covered(b"s", 1 << 40, (1 << 40) + 9, b"x"), Covered(b"other", 0, 9, b"y")]) as other:
                assert (False, False) == (known, other)
            time.sleep(0.1)
            assert not waiting.done()
            writer = first.writer()
            writer.commit([ours])
            writer.close()
            order.append("first")
        waiting.result()
        assert ["first", "second True"] == order

    # ── a snapshot is one moment ──

    def test_a_snapshot_sees_nothing_of_what_comes_later(self, opened: Opened) -> None:
        store = opened()
        put(store, a_batch_of(*(an_event(number, {"host.name": f"h{number % 3}"}) for number in range(20))))
        with store.snapshot() as snapshot:
            before = answers(snapshot)
            put(opened(), a_batch_of(*(an_event(number, {"user.name": "new"}) for number in range(20, 40))))
            self.settle(store)
            assert before == answers(snapshot)
            put(store, a_batch_of(an_event(41, {"host.name": "h1"}), dataset="web.access"))
            self.settle(opened())
            assert before == answers(snapshot)
        assert ids(*range(40), 41) == stored_ids(store)

    def test_what_the_engine_does_for_itself_is_not_seen(self, store: EventStore) -> None:
        for number in range(30):
            put(store, a_batch_of(an_event(number, {"host.name": f"h{number % 3}", "destination.port": number})))
            if number % 10 == 9:
                with store.snapshot() as snapshot:
                    before = answers(snapshot)
                self.settle(store)
                with store.snapshot() as snapshot:
                    assert before == answers(snapshot)

    def test_snapshots_of_different_moments_live_side_by_side(self, store: EventStore) -> None:
        put(store, a_batch_of(an_event(0)))
        with store.snapshot() as first:
            put(store, a_batch_of(an_event(1)))
            with store.snapshot() as second:
                put(store, a_batch_of(an_event(2)))
                assert [ids(0), ids(0, 1)] == [ids_of(first), ids_of(second)]
        assert ids(0, 1, 2) == stored_ids(store)

    @pytest.mark.parametrize("descending", [True, False])
    @pytest.mark.parametrize("field", ["@timestamp", "host.name"])
    def test_pages_neither_repeat_nor_leave_out_while_events_arrive(
        self, opened: Opened, field: str, descending: bool
    ) -> None:
        store = opened()
        hosts = ("a", "b", None)
        events = [an_event(n, {"host.name": hosts[n % 3]}, at=BEGIN + n // 4 * SECOND) for n in range(60)]
        put(store, a_batch_of(*events[:40]))
        order, seen, after = Order(field, descending), list[str](), ""
        for arrived in range(40, 60):
            with store.snapshot() as snapshot:
                page = snapshot.search(EVERYTHING, order, 4, after)
            seen, after = [*seen, *(event.id for event in page.events)], page.after
            put(store, a_batch_of(events[arrived]))
            if arrived % 5 == 0:
                self.settle(store)
            if not after:
                break
        assert len(seen) == len(set(seen))
        assert {event["event.id"] for event in events[:40]} <= set(seen)

    # ── errors ──

    @pytest.mark.parametrize("after", ["no page gave this", "é", "%", "AAAA"])
    def test_a_page_that_nobody_gave_is_refused(self, store: EventStore, after: str) -> None:
        from sentinel.errors import StoreError

        put(store, a_batch_of(an_event(1)))
        with store.snapshot() as snapshot, pytest.raises(StoreError):
            snapshot.search(EVERYTHING, Order(), 10, after)
