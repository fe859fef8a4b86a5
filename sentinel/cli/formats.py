"""`sentinel formats`: what is read."""

from __future__ import annotations

import json
import sys

import typer

from sentinel import settings
from sentinel.cli import options
from sentinel.language import _


def register(app: typer.Typer) -> None:
    """Add the command `formats`."""
    app.command("formats")(formats)


def formats(
    ctx: typer.Context,
    as_json: options.AsJson = False,
) -> None:
    """Show every format, in the order in which they are tried on a source's first bytes, and what JSON may hold."""
    from sentinel.formats import readable

    rows = [(each.name, each.kind, each.title) for each in readable.everything()]
    if as_json:
        typer.echo(json.dumps([{"name": name, "kind": kind, "title": title} for name, kind, title in rows], indent=2))
        return
    from sentinel.console.tables import Column, table
    from sentinel.console.theme import console_for, put

    console = console_for(sys.stdout, settings.load(ctx.obj).color)
    columns = [
        Column(_("format"), [name for name, _kind, _title in rows], least=12),
        Column(_("kind"), [_(kind) for _name, kind, _title in rows], least=6),
        Column(_("what it is"), [_(title) for _name, _kind, title in rows], least=24),
    ]
    put(console, *table(columns, console.width))
