"""Alerts as tables, and as other programs read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sentinel.console.documents import as_json
from sentinel.console.hits import as_csv
from sentinel.console.numbers import number
from sentinel.console.tables import EXTRA, Column, table
from sentinel.console.text import visible
from sentinel.console.theme import WARNING, level_text
from sentinel.console.times import WIDE, common_year, iso, shown
from sentinel.language import _, later, n_
from sentinel.model.alert import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.model.alert import Alert
    from sentinel.triage.suppressions import Suppression
    from sentinel.triage.told import News, Page

ID_SHOWN: Final = 8
"""Digits of an id: enough to name an alert among a hundred thousand, mostly."""
_RULE_LEAST, _RULE_FAIR = 16, 32

STATES: Final[Mapping[State, str]] = {
    State.NEW: later("new"),
    State.ACKNOWLEDGED: later("acknowledged"),
    State.CLOSED: later("closed"),
    State.SUPPRESSED: later("suppressed"),
}

CSV_FIELDS: Final = (
    "id", "rank", "level", "state", "assignee", "rule", "title", "tags", "count", "first", "last", "due", "dataset",
    "code", "host", "user", "source", "platform", "agency", "story", "reason", "detail",
)  # fmt: skip


def alerts_table(alerts: Sequence[Alert], zone: ZoneInfo, width: int, now: int) -> list[Text]:
    """Give the lines of the table of alerts; `now` tells whose deadline has passed, nanoseconds since 1970, UTC."""
    times = [shown(alert.last, zone) for alert in alerts]
    year = common_year((alert.last for alert in alerts), zone) if width < WIDE else ""
    columns = [
        Column(_("id"), [alert.id[:ID_SHOWN] for alert in alerts]),
        Column(_("rank"), [str(alert.rank) for alert in alerts], rank=1, right=True),
        Column(_("level"), [level_text(alert.level) for alert in alerts]),
        Column(_("alert"), [alert.title for alert in alerts], least=_RULE_LEAST, fair=_RULE_FAIR, most=72),
        Column(_("count"), [number(alert.count) for alert in alerts], rank=1, right=True),
        Column(_("host"), [alert.host for alert in alerts], rank=2, least=8),
        Column(_("user"), [alert.user for alert in alerts], rank=EXTRA, least=8),
        Column(_("source"), [alert.peer for alert in alerts], rank=EXTRA + 1),
        Column(_("platform"), [alert.platform for alert in alerts], rank=3, least=8),
        Column(_("agency"), [alert.agency for alert in alerts], rank=EXTRA + 2, least=8),
        Column(_("last seen") + year, [time[5:] if year else time for time in times], rank=3),
        Column(_("due"), [_due(alert, zone, now) for alert in alerts], rank=EXTRA),
        Column(_("state"), [_state(alert) for alert in alerts], rank=2),
    ]
    return table([column for column in columns if column.rank < 1 or any(map(str, column.cells))], width)


def _due(alert: Alert, zone: ZoneInfo, now: int) -> str | Text:
    if alert.due is None:
        return ""
    return Text(_("overdue"), style=WARNING) if alert.due < now else shown(alert.due, zone)[5:16]


def _state(alert: Alert) -> str:
    return f"{_(STATES[alert.state])} {alert.assignee}".strip()


def foot(page: Page, suppressions: Sequence[Suppression], zone: str) -> list[str]:
    """Give what stands below the table: how many there are, what is held back, and how to go on."""
    total = number(page.total)
    told = _("{shown} of {total}").format(
        shown=number(len(page.alerts)), total=_("{total} and more").format(total=total) if page.is_more else total
    )
    lines = [_("alerts: {count}; times are those of {zone}").format(count=told, zone=zone)]
    lines += suppression_lines(suppressions)
    return [*lines, _("more: --after {place}").format(place=page.after)] if page.after else lines


def suppression_lines(active: Sequence[Suppression]) -> list[str]:
    """Tell how many suppressions are in force, and how many hits they hold back; nothing where there is none."""
    if not active:
        return []
    count, hits = len(active), sum(each.hits for each in active)
    held = n_("{count} hit", "{count} hits", hits).format(count=number(hits))
    text = n_("{count} suppression holds back {hits}", "{count} suppressions hold back {hits}", count)
    return [text.format(count=number(count), hits=held)]


def alert_object(alert: Alert) -> dict[str, Any]:
    """Give an alert as programs read it; times as RFC 3339 in UTC."""
    return {
        "id": alert.id,
        "rank": alert.rank,
        "state": alert.state.value,
        "assignee": alert.assignee or None,
        "reason": alert.reason.value if alert.reason else None,
        "duplicate_of": alert.duplicate_of or None,
        "rule": {"id": alert.rule, "title": alert.title, "level": alert.level.label, "tags": list(alert.tags)},
        "count": alert.count,
        "first": iso(alert.first),
        "last": iso(alert.last),
        "event": {
            "dataset": alert.dataset,
            "code": alert.code,
            "host": alert.host,
            "user": alert.user,
            "source": alert.peer,
        },
        "detail": alert.detail,
        "platform": {"id": alert.platform, "level": alert.importance} if alert.platform else None,
        "agency": alert.agency or None,
        "fingerprint": dict(alert.fingerprint),
        "story": {"id": alert.story, "why": alert.story_why},
        "clocks": {name: iso(value) for name, value in _clocks(alert).items()},
        "pause_reason": alert.pause_reason or None,
        "suppression": alert.suppression or None,
        "notes": alert.notes,
        "changed_by": alert.changed_by,
        "manual": alert.manual,
        "version": alert.version,
        "touched": alert.touched,
    }


def _clocks(alert: Alert) -> dict[str, int | None]:
    return {
        "raised": alert.raised,
        "acknowledge_by": alert.ack_due,
        "close_by": alert.close_due,
        "due": alert.due,
        "acknowledged": alert.acknowledged_at,
        "closed": alert.closed_at,
        "paused": alert.paused_at,
    }


def alert_line(alert: Alert) -> bytes:
    """Give an alert as a line of JSON."""
    return as_json(alert_object(alert)) + b"\n"


def csv_line(alert: Alert) -> str:
    """Give an alert as a line of CSV."""
    return as_csv((
        alert.id, str(alert.rank), alert.level.label, alert.state.value, alert.assignee, alert.rule, alert.title,
        " ".join(alert.tags), str(alert.count), iso(alert.first) or "", iso(alert.last) or "", iso(alert.due) or "",
        alert.dataset, alert.code, alert.host, alert.user, alert.peer, alert.platform, alert.agency, alert.story,
        alert.reason.value if alert.reason else "", alert.detail,
    ))  # fmt: skip


def news_object(news: News) -> dict[str, Any]:
    """Give what happened to an alert, as `watch` tells programs."""
    return {"number": news.number, "at": iso(news.told.at), "alert": alert_object(news.alert)}


def news_line(news: News, zone: ZoneInfo) -> Text:
    """Give an alert that came, or came back, in one line."""
    alert = news.alert
    names = " · ".join(filter(None, (alert.host, alert.user, alert.peer, alert.platform, alert.agency)))
    return Text.assemble(
        f"{shown(news.told.at, zone)}  {alert.id[:ID_SHOWN]}  ",
        level_text(alert.level),
        f"  {alert.rank}  {visible(alert.title)}",
        f"  {visible(names)}",
    )
