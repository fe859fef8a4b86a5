"""A list of any length, of which only what is looked at is there."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from sentinel.console.screen.leaves import LEAF, Leaves, asked
from sentinel.console.screen.listings import Alerts, Stories
from sentinel.model.alert import OPEN, Order, Reason, Wanted
from sentinel.model.severity import Level
from sentinel.triage.actions import Close
from sentinel.triage.desk import Desk
from tests.console.screen.a_sitting import LAN, NOW, a_sighting, take

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sentinel.model.alert import Alert

QUEUE = Wanted(states=OPEN)


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("thousand")
    take(folder, [a_sighting(number, level=Level.LOW) for number in range(1, 1001)])
    return folder


@pytest.fixture
def desk(thousand: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(thousand, tmp_path, dirs_exist_ok=True)
    with Desk(tmp_path, write=True) as opened:
        yield opened


def look(leaves: Leaves[Alert], desk: Desk, first: int, last: int) -> int:
    """Ask for the rows from the first to the last, and tell how many questions it took."""
    questions = 0
    while (leaf := leaves.wanting(first, last)) is not None:
        leaves.put(leaf, asked(desk, leaves.listing, leaves.asking(leaf)), near=first)
        questions += 1
    return questions


def titles(leaves: Leaves[Alert]) -> list[str]:
    return [alert.title for row in range(leaves.rows) if (alert := leaves.at(row)) is not None]


def test_no_more_is_asked_for_than_what_is_looked_at(desk: Desk) -> None:
    leaves = Leaves(Alerts(QUEUE))
    assert 1 == look(leaves, desk, 0, 20)
    assert (LEAF, 1000) == (leaves.rows, leaves.total)
    assert 0 == look(leaves, desk, 100, 150)


@pytest.mark.parametrize("order", Order)
def test_every_row_is_met_once_and_in_order(desk: Desk, order: Order) -> None:
    wanted = Wanted(order=order)
    leaves = Leaves(Alerts(wanted))
    look(leaves, desk, 0, 5000)
    assert [alert.title for alert in desk.page(wanted, 1000).alerts] == titles(leaves)
    keys = [leaves.listing.key(alert) for row in range(1000) if (alert := leaves.at(row)) is not None]
    assert sorted(keys) == keys


def test_who_looks_further_down_stays_there_when_more_comes_in_above(desk: Desk, tmp_path: Path) -> None:
    leaves = Leaves(Alerts(QUEUE))
    look(leaves, desk, 0, 700)
    here = leaves.at(650)
    assert here is not None
    take(tmp_path, [a_sighting(number, level=Level.CRITICAL) for number in range(2001, 2301)])
    leaves.grow_stale()
    look(leaves, desk, 640, 660)
    assert 650 == leaves.place_of(here.id)
    look(leaves, desk, 0, 5000)
    assert 950 == leaves.place_of(here.id)
    assert [alert.title for alert in desk.page(QUEUE, 2000).alerts] == titles(leaves)


def test_what_is_gone_leaves_no_gap(desk: Desk) -> None:
    leaves = Leaves(Alerts(QUEUE))
    look(leaves, desk, 0, 5000)
    gone = [alert for row in range(150, 450) if (alert := leaves.at(row)) is not None]
    desk.act(Close(Reason.BENIGN), gone, LAN, NOW)
    leaves.grow_stale()
    look(leaves, desk, 0, 5000)
    assert [alert.title for alert in desk.page(QUEUE, 1000).alerts] == titles(leaves)


def test_an_empty_list_has_no_rows(tmp_path: Path) -> None:
    leaves = Leaves(Alerts(QUEUE))
    with Desk(tmp_path) as desk:
        look(leaves, desk, 0, 20)
    assert (0, None) == (leaves.rows, leaves.at(0))


def test_stories_are_met_once(desk: Desk) -> None:
    leaves = Leaves(Stories())
    questions = 0
    while (leaf := leaves.wanting(0, 5000)) is not None:
        leaves.put(leaf, asked(desk, leaves.listing, leaves.asking(leaf)))
        questions += 1
    found = desk.stories(5000)[0]
    assert [story.id for story in found] == [story.id for story in leaves.loaded()]
    assert questions > 1


def test_rows_that_are_far_away_are_let_go_and_asked_for_again(desk: Desk, tmp_path: Path) -> None:
    take(tmp_path, [a_sighting(number, level=Level.LOW) for number in range(1001, 9001)])
    leaves = Leaves(Alerts(QUEUE))
    for row in range(0, 9000, 100):
        look(leaves, desk, row, row + 100)
    assert (9000, 8000) == (leaves.rows, len(leaves.loaded()))
    assert (None, True) == (leaves.at(0), leaves.at(8999) is not None)
    assert 1 == look(leaves, desk, 0, 100)
    assert leaves.at(0) is not None
