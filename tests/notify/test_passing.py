"""A pass over a queue: deadlines, restored stores, and a process that is killed in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentinel.model.alert import Reason
from sentinel.notify.channels import MINUTE, Event
from sentinel.notify.passing import Sending, one_pass
from sentinel.notify.senders import Answer
from sentinel.triage.actions import Close, Reopen
from tests.notify.builders import a_channel
from tests.triage.builders import HOUR, LAN, NOW, a_desk, a_sighting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sentinel.notify.channels import Channel
    from sentinel.notify.plan import Message, State
    from sentinel.triage.desk import Desk


class Line:
    """A channel that keeps what it is told, and the states as they were last written."""

    def __init__(self, **rules: object) -> None:
        self.channel = a_channel(None, "en", **({"group_within": 0} | rules))
        self.told: list[Message] = []
        self.states: dict[str, State] = {}
        self.is_killed = False

    def at(self, desk: Desk, now: int) -> list[str]:
        """Do a pass at a time; give what it told of."""
        before = len(self.told)
        one_pass(desk, [self.channel], self.states, Sending(self.send, self.keep, lambda: now, lambda: 0.0), str)
        return [name for message in self.told[before:] for name in message.group.tallies]

    def send(self, _channel: Channel, message: Message, _now: int) -> Answer:
        self.told.append(message)
        if self.is_killed:
            raise KeyboardInterrupt
        return Answer()

    def keep(self, states: Mapping[str, State]) -> None:
        self.states = dict(states)


def test_every_kind_of_news_is_told_once(tmp_path: Path) -> None:
    line = Line(on=frozenset(Event), due_soon=10 * MINUTE)
    with a_desk(tmp_path) as desk:
        assert [] == line.at(desk, NOW)
        (alert,) = desk.take([a_sighting(1)], NOW).new
        assert ["new:3"] == line.at(desk, NOW)
        # High alerts are to be acknowledged within an hour.
        assert [] == line.at(desk, NOW + 49 * MINUTE)
        assert ["due_soon:3"] == line.at(desk, NOW + 51 * MINUTE)
        assert ["overdue:3"] == line.at(desk, NOW + 61 * MINUTE)
        desk.act(Close(Reason.BENIGN, "known", ""), [alert], LAN, NOW + 62 * MINUTE)
        assert ["closed:3"] == line.at(desk, NOW + 62 * MINUTE)
        desk.act(Reopen("again"), [desk.one(alert.id)], LAN, NOW + 63 * MINUTE)
        assert ["reopened:3"] == line.at(desk, NOW + 63 * MINUTE)
        assert [] == line.at(desk, NOW + 64 * MINUTE)


def test_who_is_killed_while_sending_sends_the_same_again(tmp_path: Path) -> None:
    line = Line()
    with a_desk(tmp_path) as desk:
        line.at(desk, NOW)
        desk.take([a_sighting(1)], NOW)
        line.is_killed = True
        with pytest.raises(KeyboardInterrupt):
            line.at(desk, NOW)
        line.is_killed = False
        assert ["new:3"] == line.at(desk, NOW)
    first, again = line.told
    assert first.id == again.id


def test_an_older_store_is_gone_on_with(tmp_path: Path) -> None:
    line = Line()
    (tmp_path / "a").mkdir()
    with a_desk(tmp_path / "a", *range(5)) as desk:
        line.at(desk, NOW)
    (tmp_path / "b").mkdir()
    with a_desk(tmp_path / "b", 1) as desk:
        assert [] == line.at(desk, NOW)
        desk.take([a_sighting(9)], NOW)
        assert ["new:3"] == line.at(desk, NOW + HOUR)
