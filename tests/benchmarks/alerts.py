"""The queue of alerts: raising, pages of every filter, thousands acted on at once, its ledger, stats and handover.

All figures are processor seconds of one process; pages are asked on a desk that is opened anew, three times each.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Final

from sentinel.ledger.verify import Ledger, verify
from sentinel.model.alert import OPEN, Order, Reason, Sighting, State, Wanted, alert_id, sighting_id
from sentinel.model.severity import Level
from sentinel.model.window import Window
from sentinel.people.acting import Acting
from sentinel.people.roles import Role
from sentinel.store.histories import open_histories
from sentinel.triage.actions import Acknowledge, Action, Close, Pause
from sentinel.triage.desk import Desk
from sentinel.triage.handover import handover

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sentinel.model.alert import Alert
    from sentinel.store.histories import Histories
    from sentinel.triage.told import Outcome

_SECOND: Final = 1_000_000_000
_HOUR: Final = 3600 * _SECOND
NOW: Final = 1_795_000_000 * _SECOND
_BEGIN: Final = NOW - 40 * 24 * _HOUR
_AT_ONCE: Final = 20_000
_ACTED: Final = 10_000
_PAGE: Final = 50
_TURNS: Final = 3
_VERIFIED: Final = 100_000
_LAN: Final = Acting("lan.nguyễn", frozenset({Role.ANALYST}), "os:1000:lan")
_EVIDENCE_BYTES: Final = 200


def _sighting(number: int) -> Sighting:
    """Give a sighting of an agency's hosts: few rules hit most, hosts and users come again, each is an alert."""
    chance = Random(number)  # noqa: S311 - no secret
    host, user = f"pc{chance.randrange(20_000)}.gov.example", f"user{chance.randrange(30_000)}"
    peer = f"203.0.{chance.randrange(256)}.{chance.randrange(256)}"
    rule = f"rule-{int(chance.paretovariate(0.6)) % 300}"
    fingerprint = (("host", host), ("user", user), ("source", peer), ("number", str(number)))
    evidence = b'{"event":{"code":"1"},"x":"%s"}' % os.urandom(_EVIDENCE_BYTES).hex().encode()
    return Sighting(
        id=sighting_id(rule, f"event-{number}"), alert=alert_id(rule, fingerprint), rule=rule,
        title=f"Title of {rule}", level=Level(chance.randrange(len(Level))),
        tags=("attack.t1003.001", "attack.credential-access"), group=f"event-{number}", window=0,
        dataset="windows.sysmon", code="1", host=host, user=user, peer=peer, detail=f"CommandLine: evil {number}",
        time=_BEGIN + number * _SECOND, seen=NOW, platform=chance.choice(("portal", "vneid", "exchange", "")),
        importance=chance.randrange(6), agency=f"H{chance.randrange(3400)}", fingerprint=fingerprint,
        evidence=evidence,
    )  # fmt: skip


