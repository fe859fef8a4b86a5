"""Channels, and what they were told, as tables and for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from sentinel.console.numbers import number
from sentinel.console.tables import EXTRA, Column, table
from sentinel.console.text import visible
from sentinel.console.theme import WARNING
from sentinel.console.times import iso, shown
from sentinel.language import _, n_
from sentinel.model.severity import Level
from sentinel.notify.texts import subject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.notify.channels import Channel
    from sentinel.notify.passing import Sent
    from sentinel.notify.plan import GivenUp, Message, State


def channels_table(channels: Sequence[Channel], width: int) -> list[Text]:
    """Give the lines of the table of channels: where each goes, and what it is told."""
    columns = [
        Column(_("channel"), [each.name for each in channels], least=8),
        Column(_("type"), [kind(each) for each in channels]),
        Column(_("goes to"), [each.target.shown for each in channels], least=16),
        Column(_("level"), [each.rules.level.label for each in channels]),
        Column(_("told of"), [" ".join(sorted(each.rules.on)) for each in channels], rank=1, least=8),
        Column(_("language"), [each.language for each in channels], rank=EXTRA),
    ]
    return table(columns, width)


def kind(channel: Channel) -> str:
    """Give the word for what a channel is."""
    return type(channel.target).__name__.lower()


def channel_object(channel: Channel, problem: str | None = None) -> dict[str, Any]:
    """Give a channel for JSON; `problem` is what came of trying to reach it, None where nobody tried."""
    told = {"name": channel.name, "type": kind(channel), "to": channel.target.shown, "place": channel.place}
    return told if problem is None else {**told, "problem": problem}


def status_table(states: Mapping[str, State], zone: ZoneInfo, width: int) -> list[Text]:
    """Give the lines of the table of how far channels have come."""
    every = list(states.values())
    columns = [
        Column(_("channel"), list(states), least=8),
        Column(_("told"), [number(state.told) for state in every], right=True),
        Column(_("waiting"), [number(state.waiting) for state in every], right=True),
        Column(_("given up"), [number(state.dropped) for state in every], right=True),
        Column(_("last told"), [shown(state.told_at, zone) for state in every], rank=1),
        Column(_("last error"), [state.error for state in every], rank=2, least=16, style=WARNING),
        Column(_("tried"), [shown(state.error_at, zone) if state.error else "" for state in every], rank=3),
    ]
    return table(columns, width)


def given_up_lines(states: Mapping[str, State], zone: ZoneInfo) -> list[Text]:
    """Say which messages were given up, when and why, the last first."""
    found = [(each.at, name, each) for name, state in states.items() for each in state.given_up]
    found.sort(key=lambda one: one[:2], reverse=True)
    return [Text(f"{shown(at, zone)}  {given_up_told(name, each)}", style=WARNING) for at, name, each in found]


def given_up_told(name: str, gone: GivenUp) -> str:
    """Say of one message that it was given up, and why."""
    others = gone.total - 1
    more = " " + n_("and {count} more", "and {count} more", others).format(count=number(others)) if others else ""
    told = _("{channel}: given up: {title}: {reason}")
    return visible(told.format(channel=name, title=f"“{gone.title}”{more}", reason=gone.reason))


def given_up_object(gone: GivenUp) -> dict[str, Any]:
    """Give a message that was given up for JSON."""
    level = Level(gone.level).label
    return {
        "id": gone.id,
        "at": iso(gone.at),
        "reason": gone.reason,
        "total": gone.total,
        "level": level,
        "title": gone.title,
    }


def state_object(name: str, state: State | None) -> dict[str, Any]:
    """Give how far a channel has come for JSON; None where it has not begun."""
    if state is None:
        return {"channel": name, "begun": False}
    return {
        "channel": name,
        "begun": True,
        "told": state.told,
        "waiting": state.waiting,
        "told_at": iso(state.told_at),
        "error": state.error,
        "error_at": iso(state.error_at),
        "dropped": state.dropped,
        "given_up": [given_up_object(each) for each in state.given_up],
    }


def sent_object(sent: Sent) -> dict[str, Any]:
    """Give what a pass came to on a channel for JSON."""
    return {
        "channel": sent.channel,
        "messages": sent.messages,
        "told": sent.told,
        "waiting": sent.waiting,
        "dropped": sent.dropped,
        "problem": sent.problem,
        "begun": sent.has_begun,
    }


def sent_line(sent: Sent) -> Text:
    """Say what a pass came to on a channel."""
    messages = n_("{count} message sent", "{count} messages sent", sent.messages).format(count=number(sent.messages))
    line = Text(visible(f"{sent.channel}: {messages}"))
    if sent.has_begun:
        line.append("; " + _("it begins with what happens from now on"))
    if sent.waiting:
        line.append("; " + _("waiting: {count}").format(count=number(sent.waiting)))
    if sent.dropped:
        line.append("; " + _("given up: {count}").format(count=number(sent.dropped)), style=WARNING)
    if sent.problem:
        line.append("; " + visible(sent.problem), style=WARNING)
    return line


def planned_object(channel: Channel, message: Message) -> dict[str, Any]:
    """Give a message that would be sent for JSON."""
    return {"channel": channel.name, "subject": subject(channel, message), "total": message.group.total}


def planned_line(channel: Channel, message: Message) -> str:
    """Say which message would be sent."""
    return visible(f"{channel.name}: {subject(channel, message)}")
