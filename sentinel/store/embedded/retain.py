"""Drops what is older than the store is to keep.

A segment goes when all its events are older, so a day is dropped as a whole. The manifest forgets the segments in one
transaction, and only then do their files go, when no reader has them any more. What is covered stays: a source that is
read again does not bring its old events back. Alerts stay too, with the evidence that they hold.

Decree 53/2022 asks for 12 months of logs; less is dropped only where the caller says that the law is no matter here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sentinel.errors import Refused
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.store.embedded.manifest import Manifest, Segment

LEAST_MONTHS = 12
"""Decree 53/2022: logs for investigations are kept 12 months or longer."""
_DAY = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Old:
    """What is older than the store is to keep: events before `before` (nanoseconds since 1970, UTC), by dataset.

    `datasets` are (dataset, events, bytes); `last` is the time of the latest event that goes, None where none does.
    """

    before: int
    segments: tuple[str, ...]
    datasets: tuple[tuple[str, int, int], ...]
    last: int | None

    @property
    def events(self) -> int:
        """Give how many events go."""
        return sum(events for _dataset, events, _bytes in self.datasets)

    @property
    def bytes(self) -> int:
        """Give how many bytes go."""
        return sum(size for _dataset, _events, size in self.datasets)


def find_old(manifest: Manifest, days: int, now: int, *, less_than_the_law: bool = False) -> Old:
    """Tell what would go if `days` were kept, counted back from `now` (nanoseconds since 1970, UTC).

    Raise Refused where that is less than 12 months and the caller does not say that this is meant.
    """
    before = now - days * _DAY
    _check(days, before, now, less_than_the_law=less_than_the_law)
    return _old(before, [segment for segment in manifest.segments() if segment.last < before])


def drop(manifest: Manifest, old: Old) -> int:
    """Let what was found old be no part of the store any more; give how many events went.

    It is done as a whole or not at all. What was merged or dropped since it was found is left alone; who holds the
    store's lock is not disturbed by merging, and removes the files with `sweep.collect`.
    """
    events = {segment.name: segment.rows for segment in manifest.segments()}
    with manifest.change() as change:
        return sum(events[name] for name in old.segments if name in events and change.end_segment(name))


def _old(before: int, segments: Sequence[Segment]) -> Old:
    datasets: dict[str, tuple[int, int]] = {}
    for segment in segments:
        events, size = datasets.get(segment.dataset, (0, 0))
        datasets[segment.dataset] = events + segment.rows, size + segment.bytes + segment.grams_bytes
    return Old(
        before=before,
        segments=tuple(segment.name for segment in segments),
        datasets=tuple((dataset, *counts) for dataset, counts in sorted(datasets.items())),
        last=max((segment.last for segment in segments), default=None),
    )


def _check(days: int, before: int, now: int, *, less_than_the_law: bool) -> None:
    if days < 0:
        raise Refused(_("a store cannot keep {days} days").format(days=days))
    least = _a_year_before(now)
    if before <= least or less_than_the_law:
        return
    raise Refused(
        _("{days} days are less than the {months} months for which logs are to be kept (Decree 53/2022)").format(
            days=days, months=LEAST_MONTHS
        ),
        hint=_("keep {days} days or more, or say that less is meant").format(days=-(-(now - least) // _DAY)),
    )


def _a_year_before(now: int) -> int:
    """Give the same moment 12 months before; of 29 February, that of 28."""
    seconds, rest = divmod(now, 10**9)
    then = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    day = min(then.day, 28) if then.month == 2 else then.day  # noqa: PLR2004 - February
    then = then.replace(year=then.year - 1, day=day)
    return int((then - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 10**9 + rest
