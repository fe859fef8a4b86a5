"""What others did meanwhile: asked for, and told in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.console.screen import words
from sentinel.console.text import visible
from sentinel.language import _, n_
from sentinel.triage import entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.console.screen.clerk import Clerk
    from sentinel.triage.told import News

_MOST: Final = 500


class Latest:
    """Knows what happened last, and so what has happened since."""

    def __init__(self, clerk: Clerk) -> None:
        """Take who answers."""
        self._clerk = clerk
        self._number: int | None = None

    @property
    def is_known(self) -> bool:
        """Tell whether it has looked once, so that it sees what comes."""
        return self._number is not None

    async def news(self) -> Sequence[News] | None:
        """Give what has happened to alerts since the look before, None where nothing has happened at all.

        There are 500 at most; the first look gives None. Raise StoreError where the alerts cannot be read.
        """
        number = await self._clerk.asked(lambda desk: desk.newest())
        before, self._number = self._number, number
        if before is None or number == before:
            return None
        news, _last = await self._clerk.asked(lambda desk: desk.news(before, _MOST))
        return news


def summary(news: Sequence[News], me: str) -> str:
    """Give how many alerts came and what others did last, "" where nobody but me did anything."""
    raised = sum(isinstance(each.told.happened, entries.Raised) for each in news)
    others = [
        each
        for each in news
        if each.told.actor != me and not isinstance(each.told.happened, (entries.Raised, entries.SeenAgain))
    ]
    parts = [n_("{count} new alert", "{count} new alerts", raised).format(count=raised)] if raised else []
    if others:
        parts.append(f"{words.told(others[-1].told)}: {visible(others[-1].alert.title)}")
    if len(others) > 1:
        parts.append(_("and {count} more").format(count=len(others) - 1))
    return " · ".join(parts)
