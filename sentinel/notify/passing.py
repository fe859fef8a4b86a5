"""One pass: what is new is gathered, planned and sent, and what a channel took is not told to it again.

State is written before anything is sent and after each message that was taken: who is killed in between tells one
message a channel twice, under the same id, and loses none. Channels are sent to side by side, each its messages one
after another, so that a server that does not answer holds back no other.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock
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
    from sentinel.notify.plan import GivenUp, Message, State
    from sentinel.notify.senders import Answer

_PAGE: Final = 1000
MOST_AT_ONCE: Final = 16
"""So many channels at most are sent to at once."""
_BETWEEN: Final = 0.1
"""Seconds between two tellings of how far the sending has come."""


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
    """What a pass came to on a channel: messages taken, how many things they told, what waits, what went wrong.

    `dropped` is how many things were given up, `given_up` the last messages of them.
    """

    channel: str
    messages: int
    told: int
    waiting: int
    problem: str = ""
    has_begun: bool = False
    dropped: int = 0
    given_up: tuple[GivenUp, ...] = ()


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


def _unheard(_done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Sending:
    """How messages leave: what takes one to its channel, what keeps the states, the time, and chance (0 to 1).

    `send` is called by several threads, all else by one at a time; `tell` hears how many messages of how many were
    tried, by the thread that does the pass.
    """

    send: Callable[[Channel, Message, int], Answer]
    keep: Callable[[Mapping[str, State]], None]
    clock: Callable[[], int]
    chance: Callable[[], float]
    tell: Callable[[int, int], None] = _unheard


def delivered(channels: Sequence[Channel], states: dict[str, State], by: Sending, begun: frozenset[str]) -> list[Sent]:
    """Send what is due and say what came of it, on all channels at once; `states` are changed as it goes on.

    Whoever interrupts it, or a state that cannot be kept, ends it with the messages in hand. Raise StoreError.
    """
    delivery = _Delivery(states, by)
    total = sum(len(plan.due(states[channel.name], by.clock())) for channel in channels)
    with ThreadPoolExecutor(min(MOST_AT_ONCE, max(1, len(channels)))) as threads:
        try:
            runs = [threads.submit(delivery.on, each, has_begun=each.name in begun) for each in channels]
            while wait(runs, _BETWEEN).not_done:
                by.tell(delivery.tried, total)
            return [run.result() for run in runs]
        finally:
            delivery.is_over = True


class _Delivery:
    """The states that all channels share, changed and kept by one at a time."""

    def __init__(self, states: dict[str, State], by: Sending) -> None:
        self._states, self._by, self._lock = states, by, Lock()
        self.tried = 0
        self.is_over = False

    def on(self, channel: Channel, *, has_begun: bool) -> Sent:
        """Send on a channel until nothing is due, or all is over."""
        by, name, began = self._by, channel.name, self._states[channel.name]
        messages, problem = 0, ""
        while not self.is_over and (due := plan.due(self._states[name], by.clock())):
            message = msgspec.structs.replace(due[0], dropped=self._states[name].unsaid)
            answer = by.send(channel, message, by.clock())
            problem = answer.problem or problem or answer.note
            messages += not answer.problem
            self._keep(name, message, answer)
        state = self._states[name]
        before = {each.id for each in began.given_up}
        given_up = tuple(each for each in state.given_up if each.id not in before)
        dropped = state.dropped - began.dropped
        return Sent(name, messages, state.told - began.told, state.waiting, problem, has_begun, dropped, given_up)

    def _keep(self, name: str, message: Message, answer: Answer) -> None:
        with self._lock:
            self._states[name] = _after(self._states[name], message, answer, self._by)
            self.tried += 1
            try:
                self._by.keep(self._states)
            except BaseException:
                self.is_over = True
                raise


def _after(state: State, message: Message, answer: Answer, by: Sending) -> State:
    """Give the state once a channel has answered."""
    now = by.clock()
    if answer.is_refused:
        return plan.refused(state, message, now, answer.problem)
    if answer.problem:
        return plan.failed(state, message, now, answer.problem, by.chance(), is_down=answer.is_down)
    return plan.delivered(state, message, now, answer.note)


def one_pass(
    queue: Queue, channels: Sequence[Channel], states: Mapping[str, State], by: Sending, new_origin: Callable[[], str]
) -> list[Sent]:
    """Tell all channels what is new, as far as their rules allow; raise StoreError."""
    now = by.clock()
    begun = frozenset(channel.name for channel in channels if channel.name not in states)
    found = planned(channels, gathered(queue, channels, states, now, new_origin), now)
    by.keep(found)
    return delivered(channels, found, by, begun)
