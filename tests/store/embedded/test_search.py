"""Pages, names and values of an attacker's, errors, and what is told beside a segment."""

from __future__ import annotations

import time
from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.errors import Damaged, InputError, StoreError
from sentinel.model.window import Window
from sentinel.store.base import Order, Question
from sentinel.store.embedded import search
from sentinel.store.query.tree import Contains, Equals, Everything, Exists, Like, Matches, Node, Not, Or, Query, Within
from tests.store.batches import BEGIN, SECOND, an_event
from tests.store.embedded.units import a_journal, a_segment

if TYPE_CHECKING:
    from pathlib import Path

ALWAYS = Window()
HOSTILE = (
    "'; drop table e; --",
    '"quoted"',
    "a\x00b",
    "line\nbreak",
    "%_\\*?",
    "$1 {x} ?",
    "[/etc/passwd]",
    "\u202eright to left",
    "x" * 5000,
)


def events_of(number: int, **fields: object) -> list[dict[str, Any]]:
    return [{**an_event(each), "event.ingested": BEGIN + each, **fields} for each in range(number)]


def ask(node: Node, window: Window = ALWAYS, now: int = 0) -> Question:
    return Question(Query(node), window, now=now)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kept", ["segment", "journal"])
def test_names_and_values_of_an_attacker_are_only_that(tmp_path: Path, name: str, kept: str) -> None:
    events = events_of(3)
    events[1] |= {name: "plain", "user.name": name}
    units = [a_segment(tmp_path, events) if kept == "segment" else a_journal(events)]
    for node in (
        Equals(name, "plain"),
        Exists(name),
        Equals("user.name", name),
        Contains("", name),
        Like(name, "pl*n"),
    ):
        assert [events[1]["event.id"]] == [event.id for event in search.search(units, ask(node), Order(name), 5).events]
    assert ((("plain", 1),), 1, 2) == (
        (top := search.top(units, ask(Everything()), name, 5)).values,
        top.distinct,
        top.missing,
    )
    assert {"", "plain"} == {bar.value for bar in search.histogram(units, ask(Everything()), SECOND, name)}
    assert events[1][name] == search.get(units, [events[1]["event.id"]])[events[1]["event.id"]].fields[name]


@pytest.mark.parametrize("after", ["no page gave this", "é", "%", "AAAA", "A" * 10_000_000])
def test_a_page_that_nobody_gave_is_refused(after: str) -> None:
    with pytest.raises(StoreError):
        search.search([a_journal(events_of(3))], ask(Everything()), Order(), 1, after)


def test_a_page_of_another_question_is_refused() -> None:
    units = [a_journal(events_of(5))]
    first = ask(Everything(), window=Window(BEGIN, None))
    after = search.search(units, first, Order(), 2).after
    assert 2 == len(search.search(units, first, Order(), 2, after).events)
    others = (
        (ask(Exists("event.id"), window=first.window), Order()),
        (replace(first, query=Query(accents=False)), Order()),
        (replace(first, datasets=("test.log",)), Order()),
        (replace(first, window=Window()), Order()),
        (replace(first, window=Window(BEGIN, BEGIN + SECOND)), Order()),
        (first, Order(descending=False)),
        (first, Order("user.name")),
    )
    for question, order in others:
        with pytest.raises(StoreError):
            search.search(units, question, order, 2, after)
    changed = after[:20] + ("A" if after[20] != "A" else "B") + after[21:]
    with pytest.raises(StoreError):
        search.search(units, first, Order(), 2, changed)


def test_a_window_that_moves_with_the_present_stays_that_of_the_first_page() -> None:
    units = [a_journal(events_of(6))]
    first = ask(Everything(), window=Window(BEGIN, None), now=BEGIN + 60 * SECOND)
    page = search.search(units, first, Order(descending=False), 4)
    later = replace(first, window=Window(BEGIN + 5 * SECOND, None), now=BEGIN + 65 * SECOND)
    rest = search.search(units, later, Order(descending=False), 4, page.after)
    assert [event["event.id"] for event in events_of(6)] == [event.id for event in (*page.events, *rest.events)]


@pytest.mark.parametrize("field", ["@timestamp", "user.name"])
def test_what_is_taken_in_between_two_pages_is_not_on_the_second(field: str) -> None:
    events = events_of(6, **{"user.name": "lan"})
    page = search.search([a_journal(events[:4])], ask(Everything()), Order(field, descending=False), 2)
    events[4]["event.ingested"] = time.time_ns() + 3600 * SECOND
    rest = search.search([a_journal(events[:5])], ask(Everything()), Order(field, descending=False), 9, page.after)
    assert sorted(event["event.id"] for event in events[:4]) == sorted(e.id for e in (*page.events, *rest.events))


