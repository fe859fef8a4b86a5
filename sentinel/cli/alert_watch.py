"""`sentinel alerts watch`: new and reopened alerts, printed as they come."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sentinel import settings
from sentinel.cli.wanted import Filters, filtered, wanted_of
from sentinel.language import later

if TYPE_CHECKING:
    from sentinel.settings import Settings
    from sentinel.triage.desk import Desk
    from sentinel.triage.told import News

_PAGE: Final = 1000
_PAUSE: Final = 1.0
"""Seconds between two looks at the queue."""

Lines = Annotated[bool, typer.Option("--json", help=later("Write a JSON object a line."))]
Bell = Annotated[bool, typer.Option("--bell", help=later("Ring the terminal's bell for each."))]


@filtered
def watch(ctx: typer.Context, filters: Filters, as_json: Lines = False, bell: Bell = False) -> None:
    """Watch until interrupted, or until nobody reads any more."""
    from sentinel.cli.alerts import desk_of
    from sentinel.console.theme import console_for, put
    from sentinel.console.times import zone_named
    from sentinel.model.alert import OPEN
    from sentinel.triage.fitting import fits

    now = settings.load(ctx.obj)
    wanted, zone = wanted_of(filters, now, time.time_ns(), OPEN), zone_named(now.timezone)
    console = console_for(sys.stdout, now.color)
    ring = "\a" if bell and sys.stdout.isatty() else ""
    with desk_of(now) as desk:
        seen = _newest(desk)
    while True:
        found, seen = _came(now, seen)
        for news in found:
            if not fits(news.alert, wanted):
                continue
            if as_json:
                _write(news)
            else:
                from sentinel.console.alerts import news_line

                put(console, news_line(news, zone))
            sys.stdout.write(ring)
        sys.stdout.flush()
        time.sleep(_PAUSE)


def _newest(desk: Desk) -> int:
    return desk.newest() if desk.file.is_there else 0


def _came(now: Settings, seen: int) -> tuple[list[News], int]:
    """Give the alerts that came or came back behind an entry, and the last entry looked at.

    The file is opened anew each time: it may not have been there before.
    """
    from sentinel.cli.alerts import desk_of

    found: list[News] = []
    with desk_of(now) as desk:
        if not desk.file.is_there:
            return found, seen
        while True:
            page, last = desk.news(seen, _PAGE)
            found += [each for each in page if _is_new(each.told.happened)]
            if last == seen:
                return found, seen
            seen = last


def _is_new(happened: Any) -> bool:  # noqa: ANN401 - whatever happened
    from sentinel.triage import entries

    if isinstance(happened, entries.SeenAgain):
        return happened.reopens
    if isinstance(happened, entries.Raised):
        return not happened.suppression
    return isinstance(happened, entries.Reopened | entries.Released)


def _write(news: News) -> None:
    from sentinel.console.alerts import news_object
    from sentinel.console.documents import as_json

    sys.stdout.buffer.write(as_json(news_object(news)) + b"\n")
