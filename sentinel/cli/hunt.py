"""`sentinel hunt`: rules back over what is stored."""

from __future__ import annotations

import gc
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel import settings
from sentinel.cli import asked, filters, options, scan_run
from sentinel.cli.asked import Json, Since, Until
from sentinel.cli.scan import GROUPINGS
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from sentinel.cli.scan_run import Request
    from sentinel.console.tally import Summary
    from sentinel.console.views import View
    from sentinel.detect.plan import Ruleset
    from sentinel.inputs.reader import Source
    from sentinel.model.hit import Hit
    from sentinel.store.base import Snapshot


def register(app: typer.Typer) -> None:
    """Add the command `hunt`."""
    app.command("hunt")(hunt)


def hunt(
    ctx: typer.Context,
    rules: options.Rules = None,
    shipped: options.Shipped = False,
    strict: Annotated[bool, typer.Option("--strict", help=_("Hunt for nothing where any rule is faulty."))] = False,
    since: Since = None,
    until: Until = None,
    by: options.By = "rule",
    timeline: options.Timeline = False,
    ndjson: options.HitsAsNdjson = False,
    as_json: Json = False,
    csv: options.HitsAsCsv = False,
    markdown: options.Markdown = False,
    html: options.Html = None,
    output: options.Output = None,
    level: options.Level = None,
    status: options.Status = None,
    tag: options.Tag = None,
    rule: options.Rule = None,
    save: Annotated[bool, typer.Option("--raise", "--save", help=_("Raise what is hit as alerts."))] = False,
    fail_on: options.FailOn = None,
    quiet: options.Quiet = False,
) -> int:
    """Hunt, show, and give the exit code."""
    from sentinel.console import times

    now_set, now = settings.load(ctx.obj), time.time_ns()
    views = {
        "--timeline": timeline,
        "--ndjson": ndjson,
        "--json": as_json,
        "--csv": csv,
        "--markdown": markdown,
        "--by": by != "rule",
    }
    request = scan_run.Request(
        settings=now_set,
        paths=(str(now_set.store),),
        rules=filters.rule_paths(now_set, rules, shipped=shipped),
        strict=strict,
        choice=filters.rule_filter(level, status, tag, rule),
        window=times.window(since, until, times.zone_named(now_set.timezone), now),
        view=asked.only_one(views).removeprefix("--") or "by",
        by=filters.one_of(by, "--by", GROUPINGS),
        output=output,
        html=html,
        faults=None,
        files=False,
        formats=(),
        quiet=quiet,
        verbose=False,
        fail_on=filters.level_named(fail_on, "--fail-on") if fail_on else None,
        now=now,
    )
    return _run(request, save=save)


def _run(request: Request, *, save: bool) -> int:
    shows = sys.stderr.isatty() and scan_run.shows_progress(request)
    progress = scan_run.console_of(sys.stderr, request) if shows else None
    with asked.snapshot_of(request.settings) as snapshot, ExitStack() as closing:
        ruleset, left_out = scan_run.rules_of(request, progress)
        out = scan_run.output_of(request, closing)
        sources: list[Source] = []
        view = scan_run.views_of(request, out, ruleset, sources, closing)
        saving = _Saving(request, ruleset) if save else None
        summary = _hunted(_Hunt(request, snapshot, ruleset, left_out, sources), view, saving, progress)
        view.end(summary)
        if not request.quiet:
            _show_account(
                request, summary, saving, scan_run.console_of(sys.stderr if request.for_programs else out, request)
            )
        out.flush()
    return scan_run.exit_code(summary, request.fail_on)


@dataclass(frozen=True, slots=True)
class _Hunt:
    """What is hunted for and where; sources of hits join `sources`."""

    request: Request
    snapshot: Snapshot
    ruleset: Ruleset
    left_out: int
    sources: list[Source]


class _Saving:
    """Keeps hits as alerts."""

    def __init__(self, request: Request, ruleset: Ruleset) -> None:
        from sentinel.triage.desk import Desk
        from sentinel.triage.policy import policy_of

        self._desk = Desk(request.settings.store, policy_of(request.settings), write=True)
        self._rules = ruleset.rules
        self._now = request.now
        self.new = 0

    def take(self, hits: Sequence[Hit]) -> None:
        from sentinel.evidence import sighting_of

        fields = self._desk.policy.fingerprints
        rules = [(hit, self._rules[number]) for hit in hits for number in hit.rules]
        seen = [sighting_of(hit, rule, hit.evidence, self._now, fields.get(rule.id, ())) for hit, rule in rules]
        self.new += len(self._desk.take(seen, self._now).new)

    def close(self) -> None:
        self._desk.close()


def _hunted(asked_for: _Hunt, view: View, saving: _Saving | None, progress: Console | None) -> Summary:
    """Hunt, hand hits to the view as they are found, and give the account."""
    from sentinel.console.hunting import hunting
    from sentinel.console.progress import ProgressLine
    from sentinel.console.tally import Tally
    from sentinel.hunt.run import hunt as find
    from sentinel.inputs.workers import Interrupted, Stop
    from sentinel.store.embedded import layout as layouts
    from sentinel.store.embedded.verdicts import Verdicts

    request, stop = asked_for.request, Stop()
    tally = Tally((), asked_for.ruleset, asked_for.left_out, request.window)
    total = sum(part.rows for part in asked_for.snapshot.parts(request.window))
    line = ProgressLine(progress, total)
    gc.freeze()  # rules and modules stay to the end: no search for circles need look at them
    verdicts = Verdicts(layouts.find(request.settings.store).verdicts)
    with scan_run.interruptible(stop):
        for found in find(
            asked_for.snapshot,
            asked_for.ruleset,
            request.window,
            verdicts=verdicts,
            evidence=request.needs_evidence or saving is not None,
            processes=request.settings.processes,
            stop=stop,
        ):
            if isinstance(found, Interrupted):
                tally.interrupted = True
                continue
            asked_for.sources.extend(found.sources)
            hits = tally.add(found)
            if hits:
                view.take(hits)
                if saving:
                    saving.take(hits)
            line.tell(tally.events, hunting(tally.events, total, tally.hits))
        line.close()
    verdicts.close()
    if saving:
        saving.close()
    return tally.summary(line.seconds)


def _show_account(request: Request, summary: Summary, saving: _Saving | None, console: Console) -> None:
    from sentinel.console.hunting import hunt_lines
    from sentinel.console.theme import put

    saved = saving.new if saving else None
    put(console, "", *hunt_lines(summary, str(request.settings.store), saved, console.width))
