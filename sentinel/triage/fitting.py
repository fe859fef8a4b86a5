"""Whether one alert is among those wanted: the question that the file of alerts answers for all, asked of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.model import patterns

if TYPE_CHECKING:
    from sentinel.model.alert import Alert, Wanted


def fits(alert: Alert, wanted: Wanted) -> bool:
    """Tell whether an alert is one of those that are wanted."""
    return all((
        alert.level >= wanted.level,
        not wanted.states or alert.state in wanted.states,
        wanted.assignee is None or patterns.fits(wanted.assignee, alert.assignee),
        wanted.reason is None or alert.reason is wanted.reason,
        alert.story.startswith(wanted.story),
        wanted.overdue is None or (alert.due is not None and alert.due < wanted.overdue),
        not wanted.paused or alert.paused_at is not None,
        wanted.window.since is None or alert.last >= wanted.window.since,
        wanted.window.until is None or alert.last < wanted.window.until,
        _named(alert, wanted),
    ))  # fmt: skip


def _named(alert: Alert, wanted: Wanted) -> bool:
    pairs = (
        (wanted.host, alert.host), (wanted.user, alert.user), (wanted.address, alert.peer),
        (wanted.dataset, alert.dataset), (wanted.platform, alert.platform), (wanted.agency, alert.agency),
        (wanted.suppression, alert.suppression),
    )  # fmt: skip
    names = f"{alert.title}\n{alert.host}\n{alert.user}\n{alert.peer}\n{alert.platform}\n{alert.agency}".lower()
    return (
        all(patterns.fits(pattern, value) for pattern, value in pairs if pattern)
        and (patterns.fits(wanted.rule, alert.rule) or wanted.rule.lower() in alert.title.lower())
        and all(word in names for word in wanted.text.lower().split())
        and (not wanted.technique or any(_is_below(tag, wanted.technique) for tag in alert.tags))
    )


def _is_below(tag: str, technique: str) -> bool:
    name = technique.lower().removeprefix("attack.")
    return f"{tag.lower()}.".startswith(f"attack.{name}.")
