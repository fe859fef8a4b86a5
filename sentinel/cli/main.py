"""The command `sentinel`: its options, its commands, its exit codes."""

from __future__ import annotations

import errno
import gc
import os
import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

from sentinel import __version__, language, settings
from sentinel.cli import errors
from sentinel.cli.commands import Commands
from sentinel.cli.exits import EXIT_CODES, ExitCode
from sentinel.errors import InputError, SentinelError, SettingsError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    # What adds a group of commands to the application.
    Register = Callable[[typer.Typer], None]

__all__ = ["EXIT_CODES", "PROGRAM", "ExitCode", "application", "main"]

PROGRAM = "sentinel"
_COMPLETION = "_SENTINEL_COMPLETE"
_GLOBAL = frozenset({"--lang", "--color", "--timezone", "--log-timezone", "--store"})
# What writing meets where there is no room or the device fails: no bug of ours.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def application(commands: Sequence[Register] = ()) -> typer.Typer:
    """Give the whole command line, with its texts in the language in use; `commands` are added to it."""
    app = typer.Typer(
        name=PROGRAM,
        cls=Commands,
        help=_("Read the logs of shared platforms and see what happened in them."),
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    for register in commands:
        register(app)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


def _options(
    ctx: typer.Context,
    lang: Annotated[str | None, typer.Option(help=_("Language of all texts: en or vi."), metavar="CODE")] = None,
    color: Annotated[str | None, typer.Option(help=_("Colours: auto, always or never."), metavar="WHEN")] = None,
    timezone: Annotated[str | None, typer.Option(help=_("Time zone in which times are shown."), metavar="ZONE")] = None,
    log_timezone: Annotated[
        str | None, typer.Option("--log-timezone", help=_("Time zone of log times that name none."), metavar="ZONE")
    ] = None,
    store: Annotated[Path | None, typer.Option(help=_("Folder of the store of events."), metavar="FOLDER")] = None,
    version: Annotated[  # noqa: ARG001 - answered by its callback
        bool, typer.Option("--version", help=_("Show the version."), callback=_version, is_eager=True)
    ] = False,
) -> None:
    ctx.obj = {"language": lang, "color": color, "timezone": timezone, "log_timezone": log_timezone, "store": store}


def main(arguments: Sequence[str] | None = None, commands: Sequence[Register] = ()) -> int:
    """Run one command, of ours or of `commands`, and give its exit code.

    Whatever was not raised on purpose leaves as a traceback.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    _suit_libraries()
    _open_what_is_closed()
    # Modules and records are many objects without circles: looking for some after every 700 only takes time.
    gc.set_threshold(100_000, 20, 50)
    _speak(arguments)
    try:
        return _run(application(commands), _global_first(arguments))
    except SentinelError as error:
        errors.show(error)
        return error.exit_code
    except TyperException as error:
        errors.show(errors.usage_error(error))
        return ExitCode.WRONG
    except (KeyboardInterrupt, typer.Abort):
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return _unheard()
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        _unheard()
        place = error.filename or "<stdout>"
        errors.show(InputError(_("cannot be written: {reason}").format(reason=error.strerror), place=place))
        return ExitCode.WRONG


def _suit_libraries() -> None:
    """Tell libraries how to work, which they ask when they are loaded."""
    # NumPy's linear algebra, which nothing here uses, would start a thread for every processor.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Arrow's wheels for glibc have jemalloc: taking in events costs a tenth less CPU with it, and a fifth less memory.
    if "CS_GNU_LIBC_VERSION" in getattr(os, "confstr_names", ()):
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
    # Where it is not there, Arrow looks for it again with every list that it makes a column of.
    if find_spec("dateutil") is None:
        sys.modules["dateutil"] = None  # type: ignore[assignment]  # as the import system says that a module is not there


def _run(app: typer.Typer, arguments: list[str]) -> int:
    command = typer.main.get_command(app)
    errors.translate_help(command)
    try:
        ended = command.main(arguments, prog_name=PROGRAM, complete_var=_COMPLETION, standalone_mode=False)
    except SystemExit as error:
        if _COMPLETION in os.environ:
            raise
        # Typer ends the program itself in one case only: it met a broken pipe.
        raise BrokenPipeError from error
    sys.stdout.flush()
    return ended if isinstance(ended, int) else ExitCode.DONE


def _speak(arguments: list[str]) -> None:
    """Choose the language before any text is made: also help texts are translated."""
    try:
        language.use(settings.load({"language": _flag("--lang", arguments)}).language)
    except SettingsError:
        # Help must work with broken settings; every command that reads them says what is wrong.
        language.use("")
    language.use_for_libraries()


def _global_first(arguments: list[str]) -> list[str]:
    """Move the options that every command takes before the command, wherever they were written; after `--` none is."""
    first, others = list[str](), list[str]()
    rest = iter(arguments)
    for argument in rest:
        name, assigned, _value = argument.partition("=")
        if argument == "--":
            others += [argument, *rest]
        elif name not in _GLOBAL:
            others.append(argument)
        else:
            first.append(argument)
            first += [] if assigned else [value for value in (next(rest, None),) if value is not None]
    return [*first, *others]


def _flag(name: str, arguments: list[str]) -> str | None:
    for argument, following in pairwise([*arguments, ""]):
        if argument == name:
            return following
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
    return None


def _open_what_is_closed() -> None:
    """Let what a caller closed (`>&-`) swallow what is written to it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - to the end


def _unheard() -> ExitCode:
    """End quietly: nothing more can be said on standard output, not even by Python's own flush at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return ExitCode.UNHEARD
