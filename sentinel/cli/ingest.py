"""`sentinel ingest`: logs into the store, rules over them as they pass."""

from __future__ import annotations

import gc
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel import settings
from sentinel.cli import asked, filters, options
from sentinel.cli.asked import Json
from sentinel.cli.scan import given_formats
from sentinel.cli.scan_run import exit_code, fault_log, interruptible, tell_nothing_read, total_of
from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from rich.console import Console

    from sentinel.console.intake import Intake
    from sentinel.console.tally import Summary
    from sentinel.detect.plan import Ruleset
    from sentinel.inputs.reader import Source
    from sentinel.model.severity import Level
    from sentinel.normalise.enrich import Enricher
    from sentinel.settings import Settings
    from sentinel.store.base import EventStore
    from sentinel.triage.desk import Desk
    from sentinel.triage.policy import Policy


@dataclass(frozen=True, slots=True)
class Request:
    """What a call asks for, checked."""

    settings: Settings
    ruleset: Ruleset | None
    faults: Path | None
    fail_on: Level | None
    now: int
    progress: Console | None


def register(app: typer.Typer) -> None:
    """Add the command `ingest`."""
    app.command("ingest")(ingest)


def ingest(
    ctx: typer.Context,
    paths: options.Logs,
    rules: options.Rules = None,
    shipped: options.Shipped = False,
    no_rules: Annotated[bool, typer.Option("--no-rules", help=_("Store events and run no rule."))] = False,
    log_format: options.LogFormat = None,
    as_json: Json = False,
    faults: options.Faults = None,
    fail_on: options.FailOn = None,
    quiet: options.Quiet = False,
) -> int:
    """Take in what the store has not yet, show the account, and give the exit code."""
    from sentinel.inputs import reader

    if no_rules and (rules or shipped):
        raise InputError(
            _("these cannot go together: {options}").format(options="--no-rules, --rules, --shipped"),
            hint=_("choose one of them"),
        )
    now = settings.load(ctx.obj)
    level = filters.level_named(fail_on, "--fail-on") if fail_on else None
    sources = reader.find(paths, given_formats(log_format))
    if not sources:
        raise InputError(
            _("nothing to take in: no file is here"),
            place=", ".join(paths),
            hint=_("hidden files and folders are passed over"),
        )
    progress = _console(now) if sys.stderr.isatty() and not quiet else None
    ruleset = None if no_rules else filters.load(filters.rule_paths(now, rules, shipped=shipped), now, progress)
    intake, summary = _taken(Request(now, ruleset, faults, level, time.time_ns(), progress), sources)
    _show(now, intake, summary, as_json=as_json, quiet=quiet)
    if not summary.read:
        tell_nothing_read(summary)
    return exit_code(summary, level)


def _console(now: Settings) -> Console:
    from sentinel.console import theme

    return theme.console_for(sys.stderr, now.color)


def open_both(folder: Path, policy: Policy) -> tuple[EventStore, Desk]:
    """Open the store in a folder and the desk of its alerts, in the process that is to use them."""
    from sentinel.store.embedded.store import open_store
    from sentinel.triage.desk import Desk

    store: EventStore = open_store(folder)
    return store, Desk(folder, policy, write=True)


def _taken(request: Request, sources: list[Source]) -> tuple[Intake, Summary]:
    """Take sources in; what archives hold joins them."""
    from sentinel.console import times
    from sentinel.console.intake import Intake
    from sentinel.console.progress import ProgressLine, scanning
    from sentinel.console.tally import Tally
    from sentinel.detect.plan import Ruleset
    from sentinel.inputs.workers import Interrupted, Stop
    from sentinel.intake.taking import Taken, take
    from sentinel.normalise.times import Clock
    from sentinel.store.embedded.store import open_store
    from sentinel.triage.policy import policy_of

    now, intake, stop = request.settings, Intake(), Stop()
    open_store(now.store, create=True).close()
    tally = Tally(sources, request.ruleset or Ruleset((), (), (), ()))
    total = total_of(sources) if request.progress else None
    line = ProgressLine(request.progress, total)
    enricher = _enricher(now)
    gc.freeze()  # rules and modules stay to the end: no search for circles need look at them
    clock = Clock(times.zone_named(now.log_timezone or now.timezone), request.now)
    with interruptible(stop), fault_log(request.faults, sources) as log:
        for told in take(
            tuple(sources),
            request.ruleset,
            partial(open_both, now.store, policy_of(now)),
            now=request.now,
            clock=clock,
            enricher=enricher,
            processes=now.processes,
            stop=stop,
        ):
            if isinstance(told, Interrupted):
                tally.interrupted = True
            elif isinstance(told, Taken):
                intake.add(told)
            else:
                sources += told.sources
                log(told.faults)
                tally.add(told)
                line.tell(tally.bytes_read, scanning(tally.bytes_read, total, tally.events, tally.hits))
        line.close()
    return intake, tally.summary(line.seconds)


def _enricher(now: Settings) -> Enricher:
    """Give what says which platform and agency events are about; what cannot be read of the estate is told."""
    from sentinel.cli.errors import show
    from sentinel.errors import SentinelError
    from sentinel.estate.load import folder_of, load
    from sentinel.language import n_
    from sentinel.normalise.enrich import Enricher

    estate = load(folder_of(now))
    if count := len(estate.faults):
        told = n_("{count} fault of the estate: {fault}", "{count} faults of the estate, the first: {fault}", count)
        hint = _("`sentinel estate check` shows every one; events are taken in without what it says")
        show(SentinelError(told.format(count=count, fault=estate.faults[0]), hint=hint))
    return Enricher(estate)


def _show(now: Settings, intake: Intake, summary: Summary, *, as_json: bool, quiet: bool) -> None:
    from sentinel.console import intake as views
    from sentinel.console.theme import console_for, put

    if as_json:
        asked.put_json(views.intake_object(intake, summary, str(now.store)))
    elif not quiet:
        console = console_for(sys.stdout, now.color)
        put(console, *views.intake_lines(intake, summary, str(now.store), console.width))
