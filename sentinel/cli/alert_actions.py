"""What `sentinel alerts` does to alerts: ack, assign, note, close, and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sentinel.cli.alert_acting import (
    Call,
    Chosen,
    How,
    alert_named,
    alerts_of,
    calling,
    carried_out,
    confirm,
    said,
    told,
    tried,
)
from sentinel.cli.wanted import Filters, filtered, reason_named
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.model.alert import Alert, Reason
    from sentinel.triage.actions import Action

To = Annotated[
    str, typer.Option("--to", metavar="NAME", help=later("Who is to answer for it: somebody's name, me, or nobody."))
]
Words = Annotated[str, typer.Option("--note", metavar="TEXT", help=later("What there is to say about it."))]
Written = Annotated[str, typer.Option("--note", metavar="TEXT", help=later("What you know; it stays in the history."))]
Reason_ = Annotated[
    str,
    typer.Option("--reason", metavar="REASON", help=later("Why: true_positive, false_positive, benign or duplicate.")),
]
DuplicateOf = Annotated[
    str, typer.Option("--duplicate-of", metavar="ID", help=later("The alert that it is a duplicate of."))
]
WhyPaused = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help=later("What is waited for; whoever reads it must see why."))
]


def register_actions(group: typer.Typer) -> None:
    """Add the commands that act on alerts to the group `alerts`."""
    from sentinel.cli.alert_holding import register_holding
    from sentinel.cli.alert_writing import new

    for command, caption in _COMMANDS:
        group.command(command.__name__, help=_(caption))(command)
    register_holding(group)
    group.command("new", help=_("Write an alert by hand."))(new)


def _run(ctx: typer.Context, chosen: Chosen, filters: Filters, how: How, action_of: Callable[[Call], Action]) -> int:
    """Do what `action_of` gives, for a call, to the alerts that are chosen."""
    from sentinel.triage.actions import FROM, NAMES, Note
    from sentinel.triage.desk import MAY_ACT

    with calling(ctx, how, MAY_ACT) as call:
        action = action_of(call)
        alerts, missing = alerts_of(call, chosen, filters, FROM[type(action)])
        alerts = _without_itself(action, alerts, is_named=bool(chosen.ids))
        confirm(len(alerts), chosen, how)
        # A note never comes too late; all else is done to what was looked at, or to nothing.
        looked_at = not isinstance(action, Note)
        if chosen.dry_run:
            outcomes = tried(action, alerts)
        else:
            outcomes = carried_out(
                call, alerts, lambda some: call.desk.act(action, some, call.by, call.moment, looked_at=looked_at)
            )
        return told(call, NAMES[type(action)], [*outcomes, *missing], as_json=how.as_json, dry=chosen.dry_run)


def _without_itself(action: Action, alerts: list[Alert], *, is_named: bool) -> list[Alert]:
    """Leave out the alert that the others are duplicates of. Raise InputError where it was named itself."""
    original = getattr(action, "duplicate_of", "")
    others = [alert for alert in alerts if alert.id != original]
    if is_named and len(others) < len(alerts):
        raise InputError(_("an alert cannot be a duplicate of itself"), place="--duplicate-of")
    return others


@filtered
def ack(ctx: typer.Context, chosen: Chosen, filters: Filters, how: How) -> int:
    """Say that one has begun to look at alerts."""
    from sentinel.triage.actions import Acknowledge

    return _run(ctx, chosen, filters, how, lambda _call: Acknowledge())


@filtered
def assign(ctx: typer.Context, to: To, chosen: Chosen, filters: Filters, how: How) -> int:
    """Give alerts to somebody."""
    from sentinel.triage.actions import Assign

    return _run(ctx, chosen, filters, how, lambda call: Assign(call.person(to, "--to")))


@filtered
def note(ctx: typer.Context, words: Written, chosen: Chosen, filters: Filters, how: How) -> int:
    """Write what one knows about alerts."""
    from sentinel.triage.actions import Note

    if chosen.if_version is not None:
        raise InputError(_("a note never comes too late"), place="--if-version")
    return _run(ctx, chosen, filters, how, lambda _call: Note(said(words, "--note")))


@filtered
def close(
    ctx: typer.Context,
    *,
    why: Reason_ = "",
    words: Words = "",
    duplicate_of: DuplicateOf = "",
    chosen: Chosen,
    filters: Filters,
    how: How,
) -> int:
    """Answer alerts."""
    from sentinel.triage.actions import Close

    reason = _why(why, duplicate_of)

    def action(call: Call) -> Action:
        original = alert_named(call.desk, duplicate_of).id if duplicate_of else ""
        return Close(reason, said(words), original)

    return _run(ctx, chosen, filters, how, action)


def _why(reason: str, duplicate_of: str) -> Reason:
    from sentinel.model.alert import Reason

    if not reason and not duplicate_of:
        raise InputError(
            _("why is it closed?"),
            place="--reason",
            hint=_("one of {names}").format(names=", ".join(each.value for each in Reason)),
        )
    why: Reason = reason_named(reason, "--reason") if reason else Reason.DUPLICATE
    if (why is Reason.DUPLICATE) != bool(duplicate_of):
        raise InputError(
            _("a duplicate, and only a duplicate, is one of another alert"),
            place="--duplicate-of",
            hint=_("write --reason duplicate --duplicate-of ID"),
        )
    return why


@filtered
def reopen(ctx: typer.Context, *, words: Words = "", chosen: Chosen, filters: Filters, how: How) -> int:
    """Open closed alerts again."""
    from sentinel.triage.actions import Reopen

    return _run(ctx, chosen, filters, how, lambda _call: Reopen(said(words)))


@filtered
def pause(ctx: typer.Context, why: WhyPaused, chosen: Chosen, filters: Filters, how: How) -> int:
    """Let the clocks of alerts stand."""
    from sentinel.triage.actions import Pause

    return _run(ctx, chosen, filters, how, lambda _call: Pause(said(why, "--reason")))


@filtered
def resume(ctx: typer.Context, chosen: Chosen, filters: Filters, how: How) -> int:
    """Let the clocks of alerts run again."""
    from sentinel.triage.actions import Resume

    return _run(ctx, chosen, filters, how, lambda _call: Resume())


@filtered
def undo(ctx: typer.Context, chosen: Chosen, filters: Filters, how: How) -> int:
    """Take back what one did last."""
    from sentinel.triage.actions import UNDO
    from sentinel.triage.desk import MAY_ACT

    if chosen.if_version is not None:
        raise InputError(
            _("undo knows no version"), place="--if-version", hint=_("what others changed since stays anyway")
        )
    with calling(ctx, how, MAY_ACT) as call:
        alerts, missing = alerts_of(call, chosen, filters, ())
        confirm(len(alerts), chosen, how)
        if chosen.dry_run:
            outcomes = carried_out(call, alerts, lambda some: call.desk.undoing(some, call.by))
        else:
            outcomes = carried_out(call, alerts, lambda some: call.desk.undo(some, call.by, call.moment))
        return told(call, UNDO, [*outcomes, *missing], as_json=how.as_json, dry=chosen.dry_run)


_COMMANDS: Final[tuple[tuple[Callable[..., Any], str], ...]] = (
    (ack, later("Acknowledge alerts: you have begun to look at them.")),
    (assign, later("Give alerts to somebody, to yourself (me) or to nobody.")),
    (note, later("Write a note on alerts.")),
    (close, later("Close alerts, and say why.")),
    (reopen, later("Open closed or suppressed alerts again.")),
    (pause, later("Let the clocks of alerts stand while something is waited for.")),
    (resume, later("Let the clocks of paused alerts run again.")),
    (undo, later("Take back what you did last to alerts.")),
)
