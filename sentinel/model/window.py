"""A span of time that a question is about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time in nanoseconds since 1970, UTC: from `since`, up to but without `until`; None is open."""

    since: int | None = None
    until: int | None = None

    def holds(self, time: int | None) -> bool:
        """Tell whether a time lies within; what tells no time is never left out."""
        if time is None:
            return True
        return (self.since is None or time >= self.since) and (self.until is None or time < self.until)
