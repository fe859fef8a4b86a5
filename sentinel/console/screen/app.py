"""The triage screen: a queue that is worked down by keys.

The queue is asked by one thread, what is done is written by another, each with a desk of its own: the screen itself
never waits. It looks once a second whether something has happened, and then asks anew for what is looked at.
"""

from __future__ import annotations

import os
from asyncio import to_thread
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from rich.text import Text
from textual.app import App
from textual.containers import Container
from textual.widgets import Static

from sentinel.console.numbers import number
from sentinel.console.screen.clerk import Clerk
from sentinel.console.screen.columns import ALERTS, STORIES
from sentinel.console.screen.keys import ALL, hints
from sentinel.console.screen.listings import Alerts, Stories
from sentinel.console.screen.news import Latest, summary
from sentinel.console.screen.pane import Pane
from sentinel.console.screen.queue import Queue
from sentinel.console.screen.style import STYLE
from sentinel.console.screen.views import View, heading, of_story
from sentinel.console.screen.work import begin
from sentinel.console.text import fitted, visible
from sentinel.console.theme import HEAD, WARNING
from sentinel.errors import SentinelError
from sentinel.language import _
from sentinel.model.alert import OPEN, Order, Wanted
from sentinel.triage.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.screen import Screen

    from sentinel.console.screen.shift import Shift
    from sentinel.model.alert import Alert
    from sentinel.people.acting import Acting
    from sentinel.triage.told import News, Story

T = TypeVar("T")
_TICK: Final = 1.0
_WIDE, _TALL = 120, 36
"""From so many columns on the alert stands beside the queue, from so many lines below it."""
_MOST_MARKED: Final = 10_000


