"""An alert, told whole: what it is about, what matched, its history, its event."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sentinel.console.screen import words
from sentinel.console.text import visible
from sentinel.console.theme import FAINT, HEAD, WARNING, level_text
from sentinel.console.times import shown
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

    from sentinel.model.alert import Alert, Sighting
    from sentinel.triage.desk import Desk
    from sentinel.triage.rank import Ranked
    from sentinel.triage.told import Told

_LONGEST: Final = 4000
"""Characters of a value that are shown: more is in `alerts show --json`."""


@dataclass(frozen=True, slots=True)
class Looked:
    """An alert with what belongs to it: its first sighting, its history, what made its rank."""

    alert: Alert
    sighting: Sighting | None
    history: tuple[Told, ...]
    ranked: Ranked


def look(desk: Desk, alert: Alert) -> Looked:
    """Give an alert as it is now, with what belongs to it."""
    alert = desk.one(alert.id)
    sightings = desk.sightings(alert, 1)
    return Looked(alert, sightings[0] if sightings else None, tuple(desk.history(alert)), desk.explained(alert))


def lines(looked: Looked, zone: ZoneInfo, now: int) -> Iterator[Text]:
    """Give the lines to read, none of them wrapped."""
    alert = looked.alert
    yield Text.assemble(level_text(alert.level), "  ", (visible(alert.title), HEAD))
    yield from _state(alert, now)
    yield Text(words.rank(looked.ranked), style=FAINT)
    yield Text("")
    yield from _rows(_about(alert, zone))
    yield from _section(_("What matched"), _matched(alert))
    yield from _section(_("History"), _history(looked.history, zone))
    yield from _section(_("Event"), _event(looked.sighting))


def _state(alert: Alert, now: int) -> Iterator[Text]:
    state = _(words.STATES[alert.state])
    if alert.reason is not None:
        state += f" ({_(words.REASONS[alert.reason])})"
    whose = visible(alert.assignee) or _("nobody's")
    text, is_late = words.due(alert, now)
    yield Text.assemble(state, " · ", whose, " · " if text else "", (text, WARNING if is_late else ""))
    if alert.pause_reason:
        yield Text(_("paused: {reason}").format(reason=visible(alert.pause_reason)))
    if alert.duplicate_of:
        yield Text(_("duplicate of {id}").format(id=alert.duplicate_of))


def _about(alert: Alert, zone: ZoneInfo) -> dict[str, str]:
    level = _("level {level}").format(level=alert.importance) if alert.importance else ""
    seen = shown(alert.last, zone)
    if alert.count > 1:
        seen = _("{count} times, {first} to {last}").format(
            count=alert.count, first=shown(alert.first, zone), last=seen
        )
    return {
        _("host"): alert.host,
        _("user"): alert.user,
        _("source"): alert.peer,
        _("platform"): " · ".join(filter(None, (alert.platform, level))),
        _("agency"): alert.agency,
        _("seen"): seen,
        _("raised"): shown(alert.raised, zone),
        _("rule"): alert.rule,
        _("tags"): ", ".join(alert.tags),
        _("dataset"): f"{alert.dataset} {alert.code}".strip(),
        _("story"): " · ".join(filter(None, (alert.story[:8], alert.story_why))),
        _("alert"): alert.id,
    }


def _matched(alert: Alert) -> Iterator[Text]:
    if alert.detail:
        yield Text(visible(alert.detail[:_LONGEST]))
    for name, value in alert.fingerprint:
        yield _pair(name, value)


def _history(history: Iterable[Told], zone: ZoneInfo) -> Iterator[Text]:
    for each in history:
        yield Text.assemble((shown(each.at, zone), FAINT), "  ", words.told(each))


def _event(sighting: Sighting | None) -> Iterator[Text]:
    if sighting is None or not sighting.evidence:
        yield Text(_("the event was not kept"), style=FAINT)
        return
    for name, value in sorted(_leaves(json.loads(sighting.evidence))):
        yield _pair(name, value)


def _leaves(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield from _leaves(inner, f"{prefix}{name}.")
        else:
            told = inner if isinstance(inner, list) else [inner]
            yield prefix + name, ", ".join(each if isinstance(each, str) else json.dumps(each) for each in told)


def _rows(pairs: dict[str, str]) -> Iterator[Text]:
    for label, value in pairs.items():
        if value:
            yield Text.assemble((f"{label}: ", HEAD), visible(value[:_LONGEST]))


def _pair(name: str, value: str) -> Text:
    cut = "…" if len(value) > _LONGEST else ""
    return Text.assemble((visible(name), FAINT), "  ", visible(value[:_LONGEST]), cut)


def _section(title: str, inside: Iterable[Text]) -> Iterator[Text]:
    yield Text("")
    yield Text(title, style="bold underline")
    yield from inside
