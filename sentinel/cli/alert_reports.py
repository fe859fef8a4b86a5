"""What `sentinel alerts` tells of the queue: export, stats, stories, handover."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli.asked import Json
from sentinel.cli.wanted import Filters, Since, Until, filtered, wanted_of
from sentinel.errors import InputError, StoreError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import IO
    from zoneinfo import ZoneInfo

    from rich.text import Text

    from sentinel.model.alert import Alert, Wanted
    from sentinel.settings import Settings
    from sentinel.triage.desk import Desk
    from sentinel.triage.handover import Handover
    from sentinel.triage.told import Story

_MOST_STORIES: Final = 1000
_PAGE: Final = 5000
_CHUNK: Final = 500
_STEPS: Final = 500_000
"""Steps of SQLite from one look at the clock to the next: some hundredths of a second."""

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
ExportFile = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help=later("Write to this file, not to standard output."))
]
Csv = Annotated[bool, typer.Option("--csv", help=later("Write CSV, without history and evidence."))]
ChangedAfter = Annotated[
    int | None,
    typer.Option("--after", metavar="NUMBER", help=later("Only what changed behind the number an export ended with.")),
]


def register_reports(group: typer.Typer) -> None:
    """Add the commands that report on alerts to the group `alerts`."""
    group.command("stats", help=_("Count alerts, and tell how long they took and which rules are noisy."))(stats)
    group.command("stories", help=_("List stories with open alerts: what one intruder may have done."))(stories)
    group.command("export", help=_("Write alerts with their history and evidence, all or those that changed."))(export)
    group.command("handover", help=_("Write the page for the next shift: what is open, done, waiting, due."))(handover)


def stats(ctx: typer.Context, since: Since = None, until: Until = None, top: Top = 10, as_json: Json = False) -> None:
    """Count the alerts that were seen last in a span of time, all where none is named."""
    from sentinel.cli.alerts import desk_of
    from sentinel.console.alert_stats import stats_lines, stats_object
    from sentinel.console.times import window, zone_named

    asked.positive(top, "--top")
    now, moment = settings.load(ctx.obj), time.time_ns()
    span = window(since, until, zone_named(now.timezone), moment)
    with desk_of(now) as desk, _telling(now, desk):
        counted = desk.stats(span, moment)
    if as_json:
        asked.put_json(stats_object(counted, top))
        return
    _put(now, lambda width: stats_lines(counted, width, top))


@contextmanager
def _telling(now: Settings, desk: Desk) -> Iterator[None]:
    """Tell on the terminal that alerts are counted, where that takes longer than a moment."""
    if not (desk.file.is_there and sys.stderr.isatty()):
        yield
        return
    from sentinel.console.progress import ProgressLine
    from sentinel.console.theme import console_for

    line, text = ProgressLine(console_for(sys.stderr, now.color), None), _("counting alerts")
    file = desk.file.histories.db
    file.set_progress_handler(lambda: line.tell(0, lambda _gone, _left: text), _STEPS)
    try:
        yield
    except StoreError as error:
        if _is_stopped(error):
            raise KeyboardInterrupt from None
        raise
    finally:
        file.set_progress_handler(None, 0)
        line.close()


def _is_stopped(error: BaseException | None) -> bool:
    """Tell whether SQLite was interrupted: as soon as Python runs again, which is within SQLite, it is stopped."""
    from sqlite3 import SQLITE_INTERRUPT

    while error is not None and getattr(error, "sqlite_errorcode", 0) != SQLITE_INTERRUPT:
        error = error.__cause__ or error.__context__
    return error is not None


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
    with desk_of(now) as desk, _telling(now, desk):
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


@filtered
def export(
    ctx: typer.Context,
    filters: Filters,
    output: ExportFile = None,
    csv: Csv = False,
    changed_after: ChangedAfter = None,
    as_json: Json = False,
) -> None:
    """Write alerts, of every state unless asked otherwise; tell the number of the last entry that they are as of."""
    from sentinel.cli.alerts import desk_of

    if as_json and output is None:
        raise InputError(_("the alerts go to standard output"), place="--json", hint=_("give --output FILE too"))
    if changed_after is not None and changed_after < 0:
        raise InputError(_("must be 0 or more, not {number}").format(number=changed_after), place="--after")
    now = settings.load(ctx.obj)
    wanted = wanted_of(filters, now, time.time_ns(), ())
    with desk_of(now) as desk, ExitStack() as closing:
        newest = desk.newest()
        numbers = desk.file.numbers(wanted) if changed_after is None else _changed(desk, wanted, changed_after)
        stream = sys.stdout.buffer if output is None else closing.enter_context(_replacing(output))
        count = _exported(desk, numbers, stream, _progress(now, len(numbers), closing), csv=csv)
        stream.flush()
    if as_json:
        asked.put_json({"alerts": count, "number": newest})
    else:
        typer.echo(
            _("alerts: {count}; what changes from now on: --after {place}").format(count=count, place=newest), err=True
        )


def _replacing(path: Path) -> AbstractContextManager[IO[bytes]]:
    from sentinel.console.output import replacing

    return replacing(path)


def _changed(desk: Desk, wanted: Wanted, after: int) -> list[int]:
    """Give the numbers of those wanted that anything happened to behind an entry."""
    from sentinel.triage.fitting import fits

    found: set[int] = set()
    while desk.file.is_there:
        page, last = desk.news(after, _PAGE)
        found |= {news.alert.number for news in page if fits(news.alert, wanted)}
        if last == after:
            break
        after = last
    return sorted(found)


def _exported(desk: Desk, numbers: Sequence[int], out: IO[bytes], tell: Callable[[int], None], *, csv: bool) -> int:
    """Write alerts by their numbers, some hundreds at once, and give how many there were."""
    from sentinel.console.alerts import CSV_FIELDS, csv_line
    from sentinel.console.hits import as_csv

    if csv:
        out.write(as_csv(CSV_FIELDS).encode())
    count = 0
    for begin in range(0, len(numbers), _CHUNK):
        for alert in desk.file.numbered(numbers[begin : begin + _CHUNK]):
            out.write(csv_line(alert).encode("utf-8", "backslashreplace") if csv else _whole(desk, alert))
            count += 1
        tell(count)
    return count


def _whole(desk: Desk, alert: Alert) -> bytes:
    """Give an alert as a line of JSON, with its history, and its sightings as far as evidence is kept."""
    from sentinel.console.alert_page import page_object
    from sentinel.console.alert_stats import sighting_object
    from sentinel.console.documents import as_json
    from sentinel.triage.raising import EVIDENCE_KEPT

    sightings = [sighting_object(each) for each in desk.sightings(alert, EVIDENCE_KEPT)]
    whole = page_object(alert, desk.explained(alert), desk.history(alert), None)
    return as_json(whole | {"sightings": sightings}) + b"\n"


def _progress(now: Settings, total: int, closing: ExitStack) -> Callable[[int], None]:
    """Give what is called with how many alerts are written."""
    from sentinel.console.numbers import number
    from sentinel.console.progress import ProgressLine
    from sentinel.console.theme import console_for

    line = ProgressLine(console_for(sys.stderr, now.color) if sys.stderr.isatty() else None, total)
    closing.callback(line.close)
    whole = number(total)
    return lambda done: line.tell(
        done, lambda _gone, _left: _("{done} of {total}").format(done=number(done), total=whole)
    )


def _put(now: Settings, lines: Callable[[int], Iterable[Text | str]]) -> None:
    """Write what a width of the terminal gives."""
    from sentinel.console.theme import console_for, put

    console = console_for(sys.stdout, now.color)
    put(console, *lines(console.width))
