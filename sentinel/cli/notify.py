"""`sentinel notify`: tell people of alerts by web hook, mail and syslog."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from rich.text import Text

    from sentinel.console.progress import ProgressLine
    from sentinel.notify.channels import Channel
    from sentinel.notify.items import Newsworthy
    from sentinel.notify.passing import Queue, Sending, Sent
    from sentinel.notify.plan import State
    from sentinel.settings import Settings

Name = Annotated[str, typer.Argument(metavar="CHANNEL", help=later("The channel's name in notify.toml."))]
Connect = Annotated[bool, typer.Option("--connect", help=later("Also reach each server, and tell it nothing."))]
DryRun = Annotated[bool, typer.Option("--dry-run", help=later("Show what would be sent; send and keep nothing."))]
Everything = Annotated[
    bool,
    typer.Option("--from-start", help=later("A new channel is told of all that ever happened, not only from now on.")),
]
Interval = Annotated[
    str, typer.Option("--interval", metavar="TIME", help=later("Time between two looks at the queue: 10s, 1m."))
]
Lines = Annotated[bool, typer.Option("--json", help=later("Write a JSON object a line."))]


def register(app: typer.Typer) -> None:
    """Add the group `notify`."""
    group = typer.Typer(rich_markup_mode=None)
    group.command("check", help=_("Check notify.toml; exit 1 where something is wrong."))(check)
    group.command("test", help=_("Send one test message to a channel."))(try_channel)
    group.command("send", help=_("Send what is new, once; exit 3 where a channel failed."))(send)
    group.command("watch", help=_("Send what is new as it comes, until stopped."))(watch)
    group.command("status", help=_("Show what each channel was told, what waits, and its last error."))(status)
    app.add_typer(group, name="notify")


def _put(now: Settings, lines: Sequence[Text | str]) -> None:
    from sentinel.console.theme import console_for, put

    put(console_for(sys.stdout, now.color), *lines)


def _width(now: Settings) -> int:
    from sentinel.console.theme import console_for

    return console_for(sys.stdout, now.color).width


def _channels(now: Settings) -> list[Channel]:
    from sentinel import language
    from sentinel.console.times import zone_named
    from sentinel.notify.reading import channels_of

    return channels_of(now.notify, language.current(), zone_named(now.timezone))


def check(ctx: typer.Context, connect: Connect = False, as_json: Json = False) -> int:
    """Check what is described, and with `--connect` whether servers answer and are trusted."""
    from sentinel import language
    from sentinel.cli.errors import show
    from sentinel.console import notify as views
    from sentinel.console.times import zone_named
    from sentinel.notify import senders
    from sentinel.notify.reading import read

    now = settings.load(ctx.obj)
    channels, faults = read(now.notify, language.current(), zone_named(now.timezone))
    problems = {each.name: senders.connect(each) if connect else None for each in channels}
    if as_json:
        told = [{"place": each.place, "message": each.message, "hint": each.hint} for each in faults]
        shown = [views.channel_object(each, problems[each.name]) for each in channels]
        asked.put_json({"channels": shown, "faults": told})
    else:
        for fault in faults:
            show(fault)
        _put(now, views.channels_table(channels, _width(now)) if channels else [_("No channel.")])
        _put(now, [f"{name}: {problem}" for name, problem in problems.items() if problem])
    return ExitCode.FOUND if faults or any(problems.values()) else ExitCode.DONE


def try_channel(ctx: typer.Context, name: Name, as_json: Json = False) -> int:
    """Send a test, whatever the channel's rules, quiet times and rate."""
    from sentinel.notify import plan, senders
    from sentinel.notify.items import sample
    from sentinel.notify.reading import named

    now, moment = settings.load(ctx.obj), time.time_ns()
    channel, item = named(_channels(now), name), sample(moment)
    group = plan.Group("test", moment, {f"{item.event}:{item.level}": 1}, (item,), moment, moment)
    answer = senders.send(channel, plan.Message(f"test-{moment}", moment, group, test=True), moment)
    if as_json:
        asked.put_json({"channel": channel.name, "problem": answer.problem, "note": answer.note})
    elif answer.problem or answer.note:
        _put(now, [f"{channel.name}: {answer.problem or answer.note}"])
    else:
        _put(now, [_("{channel}: the server took the message").format(channel=channel.name)])
    return ExitCode.FOUND if answer.problem else ExitCode.DONE


