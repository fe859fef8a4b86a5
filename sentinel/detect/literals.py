"""The literal text without which an atom cannot be true."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sentinel.detect.plan import LITERAL

if TYPE_CHECKING:
    from sentinel.detect.plan import Atom

_QUANTIFIERS = frozenset("?*{")
_CLASS_ESCAPES = frozenset("dDsSwWbBAzZCnrtfva")
_NUMBERED_ESCAPE = re.compile(r"\\[xupPQ0-9]")
_TEXTS = frozenset({"eq", "contains", "startswith", "endswith"})
_SHORTEST = 2
"""Characters. A shorter literal prompts too often to be worth it."""


def required_literal(atom: Atom) -> str:
    """Give the longest text that every value has for which the atom is true; "" where none can be told."""
    if atom.op in ("glob", "glob_cased"):
        return max((part.removeprefix(LITERAL) for part in atom.value if part.startswith(LITERAL)), key=len, default="")
    if atom.op == "re":
        longest = max(_runs(atom.value[0]), key=len, default="")
        return longest if len(longest) >= _SHORTEST and longest.isascii() else ""
    return atom.value[0] if atom.op.removesuffix("_cased") in _TEXTS else ""


def _runs(pattern: str) -> list[str]:
    """Give the runs of literal characters that stand outside groups, classes and options of a pattern.

    A pattern with an alternative outside every group has none. What is not understood ends a run, never joins one.
    """
    if _NUMBERED_ESCAPE.search(pattern):
        return []
    runs, run, position = [], "", 0
    while position < len(pattern):
        if pattern[position] == "|":
            return []
        literal, after = _literal_at(pattern, position)
        following = pattern[after : after + 1]
        optional = following in _QUANTIFIERS
        if literal and not optional:
            run += literal
        if not literal or optional or following == "+":
            runs.append(run)
            run = ""
        position = after
    return [*runs, run]


def _literal_at(pattern: str, position: int) -> tuple[str, int]:
    """Give the literal character at a position, "" where there is none, and where what stands there ends."""
    character = pattern[position]
    if character == "\\":
        escaped = pattern[position + 1 : position + 2]
        return ("" if escaped in _CLASS_ESCAPES else escaped), position + 2
    if character == "(":
        return "", _group_end(pattern, position)
    if character == "[":
        return "", _class_end(pattern, position)
    if character == "{":
        return "", pattern.find("}", position) + 1 or len(pattern)
    return ("" if character in ".^$*+?)" else character), position + 1


def _class_end(pattern: str, position: int) -> int:
    position += 1
    if pattern[position : position + 1] == "^":
        position += 1
    if pattern[position : position + 1] == "]":
        position += 1
    while position < len(pattern) and pattern[position] != "]":
        position += 2 if pattern[position] == "\\" else 1
    return position + 1


def _group_end(pattern: str, position: int) -> int:
    depth = 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            position += 2
            continue
        if character == "[":
            position = _class_end(pattern, position)
            continue
        depth += (character == "(") - (character == ")")
        position += 1
        if depth == 0:
            return position
    return position
