"""The alert that is looked at, whole, beside the list or in its place."""

from __future__ import annotations

from asyncio import sleep
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.message import Message

from sentinel.console.screen import detail
from sentinel.console.screen.reading import Reading
from sentinel.console.screen.work import begin
from sentinel.errors import SentinelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from sentinel.console.screen.clerk import Clerk
    from sentinel.model.alert import Alert

_PAUSE: Final = 0.05
"""Seconds that a row must be looked at before the alert is asked for."""


class Pane(Reading):
    """Shows an alert as it is when it is asked for."""

    class Failed(Message):
        """The alert could not be asked for."""

        def __init__(self, error: SentinelError) -> None:
            """Keep why."""
            super().__init__()
            self.error = error

    def __init__(self, clerk: Clerk, zone: ZoneInfo, clock: Callable[[], int]) -> None:
        """Take who answers, where times are told, and what gives the time in nanoseconds since 1970, UTC."""
        super().__init__(name="pane")
        self._clerk, self._zone, self._clock = clerk, zone, clock
        self._looked: detail.Looked | None = None

    def look(self, current: Callable[[], Alert | None], *, stay: bool) -> None:
        """Show the alert that is the current one in a moment; where it is the one shown, `stay` does not scroll."""
        begin(self, partial(self._looking, current, stay=stay), "look", exclusive=True)

    async def _looking(self, current: Callable[[], Alert | None], *, stay: bool) -> None:
        await sleep(_PAUSE)  # who runs down the list does not ask for every alert on the way
        alert = current()
        if alert is None:
            self._looked = None
            self.show([])
            return
        try:
            looked = await self._clerk.asked(lambda desk: detail.look(desk, alert))
        except SentinelError as error:
            self.post_message(self.Failed(error))
            return
        stay = stay and self._looked is not None and self._looked.alert.id == looked.alert.id
        self._looked = looked
        self.show(list(detail.lines(looked, self._zone, self._clock())), stay=stay)