def send(ctx: typer.Context, dry_run: DryRun = False, from_start: Everything = False, as_json: Json = False) -> int:
    """Send what is new as far as the rules of each channel allow."""
    from sentinel.console import notify as views

    now = settings.load(ctx.obj)
    channels = _channels(now)
    if dry_run:
        _show_planned(now, channels, from_start=from_start, as_json=as_json)
        return ExitCode.DONE
    with _telling(now) as progress:
        sent = _sent(now, channels, from_start=from_start, progress=progress)
    _warn(sent)
    if as_json:
        asked.put_json({"channels": [views.sent_object(each) for each in sent]})
    else:
        _put(now, [views.sent_line(each) for each in sent])
    return ExitCode.PARTLY if any(each.problem for each in sent) else ExitCode.DONE


def _show_planned(now: Settings, channels: list[Channel], *, from_start: bool, as_json: bool) -> None:
    from sentinel.console import notify as views
    from sentinel.notify import passing, plan

    moment = time.time_ns()
    with _queue(now) as queue:
        found = passing.gathered(
            queue, channels, _states(now, channels, from_start=from_start), moment, lambda: "dry-run"
        )
    found = passing.planned(channels, found, moment)
    due = [(each, message) for each in channels for message in plan.due(found[each.name], moment)]
    if as_json:
        asked.put_json({"messages": [views.planned_object(*each) for each in due]})
    else:
        _put(now, [views.planned_line(*each) for each in due] or [_("Nothing would be sent now.")])


def _sent(
    now: Settings, channels: list[Channel], *, from_start: bool = False, progress: ProgressLine | None = None
) -> list[Sent]:
    """Do one pass; the file of alerts is opened anew each time, for it may not have been there before."""
    import secrets

    from sentinel.notify import passing, states

    with _queue(now) as queue, states.alone(now.store):
        kept = _states(now, channels, from_start=from_start)
        looked = _Looked(queue, progress) if progress else queue
        return passing.one_pass(looked, channels, kept, _sending(now, progress), lambda: secrets.token_hex(4))


class _Looked:
    """A queue that tells how much of what is new was looked at."""

    def __init__(self, queue: Queue, progress: ProgressLine) -> None:
        self._queue, self._progress = queue, progress
        self._begin: int | None = None
        self.newest, self.every = queue.newest, queue.every

    def news(self, after: int, limit: int) -> tuple[Sequence[Newsworthy], int]:
        """Give what the queue gives."""
        begin = self._begin = after if self._begin is None else self._begin
        _told(self._progress, after - begin, self.newest() - begin)
        return self._queue.news(after, limit)


def _told(progress: ProgressLine, done: int, total: int) -> None:
    from sentinel.console.numbers import number

    text = _("{done} of {total}").format(done=number(done), total=number(total))
    progress.tell(done, lambda _gone, _left: text, total)


@contextmanager
def _telling(now: Settings) -> Iterator[ProgressLine]:
    """Give what tells on the terminal how far a pass has come."""
    from sentinel.console.progress import ProgressLine
    from sentinel.console.theme import console_for

    line = ProgressLine(console_for(sys.stderr, now.color) if sys.stderr.isatty() else None, None)
    try:
        yield line
    finally:
        line.close()


