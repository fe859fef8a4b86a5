"""TOML that people wrote: its values and lines, or where it is wrong.

`tomllib` reads most texts in time that grows as they do. What it does not (keys of very many parts), and what it raises
other errors for (nesting deeper than the interpreter's stack, numbers of thousands of digits), is refused here.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final

from sentinel.errors import InputError
from sentinel.language import _

_MOST_PARTS: Final = 64
"""Parts of a key such as `a.b.c`: its time grows with their square."""
_PART: Final = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*"|'[^'\n]*+')"""
_LONG_KEY: Final = re.compile(rf"(?:^|[{{,\[])[ \t]*+(?:{_PART}[ \t]*+\.[ \t]*+){{{_MOST_PARTS}}}", re.MULTILINE)
_NAME: Final = re.compile(r"""\s*+\[?\s*+["']?([\w-]++)["']?\s*+[=.\]]""")
_KEY: Final = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")
_LONG_NUMBER: Final = re.compile(r"[0-9][0-9_]{1000}")
_OPENING: Final = re.compile(r"[\[{]")


def read(text: str, place: str) -> dict[str, Any]:
    """Give the values of a text by their keys. Raises InputError, with `place:line`, for what is no TOML."""
    if found := _LONG_KEY.search(text):
        number = text.count("\n", 0, found.end()) + 1
        raise InputError(_("not TOML: {reason}").format(reason=_("a key of too many parts")), place=f"{place}:{number}")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        number, reason = int(line[1]) if line else text.count("\n") + 1, str(error)
    except RecursionError:
        number, reason = _deepest(text), _("nested too deep")
    except ValueError:  # of int(): a limit of the interpreter
        long = _LONG_NUMBER.search(text)
        number, reason = text.count("\n", 0, long.start() if long else 0) + 1, _("a number of too many digits")
    raise InputError(_("not TOML: {reason}").format(reason=reason), place=f"{place}:{number}")


def _deepest(text: str) -> int:
    """Give the number of the line that opens most lists and tables."""
    opened = [len(_OPENING.findall(line)) for line in text.split("\n")]
    return opened.index(max(opened)) + 1


def lines_of(text: str) -> dict[str, int]:
    """Give for each name that a line begins with, of a value or a table, the first such line (from 1)."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if name := _NAME.match(line):
            found.setdefault(name[1], number)
    return found


def lines_of_tables(text: str, name: str) -> list[dict[str, int]]:
    """Give for each table that begins with `[[name]]` the lines of its keys; "" is that of its header."""
    header = re.compile(rf"\s*\[\[\s*{re.escape(name)}\s*\]\]")
    found: list[dict[str, int]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if header.match(line):
            found.append({"": number})
        elif found and (key := _KEY.match(line)):
            found[-1].setdefault(key[1], number)
    return found
