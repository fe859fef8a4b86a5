"""Writes docs/reference from the code, so that it cannot say anything else.

python -m docs.build_reference            write every page
python -m docs.build_reference --check    exit 1 where a page is not what the code says
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer
from typer.core import TyperGroup

from sentinel import errors, language, settings
from sentinel.cli.main import EXIT_CODES, PROGRAM, application
from sentinel.console import hits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

FOLDER: Final = Path(__file__).resolve().parent / "reference"
_HEAD: Final = "<!-- Written by `poe docs` from the code: change the code, not this page. -->\n\n"


def cli() -> str:
    """Give the page of all commands, options and exit codes."""
    sections = [section for path, command in commands() for section in _command_sections(path, command)]
    codes = _table(("code", "meaning"), [(str(code.value), text) for code, text in EXIT_CODES.items()])
    return "\n\n".join(["# Commands", *sections, "## Exit codes", codes])


def commands() -> Iterator[tuple[str, Any]]:
    """Give every command with its full name, groups before their commands."""
    yield from _below(PROGRAM, typer.main.get_command(application()))


def _below(path: str, command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - Typer's class of commands is private
    yield path, command
    if isinstance(command, TyperGroup):
        context = typer.Context(command)
        for name in command.list_commands(context):
            yield from _below(f"{path} {name}", command.get_command(context, name))


def _command_sections(path: str, command: Any) -> Iterator[str]:  # noqa: ANN401 - as _below
    context = typer.Context(command, info_name=path)
    yield f"## {path}"
    yield inspect.cleandoc(command.help or "")
    yield f"```\n{' '.join([path, *command.collect_usage_pieces(context)])}\n```"
    records = [record for record in (parameter.get_help_record(context) for parameter in command.params) if record]
    if records:
        yield _table(("option", "meaning"), [(f"`{name}`", meaning) for name, meaning in records])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def settings_page() -> str:
    """Give the page of all settings."""
    flags = {option for _path, command in commands() for parameter in command.params for option in parameter.opts}
    theory = (inspect.getdoc(settings) or "").partition("\n\n")[2]
    head = (f"in `{settings.FILE_NAME}`", "kind", "default", "variable", "flag", "meaning")
    rows = [_setting(field, flags) for field in settings.FIELDS]
    shown = "`sentinel config show --origin` shows what is in force."
    return "\n\n".join(["# Settings", theory, shown, _table(head, rows)])


def _setting(field: settings.Field, flags: set[str]) -> tuple[str, ...]:
    flag = f"`{field.option}`" if field.option in flags else ""
    name, variable = f"`{field.name}`", f"`{field.environment}`"
    return name, field.kind.label, field.shown_default, variable, flag, field.description


_ERRORS: Final = """# Errors

An error is one line on standard error, `error: place: message`, where the place is `path:line`, a flag or a variable;
a line `hint:` below says what to do next. Anything else, with a traceback, is a bug: please report it."""


def errors_page() -> str:
    """Give the page of all errors that are raised on purpose."""
    rows = [(f"`{kind.__name__}`", str(kind.exit_code), _first_line(kind)) for kind in _kinds(errors.SentinelError)]
    return f"{_ERRORS}\n\n{_table(('error', 'exit code', 'meaning'), rows)}"


def _kinds(parent: type[errors.SentinelError]) -> Iterator[type[errors.SentinelError]]:
    yield parent
    for kind in (kind for kind in parent.__subclasses__() if kind.__module__ == errors.__name__):
        yield from _kinds(kind)


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


_HITS: Final = """# Hits

What `sentinel scan --ndjson` writes: one JSON object (UTF-8) a line for every rule and event that it hit, as they are
found. `--json` writes the same objects as the array `hits`, and the account of the scan as `summary`. Fields may be
added; none changes its meaning. Characters that a terminal would obey are always escaped."""
_CSV: Final = """`--csv` writes a line of headings, then a line a hit: {names}. Tags are joined by blanks. Control
characters are written out (`\\x1b`); a cell that a spreadsheet would take for a formula begins with an apostrophe."""


def hits_page() -> str:
    """Give the page of hits as other programs read them."""
    rows = [(f"`{field.name}`", field.kind, field.meaning) for field in (*hits.FIELDS, hits.EVIDENCE)]
    names = ", ".join(f"`{field.name}`" for field in hits.CSV_FIELDS)
    meaning = f"`{hits.DETAIL.name}`: {hits.DETAIL.meaning}"
    table = _table(("field", "kind", "meaning"), rows)
    return "\n\n".join([_HITS, table, "## CSV", _CSV.format(names=names), meaning])


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "cli.md": cli,
    "settings.md": settings_page,
    "errors.md": errors_page,
    "hits.md": hits_page,
}


def texts() -> dict[Path, str]:
    """Give every page of the reference, in English, with the file it belongs in."""
    language.use("en")
    pages = {name: page() for name, page in PAGES.items()}
    links = "".join(f"- [{page.partition(chr(10))[0].lstrip('# ')}]({name})\n" for name, page in pages.items())
    links += "- [Queries](query.md)\n"  # written by hand; tests ask every example
    links += "- [Datasets and columns](datasets/index.md)\n"  # written by docs.build_datasets
    written = "- [Notifications](notify.md)\n- [The estate's files](estate.md)\n"
    pages["index.md"] = (
        f"# Reference\n\nMade from the code, and checked against it.\n\n{links}"
        f"\nWritten by hand, and compared with the code by tests.\n\n{written}"
    )
    return {FOLDER / name: _HEAD + page.rstrip() + "\n" for name, page in pages.items()}


def stale() -> list[Path]:
    """Give the pages that do not say what the code says."""
    return [path for path, text in texts().items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def main(arguments: list[str]) -> int:
    """Write every page, or with --check name those that are stale."""
    if "--check" in arguments:
        old = stale()
        for path in old:
            print(f"{path.relative_to(Path.cwd())}: stale, run `poe docs`")
        return 1 if old else 0
    FOLDER.mkdir(exist_ok=True)
    for path, text in texts().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
