"""Suppressions: what is held back, why, until when, and how much that was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sentinel.console.alerts import ID_SHOWN
from sentinel.console.numbers import number
from sentinel.console.tables import Column, table
from sentinel.console.text import visible
from sentinel.console.theme import FAINT, WARNING
from sentinel.console.times import iso, shown
from sentinel.language import _, n_
from sentinel.triage.suppressions import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.triage.suppressions import Suppression

SOON: Final = 3 * 86_400 * 1_000_000_000
"""Nanoseconds before its end from which on a suppression stands out."""


def in_order(suppressions: Iterable[Suppression], now: int) -> list[Suppression]:
    """Give those in force, which expire first, then the others; `now` is nanoseconds since 1970, UTC."""
    return sorted(suppressions, key=lambda each: (not each.is_active(now), each.until))


def suppressions_table(suppressions: Sequence[Suppression], zone: ZoneInfo, width: int, now: int) -> list[Text]:
    """Give the lines of the table of suppressions; what expires soon stands out."""
    columns = [
        Column(_("id"), [each.id[:ID_SHOWN] for each in suppressions]),
        Column(_("holds back"), [selection(each) for each in suppressions], least=16, fair=24),
        Column(_("until"), [_until(each, zone, now) for each in suppressions]),
        Column(_("hits"), [number(each.hits) for each in suppressions], right=True),
        Column(_("by"), [each.owner for each in suppressions], rank=2, least=8),
        Column(_("since"), [shown(each.made, zone)[:10] for each in suppressions], rank=3),
        Column(_("why"), [each.reason for each in suppressions], rank=1, least=12),
    ]
    return table(columns, width)


def selection(suppression: Suppression) -> str:
    """Give what a suppression selects on: host=pc1.gov.example rule=r1."""
    return " ".join(f"{name}={value}" for name in FIELDS if (value := getattr(suppression, name)))


def _until(each: Suppression, zone: ZoneInfo, now: int) -> Text:
    if each.lifted is not None:
        return Text(_("lifted"), style=FAINT)
    if each.until <= now:
        return Text(_("expired"), style=FAINT)
    return Text(shown(each.until, zone)[:16], style=WARNING if each.until - now < SOON else "")


def made_lines(made: Suppression, held: int, zone: ZoneInfo, *, dry: bool) -> list[str]:
    """Tell of a new suppression what it holds back, until when, and how many open alerts that is now."""
    end = shown(made.until, zone)[:16]
    what = _("would hold back {what} until {end}") if dry else _("holds back {what} until {end}")
    text = visible(what.format(what=selection(made), end=end))
    count = n_("open alerts that it is about: {count}", "open alerts that it is about: {count}", held)
    return [f"{made.id[:ID_SHOWN]}  {text}".strip(), count.format(count=number(held))]


def suppression_object(each: Suppression, now: int) -> dict[str, Any]:
    """Give a suppression as programs read it; times as RFC 3339 in UTC."""
    return {
        "id": each.id or None,
        "active": each.is_active(now),
        "holds": {name: value for name in FIELDS if (value := getattr(each, name))},
        "owner": each.owner,
        "reason": each.reason,
        "made": iso(each.made),
        "until": iso(each.until),
        "lifted": iso(each.lifted),
        "hits": each.hits,
    }
