"""`sentinel rules`: the rules that a scan would use, and what is wrong with each."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sentinel import content, settings
from sentinel.cli import filters, options
from sentinel.cli.exits import ExitCode
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from sentinel.detect.plan import Rule, Ruleset
    from sentinel.settings import Settings

OWN, SHIPPED = later("yours"), later("shipped")


def register(app: typer.Typer) -> None:
    """Add the group `rules`."""
    group = typer.Typer(rich_markup_mode=None)
    group.command("list", help=_("Show the rules that a scan would run."))(listed)
    group.command("check", help=_("Compile rules and show what is wrong; exit 1 where any is faulty."))(check)
    app.add_typer(group, name="rules")


def listed(
    ctx: typer.Context,
    paths: options.RuleFiles = None,
    level: options.Level = None,
    status: options.Status = None,
    tag: options.Tag = None,
    rule: options.Rule = None,
    as_json: options.AsJson = False,
) -> None:
    """Show the rules, gravest first."""
    from sentinel.console import rules as shown
    from sentinel.console.theme import put
    from sentinel.detect.plan import selected

    choice = filters.rule_filter(level, status, tag, rule)
    ruleset, console = _loaded(ctx, paths)
    kept = sorted(selected(ruleset, choice.keeps).rules, key=lambda each: (-each.level, each.log_source, each.title))
    if as_json:
        _write([shown.rule_object(each, whose(each)) for each in kept])
        return
    if kept:
        put(console, *shown.rules_table(kept, lambda each: _(whose(each)), console.width), "")
    put(console, shown.verdict(ruleset))


def whose(rule: Rule) -> str:
    """Tell whether a rule is `shipped` or `yours`."""
    return SHIPPED if Path(rule.path).is_relative_to(content.detections()) else OWN


def check(
    ctx: typer.Context,
    paths: options.RuleFiles = None,
    as_json: options.AsJson = False,
) -> int:
    """Compile the rules; show what each log source's look at, fields that nothing supplies, and the rejected ones."""
    from sentinel.console import rules as shown
    from sentinel.console.theme import put
    from sentinel.detect.coverage import coverage

    ruleset, console = _loaded(ctx, paths)
    if as_json:
        _write(
            {
                "rules": len(ruleset.rules),
                "log_sources": [*map(shown.coverage_object, coverage(ruleset))],
                "rejections": [*map(shown.rejection_object, ruleset.rejections)],
            }
        )
    else:
        if ruleset.rules:
            put(console, *shown.sources_table(coverage(ruleset), console.width), "")
        put(
            console,
            *shown.rejection_lines(sorted(ruleset.rejections, key=lambda each: (each.path, each.line))),
            shown.verdict(ruleset),
        )
    return ExitCode.FOUND if filters.faults_of(ruleset) else ExitCode.DONE


def _loaded(ctx: typer.Context, paths: Sequence[Path] | None) -> tuple[Ruleset, Console]:
    from sentinel.console import theme

    now: Settings = settings.load(ctx.obj)
    progress = theme.console_for(sys.stderr, now.color) if sys.stderr.isatty() else None
    ruleset = filters.load(filters.rule_paths(now, paths, shipped=False), now, progress)
    return ruleset, theme.console_for(sys.stdout, now.color)


def _write(document: Any) -> None:  # noqa: ANN401 - any JSON document
    typer.echo(json.dumps(document, indent=2))
