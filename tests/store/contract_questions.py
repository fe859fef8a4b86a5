"""What every store answers: events whole, and questions that agree with each other."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import pytest

from sentinel.model.window import Window
from sentinel.store.base import Order, Question, Top
from sentinel.store.query.tree import And, Contains, Equals, Exists, Not, Range
from tests.store.batches import BEGIN, DAY, SECOND, a_batch_of, an_event, pages, put, query, values_of
from tests.store.contract import EVERYTHING, OLDEST_FIRST, StoreContract, ids, ids_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal, TypeAlias

    from sentinel.model.batch import EventBatch
    from sentinel.store.base import EventStore, Snapshot
    from sentinel.store.query.tree import Node

    Form: TypeAlias = Literal["NFC", "NFD"]

TEXTS = (
    "",
    " ",
    "plain",
    "UPPER lower",
    "Trần Thị Ngọc Ánh",
    normalize("NFD", "Trần Thị Ngọc Ánh"),
    "đường dẫn",
    "tab\tnew\nline\r",
    "nul\x00inside",
    "\x1f\x1b[31mescape",
    "quote ' \" back\\slash % _ * ?",
    "😀 beyond the plane",
    "x" * 100_000,
    "\ufeffmark",
    "ß İ ı",
)


def found_by(snapshot: Snapshot, node: Node | None, *, accents: bool = True) -> list[str]:
    """Give the ids of the events that fit a node, oldest first."""
    return ids_of(snapshot, Question(query(node, accents=accents)))


def _sysmon(number: int) -> dict[str, Any]:
    fields = {
        "host.name": f"host-{number % 7}" if number % 5 else None,
        "winlog.event_data.Image": f"C:\\Program {number % 11}.exe",
        "destination.port": number % 13 if number % 2 else None,
        "related.ip": [f"192.0.2.{number % 4}", f"198.51.100.{number % 3}"][: number % 3] or None,
    }
    return an_event(number, fields, at=BEGIN + (number // 3) * 1700 * SECOND)


def _web(number: int) -> dict[str, Any]:
    fields = {"host.name": "web", "web.access.status": str(200 + number % 3)}
    return an_event(number, fields, at=BEGIN + number * DAY // 100)


MIXED = [*(_sysmon(number) for number in range(300)), *(_web(number) for number in range(300, 400))]
"""400 events of two datasets over four days, with missing fields, lists and equal times."""


def mixed_ids(*numbers: int) -> list[str]:
    """Give the ids of mixed events."""
    return [MIXED[number]["event.id"] for number in numbers]


def mixed_batches() -> list[EventBatch]:
    """Give the mixed events as batches of three kinds."""
    return [
        a_batch_of(*MIXED[:200]),
        a_batch_of(*MIXED[200:300], code="3"),
        a_batch_of(*MIXED[300:], dataset="web.access", code=""),
    ]


class QuestionsContract(StoreContract):
    """Questions of every kind, asked of stores whose events are known."""

    @pytest.fixture(params=["fresh", "settled", "half settled"])
    def mixed(self, store: EventStore, request: pytest.FixtureRequest) -> Iterator[Snapshot]:
        """Give a snapshot of the mixed events, as they came, or after the engine was alone with them."""
        first, *others = mixed_batches()
        put(store, first)
        if request.param == "half settled":
            self.settle(store)
        put(store, *others)
        if request.param == "settled":
            self.settle(store)
        with store.snapshot() as snapshot:
            yield snapshot

    # ── events are kept whole ──

    def test_texts_are_kept_to_the_letter(self, store: EventStore) -> None:
        events = [an_event(n, {"winlog.event_data.Text": text}) for n, text in enumerate(TEXTS)]
        put(store, a_batch_of(*events))
        for _time in range(2):
            with store.snapshot() as snapshot:
                found = snapshot.get([event["event.id"] for event in events])
            assert [values_of(found[event["event.id"]], event) for event in events] == [
                {"winlog.event_data.Text": text} for text in TEXTS
            ]
            self.settle(store)

    def test_values_of_every_type_are_kept(self, store: EventStore) -> None:
        fields: dict[str, Any] = {
            "winlog.event_data.List": ["one", "", "drei"],
            "winlog.event_data.Single": "text",
            "destination.port": 2**63 - 1,
            "source.port": -(2**63),
            "file.code_signature.valid": False,
            "event.created": BEGIN + 123_456_789,
            "related.ip": ["192.0.2.1", "2001:db8::1"],
            "source.ip": "192.0.2.1",
            "_overflow": {"source.port": "many", "source.ip": "::g"},
        }
        event = an_event(1, fields)
        put(store, a_batch_of(event, an_event(2)))
        for _time in range(2):
            with store.snapshot() as snapshot:
                found = snapshot.get(ids(1, 2))
            assert fields == values_of(found[event["event.id"]], event)
            assert dict.fromkeys(fields) == values_of(found[ids(2)[0]], event)
            self.settle(store)

    def test_a_field_without_a_value_is_no_field_of_the_event(self, store: EventStore) -> None:
        put(store, a_batch_of(an_event(1, {"host.name": None, "related.ip": []}), an_event(2, {"host.name": "h"})))
        with store.snapshot() as snapshot:
            assert {"host.name", "related.ip"}.isdisjoint(snapshot.get(ids(1))[ids(1)[0]].fields)

    def test_an_event_tells_its_dataset_and_time(self, mixed: Snapshot) -> None:
        found = mixed.get(mixed_ids(300))
        assert [("web.access", BEGIN + 3 * DAY)] == [(event.dataset, event.time) for event in found.values()]

    # ── the schema grows ──

    def test_a_column_may_hold_text_here_and_lists_there(self, store: EventStore) -> None:
        name = "winlog.event_data.Groups"
        for number, value in enumerate(["admins", ["admins", "users"], None, ["users"], "users"]):
            put(store, a_batch_of(an_event(number, {name: value})))
            if number == 2:
                self.settle(store)
        for _time in range(2):
            with store.snapshot() as snapshot:
                assert ids(0, 1) == found_by(snapshot, Equals(name, "admins"))
                assert ids(1, 3, 4) == found_by(snapshot, Equals(name, "USERS"))
                assert ids(2) == found_by(snapshot, Not(Exists(name)))
                assert Top((("users", 3), ("admins", 2)), 2, 1) == snapshot.top(EVERYTHING, name, 10)
                lists = [value for value in self._values(snapshot, name) if isinstance(value, list)]
                assert ["admins", "users"] in lists
            self.settle(store)

    def _values(self, snapshot: Snapshot, name: str) -> list[Any]:
        return [
            event.fields.get(name) for page in pages(snapshot, EVERYTHING, OLDEST_FIRST, 50) for event in page.events
        ]

    def test_new_columns_come_and_old_ones_stay_away(self, store: EventStore) -> None:
        for number in range(6):
            put(store, a_batch_of(an_event(number, {f"winlog.event_data.F{number}": "v", "host.name": "h"})))
            if number == 2:
                self.settle(store)
        for _time in range(2):
            with store.snapshot() as snapshot:
                for number in range(6):
                    assert ids(number) == found_by(snapshot, Equals(f"winlog.event_data.F{number}", "v"))
                    assert ids(number) == found_by(snapshot, Exists(f"winlog.event_data.F{number}"))
                uses = {use.name: use.events for use in snapshot.fields(EVERYTHING)}
                assert [1] * 6 == [uses[f"winlog.event_data.F{number}"] for number in range(6)]
                assert 6 == uses["host.name"]
            self.settle(store)

    def test_a_field_that_no_event_has_matches_nothing(self, mixed: Snapshot) -> None:
        assert [] == found_by(mixed, Equals("no.such_field", "x"))
        assert [] == found_by(mixed, Exists("no.such_field"))
        assert 400 == mixed.count(Question(query(Not(Exists("no.such_field")))))
        assert Top((), 0, 400) == mixed.top(EVERYTHING, "no.such_field", 3)

    def test_what_does_not_fit_its_column_is_found_there(self, store: EventStore) -> None:
        put(
            store,
            a_batch_of(
                an_event(1, {"source.port": 80}),
                an_event(2, {"_overflow": {"source.port": "http"}}),
                an_event(3, {"source.port": None}),
                an_event(4, {"_overflow": {"destination.port": "http"}}),
            ),
        )
        for _time in range(2):
            with store.snapshot() as snapshot:
                assert ids(1) == found_by(snapshot, Equals("source.port", "80"))
                assert ids(2) == found_by(snapshot, Equals("source.port", "HTTP"))
                assert ids(1, 2) == found_by(snapshot, Exists("source.port"))
                assert ids(2, 4) == found_by(snapshot, Contains("", "htt"))
                assert ids(1) == found_by(snapshot, Range("source.port", "1", "100"))
            self.settle(store)

    # ── Vietnamese, in any form ──

    @pytest.mark.parametrize("written", ["NFC", "NFD"])
    @pytest.mark.parametrize("asked", ["NFC", "NFD"])
    def test_text_is_found_in_either_form(self, store: EventStore, written: Form, asked: Form) -> None:
        name = "Trần Thị Ngọc Ánh"
        put(
            store,
            a_batch_of(
                an_event(1, {"user.full_name": normalize(written, name)}), an_event(2, {"user.full_name": "Tran"})
            ),
        )
        for _time in range(2):
            with store.snapshot() as snapshot:
                assert ids(1) == found_by(snapshot, Equals("user.full_name", normalize(asked, name.upper())))
                assert ids(1) == found_by(snapshot, Contains("", normalize(asked, "ngọc á")))
                assert [] == found_by(snapshot, Contains("", "ngoc a"))
                assert ids(1) == found_by(snapshot, Contains("", "ngoc a"), accents=False)
                assert ids(1, 2) == found_by(snapshot, Contains("user.full_name", "trạn"), accents=False)
            self.settle(store)

    # ── answers agree with each other ──

    @pytest.mark.parametrize(
        ("node", "window"),
        [
            (None, Window()),
            (None, Window(until=BEGIN)),
            (Equals("host.name", "HOST-3"), Window(BEGIN + 17_000 * SECOND, BEGIN + 100_000 * SECOND)),
            (Not(Equals("host.name", "host-3")), Window(since=BEGIN + DAY)),
            (Exists("destination.port"), Window()),
            (And((Exists("host.name"), Not(Exists("related.ip")))), Window(BEGIN + 1, BEGIN + DAY)),
            (Contains("", "program 1"), Window()),
        ],
        ids=repr,
    )
    def test_every_answer_tells_of_the_same_events(self, mixed: Snapshot, node: Node | None, window: Window) -> None:
        ask = Question(query(node), window)
        found = [event for page in pages(mixed, ask, Order(), 33) for event in page.events]
        assert all(window.holds(event.time) for event in found)
        assert len(found) == len({event.id for event in found}) == mixed.count(ask)
        read = [id_ for batch in mixed.read(ask) for id_ in batch.column("event.id").to_pylist()]
        assert sorted(event.id for event in found) == sorted(read)
        bars = mixed.histogram(ask, 3600 * SECOND)
        times = [event.time for event in found]
        assert [bar.count for bar in bars] == [
            sum(bar.begin <= time < bar.begin + 3600 * SECOND for time in times) for bar in bars
        ]
        assert len(found) == sum(bar.count for bar in bars)
        assert all(one.begin < other.begin for one, other in pairwise(bars))
        uses = {use.name: use.events for use in mixed.fields(ask)}
        held = Counter(name for event in found for name in event.fields)
        assert {name: held[name] for name in uses if name in held} == {n: c for n, c in uses.items() if n in held}
        assert {"host.name", "winlog.event_data.Image"} & set(held) <= set(uses)

    @pytest.mark.parametrize("name", ["host.name", "related.ip", "winlog.event_data.Image", "destination.port"])
    def test_the_top_values_are_those_of_the_events(self, mixed: Snapshot, name: str) -> None:
        held = [event.fields.get(name) for page in pages(mixed, EVERYTHING, Order(), 100) for event in page.events]
        values = Counter(
            str(v) for each in held if each is not None for v in (each if isinstance(each, list) else [each])
        )
        top = mixed.top(EVERYTHING, name, 4)
        assert sorted(values.values(), reverse=True)[:4] == [count for _value, count in top.values]
        assert [values[value] for value, _count in top.values] == [count for _value, count in top.values]
        assert (len(values), held.count(None)) == (top.distinct, top.missing)

    def test_a_histogram_by_a_field_splits_that_without(self, mixed: Snapshot) -> None:
        split = mixed.histogram(EVERYTHING, DAY, "host.name")
        sums: Counter[int] = Counter()
        for bar in split:
            sums[bar.begin] += bar.count
        assert {bar.begin: bar.count for bar in mixed.histogram(EVERYTHING, DAY)} == dict(sums)
        assert len(split) == len({(bar.begin, bar.value) for bar in split})
        assert {f"host-{number}" for number in range(7)} | {"web"} <= {bar.value for bar in split}

    def test_fields_name_the_datasets_that_have_them(self, mixed: Snapshot) -> None:
        uses = {use.name: use for use in mixed.fields(EVERYTHING)}
        assert ("web.access", "windows.sysmon") == tuple(sorted(uses["host.name"].datasets))
        assert ("web.access",) == uses["web.access.status"].datasets
        assert (100, "keyword") == (uses["web.access.status"].events, uses["web.access.status"].type)
        assert (150, "long") == (uses["destination.port"].events, uses["destination.port"].type)
        assert sorted(uses) == [use.name for use in mixed.fields(EVERYTHING)]

    def test_only_the_datasets_asked_for_are_looked_at(self, mixed: Snapshot) -> None:
        ask = Question(query(), datasets=("web.access",))
        assert {"web.access"} == {event.dataset for page in pages(mixed, ask, Order(), 50) for event in page.events}
        assert 100 == mixed.count(ask)
        assert 400 == mixed.count(Question(query(), datasets=("web.access", "windows.sysmon", "no.such")))
        assert 0 == mixed.count(Question(query(), datasets=("no.such",)))

    @pytest.mark.parametrize(
        ("field", "limit"),
        [("@timestamp", 23), ("@timestamp", 400), ("host.name", 37), ("destination.port", 1000), ("no.such_field", 90)],
    )
    @pytest.mark.parametrize("descending", [True, False])
    def test_pages_give_every_event_once_in_order(
        self, mixed: Snapshot, field: str, descending: bool, limit: int
    ) -> None:
        found = pages(mixed, EVERYTHING, Order(field, descending), limit)
        events = [event for page in found for event in page.events]
        assert (400, 400) == (len(events), len({event.id for event in events}))
        assert all(0 < len(page.events) <= limit for page in found[:-1])
        values = [event.time if field == "@timestamp" else event.fields.get(field) for event in events]
        given = [value for value in values if value is not None]
        assert sorted(given, reverse=descending) == given
        assert [None] * values.count(None) == values[len(given) :]
        for (one, a), (other, b) in pairwise(zip(events, values, strict=True)):
            assert a != b or one.id < other.id

    def test_get_gives_those_that_are_there(self, mixed: Snapshot) -> None:
        asked = [*mixed_ids(5, 350, 5), *ids(999_999), "no id at all", ""]
        assert sorted(mixed_ids(5, 350)) == sorted(mixed.get(asked))
        assert {} == mixed.get([])
        assert 400 == len(mixed.get(mixed_ids(*range(400))))

    def test_read_gives_the_fields_asked_for(self, mixed: Snapshot) -> None:
        ask = Question(query(Exists("destination.port")))
        batches = list(mixed.read(ask, ("event.id", "destination.port", "no.such_field")))
        rows = [row for batch in batches for row in batch.to_pylist()]
        assert sorted((n % 13) for n in range(300) if n % 2) == sorted(row["destination.port"] for row in rows)
        assert all({"event.id", "destination.port"} <= set(batch.schema.names) for batch in batches)
        assert all("winlog.event_data.Image" not in batch.schema.names for batch in batches)

    # ── parts, for rules to look back ──

    def test_parts_give_every_event_once(self, mixed: Snapshot) -> None:
        seen: list[str] = []
        for part in mixed.parts(Window()):
            tables = list(part.read(("event.id", "no.such", "winlog.event_data.Image")))
            assert part.rows == sum(table.num_rows for table in tables)
            assert all({"event.id"} <= set(table.column_names) for table in tables)
            assert not any("no.such" in table.column_names for table in tables)
            assert {"event.id", "@timestamp", "event.ingested"} <= set(part.columns)
            seen += [id_ for table in tables for id_ in table.column("event.id").to_pylist()]
        assert mixed_ids(*sorted(range(400), key=lambda n: MIXED[n]["event.id"])) == sorted(seen)
        assert {"web.access", "windows.sysmon"} == {part.dataset for part in mixed.parts(Window())}

    def test_parts_tell_of_what_kind_events_are(self, mixed: Snapshot) -> None:
        kinds = Counter(
            (part.dataset, *kind.split("\x1f"))
            for part in mixed.parts(Window())
            for table in part.read(("_kind",))
            for kind in table.column("_kind").to_pylist()
        )
        sysmon = ("windows.sysmon", "windows.sysmon/channel", "windows.sysmon-provider")
        web = ("web.access", "web.access/channel", "web.access-provider")
        assert {(*sysmon, "1"): 200, (*sysmon, "3"): 100, (*web, ""): 100} == kinds

    def test_rows_of_parts_are_taken_as_they_are_read(self, mixed: Snapshot) -> None:
        for part in mixed.parts(Window()):
            names = [
                name for name in ("event.id", "host.name", "related.ip", "destination.port") if name in part.columns
            ]
            rows = sorted({0, part.rows // 2, part.rows - 1})
            every = [row for table in part.read(names) for row in table.to_pylist()]
            assert [every[row] for row in rows] == part.take(names, rows).to_pylist()

    def test_parts_name_the_columns_that_may_hold_a_text(self, mixed: Snapshot) -> None:
        for part in mixed.parts(Window()):
            texts = [name for name in ("host.name", "winlog.event_data.Image", "related.ip") if name in part.columns]
            for table in part.read(texts):
                for name in texts:
                    values = [
                        v
                        for each in table.column(name).to_pylist()
                        if each
                        for v in ([each] if isinstance(each, str) else each)
                    ]
                    if values:
                        assert name in part.holding([values[0][2:7].upper()], texts)
                        assert name in part.holding(["no such text", values[-1][-4:]], texts)
            assert set(texts) == set(part.holding([""], texts))
            assert [] == list(part.holding([], texts))

    def test_parts_may_be_left_out_by_their_window(self, mixed: Snapshot) -> None:
        assert [] == list(mixed.parts(Window(until=BEGIN)))
        late = Window(since=BEGIN + DAY)
        there = {event.id for page in pages(mixed, Question(query(), late), Order(), 100) for event in page.events}
        assert there <= {
            id_
            for part in mixed.parts(late)
            for table in part.read(("event.id",))
            for id_ in table.column("event.id").to_pylist()
        }

    def test_a_part_of_the_same_key_holds_the_same_events_for_ever(self, store: EventStore) -> None:
        def held(snapshot: Snapshot) -> dict[str, list[str]]:
            return {
                part.key: [id_ for table in part.read(("event.id",)) for id_ in table.column("event.id").to_pylist()]
                for part in snapshot.parts(Window())
                if part.key
            }

        seen: dict[str, list[str]] = {}
        for number in range(12):
            put(store, a_batch_of(an_event(2 * number), an_event(2 * number + 1)))
            if number % 3 == 0:
                self.settle(store)
            with store.snapshot() as snapshot:
                now = held(snapshot)
            assert [] == [key for key, events in now.items() if seen.get(key, events) != events]
            seen |= now
