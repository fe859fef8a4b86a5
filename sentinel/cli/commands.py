"""The commands, each imported and made when it is called; what lists them all reads a table.

A call needs one command: to make every other one as well would take longer than many a call.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import typer
from typer.core import TyperGroup

from sentinel.cli import errors
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Row(NamedTuple):
    """A command: the module beside this one whose `register` adds it, and what it is for."""

    module: str
    help: str


MODULES: Final[Mapping[str, Row]] = {
    "scan": Row("scan", later("Run detection rules over logs and show what they hit.")),
    "ingest": Row("ingest", later("Take logs into the store, and raise alerts where rules hit.")),
    "hunt": Row("hunt", later("Run detection rules back over the stored events and show what they hit.")),
    "alerts": Row("alerts", later("Work the queue of alerts that rules raised.")),
    "triage": Row("triage", later("Work the queue of alerts down on the whole terminal, by keys.")),
    "search": Row("search", later("Show the stored events that a query finds.")),
    "count": Row("counts", later("Count the stored events that a query finds.")),
    "histogram": Row("counts", later("Draw how many events there were, and when.")),
    "top": Row("counts", later("Show the most frequent values of a field.")),
    "fields": Row("counts", later("Show which fields the stored events have.")),
    "get": Row("search", later("Show stored events whole.")),
    "store": Row("store", later("Look after the store of events.")),
    "estate": Row("estate", later("Look after the shared platforms and agencies.")),
    "people": Row("people", later("Say who may act, in which roles and with which keys.")),
    "notify": Row("notify", later("Tell people of alerts: web hook, mail, syslog.")),
    "ledger": Row("ledger", later("See who did what, and prove that nobody changed it.")),
    "pki": Row("pki", later("Found authorities; issue, revoke and check certificates of agencies.")),
    "rules": Row("rules", later("Show and check detection rules.")),
    "formats": Row("formats", later("Show which log formats, products and packings are read.")),
    "config": Row("config", later("Show the settings.")),
}
"""In the order of the help."""


class Commands(TyperGroup):
    """The group of all commands; what is not known may be a slip, and all are made to find what is like it."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - Typer keeps the class of contexts to itself
        """Name the commands."""
        return [*MODULES, *(name for name in super().list_commands(ctx) if name not in MODULES)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - as above
        """Give a command, None where there is none of the name."""
        self._make((cmd_name,) if cmd_name in MODULES else MODULES)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - as above
        """Write the commands and what each is for, without making them."""
        others = [name for name in super().list_commands(ctx) if name not in MODULES]
        rows = [(name, _(row.help)) for name, row in MODULES.items()]
        rows += [(name, self.commands[name].get_short_help_str()) for name in others]
        with formatter.section(_("Commands")):
            formatter.write_dl(rows)

    def _make(self, names: Iterable[str]) -> None:
        """Make commands, and those of the same modules with them."""
        for module in dict.fromkeys(MODULES[name].module for name in names if name not in self.commands):
            app = typer.Typer(rich_markup_mode=None)
            import_module(f"sentinel.cli.{module}").register(app)
            for name, command in typer.main.get_group(app).commands.items():
                if name in MODULES:
                    command.help = _(MODULES[name].help)
                errors.translate_help(command)
                self.commands[name] = command
