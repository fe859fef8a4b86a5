"""What messages say, in the channel's language."""

from __future__ import annotations

import gettext
import re
from typing import TYPE_CHECKING, Final

from sentinel.language import DOMAIN, FOLDER, SOURCE, later
from sentinel.model.severity import Level
from sentinel.notify.channels import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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


def _words(code: str) -> tuple[Callable[[str], str], Callable[[str, str, int], str]]:
    """Give `_` and `n_` of a language: those of the program are the reader's, and channels are told side by side."""
    catalogue = gettext.translation(DOMAIN, FOLDER, [code], fallback=code == SOURCE)
    return catalogue.gettext, catalogue.ngettext


def plain(text: str) -> str:
    """Give a text on one line that does nothing to whoever shows it."""
    return _UNSEEN.sub(" ", text)


def subject(channel: Channel, message: Message) -> str:
    """Say on one line what a message is about."""
    _, n_ = _words(channel.language)
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
    _, n_ = _words(channel.language)
    group, told = message.group, [_counted(channel, message), ""]
    if message.test:
        told = [_("This is a test; no alert was raised."), ""]
    if message.dropped:
        told += [_dropped(channel, message), ""]
    for item in group.items:
        told += [*_about(channel, item), ""]
    left = group.total - len(group.items)
    if left:
        told.append(n_("and {count} more", "and {count} more", left).format(count=left))
    zone = _("times are those of {zone}").format(zone=channel.zone.key)
    return [*told, zone, _("`sentinel alerts show ID` tells more")]


def _counted(channel: Channel, message: Message) -> str:
    _, _n = _words(channel.language)
    tallies = message.group.tallies
    parts = []
    for name, count in sorted(tallies.items(), key=lambda pair: -int(pair[0].partition(":")[2])):
        event, _colon, level = name.partition(":")
        parts.append(f"{count} × {_(_EVENTS[Event(event)])} ({_(_LEVELS[Level(int(level))])})")
    return ", ".join(parts)


def _dropped(channel: Channel, message: Message) -> str:
    _, n_ = _words(channel.language)
    count = message.dropped
    return n_(
        "{count} event before this could not be sent and was given up: `sentinel notify status` tells why",
        "{count} events before this could not be sent and were given up: `sentinel notify status` tells why",
        count,
    ).format(count=count)


def _about(channel: Channel, item: Item) -> list[str]:
    _, _n = _words(channel.language)
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
