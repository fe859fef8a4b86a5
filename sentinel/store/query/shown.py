"""The canonical spelling of a query, which reads back as the same tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sentinel.store.query.tree import (
    ANY_FIELD,
    And,
    Contains,
    Equals,
    Everything,
    Exists,
    Like,
    Matches,
    Not,
    Or,
    Range,
    Within,
)
from sentinel.store.query.words import means_something

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.store.query.tree import Node, Query

_PLAIN: Final = re.compile(r"\w(?:[\w.@-]*\w)?")
_WORDS: Final = frozenset({"and", "or", "not", "to"})
_KEPT_IN_NAMES: Final = frozenset("*-")
# Names that together with a colon and a value could be read as a value: an address, a time, the path of a drive.
_LIKE_VALUES: Final = re.compile(r"[A-Za-z]|[0-9A-Fa-f]{1,4}|[0-9].*", re.DOTALL)
_SLASH: Final = re.compile(r"(\\.)|/", re.DOTALL)


def shown(query: Query) -> str:
    """Write a query that `parse` gave, or one like it, so that `parse` gives it again with the same `accents`."""
    return _node(query.root)


def _node(node: Node) -> str:
    return _SPELLINGS[type(node)](node)


def _inner(node: Node) -> str:
    return f"({_node(node)})" if isinstance(node, And | Or) else _node(node)


def _value(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _named(field: str, value: str) -> str:
    if field == ANY_FIELD:
        return value
    name = "".join(
        f"\\{character}" if means_something(character) and character not in _KEPT_IN_NAMES else character
        for character in field
    )
    name = f"\\{name}" if name.startswith("-") else name
    return f"{name} :{value}" if _LIKE_VALUES.fullmatch(field) else f"{name}:{value}"


def _pattern(pattern: str) -> str:
    """Write a pattern as a word: its own escapes stand, whatever else means something gets one."""
    units = re.findall(r"\\?.", pattern, re.DOTALL)
    return "".join(
        f"\\{unit}" if len(unit) == 1 and unit not in "*?" and means_something(unit) else unit for unit in units
    )


def _range(node: Range) -> str:
    if node.low is not None and node.high is not None:
        begin, end = "[" if node.low_included else "{", "]" if node.high_included else "}"
        return _named(node.field, f"{begin}{_value(node.low)} TO {_value(node.high)}{end}")
    if node.low is not None:
        return _named(node.field, f"{'>=' if node.low_included else '>'}{_value(node.low)}")
    return _named(node.field, f"{'<=' if node.high_included else '<'}{_value(node.high or '')}")


def _matches(node: Matches) -> str:
    expression = _SLASH.sub(lambda found: found[1] or r"\/", node.expression)
    return _named(node.field, f"/{expression}/")


_SPELLINGS: Final[dict[type, Callable[[Any], str]]] = {
    Everything: lambda _: "*",
    Equals: lambda node: _named(node.field, _value(node.text)),
    Contains: lambda node: _named(node.field, _value(node.text)),
    Like: lambda node: _named(node.field, _pattern(node.pattern)),
    Matches: _matches,
    Range: _range,
    Within: lambda node: _named(node.field, str(node.network)),
    Exists: lambda node: _named(node.field, "*"),
    And: lambda node: " and ".join(map(_inner, node.nodes)),
    Or: lambda node: " or ".join(map(_inner, node.nodes)),
    Not: lambda node: f"not {_inner(node.node)}",
}
