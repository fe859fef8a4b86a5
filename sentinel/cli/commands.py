"""The commands, each imported and made when it is called, or when all are listed.

A call needs one command: to make every other one as well would take longer than many a call.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup

from sentinel.cli import errors

NAMES: Final = ("scan", "rules", "formats", "config")
"""In the order of the help; each is a module beside this one, whose `register` adds the command."""


class Commands(TyperGroup):
    """The group of all commands; what is not known may be a slip, and all are made to find what is like it."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - Typer keeps the class of contexts to itself
        """Name the commands."""
        self._make(NAMES)
        return super().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - as above
        """Give a command, None where there is none of the name."""
        self._make((cmd_name,) if cmd_name in NAMES else NAMES)
        return super().get_command(ctx, cmd_name)

    def _make(self, names: tuple[str, ...]) -> None:
        for name in names:
            if name not in self.commands:
                app = typer.Typer(rich_markup_mode=None)
                import_module(f"sentinel.cli.{name}").register(app)
                command = typer.main.get_group(app).commands[name]
                errors.translate_help(command)
                self.commands[name] = command
