"""What `sentinel alerts` tells of the queue: export, stats, stories, handover."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli.asked import Json
from sentinel.cli.wanted import Since, Until
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from rich.text import Text

    from sentinel.settings import Settings
    from sentinel.triage.desk import Story
    from sentinel.triage.handover import Handover

_MOST_STORIES: Final = 1000

Top = Annotated[int, typer.Option("--top", metavar="COUNT", help=later("How many names of each kind."))]
Limit = Annotated[int, typer.Option("--limit", metavar="COUNT", help=later("How many stories, 1000 at most."))]
After = Annotated[
    str, typer.Option("--after", metavar="PLACE", help=later("Go on behind the list that ended with this."))
]

Shift = Annotated[
    str, typer.Option("--since", metavar="TIME", help=later("When this shift began: 8h, 2026-11-20T06:00."))
]
Output = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help=later("Write it here: FILE.html, FILE.md or FILE.txt.")),
]


def register_reports(group: typer.Typer) -> None:
    """Add the commands that report on alerts to the group `alerts`."""
    group.command("stats", help=_("Count alerts, and tell how long they took and which rules are noisy."))(stats)
    group.command("stories", help=_("List stories with open alerts: what one intruder may have done."))(stories)
    group.command("handover", help=_("Write the page for the next shift: what is open, done, waiting, due."))(handover)


def stats(ctx: typer.Context, since: Since = None, until: Until = None, top: Top = 10, as_json: Json = False) -> None:
    """Count the alerts that were seen last in a span of time, all where none is named."""
    from sentinel.cli.alerts import desk_of
    from sentinel.console.alert_stats import stats_lines, stats_object
    from sentinel.console.times import window, zone_named

    asked.positive(top, "--top")
    now, moment = settings.load(ctx.obj), time.time_ns()
    span = window(since, until, zone_named(now.timezone), moment)
    with desk_of(now) as desk:
        counted = desk.stats(span, moment)
    if as_json:
        asked.put_json(stats_object(counted, top))
        return
    _put(now, lambda width: stats_lines(counted, width, top))


def stories(ctx: typer.Context, limit: Limit = 50, after: After = "", as_json: Json = False) -> None:
    """List stories, the one with the highest rank first."""
    from sentinel.cli.alerts import desk_of
    from sentinel.console.alert_stats import story_object

    asked.positive(limit, "--limit")
    now = settings.load(ctx.obj)
    with desk_of(now) as desk:
        found, more = desk.stories(min(limit, _MOST_STORIES), after)
    if as_json:
        asked.put_json({"stories": [story_object(story) for story in found], "after": more or None})
        return
    _put(now, lambda width: _story_lines(now, found, more, width))


def _story_lines(now: Settings, found: list[Story], more: str, width: int) -> Iterator[Text | str]:
    from sentinel.console.alert_stats import stories_table
    from sentinel.console.times import zone_named

    if not found:
        yield _("No story.")
        return
    yield from stories_table(found, zone_named(now.timezone), width)
    yield ""
    yield _("the alerts of one: sentinel alerts list --all --story {id}").format(id=found[0].id[:8])
    if more:
        yield _("more: --after {place}").format(place=more)


def handover(ctx: typer.Context, since: Shift = "8h", output: Output = None, as_json: Json = False) -> None:
    """Write the page for the next shift to the terminal or a file."""
    from sentinel.cli.alerts import desk_of
    from sentinel.console import handover as views
    from sentinel.console.times import window, zone_named
    from sentinel.triage.handover import handover as handover_of

    asked.only_one({"--json": as_json, "--output": output is not None})
    form = _form(output)
    now, moment = settings.load(ctx.obj), time.time_ns()
    zone = zone_named(now.timezone)
    begin = window(since, None, zone, moment).since
    if begin is None or begin >= moment:
        raise InputError(_("a shift begins before it ends"), place="--since", hint=_("write 8h, or when it began"))
    with desk_of(now) as desk:
        page = handover_of(desk, begin, moment)
    if as_json:
        asked.put_json(views.handover_object(page))
    elif output is None:
        _put(now, lambda width: views.handover_lines(page, zone, width))
    else:
        _write(output, _FORMS[form](page, zone))


def _form(output: Path | None) -> str:
    """Give the form that a file's name asks for. Raise InputError for a name that asks for none."""
    form = output.suffix.lower() if output is not None else ""
    if form and form in _FORMS:
        return form
    if output is None:
        return ""
    raise InputError(
        _("the name must end in one of {endings}").format(endings=", ".join(_FORMS)), place=f"--output {output}"
    )


def _as_html(page: Handover, zone: ZoneInfo) -> str:
    from sentinel.console.handover import handover_html

    return handover_html(page, zone)


def _as_markdown(page: Handover, zone: ZoneInfo) -> str:
    from sentinel.console.handover import handover_markdown

    return handover_markdown(page, zone)


def _as_text(page: Handover, zone: ZoneInfo) -> str:
    from sentinel.console.handover import handover_lines
    from sentinel.console.theme import WIDTH_OF_FILES

    return "".join(f"{line.plain}\n" for line in handover_lines(page, zone, WIDTH_OF_FILES))


_FORMS: Final[Mapping[str, Callable[[Handover, ZoneInfo], str]]] = {
    ".html": _as_html,
    ".md": _as_markdown,
    ".txt": _as_text,
}


def _write(path: Path, text: str) -> None:
    """Write a text in UTF-8; what no UTF-8 can hold is written out."""
    from sentinel.console.output import replacing

    with replacing(path) as out:
        out.write(text.encode("utf-8", "backslashreplace"))


def _put(now: Settings, lines: Callable[[int], Iterable[Text | str]]) -> None:
    """Write what a width of the terminal gives."""
    from sentinel.console.theme import console_for, put

    console = console_for(sys.stdout, now.color)
    put(console, *lines(console.width))
