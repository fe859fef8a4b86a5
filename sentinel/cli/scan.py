"""`sentinel scan`: rules over logs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sentinel import settings
from sentinel.cli import filters
from sentinel.cli.scan_run import Request, run
from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from sentinel.formats.base import Format

GROUPINGS: Final = ("rule", "host", "technique")


def register(app: typer.Typer) -> None:
    """Add the command `scan`."""
    app.command("scan", help=_("Run detection rules over logs and show what they hit."))(scan)


def scan(
    ctx: typer.Context,
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help=_("Files and folders to read; - is standard input."))
    ],
    rules: Annotated[
        list[Path] | None,
        typer.Option(
            "--rules",
            metavar="PATH",
            help=_("Rules to run instead of yours and the shipped ones: folder, file or zip archive; repeatable."),
        ),
    ] = None,
    shipped: Annotated[bool, typer.Option("--shipped", help=_("Behind --rules, run the shipped rules too."))] = False,
    strict: Annotated[bool, typer.Option("--strict", help=_("Scan nothing where any rule is faulty."))] = False,
    by: Annotated[str, typer.Option("--by", metavar="WHAT", help=_("Group hits by rule, host or technique."))] = "rule",
    timeline: Annotated[bool, typer.Option("--timeline", help=_("Show a line a hit, in order of time."))] = False,
    ndjson: Annotated[
        bool, typer.Option("--ndjson", help=_("Write a JSON object a hit and line, as they are found."))
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_("Write one JSON document."))] = False,
    csv: Annotated[bool, typer.Option("--csv", help=_("Write CSV, a line a hit."))] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help=_("Write a report in Markdown, for a ticket."))] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help=_("Write a report as one page of HTML too, beside what is shown.")),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help=_("Write to a file instead of standard output."))
    ] = None,
    level: Annotated[
        str | None, typer.Option("--level", metavar="LEVEL", help=_("Only rules of this level or above."))
    ] = None,
    status: Annotated[
        list[str] | None, typer.Option("--status", metavar="STATUS", help=_("Only rules of this status; repeatable."))
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help=_("Only rules with this tag or one below it; repeatable.")),
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option("--rule", metavar="TEXT", help=_("Only rules with this id or text in the title; repeatable.")),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help=_("Only hits from this time on: 2026-11-20T10:14, 24h, 7d.")),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help=_("Only hits before this time; a date is included."))
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option("--fail-on", metavar="LEVEL", help=_("Exit 1 where a rule of this level or above hits.")),
    ] = None,
    files: Annotated[bool, typer.Option("--files", help=_("Show what every file was read as."))] = False,
    log_format: Annotated[
        list[str] | None,
        typer.Option(
            "--log-format",
            metavar="NAME=FORMAT",
            help=_("Read web logs written by this log_format of nginx or LogFormat of Apache; repeatable."),
        ),
    ] = None,
    faults: Annotated[
        Path | None,
        typer.Option(
            "--faults", metavar="FILE", help=_("Write everything that could not be read to a file, as NDJSON.")
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help=_("Show neither summary nor progress."))] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help=_("Show every field that rules want and the data lacks."))
    ] = False,
) -> int:
    """Scan, show, and give the exit code."""
    from sentinel.console import times

    views = {
        "timeline": timeline,
        "ndjson": ndjson,
        "json": as_json,
        "csv": csv,
        "markdown": markdown,
        "by": by != "rule",
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
            view=_only_view(views),
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


def _only_view(asked: dict[str, bool]) -> str:
    chosen = [name for name, wanted in asked.items() if wanted]
    if len(chosen) > 1:
        named = ", ".join(f"--{name}" for name in chosen)
        raise InputError(_("these cannot go together: {options}").format(options=named), hint=_("choose one of them"))
    return chosen[0] if chosen else "by"
