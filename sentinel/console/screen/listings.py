"""What the lists of the screen are of: alerts that are wanted, and stories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sentinel.console.screen.leaves import Batch
from sentinel.model.alert import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentinel.model.alert import Alert, Wanted
    from sentinel.triage.desk import Desk
    from sentinel.triage.told import Story

_KEYS: Final[Mapping[Order, Callable[[Alert], tuple[int, ...]]]] = {
    Order.RANK: lambda alert: (-alert.rank, -alert.last, alert.number),
    Order.LAST: lambda alert: (-alert.last, -alert.rank, alert.number),
    Order.DUE: lambda alert: (alert.due or 0, alert.number),
}


@dataclass(frozen=True, slots=True)
class Alerts:
    """The alerts that are wanted, in their order."""

    wanted: Wanted

    def batch(self, desk: Desk, limit: int, after: str) -> Batch[Alert]:
        """Give the alerts behind `after`."""
        page = desk.page(self.wanted, limit, after)
        return Batch(page.alerts, page.after, page.total, page.is_more)

    def name(self, row: Alert) -> str:
        """Give an alert's id."""
        return row.id

    def key(self, row: Alert) -> tuple[int, ...]:
        """Give what the order goes by."""
        return _KEYS[self.wanted.order](row)


@dataclass(frozen=True, slots=True)
class Stories:
    """The stories with open alerts, the highest rank first."""

    def batch(self, desk: Desk, limit: int, after: str) -> Batch[Story]:
        """Give the stories behind `after`; nobody counts them all."""
        stories, more = desk.stories(limit, after)
        return Batch(tuple(stories), more)

    def name(self, row: Story) -> str:
        """Give a story's id."""
        return row.id

    def key(self, row: Story) -> tuple[int, ...]:
        """Give what the order goes by; the number is not told, so that stories alike in all else count as one place."""
        return (-row.rank, -row.last)
