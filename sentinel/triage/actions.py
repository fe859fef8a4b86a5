"""What people do with alerts: the moves there are, from which states, and what each is called afterwards.

An action is tried on an alert as it is. Where it cannot be done (the alert was closed meanwhile, say) the answer says
so and by whom; what was written along with it is kept as a note.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from sentinel.language import _, later
from sentinel.model.alert import Reason, State
from sentinel.triage import entries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentinel.model.alert import Alert
    from sentinel.triage.entries import Happened
    from sentinel.triage.policy import Policy


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Say that one has begun to look at it; it becomes one's own where it is nobody's."""


@dataclass(frozen=True, slots=True)
class Assign:
    """Give it to somebody, "" for nobody."""

    to: str


@dataclass(frozen=True, slots=True)
class Note:
    """Write what one knows."""

    text: str


@dataclass(frozen=True, slots=True)
class Close:
    """Answer it: why, in words, and of which alert (its id) it is a duplicate."""

    reason: Reason
    text: str = ""
    duplicate_of: str = ""


@dataclass(frozen=True, slots=True)
class Reopen:
    """Open it again, and say why."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Let its clocks stand; a reason is needed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Let its clocks run again."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Hold it back by a suppression (its id)."""

    suppression: str


@dataclass(frozen=True, slots=True)
class Release:
    """Bring it into the queue though a suppression held it back."""


Action: TypeAlias = Acknowledge | Assign | Note | Close | Reopen | Pause | Resume | Hold | Release

_OPEN: Final = (State.NEW, State.ACKNOWLEDGED)

NAMES: Final[Mapping[type[Action], str]] = {
    Acknowledge: "ack",
    Assign: "assign",
    Note: "note",
    Close: "close",
    Reopen: "reopen",
    Pause: "pause",
    Resume: "resume",
    Hold: "hold",
    Release: "release",
}
"""What acts are called in the ledger, and commands on the command line."""
UNDO: Final = "undo"

FROM: Final[Mapping[type[Action], tuple[State, ...]]] = {
    Acknowledge: (State.NEW,),
    Assign: (*_OPEN, State.SUPPRESSED),
    Note: tuple(State),
    Close: (*_OPEN, State.SUPPRESSED),
    Reopen: (State.CLOSED, State.SUPPRESSED),
    Pause: _OPEN,
    Resume: _OPEN,
    Hold: _OPEN,
    Release: (State.SUPPRESSED,),
}
"""The states from which an action can be done."""

_STATES: Final = {
    State.NEW: later("it is new"),
    State.ACKNOWLEDGED: later("it is acknowledged already"),
    State.CLOSED: later("it is closed"),
    State.SUPPRESSED: later("a suppression holds it back"),
}


def problem(action: Action, alert: Alert) -> str:
    """Give why an action cannot be done on an alert as it is, "" where it can."""
    if alert.state not in FROM[type(action)]:
        return _(_STATES[alert.state])
    if isinstance(action, Pause) and alert.paused_at is not None:
        return _("its clocks stand already")
    if isinstance(action, Resume) and alert.paused_at is None:
        return _("its clocks run")
    if isinstance(action, Assign) and alert.assignee == action.to:
        return _("it is theirs already") if action.to else _("it is nobody's already")
    return ""


def words(action: Action) -> str:
    """Give what somebody wrote along with an action."""
    return action.text if isinstance(action, (Note, Close, Reopen)) else ""


def happens(action: Action, alert: Alert, actor: str, policy: Policy) -> tuple[Happened, ...]:
    """Give the entries that an action leaves in an alert's history."""
    return _HAPPENS[type(action)](action, alert, actor, policy)


def _acknowledged(_action: Acknowledge, alert: Alert, actor: str, _policy: Policy) -> tuple[Happened, ...]:
    return (entries.Acknowledged(), *(() if alert.assignee else (entries.Assigned(actor),)))


def _reopened(action: Reopen, alert: Alert, _actor: str, policy: Policy) -> tuple[Happened, ...]:
    clock = policy.clocks[alert.level]
    return (entries.Reopened(action.text, clock.acknowledge, clock.close),)


def _released(_action: Release, alert: Alert, _actor: str, policy: Policy) -> tuple[Happened, ...]:
    clock = policy.clocks[alert.level]
    return (entries.Released(clock.acknowledge, clock.close),)


_HAPPENS: Final[Mapping[type[Action], Callable[..., tuple[Happened, ...]]]] = {
    Acknowledge: _acknowledged,
    Assign: lambda action, *_rest: (entries.Assigned(action.to),),
    Note: lambda action, *_rest: (entries.Noted(action.text),),
    Close: lambda action, *_rest: (entries.Closed(action.reason.value, action.text, action.duplicate_of),),
    Reopen: _reopened,
    Pause: lambda action, *_rest: (entries.Paused(action.reason),),
    Resume: lambda _action, *_rest: (entries.Resumed(),),
    Hold: lambda action, *_rest: (entries.Suppressed(action.suppression),),
    Release: _released,
}
