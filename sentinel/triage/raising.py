"""Sightings come in: new alerts are raised, those that are there count them, all in one transaction.

A sighting that is there already is passed over, so a source that is read again raises and counts nothing twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from sentinel.ledger.chain import Act
from sentinel.model.alert import State
from sentinel.model.severity import Level
from sentinel.store.alerts.file import SUBJECT, evidence_digest, packed
from sentinel.store.histories import Draft
from sentinel.triage import entries, suppressions
from sentinel.triage.fold import fold, raised
from sentinel.triage.rank import ranked, rarity
from sentinel.triage.stories import Entity, after, entities, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentinel.model.alert import Alert, Sighting
    from sentinel.store.alerts.file import AlertFile
    from sentinel.triage.policy import Policy
    from sentinel.triage.suppressions import Suppression

EVIDENCE_KEPT: Final = 100
"""Sightings of one alert whose evidence is kept, its first ones; of later ones the event's id and time."""
WHO: Final = "sentinel"
"""The actor of what no person did."""


@dataclass(frozen=True, slots=True)
class Raised:
    """What sightings led to: alerts that are new, those opened again, and how many sightings were new.

    `suppressed` are those of the new alerts that a suppression holds back.
    """

    new: tuple[Alert, ...] = ()
    reopened: tuple[Alert, ...] = ()
    suppressed: tuple[Alert, ...] = ()
    sightings: int = 0


@dataclass(slots=True)
class _Work:
    """What one transaction gathers before it writes."""

    file: AlertFile
    policy: Policy
    now: int
    actor: str
    active: list[Suppression]
    drafts: list[Draft] = field(default_factory=list)
    new: list[tuple[Alert, int]] = field(default_factory=list)
    changed: list[tuple[Alert, Alert]] = field(default_factory=list)
    sightings: list[tuple[int, Sighting, bytes | None]] = field(default_factory=list)
    suppressed: Counter[str] = field(default_factory=Counter)
    entities: dict[tuple[int, str], Entity] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    stories: dict[int, str] = field(default_factory=dict)


def take(file: AlertFile, sightings: Sequence[Sighting], policy: Policy, now: int, *, act: Act | None = None) -> Raised:
    """Count sightings, and raise the alerts that are not there; durable when this returns.

    `now` is nanoseconds since 1970, UTC; `act` is whose call it is where a person raises them by hand. Raise
    StoreError.
    """
    if not sightings:
        return Raised()
    with file.writing():
        known = file.known({each.id for each in sightings})
        fresh = {each.id: each for each in sightings if each.id not in known}
        if not fresh:
            return Raised()
        call = act or _own_act(now, len(fresh))
        work = _Work(file, policy, now, call.actor, active(file, now))
        _gather(work, fresh.values(), manual=act is not None)
        _write(work, call)
    added = [alert for alert, _story in work.new]
    return Raised(
        tuple(alert for alert in added if alert.is_open),
        tuple(alert for was, alert in work.changed if alert.is_open and not was.is_open),
        tuple(alert for alert in added if alert.state is State.SUPPRESSED),
        len(fresh),
    )


def _own_act(now: int, count: int) -> Act:
    return Act(0, now, WHO, WHO, "raise", msgspec.json.encode({"sightings": count}))


def active(file: AlertFile, now: int) -> list[Suppression]:
    """Give the suppressions that hold something back now."""
    every = (suppressions.read(body, hits) for _name, body, hits in file.suppressions())
    return [each for each in every if each.is_active(now)]


def _gather(work: _Work, fresh: Iterable[Sighting], *, manual: bool) -> None:
    """Draft an entry for every alert that the sightings are of."""
    by_alert: defaultdict[str, list[Sighting]] = defaultdict(list)
    for sighting in fresh:
        by_alert[sighting.alert].append(sighting)
    there = work.file.named(by_alert)
    _learn_stories(work, [group[0] for id_, group in by_alert.items() if id_ not in there])
    number = work.file.histories.last_subject()
    for id_, group in by_alert.items():
        alert = there.get(id_)
        if alert is None:
            number += 1
            _raise(work, group, number, manual=manual)
        else:
            _count(work, alert, group)


def _learn_stories(work: _Work, first: Sequence[Sighting]) -> None:
    """Look up what is known of the entities of alerts that are to be raised."""
    keys = {key for each in first for key in entities(_as_alert(each, [each]))}
    work.entities = {key: Entity(*values) for key, values in work.file.stories.entities(sorted(keys)).items()}
    numbers = {each.story for each in work.entities.values()}
    work.sizes = work.file.stories.sizes(numbers)
    work.stories = work.file.ids(numbers)


