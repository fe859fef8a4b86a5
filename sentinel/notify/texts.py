"""What messages say, in the channel's language."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sentinel import language
from sentinel.language import _, later, n_
from sentinel.model.severity import Level
from sentinel.notify.channels import Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sentinel.notify.channels import Channel
    from sentinel.notify.items import Item
    from sentinel.notify.plan import Message

_EVENTS: Final[Mapping[Event, str]] = {
    Event.NEW: later("new alert"),
    Event.REOPENED: later("alert opened again"),
    Event.DUE_SOON: later("alert due soon"),
    Event.OVERDUE: later("alert overdue"),
    Event.CLOSED: later("alert closed"),
}
_LEVELS: Final[Mapping[Level, str]] = {
    Level.CRITICAL: later("critical"),
    Level.HIGH: later("high"),
    Level.MEDIUM: later("medium"),
    Level.LOW: later("low"),
    Level.INFORMATIONAL: later("info"),
}
# Controls, and what turns the direction of writing: a stranger wrote it.
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Give texts in a language for as long as the context lasts."""
    before = language.current()
    language.use(code)
    try:
        yield
    finally:
        language.use(before)


def plain(text: str) -> str:
    """Give a text on one line that does nothing to whoever shows it."""
    return _UNSEEN.sub(" ", text)


def subject(channel: Channel, message: Message) -> str:
    """Say on one line what a message is about."""
    with in_language(channel.language):
        top, more = message.group.items[0], message.group.total - 1
        level = _(_LEVELS[Level(top.level)])
        if message.test:
            return _("Sentinel: a test of the channel '{name}'").format(name=channel.name)
        told = f"{_(_EVENTS[Event(top.event)])} ({level}): {plain(top.title)}"
        where = plain(top.host or top.user or top.peer)
        told = f"{told} – {where}" if where else told
        others = n_("and {count} more", "and {count} more", more).format(count=more)
        return f"{told} {others}" if more else told


def lines(channel: Channel, message: Message) -> list[str]:
    """Say what a message tells, a line each."""
    with in_language(channel.language):
        group, told = message.group, [_counted(message), ""]
        if message.test:
            told = [_("This is a test; no alert was raised."), ""]
        for item in group.items:
            told += [*_about(channel, item), ""]
        left = group.total - len(group.items)
        if left:
            told.append(n_("and {count} more", "and {count} more", left).format(count=left))
        zone = _("times are those of {zone}").format(zone=channel.zone.key)
        return [*told, zone, _("`sentinel alerts show ID` tells more")]


def _counted(message: Message) -> str:
    tallies = message.group.tallies
    parts = []
    for name, count in sorted(tallies.items(), key=lambda pair: -int(pair[0].partition(":")[2])):
        event, _colon, level = name.partition(":")
        parts.append(f"{count} × {_(_EVENTS[Event(event)])} ({_(_LEVELS[Level(int(level))])})")
    return ", ".join(parts)


def _about(channel: Channel, item: Item) -> list[str]:
    names = (
        (_("id"), item.id[:12]),
        (_("rank"), str(item.rank)),
        (_("rule"), item.rule),
        (_("host"), item.host),
        (_("user"), item.user),
        (_("source"), item.peer),
        (_("platform"), item.platform),
        (_("agency"), item.agency),
        (_("count"), str(item.count)),
        (_("first seen"), _time(channel, item.first)),
        (_("last seen"), _time(channel, item.last)),
        (_("due"), _time(channel, item.due) if item.due is not None else ""),
        (_("assignee"), item.assignee),
        (_("reason"), item.reason),
        (_("detail"), item.detail),
    )
    head = f"{_(_EVENTS[Event(item.event)])} ({_(_LEVELS[Level(item.level)])}): {plain(item.title)}"
    return [head, *(f"  {name}: {plain(value)}" for name, value in names if value)]


def _time(channel: Channel, moment: int) -> str:
    try:
        return f"{channel.local(moment):%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError):
        return "–"
