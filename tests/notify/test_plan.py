"""What is told when: never a storm, and nothing lost."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.model.severity import Level
from sentinel.notify import plan
from sentinel.notify.channels import HOUR, MINUTE, SECOND, Event, Quiet, Rules
from tests.notify.builders import ZONE, a_channel, an_item
from tests.triage.builders import NOW

CALM = Rules()
NIGHT = Quiet(22 * 60, 6 * 60)


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()) * SECOND


@pytest.mark.parametrize(
    ("rules", "fields", "fits"),
    [
        ({}, {}, True),
        ({}, {"level": Level.MEDIUM}, False),
        ({"rank": 43}, {}, False),
        ({"platforms": ("PORTAL*",)}, {}, True),
        ({"platforms": ("email",)}, {}, False),
        ({"agencies": ("H49*",)}, {"agency": "H49.61"}, True),
        ({"agencies": ("H49*",)}, {"agency": ""}, False),
        ({}, {"event": "closed"}, False),
        ({"on": frozenset({Event.CLOSED})}, {"event": "closed"}, True),
    ],
)
def test_rules_choose(rules: dict[str, object], fields: dict[str, object], fits: bool) -> None:
    assert fits == plan.wants(Rules(**rules), an_item(**fields))  # type: ignore[arg-type] # a table of fields


@pytest.mark.parametrize(
    ("at", "is_quiet"),
    [
        ("2026-11-20T21:59", False),
        ("2026-11-20T22:00", True),
        ("2026-11-21T05:59", True),
        ("2026-11-21T06:00", False),
        ("2026-11-21T23:00", False),
    ],
)
def test_a_night_ends_on_the_next_day(at: str, is_quiet: bool) -> None:
    friday = Quiet(NIGHT.begin, NIGHT.end, frozenset({4}))
    assert is_quiet == a_channel(quiet=(friday,)).is_quiet(moment(at))


def test_alerts_of_a_story_are_one_message() -> None:
    channel = a_channel()
    items = [an_item(number, story="s", level=Level.HIGH) for number in range(7)]
    state = plan.gathered(channel.rules, plan.begun("o", 0, NOW, CALM), items, NOW)
    assert () == plan.planned(channel, state, NOW + 5 * MINUTE - 1).messages
    (message,) = plan.planned(channel, state, NOW + 5 * MINUTE).messages
    assert (7, {"new:3": 7}, plan.MOST_ITEMS, False) == (
        message.group.total,
        message.group.tallies,
        len(message.group.items),
        message.digest,
    )


def test_what_is_urgent_breaks_through_quiet_times_and_the_rest_waits() -> None:
    channel, night = a_channel(quiet=(NIGHT,)), moment("2026-11-20T23:00")
    items = [an_item(1, level=Level.CRITICAL), an_item(2)]
    state = plan.gathered(channel.rules, plan.begun("o", 0, night, CALM), items, night)
    state = plan.planned(channel, state, night + HOUR)
    assert ([Level.CRITICAL], 1) == ([each.group.items[0].level for each in state.messages], len(state.groups))
    assert 2 == len(plan.planned(channel, state, moment("2026-11-21T06:00")).messages)


def test_what_is_above_the_rate_is_counted_in_a_digest() -> None:
    channel = a_channel(messages=3)
    state = plan.gathered(channel.rules, plan.begun("o", 0, NOW, CALM), map(an_item, range(50)), NOW)
    state = plan.planned(channel, state, NOW + HOUR)
    # One of three is kept for what is urgent.
    assert [(1, False), (49, True)] == [(each.group.total, each.digest) for each in state.messages]


def test_retries_wait_longer_each_time_and_others_wait_with_them() -> None:
    channel = a_channel()
    state = plan.gathered(channel.rules, plan.begun("o", 0, NOW, CALM), map(an_item, range(2)), NOW)
    state = plan.planned(channel, state, NOW + HOUR)
    waits = []
    for _try in range(9):
        first, other = state.messages
        state = plan.failed(state, first, NOW, "down", 0.0, is_down=True)
        waits.append((state.messages[0].retry - NOW) // SECOND)
        assert state.messages[1].retry == state.messages[0].retry
    assert [15, 30, 60, 120, 240, 480, 960, 1800, 1800] == waits
    assert (2, "down") == (state.waiting, state.error)
    assert 7_500 * 10**6 == plan.failed(state, other, NOW, "", 1.0, is_down=False).messages[1].retry - NOW


STEPS = st.lists(
    st.tuples(
        st.integers(0, 3 * HOUR),  # time that passes
        st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4)), max_size=40),  # stories and levels
        st.sampled_from(["up", "down", "refuses"]),  # the channel
    ),
    max_size=12,
)


@given(STEPS, st.integers(1, 4), st.booleans())
def test_whatever_comes_no_span_has_too_many_messages_and_all_is_told_once_or_counted(
    steps: list[tuple[int, list[tuple[int, int]], str]], messages: int, nights: bool
) -> None:
    channel = a_channel(messages=messages, level=Level.LOW, quiet=(NIGHT,) if nights else ())
    state, now, number = plan.begun("o", 0, NOW, CALM), NOW, 0
    sent: list[tuple[int, plan.Message]] = []
    came: Counter[str] = Counter()
    seen: list[int] = []
    for passed, news, channel_is in [*steps, *[(7 * HOUR, [], "up")] * 8]:
        now += passed
        items = [an_item(number + place, story=str(story), level=level) for place, (story, level) in enumerate(news)]
        number += len(items)
        came.update(f"new:{item.level}" for item in items if item.level >= Level.LOW)
        state = plan.planned(channel, plan.gathered(channel.rules, state, items, now), now)
        while due := plan.due(state, now):
            message = msgspec.structs.replace(due[0], dropped=state.unsaid)
            if channel_is == "down":
                state = plan.failed(state, message, now, "down", 0.5, is_down=True)
                continue
            seen.append(now)
            if channel_is == "up":
                sent.append((now, message))
                state = plan.delivered(state, message, now)
            else:
                state = plan.refused(state, message, now, "no")
    told: Counter[str] = Counter()
    for _at, message in sent:
        told.update(message.group.tallies)
    assert came.total() == told.total() + state.dropped
    assert state.dropped == state.unsaid + sum(message.dropped for _at, message in sent)
    assert not told - came
    assert len({message.id for _at, message in sent}) == len(sent)
    for at in seen:
        assert messages >= sum(1 for other in seen if at - channel.rules.every < other <= at)


def two_messages() -> plan.State:
    channel = a_channel()
    state = plan.gathered(channel.rules, plan.begun("o", 0, NOW, CALM), map(an_item, range(2)), NOW)
    return plan.planned(channel, state, NOW + HOUR)


def test_what_is_refused_for_good_is_given_up_and_the_next_message_says_so() -> None:
    state = two_messages()
    first, second = state.messages
    state = plan.refused(state, first, NOW + 1, "400 no")
    assert (1, 1, 1, [second.id]) == (state.dropped, state.unsaid, state.waiting, [each.id for each in state.messages])
    (gone,) = state.given_up
    assert (first.id, NOW + 1, "400 no", 1) == (gone.id, gone.at, gone.reason, gone.total)
    state = plan.delivered(state, msgspec.structs.replace(second, dropped=state.unsaid), NOW + 2)
    assert (1, 0, (gone,)) == (state.dropped, state.unsaid, state.given_up)


def test_what_fails_for_a_day_is_given_up_and_what_waited_with_it_too() -> None:
    state, now = two_messages(), NOW
    while len(state.messages) == 2:
        now = state.messages[0].retry or now
        state = plan.failed(state, state.messages[0], now, "down", 0.0, is_down=True)
    day = 24 * HOUR
    assert (True, 0, 2) == (day <= now - NOW <= day + HOUR, len(state.messages), state.dropped)
    state, now = two_messages(), NOW
    while len(state.messages) == 2:
        state = plan.failed(state, state.messages[0], now, "odd", 0.0, is_down=False)
        now += 6 * HOUR
    assert (1, 1) == (len(state.messages), state.dropped)


def test_a_storm_is_a_few_messages_and_costs_little() -> None:
    channel = a_channel()
    state, began = plan.begun("o", 0, NOW, CALM), time.process_time()
    for page in range(100):
        news = (an_item(page * 1000 + number) for number in range(1000))
        state = plan.planned(channel, plan.gathered(channel.rules, state, news, NOW), NOW + page * SECOND)
    state = plan.planned(channel, state, NOW + HOUR)
    assert (9, 100_000) == (len(state.messages), state.waiting)
    assert time.process_time() - began < 10
