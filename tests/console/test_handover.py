"""The page for the next shift: what stands on it, and what is only counted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from sentinel import language
from sentinel.console.handover import handover_html, handover_lines, handover_markdown, sections
from sentinel.model.alert import Reason
from sentinel.triage.actions import Acknowledge, Close, Note, Pause
from sentinel.triage.handover import MOST, handover
from sentinel.triage.suppressions import Suppression
from tests.triage.builders import DUC, HOUR, LAN, NOW, a_desk, a_sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.triage.desk import Desk

GOLDEN = Path(__file__).parent / "golden"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SHIFT = 8 * HOUR


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = language.current()
    language.use("en")
    yield
    language.use(before)


def worked(folder: Path) -> Desk:
    """Build a desk at which a shift of two has worked."""
    desk = a_desk(folder, 1, 2, 3, 4)
    desk.take([a_sighting(8, user="user4"), a_sighting(9, user="user4", title="<b>|x|</b> @lan")], NOW)
    one, two, three = (desk.one(a_sighting(number).alert) for number in (1, 2, 3))
    desk.act(Close(Reason.BENIGN, "quét định kỳ của Sở"), [one], LAN, NOW + HOUR // 2)
    desk.act(Pause("chờ cơ quan trả lời"), [two], DUC, NOW + HOUR)
    desk.act(Acknowledge(), [three], LAN, NOW + HOUR)
    desk.act(Note("máy đã cô lập"), [three], LAN, NOW + HOUR)
    return desk


def test_the_page_is_as_it_was_agreed(tmp_path: Path) -> None:
    with worked(tmp_path) as desk:
        page = handover(desk, NOW - HOUR, NOW - HOUR + SHIFT)
    assert (GOLDEN / "handover-en.md").read_text(encoding="utf-8") == handover_markdown(page, ZONE)


def test_a_long_list_is_cut_and_names_the_command_that_gives_all(tmp_path: Path) -> None:
    with a_desk(tmp_path, *range(MOST + 312)) as desk:
        page = handover(desk, NOW - HOUR, NOW + HOUR // 2)
    first = sections(page, ZONE)[0]
    assert (MOST, "and 312 more: sentinel alerts list") == (len(first.rows), first.more)
    assert "and 312 more: sentinel alerts list" in handover_html(page, ZONE)


def test_a_story_of_the_shift_is_named_and_one_alert_is_none(tmp_path: Path) -> None:
    with worked(tmp_path) as desk:
        new = handover(desk, NOW - HOUR, NOW + HOUR).stories
        old = handover(desk, NOW + 1, NOW + HOUR).stories
    assert ([3], 0) == ([story.size for story in new.items], old.total)


def test_a_suppression_that_ends_soon_is_named(tmp_path: Path) -> None:
    with a_desk(tmp_path, 1) as desk:
        for host, days in (("pc1*", 1), ("pc2*", 30)):
            wanted = Suppression("", LAN.name, "bảo trì", NOW, NOW + days * 24 * HOUR, host=host)
            desk.suppress(wanted, LAN, NOW)
        page = handover(desk, NOW - HOUR, NOW + HOUR)
    assert [NOW + 24 * HOUR] == [each.until for each in page.expiring.items]


def test_a_close_that_was_taken_back_is_not_told_as_closed(tmp_path: Path) -> None:
    with a_desk(tmp_path, 1) as desk:
        alerts = [desk.one(a_sighting(1).alert)]
        desk.act(Close(Reason.BENIGN), alerts, LAN, NOW)
        desk.undo(alerts, LAN, NOW + 1)
        page = handover(desk, NOW - HOUR, NOW + HOUR)
    assert (0, 1) == (page.closed.total, page.open.total)


def test_a_queue_where_nothing_ever_was_gives_a_page_without_parts(tmp_path: Path) -> None:
    with a_desk(tmp_path) as desk:
        page = handover(desk, NOW - HOUR, NOW)
    assert [] == sections(page, ZONE)
    assert "open: 0, overdue: 0, came: 0, closed: 0" == list(handover_lines(page, ZONE, 80))[1].plain
