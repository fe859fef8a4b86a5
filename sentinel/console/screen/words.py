"""The words of the screen: states, reasons, spans of time, what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sentinel.console.text import visible
from sentinel.language import _, later
from sentinel.model.alert import Reason, State
from sentinel.triage import entries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentinel.model.alert import Alert
    from sentinel.triage.rank import Ranked
    from sentinel.triage.told import Outcome, Told

STATES: Final[Mapping[State, str]] = {
    State.NEW: later("new"),
    State.ACKNOWLEDGED: later("acknowledged"),
    State.CLOSED: later("closed"),
    State.SUPPRESSED: later("suppressed"),
}
IN_BRIEF: Final[Mapping[State, str]] = {
    State.NEW: later("new"),
    State.ACKNOWLEDGED: later("ack"),
    State.CLOSED: later("closed"),
    State.SUPPRESSED: later("held"),
}
"""The states in a narrow column."""
REASONS: Final[Mapping[Reason, str]] = {
    Reason.TRUE_POSITIVE: later("true positive"),
    Reason.FALSE_POSITIVE: later("false positive"),
    Reason.BENIGN: later("benign"),
    Reason.DUPLICATE: later("duplicate"),
}
_SECOND: Final = 1_000_000_000
_SPANS: Final = ((86_400, later("{count}d")), (3_600, later("{count}h")), (60, later("{count}m")))
_LEAST_SHOWN: Final = 2


def span(nanoseconds: int) -> str:
    """Give a span of time in a few cells: 45s, 12m, 7h, 3d; from two of a unit on in that unit."""
    seconds = max(0, nanoseconds) // _SECOND
    for unit, text in _SPANS:
        if seconds >= unit * _LEAST_SHOWN:
            return _(text).format(count=seconds // unit)
    return _("{count}s").format(count=seconds)


def due(alert: Alert, now: int) -> tuple[str, bool]:
    """Give how long there is until the deadline that comes next, in words, and whether it has passed."""
    if alert.paused_at is not None:
        return _("paused"), False
    if alert.due is None:
        return "", False
    left = alert.due - now
    return (
        (_("in {span}").format(span=span(left)), False)
        if left >= 0
        else (_("late {span}").format(span=span(-left)), True)
    )


def happened(told: Told) -> str:
    """Give what happened to an alert, in one line; it is safe to show."""
    return visible(_TELL[type(told.happened)](told.happened))


def told(each: Told) -> str:
    """Give what happened and whose doing it was."""
    return _("{what} by {who}").format(what=happened(each), who=visible(each.actor))


def meanwhile(outcome: Outcome) -> str:
    """Give why an action was not done, and what others did meanwhile."""
    parts = [outcome.problem]
    if outcome.meanwhile:
        parts.append(_("meanwhile: {what}").format(what="; ".join(told(each) for each in outcome.meanwhile)))
    if outcome.is_noted:
        parts.append(_("what you wrote is kept as a note"))
    return visible(" · ".join(parts))


def rank(found: Ranked) -> str:
    """Give what made a rank: `rank 56 = severity 7/10 × platform 4/5 × rarity 1.0 (the rule has raised 2 alerts)`."""
    platform = str(found.platform) if found.is_platform_known else _("{level}, not known").format(level=found.platform)
    return _(
        "rank {rank} = severity {severity}/10 × platform {platform}/5 × rarity {rarity} (alerts of the rule: {alerts})"
    ).format(rank=found.rank, severity=found.severity, platform=platform, rarity=found.rarity, alerts=found.alerts)


def _and(text: str, more: str) -> str:
    return f"{text}: {more}" if more else text


def _reason(name: str) -> str:
    return _(REASONS[Reason(name)])


_TELL: Final[Mapping[type, Callable[[Any], str]]] = {
    entries.Raised: lambda _each: _("raised"),
    entries.SeenAgain: lambda each: (
        (_("seen again, opened again") if each.reopens else _("seen again")) + f" ×{each.count}"
    ),
    entries.Acknowledged: lambda _each: _("acknowledged"),
    entries.Assigned: lambda each: _("given to {who}").format(who=each.to) if each.to else _("given to nobody"),
    entries.Noted: lambda each: _and(_("note"), each.text),
    entries.Closed: lambda each: _and(_("closed as {reason}").format(reason=_reason(each.reason)), each.text),
    entries.Reopened: lambda each: _and(_("reopened"), each.text),
    entries.Paused: lambda each: _and(_("clocks paused"), each.reason),
    entries.Resumed: lambda _each: _("clocks resumed"),
    entries.Suppressed: lambda each: _("suppressed ({id})").format(id=each.suppression[:8]),
    entries.Released: lambda _each: _("released from its suppression"),
    entries.Undone: lambda each: _("entry {number} taken back").format(number=each.of),
}
