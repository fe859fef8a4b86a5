"""A pass over a queue: deadlines, restored stores, and a process that is killed in between."""

from __future__ import annotations

from dataclasses import replace
from threading import Event as Bell
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import StoreError
from sentinel.model.alert import Reason
from sentinel.notify.channels import MINUTE, Event
from sentinel.notify.passing import Sending, one_pass
from sentinel.notify.senders import Answer
from sentinel.notify.texts import subject
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


def test_a_channel_that_does_not_answer_holds_back_no_other(tmp_path: Path) -> None:
    channels = [replace(a_channel(None, "vi" if number % 2 else "en", group_within=0), name=str(number))
                for number in range(9)]  # fmt: skip
    rest = Bell()
    told: list[tuple[str, bool]] = []
    heard: list[tuple[int, int]] = []
    kept: dict[str, State] = {}

    def send(channel: Channel, message: Message, _now: int) -> Answer:
        if channel.name == "0":
            assert rest.wait(20), "the others wait for the first"
        told.append((channel.name, "cảnh báo" in subject(channel, message)))
        if len(told) == len(channels) - 1:
            rest.set()
        return Answer()

    by = Sending(send, kept.update, lambda: NOW, lambda: 0.0, lambda *far: heard.append(far))
    with a_desk(tmp_path) as desk:
        one_pass(desk, channels, kept, by, str)
        desk.take([a_sighting(1)], NOW)
        sent = one_pass(desk, channels, kept, by, str)
    assert [(each.name, 1, 0) for each in channels] == [(each.channel, each.told, each.waiting) for each in sent]
    assert ("0", 1) == (told[-1][0], kept["0"].told)
    assert {(name, int(name) % 2 == 1) for name, _vi in told} == set(told)
    assert all(total == len(channels) for done, total in heard if done)


def test_what_cannot_be_kept_ends_the_sending(tmp_path: Path) -> None:
    line = Line()
    with a_desk(tmp_path) as desk:
        line.at(desk, NOW)
        desk.take([a_sighting(number) for number in range(5)], NOW)
        planned = [False]

        def keep(_states: Mapping[str, State]) -> None:
            if planned[0]:
                raise StoreError("full")
            planned[0] = True

        with pytest.raises(StoreError):
            one_pass(desk, [line.channel], line.states, Sending(line.send, keep, lambda: NOW, lambda: 0.0), str)
    assert 1 == len(line.told)


def test_what_is_given_up_is_told_of_the_pass(tmp_path: Path) -> None:
    line = Line(messages=3)
    answers = iter([Answer("400 no", is_refused=True), Answer()])

    def send(_channel: Channel, message: Message, _now: int) -> Answer:
        line.told.append(message)
        return next(answers)

    by = Sending(send, line.keep, lambda: NOW, lambda: 0.0)
    with a_desk(tmp_path) as desk:
        line.at(desk, NOW)
        desk.take([a_sighting(1), a_sighting(2)], NOW)
        (sent,) = one_pass(desk, [line.channel], line.states, by, str)
    assert (1, 1, 1, "400 no") == (sent.messages, sent.told, sent.dropped, sent.problem)
    assert ["400 no"] == [each.reason for each in sent.given_up]
    assert [0, 1] == [message.dropped for message in line.told]
