"""A text to scroll through: lines as they are, wrapped to the window."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final

from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sentinel.console.tables import wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text
    from textual import events
    from textual.binding import BindingType

_SPARE: Final = 1


@lru_cache(maxsize=256)
def style_of(text: str) -> Style:
    """Give a style by its name."""
    return Style.parse(text)


class Reading(ScrollView, can_focus=True):
    """Shows lines, each wrapped to the width; what they say is text and never markup."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("up,k", "scroll_up", ""),
        ("down,j", "scroll_down", ""),
        ("pageup", "page_up", ""),
        ("pagedown,space", "page_down", ""),
        ("home", "scroll_home", ""),
        ("end", "scroll_end", ""),
    ]

    def __init__(self, lines: Sequence[Text] = (), *, name: str = "") -> None:
        """Take the lines to show."""
        super().__init__(id=name or None)
        self._lines = list(lines)
        self._wrapped: list[Text] = []
        self._width = 0

    @property
    def plain(self) -> str:
        """Give what is shown, as text."""
        return "\n".join(line.plain for line in self._lines)

    def show(self, lines: Sequence[Text], *, stay: bool = False) -> None:
        """Show other lines, from the first one on, or from where it stood."""
        self._lines = list(lines)
        self._wrap()
        if not stay:
            self.scroll_to(y=0, animate=False, immediate=True)

    def on_resize(self, _event: events.Resize) -> None:
        """Wrap anew."""
        self._wrap()

    def _wrap(self) -> None:
        self._width = self.scrollable_content_region.width - _SPARE
        if self._width <= 0:
            return
        self._wrapped = [part for line in self._lines for part in wrapped(line, self._width)]
        self.virtual_size = Size(self._width, len(self._wrapped))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        place, base = y + self.scroll_offset.y, self.rich_style
        if place >= len(self._wrapped):
            return Strip.blank(self.size.width, base)
        line = self._wrapped[place]
        line.end = ""
        return Strip(line.render(self.app.console)).apply_style(base).adjust_cell_length(self.size.width, base)
