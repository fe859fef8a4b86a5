"""`sentinel search` and `sentinel get`: stored events."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final

import typer

from sentinel import settings
from sentinel.cli import asked as asking
from sentinel.cli import options
from sentinel.cli.asked import AnyAccents, Datasets, Json, QueryText, Since, Until
from sentinel.cli.exits import ExitCode
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentinel.cli.asked import Asked
    from sentinel.console.documents import Sink
    from sentinel.settings import Settings
    from sentinel.store.base import Order, Page, Snapshot, StoredEvent

_PAGE: Final = 1000
"""Events that are asked for at once where more are wanted."""
_LIMIT: Final = 20
_NEWEST: Final = "@timestamp"


def register(app: typer.Typer) -> None:
    """Add the commands `search` and `get`."""
    app.command("search")(search)
    app.command("get")(get)


def search(
    ctx: typer.Context,
    query: QueryText = asking.EVERYTHING,
    since: Since = None,
    until: Until = None,
    dataset: Datasets = None,
    any_accents: AnyAccents = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help=_("At most so many events."))] = _LIMIT,
    everything: Annotated[bool, typer.Option("--all", help=_("All events, however many."))] = False,
    sort: Annotated[
        str, typer.Option("--sort", metavar="FIELD", help=_("Order by a field; FIELD:asc begins with the least."))
    ] = _NEWEST,
    after: Annotated[
        str, typer.Option("--after", metavar="PLACE", help=_("Go on behind a page, which tells its PLACE."))
    ] = "",
    fields: Annotated[
        str | None, typer.Option("--fields", metavar="A,B", help=_("Show these fields: host.name,process.*"))
    ] = None,
    as_json: Json = False,
    ndjson: Annotated[bool, typer.Option("--ndjson", help=_("Write a JSON object an event and line."))] = False,
    csv: Annotated[bool, typer.Option("--csv", help=_("Write CSV, a line an event."))] = False,
    parquet: Annotated[
        Path | None, typer.Option("--parquet", metavar="FILE", help=_("Write the events to a Parquet file."))
    ] = None,
    output: options.Output = None,
) -> None:
    """Show a page of events, the latest first, or all of them."""
    from sentinel.console.text import visible

    forms = {"--json": as_json, "--ndjson": ndjson, "--csv": csv, "--parquet": parquet is not None}
    wish = _Wish(
        asking.asked(ctx, query, since, until, dataset, any_accents=any_accents),
        _order(sort),
        None if everything else asking.positive(limit, "--limit"),
        after,
        tuple(name.strip() for name in (fields or "").split(",") if name.strip()),
        asking.only_one(forms),
        parquet or output,
    )
    end = _run(wish)
    if end:
        kept = {"--limit": limit, "--sort": sort, "--fields": fields, "--after": end}
        words = [f"{option}={value}" for option, value in kept.items() if value not in {_LIMIT, _NEWEST, None}]
        more = _("more: {command}").format(command=asking.again(ctx, "search", [*wish.asked.words, *words]))
        typer.echo(visible(more), err=bool(wish.form))


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a search asks for: `limit` None is all; `form` is "" for a table, else the option that names it."""

    asked: Asked
    order: Order
    limit: int | None
    after: str
    fields: tuple[str, ...]
    form: str
    output: Path | None


def _order(text: str) -> Order:
    from sentinel.store.base import Order

    field, _colon, direction = text.rpartition(":")
    if direction in {"asc", "desc"} and field:
        return Order(field, direction == "desc")
    return Order(text)


def _run(wish: _Wish) -> str:
    """Show what is wished for, and give what asks for the next page, "" where there is none."""
    with asking.snapshot_of(wish.asked.settings) as snapshot, ExitStack() as closing:
        wanted = asking.narrowed(wish.asked, snapshot)
        sink, found, after = _sink(wish, closing), 0, ""
        for page in _pages(snapshot, wanted, wish):
            sink.take(page.events)
            found, after = found + len(page.events), page.after
        sink.end("" if wish.limit is None else after)
        names = [*asking.field_names(wanted.query), wish.order.field, *wish.fields]
        asking.warn_of_fields(snapshot, wanted.question, names, found=found > 0)
    return "" if wish.limit is None else after


