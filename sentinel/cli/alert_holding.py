"""`sentinel alerts suppress`, `suppressions` and `lift`: what is held back from the queue."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli.alert_acting import Call, DryRun, How, alert_named, calling, said
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.cli.wanted import filtered
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from sentinel.model.alert import Alert
    from sentinel.settings import Settings
    from sentinel.triage.suppressions import Suppression
    from sentinel.triage.told import Outcome

_WHEN: Final = later("write 7d or 12h, so long from now, or a date or time to come: 2026-12-31, 2026-11-30T17:00")

Like = Annotated[str, typer.Argument(metavar="[ID]", help=later("An alert: what is like it is held back, see --same."))]
Same = Annotated[
    str,
    typer.Option(
        "--same",
        metavar="NAMES",
        help=later("In what it is like the alert: some of rule,host,user,address,platform,agency."),
    ),
]
Ends = Annotated[
    str, typer.Option("--until", metavar="TIME", help=later("When it ends, at most a year from now: 7d, 2026-12-31."))
]
Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help=later("Why; whoever reads it in a year must see."))]
Owner = Annotated[
    str, typer.Option("--owner", metavar="NAME", help=later("Who answers for it, if not you; the name of somebody."))
]
Release = Annotated[bool, typer.Option("--release", help=later("Bring what it holds back into the queue."))]
Which = Annotated[str, typer.Argument(metavar="ID", help=later("The suppression's id, or the beginning of it."))]
Past = Annotated[bool, typer.Option("--all", help=later("Those too that have expired or were lifted."))]
Rule = Annotated[str, typer.Option("--rule", metavar="ID", help=later("Of the rule with this id; * is any text."))]
Host = Annotated[str, typer.Option("--host", metavar="NAME", help=later("Of this host; * is any text."))]
User = Annotated[str, typer.Option("--user", metavar="NAME", help=later("Of this user; * is any text."))]
Address = Annotated[
    str, typer.Option("--address", metavar="ADDRESS", help=later("Of this address of the other side, or 203.0.*."))
]
Platform = Annotated[str, typer.Option("--platform", metavar="NAME", help=later("Of this shared platform."))]
Agency = Annotated[str, typer.Option("--agency", metavar="CODE", help=later("Of this agency; H49.* is all below."))]


@dataclass(frozen=True, slots=True)
class Selection:
    """What a suppression selects on, as it was given."""

    rule: Rule = ""
    host: Host = ""
    user: User = ""
    address: Address = ""
    platform: Platform = ""
    agency: Agency = ""


def register_holding(group: typer.Typer) -> None:
    """Add the commands about suppressions to the group `alerts`."""
    group.command("suppress", help=_("Hold alerts back for a time, those open and those to come."))(suppress)
    group.command("suppressions", help=_("List suppressions, those first that expire soon."))(list_suppressions)
    group.command("lift", help=_("Take a suppression back before it expires."))(lift)


@filtered
def suppress(
    ctx: typer.Context,
    *,
    like: Like = "",
    same: Same = "",
    selection: Selection,
    until: Ends,
    why: Why,
    owner: Owner = "",
    dry_run: DryRun = False,
    how: How,
) -> int:
    """Hold alerts back."""
    from sentinel.model.alert import OPEN, Wanted
    from sentinel.triage.desk import MAY_SUPPRESS

    with calling(ctx, how, MAY_SUPPRESS, makes=not dry_run) as call:
        wanted = _suppression(call, _selected(call, like, same, selection), until, why, owner)
        if dry_run:
            held = [alert for alert in call.desk.every(Wanted(states=OPEN)) if wanted.holds(alert)]
            _tell_made(call, wanted, len(held), how, dry=True)
            return 0
        made, outcomes = call.desk.suppress(wanted, call.by, call.moment)
        _tell_made(call, made, sum(each.is_done for each in outcomes), how)
        return _ended(outcomes)


def _selected(call: Call, like: str, same: str, selection: Selection) -> dict[str, str]:
    """Give what a suppression is to select on, by its names of fields. Raise InputError for what cannot be."""
    given = {each.name: said(getattr(selection, each.name)) for each in fields(selection)}
    selected = {name: value for name, value in given.items() if value}
    if bool(like) != bool(same):
        raise InputError(
            _("an alert and --same go together"), place="--same", hint=_("such as: suppress ID --same rule,host")
        )
    of_alert = _shared(alert_named(call.desk, like), same.split(",")) if like else {}
    if found := of_alert | selected:
        return found
    raise InputError(_("what is to be held back?"), hint=_("such as ID --same rule,host, or --rule ID --host NAME"))


def _shared(alert: Alert, names: Sequence[str]) -> dict[str, str]:
    from sentinel.cli.filters import one_of
    from sentinel.triage.suppressions import FIELDS

    found = {}
    for name in (one_of(each.strip(), "--same", FIELDS) for each in names):
        found[name] = alert.peer if name == "address" else getattr(alert, name)
        if not found[name]:
            raise InputError(_("the alert has no {name}").format(name=name), place="--same")
    return found


def _suppression(call: Call, selected: dict[str, str], until: str, why: str, owner: str) -> Suppression:
    from msgspec.structs import replace

    from sentinel.triage.suppressions import LONGEST, Suppression

    end = _end(until, call)
    if not call.moment < end <= call.moment + LONGEST:
        what = _("a suppression must expire, within a year")
        raise InputError(what if end > call.moment else _("this is past"), place="--until", hint=_(_WHEN))
    name = call.person(owner, "--owner") if owner else call.by.name
    if not name:
        raise InputError(_("a suppression is somebody's"), place="--owner")
    plain = Suppression(id="", owner=name, reason=said(why, "--reason"), made=call.moment, until=end)
    return replace(plain, **selected)


def _end(text: str, call: Call) -> int:
    """Give when a suppression ends: so long from now, or a time; a date includes that day."""
    from sentinel.console.times import window, zone_named
    from sentinel.model.duration import is_duration, nanoseconds_of

    if is_duration(text):
        return call.moment + nanoseconds_of(text)
    try:
        return window(None, text, zone_named(call.now.timezone), call.moment).until or 0
    except InputError as error:
        raise InputError(error.message, place="--until", hint=_(_WHEN)) from None


def _ended(outcomes: Sequence[Outcome]) -> ExitCode:
    """Give how a call ends that changed a suppression, whatever became of the alerts."""
    return ExitCode.DONE if all(each.is_done for each in outcomes) else ExitCode.PARTLY


def _tell_made(call: Call, made: Suppression, held: int, how: How, *, dry: bool = False) -> None:
    from sentinel.console.suppressions import made_lines, suppression_object
    from sentinel.console.times import zone_named

    if how.as_json:
        told = suppression_object(made, call.moment)
        asked.put_json({"suppression": told, "open_alerts": held, "dry_run": dry})
    else:
        _put(call.now, made_lines(made, held, zone_named(call.now.timezone), dry=dry))


def list_suppressions(ctx: typer.Context, past: Past = False, as_json: Json = False) -> None:
    """List suppressions."""
    from sentinel.cli.alerts import desk_of
    from sentinel.console import suppressions as views
    from sentinel.console.theme import console_for
    from sentinel.console.times import zone_named

    now, moment = settings.load(ctx.obj), time.time_ns()
    with desk_of(now) as desk:
        every = desk.suppressions() if desk.file.is_there else []
    found = views.in_order((each for each in every if past or each.is_active(moment)), moment)
    if as_json:
        asked.put_json({"suppressions": [views.suppression_object(each, moment) for each in found]})
    elif found:
        width = console_for(sys.stdout, now.color).width
        _put(now, views.suppressions_table(found, zone_named(now.timezone), width, moment))
    else:
        _put(now, [_("No suppression.")])


@filtered
def lift(ctx: typer.Context, which: Which, *, release: Release = False, how: How) -> int:
    """Take a suppression back."""
    from sentinel.triage.desk import MAY_SUPPRESS

    with calling(ctx, how, MAY_SUPPRESS) as call:
        lifted, outcomes = call.desk.lift(said(which), call.by, call.moment, release=release)
        _tell_lifted(call, lifted, outcomes, how)
        return _ended(outcomes)


def _tell_lifted(call: Call, lifted: Suppression, outcomes: Sequence[Outcome], how: How) -> None:
    from sentinel.console.numbers import number
    from sentinel.console.outcomes import outcome_object
    from sentinel.console.suppressions import selection, suppression_object
    from sentinel.console.text import visible

    if how.as_json:
        told = suppression_object(lifted, call.moment)
        asked.put_json({"suppression": told, "released": [outcome_object(each) for each in outcomes]})
        return
    released = sum(each.is_done for each in outcomes)
    lines = [visible(_("lifted: {what}").format(what=selection(lifted)))]
    _put(call.now, [*lines, _("alerts brought into the queue: {count}").format(count=number(released))])


def _put(now: Settings, lines: Sequence[Text | str]) -> None:
    from sentinel.console import theme

    theme.put(theme.console_for(sys.stdout, now.color), *lines)
