"""HTML that is safe by construction: what is text gets escaped.

`tag("td", "<b>", cls="number")` gives an element; text becomes `Html` only by being escaped, so a log's words can be
nothing but words. There is no `style` argument and no event handler: the page's policy would refuse both.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final, TypeAlias

from sentinel.console.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

_VOID: Final = frozenset({"input", "meta", "br", "rect", "line"})


class Html(str):
    """Markup that stands as it is."""

    __slots__ = ()


Part: TypeAlias = "str | Html | None"


def harmless(text: str) -> str:
    """Give a text with controls, direction marks and lone surrogates written out; line ends and tabs stay."""
    if text.isprintable():
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join(map(visible, line.split("\t"))) for line in lines)


def html(part: Part) -> Html:
    """Give markup as it is and any other text escaped."""
    if isinstance(part, Html):
        return part
    return Html(escape(harmless(part))) if part else Html("")


def tag(element: str, /, *parts: Part, **attributes: str | float | bool | None) -> Html:
    """Give an element; `cls` is its class, `_` in names stands for `-`; True is a bare one, None and False none."""
    told = "".join(_attribute(key, value) for key, value in attributes.items() if value is not None)
    if element in _VOID:
        return Html(f"<{element}{told}/>")
    return Html(f"<{element}{told}>{''.join(map(html, parts))}</{element}>")


def joined(parts: Iterable[Part]) -> Html:
    """Give parts one behind the other."""
    return Html("".join(map(html, parts)))


def _attribute(key: str, value: str | float | bool) -> str:  # noqa: FBT001 - an attribute may be there or not
    name = "class" if key == "cls" else key.rstrip("_").replace("_", "-")
    if isinstance(value, bool):
        return f" {name}" if value else ""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return f' {name}="{escape(harmless(text))}"'
