"""The queue: raised once, counted, listed in pages, worked down, and found out where anybody changed it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import Damaged, InputError, Refused, StoreError
from sentinel.model.alert import OPEN, Order, Reason, State, Wanted
from sentinel.model.severity import Level
from sentinel.model.window import Window
from sentinel.store.histories import NAME
from sentinel.triage.actions import Acknowledge, Assign, Close, Note, Pause, Reopen, Resume
from sentinel.triage.checking import check
from sentinel.triage.desk import Desk
from sentinel.triage.entries import Closed, Noted, SeenAgain
from sentinel.triage.policy import Policy
from sentinel.triage.suppressions import Suppression
from tests.triage.builders import DUC, HOUR, LAN, MINUTE, NOW, SECOND, VIEWER, a_desk, a_sighting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sentinel.people.acting import Acting
    from sentinel.triage.actions import Action

LATER = NOW + MINUTE


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_desk(tmp_path) as opened:
        yield opened
        check(opened.file)


def titles(desk: Desk, wanted: Wanted) -> list[str]:
    return [alert.host.split(".")[0] for alert in desk.page(wanted, 100).alerts]


def test_hits_with_one_fingerprint_are_one_alert_that_counts_them(desk: Desk) -> None:
    raised = desk.take([a_sighting(1), a_sighting(1, event="b", time=NOW), a_sighting(2)], NOW)
    assert (2, 3) == (len(raised.new), raised.sightings)
    again = desk.take([a_sighting(1), a_sighting(1, event="c", time=NOW - 5 * HOUR)], LATER)
    assert ((), 1) == (again.new, again.sightings)
    alert = desk.one(a_sighting(1).alert)
    assert (3, NOW - 5 * HOUR, NOW) == (alert.count, alert.first, alert.last)
    assert ["event-1", "b", "c"] == [each.group for each in desk.sightings(alert, 9)]
    assert b'{"event":{"code":"1"},"message":"1"}' == desk.sightings(alert)[0].evidence


def test_evidence_is_kept_of_the_first_hits_and_every_hit_is_counted(desk: Desk) -> None:
    desk.take([a_sighting(1, event=f"e{n}") for n in range(150)], NOW)
    alert = desk.one(a_sighting(1).alert)
    kept = [bool(each.evidence) for each in desk.sightings(alert, 1000)]
    assert (150, 100, 150) == (alert.count, sum(kept), len(kept))


def test_what_comes_first_is_what_matters_most(desk: Desk) -> None:
    desk.take(
        [
            a_sighting(1, level=Level.MEDIUM, importance=5),
            a_sighting(2, level=Level.CRITICAL, importance=5, rule="r2"),
            a_sighting(3, level=Level.CRITICAL, importance=0, rule="r3"),
            a_sighting(4, level=Level.LOW, importance=1, rule="r4"),
        ],
        NOW,
    )
    assert ["pc2", "pc3", "pc1", "pc4"] == titles(desk, Wanted())
    assert [100, 40, 40, 4] == sorted((alert.rank for alert in desk.page(Wanted(), 9).alerts), reverse=True)


def test_a_rule_that_hits_often_sinks_with_all_its_alerts(desk: Desk) -> None:
    desk.take([a_sighting(1)], NOW)
    before = desk.one(a_sighting(1).alert).rank
    desk.take([a_sighting(n) for n in range(2, 13)], NOW)
    alert = desk.one(a_sighting(1).alert)
    assert (56, 34) == (before, alert.rank)
    assert (0.6, 12) == (desk.explained(alert).rarity, desk.explained(alert).alerts)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), ["pc3", "pc2", "pc1"]),
        (Wanted(level=Level.CRITICAL), ["pc3"]),
        (Wanted(rule="R2"), ["pc3"]),
        (Wanted(rule="title OF r1"), ["pc2", "pc1"]),
        (Wanted(rule="%"), []),
        (Wanted(host="PC2.gov.example"), ["pc2"]),
        (Wanted(host="pc*"), ["pc3", "pc2", "pc1"]),
        (Wanted(user="USER1"), ["pc1"]),
        (Wanted(user="hạnh"), []),
        (Wanted(address="198.51.100.3"), ["pc3"]),
        (Wanted(dataset="windows.*"), ["pc3", "pc2", "pc1"]),
        (Wanted(dataset="linux.auditd"), []),
        (Wanted(platform="portal", agency="h49.61"), ["pc3", "pc2", "pc1"]),
        (Wanted(technique="T1003"), ["pc3", "pc2", "pc1"]),
        (Wanted(technique="t100"), []),
        (Wanted(text="gov title pc2"), ["pc2"]),
        (Wanted(text="nowhere"), []),
        (Wanted(assignee=""), ["pc3", "pc2", "pc1"]),
        (Wanted(assignee="lan"), []),
        (Wanted(states=frozenset({State.CLOSED})), []),
        (Wanted(overdue=NOW + 3 * HOUR), ["pc3", "pc2", "pc1"]),
        (Wanted(overdue=NOW + 30 * MINUTE), ["pc3"]),
        (Wanted(window=Window(NOW - HOUR + 2 * SECOND, NOW - HOUR + 3 * SECOND)), ["pc2"]),
        (Wanted(order=Order.LAST), ["pc3", "pc2", "pc1"]),
        (Wanted(order=Order.DUE), ["pc3", "pc1", "pc2"]),
    ],
)
def test_alerts_are_found_by_what_is_asked(desk: Desk, wanted: Wanted, expected: list[str]) -> None:
    desk.take([a_sighting(1), a_sighting(2), a_sighting(3, rule="r2", level=Level.CRITICAL)], NOW)
    assert expected == titles(desk, wanted)
    assert len(expected) == desk.page(wanted, 1).total


def test_vietnamese_names_are_found_whatever_their_case_and_marks(desk: Desk) -> None:
    desk.take([a_sighting(1, user="Nguyễn Thị Đào")], NOW)
    assert 1 == desk.page(Wanted(text="dao"), 1).total == desk.page(Wanted(user="NGUYỄN THỊ ĐÀO"), 1).total


@pytest.mark.parametrize("order", list(Order))
def test_pages_leave_out_none_and_repeat_none_while_others_come(desk: Desk, order: Order) -> None:
    there = [a_sighting(n, level=Level(n % 4 + 1)) for n in range(40)]
    desk.take(there, NOW)
    page = desk.page(Wanted(order=order), 7)
    desk.take([a_sighting(n, level=Level.CRITICAL, importance=5, rule="late") for n in range(100, 105)], NOW)
    found = list(page.alerts)
    while page.after:
        page = desk.page(Wanted(order=order), 7, page.after)
        found += page.alerts
    ids = [alert.id for alert in found if alert.rule != "late"]
    assert {each.alert for each in there} == set(ids)
    assert len(there) == len(ids)


def test_a_page_that_never_was_is_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match="not where a page"):
        desk.page(Wanted(), 5, "nonsense")


def test_a_prefix_names_one_alert_or_is_refused(desk: Desk) -> None:
    desk.take([a_sighting(1)], NOW)
    id_ = a_sighting(1).alert
    assert id_ == desk.one(id_[:6].upper()).id
    for prefix in (id_[:3], "ffffffffff", "\udcff\udcff\udcff\udcff", "điểm"):
        with pytest.raises(InputError, match="no alert"):
            desk.one(prefix)


def test_an_alert_goes_from_new_to_closed_and_its_history_says_how(desk: Desk) -> None:
    desk.take([a_sighting(1)], NOW)
    alert = desk.one(a_sighting(1).alert)
    moves: list[tuple[Action, Acting]] = [
        (Acknowledge(), LAN),
        (Note("nhìn giống diễn tập"), LAN),
        (Assign("đức"), LAN),
        (Close(Reason.BENIGN, "diễn tập"), DUC),
    ]
    for action, by in moves:
        (outcome,) = desk.act(action, [alert], by, LATER)
        assert outcome.is_done
    alert = desk.one(alert.id)
    assert (State.CLOSED, Reason.BENIGN, "đức", "đức", 1) == (
        alert.state, alert.reason, alert.assignee, alert.changed_by, alert.notes,
    )  # fmt: skip
    told = desk.history(alert)
    assert ["raise", "ack", "ack", "note", "assign", "close"] == [each.action for each in told]
    assert ("os:1001:duc", Closed("benign", "diễn tập")) == (told[-1].via, told[-1].happened)


@pytest.mark.parametrize(
    ("reason", "state"),
    [(Reason.TRUE_POSITIVE, State.NEW), (Reason.FALSE_POSITIVE, State.CLOSED), (Reason.BENIGN, State.CLOSED)],
)
def test_a_new_hit_opens_a_closed_alert_or_is_counted_as_policy_says(desk: Desk, reason: Reason, state: State) -> None:
    desk.take([a_sighting(1)], NOW)
    desk.act(Close(reason), [desk.one(a_sighting(1).alert)], LAN, LATER)
    raised = desk.take([a_sighting(1, event="b")], LATER + HOUR)
    alert = desk.one(a_sighting(1).alert)
    assert (state, 2, state is State.NEW) == (alert.state, alert.count, bool(raised.reopened))
    assert (LATER + HOUR if state is State.NEW else NOW) == alert.raised


@pytest.mark.parametrize(
    ("first", "action", "problem"),
    [
        (Acknowledge(), Acknowledge(), "it is acknowledged already"),
        (Close(Reason.BENIGN), Acknowledge(), "it is closed"),
        (Close(Reason.BENIGN), Close(Reason.BENIGN), "it is closed"),
        (Note("x"), Reopen(), "it is new"),
        (Note("x"), Resume(), "its clocks run"),
        (Pause("waiting"), Pause("again"), "its clocks stand already"),
        (Assign("lan"), Assign("lan"), "it is theirs already"),
    ],
)
def test_what_cannot_be_done_is_told_with_whose_doing_it_is(
    desk: Desk, first: Action, action: Action, problem: str
) -> None:
    desk.take([a_sighting(1)], NOW)
    alert = desk.one(a_sighting(1).alert)
    desk.act(first, [alert], DUC, LATER)
    (outcome,) = desk.act(action, [alert], LAN, LATER)
    assert (problem, "đức") == (outcome.problem, outcome.meanwhile[0].actor)


def test_the_second_of_two_is_told_what_happened_and_loses_nothing(desk: Desk) -> None:
    desk.take([a_sighting(1)], NOW)
    looked_at = desk.one(a_sighting(1).alert)
    desk.take([a_sighting(1, event="more")], NOW)
    assert desk.act(Close(Reason.FALSE_POSITIVE, "quét định kỳ"), [looked_at], DUC, LATER, looked_at=True)[0].is_done
    (outcome,) = desk.act(Close(Reason.TRUE_POSITIVE, "thật đấy"), [looked_at], LAN, LATER, looked_at=True)
    assert ("others changed it meanwhile", True) == (outcome.problem, outcome.is_noted)
    assert [Closed("false_positive", "quét định kỳ")] == [told.happened for told in outcome.meanwhile]
    alert = desk.one(looked_at.id)
    assert (Reason.FALSE_POSITIVE, 1) == (alert.reason, alert.notes)
    assert Noted("thật đấy", "close") == desk.history(alert)[-1].happened


def test_further_hits_are_no_change_that_stands_in_the_way(desk: Desk) -> None:
    desk.take([a_sighting(1)], NOW)
    looked_at = desk.one(a_sighting(1).alert)
    desk.take([a_sighting(1, event="more")], NOW)
    assert isinstance(desk.history(looked_at)[-1].happened, SeenAgain)
    assert desk.act(Acknowledge(), [looked_at], LAN, LATER, looked_at=True)[0].is_done


def test_what_one_did_last_can_be_taken_back_by_oneself(desk: Desk) -> None:
    desk.take([a_sighting(1)], NOW)
    before = desk.one(a_sighting(1).alert)
    desk.act(Acknowledge(), [before], LAN, LATER)
    assert not desk.undo([before], DUC, LATER)[0].is_done
    assert desk.undo([before], LAN, LATER)[0].is_done
    after = desk.one(before.id)
    assert (State.NEW, "", None) == (after.state, after.assignee, after.acknowledged_at)
    assert not desk.undo([before], LAN, LATER)[0].is_done


def test_clocks_run_by_level_stand_while_paused_and_go_on_later(desk: Desk) -> None:
    desk.take([a_sighting(1)], NOW)
    alert = desk.one(a_sighting(1).alert)
    assert (NOW + HOUR, NOW + 24 * HOUR) == (alert.due, alert.close_due)
    desk.act(Pause("chờ đơn vị trả lời"), [alert], LAN, NOW + HOUR // 2)
    assert None is desk.one(alert.id).due
    desk.act(Resume(), [alert], LAN, NOW + 2 * HOUR)
    assert NOW + HOUR + 3 * HOUR // 2 == desk.one(alert.id).due
    desk.act(Acknowledge(), [alert], LAN, NOW + 2 * HOUR)
    assert NOW + 24 * HOUR + 3 * HOUR // 2 == desk.one(alert.id).due


def test_alerts_that_share_somebody_around_one_time_are_a_story(desk: Desk) -> None:
    desk.take(
        [
            a_sighting(1),
            a_sighting(2, user="user1", rule="r2"),
            a_sighting(3, peer="198.51.100.2", user="SYSTEM", rule="r3"),
            a_sighting(4, peer="198.51.100.2", time=NOW + 30 * HOUR, rule="r4"),
            a_sighting(5),
        ],
        NOW,
    )
    stories, more = desk.stories(10)
    assert ([3, 1, 1], "") == (sorted((story.size for story in stories), reverse=True), more)
    first = a_sighting(1).alert
    assert {"pc1", "pc2", "pc3"} == set(titles(desk, Wanted(story=first)))
    assert "user user1" == desk.one(a_sighting(2, user="user1", rule="r2").alert).story_why


def test_stories_count_anew_what_is_open(desk: Desk) -> None:
    desk.take([a_sighting(1), a_sighting(2, user="user1", rule="r2")], NOW)
    desk.act(Close(Reason.BENIGN), [desk.one(a_sighting(1).alert)], LAN, LATER)
    ((story,), _more) = desk.stories(10)
    assert (1, 2, "pc2.gov.example") == (story.open, story.size, story.top.host)


def test_a_suppression_holds_back_counts_and_ends(desk: Desk) -> None:
    desk.take([a_sighting(1)], NOW)
    made, held = desk.suppress(
        Suppression("", owner="lan", reason="máy quét", made=0, until=NOW + HOUR, rule="r1", host="pc*"), LAN, NOW
    )
    assert (1, State.SUPPRESSED) == (len(held), desk.one(a_sighting(1).alert).state)
    raised = desk.take([a_sighting(1, event="b"), a_sighting(2)], NOW)
    assert (0, 1) == (len(raised.new), len(raised.suppressed))
    assert [(made.id, 2)] == [(each.id, each.hits) for each in desk.suppressions()]
    assert [] == titles(desk, Wanted(states=OPEN))
    raised = desk.take([a_sighting(2, event="late")], NOW + 2 * HOUR)
    assert ["pc2"] == titles(desk, Wanted(states=OPEN))
    assert 1 == len(raised.reopened)


def test_a_suppression_that_is_lifted_gives_back_what_it_held(desk: Desk) -> None:
    desk.take([a_sighting(1)], NOW)
    wanted = Suppression("", owner="lan", reason="máy quét", made=0, until=NOW + HOUR, rule="r1")
    made, _held = desk.suppress(wanted, LAN, NOW)
    lifted, released = desk.lift(made.id[:6], LAN, LATER, release=True)
    assert (LATER, 1, State.NEW) == (lifted.lifted, len(released), desk.one(a_sighting(1).alert).state)
    with pytest.raises(InputError, match="lifted already"):
        desk.lift(made.id, LAN, LATER, release=False)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "everything"),
        ({"rule": "r1", "reason": " "}, "reason"),
        ({"rule": "r1", "until": NOW}, "expire"),
        ({"rule": "r1", "until": NOW + 10_000 * HOUR}, "within a year"),
    ],
)
def test_a_suppression_of_everything_without_a_reason_or_an_end_is_refused(
    desk: Desk, fields: dict[str, str], problem: str
) -> None:
    plain = {"id": "", "owner": "lan", "reason": "why", "made": 0, "until": NOW + HOUR}
    with pytest.raises(InputError, match=problem):
        desk.suppress(Suppression(**(plain | fields)), LAN, NOW)  # type: ignore[arg-type] # fields of a suppression


def test_a_person_writes_an_alert(desk: Desk) -> None:
    alert = desk.write("Cuộc gọi lừa đảo", Level.HIGH, LAN, NOW, text="gọi từ số lạ", platform="portal", importance=4)
    assert (True, "lan.nguyễn", 56) == (alert.manual, alert.changed_by, alert.rank)
    assert [alert.id] == [each.id for each in desk.page(Wanted(text="lua dao"), 5).alerts]


def test_who_may_not_act_is_refused_and_nothing_happens(desk: Desk) -> None:
    desk.take([a_sighting(1)], NOW)
    alert = desk.one(a_sighting(1).alert)
    with pytest.raises(Refused):
        desk.act(Acknowledge(), [alert], VIEWER, LATER)
    assert 1 == len(desk.history(alert))


def test_news_are_told_in_order_and_go_on_where_they_ended(desk: Desk) -> None:
    desk.take([a_sighting(n) for n in range(5)], NOW)
    first, at = desk.news(0, 3)
    desk.act(Acknowledge(), [first[0].alert], LAN, LATER)
    second, end = desk.news(at, 100)
    assert [1, 2, 3, 4, 5, 6, 7] == [each.number for each in (*first, *second)]
    assert ("ack", State.ACKNOWLEDGED, 7) == (second[-1].told.action, second[-1].alert.state, end)
    assert 7 == desk.newest()


def test_stats_count_what_is_there_and_how_long_it_took(desk: Desk) -> None:
    desk.take([a_sighting(n) for n in range(4)], NOW)
    alerts = desk.every(Wanted())
    desk.act(Acknowledge(), alerts[:2], LAN, NOW + 10 * MINUTE)
    desk.act(Close(Reason.FALSE_POSITIVE), alerts[:1], LAN, NOW + 30 * MINUTE)
    stats = desk.stats(Window(), NOW + 2 * HOUR)
    assert (4, 2, 10 * MINUTE, 30 * MINUTE) == (
        stats.total, stats.overdue, stats.acknowledge.median, stats.close.median,
    )  # fmt: skip
    assert {"new": 2, "acknowledged": 1, "closed": 1} == dict(stats.by["state"])
    assert (4, 1, 1) == (stats.rules[0].alerts, stats.rules[0].closed, stats.rules[0].false)


def test_a_store_without_alerts_has_none(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        assert ((), 0, []) == (desk.page(Wanted(), 5).alerts, desk.newest(), desk.suppressions())
        assert (0, []) == (check(desk.file), desk.stories(5)[0])
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize(
    "change",
    [
        *(f'update alert set "{name}" = 77 where number = 2' for name in (  # noqa: S608 - our own names
            "id", "rule", "title", "level", "tags", "dataset", "code", "host", "user", "peer", "detail", "platform",
            "importance", "agency", "first", "last", "count", "story_why", "manual", "rank",
        )),
        *(f'update subject set "{name}" = 77 where number = 2' for name in (  # noqa: S608 - likewise
            "raised", "assignee", "touched", "notes", "acknowledged_at", "closed_at", "changed_by", "paused_at",
            "paused_for", "pause_reason", "ack_due", "close_due", "suppression", "duplicate_of", "seq",
        )),
        "update subject set state = 2 where number = 2",
        "update subject set reason = 1 where number = 2",
        "update subject set state = null where number = 2",
        "delete from subject where number = 2",
        "update alert set story = 1 where number = 2",
        "update alert set fingerprint = '[]' where number = 2",
        "delete from alert where number = 2",
        "update entry set before = 1 where number = 3",
        "delete from alert where number = 3",
        "update sighting set evidence = (select evidence from sighting where number = 3) where number = 2",
        "update sighting set evidence = null where number = 2",
        "update sighting set event = 'other' where number = 2",
        "update sighting set time = 7 where number = 2",
        "update sighting set alert = 1 where number = 2",
        "delete from sighting where number = 3",
        "update story set open = 9 where number = 2",
        "delete from story where number = 2",
        "insert into story values(77, 0, 0, 0, 0, 0)",
        "update word set text = 'pc9' where text = 'pc2.gov.example'",
    ],
)  # fmt: skip
def test_a_queue_that_is_not_what_its_history_says_is_found(tmp_path: Path, change: str) -> None:
    a_desk(tmp_path, 1, 2, 3).close()
    with sqlite3.connect(tmp_path / NAME) as db:
        db.execute("insert into word(number, text, uses) values(77, 'other', 0)")
        db.executescript(change)
    db.close()
    with Desk(tmp_path) as desk, pytest.raises(Damaged):
        check(desk.file)


def test_a_file_that_is_none_of_ours_is_told(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"no database, but long enough to be looked at as one" * 40)
    with pytest.raises(Damaged, match="damaged"):
        Desk(tmp_path, write=True)


@pytest.mark.parametrize("version", [1, 2, 4])
def test_another_format_is_refused(tmp_path: Path, version: int) -> None:
    a_desk(tmp_path).close()
    with sqlite3.connect(tmp_path / NAME) as db:
        db.execute("update head set format = ?", (version,))
    db.close()
    with pytest.raises(StoreError, match=f"format {version}"):
        Desk(tmp_path)


def _take_until_killed(folder: Path, begin: int) -> None:
    with Desk(folder, write=True) as desk:
        for number in range(begin, begin + 100_000):
            desk.take([a_sighting(number)], NOW)


def test_processes_raise_at_once_and_die_at_any_moment(tmp_path: Path) -> None:
    a_desk(tmp_path).close()
    context = multiprocessing.get_context("fork")
    crew = [context.Process(target=_take_until_killed, args=(tmp_path, n * 10**6)) for n in range(2)]
    for process in crew:
        process.start()
    with Desk(tmp_path) as desk:
        while desk.page(Wanted(), 1).total < 60:
            pass
        for process in crew:
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
        assert 60 <= check(desk.file)


def _close_and_tell(folder: Path, id_: str, name: str, told: str) -> None:
    by = {"lan": LAN, "đức": DUC}[name]
    with Desk(folder, write=True) as desk:
        (outcome,) = desk.act(Close(Reason.BENIGN, f"bởi {name}"), [desk.one(id_)], by, LATER)
    (folder / told).write_text(outcome.problem)


def test_of_two_processes_that_close_one_alert_one_does_and_both_are_heard(tmp_path: Path) -> None:
    a_desk(tmp_path, 1).close()
    context = multiprocessing.get_context("fork")
    id_ = a_sighting(1).alert
    crew = [
        context.Process(target=_close_and_tell, args=(tmp_path, id_, name, f"{place}.txt"))
        for place, name in enumerate(("lan", "đức"))
    ]
    for process in crew:
        process.start()
    for process in crew:
        process.join()
    assert ["", "it is closed"] == sorted((tmp_path / f"{place}.txt").read_text() for place in range(2))
    with Desk(tmp_path) as desk:
        happened = [each.happened for each in desk.history(desk.one(id_))[1:]]
    assert [Closed, Noted] == [type(each) for each in happened]
    assert {"bởi lan", "bởi đức"} == {each.text for each in happened if isinstance(each, (Closed, Noted))}


def test_a_policy_of_ones_own_lays_down_what_reopens(tmp_path: Path) -> None:
    with a_desk(tmp_path, 1, policy=Policy(reopening=frozenset({Reason.BENIGN}))) as desk:
        desk.act(Close(Reason.BENIGN), desk.every(Wanted()), LAN, LATER)
        desk.take([a_sighting(1, event="b")], LATER)
        assert State.NEW is desk.one(a_sighting(1).alert).state
