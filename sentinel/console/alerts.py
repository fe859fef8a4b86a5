"""Alerts as tables, and as other programs read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sentinel.console.documents import as_json
from sentinel.console.hits import as_csv
from sentinel.console.tables import EXTRA, Column, table, wrapped
from sentinel.console.text import visible
from sentinel.console.theme import FAINT, HEAD, level_text
from sentinel.console.times import WIDE, common_year, iso, shown
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.model.alert import Alert

ID_SHOWN: Final = 8
"""Digits of an id: enough to name an alert among a hundred thousand, mostly."""
_DETAIL_LEAST, _RULE_LEAST, _RULE_FAIR = 16, 16, 32

CSV_FIELDS: Final = (
    "id", "time", "level", "rule", "title", "tags", "dataset", "code", "host", "user", "source", "event", "seen",
    "detail",
)  # fmt: skip


def alerts_table(alerts: Sequence[Alert], zone: ZoneInfo, width: int) -> list[Text]:
    """Give the lines of the table of alerts."""
    times = [shown(alert.time, zone) for alert in alerts]
    year = common_year((alert.time for alert in alerts), zone) if width < WIDE else ""
    columns = [
        Column(_("id"), [alert.id[:ID_SHOWN] for alert in alerts]),
        Column(_("time") + year, [time[5:] if year else time for time in times]),
        Column(_("level"), [level_text(alert.level) for alert in alerts]),
        Column(_("rule"), [alert.title for alert in alerts], least=_RULE_LEAST, fair=_RULE_FAIR, most=72),
        Column(_("host"), [alert.host for alert in alerts], rank=2, least=8),
        Column(_("user"), [alert.user for alert in alerts], rank=EXTRA, least=8),
        Column(_("source"), [alert.peer for alert in alerts], rank=EXTRA),
        Column(_("what happened"), [alert.detail for alert in alerts], rank=EXTRA + 1, least=_DETAIL_LEAST),
    ]
    return table(columns, width)


def alert_lines(alert: Alert, zone: ZoneInfo, width: int) -> Iterator[Text]:
    """Give one alert whole: what is known of it, and the event."""
    yield Text.assemble(level_text(alert.level), "  ", (visible(alert.title), HEAD))
    rows = {
        _("alert"): alert.id,
        _("rule"): alert.rule,
        _("tags"): ", ".join(alert.tags),
        _("time"): shown(alert.time, zone),
        _("raised"): shown(alert.seen, zone),
        _("dataset"): f"{alert.dataset} {alert.code}".strip(),
        _("host"): alert.host,
        _("user"): alert.user,
        _("source"): alert.peer,
        _("event"): alert.group,
        _("what happened"): alert.detail,
    }
    for label, text in rows.items():
        if text:
            yield from wrapped(Text.assemble((f"{label}: ", HEAD), visible(text)), width)
    yield Text("")
    for name, value in sorted(_leaves(json.loads(alert.evidence or b"{}"))):
        yield from wrapped(Text.assemble((visible(name), FAINT), "  ", visible(value)), width)


def _leaves(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield from _leaves(inner, f"{prefix}{name}.")
        else:
            told = inner if isinstance(inner, list) else [inner]
            yield prefix + name, ", ".join(each if isinstance(each, str) else json.dumps(each) for each in told)


def alert_object(alert: Alert, *, evidence: bool = False) -> dict[str, Any]:
    """Give an alert as programs read it; with `evidence` the whole event too."""
    told: dict[str, Any] = {
        "id": alert.id,
        "time": iso(alert.time),
        "seen": iso(alert.seen),
        "rule": {"id": alert.rule, "title": alert.title, "level": alert.level.label, "tags": list(alert.tags)},
        "event": {
            "id": alert.group,
            "dataset": alert.dataset,
            "code": alert.code,
            "host": alert.host,
            "user": alert.user,
            "source": alert.peer,
        },
        "detail": alert.detail,
    }
    return told | ({"evidence": json.loads(alert.evidence or b"{}")} if evidence else {})


def alert_line(alert: Alert) -> bytes:
    """Give an alert as a line of JSON."""
    return as_json(alert_object(alert)) + b"\n"


def csv_line(alert: Alert) -> str:
    """Give an alert as a line of CSV."""
    return as_csv((
        alert.id, iso(alert.time), alert.level.label, alert.rule, alert.title, " ".join(alert.tags), alert.dataset,
        alert.code, alert.host, alert.user, alert.peer, alert.group, iso(alert.seen), alert.detail,
    ))  # fmt: skip
