"""How the queue fares: what is counted in the file is what its alerts say, one by one."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.model.alert import Alert, Order, Reason, Wanted
from sentinel.model.severity import Level
from sentinel.model.window import Window
from sentinel.triage.actions import Acknowledge, Action, Assign, Close, Note, Pause, Reopen, Resume
from sentinel.triage.desk import Desk
from sentinel.triage.fitting import fits
from sentinel.triage.handover import MOST, handover
from sentinel.triage.stats import COUNTED, Took
from sentinel.triage.suppressions import Suppression
from tests.triage.builders import DUC, HOUR, LAN, MINUTE, NOW, a_sighting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACTIONS: tuple[Action, ...] = (
    Acknowledge(), Assign(DUC.name), Assign(""), Note("đã gọi"), Close(Reason.BENIGN), Close(Reason.FALSE_POSITIVE),
    Close(Reason.TRUE_POSITIVE, "thật"), Pause("chờ cơ quan"), Resume(), Reopen("lại thấy"),
)  # fmt: skip
END = NOW + 20 * HOUR
WINDOWS = (
    Window(), Window(END - 6 * HOUR, None), Window(None, END - 9 * HOUR), Window(END - 9 * HOUR, END - 2 * HOUR),
    Window(END + 99 * HOUR, None),
)  # fmt: skip


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a desk where two have worked twenty hours: alerts in every state, paused, opened again, taken back."""
    chance = Random(6)  # noqa: S311 - no secret
    with Desk(tmp_path_factory.mktemp("desk"), write=True) as desk:
        for hour in range(20):
            now = NOW + hour * HOUR
            desk.take([some_sighting(chance, now) for _each in range(12)], now)
            every = desk.every(Wanted())
            for minute, action in enumerate(chance.sample(ACTIONS, 5)):
                by, chosen = chance.choice((LAN, DUC)), chance.sample(every, min(len(every), 6))
                desk.act(action, chosen, by, now + minute * MINUTE)
                if chance.random() < 0.3:
                    desk.undo(chosen, by, now + minute * MINUTE + 1)
        desk.suppress(Suppression("", LAN.name, "bảo trì", END, END + 24 * HOUR, host="pc1*"), LAN, END)
        desk.write("Đơn vị báo mất máy", Level.HIGH, DUC, END)
        yield desk


def some_sighting(chance: Random, now: int) -> Any:  # noqa: ANN401 - a sighting
    number = chance.randrange(120)
    return a_sighting(
        number, rule=f"r{number % 7}", event=f"event-{chance.random()}", title=f"Luật {number % 7}",
        level=Level(number % 5), platform=("portal", "vneid", "")[number % 3], agency=f"H{number % 9}",
        user=f"user{number % 50}", time=now - chance.randrange(3 * HOUR),
    )  # fmt: skip


def counted(alerts: list[Alert], name: str) -> list[tuple[str, int]]:
    texts = (alert.level.label if name == "level" else str(getattr(alert, name) or "") for alert in alerts)
    return Counter(texts).most_common()


