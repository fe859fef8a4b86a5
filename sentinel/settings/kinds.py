"""Kinds of settings: what a value must be, and how text becomes one."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentinel.language import later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value must be: how messages call it, how text becomes one, whether a TOML value is one, its final form."""

    label: str
    parse: Callable[[str], object]
    accepts: Callable[[object], bool]
    final: Callable[[Any, Path], object] = lambda value, _base: value


def _whole(text: str) -> object:
    return int(text) if re.fullmatch(r"[+-]?\d{1,9}", text.strip()) else text


def _texts(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, (str, Path)) and str(item) for item in value)


def _folder(value: object, base: Path) -> Path:
    return base / Path(str(value)).expanduser()


def _folders(values: Iterable[object], base: Path) -> tuple[Path, ...]:
    return tuple(_folder(value, base) for value in values)


TEXT = Kind(later("text"), str, lambda value: isinstance(value, str))
NUMBER = Kind(later("a whole number"), _whole, lambda value: type(value) is int)
FOLDER = Kind(later("a folder"), str, lambda value: isinstance(value, (str, Path)) and bool(str(value)), _folder)
FILE = Kind(later("a file"), FOLDER.parse, FOLDER.accepts, _folder)
FOLDERS = Kind(
    later("a list of folders"), lambda text: [part for part in text.split(os.pathsep) if part], _texts, _folders
)


def _named(text: str) -> object:
    """Read `name=value,name=value`."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    return {name.strip(): value.strip() for name, sign, value in pairs if sign} if all(p[1] for p in pairs) else text


def _is_of_texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def _is_of_lists(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) or _is_list(each) for each in value.values())


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(each, str) and each for each in value)


def _lists(value: dict[str, Any], _base: Path) -> dict[str, tuple[str, ...]]:
    return {name: tuple(each.split() if isinstance(each, str) else each) for name, each in value.items()}


WORDS = Kind(
    later("a list of words"),
    lambda text: [part.strip() for part in text.split(",") if part.strip()],
    _is_list,
    lambda value, _base: tuple(value),
)
TABLE = Kind(later("a table of texts"), _named, _is_of_texts, lambda value, _base: dict(value))
LISTS = Kind(later("a table of lists of words"), _named, _is_of_lists, _lists)
