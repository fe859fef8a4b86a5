"""The list of alerts or stories: it draws what is looked at, and asks for no more than that."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sentinel.console.screen.columns import Layout, layout
from sentinel.console.screen.leaves import Leaves, asked
from sentinel.console.screen.reading import style_of
from sentinel.console.screen.work import begin
from sentinel.console.theme import FAINT, HEAD
from sentinel.errors import SentinelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.binding import BindingType

    from sentinel.console.screen.clerk import Clerk
    from sentinel.console.screen.columns import Column
    from sentinel.console.screen.leaves import Batch, Leaf, Listing

_AHEAD: Final = 100
"""Rows that are asked for before they are looked at."""
_SIGNS: Final = 2
"""Cells before the first column: where the cursor is, and whether the row is marked."""
_HERE, _MARKED, _NOT_YET = "›", "*", "…"


class Queue(ScrollView, can_focus=True):
    """A list that may be of any length."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("up,k", "move(-1)", ""),
        ("down,j", "move(1)", ""),
        ("pageup", "turn(-1)", ""),
        ("pagedown", "turn(1)", ""),
        ("home,g", "first", ""),
        ("end,G", "last", ""),
        ("enter", "open", ""),
        ("space", "mark", ""),
    ]

    class Moved(Message):
        """Another row is looked at, or the same one has changed."""

    class Opened(Message):
        """The row is to be opened."""

    class Changed(Message):
        """How many rows there are, or which are marked, has changed."""

    class Failed(Message):
        """A question could not be answered."""

        def __init__(self, error: SentinelError) -> None:
            """Keep why."""
            super().__init__()
            self.error = error

    def __init__(self, clerk: Clerk, clock: Callable[[], int]) -> None:
        """Take who answers, and what gives the time in nanoseconds since 1970, UTC."""
        super().__init__(id="queue")
        self._clerk = clerk
        self._clock = clock
        self.leaves: Leaves[Any] | None = None
        self.marked: dict[str, Any] = {}
        self.cursor = 0
        self._columns: Sequence[Column[Any]] = ()
        self._layout: Layout[Any] = Layout(())
        self._generation = 0
        self._is_loading = False

    # ── what is shown ──

    def show(self, listing: Listing[Any], columns: Sequence[Column[Any]], cursor: int = 0) -> None:
        """Show another list from its first row on, or from the row that the cursor is to stand at."""
        self.leaves, self._columns, self.cursor = Leaves(listing), columns, cursor
        self.marked = {}
        self._generation += 1
        self._lay_out()
        self.scroll_to(y=0, animate=False, immediate=True)
        self._load()

    def reload(self) -> None:
        """Ask anew for what is looked at; the row that the cursor stands at stays under it."""
        if self.leaves is not None:
            self._generation += 1
            self.leaves.grow_stale()
            self._load()

    @property
    def current(self) -> Any:  # noqa: ANN401 - an alert or a story, whatever the list is of
        """Give the row that the cursor stands at, None where there is none."""
        return self.leaves.at(self.cursor) if self.leaves is not None else None

    @property
    def is_settled(self) -> bool:
        """Tell whether everything that was asked for is there."""
        return not self._is_loading

    def _rows_shown(self) -> int:
        return max(1, self.scrollable_content_region.height - 1)

    # ── asking ──

    def _load(self) -> None:
        if not self._is_loading and self.is_mounted:
            self._is_loading = True
            begin(self, self._loading, "rows")

    async def _loading(self) -> None:
        try:
            while self.leaves is not None and (leaf := self._wanting(self.leaves)) is not None:
                leaves, generation = self.leaves, self._generation
                question = partial(asked, listing=leaves.listing, leaf=leaves.asking(leaf))
                batch = await self._clerk.asked(question)
                if generation == self._generation:
                    self._put(leaves, leaf, batch)
        except SentinelError as error:
            self.post_message(self.Failed(error))
        finally:
            self._is_loading = False

    def _wanting(self, leaves: Leaves[Any]) -> Leaf[Any] | None:
        """Give what to ask for next: what is in sight and soon will be, then the row of the cursor, wherever it is."""
        top = self.scroll_offset.y
        return leaves.wanting(top, top + self._rows_shown() + _AHEAD) or leaves.wanting(self.cursor, self.cursor)

    def _put(self, leaves: Leaves[Any], leaf: Leaf[Any], batch: Batch[Any]) -> None:
        """Put rows into their place, and keep the cursor on its row."""
        here = self.current
        leaves.put(leaf, batch, near=self.cursor, sight=self.scroll_offset.y)
        for row in batch.rows:
            if (name := leaves.listing.name(row)) in self.marked:
                self.marked[name] = row
        place = leaves.place_of(leaves.listing.name(here)) if here is not None else None
        moved = (place if place is not None else self.cursor) - self.cursor
        self.cursor = max(0, min(self.cursor + moved, leaves.rows - 1)) if leaves.rows else self.cursor
        self.virtual_size = Size(self.size.width, leaves.rows + 1)
        if moved and (self.scroll_offset.y or self.cursor >= self._rows_shown()):
            self.scroll_to(y=self.scroll_offset.y + moved, animate=False, immediate=True)
        self.refresh()
        self.post_message(self.Changed())
        if self.current != here:
            self.post_message(self.Moved())

    # ── moving ──

    def _go(self, row: int) -> None:
        rows = self.leaves.rows if self.leaves is not None else 0
        self.cursor = max(0, min(row, rows - 1))
        top, shown = self.scroll_offset.y, self._rows_shown()
        if not top <= self.cursor < top + shown:
            top = self.cursor if self.cursor < top else self.cursor - shown + 1
            self.scroll_to(y=top, animate=False, immediate=True)
        self.refresh()
        self._load()
        self.post_message(self.Moved())

    def action_move(self, rows: int) -> None:
        """Go up or down."""
        self._go(self.cursor + rows)

    def action_turn(self, pages: int) -> None:
        """Go up or down by what the window shows."""
        self._go(self.cursor + pages * self._rows_shown())

    def action_first(self) -> None:
        """Go to the first row."""
        self._go(0)

    def action_last(self) -> None:
        """Go to the last row that is known."""
        self._go(self.leaves.rows - 1 if self.leaves is not None else 0)

    def action_open(self) -> None:
        """Open the row."""
        if self.current is not None:
            self.post_message(self.Opened())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for what comes into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._load()

    def on_click(self, event: events.Click) -> None:
        """Go to the row that is clicked, and open it where the cursor was there."""
        row = event.y - 1 + self.scroll_offset.y
        if event.y >= 1 and self.leaves is not None and row < self.leaves.rows:
            is_here = row == self.cursor
            self._go(row)
            if is_here:
                self.action_open()

    # ── marking ──

    def action_mark(self) -> None:
        """Mark the row, or take its mark, and go on to the next."""
        row = self.current
        if self.leaves is None or row is None:
            return
        name = self.leaves.listing.name(row)
        if self.marked.pop(name, None) is None:
            self.marked[name] = row
        self.post_message(self.Changed())
        self._go(self.cursor + 1)

    def mark(self, rows: Sequence[Any]) -> None:
        """Mark these rows, and no others."""
        if self.leaves is not None:
            self.marked = {self.leaves.listing.name(row): row for row in rows}
            self.refresh()
            self.post_message(self.Changed())

    # ── drawing ──

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width - _SIGNS
        if self._columns and width > 0:
            self._layout = layout(self._columns, width)
        self.virtual_size = Size(self.size.width, (self.leaves.rows if self.leaves is not None else 0) + 1)
        self.refresh()

    def on_mount(self) -> None:
        """Begin to ask."""
        self._load()

    def on_resize(self, _event: events.Resize) -> None:
        """Choose the columns anew."""
        self._lay_out()
        self._load()
        if not 0 <= self.cursor - self.scroll_offset.y < self._rows_shown():
            self._go(self.cursor)

    def render_line(self, y: int) -> Strip:
        """Draw the headings, or a row."""
        if y == 0:
            text = " " * _SIGNS + " ".join(self._layout.headings())
            return self._strip([Segment(text, style_of(HEAD))])
        row = y - 1 + self.scroll_offset.y
        if self.leaves is None or row >= self.leaves.rows:
            return self._strip([])
        shown = self.leaves.at(row)
        if shown is None:
            return self._strip([Segment("  " + _NOT_YET, style_of(FAINT))])
        return self._row(row, shown)

    def _row(self, row: int, shown: Any) -> Strip:  # noqa: ANN401 - as in `current`
        is_marked = self.leaves is not None and self.leaves.listing.name(shown) in self.marked
        is_here = row == self.cursor
        signs = (_HERE if is_here else " ") + (_MARKED if is_marked else " ")
        segments = [Segment(signs, style_of(HEAD))]
        for place, cell in enumerate(self._layout.cells(shown, self._clock())):
            gap = [Segment(" ")] if place else []
            segments += [*gap, Segment(cell.text, style_of(cell.style))]
        strip = self._strip(segments)
        if is_here:
            strip = strip.apply_style(style_of("reverse" if self.has_focus else HEAD))
        return strip.apply_style(style_of("bold")) if is_marked else strip

    def _strip(self, segments: list[Segment]) -> Strip:
        width, base = self.size.width, self.rich_style
        return Strip(segments).apply_style(base).adjust_cell_length(width, base)
