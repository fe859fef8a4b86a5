"""What is told when: never a storm, and nothing lost. It knows no clock and no network.

News that fits a channel's rules waits in *groups*, one a story. A group is ripe when it is urgent, or has waited its
time and it is no quiet time. Ripe groups become *messages*, as many as the rate leaves room for; what is above that is
folded into one of them, the digest, which counts it. A message waits until the channel has taken it.

- In no span of `every` are there more than `messages`: a message counts from when it was taken, one that waits counts
  all the time. Where there may be more than one, one is kept for what is urgent.
- Every item that fits is in exactly one message, as one of its `items` or in its `total`.
- What the channel refuses for good, or has not taken a day after it first could not be told, is given up and counted;
  the next message that is taken says how much it was.
- However much comes, there are at most `MOST_GROUPS` groups and one more for all other stories, and each keeps
  `MOST_ITEMS` items: what is kept is small whether ten alerts come or a million.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from sentinel.notify.channels import HOUR, MINUTE, SECOND, Channel, Event, Rules
from sentinel.notify.items import Item  # noqa: TC001 - msgspec reads annotations when the program runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_GROUPS: Final = 100
MOST_ITEMS: Final = 5
OTHERS: Final = ""
"""The story of the group of all stories that have none of their own."""
MOST_GIVEN_UP: Final = 20
"""So many messages that were given up are kept to be shown, the last ones; all are counted."""
LONGEST_TRIED: Final = 24 * HOUR
_FIRST_RETRY: Final = 15 * SECOND
_LAST_RETRY: Final = 30 * MINUTE
_MOST_DOUBLED: Final = 10


class Group(msgspec.Struct, frozen=True, omit_defaults=True):
    """Items of a story since `since`: how many of each event and level (`new:4`), and the gravest of them."""

    story: str
    since: int
    tallies: dict[str, int]
    items: tuple[Item, ...]
    first: int
    last: int
    urgent: bool = False

    @property
    def total(self) -> int:
        """Give how many items there are."""
        return sum(self.tallies.values())


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is told in one go: a group, or as a digest several. `id` is the same however often it is tried.

    `tries` is how often it could not be told, since `failing` (0 is never), and it is not tried again before `retry`.
    `dropped` is how many items were given up before it, which it tells too.
    """

    id: str
    made: int
    group: Group
    digest: bool = False
    test: bool = False
    tries: int = 0
    retry: int = 0
    failing: int = 0
    dropped: int = 0


