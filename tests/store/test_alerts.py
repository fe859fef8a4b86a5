"""Alerts: added once, listed in pages, and found out where anybody changed one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.errors import Damaged, StoreError
from sentinel.model.alert import Alert, Wanted, alert_id
from sentinel.model.severity import Level
from sentinel.model.window import Window
from sentinel.store.alerts import NAME, Alerts

if TYPE_CHECKING:
    from pathlib import Path

MINUTE = 60 * 10**9


def an_alert(minute: int = 0, event: str = "", **other: Any) -> Alert:  # noqa: ANN401 - fields of an alert
    event = event or f"event-{minute}"
    rule = other.get("rule", "r1")
    plain = Alert(
        id=alert_id(rule, event), rule=rule, title="Evil ran", level=Level.HIGH, tags=("attack.t1003",), group=event,
        window=0, dataset="windows.sysmon", code="1", host="web01", user="lan", peer="203.0.113.5", detail="Image: a",
        time=minute * MINUTE, seen=MINUTE * 1000, evidence=b'{"event":{"code":"1"}}',
    )  # fmt: skip
    return replace(plain, **other)


@pytest.fixture
def alerts(tmp_path: Path) -> Alerts:
    return Alerts(tmp_path)


def test_an_alert_is_added_once(alerts: Alerts) -> None:
    first, second = an_alert(1), an_alert(2)
    assert [first, second] == alerts.add([first, second, first])
    assert [] == alerts.add([replace(first, seen=5)])
    assert 2 == alerts.count(Wanted())


def test_an_alert_is_got_whole(alerts: Alerts) -> None:
    odd = an_alert(3, title="Điều tra \ud800", time=None, tags=())
    alerts.add([an_alert(1), odd])
    assert [replace(odd, title="Điều tra \\ud800")] == alerts.get(odd.id[:12])


def test_a_prefix_that_fits_two_gives_both_and_a_short_one_none(alerts: Alerts) -> None:
    pair = [replace(an_alert(n), id="ab" * 15 + f"0{n}") for n in (1, 2)]
    alerts.add(pair)
    assert ([2, 1, 0, 0], []) == ([len(alerts.get(text)) for text in ("abab", "ab" * 15 + "01", "abc", "abcd")], [])


@pytest.mark.parametrize(
    ("wanted", "minutes"),
    [
        (Wanted(), [4, 3, 2, 1]),
        (Wanted(level=Level.CRITICAL), [4]),
        (Wanted(rule="R2"), []),
        (Wanted(rule="r2"), [3]),
        (Wanted(rule="EVIL"), [4, 2, 1]),
        (Wanted(rule="%"), []),
        (Wanted(host="WEB01"), [4, 3, 1]),
        (Wanted(dataset="linux.auditd"), [1]),
        (Wanted(window=Window(2 * MINUTE, 4 * MINUTE)), [3, 2]),
    ],
)
def test_alerts_are_listed_newest_first_and_by_what_is_wanted(
    alerts: Alerts, wanted: Wanted, minutes: list[int]
) -> None:
    alerts.add(
        [
            an_alert(2, host="db1"),
            an_alert(4, level=Level.CRITICAL),
            an_alert(3, rule="r2", title="Other"),
            an_alert(1, dataset="linux.auditd"),
        ]
    )
    found, after = alerts.page(wanted, 10)
    assert (minutes, "") == ([(alert.time or 0) // MINUTE for alert in found], after)
    assert len(minutes) == alerts.count(wanted)


def test_pages_leave_out_none_and_repeat_none_while_others_come(alerts: Alerts) -> None:
    there = [an_alert(n // 3, f"e{n}") for n in range(20)]
    alerts.add(there)
    found, after = alerts.page(Wanted(), 7)
    alerts.add([an_alert(99, f"late{n}") for n in range(5)])
    while after:
        more, after = alerts.page(Wanted(), 7, after)
        found += more
    assert {alert.id for alert in there} == {alert.id for alert in found}
    assert len(there) == len(found)


def test_a_page_that_never_was_is_refused(alerts: Alerts) -> None:
    with pytest.raises(StoreError, match="not where a page"):
        alerts.page(Wanted(), 5, "nonsense")


def test_a_store_without_alerts_has_none(tmp_path: Path) -> None:
    alerts = Alerts(tmp_path, write=False)
    assert ([], "") == alerts.page(Wanted(), 5)
    assert 0 == alerts.verify()
    assert not (tmp_path / NAME).exists()


def test_alerts_as_written_verify(alerts: Alerts) -> None:
    alerts.add([an_alert(n) for n in range(5)])
    alerts.add([an_alert(9)])
    assert 6 == alerts.verify()


@pytest.mark.parametrize(
    "change",
    [
        *(f'update alert set "{name}" = 7 where seq = 2' for name in (  # noqa: S608 - our own names
            "id", "rule", "title", "level", "group", "window", "dataset", "code", "host", "user", "peer", "detail",
            "time", "seen", "at", "digest",
        )),
        "update alert set tags = '[]' where seq = 2",
        "update evidence set event = (select event from evidence where seq = 3) where seq = 2",
        "delete from evidence where seq = 2",
        "delete from alert where seq = 2",
        "delete from alert where seq = 5",
        "update head set count = 4",
        "delete from alert where seq = 5; update head set count = 4",
        "insert into evidence values(9, x'00')",
    ],
)  # fmt: skip
def test_any_change_is_found(tmp_path: Path, change: str) -> None:
    alerts = Alerts(tmp_path)
    alerts.add([an_alert(n, evidence=b"%d" % n) for n in range(5)])
    alerts.close()
    with sqlite3.connect(tmp_path / NAME) as db:
        db.executescript(change)
    db.close()
    again = Alerts(tmp_path, write=False)
    with pytest.raises(Damaged):
        again.verify()
    again.close()


def test_a_file_that_is_none_of_ours_is_told(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"no database, but long enough to be looked at as one" * 40)
    with pytest.raises(Damaged, match="damaged"):
        Alerts(tmp_path)


def test_newer_alerts_are_refused(tmp_path: Path) -> None:
    Alerts(tmp_path).close()
    with sqlite3.connect(tmp_path / NAME) as db:
        db.execute("update head set format = 2")
    db.close()
    with pytest.raises(StoreError, match="format 2"):
        Alerts(tmp_path)


def _add_until_killed(folder: Path, begin: int) -> None:
    alerts = Alerts(folder)
    for number in range(begin, begin + 100_000):
        alerts.add([an_alert(number)])


def test_processes_add_at_once_and_die_at_any_moment(tmp_path: Path) -> None:
    Alerts(tmp_path).close()
    context = multiprocessing.get_context("fork")
    crew = [context.Process(target=_add_until_killed, args=(tmp_path, n * 10**6)) for n in range(2)]
    for process in crew:
        process.start()
    alerts = Alerts(tmp_path)
    while alerts.count(Wanted()) < 60:
        pass
    for process in crew:
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    assert 60 <= alerts.verify()
    alerts.close()
