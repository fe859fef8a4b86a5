"""The triage screen, as somebody works at it."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import TYPE_CHECKING

from sentinel import language
from sentinel.console.screen.pane import Pane
from sentinel.errors import Refused
from sentinel.model.alert import OPEN, Reason, State, Wanted
from sentinel.model.severity import Level
from sentinel.triage.actions import Acknowledge, Close
from sentinel.triage.desk import Desk
from tests.console.screen.a_sitting import HOA, NOW, OFTEN, a_shift, a_sighting, play, sitting, take

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.model.alert import Alert


def alerts(folder: Path, wanted: Wanted | None = None) -> dict[str, Alert]:
    with Desk(folder) as desk:
        return {alert.title: alert for alert in desk.every(wanted or Wanted())}


def test_the_queue_shows_the_highest_rank_first_with_level_host_and_state(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(1, level=Level.LOW), a_sighting(2, level=Level.CRITICAL)])

    async def scene() -> None:
        async with sitting(shift) as at:
            assert ["›", "80", "critical", "Alert", "2"] == at.line.split()[:5]
            assert "pc2.gov.ex" in at.line
            assert at.line.split()[-1] == "new"
            assert "low" in at.shown.splitlines()[3]
            assert at.shown.startswith("Queue: 2 · all that are open")

    play(scene)


def test_from_opening_an_alert_to_closing_it_takes_four_keys(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(1), a_sighting(2)])
    keys = ("enter", "c", "f", "enter")

    async def scene() -> None:
        async with sitting(shift) as at:
            for key in keys:
                await at.press(key)

    play(scene)
    assert len(keys) <= 6
    closed = alerts(tmp_path, Wanted(states=frozenset({State.CLOSED})))
    assert [Reason.FALSE_POSITIVE] == [alert.reason for alert in closed.values()]


def test_what_is_written_with_a_reason_is_kept(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(1)])

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("c", "t")
            await at.write("đã cách ly máy")
            await at.press("enter")
            await at.until(lambda: "Queue: 0" in at.shown)

    play(scene)
    with Desk(tmp_path) as desk:
        [alert] = desk.every(Wanted())
        assert "đã cách ly máy" == getattr(desk.history(alert)[-1].happened, "text", "")


def test_a_reason_to_close_is_mandatory(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(1)])

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("c")
            assert "false positive" in at.shown
            await at.press("escape")

    play(scene)
    assert State.NEW == alerts(tmp_path)["Alert 1"].state


def test_an_action_to_what_is_marked_asks_and_tells_each_result(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(number) for number in range(1, 6)])

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("space", "space", "a")
            assert "Acknowledge: 2 alerts?" in at.shown
            await at.press("enter")
            assert "Acknowledge: 2 done, 0 not" in at.shown
            assert 2 == at.shown.count("  done")
            await at.press("escape")

    play(scene)
    assert 2 == len(alerts(tmp_path, Wanted(states=frozenset({State.ACKNOWLEDGED}))))


def test_an_action_to_many_can_be_left(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(number) for number in range(1, 6)])

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("asterisk", "a", "escape")
            assert "5 marked" in at.shown

    play(scene)
    assert 5 == len(alerts(tmp_path, Wanted(states=frozenset({State.NEW}))))


def test_everything_that_the_filter_lets_through_can_be_marked_and_closed(tmp_path: Path) -> None:
    low = [a_sighting(number, level=Level.LOW) for number in range(1, 301)]
    shift = a_shift(tmp_path, [*low, a_sighting(400)], line="rule=Alert")

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("slash", *["backspace"] * len("Alert"))
            await at.write("rule-1")
            await at.press("enter")
            await at.until(lambda: "Queue: 1 " in at.shown)
            await at.press("slash", *["backspace"] * len("rule=rule-1"))
            await at.write("platform=portal")
            await at.press("enter", "space", "asterisk", "c", "b", "enter")
            assert "Close as benign: 301 alerts?" in at.shown
            await at.press("enter")
            assert "Close as benign: 301 done, 0 not" in at.shown
            await at.until(lambda: "Queue: 0" in at.shown)

    play(scene)


def test_what_was_done_can_be_taken_back(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(1), a_sighting(2)])

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("c", "b", "enter")
            await at.until(lambda: "Queue: 1" in at.shown)
            await at.press("u")
            await at.until(lambda: "Queue: 2" in at.shown)

    play(scene)
    assert {State.NEW} == {alert.state for alert in alerts(tmp_path).values()}


def test_who_comes_second_is_told_what_happened_and_loses_no_word(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(1)])

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("c", "t")
            with Desk(tmp_path, write=True) as desk:
                desk.act(Close(Reason.BENIGN, "a drill"), desk.every(Wanted()), HOA, NOW)
            await at.write("an intruder")
            await at.press("enter")
            assert "others changed it meanwhile" in at.shown
            assert "closed as benign: a drill by hoa" in " ".join(at.shown.replace("│", " ").split())
            assert "kept as a note" in " ".join(at.shown.replace("│", " ").split())

    play(scene)
    with Desk(tmp_path) as desk:
        [alert] = desk.every(Wanted())
        assert Reason.BENIGN is alert.reason
        assert "an intruder" == getattr(desk.history(alert)[-1].happened, "text", "")


def test_the_filter_has_the_words_of_the_options(tmp_path: Path) -> None:
    sightings = [a_sighting(1, level=Level.LOW), a_sighting(2, host="web.gov.example"), a_sighting(3)]
    shift = a_shift(tmp_path, sightings)

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("slash")
            await at.write("level=high host=web*")
            await at.press("enter")
            await at.until(lambda: "Queue: 1 · level=high host=web*" in at.shown)
            assert "Alert 2" in at.line

    play(scene)


def test_a_bad_filter_is_told_and_can_be_mended(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(1), a_sighting(2, level=Level.LOW)])

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("slash")
            await at.write("level=hig")
            await at.press("enter")
            assert "must be one of" in at.shown
            await at.press("h", "enter")
            await at.until(lambda: "Queue: 1 · level=high" in at.shown)

    play(scene)


def test_a_story_opens_into_its_alerts_and_escape_leads_back(tmp_path: Path) -> None:
    same = [a_sighting(number, peer="203.0.113.9", rule=f"rule-{number}") for number in range(1, 4)]
    shift = a_shift(tmp_path, [*same, a_sighting(9)])

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("v")
            assert "Stories: 2" in at.shown
            await at.press(*(() if "3/3" in at.line else ("down",)), "enter")
            assert "Story" in at.shown.splitlines()[0]
            assert 3 == sum("Alert" in line for line in at.shown.splitlines())
            await at.press("escape")
            assert "Stories: 2" in at.shown

    play(scene)


def test_new_alerts_come_in_and_the_cursor_stays_on_its_alert(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(number, level=Level.MEDIUM) for number in range(1, 4)])

    async def scene() -> None:
        async with sitting(shift, tick=OFTEN) as at:
            await at.press("down")
            before = at.line
            await at.until(lambda: at.app.has_watched)
            take(tmp_path, [a_sighting(9, level=Level.CRITICAL)])
            await at.until(lambda: "Queue: 4" in at.shown)
            await at.settle()
            assert before == at.line
            assert "1 new alert" in at.shown

    play(scene)


def test_what_a_colleague_does_is_seen(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(1), a_sighting(2)])

    async def scene() -> None:
        async with sitting(shift, tick=OFTEN) as at:
            await at.until(lambda: at.app.has_watched)
            with Desk(tmp_path, write=True) as desk:
                desk.act(Acknowledge(), desk.every(Wanted(text="2")), HOA, NOW)
            await at.until(lambda: " ack" in at.shown.splitlines()[2] + at.shown.splitlines()[3])
            assert "by hoa" in at.shown

    play(scene)


def test_what_a_stranger_wrote_does_nothing_to_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b[2J[bold red]\x07\u202egnp.exe[/] [@click=app.exit]x[/]"
    sighting = replace(a_sighting(1), title=evil, detail=evil, host="h\x1b[31m")
    shift = a_shift(tmp_path, [sighting])

    async def scene() -> None:
        async with sitting(shift, (160, 40)) as at:
            await at.press("enter", "n")
            await at.settle()
            svg = at.app.export_screenshot()
            assert r"\x1b[2J[bold red]\x07\u202egnp.exe[/]" in at.shown
            assert not {"\x1b", "\x07", "\u202e"} & set(svg)

    play(scene)


def test_the_screen_suits_windows_of_all_sizes(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(number) for number in range(1, 60)])

    async def scene() -> None:
        async with sitting(shift, (200, 50)) as at:
            assert "What matched" in at.shown
            await at.pilot.resize_terminal(80, 24)
            await at.settle()
            assert "What matched" not in at.shown
            assert max(map(len, at.shown.splitlines())) <= 80
            await at.press("end")
            assert at.line
            await at.pilot.resize_terminal(40, 10)
            await at.settle()
            assert at.line
            assert "? help" in at.shown.splitlines()[-1]

    play(scene)


def test_who_runs_down_the_list_sees_the_alert_that_they_stop_at(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(number) for number in range(1, 9)])

    async def scene() -> None:
        async with sitting(shift, (200, 50)) as at:
            await at.write("jjjjj")
            title = " ".join(at.line.split()[3:5])
            assert title in at.app.query_one(Pane).plain
            at.app.query_one(Pane).look(at.app.current, stay=False)
            at.app.query_one(Pane).look(at.app.current, stay=False)

    play(scene)
    gc.collect()  # a question that was given up before it was begun would be warned of now


def test_the_screen_speaks_vietnamese(tmp_path: Path) -> None:
    language.use("vi")
    shift = a_shift(tmp_path, [a_sighting(1, title="Đăng nhập thất bại nhiều lần", user="Nguyễn Thị Lan")])

    async def scene() -> None:
        async with sitting(shift) as at:
            assert "Đăng nhập thất bại" in at.line
            assert "cao" in at.line

    play(scene)


def test_who_may_not_act_may_read_and_is_told(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(1)], acting=Refused("the user 'x' is nobody who may act", hint="ask"))

    async def scene() -> None:
        async with sitting(shift) as at:
            assert "read only" in at.shown
            await at.press("a")
            assert "nobody who may act" in at.shown

    play(scene)
    assert State.NEW == alerts(tmp_path)["Alert 1"].state


def test_a_suppression_needs_a_reason_and_holds_back_what_is_like_it(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(1), a_sighting(2)])

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("s", "ctrl+s")
            assert "a reason is needed" in at.shown
            await at.write("scanner of our own")
            await at.press("ctrl+s")
            await at.until(lambda: "Queue: 1" in at.shown)
            assert "Suppressed" in at.shown

    play(scene)
    assert 1 == len(alerts(tmp_path, Wanted(states=frozenset({State.SUPPRESSED}))))


def test_clocks_stand_for_a_reason_and_run_again(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(1)])

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("p", "enter")
            assert "a reason is needed" in at.shown
            await at.write("waiting for the vendor")
            await at.press("enter")
            assert "paused" in at.line
            await at.press("r")
            assert "paused" not in at.line

    play(scene)


def test_assigning_notes_and_reopening_are_in_the_history(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(1)], line="all")

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("t", "n")
            await at.write("asked the owner")
            await at.press("enter", "T")
            await at.write("hoa")
            await at.press("enter", "c", "b", "enter", "o", "enter")

    play(scene)
    with Desk(tmp_path) as desk:
        [alert] = desk.every(Wanted())
        kinds = [type(each.happened).__name__ for each in desk.history(alert)]
        assert ["Raised", "Assigned", "Noted", "Assigned", "Closed", "Reopened"] == kinds
        assert ("hoa", True) == (alert.assignee, alert.state in OPEN)


def test_help_names_every_key(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(1)])

    async def scene() -> None:
        async with sitting(shift, (100, 40)) as at:
            await at.press("question_mark")
            assert "take back what I did last" in at.shown
            await at.press("escape")
            assert "take back what I did last" not in at.shown

    play(scene)


def test_an_empty_store_is_an_empty_queue_until_something_comes(tmp_path: Path) -> None:
    shift = a_shift(tmp_path)

    async def scene() -> None:
        async with sitting(shift, tick=OFTEN) as at:
            await at.until(lambda: "Queue: 0" in at.shown)
            await at.until(lambda: at.app.has_watched)
            take(tmp_path, [a_sighting(1)])
            await at.until(lambda: "Queue: 1" in at.shown)

    play(scene)
