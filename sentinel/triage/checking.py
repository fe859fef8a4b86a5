"""Checks that the queue is what its history says: the state of every alert, and the evidence that is kept.

`sentinel.ledger.verify` checks the history itself. What it vouches for is folded here anew, and compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sentinel.errors import Damaged
from sentinel.language import _
from sentinel.store.alerts.file import SUBJECT
from sentinel.triage import entries
from sentinel.triage.fold import fold, raised
from sentinel.triage.rank import ranked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.model.alert import Alert
    from sentinel.store.alerts.file import AlertFile


def check(file: AlertFile) -> int:
    """Compare every alert and sighting with the history and give how many alerts there are.

    Raise Damaged, which names the first that is not what was written.
    """
    if not file.is_there:
        return 0
    with file.histories.reading():
        count = 0
        seen: dict[str, tuple[int, entries.Seen]] = {}
        kept = (alert for group in file.every() for alert in group)
        for number, told in _histories(file, seen):
            alert = next(kept, None)
            count += 1
            if alert is None or alert.number != number or replace(alert, rank=0) != replace(told, number=number):
                raise _damaged(file, told.id)
            rule = file.rule_alerts([alert.rule])[alert.rule]
            if alert.rank != ranked(alert.level, alert.importance, rule).rank:
                raise _damaged(file, told.id)
        if (extra := next(kept, None)) is not None:
            raise _damaged(file, extra.id)
        _check_sightings(file, seen)
        if (story := file.stories.miscounted()) is not None:
            raise _damaged(file, file.ids([story]).get(story, _("a story")))
    return count


def _histories(file: AlertFile, seen: dict[str, tuple[int, entries.Seen]]) -> Iterator[tuple[int, Alert]]:
    """Give the number of every alert and what its history folds to; note what it says of sightings."""
    number, alert, last = 0, None, 0
    for subject, name, entry, before, kind, body, at, actor in file.histories.by_subject(SUBJECT):
        happened = entries.read(kind, body)
        if before != (last if subject == number else 0):
            raise _damaged(file, name)
        if subject != number and alert is not None:
            yield number, alert
        last = entry
        if isinstance(happened, entries.Raised):
            number, alert = subject, raised(name.removeprefix(SUBJECT), happened, at, actor)
        elif alert is None or subject != number:
            raise _damaged(file, name)
        else:
            alert = fold(alert, happened, at, actor)
        if isinstance(happened, (entries.Raised, entries.SeenAgain)):
            seen |= {each[0]: (subject, each) for each in happened.sightings}
    if alert is not None:
        yield number, alert


def _check_sightings(file: AlertFile, seen: dict[str, tuple[int, entries.Seen]]) -> None:
    count = 0
    for alert, id_, event, time, at, digest in file.sighting_digests():
        count += 1
        if seen.get(id_) != (alert, (id_, event, time, at, digest)):
            raise _damaged(file, id_)
    if count != len(seen):
        raise _damaged(file, _("a sighting"))


def _damaged(file: AlertFile, name: str) -> Damaged:
    return Damaged(
        _("{name} is not what its history says, or is missing").format(name=name),
        place=str(file.path),
        hint=_("restore the alerts from a backup"),
    )