class Triage(App[None]):
    """The application."""

    TITLE = "Sentinel"
    ENABLE_COMMAND_PALETTE = False
    CSS = STYLE
    BINDINGS: ClassVar[list[BindingType]] = [
        *((key.key, f"do('{key.deed}')", "") for key in ALL if key.deed),
        ("ctrl+q,ctrl+c", "quit", ""),
    ]

    def __init__(self, shift: Shift, tick: float = _TICK) -> None:
        """Take what the sitting is about, and after how many seconds it looks again whether something has happened."""
        if not shift.colored:
            os.environ["NO_COLOR"] = "1"
        super().__init__(ansi_color=True)
        self.theme = "ansi-dark"  # the terminal's own colours, whether it is dark or light
        self.shift, self.clock = shift, shift.clock
        self.reader = Clerk(lambda: Desk(shift.folder, shift.policy))
        self.writer = Clerk(lambda: Desk(shift.folder, shift.policy, write=True))
        self.filter, self._tick = shift.filter, tick
        self.done: list[Sequence[Alert]] = []
        self._views = [View("", shift.read(shift.filter))]
        self._latest = Latest(self.reader)
        self._is_busy = self._is_watching = False

    def compose(self) -> ComposeResult:
        """Give the lines above and below, the queue and the alert."""
        yield Static(markup=False, id="head")
        with Container(id="body"):
            yield Queue(self.reader, self.clock)
            yield Pane(self.reader, self.shift.zone, self.clock)
        yield Static(markup=False, id="said")
        yield Static(markup=False, id="hints")

    def on_mount(self) -> None:
        """Ask for the first rows."""
        self._show()
        self._queue.focus()
        self.set_interval(self._tick, self._watch)

    def on_resize(self, event: events.Resize) -> None:
        """Put the alert beside or below the queue where there is room."""
        is_wide = event.size.width >= _WIDE
        self.screen_stack[0].set_class(is_wide, "wide")
        self.screen_stack[0].set_class(not is_wide and event.size.height >= _TALL, "tall")
        self._tell_head()
        self._line("hints").update(hints(event.size.width))

    def on_unmount(self) -> None:
        """Close the desks."""
        self.reader.close()
        self.writer.close()

    # ── parts ──

    @property
    def _queue(self) -> Queue:
        return self.screen_stack[0].query_one(Queue)

    @property
    def _pane(self) -> Pane:
        return self.screen_stack[0].query_one(Pane)

    def _line(self, name: str) -> Static:
        return self.screen_stack[0].query_one(f"#{name}", Static)

    @property
    def _view(self) -> View:
        return self._views[-1]

    @property
    def order(self) -> Order:
        """Give the order of the queue."""
        return self._view.order

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is being asked or done."""
        is_asking = len(self.screen_stack) > 1
        return all(each.is_finished or (each.group == "deed" and is_asking) for each in self.workers)

    @property
    def has_watched(self) -> bool:
        """Tell whether it knows what there was, so that it sees what comes."""
        return self._latest.is_known

    def actor(self) -> Acting:
        """Give who acts. Raise Refused where nobody may."""
        if isinstance(self.shift.acting, SentinelError):
            raise self.shift.acting
        return self.shift.acting

    # ── what is shown ──

    def _show(self) -> None:
        view = self._view
        if view.wanted is None:
            self._queue.show(Stories(), STORIES, view.cursor)
        else:
            self._queue.show(Alerts(view.wanted), ALERTS, view.cursor)
        self._tell_head()

    def tell(self, text: str, *, problem: bool = False) -> None:
        """Say something in the line above the hints."""
        self._line("said").update(Text(visible(text), style=WARNING if problem else ""))

    def _tell_head(self) -> None:
        acting, queue = self.shift.acting, self._queue
        who = _("read only") if isinstance(acting, SentinelError) else acting.name
        text = heading(self._view, queue.leaves, len(queue.marked), self.filter)
        width = max(0, self.size.width - len(who) - 1)
        self._line("head").update(Text(fitted(text, width) + " " + visible(who), style=f"{HEAD} reverse"))

    def choose(self, text: str) -> None:
        """Show what another filter lets through."""
        wanted = replace(self.shift.read(text), order=self.order)
        self.filter = text
        self._views = [View("", wanted)]
        self._close_pane()
        self._show()

    def reorder(self, order: Order) -> None:
        """Show the same in another order."""
        if self._view.wanted is not None:
            self._views[-1] = self._view.ordered(order)
            self._show()

    def changed(self, names: Iterable[str]) -> None:
        """Take the marks of alerts to which something was done, and ask anew."""
        for name in names:
            self._queue.marked.pop(name, None)
        self._queue.reload()

    # ── the alert ──

    def current(self) -> Alert | None:
        """Give the alert that is looked at: of a story the first."""
        row = self._queue.current
        found: Alert | None = row.top if row is not None and self._view.wanted is None else row
        return found

    async def targets(self) -> Sequence[Alert]:
        """Give the alerts that an action is about: those marked, or the one looked at; of stories the open ones."""
        rows = list(self._queue.marked.values()) or [row for row in (self._queue.current,) if row is not None]
        if self._view.wanted is None:
            return await self.reader.asked(lambda desk: _of_stories(desk, rows))
        return rows

    async def mark_all(self) -> None:
        """Mark what the filter lets through, ten thousand at most."""
        wanted = self._view.wanted
        if wanted is None:
            self._queue.mark(self._queue.leaves.loaded() if self._queue.leaves is not None else [])
            return
        page = await self.reader.asked(lambda desk: desk.page(wanted, _MOST_MARKED))
        self._queue.mark(page.alerts)
        if page.after:
            self.tell(
                _("the first {count} are marked: narrow the filter for the others").format(
                    count=number(len(page.alerts))
                )
            )

    def on_queue_moved(self, _event: Queue.Moved) -> None:
        """Show the alert that is looked at, where there is room for it."""
        if self._pane.display:
            self._look(stay=False)

    def on_queue_opened(self, _event: Queue.Opened) -> None:
        """Open the alert, or the story."""
        if self._view.wanted is None:
            self._open_story(self._queue.current)
            return
        self.screen_stack[0].add_class("opened")
        self._pane.focus()
        self._look(stay=False)

    def _open_story(self, story: Story) -> None:
        self._views[-1] = replace(self._view, cursor=self._queue.cursor)
        self._views.append(of_story(story.id))
        self._show()

    def on_queue_changed(self, _event: Queue.Changed) -> None:
        """Tell how many there are."""
        self._tell_head()

    def on_queue_failed(self, event: Queue.Failed) -> None:
        """Tell what went wrong."""
        self._tell_error(event.error)

    def _look(self, *, stay: bool) -> None:
        self._pane.look(self.current, stay=stay)

    def on_pane_failed(self, event: Pane.Failed) -> None:
        """Tell what went wrong."""
        self._tell_error(event.error)

    def _close_pane(self) -> None:
        self.screen_stack[0].remove_class("opened")
        self._queue.focus()

    # ── keys ──

    async def action_do(self, name: str) -> None:
        """Do what a key is for."""
        own = {
            "back": self._back,
            "stories": self._turn_to_stories,
            "previous": lambda: self._queue.action_move(-1),
            "following": lambda: self._queue.action_move(1),
            "refresh": self._queue.reload,
            "quit": self.exit,
        }
        if name in own:
            own[name]()
        elif not self._is_busy:
            begin(self, partial(self._doing, name), "deed")

    async def _doing(self, name: str) -> None:
        from sentinel.console.screen.deeds import DEEDS

        self._is_busy = True
        try:
            await DEEDS[name](self)
        except SentinelError as error:
            self._tell_error(error)
        finally:
            self._is_busy = False

    def _back(self) -> None:
        if self.focused is self._pane:
            self._close_pane()
        elif self._queue.marked:
            self._queue.mark([])
        elif len(self._views) > 1:
            self._views.pop()
            self._show()

    def _turn_to_stories(self) -> None:
        self._close_pane()
        wanted = self._views[0].wanted
        own = self.shift.read(self.filter) if wanted is None else None
        self._views = [View("", own)]
        self._show()

    async def ask(self, dialog: Screen[T]) -> T | None:
        """Show a dialog and give its answer, None where it was left."""
        return await self.push_screen_wait(dialog)

    async def elsewhere(self, question: Callable[[], T]) -> T:
        """Answer a long question in a thread of its own."""
        return await to_thread(question)

    def _tell_error(self, error: SentinelError) -> None:
        self.tell(f"{error} · {error.hint}" if error.hint else str(error), problem=True)

    # ── others ──

    def _watch(self) -> None:
        if not self._is_watching:
            begin(self, self._watching, "watch")

    async def _watching(self) -> None:
        """Look whether something has happened, and show it."""
        self._is_watching = True
        try:
            news = await self._latest.news()
        except SentinelError as error:
            self._tell_error(error)
            return
        finally:
            self._is_watching = False
        if news is not None:
            self._show_news(news)

    def _show_news(self, news: Sequence[News]) -> None:
        acting: Any = self.shift.acting
        if text := summary(news, "" if isinstance(acting, SentinelError) else acting.name):
            self.tell(text)
        self._queue.reload()
        if self._pane.display:
            self._look(stay=True)


def _of_stories(desk: Desk, stories: Sequence[Story]) -> list[Alert]:
    return [alert for story in stories for alert in desk.every(Wanted(story=story.id, states=OPEN))]
