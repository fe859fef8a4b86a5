"""Which list is looked at, and what stands above it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sentinel.console.numbers import number
from sentinel.console.text import visible
from sentinel.language import _
from sentinel.model.alert import Order, Wanted

if TYPE_CHECKING:
    from sentinel.console.screen.leaves import Leaves


@dataclass(frozen=True, slots=True)
class View:
    """A list: the stories, where no alerts are `wanted`, a story's alerts, which it has the `title` of, or the queue.

    `cursor` is the row that the cursor stood at when the list was left.
    """

    title: str
    wanted: Wanted | None
    cursor: int = 0

    @property
    def order(self) -> Order:
        """Give the order of its alerts."""
        return self.wanted.order if self.wanted is not None else Order.RANK

    def ordered(self, order: Order) -> View:
        """Give it in another order, from its first row on; stories have but one."""
        return self if self.wanted is None else View(self.title, replace(self.wanted, order=order))


def of_story(story: str) -> View:
    """Give the alerts of the story with this id."""
    return View(_("Story {id}").format(id=story[:8]), Wanted(story=story))


def heading(view: View, leaves: Leaves[Any] | None, marked: int, line: str) -> str:
    """Give what a list is, how much there is, by which filter line, and how many are marked; it is safe to show."""
    what = view.title or (_("Stories") if view.wanted is None else _("Queue"))
    parts = [f"{what}: {_count(leaves)}"]
    if view.wanted is not None and not view.title:
        parts.append(line or _("all that are open"))
    if marked:
        parts.append(_("{count} marked").format(count=marked))
    return visible(" · ".join(parts))


def _count(leaves: Leaves[Any] | None) -> str:
    if leaves is None:
        return ""
    count = number(leaves.total or leaves.rows)
    is_more = leaves.is_more or (not leaves.total and leaves.more)
    return _("more than {count}").format(count=count) if is_more else count