def test_an_expression_that_cannot_be_compiled_names_itself() -> None:
    with pytest.raises(InputError, match=r"/a\(b/: the regular expression cannot be used"):
        search.count([a_journal(events_of(1, **{"user.name": "x"}))], ask(Matches("user.name", "a(b")))


@pytest.mark.parametrize("expression", ["(a+)+", "(a|aa)*c", "(.*)*x", "([a-z]+)*[0-9]"])
def test_no_expression_hangs(expression: str) -> None:
    units = [a_journal(events_of(3, **{"user.name": "a" * 50_000 + "!"}))]
    begun = time.process_time()
    assert 0 == search.count(units, ask(Matches("user.name", expression)))
    assert time.process_time() - begun < 5


def test_a_segment_that_cannot_be_read_is_damaged(tmp_path: Path) -> None:
    unit = a_segment(tmp_path, events_of(9, **{"user.name": "x"}), grams=False)
    content = (tmp_path / "0.parquet").read_bytes()
    (tmp_path / "0.parquet").write_bytes(content[:-100])
    with pytest.raises(Damaged):
        search.count([unit], ask(Equals("user.name", "x")))
    (tmp_path / "0.parquet").unlink()
    with pytest.raises(Damaged, match="the segment is gone"):
        search.count([unit], ask(Equals("user.name", "x")))


@pytest.mark.parametrize("keep", [0, 5, 40, 60, -1])
def test_without_the_file_beside_it_a_segment_is_read(tmp_path: Path, keep: int) -> None:
    unit = a_segment(tmp_path, events_of(9, **{"user.name": "Đỗ Thị Lan"}))
    grams = tmp_path / "0.grams"
    grams.write_bytes(grams.read_bytes()[:keep])
    assert 9 == search.count([unit], ask(Contains("", "thị LAN")))
    assert 0 == search.count([unit], ask(Contains("", "nobody")))


def test_what_is_ruled_out_is_not_read(tmp_path: Path) -> None:
    unit = a_segment(tmp_path, events_of(9, **{"user.name": "lan", "source.ip": "192.0.2.1", "source.port": 443}))
    (tmp_path / "0.parquet").unlink()
    for node in (
        Contains("", "mimikatz"),
        Equals("source.ip", "192.0.2.77"),
        Equals("user.name", "la"),
        Within("source.ip", ip_network("198.51.100.0/24")),
        Matches("user.name", ".*power.*"),
        Like("user.name", "l*zzz*"),
        Contains("source.port", "4443"),
    ):
        assert 0 == search.count([unit], ask(node)), node


def test_every_value_of_an_address_is_one(tmp_path: Path) -> None:
    addresses = ["10.0.0.1", "::ffff:a00:1", "::ffff:10.0.0.1", "10.0.0.2", "fe80::1%eth0", "not one", "10.0.0.01"]
    events = [{**event, "nginx.access.peer": text} for event, text in zip(events_of(7), addresses, strict=True)]
    units = [a_segment(tmp_path, events)]
    assert 3 == search.count(units, ask(Within("nginx.access.peer", ip_network("10.0.0.1/32"))))
    assert 4 == search.count(units, ask(Within("nginx.access.peer", ip_network("10.0.0.0/15"))))
    assert 1 == search.count(units, ask(Within("nginx.access.peer", ip_network("fe80::/10"))))
    assert 5 == search.count(units, ask(Within("nginx.access.peer", ip_network("::/0"))))


def test_many_groups_are_read_as_one(tmp_path: Path) -> None:
    events = [{**event, "user.name": f"u{number % 7}"} for number, event in enumerate(events_of(500))]
    units = [a_segment(tmp_path, events[:300], rows=11), a_journal(events[300:])]
    node = Or((Equals("user.name", "u3"), Not(Exists("user.name"))))
    expected = [event["event.id"] for event in events if event["user.name"] == "u3"]
    assert expected[::-1][:20] == [event.id for event in search.search(units, ask(node), Order(), 20).events]
    assert expected == [event.id for event in search.search(units, ask(node), Order(descending=False), 500).events]
    assert len(expected) == search.count(units, ask(node))
    bars = search.histogram(units, ask(node), 100 * SECOND)
    assert [sum(7 * n + 3 < 500 and 100 * b <= 7 * n + 3 < 100 * b + 100 for n in range(72)) for b in range(5)] == [
        bar.count for bar in bars
    ]
