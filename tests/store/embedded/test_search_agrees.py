"""What the engine answers is what the naive evaluator does, on segments and journals alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel.model.field import FieldType
from sentinel.model.window import Window
from sentinel.store.base import Order, Question
from sentinel.store.embedded import search
from tests.store import naive, strategies
from tests.store.embedded.units import a_journal, a_segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentinel.store.embedded.unit import Unit

HOUR = 3600 * 10**9
FIELDS = (*strategies.TYPES, strategies.UNKNOWN, "nginx.access.user")


def with_id(number: int, event: Mapping[str, Any]) -> dict[str, Any]:
    head = {"event.id": f"{max(0, event['@timestamp']) // 10**6:012x}{number:024x}", "@timestamp": event["@timestamp"]}
    return {**head, "event.ingested": strategies.NOW + number, **event}


@st.composite
def stored(draw: st.DrawFn) -> list[tuple[str, list[dict[str, Any]]]]:
    """Give some units' events, by how the unit is kept; a column may hold texts in one, and lists in another."""
    found: list[tuple[str, list[dict[str, Any]]]] = []
    number = 0
    for form in draw(st.lists(st.sampled_from(["journal", "segment", "plain", "bare"]), min_size=1, max_size=3)):
        events = []
        lists = draw(st.booleans())
        for event in draw(st.lists(strategies.events(), min_size=1, max_size=7)):
            number += 1
            user = draw(st.one_of(st.none(), strategies.texts))
            own = event if user is None else {**event, "nginx.access.user": [user, "x"] if lists else user}
            events.append(with_id(number, own))
        found.append((form, events))
    return found


def units_of(folder: Path, kept: Sequence[tuple[str, list[dict[str, Any]]]]) -> Iterator[Unit]:
    for form, events in kept:
        if form == "journal":
            yield a_journal(events)
        else:
            yield a_segment(folder, events, dictionary=form == "segment", grams=form != "bare")


def holds(question: Question, event: Mapping[str, Any]) -> bool:
    visible = {name: value for name, value in event.items() if name not in {"event.ingested", "event.id"}}
    types = {**strategies.TYPES, "event.ingested": FieldType.DATE}
    kept = {**visible, "event.id": event["event.id"], "event.ingested": event["event.ingested"]}
    return question.window.holds(event["@timestamp"]) and naive.matches(
        question.query, kept, types, strategies.ZONE, question.now
    )


times = st.one_of(st.none(), strategies.instants)
questions = st.builds(
    lambda query, since, until: Question(query, Window(since, until), (), str(strategies.ZONE), strategies.NOW),
    strategies.queries,
    times,
    times,
)
everywhere = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None)


@everywhere
@given(kept=stored(), question=questions, descending=st.booleans(), limit=st.integers(1, 5))
def test_pages_give_what_matches_in_order(
    kept: list[tuple[str, list[dict[str, Any]]]], question: Question, descending: bool, limit: int
) -> None:
    every = [event for _form, events in kept for event in events if holds(question, event)]
    by_id = sorted(every, key=lambda event: event["event.id"])
    expected = sorted(by_id, key=lambda event: event["@timestamp"], reverse=descending)
    with TemporaryDirectory() as folder:
        units = list(units_of(Path(folder), kept))
        assert len(every) == search.count(units, question)
        found: list[Any] = []
        after = ""
        while True:
            page = search.search(units, question, Order(descending=descending), limit, after)
            found += page.events
            if not (after := page.after):
                break
        assert [event["event.id"] for event in expected] == [event.id for event in found]
        wholes = {event["event.id"]: event for event in every}
        for event in found:
            whole = {name: value for name, value in wholes[event.id].items() if value not in (None, [], {})}
            assert whole == event.fields
        assert {event.id: event for event in found} == search.get(units, [*wholes, "00", "no such id at all"])
        rows = [row for batch in search.read(units, question, ("event.id",)) for row in batch.to_pylist()]
        assert sorted(wholes) == sorted(row["event.id"] for row in rows)


def texts_of(event: Mapping[str, Any], field: str) -> set[str]:
    oracle = naive.Oracle(event, strategies.TYPES, True, strategies.ZONE, strategies.NOW)
    return {oracle.text(value, FieldType.KEYWORD if over else kind) for _c, kind, value, over in oracle.values(field)}


@everywhere
@given(kept=stored(), question=questions, field=st.sampled_from(FIELDS), limit=st.integers(1, 3))
def test_values_are_counted_as_they_are(
    kept: list[tuple[str, list[dict[str, Any]]]], question: Question, field: str, limit: int
) -> None:
    every = [event for _form, events in kept for event in events if holds(question, event)]
    counted = Counter(text for event in every for text in texts_of(event, field))
    bars = Counter(
        (event["@timestamp"] // HOUR * HOUR, text) for event in every for text in texts_of(event, field) or {""}
    )
    with TemporaryDirectory() as folder:
        units = list(units_of(Path(folder), kept))
        top = search.top(units, question, field, limit)
        assert tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:limit]) == top.values
        assert (len(counted), sum(not texts_of(event, field) for event in every)) == (top.distinct, top.missing)
        found = search.histogram(units, question, HOUR, field)
        assert bars == {(bar.begin, bar.value): bar.count for bar in found}
        uses = {use.name: use.events for use in search.fields(units, question)}
        expected = Counter(
            name
            for event in every
            for name in {*event, *(event.get("_overflow") or {})} - {"_overflow"}
            if texts_of(event, name)
        )
        assert expected == uses


def _sort_value(event: Mapping[str, Any], field: str, descending: bool) -> tuple[int, Any] | None:
    found = []
    oracle = naive.Oracle(event, strategies.TYPES, True, strategies.ZONE, strategies.NOW)
    for _column, kind, value, over in oracle.values(field):
        if over or kind is FieldType.KEYWORD:
            found.append((2, value))
        elif kind is FieldType.IP:
            found.append((1, int(ip_address(value)) + (0xFFFF << 32 if ip_address(value).version == 4 else 0)))
        else:
            found.append((0, int(value)))
    return (max if descending else min)(found) if found else None


@everywhere
@given(kept=stored(), field=st.sampled_from(FIELDS), descending=st.booleans(), limit=st.integers(1, 4), query=questions)
def test_events_are_sorted_by_any_field(
    kept: list[tuple[str, list[dict[str, Any]]]], field: str, descending: bool, limit: int, query: Question
) -> None:
    question = replace(query, window=Window())
    every = [event for _form, events in kept for event in events if holds(question, event)]
    every_id = sorted(event["event.id"] for event in every)
    values = {event["event.id"]: _sort_value(event, field, descending) for event in every}
    keys = {id_: value for id_, value in values.items() if value is not None}
    expected = sorted((id_ for id_ in every_id if id_ in keys), key=keys.__getitem__, reverse=descending)
    expected += [id_ for id_ in every_id if id_ not in keys]
    with TemporaryDirectory() as folder:
        units = list(units_of(Path(folder), kept))
        found: list[Any] = []
        after = ""
        while True:
            page = search.search(units, question, Order(field, descending), limit, after)
            found += [event.id for event in page.events]
            if not (after := page.after):
                break
    assert expected == found
