"""One pass: what is new is gathered, planned and sent, and what a channel took is not told to it again.

State is written before anything is sent and after each message that was taken: who is killed in between tells one
message twice, under the same id, and loses none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from sentinel.model.alert import OPEN, Wanted
from sentinel.notify import plan
from sentinel.notify.channels import Event
from sentinel.notify.items import item, item_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sentinel.model.alert import Alert
    from sentinel.notify.channels import Channel
    from sentinel.notify.items import Item, Newsworthy
    from sentinel.notify.plan import Message, State
    from sentinel.notify.senders import Answer

_PAGE: Final = 1000


class Queue(Protocol):
    """What of the desk is asked."""

    def newest(self) -> int:
        """Give the number of the last entry."""

    def news(self, after: int, limit: int) -> tuple[Sequence[Newsworthy], int]:
        """Give what happened behind an entry, and the last entry looked at."""

    def every(self, wanted: Wanted) -> Sequence[Alert]:
        """Give all alerts that are wanted."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a pass came to on a channel: messages taken, how many things they told, what waits, what went wrong."""

    channel: str
    messages: int
    told: int
    waiting: int
    problem: str = ""
    has_begun: bool = False


def gathered(
    queue: Queue, channels: Sequence[Channel], states: Mapping[str, State], now: int, new_origin: Callable[[], str]
) -> dict[str, State]:
    """Give the states with all that happened since; a channel that is new begins with what happens from now on."""
    newest, found = queue.newest(), dict(states)
    for channel in channels:
        state = found.get(channel.name)
        if state is None:
            found[channel.name] = plan.begun(new_origin(), newest, now, channel.rules)
        elif state.cursor > newest:  # an older store was restored
            found[channel.name] = msgspec.structs.replace(state, cursor=newest)
    after = min((found[channel.name].cursor for channel in channels), default=newest)
    for page, last in _pages(queue, after, newest):
        told = [(news.number, each) for news in page if (each := item_of(news))]
        for channel in channels:
            state = found[channel.name]
            if last > state.cursor:
                fresh = (each for number, each in told if number > state.cursor)
                state = plan.gathered(channel.rules, state, fresh, now)
                found[channel.name] = msgspec.structs.replace(state, cursor=last)
    for channel in channels:
        found[channel.name] = _deadlines(queue, channel, found[channel.name], now)
    return found


def _pages(queue: Queue, after: int, newest: int) -> Iterator[tuple[Sequence[Newsworthy], int]]:
    while after < newest:
        page, last = queue.news(after, _PAGE)
        if last <= after:
            return
        after = last
        yield page, last


def _deadlines(queue: Queue, channel: Channel, state: State, now: int) -> State:
    """Give the state with alerts whose deadline has passed since, or has come near."""
    soon = max(state.soon, now + channel.rules.due_soon)
    over = _due_between(queue, channel, Event.OVERDUE, (state.due, now), now)
    near = _due_between(queue, channel, Event.DUE_SOON, (max(state.soon, now), soon), now)
    state = plan.gathered(channel.rules, state, [*over, *near], now)
    return msgspec.structs.replace(state, due=max(state.due, now), soon=soon)


def _due_between(queue: Queue, channel: Channel, event: Event, span: tuple[int, int], now: int) -> list[Item]:
    rules, (begin, end) = channel.rules, span
    if event not in rules.on or end <= begin:
        return []
    alerts = queue.every(Wanted(level=rules.level, states=OPEN, overdue=end))
    return [item(event, alert, now) for alert in alerts if alert.due is not None and begin <= alert.due < end]


def planned(channels: Sequence[Channel], states: Mapping[str, State], now: int) -> dict[str, State]:
    """Give the states with the messages of what is ripe."""
    return {**states, **{each.name: plan.planned(each, states[each.name], now) for each in channels}}


@dataclass(frozen=True, slots=True)
class Sending:
    """How messages leave: what takes one to its channel, what keeps the states, the time, and chance (0 to 1)."""

    send: Callable[[Channel, Message, int], Answer]
    keep: Callable[[Mapping[str, State]], None]
    clock: Callable[[], int]
    chance: Callable[[], float]


def delivered(channels: Sequence[Channel], states: dict[str, State], by: Sending, begun: frozenset[str]) -> list[Sent]:
    """Send what is due and say what came of it, a channel at a time; `states` are changed as it goes on."""
    return [_on(channel, states, by, has_begun=channel.name in begun) for channel in channels]


def _on(channel: Channel, states: dict[str, State], by: Sending, *, has_begun: bool) -> Sent:
    before, messages, problem = states[channel.name].told, 0, ""
    while due := plan.due(states[channel.name], by.clock()):
        answer = by.send(channel, due[0], by.clock())
        state, now = states[channel.name], by.clock()
        if answer.problem:
            problem = answer.problem
            states[channel.name] = plan.failed(state, due[0], now, answer.problem, by.chance(), is_down=answer.is_down)
        else:
            messages += 1
            problem = problem or answer.note
            states[channel.name] = plan.delivered(state, due[0], now, answer.note)
        by.keep(states)
    state = states[channel.name]
    return Sent(channel.name, messages, state.told - before, state.waiting, problem, has_begun)


def one_pass(
    queue: Queue, channels: Sequence[Channel], states: Mapping[str, State], by: Sending, new_origin: Callable[[], str]
) -> list[Sent]:
    """Tell all channels what is new, as far as their rules allow; raise StoreError."""
    now = by.clock()
    begun = frozenset(channel.name for channel in channels if channel.name not in states)
    found = planned(channels, gathered(queue, channels, states, now, new_origin), now)
    by.keep(found)
    return delivered(channels, found, by, begun)
