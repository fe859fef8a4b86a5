"""A process that does things to the alerts that others do things to, until it is told to stop by a line on its input.

    python -m tests.store.crash.competing (count|move|see) FOLDER NUMBER

What each call came to it says on its output, a line of JSON each.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import msgspec

from sentinel.errors import SentinelError
from sentinel.model.alert import Reason, Wanted
from sentinel.people.acting import Acting
from sentinel.people.roles import Role
from sentinel.triage.actions import Acknowledge, Action, Assign, Close, Note, Reopen
from sentinel.triage.desk import Desk
from tests.store.crash.processes import stopped
from tests.triage.builders import NOW, SECOND, a_sighting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sentinel.model.alert import Alert

COUNTERS = tuple(range(4))
"""Alerts whose assignee is a number, which who assigns them raises by one."""
OTHERS = tuple(range(4, 10))
"""Alerts that are acknowledged, closed, opened and written to."""
LONGEST = 0.004
"""Seconds between looking at an alert and acting on it: others act meanwhile."""
MOVES: tuple[Callable[[Random], Action], ...] = (
    lambda _random: Acknowledge(),
    lambda random: Close(random.choice(list(Reason)), "lý do"),
    lambda _random: Reopen("lại"),
    lambda _random: Note("đã xem"),
)


class Said(msgspec.Struct):
    """What an action came to on one alert: the versions that were looked at and that it left, and why it was not done.

    `meanwhile` names who did what others did, each with its version.
    """

    by: str
    alert: str
    looked_at: int
    left: int
    problem: str
    is_noted: bool
    meanwhile: list[tuple[int, str]]


def count(desk: Desk, by: Acting, random: Random, now: int) -> list[Said]:
    """Add one to the number that stands as an alert's assignee."""
    (alert,) = _looked(desk, random, COUNTERS, 1)
    return _done(desk, Assign(str(int(alert.assignee or 0) + 1)), [alert], by, now)


def move(desk: Desk, by: Acting, random: Random, now: int) -> list[Said]:
    """Do something to some alerts."""
    return _done(desk, random.choice(MOVES)(random), _looked(desk, random, OTHERS, random.randrange(1, 4)), by, now)


def see(desk: Desk, _by: Acting, random: Random, now: int) -> list[Said]:
    """See alerts again, which is nothing that anybody did to them."""
    numbers = random.sample((*COUNTERS, *OTHERS), 3)
    desk.take([a_sighting(number, event=f"{now}", seen=now) for number in numbers], now)
    return []


def _looked(desk: Desk, random: Random, numbers: Sequence[int], size: int) -> list[Alert]:
    ids = {a_sighting(number).alert for number in random.sample(numbers, size)}
    found = [alert for alert in desk.every(Wanted()) if alert.id in ids]
    time.sleep(random.random() * LONGEST)
    return found


def _done(desk: Desk, action: Action, alerts: list[Alert], by: Acting, now: int) -> list[Said]:
    outcomes = desk.act(action, alerts, by, now, looked_at=True)
    assert [alert.id for alert in alerts] == [each.id for each in outcomes]
    return [
        Said(
            by.name, each.id, alert.touched, each.alert.version if each.alert else 0, each.problem, each.is_noted,
            [(told.seq, told.actor) for told in each.meanwhile],
        )
        for alert, each in zip(alerts, outcomes, strict=True)
    ]  # fmt: skip


def main(what: str, folder: str, number: str) -> None:
    """Begin."""
    random, by = Random(int(number)), Acting(f"người-{number}", frozenset({Role.ANALYST}), f"os:{number}:x")  # noqa: S311
    do = {"count": count, "move": move, "see": see}[what]
    with Desk(Path(folder), write=True) as desk:
        turn = 0
        while not stopped():
            turn += 1
            for each in do(desk, by, random, NOW + int(number) * 10**6 * SECOND + turn * SECOND):
                os.write(1, msgspec.json.encode(each) + b"\n")
            time.sleep(random.random() * LONGEST)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except SentinelError as error:
        sys.exit(str(error))
