"""`sentinel alerts`: what rules hit while logs were taken in."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sentinel import settings
from sentinel.cli import asked, filters
from sentinel.cli.asked import Json, Since, Until
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.model.alert import Alert, Wanted
    from sentinel.settings import Settings
    from sentinel.store.alerts import Alerts

_PAGE: Final = 1000

Identity = Annotated[
    str, typer.Argument(metavar="ID", help=later("The alert's id, or as much of its beginning as no other has."))
]


def register(app: typer.Typer) -> None:
    """Add the group `alerts`."""
    group = typer.Typer(help=_("Look at the alerts that rules raised."), rich_markup_mode=None)
    group.command("list", help=_("List alerts, the newest first."))(list_alerts)
    group.command("show", help=_("Show an alert with its event."))(show)
    app.add_typer(group, name="alerts")


def list_alerts(
    ctx: typer.Context,
    level: Annotated[
        str | None, typer.Option("--level", metavar="LEVEL", help=_("Only alerts of this level or above."))
    ] = None,
    rule: Annotated[
        str, typer.Option("--rule", metavar="TEXT", help=_("Only of the rule with this id, or this text in its title."))
    ] = "",
    host: Annotated[str, typer.Option("--host", metavar="NAME", help=_("Only of events of this host."))] = "",
    dataset: Annotated[str, typer.Option("--dataset", metavar="NAME", help=_("Only of events of this dataset."))] = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option("--limit", metavar="COUNT", help=_("How many; 0 gives all."))] = 50,
    after: Annotated[
        str, typer.Option("--after", metavar="PLACE", help=_("Go on behind the page that ended with this."))
    ] = "",
    as_json: Json = False,
    ndjson: Annotated[bool, typer.Option("--ndjson", help=_("Write a JSON object a line."))] = False,
    csv: Annotated[bool, typer.Option("--csv", help=_("Write CSV."))] = False,
) -> None:
    """List alerts."""
    from sentinel.console import times
    from sentinel.model.alert import Wanted
    from sentinel.model.severity import Level

    view = asked.only_one({"--json": as_json, "--ndjson": ndjson, "--csv": csv})
    if limit < 0:
        raise InputError(_("must be 0 or more, not {number}").format(number=limit), place="--limit")
    now = settings.load(ctx.obj)
    window = times.window(since, until, times.zone_named(now.timezone), time.time_ns())
    least = filters.level_named(level, "--level") if level else Level.INFORMATIONAL
    wanted = Wanted(least, rule, host, dataset, window)
    with _alerts(now) as alerts:
        if view in {"--ndjson", "--csv"}:
            _put_lines(alerts, wanted, limit, after, view)
            return
        found, more = _some(alerts, wanted, limit, after)
        if view:
            from sentinel.console.alerts import alert_object

            asked.put_json({"alerts": [alert_object(alert) for alert in found], "after": more or None})
        else:
            _put_table(now, found, alerts.count(wanted), more)


@contextmanager
def _alerts(now: Settings) -> Iterator[Alerts]:
    """Open the alerts of the store; raise StoreError where there is no store."""
    from sentinel.store.alerts import Alerts

    asked.store_of(now).close()
    alerts = Alerts(now.store, write=False)
    try:
        yield alerts
    finally:
        alerts.close()


def _some(alerts: Alerts, wanted: Wanted, limit: int, after: str) -> tuple[list[Alert], str]:
    found: list[Alert] = []
    for page, more in _pages(alerts, wanted, limit, after):
        found += page
        after = more
    return found, after


def _pages(alerts: Alerts, wanted: Wanted, limit: int, after: str) -> Iterator[tuple[Sequence[Alert], str]]:
    left = limit
    while True:
        page, after = alerts.page(wanted, min(left, _PAGE) if limit else _PAGE, after)
        left -= len(page)
        yield page, after
        if not after or (limit and left <= 0):
            return


def _put_lines(alerts: Alerts, wanted: Wanted, limit: int, after: str, view: str) -> None:
    from sentinel.console import alerts as views
    from sentinel.console.hits import as_csv

    out = sys.stdout.buffer
    if view == "--csv":
        out.write(as_csv(views.CSV_FIELDS).encode())
    for page, _more in _pages(alerts, wanted, limit, after):
        for alert in page:
            out.write(
                views.csv_line(alert).encode("utf-8", "backslashreplace")
                if view == "--csv"
                else views.alert_line(alert)
            )
    out.flush()


def _put_table(now: Settings, found: Sequence[Alert], total: int, more: str) -> None:
    from sentinel.console.alerts import alerts_table
    from sentinel.console.numbers import number
    from sentinel.console.theme import console_for, put
    from sentinel.console.times import zone_named

    console = console_for(sys.stdout, now.color)
    if not found:
        put(console, _("No alert."))
        return
    put(console, *alerts_table(found, zone_named(now.timezone), console.width), "")
    told = _("{shown} of {total}").format(shown=number(len(found)), total=number(total))
    put(console, _("alerts: {count}; times are those of {zone}").format(count=told, zone=now.timezone))
    if more:
        put(console, _("more: --after {place}").format(place=more))


def show(ctx: typer.Context, identity: Identity, as_json: Json = False) -> None:
    """Show one alert."""
    now = settings.load(ctx.obj)
    with _alerts(now) as alerts:
        found = alerts.get(identity)
    if len(found) != 1:
        problem = _("several alerts have an id that begins so") if found else _("no alert has an id that begins so")
        raise InputError(problem, place=identity, hint=_("`sentinel alerts list` shows ids; give four digits or more"))
    from sentinel.console.alerts import alert_lines, alert_object

    if as_json:
        asked.put_json(alert_object(found[0], evidence=True))
        return
    from sentinel.console.theme import console_for, put
    from sentinel.console.times import zone_named

    console = console_for(sys.stdout, now.color)
    put(console, *alert_lines(found[0], zone_named(now.timezone), console.width))