class GivenUp(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message that nobody will be told: how many items it had, the gravest of them, when it was given up and why."""

    id: str
    at: int
    reason: str
    total: int
    level: int
    title: str


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a channel has come: what waits, and when messages were taken or refused in the last `every`.

    `cursor` is the last entry of the ledger that was looked at; deadlines were looked at up to `due` and `soon`.
    `dropped` is how many items were given up, `unsaid` those of them that no message has told of yet.
    """

    origin: str
    cursor: int
    due: int
    soon: int
    groups: tuple[Group, ...] = ()
    messages: tuple[Message, ...] = ()
    taken: tuple[int, ...] = ()
    serial: int = 0
    told: int = 0
    told_at: int | None = None
    error: str = ""
    error_at: int | None = None
    dropped: int = 0
    unsaid: int = 0
    given_up: tuple[GivenUp, ...] = ()

    @property
    def waiting(self) -> int:
        """Give how many items have been told nobody yet."""
        return sum(group.total for group in self.groups) + sum(message.group.total for message in self.messages)


def begun(origin: str, cursor: int, now: int, rules: Rules) -> State:
    """Give the state of a channel that tells what happens from now on; `origin` is a name that no other has."""
    return State(origin, cursor, now, now + rules.due_soon)


def wants(rules: Rules, item: Item) -> bool:
    """Tell whether an item fits the rules."""
    return (
        item.level >= rules.level
        and item.rank >= rules.rank
        and item.event in rules.on
        and _fits(item.platform, rules.platforms)
        and _fits(item.agency, rules.agencies)
    )


def _fits(name: str, patterns: Sequence[str]) -> bool:
    if not patterns:
        return True
    from fnmatch import fnmatchcase

    folded = name.casefold()
    return any(fnmatchcase(folded, pattern.casefold()) for pattern in patterns)


def is_urgent(rules: Rules, item: Item) -> bool:
    """Tell whether an item is told at once, whatever the time."""
    return rules.urgent is not None and item.level >= rules.urgent and item.event != Event.CLOSED


def gathered(rules: Rules, state: State, items: Iterable[Item], now: int) -> State:
    """Give the state with those items in its groups that fit the rules."""
    groups = {group.story: group for group in state.groups}
    for item in items:
        if wants(rules, item):
            story = item.story if item.story in groups or len(groups) < MOST_GROUPS else OTHERS
            one = Group(
                story, now, {f"{item.event}:{item.level}": 1}, (item,), item.at, item.at, is_urgent(rules, item)
            )
            groups[story] = merged(story, (groups[story], one)) if story in groups else one
    return msgspec.structs.replace(state, groups=tuple(groups.values()))


def merged(story: str, groups: Sequence[Group]) -> Group:
    """Give one group of several, one at least."""
    tallies: dict[str, int] = {}
    for group in groups:
        for name, count in group.tallies.items():
            tallies[name] = tallies.get(name, 0) + count
    items = sorted((item for group in groups for item in group.items), key=lambda item: item.weight, reverse=True)
    return Group(
        story,
        min(group.since for group in groups),
        tallies,
        tuple(items[:MOST_ITEMS]),
        min(group.first for group in groups),
        max(group.last for group in groups),
        any(group.urgent for group in groups),
    )


def planned(channel: Channel, state: State, now: int) -> State:
    """Give the state with messages of those groups that are ripe, as far as the rate leaves room."""
    rules = channel.rules
    taken = tuple(at for at in state.taken if at > now - rules.every)
    state = msgspec.structs.replace(state, taken=taken)
    calm = not channel.is_quiet(now)
    ripe = [each for each in state.groups if each.urgent or (calm and now >= each.since + rules.group_within)]
    room = rules.messages - len(taken) - len(state.messages)
    if rules.messages > 1 and not any(group.urgent for group in ripe):
        room -= 1
    if not ripe or room <= 0:
        return state
    ripe.sort(key=_order)
    told = ripe if len(ripe) <= room else [*ripe[: room - 1], merged(OTHERS, ripe[room - 1 :])]
    messages = tuple(_message(state, number, group, now) for number, group in enumerate(told))
    stories = {group.story for group in ripe}
    return msgspec.structs.replace(
        state,
        groups=tuple(group for group in state.groups if group.story not in stories),
        messages=state.messages + messages,
        serial=state.serial + len(messages),
    )


def _order(group: Group) -> tuple[bool, bool, int, int, int]:
    """Give what orders groups: the urgent ones first, those of many stories last, then the gravest first."""
    level, rank, _at, _id = group.items[0].weight
    return not group.urgent, group.story == OTHERS, -level, -rank, group.since


def _message(state: State, number: int, group: Group, now: int) -> Message:
    return Message(f"{state.origin}-{state.serial + number}", now, group, digest=group.story == OTHERS)


def due(state: State, now: int) -> list[Message]:
    """Give the messages that are to be tried now."""
    return [message for message in state.messages if message.retry <= now]


def delivered(state: State, message: Message, now: int, note: str = "") -> State:
    """Give the state once a message was taken; `note` says what was wrong with it all the same."""
    return msgspec.structs.replace(
        state,
        messages=tuple(each for each in state.messages if each.id != message.id),
        taken=(*state.taken, now),
        told=state.told + message.group.total,
        told_at=now,
        error=note,
        error_at=now if note else None,
        unsaid=max(0, state.unsaid - message.dropped),
    )


def refused(state: State, message: Message, now: int, error: str) -> State:
    """Give the state once a message was refused for good; the server saw it, so that it counts for the rate."""
    left = tuple(each for each in state.messages if each.id != message.id)
    state = msgspec.structs.replace(state, messages=left, taken=(*state.taken, now), error=error, error_at=now)
    return _without(state, [message], now, error)


def _without(state: State, gone: Sequence[Message], now: int, reason: str) -> State:
    """Count messages that are given up."""
    count = sum(each.group.total for each in gone)
    tops = [(each, each.group.items[0]) for each in gone]
    told = [GivenUp(each.id, now, reason, each.group.total, top.level, top.title) for each, top in tops]
    return msgspec.structs.replace(
        state,
        dropped=state.dropped + count,
        unsaid=state.unsaid + count,
        given_up=(*state.given_up, *told)[-MOST_GIVEN_UP:],
    )


def failed(  # noqa: PLR0913 - what, when, why
    state: State, message: Message, now: int, error: str, chance: float, *, is_down: bool
) -> State:
    """Give the state once a message was not taken; where the channel `is_down`, all others wait as long as it.

    The wait doubles from 15 s to 30 min, and `chance` (0 to 1) takes up to half of it off, so that not all who wait
    for one server come back at once. What has failed for a day is given up.
    """
    wait = min(_LAST_RETRY, _FIRST_RETRY << min(message.tries, _MOST_DOUBLED))
    retry = now + wait - int(wait * chance / 2)
    left: list[Message] = []
    gone: list[Message] = []
    for each in state.messages:
        waits = each
        if each.id == message.id:
            waits = msgspec.structs.replace(each, tries=each.tries + 1, retry=retry, failing=each.failing or now)
        elif is_down:
            waits = msgspec.structs.replace(each, retry=max(each.retry, retry), failing=each.failing or now)
        is_over = waits is not each and now - waits.failing >= LONGEST_TRIED
        (gone if is_over else left).append(waits)
    state = msgspec.structs.replace(state, messages=tuple(left), error=error, error_at=now)
    return _without(state, gone, now, error)
