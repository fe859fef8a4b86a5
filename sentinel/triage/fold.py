"""An alert from its history: each entry folds into the state that the ones before it made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from sentinel.model.alert import Alert, Reason, State
from sentinel.model.severity import Level
from sentinel.triage import entries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentinel.triage.entries import Happened


def raised(id_: str, body: entries.Raised, at: int, actor: str) -> Alert:
    """Give the alert that the first entry of a history makes; `at` is when, nanoseconds since 1970, UTC."""
    state = State.SUPPRESSED if body.suppression else State.NEW
    return Alert(
        id=id_, rule=body.rule, title=body.title, level=Level(body.level), tags=body.tags, dataset=body.dataset,
        code=body.code, host=body.host, user=body.user, peer=body.peer, detail=body.detail, platform=body.platform,
        importance=body.importance, agency=body.agency, fingerprint=body.fingerprint, first=body.first,
        last=body.last, count=body.count, raised=at, story=body.story, story_why=body.story_why, state=state,
        changed_by=actor, ack_due=_due(at, body.ack_within), close_due=_due(at, body.close_within),
        suppression=body.suppression, manual=body.manual,
    )  # fmt: skip


def fold(alert: Alert, happened: Happened, at: int, actor: str) -> Alert:
    """Give an alert as it is after one more entry, which `actor` left at `at`, nanoseconds since 1970, UTC."""
    changes = _CHANGES[type(happened)](alert, happened, at)
    version = alert.version + 1
    if is_action(happened):
        changes |= {"touched": version, "changed_by": actor}
    return replace(alert, version=version, **changes)


def is_action(happened: Happened) -> bool:
    """Tell whether an entry changes more than how often the alert was seen, and when."""
    return not isinstance(happened, entries.SeenAgain) or happened.reopens


def _due(at: int, within: int | None) -> int | None:
    return None if within is None else at + within


def _opened(at: int, ack_within: int | None, close_within: int | None) -> dict[str, Any]:
    """Give what an alert that is open anew has: no answer, nobody who acknowledged it, clocks that begin."""
    return {
        "state": State.NEW,
        "reason": None,
        "duplicate_of": "",
        "raised": at,
        "acknowledged_at": None,
        "closed_at": None,
        "paused_at": None,
        "paused_for": 0,
        "pause_reason": "",
        "ack_due": _due(at, ack_within),
        "close_due": _due(at, close_within),
        "suppression": "",
    }


def _seen(alert: Alert, body: entries.SeenAgain, at: int) -> dict[str, Any]:
    counted: dict[str, Any] = {
        "count": alert.count + body.count,
        "first": min(alert.first, body.first),
        "last": max(alert.last, body.last),
    }
    if body.suppression:
        counted["suppression"] = body.suppression
    return counted | (_opened(at, body.ack_within, body.close_within) if body.reopens else {})


def _acknowledged(alert: Alert, _body: entries.Acknowledged, at: int) -> dict[str, Any]:
    return {"state": State.ACKNOWLEDGED, "acknowledged_at": alert.acknowledged_at or at}


def _closed(_alert: Alert, body: entries.Closed, at: int) -> dict[str, Any]:
    return {
        "state": State.CLOSED,
        "reason": Reason(body.reason),
        "duplicate_of": body.duplicate_of,
        "closed_at": at,
        "paused_at": None,
        "pause_reason": "",
        "suppression": "",
    }


def _resumed(alert: Alert, _body: entries.Resumed, at: int) -> dict[str, Any]:
    stood = at - alert.paused_at if alert.paused_at is not None else 0
    return {
        "paused_at": None,
        "pause_reason": "",
        "paused_for": alert.paused_for + stood,
        "ack_due": _due(stood, alert.ack_due),
        "close_due": _due(stood, alert.close_due),
    }


def _undone(_alert: Alert, body: entries.Undone, _at: int) -> dict[str, Any]:
    was = body.was
    names = (name for name in was.__struct_fields__ if name not in {"state", "reason"})
    kept = {name: getattr(was, name) for name in names}
    return kept | {"state": State(was.state), "reason": Reason(was.reason) if was.reason else None}


_CHANGES: Final[Mapping[type, Callable[[Alert, Any, int], dict[str, Any]]]] = {
    entries.SeenAgain: _seen,
    entries.Acknowledged: _acknowledged,
    entries.Assigned: lambda _alert, body, _at: {"assignee": body.to},
    entries.Noted: lambda alert, _body, _at: {"notes": alert.notes + 1},
    entries.Closed: _closed,
    entries.Reopened: lambda _alert, body, at: _opened(at, body.ack_within, body.close_within),
    entries.Paused: lambda _alert, body, at: {"paused_at": at, "pause_reason": body.reason},
    entries.Resumed: _resumed,
    entries.Suppressed: lambda _alert, body, _at: {"state": State.SUPPRESSED, "suppression": body.suppression},
    entries.Released: lambda _alert, body, at: _opened(at, body.ack_within, body.close_within),
    entries.Undone: _undone,
}


def was(alert: Alert) -> entries.Was:
    """Give what of an alert an action may change, as it is."""
    return entries.Was(
        state=alert.state.value, assignee=alert.assignee, reason=alert.reason.value if alert.reason else None,
        duplicate_of=alert.duplicate_of, raised=alert.raised, acknowledged_at=alert.acknowledged_at,
        closed_at=alert.closed_at, paused_at=alert.paused_at, paused_for=alert.paused_for,
        pause_reason=alert.pause_reason, ack_due=alert.ack_due, close_due=alert.close_due,
        suppression=alert.suppression,
    )  # fmt: skip