def _pages(snapshot: Snapshot, asked: Asked, wish: _Wish) -> Iterator[Page]:
    left, after = wish.limit, wish.after
    while left is None or left > 0:
        size = _PAGE if left is None else min(left, _PAGE)
        page = snapshot.search(asked.question, wish.order, size, after)
        yield page
        after = page.after
        if not after:
            return
        left = None if left is None else left - len(page.events)


def _sink(wish: _Wish, closing: ExitStack) -> Sink:
    """Give what writes events in the form that was asked for."""
    from sentinel.console.documents import CsvSink, JsonSink, NdjsonSink

    out = asking.output(wish.output, closing)
    if not wish.form:
        return _Table(wish, out)
    if wish.form == "--parquet":
        from sentinel.console.parquet import ParquetSink

        sink = ParquetSink(out.buffer, wish.fields)
        closing.callback(sink.close)
        return sink
    make: dict[str, Callable[[IO[bytes], Sequence[str]], Sink]] = {
        "--json": JsonSink,
        "--ndjson": NdjsonSink,
        "--csv": CsvSink,
    }
    return make[wish.form](out.buffer, wish.fields)


class _Table:
    """Shows events as a table, a page at a time."""

    def __init__(self, wish: _Wish, out: IO[str]) -> None:
        from sentinel.console.marks import Marks
        from sentinel.console.theme import console_for

        self._wish, self._console = wish, console_for(out, wish.asked.settings.color)
        self._marks = Marks(wish.asked.query)
        self._seen = False

    def take(self, events: Sequence[StoredEvent]) -> None:
        from sentinel.console.events import chosen_table, events_table
        from sentinel.console.theme import put

        if not events:
            return
        self._seen = True
        zone, width, fields = self._wish.asked.zone, self._console.width, self._wish.fields
        if fields:
            put(self._console, *chosen_table(events, fields, zone, width, self._marks))
        else:
            put(self._console, *events_table(events, zone, width, self._marks))

    def end(self, after: str) -> None:  # noqa: ARG002 - the command tells how to go on
        from sentinel.console.theme import put

        if self._seen:
            put(self._console, "", _("Times are those of {zone}.").format(zone=self._wish.asked.zone.key))
        else:
            put(self._console, _("No event is found."))


def get(
    ctx: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID", help=_("Ids of events, as `event.id` tells them."))],
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Write the events as JSON, a list where several are asked for."))
    ] = False,
) -> int:
    """Show events by id; exit 1 where one is not there."""
    from sentinel.console.text import visible

    now = settings.load(ctx.obj)
    wanted = list(dict.fromkeys(identity.strip().lower() for identity in ids))
    with asking.snapshot_of(now) as snapshot:
        found = snapshot.get(wanted)
    events = [found[identity] for identity in wanted if identity in found]
    _put_events(events, now, as_json=as_json, one=len(wanted) == 1)
    missing = [identity for identity in wanted if identity not in found]
    for identity in missing:
        typer.echo(visible(_("no event has the id '{id}'").format(id=identity)), err=True)
    return ExitCode.FOUND if missing else ExitCode.DONE


def _put_events(events: list[StoredEvent], now: Settings, *, as_json: bool, one: bool) -> None:
    if as_json:
        from sentinel.console.documents import as_json as encoded
        from sentinel.console.documents import document

        documents = [document(event) for event in events]
        sys.stdout.buffer.writelines(encoded(each) + b"\n" for each in (documents if one else [documents]))
        return
    from sentinel.console import times
    from sentinel.console.events import event_lines
    from sentinel.console.theme import console_for, put

    console, zone = console_for(sys.stdout, now.color), times.zone_named(now.timezone)
    for place, event in enumerate(events):
        put(console, *([""] if place else []), *event_lines(event, zone, console.width))
