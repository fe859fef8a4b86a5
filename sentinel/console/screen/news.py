"""What others did meanwhile, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.console.screen import words
from sentinel.console.text import visible
from sentinel.language import _, n_
from sentinel.triage import entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.triage.desk import News


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
