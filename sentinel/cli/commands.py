"""The commands, each imported and made when it is called, or when all are listed.

A call needs one command: to make every other one as well would take longer than many a call.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import typer
from typer.core import TyperGroup

from sentinel.cli import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

MODULES: Final = {
    "scan": "scan",
    "ingest": "ingest",
    "hunt": "hunt",
    "alerts": "alerts",
    "triage": "triage",
    "search": "search",
    "count": "counts",
    "histogram": "counts",
    "top": "counts",
    "fields": "counts",
    "get": "search",
    "store": "store",
    "estate": "estate",
    "people": "people",
    "notify": "notify",
    "ledger": "ledger",
    "rules": "rules",
    "formats": "formats",
    "config": "config",
}
"""In the order of the help: each command, and the module beside this one whose `register` adds it."""


class Commands(TyperGroup):
    """The group of all commands; what is not known may be a slip, and all are made to find what is like it."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - Typer keeps the class of contexts to itself
        """Name the commands."""
        self._make(MODULES)
        return [*MODULES, *(name for name in super().list_commands(ctx) if name not in MODULES)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - as above
        """Give a command, None where there is none of the name."""
        self._make((cmd_name,) if cmd_name in MODULES else MODULES)
        return super().get_command(ctx, cmd_name)

    def _make(self, names: Iterable[str]) -> None:
        """Make commands, and those of the same modules with them."""
        for module in dict.fromkeys(MODULES[name] for name in names if name not in self.commands):
            app = typer.Typer(rich_markup_mode=None)
            import_module(f"sentinel.cli.{module}").register(app)
            for name, command in typer.main.get_group(app).commands.items():
                errors.translate_help(command)
                self.commands[name] = command
