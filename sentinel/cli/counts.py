"""`sentinel count`, `histogram`, `top` and `fields`: stored events in numbers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sentinel.cli import asked as asking
from sentinel.cli.asked import AnyAccents, Datasets, Json, QueryText, Since, Until
from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.cli.asked import Asked
    from sentinel.console.bars import Span
    from sentinel.store.base import FieldUse, Question, Snapshot

_BEGIN: Final = "@timestamp"


def register(app: typer.Typer) -> None:
    """Add the commands `count`, `histogram`, `top` and `fields`."""
    app.command("count")(count)
    app.command("histogram")(histogram)
    app.command("top")(top)
    app.command("fields")(fields)


def count(
    ctx: typer.Context,
    query: QueryText = asking.EVERYTHING,
    since: Since = None,
    until: Until = None,
    dataset: Datasets = None,
    any_accents: AnyAccents = False,
    as_json: Json = False,
) -> None:
    """Write a number."""
    asked = asking.asked(ctx, query, since, until, dataset, any_accents=any_accents)
    with asking.snapshot_of(asked.settings) as snapshot:
        asked = asking.narrowed(asked, snapshot)
        events = snapshot.count(asked.question)
        _warn(snapshot, asked, (), found=events > 0)
    if as_json:
        asking.put_json({"events": events})
    else:
        typer.echo(events)


def _warn(snapshot: Snapshot, asked: Asked, more: Sequence[str], *, found: bool) -> None:
    names = [*asking.field_names(asked.query), *(name for name in more if name)]
    asking.warn_of_fields(snapshot, asked.question, names, found=found)


def histogram(
    ctx: typer.Context,
    query: QueryText = asking.EVERYTHING,
    since: Since = None,
    until: Until = None,
    dataset: Datasets = None,
    any_accents: AnyAccents = False,
    interval: Annotated[
        str | None, typer.Option("--interval", metavar="TIME", help=_("Time of a line: 30s, 5m, 1h, 1d, 1w."))
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="FIELD", help=_("Show the values of a field apart."))] = "",
    as_json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help=_("Write CSV, a line a time and value."))] = False,
) -> None:
    """Draw a bar for each hour, day or other time from the first event to the last."""
    from sentinel.console import bars

    asked = asking.asked(ctx, query, since, until, dataset, any_accents=any_accents)
    form = asking.only_one({"--json": as_json, "--csv": csv})
    length = asking.duration(interval, "--interval") if interval else 0
    with asking.snapshot_of(asked.settings) as snapshot:
        asked = asking.narrowed(asked, snapshot)
        span = _span(snapshot, asked.question)
        length = length or bars.interval_for(span)
        if span // length > bars.MOST_SPANS:
            raise InputError(
                _("that would be more than {count} lines").format(count=bars.MOST_SPANS),
                place=f"--interval {interval}",
                hint=_("take a longer interval, or less time with --since and --until"),
            )
        counted = snapshot.histogram(asked.question, bars.step_of(length), by)
        _warn(snapshot, asked, (by,), found=bool(counted))
    found = bars.spans(counted, length, asked.zone)
    if form == "--json":
        asking.put_json(bars.histogram_object(found, length, by))
    elif form == "--csv":
        sys.stdout.write("".join(bars.csv_lines(found, by)))
    else:
        _draw(found, length, asked)


def _span(snapshot: Snapshot, question: Question) -> int:
    """Give the time between the first event and the last, in nanoseconds."""
    from sentinel.store.base import Order

    ends = [
        event.time
        for descending in (False, True)
        for event in snapshot.search(question, Order(_BEGIN, descending), 1).events
    ]
    return ends[-1] - ends[0] if ends else 0


def _draw(found: Sequence[Span], length: int, asked: Asked) -> None:
    from sentinel.console import bars
    from sentinel.console.theme import console_for, put

    console = console_for(sys.stdout, asked.settings.color)
    if not found:
        put(console, _("No event is found."))
        return
    plain = not sys.stdout.isatty() or (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    put(console, *bars.bar_lines(found, length, asked.zone, console.width, plain=plain))
    put(console, "", bars.foot(found, length, asked.zone))


def top(
    ctx: typer.Context,
    field: Annotated[str, typer.Argument(metavar="FIELD", help=_("A field, as `sentinel fields` shows them."))],
    query: QueryText = asking.EVERYTHING,
    since: Since = None,
    until: Until = None,
    dataset: Datasets = None,
    any_accents: AnyAccents = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help=_("At most so many values."))] = 10,
    as_json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help=_("Write CSV, a line a value."))] = False,
) -> None:
    """Show the most frequent values of a field, with their events and share."""
    from sentinel.console import counts
    from sentinel.console.hits import as_csv
    from sentinel.console.marks import Marks
    from sentinel.console.theme import console_for, put

    asked = asking.asked(ctx, query, since, until, dataset, any_accents=any_accents)
    form, most = asking.only_one({"--json": as_json, "--csv": csv}), asking.positive(limit, "--limit")
    with asking.snapshot_of(asked.settings) as snapshot:
        asked = asking.narrowed(asked, snapshot)
        found, events = snapshot.top(asked.question, field, most), snapshot.count(asked.question)
        _warn(snapshot, asked, (field,), found=bool(found.values))
    if form == "--json":
        asking.put_json(counts.top_object(found, field, events))
        return
    if form == "--csv":
        sys.stdout.write("".join(as_csv(row) for row in ((field, "events"), *found.values)))
        return
    console = console_for(sys.stdout, asked.settings.color)
    if found.values:
        marks = Marks(asked.query).of([field])
        put(console, *counts.top_table(found, field, events, console.width, marks))
    else:
        put(console, _("No event is found.") if not events else _("No event has the field."))


def fields(
    ctx: typer.Context,
    pattern: Annotated[
        str, typer.Argument(metavar="PATTERN", help=_("Fields whose name holds this, or fits it with *."))
    ] = "",
    since: Since = None,
    until: Until = None,
    dataset: Datasets = None,
    as_json: Json = False,
) -> None:
    """Show the fields: what each holds, in how many events, of which datasets."""
    from sentinel.console import counts
    from sentinel.console.theme import console_for, put

    asked = asking.asked(ctx, asking.EVERYTHING, since, until, dataset)
    with asking.snapshot_of(asked.settings) as snapshot:
        asked = asking.narrowed(asked, snapshot)
        every = snapshot.fields(asked.question)
    found = [each for each in every if _fits(each, pattern)]
    if as_json:
        asking.put_json([counts.field_object(each) for each in found])
        return
    console = console_for(sys.stdout, asked.settings.color)
    if found:
        put(console, *counts.fields_table(found, console.width), *counts.fields_hint(found))
    else:
        put(console, _("No field is called so."))


def _fits(field: FieldUse, pattern: str) -> bool:
    from fnmatch import fnmatchcase

    name, wanted = field.name.lower(), pattern.lower()
    return fnmatchcase(name, wanted) if "*" in wanted else wanted in name
