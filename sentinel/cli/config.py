"""`sentinel config`: the settings and where they come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel import settings
from sentinel.cli import options
from sentinel.console.text import visible
from sentinel.language import _

if TYPE_CHECKING:
    from sentinel.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the group `config`."""
    group = typer.Typer(rich_markup_mode=None)
    group.command("show", help=_("Show every setting, as sentinel.toml would give it."))(show)
    app.add_typer(group, name="config")


def show(
    ctx: typer.Context,
    origin: Annotated[bool, typer.Option("--origin", help=_("Say where each value comes from."))] = False,
    as_json: options.AsJson = False,
) -> None:
    """Show every setting, and with `--origin` the flag, variable or line of a file that gave it."""
    now = settings.load(ctx.obj)
    typer.echo(as_object(now, origin=origin) if as_json else as_toml(now, origin=origin))


def as_toml(now: Settings, *, origin: bool) -> str:
    """Give the settings as lines of a sentinel.toml; origins are comments."""
    lines = {name: visible(f"{name} = {_toml(value)}") for name, value in _values(now).items()}
    if not origin:
        return "\n".join(lines.values())
    width = max(map(len, lines.values()))
    return "\n".join(f"{line:{width}}  # {visible(_(now.origins[name]))}" for name, line in lines.items())


def _toml(value: object) -> str:
    """Give a value as TOML writes it on one line."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{json.dumps(name, ensure_ascii=False)} = {_toml(each)}" for name, each in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return json.dumps(value, ensure_ascii=False)


def as_object(now: Settings, *, origin: bool) -> str:
    """Give the settings as one JSON object: name → value, or name → {value, origin}."""
    values = _values(now)
    if origin:
        values = {name: {"value": value, "origin": now.origins[name]} for name, value in values.items()}
    return json.dumps(values, indent=2)


def _values(now: Settings) -> dict[str, object]:
    return {field.name: _plain(getattr(now, field.name)) for field in settings.FIELDS}


def _plain(value: object) -> object:
    match value:
        case Path():
            return str(value)
        case tuple():
            return [_plain(item) for item in value]
        case dict():
            return {name: _plain(item) for name, item in value.items()}
    return value
