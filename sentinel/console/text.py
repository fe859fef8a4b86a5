"""Text that is safe to show, and fits.

Whatever comes from a log, a rule or a file name was written by a stranger: it passes `visible` before a terminal sees
it. Nothing here is markup, and rich is imported only where widths are counted.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_WRITTEN_OUT: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNUSUAL: Final = re.compile(r"[^ -~]")
_CUT: Final = "…"


def visible(text: str) -> str:
    r"""Give a text that does nothing to a terminal: controls and direction marks are written out (`\x1b`)."""
    if text.isprintable():
        return text
    return _UNUSUAL.sub(_written_out, text)


def _written_out(found: re.Match[str]) -> str:
    character = found[0]
    if unicodedata.category(character) in _WRITTEN_OUT or character in _BIDI:
        return character.encode("unicode_escape").decode()
    return character


def width_of(text: str) -> int:
    """Count the cells that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fitted(text: str, width: int, *, right: bool = False, from_left: bool = False) -> str:
    """Give a text in exactly so many cells: padded, or cut with an ellipsis, from the left where its end tells more."""
    taken = width_of(text)
    if taken > width:
        text = _CUT + _first(text[::-1], width - 1)[::-1] if from_left else _first(text, width - 1) + _CUT
        taken = width_of(text)
    padding = " " * (width - taken)
    return padding + text if right else text + padding


def _first(text: str, width: int) -> str:
    """Give as much of a text's beginning as so many cells hold."""
    from rich.cells import set_cell_size

    return set_cell_size(text, max(0, width)).rstrip(" ") if width_of(text) > width else text


def reached(peer: str, host: str) -> str:
    """Give where an event came from, and its host: `203.0.113.5 → web06`; what is not known is left out."""
    return " → ".join(filter(None, (peer, host)))
