"""`sentinel store`: look after the store."""

from __future__ import annotations

import re
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sentinel import settings
from sentinel.cli import asked as asking
from sentinel.cli import store_files
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.errors import Damaged, InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.text import Text

    from sentinel.settings import Settings
    from sentinel.store.embedded.backup import Copied


def register(app: typer.Typer) -> None:
    """Add the group `store`."""
    group = typer.Typer(rich_markup_mode=None)
    group.command("stats", help=_("Show what the store holds, and what it takes on the disk."))(stats)
    group.command("compact", help=_("Merge the store's files into fewer."))(compact)
    group.command("retain", help=_("Drop events that are older than the store is to keep."))(retain)
    group.command("verify", help=_("Check every file; exit 5 where one is damaged."))(verify)
    group.command("backup", help=_("Copy the store, also while it is in use."))(backup)
    group.command("restore", help=_("Make a store of a backup."))(restore)
    store_files.register(group)
    app.add_typer(group, name="store")


def _put(now: Settings, lines: Callable[[int], Sequence[Text]]) -> None:
    from sentinel.console.theme import console_for, put

    console = console_for(sys.stdout, now.color)
    put(console, *lines(console.width))


def stats(ctx: typer.Context, as_json: Json = False) -> None:
    """Show datasets, events, sizes and times."""
    from sentinel.console import store as views
    from sentinel.console.times import zone_named
    from sentinel.store.embedded import stats as looking
    from sentinel.store.embedded.store import open_store

    now = settings.load(ctx.obj)
    store = open_store(now.store, write=False)
    try:
        found = looking.stats(store)
    finally:
        store.close()
    if as_json:
        asking.put_json(views.stats_object(found))
    else:
        _put(now, lambda width: views.stats_lines(found, zone_named(now.timezone), width))


def compact(ctx: typer.Context, as_json: Json = False) -> None:
    """Pack what lies in journals, merge small files, and remove what no reader needs any more."""
    from dataclasses import asdict

    from sentinel.console import store as views
    from sentinel.store.embedded.compact import compact as merge
    from sentinel.store.embedded.store import open_store
    from sentinel.store.embedded.writer import seal_left

    now = settings.load(ctx.obj)
    store = open_store(now.store)
    try:
        packed = seal_left(store.layout, store.manifest, least=0)
        with telling(now) as told:
            done = merge(store.layout, store.manifest, told)
    finally:
        store.close()
    if as_json:
        asking.put_json({"packed": packed, **asdict(done)})
    else:
        _put(now, lambda _width: views.compacted_lines(packed, done))


def retain(
    ctx: typer.Context,
    older_than: Annotated[str, typer.Option("--older-than", metavar="TIME", help=_("Keep this much: 400d, 60w, 2y."))],
    yes: Annotated[bool, typer.Option("--yes", help=_("Drop them; else what would go is only shown."))] = False,
    below: Annotated[
        bool, typer.Option("--below-legal-minimum", help=_("Keep less than the 12 months of Decree 53/2022."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Drop what is old, or show what would go."""
    from sentinel.console import store as views
    from sentinel.console.times import zone_named
    from sentinel.store.embedded import disk
    from sentinel.store.embedded import retain as retaining
    from sentinel.store.embedded.store import open_store
    from sentinel.store.embedded.sweep import collect
    from sentinel.store.embedded.writer import seal_left

    now, moment = settings.load(ctx.obj), time.time_ns()
    days = days_of(older_than)
    store = open_store(now.store)
    try:
        seal_left(store.layout, store.manifest, least=0)  # what lies in journals still may be old too
        old = retaining.find_old(store.manifest, days, moment, less_than_the_law=below)
        if yes:
            with disk.locked(store.layout.lock):
                retaining.drop(store.manifest, old)
                collect(store.layout, store.manifest)
    finally:
        store.close()
    if as_json:
        asking.put_json(views.old_object(old, dropped=yes))
        return
    _put(now, lambda width: views.old_lines(old, zone_named(now.timezone), width))
    if old.events:
        typer.echo(_("they are dropped") if yes else _("nothing is dropped yet: --yes does it"))


_DAYS: Final = {"d": 1, "w": 7, "y": 366}


def days_of(text: str) -> int:
    """Give a length of time in days, a year at its longest. Raises InputError for anything else."""
    found = re.fullmatch(r"\s*([0-9]{1,5})\s*([dwy])\s*", text)
    if found is None:
        raise InputError(
            _("not a length of time: '{text}'").format(text=text),
            place="--older-than",
            hint=_("write 400d, 60w or 2y"),
        )
    return int(found[1]) * _DAYS[found[2]]


def verify(ctx: typer.Context, as_json: Json = False) -> int:
    """Read and check every file."""
    from sentinel.console import store as views
    from sentinel.store.embedded import verify as looking

    now = settings.load(ctx.obj)
    with telling(now) as told:
        report = looking.verify(now.store, told)
    if fault := queue_fault(now):
        found = looking.Finding(looking.FindingKind.CHANGED, fault.place, fault.message)
        report = replace(report, findings=(*report.findings, found))
    if as_json:
        asking.put_json(views.report_object(report))
    else:
        _put(now, lambda _width: list(views.report_lines(report)))
    return ExitCode.BROKEN if report.damage else ExitCode.DONE


def queue_fault(now: Settings) -> Damaged | None:
    """Give what of the queue of alerts is not what its history says, None where all is."""
    from sentinel.triage.checking import check
    from sentinel.triage.desk import Desk

    try:
        with Desk(now.store) as desk:
            check(desk.file)
    except Damaged as fault:
        return fault
    return None


def backup(
    ctx: typer.Context,
    into: Annotated[Path, typer.Argument(metavar="FOLDER", help=_("A new folder, or an earlier backup."))],
    as_json: Json = False,
) -> None:
    """Copy the store of one moment."""
    from sentinel.store.embedded import backup as copying

    now = settings.load(ctx.obj)
    with telling(now) as told:
        copied = copying.backup(now.store, into, told)
    _tell_copied(copied, into, as_json=as_json)


def restore(
    ctx: typer.Context,
    origin: Annotated[Path, typer.Argument(metavar="BACKUP", help=_("The folder of a backup."))],
    as_json: Json = False,
) -> None:
    """Make the store, which must not be there, of a backup."""
    from sentinel.store.embedded import backup as copying

    now = settings.load(ctx.obj)
    with telling(now) as told:
        copied = copying.restore(origin, now.store, told)
    _tell_copied(copied, now.store, as_json=as_json)


def _tell_copied(copied: Copied, into: Path, *, as_json: bool) -> None:
    from dataclasses import asdict

    from sentinel.console.numbers import number, size
    from sentinel.console.text import visible

    if as_json:
        asking.put_json({"folder": str(into), **asdict(copied)})
        return
    files = number(copied.copied + copied.linked), number(copied.kept)
    text = _("{folder}: {events} events; {new} files new ({size} copied), {kept} there already").format(
        folder=into, events=number(copied.events), new=files[0], size=size(copied.bytes), kept=files[1]
    )
    typer.echo(visible(text))


@contextmanager
def telling(now: Settings) -> Iterator[Callable[[int, int], None]]:
    """Give what tells on the terminal how many bytes of how many are done; nothing where nobody looks."""
    from sentinel.console.progress import ProgressLine, working
    from sentinel.console.theme import console_for

    console = console_for(sys.stderr, now.color) if sys.stderr.isatty() else None
    line = ProgressLine(console, None)
    try:
        yield lambda done, total: line.tell(done, working(done, total), total)
    finally:
        line.close()