def _as_alert(sighting: Sighting, group: Sequence[Sighting], *, manual: bool = False) -> Alert:
    """Give the alert that sightings make, without a story or clocks yet."""
    times = [each.at for each in group]
    return raised(
        sighting.alert,
        entries.Raised(
            rule=sighting.rule, title=sighting.title, level=int(sighting.level), tags=sighting.tags,
            dataset=sighting.dataset, code=sighting.code, host=sighting.host, user=sighting.user, peer=sighting.peer,
            detail=sighting.detail, platform=sighting.platform, importance=sighting.importance,
            agency=sighting.agency, fingerprint=sighting.fingerprint, first=min(times), last=max(times),
            count=len(group), story=sighting.alert, manual=manual,
        ),
        sighting.seen,
        WHO,
    )  # fmt: skip


def _raise(work: _Work, group: Sequence[Sighting], number: int, *, manual: bool) -> None:
    alert = _as_alert(group[0], group, manual=manual)
    story = joined(alert, work.entities, work.sizes, work.policy.story_window)
    own = story.story or number
    work.stories.setdefault(own, alert.id)
    work.sizes[own] = work.sizes.get(own, 0) + 1
    for key in entities(alert):
        work.entities[key] = after(work.entities.get(key), own, alert)
    clock, held = work.policy.clocks[alert.level], suppressions.holding(alert, work.active)
    body = entries.Raised(
        **{name: getattr(alert, name) for name in _COPIED}, level=int(alert.level),
        story=work.stories[own], story_why=story.why, ack_within=clock.acknowledge, close_within=clock.close,
        suppression=held, sightings=_kept(work, number, group, 0),
    )  # fmt: skip
    work.suppressed.update({held: len(group)} if held else {})
    work.drafts.append(Draft(SUBJECT + alert.id, entries.kind_of(body), entries.written(body)))
    work.new.append((replace(raised(alert.id, body, work.now, work.actor), number=number), own))


_COPIED: Final = (
    "rule", "title", "tags", "dataset", "code", "host", "user", "peer", "detail", "platform", "importance", "agency",
    "fingerprint", "first", "last", "count", "manual",
)  # fmt: skip


def _count(work: _Work, alert: Alert, group: Sequence[Sighting]) -> None:
    times = [each.at for each in group]
    held = "" if alert.is_open else suppressions.holding(alert, work.active)
    reopens = not held and (
        alert.state is State.SUPPRESSED or (alert.state is State.CLOSED and alert.reason in work.policy.reopening)
    )
    clock = work.policy.clocks[alert.level]
    body = entries.SeenAgain(
        count=len(group), first=min(times), last=max(times), reopens=reopens,
        ack_within=clock.acknowledge if reopens else None, close_within=clock.close if reopens else None,
        suppression=held if alert.state is State.SUPPRESSED else "",
        sightings=_kept(work, alert.number, group, alert.count),
    )  # fmt: skip
    work.suppressed.update({held: len(group)} if held else {})
    work.drafts.append(Draft(SUBJECT + alert.id, entries.kind_of(body), entries.written(body), alert.number))
    work.changed.append((alert, fold(alert, body, work.now, work.actor)))


def _kept(work: _Work, number: int, group: Sequence[Sighting], before: int) -> tuple[entries.Seen, ...]:
    """Lay sightings aside to be written, with evidence for the first ones, and give what the history says of them."""
    told: list[entries.Seen] = []
    for place, each in enumerate(group, before):
        evidence = packed(each.evidence) if place < EVIDENCE_KEPT and each.evidence else None
        work.sightings.append((number, each, evidence))
        told.append((each.id, each.group, each.time, each.seen, evidence_digest(evidence)))
    return tuple(told)


def _write(work: _Work, act: Act) -> None:
    file = work.file
    _rank(work)
    file.append(act, work.drafts, work.new, work.changed)
    file.add_sightings(work.sightings)
    file.stories.set_entities(work.entities)
    counted = file.stories.of(was.number for was, _now in work.changed)
    file.stories.fold({story for _alert, story in work.new} | set(counted.values()))
    file.count_suppressed(work.suppressed)


def _rank(work: _Work) -> None:
    """Rank the new alerts, and those that were there of rules that have become less rare by them."""
    counts = Counter(alert.rule for alert, _story in work.new)
    before = work.file.rule_alerts(counts)
    after_ = {rule: before[rule] + count for rule, count in counts.items()}
    work.file.set_rule_alerts(after_)
    work.new = [
        (replace(alert, rank=ranked(alert.level, alert.importance, after_[alert.rule]).rank), story)
        for alert, story in work.new
    ]
    for rule, alerts in after_.items():
        if before[rule] and rarity(alerts) != rarity(before[rule]):
            work.file.rank_rule(rule, partial(_rank_by, alerts))


def _rank_by(alerts: int, level: int, importance: int) -> int:
    return ranked(Level(level), importance, alerts).rank
