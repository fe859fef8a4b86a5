"""`sentinel alerts`: the queue of what rules hit, seen: list, show, watch."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli.asked import Json
from sentinel.cli.wanted import Filters, filtered, wanted_of
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.model.alert import Alert, Wanted
    from sentinel.settings import Settings
    from sentinel.triage.desk import Desk
    from sentinel.triage.told import Page

_PAGE: Final = 1000
_SORTS: Final = ("rank", "last", "due")

Sort = Annotated[
    str, typer.Option("--sort", metavar="ORDER", help=later("What comes first: rank, last (seen) or due."))
]
Limit = Annotated[int, typer.Option("--limit", metavar="COUNT", help=later("How many; 0 gives all."))]
After = Annotated[
    str, typer.Option("--after", metavar="PLACE", help=later("Go on behind the page that ended with this."))
]
Ndjson = Annotated[bool, typer.Option("--ndjson", help=later("Write a JSON object a line."))]
Csv = Annotated[bool, typer.Option("--csv", help=later("Write CSV."))]


def register(app: typer.Typer) -> None:
    """Add the group `alerts`."""
    from sentinel.cli.alert_actions import register_actions
    from sentinel.cli.alert_reports import register_reports
    from sentinel.cli.alert_show import show
    from sentinel.cli.alert_watch import watch

    group = typer.Typer(rich_markup_mode=None)
    group.command("list", help=_("List alerts, open ones unless asked otherwise, by rank."))(list_alerts)
    group.command("show", help=_("Show an alert: what it is, why, and what happened around it."))(show)
    group.command("watch", help=_("Print new and reopened alerts as they come."))(watch)
    register_actions(group)
    register_reports(group)
    app.add_typer(group, name="alerts")


def desk_of(now: Settings) -> Desk:
    """Open the queue to read; an empty one where none was ever raised. Raise StoreError where there is no store."""
    from sentinel.triage.desk import Desk
    from sentinel.triage.policy import policy_of

    desk = Desk(now.store, policy_of(now))
    if not desk.file.is_there:
        asked.store_of(now).close()
    return desk


@filtered
def list_alerts(  # the options of a list, in the order of the help
    ctx: typer.Context,
    filters: Filters,
    sort: Sort = "rank",
    limit: Limit = 50,
    after: After = "",
    as_json: Json = False,
    ndjson: Ndjson = False,
    csv: Csv = False,
) -> None:
    """List alerts."""
    from dataclasses import replace

    from sentinel.cli.filters import one_of
    from sentinel.model.alert import OPEN, Order

    view = asked.only_one({"--json": as_json, "--ndjson": ndjson, "--csv": csv})
    if limit < 0:
        raise InputError(_("must be 0 or more, not {number}").format(number=limit), place="--limit")
    now, moment = settings.load(ctx.obj), time.time_ns()
    order = Order(one_of(sort, "--sort", _SORTS))
    wanted = replace(wanted_of(filters, now, moment, OPEN), order=order)
    with desk_of(now) as desk:
        if view in {"--ndjson", "--csv"}:
            _put_lines(desk, wanted, limit, after, view)
            return
        page = _page(desk, wanted, limit, after)
        if view:
            _put_json(page)
        else:
            _put_table(now, desk, page, moment)


def _page(desk: Desk, wanted: Wanted, limit: int, after: str) -> Page:
    """Give a page of so many alerts, of all where the limit is 0."""
    from dataclasses import replace

    pages = list(_pages(desk, wanted, limit, after))
    alerts = tuple(alert for page in pages for alert in page.alerts)
    return replace(pages[0], alerts=alerts, after=pages[-1].after)


def _pages(desk: Desk, wanted: Wanted, limit: int, after: str) -> Iterator[Page]:
    left = limit
    while True:
        page = desk.page(wanted, min(left, _PAGE) if limit else _PAGE, after)
        left, after = left - len(page.alerts), page.after
        yield page
        if not after or (limit and left <= 0):
            return


def _put_json(page: Page) -> None:
    from sentinel.console.alerts import alert_object

    told = [alert_object(alert) for alert in page.alerts]
    asked.put_json({"alerts": told, "total": page.total, "more": page.is_more, "after": page.after or None})


def _put_lines(desk: Desk, wanted: Wanted, limit: int, after: str, view: str) -> None:
    from sentinel.console import alerts as views
    from sentinel.console.hits import as_csv

    out = sys.stdout.buffer
    if view == "--csv":
        out.write(as_csv(views.CSV_FIELDS).encode())
    for page in _pages(desk, wanted, limit, after):
        for alert in page.alerts:
            out.write(_line(alert, view))
    out.flush()


def _line(alert: Alert, view: str) -> bytes:
    from sentinel.console import alerts as views

    if view == "--csv":
        return views.csv_line(alert).encode("utf-8", "backslashreplace")
    return views.alert_line(alert)


def _put_table(now: Settings, desk: Desk, page: Page, moment: int) -> None:
    from sentinel.console.alerts import alerts_table, foot, suppression_lines
    from sentinel.console.theme import console_for, put
    from sentinel.console.times import zone_named

    console = console_for(sys.stdout, now.color)
    active = [each for each in desk.suppressions() if each.is_active(moment)]
    if not page.alerts:
        put(console, _("No alert."), *suppression_lines(active))
        return
    put(console, *alerts_table(page.alerts, zone_named(now.timezone), console.width, moment), "")
    put(console, *foot(page, active, now.timezone))
