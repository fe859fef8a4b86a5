"""Shows errors: place and message on one line, the hint below."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final

import typer

from sentinel.console.text import visible
from sentinel.errors import InputError, SentinelError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.exceptions import TyperException

# Typer's own sentences, which it gives in English only, and ours.
_USAGE: Final = (
    (
        r"No such option: (?P<name>\S+).*\(Possible options: (?P<likely>.+)\)",
        later("no option {name}; like it: {likely}"),
    ),
    (r"No such option: (?P<name>.+)", later("no option {name}")),
    (
        r"No such command (?P<name>'.*?')\..*Did you mean (?P<likely>.+)\?",
        later("no command {name}; like it: {likely}"),
    ),
    (r"No such command (?P<name>'.*?')\.", later("no command {name}")),
    (r"Missing command\.", later("a command is missing")),
    (r"Missing argument (?P<name>.+?)\.", later("argument {name} is missing")),
    (r"Missing option (?P<name>.+?)\.", later("option {name} is missing")),
    (r"Option (?P<name>.+) requires an argument\.", later("option {name} needs a value")),
    (r"Option (?P<name>.+) does not take a value\.", later("option {name} takes no value")),
    (r"Got unexpected extra arguments?(?:\(s\))? \((?P<name>.+)\)", later("unexpected arguments: {name}")),
    (r"Invalid value for (?P<name>.+?): (?P<reason>.+)", later("{name} has a wrong value: {reason}")),
)
# Texts of Typer that pass through its own gettext, or that `translate_help` replaces; the catalogue has them for it.
_HELP: Final = (
    later("Arguments"),
    later("Commands"),
    later("Options"),
    later("default: {default}"),
    later("required"),
    later("Install completion for the current shell."),
    later("Show completion for the current shell, to copy it or customize the installation."),
    later("Show this message and exit."),
)


def show(error: SentinelError) -> None:
    """Write an error and its hint to standard error; further lines of a message are those indented by two blanks."""
    lines = _("error: {text}").format(text=error).replace("\n  ", "\0  ").split("\0")
    if error.hint:
        lines.append(_("  hint: {text}").format(text=error.hint))
    sys.stderr.writelines(f"{visible(line)}\n" for line in lines)


def usage_error(error: TyperException) -> InputError:
    """Give what Typer found wrong in a call, in the reader's language."""
    context = getattr(error, "ctx", None)
    hint = _("see `{command} --help`").format(command=context.command_path) if context else ""
    return InputError(_translated(error.format_message()), hint=hint)


def _translated(message: str) -> str:
    for pattern, text in _USAGE:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            return _(text).format(**match.groupdict())
    return message


def _repeatable(argument: Any) -> Callable[[Any], list[str]]:  # noqa: ANN401 - as in `translate_help`
    """Give what says in a usage line that an argument may be repeated; Typer writes {PATH}, which nobody knows."""
    name = f"{argument.metavar}..."
    return lambda _context: [name if argument.required else f"[{name}]"]


def translate_help(command: Any) -> None:  # noqa: ANN401 - Typer keeps the class of commands to itself
    """Put what options say, Typer's own and those that commands share, into the reader's language; so in those below.

    What is translated already has no entry in the catalogue and stays as it is.
    """
    for option in (*command.params, command.get_help_option(typer.Context(command))):
        if option.help:
            option.help = _(option.help)
        if option.param_type_name == "argument" and option.nargs < 0:
            option.get_usage_pieces = _repeatable(option)
    for below in getattr(command, "commands", {}).values():
        translate_help(below)
