"""How the queue fares, and its stories: tables, and what programs read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sentinel.console.alerts import ID_SHOWN, STATES, alert_object
from sentinel.console.numbers import number
from sentinel.console.tables import Column, table
from sentinel.console.theme import FAINT, HEAD, LEVELS, WARNING, level_text
from sentinel.console.times import iso, shown
from sentinel.language import _, later, n_
from sentinel.model.severity import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.model.alert import Sighting
    from sentinel.triage.stats import Noise, Stats, Took
    from sentinel.triage.told import Story

_SECOND: Final = 1_000_000_000
_UNITS: Final = (
    (86_400, later("{count} d")),
    (3_600, later("{count} h")),
    (60, later("{count} min")),
    (1, later("{count} s")),
)
_PARTS_SHOWN: Final = 2
_TITLES: Final[Mapping[str, str]] = {
    "state": later("By state"),
    "level": later("By level"),
    "platform": later("By platform"),
    "agency": later("By agency"),
    "assignee": later("By analyst"),
    "reason": later("By reason"),
}
REASONS: Final[Mapping[str, str]] = {
    "true_positive": later("true positive"),
    "false_positive": later("false positive"),
    "benign": later("benign"),
    "duplicate": later("duplicate"),
}
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "state": {state.value: text for state, text in STATES.items()},
    "level": {level.label: look.label for level, look in LEVELS.items()},
    "reason": REASONS,
}
_NOBODY: Final[Mapping[str, str]] = {
    "assignee": later("nobody"),
    "reason": later("not closed"),
}


def span(nanoseconds: int) -> str:
    """Give a length of time in its two largest units: 3 d 4 h, 12 min 5 s, 0 s."""
    left, parts = nanoseconds // _SECOND, []
    for seconds, text in _UNITS:
        count, left = divmod(left, seconds)
        if count:
            parts.append(_(text).format(count=number(count)))
    return " ".join(parts[:_PARTS_SHOWN]) or _(_UNITS[-1][1]).format(count=number(0))


def stats_lines(stats: Stats, width: int, most: int) -> Iterator[Text]:
    """Give how the queue fares: totals and times, then counts by each name, then the rules; `most` names of each."""
    yield Text(n_("{count} alert", "{count} alerts", stats.total).format(count=number(stats.total)), style=HEAD)
    if not stats.total:
        return
    if stats.overdue:
        yield Text(_("overdue: {count}").format(count=number(stats.overdue)), style=WARNING)
    yield from _took(_("to acknowledge"), stats.acknowledge)
    yield from _took(_("to close"), stats.close)
    for name, counts in stats.by.items():
        if any(value for value, _count in counts):
            yield from _title(_(_TITLES[name]))
            yield from _counts(name, counts, width, most)
    yield from _title(_("By rule"))
    yield from _rules(stats.rules, width, most)


def _took(label: str, took: Took) -> Iterator[Text]:
    if took.count:
        text = _("{label}: median {median}, 90 of 100 within {p90}; counted: {count}")
        told = text.format(label=label, median=span(took.median), p90=span(took.p90), count=number(took.count))
        yield Text(told)


def _counts(name: str, counts: Sequence[tuple[str, int]], width: int, most: int) -> Iterator[Text]:
    some = counts[:most]
    columns = [
        Column(_("count"), [number(count) for _value, count in some], right=True),
        Column(_("name"), [named(name, value) for value, _count in some], least=16),
    ]
    yield from table(columns, width)
    yield from _rest(len(counts) - len(some))


def named(name: str, value: str) -> str:
    """Give a value of a state, level, reason or other name as people read it; "" is nobody, or none."""
    if not value:
        return _(_NOBODY.get(name, later("none")))
    word = _WORDS.get(name, {}).get(value)
    return _(word) if word else value


def _rules(rules: Sequence[Noise], width: int, most: int) -> Iterator[Text]:
    """Give the rules that raise most, each with the share of false alarms among what was closed: what to tune."""
    some = rules[:most]
    columns = [
        Column(_("alerts"), [number(each.alerts) for each in some], right=True),
        Column(_("closed"), [number(each.closed) for each in some], rank=2, right=True),
        Column(_("false or benign"), [_share(each) for each in some], rank=1, right=True),
        Column(_("rule"), [each.title for each in some], least=16),
    ]
    yield from table(columns, width)
    yield from _rest(len(rules) - len(some))


def _share(noise: Noise) -> str:
    return f"{number(100 * noise.false / noise.closed)} %" if noise.closed else "–"


def _rest(count: int) -> Iterator[Text]:
    if count > 0:
        yield Text(n_("and {count} more", "and {count} more", count).format(count=number(count)), style=FAINT)


def _title(text: str) -> Iterator[Text]:
    yield Text("")
    yield Text(text, style=HEAD)


def stats_object(stats: Stats, most: int) -> dict[str, Any]:
    """Give how the queue fares as programs read it; times are seconds, `most` is how many names of each."""
    return {
        "total": stats.total,
        "overdue": stats.overdue,
        "acknowledge": _took_object(stats.acknowledge),
        "close": _took_object(stats.close),
        "by": {
            name: [{"name": value or None, "count": count} for value, count in counts[:most]]
            for name, counts in stats.by.items()
        },
        "rules": [
            {
                "id": each.rule,
                "title": each.title,
                "alerts": each.alerts,
                "closed": each.closed,
                "false_or_benign": each.false,
            }
            for each in stats.rules[:most]
        ],
    }


def _took_object(took: Took) -> dict[str, Any]:
    known = took.count > 0
    median, p90 = (value / _SECOND if known else None for value in (took.median, took.p90))
    return {"count": took.count, "median_seconds": median, "p90_seconds": p90}


def stories_table(stories: Sequence[Story], zone: ZoneInfo, width: int) -> list[Text]:
    """Give the lines of the table of stories; a story is called by the alert in it that comes first."""
    columns = [
        Column(_("story"), [story.id[:ID_SHOWN] for story in stories]),
        Column(_("rank"), [str(story.rank) for story in stories], right=True),
        Column(_("level"), [level_text(Level(story.top.level)) for story in stories]),
        Column(_("first alert"), [story.top.title for story in stories], least=16),
        Column(_("open"), [number(story.open) for story in stories], rank=1, right=True),
        Column(_("alerts"), [number(story.size) for story in stories], rank=1, right=True),
        Column(_("host"), [story.top.host for story in stories], rank=2, least=8),
        Column(_("first"), [shown(story.first, zone) for story in stories], rank=4),
        Column(_("last"), [shown(story.last, zone) for story in stories], rank=3),
    ]
    return table(columns, width)


def story_object(story: Story) -> dict[str, Any]:
    """Give a story as programs read it; times as RFC 3339 in UTC."""
    return {
        "id": story.id,
        "rank": story.rank,
        "open": story.open,
        "size": story.size,
        "first": iso(story.first),
        "last": iso(story.last),
        "top": alert_object(story.top),
    }


def sighting_object(sighting: Sighting) -> dict[str, Any]:
    """Give a sighting as programs read it; `evidence` is the event as it was kept, None where it was not."""
    return {
        "id": sighting.id,
        "event": sighting.group,
        "time": iso(sighting.time),
        "seen": iso(sighting.seen),
        "evidence": json.loads(sighting.evidence) if sighting.evidence else None,
    }
