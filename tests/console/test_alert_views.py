"""What people see of the queue: golden text of the list, an alert, what was done, counts, the page of a shift."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel import language
from sentinel.console import alert_page
from sentinel.console.alert_stats import stats_lines, stories_table
from sentinel.console.alerts import alerts_table, foot
from sentinel.console.handover import handover_html, handover_lines
from sentinel.console.outcomes import outcome_lines
from sentinel.console.theme import console_for, put
from sentinel.console.times import zone_named
from sentinel.model.alert import OPEN, Reason, Wanted
from sentinel.model.severity import Level
from sentinel.model.window import Window
from sentinel.triage.actions import Acknowledge, Assign, Close, Note, Pause
from sentinel.triage.handover import handover
from sentinel.triage.process_tree import Process, ProcessTree
from sentinel.triage.suppressions import Suppression
from sentinel.triage.why import Met, Standing, Why
from tests.triage.builders import DUC, HOUR, LAN, MINUTE, NOW, a_desk, a_sighting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.text import Text

    from sentinel.triage.desk import Desk

GOLDEN = Path(__file__).parent / "golden"
ZONE = zone_named("Asia/Ho_Chi_Minh")
HOSTILE = "<b>|x|</b>\x1b[2J\u202e @lan"
END = NOW + 7 * HOUR
EVIDENCE = json.dumps({"process": {"command_line": HOSTILE, "pid": 4321}, "user": {"name": "Nguyễn Thị Đào"}}).encode()


@pytest.fixture(autouse=True)
def spoken() -> Iterator[None]:
    before = language.current()
    yield
    language.use(before)


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a desk at which a shift of two has worked, which strangers have written to."""
    with a_desk(tmp_path_factory.mktemp("desk"), 1, 2, 3, 4) as desk:
        desk.take([a_sighting(8, user="user4", level=Level.CRITICAL, rule="r2", title="Khoá tài khoản")], NOW)
        desk.take([a_sighting(9, user="user4", title=HOSTILE, rule="r3", evidence=EVIDENCE, platform="")], NOW)
        desk.take([a_sighting(9, user="user4", title=HOSTILE, rule="r3", event="again")], NOW + MINUTE)
        one, two, three, nine = (desk.one(a_sighting(number).alert) for number in (1, 2, 3, 4))
        desk.act(Close(Reason.BENIGN, "quét định kỳ của Sở"), [one], LAN, NOW + HOUR // 2)
        desk.act(Pause("chờ cơ quan trả lời"), [two], DUC, NOW + HOUR)
        desk.act(Acknowledge(), [three], LAN, NOW + HOUR)
        desk.act(Note("máy đã cô lập"), [three], LAN, NOW + HOUR)
        desk.act(Assign(DUC.name), [nine], LAN, NOW + HOUR)
        desk.suppress(Suppression("", LAN.name, "bảo trì", END, END + 30 * 24 * HOUR, host="scan-*"), LAN, END)
        yield desk


def a_list(desk: Desk, width: int) -> Iterable[Text | str]:
    page = desk.page(Wanted(states=OPEN), 4)
    return [*alerts_table(page.alerts, ZONE, width, END), "", *foot(page, desk.suppressions(), ZONE.key)]


def a_page(desk: Desk, width: int) -> Iterable[Text]:
    alert = desk.one(a_sighting(9, user="user4", rule="r3").alert)
    others = [each for each in desk.every(Wanted(story=alert.story)) if each.id != alert.id]
    met = (Met("process.command_line", "contains whoami", (HOSTILE,)),)
    here = Process("", "4321", "C:\\cmd.exe", HOSTILE, "Đào", NOW, is_alert=True, more=True)
    yield from alert_page.head_lines(alert, desk.explained(alert), ZONE, width)
    yield from alert_page.story_lines(alert, others, ZONE, width)
    yield from alert_page.why_lines(Why(Standing.CHANGED, "rules/một.yml", ("process.command_line",), met), width)
    yield from alert_page.evidence_lines(EVIDENCE, width, ["process.command_line"])
    yield from alert_page.tree_lines(ProcessTree((Process("", "1", "C:\\explorer.exe"),), here), ZONE, width)
    yield from alert_page.history_lines(desk.history(alert), ZONE, width)


def the_outcomes(desk: Desk, _width: int) -> Iterable[Text]:
    some = [desk.one(a_sighting(number).alert) for number in (1, 2, 3)]
    yield from outcome_lines("undo", desk.undoing(some, LAN), ZONE, dry=True)
    yield from outcome_lines("undo", desk.undoing(some[:1], LAN), ZONE, dry=False)


def the_stories(desk: Desk, width: int) -> Iterable[Text]:
    return stories_table(desk.stories(10)[0], ZONE, width)


VIEWS: dict[str, Callable[[Desk, int], Iterable[Text | str]]] = {
    "list": a_list,
    "page": a_page,
    "outcomes": the_outcomes,
    "stories": the_stories,
    "stats": lambda desk, width: stats_lines(desk.stats(Window(), END), width, 3),
    "handover": lambda desk, width: handover_lines(handover(desk, NOW - HOUR, END), ZONE, width),
}


def is_as_it_was_looked_at(name: str, told: str) -> bool:
    path = GOLDEN / name
    if os.environ.get("REWRITE_GOLDEN"):  # look at every change before it is committed
        path.write_text(told, encoding="utf-8")
    return path.read_text(encoding="utf-8") == told


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("code", ["en", "vi"])
@pytest.mark.parametrize("name", VIEWS)
def test_what_is_shown_is_as_it_was_looked_at(
    worked: Desk, name: str, code: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    language.use(code)
    out = io.StringIO()
    put(console_for(out, "never"), *VIEWS[name](worked, width))
    assert is_as_it_was_looked_at(f"alerts-{name}-{code}-{width}.txt", out.getvalue())
    assert all(line.isprintable() for line in out.getvalue().splitlines())
    assert "Project-Id" not in out.getvalue()  # what a catalogue gives for an empty text


@pytest.mark.parametrize("code", ["en", "vi"])
def test_the_page_of_html_is_as_it_was_looked_at(worked: Desk, code: str) -> None:
    language.use(code)
    page = handover_html(handover(worked, NOW - HOUR, END), ZONE)
    assert is_as_it_was_looked_at(f"alerts-handover-{code}.html", page[page.index("<body>") : page.index("<footer>")])