def took(spans: list[int]) -> Took:
    ordered = sorted(spans)
    if not ordered:
        return Took()
    last = len(ordered) - 1
    return Took(len(ordered), ordered[last // 2], ordered[min(last, len(ordered) * 9 // 10)])


def test_the_queue_has_all_that_is_to_be_counted(worked: Desk) -> None:
    every = worked.every(Wanted())
    assert {"new", "acknowledged", "closed", "suppressed"} == {alert.state.value for alert in every}
    assert any(alert.paused_at for alert in every)
    assert any(told.happened.__class__.__name__ == "Undone" for alert in every for told in worked.history(alert))


@pytest.mark.parametrize("window", WINDOWS)
def test_counts_are_what_the_alerts_say_one_by_one(worked: Desk, window: Window) -> None:
    alerts = [alert for alert in worked.every(Wanted()) if window.holds(alert.last)]
    stats = worked.stats(window, END)
    assert (len(alerts), {name: counted(alerts, name) for name in COUNTED}) == (stats.total, stats.by)
    assert sum(alert.due is not None and alert.due < END for alert in alerts) == stats.overdue


@pytest.mark.parametrize("window", WINDOWS)
def test_what_people_took_is_what_the_alerts_say(worked: Desk, window: Window) -> None:
    alerts = [alert for alert in worked.every(Wanted()) if window.holds(alert.last)]
    stats = worked.stats(window, END)
    assert took([each.acknowledged_at - each.raised for each in alerts if each.acknowledged_at]) == stats.acknowledge
    assert took([each.closed_at - each.raised for each in alerts if each.closed_at]) == stats.close


@pytest.mark.parametrize("window", WINDOWS)
def test_rules_are_counted_with_their_false_alarms(worked: Desk, window: Window) -> None:
    alerts = [alert for alert in worked.every(Wanted()) if window.holds(alert.last)]
    expected = Counter(alert.rule for alert in alerts)
    closed = Counter(alert.rule for alert in alerts if alert.reason)
    false = Counter(alert.rule for alert in alerts if alert.reason in {Reason.FALSE_POSITIVE, Reason.BENIGN})
    rules = worked.stats(window, END).rules
    assert {name: (count, closed[name], false[name]) for name, count in expected.items()} == {
        each.rule: (each.alerts, each.closed, each.false) for each in rules
    }
    assert sorted(expected.values(), reverse=True) == [each.alerts for each in rules]


def test_the_page_of_a_shift_shows_what_comes_first_of_what_the_alerts_say(worked: Desk) -> None:
    page = handover(worked, END - 8 * HOUR, END + 1)
    alerts = sorted(worked.every(Wanted()), key=lambda each: (-each.rank, -each.last, each.number))
    open_, paused = [each for each in alerts if each.is_open], [each for each in alerts if each.paused_at]
    assert (tuple(open_[:MOST]), len(open_)) == (page.open.items, page.open.total)
    standing = [each for each in paused if each.is_open]
    assert (tuple(standing[:MOST]), len(standing)) == (page.paused.items, page.paused.total)


@pytest.mark.parametrize("order", list(Order))
def test_alerts_whose_clocks_stand_are_found(worked: Desk, order: Order) -> None:
    every = worked.every(Wanted())
    paused = {alert.id for alert in every if alert.paused_at is not None}
    wanted = Wanted(paused=True, order=order)
    assert paused == {alert.id for alert in every if fits(alert, wanted)}
    with_deadlines = set() if order is Order.DUE else paused  # their deadlines do not come
    assert with_deadlines == {alert.id for alert in worked.page(wanted, 1000).alerts}


def test_the_page_of_a_shift_tells_overdue_alerts_from_those_that_will_be(worked: Desk) -> None:
    now = END - 8 * HOUR
    page = handover(worked, now - 8 * HOUR, now)
    due = sorted((each.due, each.number, each.id) for each in worked.every(Wanted()) if each.due is not None)
    overdue = [id_ for time, _number, id_ in due if time < now]
    soon = [id_ for time, _number, id_ in due if now <= time < now + 8 * HOUR]
    assert (overdue[:MOST], len(overdue)) == ([each.id for each in page.overdue.items], page.overdue.total)
    assert (soon[:MOST], len(soon)) == ([each.id for each in page.soon.items], page.soon.total)
    assert [] != overdue
    assert [] != soon


def test_the_page_of_a_shift_counts_what_the_histories_say(worked: Desk) -> None:
    since = END - 8 * HOUR
    page = handover(worked, since, END + 1)
    told = [(alert, each) for alert in worked.every(Wanted()) for each in worked.history(alert) if each.at >= since]
    kinds = [(alert, each, each.happened.__class__.__name__) for alert, each in told]
    closed = {alert.id: alert.reason for alert, _each, kind in kinds if kind == "Closed" and alert.reason}
    assert sum(kind == "Raised" for _alert, _each, kind in kinds) == page.raised
    assert sum(kind == "Noted" for _alert, _each, kind in kinds) == page.notes.total
    assert Counter(map(str, closed.values())) == page.reasons
    done = Counter((each.actor, each.action) for _alert, each in {(a.id, e.act): (a, e) for a, e in told}.values())
    expected = {pair: count for pair, count in done.items() if pair[0] != "sentinel"}
    assert expected == {(who, action): count for who, doings in page.doings for action, count in doings.items()}


def test_a_queue_that_nothing_came_to_has_no_counts(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        stats = desk.stats(Window(), NOW)
    assert (0, {name: [] for name in COUNTED}, Took()) == (stats.total, stats.by, stats.close)
