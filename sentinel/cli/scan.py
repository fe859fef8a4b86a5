"""`sentinel scan`: rules over logs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sentinel import settings
from sentinel.cli import asked, filters, options
from sentinel.cli.asked import Json
from sentinel.cli.scan_run import Request, run
from sentinel.language import _

if TYPE_CHECKING:
    from sentinel.formats.base import Format

GROUPINGS: Final = ("rule", "host", "technique")


def register(app: typer.Typer) -> None:
    """Add the command `scan`."""
    app.command("scan")(scan)


def scan(
    ctx: typer.Context,
    paths: options.Logs,
    rules: options.Rules = None,
    shipped: options.Shipped = False,
    strict: Annotated[bool, typer.Option("--strict", help=_("Scan nothing where any rule is faulty."))] = False,
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
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help=_("Only hits from this time on: 2026-11-20T10:14, 24h, 7d.")),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help=_("Only hits before this time; a date is included."))
    ] = None,
    fail_on: options.FailOn = None,
    files: Annotated[bool, typer.Option("--files", help=_("Show what every file was read as."))] = False,
    log_format: options.LogFormat = None,
    faults: options.Faults = None,
    quiet: options.Quiet = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help=_("Show every field that rules want and the data lacks."))
    ] = False,
) -> int:
    """Scan, show, and give the exit code."""
    from sentinel.console import times

    views = {
        "--timeline": timeline,
        "--ndjson": ndjson,
        "--json": as_json,
        "--csv": csv,
        "--markdown": markdown,
        "--by": by != "rule",
    }
    now_set = settings.load(ctx.obj)
    now = time.time_ns()
    return run(
        Request(
            settings=now_set,
            paths=tuple(paths),
            rules=filters.rule_paths(now_set, rules, shipped=shipped),
            strict=strict,
            choice=filters.rule_filter(level, status, tag, rule),
            window=times.window(since, until, times.zone_named(now_set.timezone), now),
            view=asked.only_one(views).removeprefix("--") or "by",
            by=filters.one_of(by, "--by", GROUPINGS),
            output=output,
            html=html,
            faults=faults,
            files=files,
            formats=given_formats(log_format),
            quiet=quiet,
            verbose=verbose,
            fail_on=filters.level_named(fail_on, "--fail-on") if fail_on else None,
            now=now,
        )
    )


def given_formats(options: list[str] | None) -> tuple[Format, ...]:
    """Give the formats that options describe."""
    if not options:
        return ()
    from sentinel.formats import log_format

    return tuple(map(log_format.given, options))
