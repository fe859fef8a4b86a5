"""What is kept of files between questions, and for how long."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sentinel.model.window import Window
from sentinel.store.base import Question
from sentinel.store.embedded import footers, search
from sentinel.store.embedded.kept import Kept
from sentinel.store.embedded.store import open_store
from sentinel.store.query.tree import Equals, Everything, Query
from tests.store.batches import BEGIN, SECOND, a_batch_of, an_event, put
from tests.store.embedded.units import a_segment

ALL = Question(Query(Everything()), Window())


def a_file(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_what_was_learned_of_a_file_is_given_until_the_file_is_another(tmp_path: Path) -> None:
    kept = Kept[str](10, len)
    path = a_file(tmp_path / "a", "one")
    before = (tmp_path / "a").stat()
    kept.put(path, before, "learned")
    assert "learned" == kept.get(path, (tmp_path / "a").stat())
    Path(a_file(tmp_path / "b", "two")).replace(tmp_path / "a")
    assert kept.get(path, (tmp_path / "a").stat()) is None


def test_what_was_not_asked_for_longest_goes_first(tmp_path: Path) -> None:
    kept = Kept[str](6, len)
    status = Path(a_file(tmp_path / "a", "")).stat()
    for name in ("one", "two"):
        kept.put(name, status, name)
    assert "one" == kept.get("one", status)
    kept.put("new", status, "new")
    assert ["one", None, "new"] == [kept.get(name, status) for name in ("one", "two", "new")]


def test_what_is_too_large_is_not_kept(tmp_path: Path) -> None:
    kept = Kept[str](6, len)
    status = Path(a_file(tmp_path / "a", "")).stat()
    kept.put("a", status, "seven..")
    assert kept.get("a", status) is None
    kept.put("a", status, "six...")
    assert "six..." == kept.get("a", status)


def test_a_segment_in_the_place_of_another_is_read_anew(tmp_path: Path) -> None:
    events = [{**an_event(number), "event.ingested": BEGIN, "user.name": "an"} for number in range(7)]
    unit = a_segment(tmp_path, events, grams=False)
    assert 7 == search.count([unit], Question(Query(Equals("user.name", "an")), Window()))
    made = a_segment(tmp_path, [{**event, "user.name": "binh"} for event in events], rows=2, grams=False)
    other = replace(made, path=unit.path)
    Path(made.path).replace(other.path)
    assert 7 == search.count([other], Question(Query(Equals("user.name", "binh")), Window()))
    assert (2, 2, 2, 1) == footers.footer(other.path).rows


def test_a_footer_tells_the_times_of_groups_and_which_columns_have_dictionaries(tmp_path: Path) -> None:
    events = [{**an_event(number), "event.ingested": BEGIN, "user.name": "an"} for number in range(5)]
    found = footers.footer(a_segment(tmp_path, events, rows=3).path)
    assert ((BEGIN, BEGIN + 2 * SECOND), (BEGIN + 3 * SECOND, BEGIN + 4 * SECOND)) == found.spans
    assert "user.name" in found.distinct


def test_journals_are_read_once_and_what_comes_later_is_seen(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    put(store, a_batch_of(an_event(1)))
    with store.snapshot() as first:
        assert 1 == first.count(ALL)
        put(store, a_batch_of(an_event(2)))
        with store.snapshot() as second:
            assert 2 == second.count(ALL)
            (before,), (after,) = first.units(Window()), second.units(Window())
            assert (1, 2) == (before.rows, after.rows)
        with store.snapshot() as third:
            assert third.units(Window())[0] is after
    store.close()