def questions(alerts: int) -> dict[str, Wanted]:
    """Give what is asked of so many alerts: what most fit, what few fit, what none fits, and several at once."""
    one, end = _sighting(1), _BEGIN + alerts * _SECOND
    middle = Window(_BEGIN + alerts // 2 * _SECOND, _BEGIN + (alerts // 2 + 1000) * _SECOND)
    return {
        "all": Wanted(),
        "open": Wanted(states=OPEN),
        "closed": Wanted(states=frozenset({State.CLOSED})),
        "acknowledged": Wanted(states=frozenset({State.ACKNOWLEDGED})),
        "closed as benign": Wanted(states=frozenset({State.CLOSED}), reason=Reason.BENIGN),
        "critical": Wanted(level=Level.CRITICAL),
        "a host": Wanted(host=one.host),
        "hosts by a pattern": Wanted(host="pc155*"),
        "a user": Wanted(user=one.user),
        "an address": Wanted(address=one.peer),
        "addresses by a pattern": Wanted(address="203.0.7*"),
        "a platform": Wanted(platform="portal"),
        "an agency": Wanted(agency=one.agency),
        "platform and agency": Wanted(platform=one.platform or "portal", agency=one.agency),
        "a rule by its title": Wanted(rule="rule-2"),
        "a rare rule": Wanted(rule="rule-281"),
        "a rare rule on a platform": Wanted(rule="rule-281", platform="vneid"),
        "a technique": Wanted(technique="T1003"),
        "a technique of none": Wanted(technique="T1999"),
        "words: a host": Wanted(text="pc1551"),
        "words: two parts": Wanted(text="pc15 user7"),
        "words: in every title": Wanted(text="title"),
        "nobody's": Wanted(assignee="", states=OPEN),
        "mine": Wanted(assignee=_LAN.name),
        "overdue": Wanted(overdue=NOW + 2 * _HOUR),
        "paused": Wanted(paused=True, states=OPEN),
        "a quarter of an hour": Wanted(window=middle),
        "a span without any": Wanted(window=Window(end + _HOUR, None)),
        "the latest": Wanted(order=Order.LAST),
        "the next due": Wanted(order=Order.DUE),
        "the latest critical ones of a platform": Wanted(order=Order.LAST, level=Level.CRITICAL, platform="exchange"),
        "a dataset of none": Wanted(dataset="web.access"),
    }


@dataclass(slots=True)
class Figures:
    """What was measured: CPU seconds by what was done, and milliseconds of CPU a page by what was asked.

    `verified` is how many entries were checked.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    pages: dict[str, list[float]] = field(default_factory=dict)
    verified: int = 0

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note what is done meanwhile."""
        began = time.process_time()
        yield
        self.seconds[name] = time.process_time() - began

    def in_order(self) -> list[float]:
        """Give what every page took, the quickest first."""
        return sorted(each for pages in self.pages.values() for each in pages)


def measured(folder: Path, alerts: int, tell: Callable[[str], None]) -> Figures:
    """Raise so many alerts in a new folder, and ask and do all there is; `tell` is told what begins."""
    figures = Figures()
    tell(f"raising {alerts:,} alerts")
    with figures.timed("raise"):
        _raise(folder, alerts)
    tell("acting on 10,000, and taking it back")
    with Desk(folder, write=True) as desk:
        _act(desk, figures)
    tell("asking")
    with Desk(folder) as desk:
        _ask(desk, alerts, figures)
    _verify(folder, figures)
    return figures


def _raise(folder: Path, alerts: int) -> None:
    with Desk(folder, write=True) as desk:
        for begin in range(0, alerts, _AT_ONCE):
            raised = desk.take([_sighting(number) for number in range(begin, min(alerts, begin + _AT_ONCE))], NOW)
            if len(raised.new) != min(alerts, begin + _AT_ONCE) - begin:
                raise RuntimeError(f"{len(raised.new):,} alerts were raised of a part behind {begin:,}")


def _act(desk: Desk, figures: Figures) -> None:
    """Acknowledge 10,000, close them, and take the closing back; a few are paused."""
    count = min(_ACTED, desk.page(Wanted(), 1).total)
    chosen = list(desk.page(Wanted(states=OPEN), count).alerts)
    acts: tuple[tuple[str, Action], ...] = (("acknowledge", Acknowledge()), ("close", Close(Reason.BENIGN, "đã xem")))
    for minute, (name, action) in enumerate(acts):
        with figures.timed(name):
            outcomes = desk.act(action, chosen, _LAN, NOW + minute)
        chosen = _done(name, outcomes, count)
    with figures.timed("undo"):
        outcomes = desk.undo(chosen, _LAN, NOW + len(acts))
    chosen = _done("undo", outcomes, count)
    desk.act(Close(Reason.BENIGN), chosen[: count // 2], _LAN, NOW + _HOUR)
    desk.act(Pause("chờ cơ quan trả lời"), chosen[-_PAGE:], _LAN, NOW + _HOUR)


def _done(name: str, outcomes: list[Outcome], count: int) -> list[Alert]:
    done = [each.alert for each in outcomes if each.is_done and each.alert]
    if len(done) != count:
        raise RuntimeError(f"{name}: {len(done):,} of {count:,} were done")
    return done


def _ask(desk: Desk, alerts: int, figures: Figures) -> None:
    for name, wanted in questions(alerts).items():
        for _turn in range(_TURNS):
            began = time.process_time()
            desk.page(wanted, _PAGE)
            figures.pages.setdefault(name, []).append((time.process_time() - began) * 1000)
    with figures.timed("stats"):
        desk.stats(Window(), NOW)
    with figures.timed("handover"):
        handover(desk, NOW + 1, NOW + 8 * _HOUR)


def _verify(folder: Path, figures: Figures) -> None:
    """Check the first entries, those of whole acts, 100,000 at most."""
    histories = open_histories(folder)
    try:
        size, acts = _whole_acts(histories)
        with figures.timed("verify"):
            rows = islice(histories.act_rows(), acts), islice(histories.entry_rows(), size)
            found = verify(Ledger(histories.origin, *rows))
    finally:
        histories.close()
    if found.entries != size:
        raise RuntimeError(f"{found.entries:,} of {size:,} entries were verified")
    figures.verified = size


def _whole_acts(histories: Histories) -> tuple[int, int]:
    """Give how many entries the first acts left, 100,000 at most, and how many acts these are."""
    acts, entries = histories.counts()
    if entries <= _VERIFIED:
        return entries, acts
    (behind,) = histories.since(_VERIFIED, 1)
    asked = "select min(number) from entry where act = ?"
    return histories.db.execute(asked, (behind.act.number,)).fetchone()[0] - 1, behind.act.number - 1
