"""Colours and streams: how the house looks on a terminal."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

from sentinel.language import _, later
from sentinel.model.severity import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTH_OF_FILES: Final = 120
"""Columns of what is written to a file or another program, unless COLUMNS says how many."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a level is called in tables and coloured; its name alone tells it apart."""

    label: str
    style: str


LEVELS: Final[Mapping[Level, Look]] = {
    Level.CRITICAL: Look(later("critical"), "bold white on red"),
    Level.HIGH: Look(later("high"), "bold red"),
    Level.MEDIUM: Look(later("medium"), "yellow"),
    Level.LOW: Look(later("low"), "cyan"),
    Level.INFORMATIONAL: Look(later("info"), "dim"),
}
HEAD: Final = "bold"
FAINT: Final = "dim"
WARNING: Final = "yellow"
MARK: Final = "bold underline"


def level_text(level: Level) -> Text:
    """Give a level's name in its colour."""
    look = LEVELS[level]
    return Text(_(look.label), style=look.style)


def console_for(stream: IO[str], color: str) -> Console:
    """Give a console that writes to a stream without markup or wrapping; `color` is the setting of that name."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a letter still gets the rest
    coloured = color == "always" or (color == "auto" and stream.isatty() and not os.environ.get("NO_COLOR"))
    return Console(
        file=stream,
        width=_width(stream),
        force_terminal=True if coloured else None,
        color_system="standard" if coloured else None,
        no_color=not coloured,
        markup=False,
        highlight=False,
        emoji=False,
    )


def _width(stream: IO[str]) -> int:
    fallback = (WIDTH_OF_FILES, 24)
    if stream.isatty():
        return max(1, shutil.get_terminal_size(fallback).columns)
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdigit() and int(columns) else WIDTH_OF_FILES


def put(console: Console, *lines: Text | str) -> None:
    """Write lines as they are, whatever the width."""
    for line in lines:
        console.print(line, soft_wrap=True)
