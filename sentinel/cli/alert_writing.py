"""`sentinel alerts new`: an alert that no rule raised, written by hand."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.cli import asked
from sentinel.cli.alert_acting import How, calling, said
from sentinel.cli.wanted import filtered
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from sentinel.model.estate import Platform as PlatformOfEstate
    from sentinel.settings import Settings

Title = Annotated[str, typer.Argument(metavar="TITLE", help=later("What it is about, in a few words."))]
Level = Annotated[str, typer.Option("--level", metavar="LEVEL", help=later("How grave it is: low, medium, high …"))]
Detail = Annotated[str, typer.Option("--detail", metavar="TEXT", help=later("What was seen, and where it is from."))]
Host = Annotated[str, typer.Option("--host", metavar="NAME", help=later("The host that it is about."))]
User = Annotated[str, typer.Option("--user", metavar="NAME", help=later("The user that it is about."))]
Address = Annotated[str, typer.Option("--address", metavar="ADDRESS", help=later("The address of the other side."))]
Platform = Annotated[str, typer.Option("--platform", metavar="ID", help=later("The shared platform, by its id."))]
Agency = Annotated[str, typer.Option("--agency", metavar="CODE", help=later("The agency, by its identifier code."))]
At = Annotated[
    str, typer.Option("--at", metavar="TIME", help=later("When it happened, if not now: 2026-11-20T10:14, 2h."))
]


@filtered
def new(
    ctx: typer.Context,
    title: Title,
    *,
    level: Level = "medium",
    detail: Detail = "",
    host: Host = "",
    user: User = "",
    address: Address = "",
    platform: Platform = "",
    agency: Agency = "",
    at: At = "",
    how: How,
) -> None:
    """Write an alert."""
    from sentinel.cli.filters import level_named
    from sentinel.console.alerts import ID_SHOWN, alert_object
    from sentinel.console.theme import console_for, put
    from sentinel.console.times import window, zone_named
    from sentinel.triage.desk import MAY_ACT

    with calling(ctx, how, MAY_ACT, makes=True) as call:
        meant = _platform(call.now, said(platform)) if platform else None
        moment = window(at, None, zone_named(call.now.timezone), call.moment).since if at else None
        alert = call.desk.write(
            said(title, "TITLE"), level_named(level, "--level"), call.by, call.moment,
            text=said(detail), host=said(host), user=said(user), address=said(address),
            platform=meant.id if meant else "", importance=meant.level if meant else 0,
            agency=said(agency) or (meant.owner if meant else ""), time=moment,
        )  # fmt: skip
        if how.as_json:
            asked.put_json(alert_object(alert))
        else:
            text = _("alert {id} is in the queue, with rank {rank}").format(id=alert.id[:ID_SHOWN], rank=alert.rank)
            put(console_for(sys.stdout, call.now.color), text)


def _platform(now: Settings, name: str) -> PlatformOfEstate:
    """Give a platform of the estate by its id. Raise InputError where the estate has none of that id."""
    from sentinel.estate.load import folder_of, load

    known = {each.id.casefold(): each for each in load(folder_of(now)).platforms}
    if found := known.get(name.casefold()):
        return found
    likely = asked.similar(name, [each.id for each in known.values()])
    hint = _("like it: {names}").format(names=", ".join(likely)) if likely else _("`sentinel estate show` shows them")
    raise InputError(_("the estate has no such platform"), place=name, hint=hint)