def _warn(sent: Sequence[Sent]) -> None:
    """Say on standard error what nobody will be told."""
    from sentinel.cli.errors import show
    from sentinel.console.notify import given_up_told
    from sentinel.errors import StoreError

    hint = _("`sentinel notify status` shows what was given up; the next message says how much it was")
    gone = [(each.channel, one) for each in sent for one in each.given_up]
    for number, (name, one) in enumerate(gone, 1):
        show(StoreError(given_up_told(name, one), hint=hint if number == len(gone) else ""))


def _states(now: Settings, channels: list[Channel], *, from_start: bool) -> dict[str, State]:
    """Give how far each channel has come; with `from_start` one that is new stands before the first entry."""
    import secrets

    from sentinel.notify import plan, states

    kept = states.read(now.store)
    new = [each for each in channels if from_start and each.name not in kept]
    return kept | {each.name: plan.begun(secrets.token_hex(4), 0, time.time_ns(), each.rules) for each in new}


def _sending(now: Settings, progress: ProgressLine | None) -> Sending:
    import random

    from sentinel.notify import senders, states
    from sentinel.notify.passing import Sending

    keep, chance = partial(states.write, now.store), random.SystemRandom().random
    if progress is None:
        return Sending(senders.send, keep, time.time_ns, chance)
    return Sending(senders.send, keep, time.time_ns, chance, partial(_told, progress))


class _Nothing:
    """The queue of a store that no alert was ever raised in."""

    def newest(self) -> int:
        """Give 0: there is no entry."""
        return 0

    def news(self, after: int, limit: int) -> tuple[list[Any], int]:  # noqa: ARG002 - as the desk
        """Give nothing."""
        return [], after

    def every(self, wanted: Any) -> list[Any]:  # noqa: ANN401, ARG002 - as the desk
        """Give nothing."""
        return []


def _queue(now: Settings) -> AbstractContextManager[Queue]:
    from contextlib import nullcontext

    from sentinel.cli.alerts import desk_of

    desk = desk_of(now)
    if desk.file.is_there:
        return desk
    desk.close()
    return nullcontext(_Nothing())


def watch(ctx: typer.Context, interval: Interval = "10s", as_json: Lines = False) -> None:
    """Send until stopped: Ctrl-C or SIGTERM, which lets the message in hand be finished."""
    import signal
    from threading import Event

    now, seconds = settings.load(ctx.obj), asked.duration(interval, "--interval") / 1_000_000_000
    channels, stop = _channels(now), Event()
    before = signal.signal(signal.SIGTERM, lambda *_of: stop.set())
    try:
        while not stop.is_set():
            sent = _sent(now, channels)
            _warn(sent)
            for each in sent:
                _tell(now, each, as_json=as_json)
            sys.stdout.flush()
            stop.wait(seconds)
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(now: Settings, sent: Sent, *, as_json: bool) -> None:
    from sentinel.console import notify as views

    if not (sent.messages or sent.problem or sent.has_begun):
        return
    if as_json:
        asked.put_json(views.sent_object(sent))
    else:
        _put(now, [views.sent_line(sent)])


def status(ctx: typer.Context, as_json: Json = False) -> None:
    """Show how far each channel has come; those that are described no more, too, where something waits or is lost."""
    from sentinel.console import notify as views
    from sentinel.console.times import zone_named
    from sentinel.notify import states

    now = settings.load(ctx.obj)
    names = [channel.name for channel in _channels(now)]
    kept = states.read(now.store)
    names += [name for name, state in kept.items() if name not in names and (state.waiting or state.given_up)]
    if as_json:
        asked.put_json({"channels": [views.state_object(name, kept.get(name)) for name in names]})
        return
    begun = {name: kept[name] for name in names if name in kept}
    zone = zone_named(now.timezone)
    _put(now, views.status_table(begun, zone, _width(now)) if begun else [])
    _put(now, views.given_up_lines(begun, zone))
    _put(now, [_("{channel}: nothing was sent yet").format(channel=name) for name in names if name not in kept])
