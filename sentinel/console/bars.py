"""A histogram in the terminal: a line a span of time, a bar for its events, in parts by a field's values.

A store counts in steps of UTC. Spans of the reader's clock (its hours, days and weeks, also where the clock changes or
stands at half an hour) are put together here from smaller steps.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import gcd
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sentinel.console.hits import as_csv
from sentinel.console.numbers import number
from sentinel.console.text import fitted, visible, width_of
from sentinel.console.theme import FAINT
from sentinel.console.times import iso
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.store.base import Bar

SECOND: Final = 1_000_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
WEEK: Final = 7 * DAY
_STEP: Final = 15 * MINUTE
"""No clock of the world is off UTC by anything but quarters of an hour."""
_NICE: Final = (
    SECOND, 5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE,
    HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, WEEK, 4 * WEEK, 12 * WEEK, 52 * WEEK, 520 * WEEK,
)  # fmt: skip
_WISHED: Final = 30
MOST_SPANS: Final = 5000
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_PARTS: Final = (("█", "cyan"), ("▓", "yellow"), ("▒", "magenta"), ("░", "green"), ("▚", "red"), ("▁", "dim"))
_PLAIN_PARTS: Final = "#=+o*."
MOST_VALUES: Final = len(_PARTS) - 1
_LEAST_BAR: Final = 8
_MOST_BAR: Final = 100
_MONDAY: Final = 4 * DAY
"""1970 began on a Thursday; the weeks of the clock begin on Mondays."""


def interval_for(span: int) -> int:
    """Give the round time (nanoseconds) that cuts a span into about thirty."""
    return next((step for step in _NICE if span <= step * _WISHED), _NICE[-1])


def step_of(interval: int) -> int:
    """Give the step (nanoseconds) to count in, of which spans of any clock can be put together."""
    return gcd(interval, _STEP)


@dataclass(frozen=True, slots=True)
class Span:
    """A span of the reader's clock, from `begin` (nanoseconds since 1970, UTC): its events, by value where asked."""

    begin: int
    counts: Mapping[str, int]

    @property
    def events(self) -> int:
        """Count its events."""
        return sum(self.counts.values())


def spans(bars: Iterable[Bar], interval: int, zone: ZoneInfo) -> list[Span]:
    """Give the spans from the first with events to the last, those without any among them, in order."""
    counted: dict[int, Counter[str]] = {}
    for bar in bars:
        counted.setdefault(_floored(bar.begin, interval, zone), Counter())[bar.value] += bar.count
    if not counted:
        return []
    every = _every(min(counted), max(counted), interval, zone)
    return [Span(begin, counted.get(begin, {})) for begin in every]


def _every(first: int, last: int, interval: int, zone: ZoneInfo) -> Iterator[int]:
    begin = first
    while begin <= last:
        yield begin
        # A day may have 23 hours or 25: a time well within the next span, taken down to its beginning.
        following = _floored(begin + interval + min(interval // 2, 2 * HOUR), interval, zone)
        begin = following if following > begin else begin + interval


def _floored(time: int, interval: int, zone: ZoneInfo) -> int:
    """Give when the span of the zone's clock began that a time lies in."""
    offset = _offset(time, zone)
    shift = _MONDAY if interval % WEEK == 0 else 0
    begin = (time + offset - shift) // interval * interval + shift - offset
    # Before the clock was changed it had another offset.
    return begin + offset - _offset(begin, zone) if interval >= DAY else begin


def _offset(time: int, zone: ZoneInfo) -> int:
    moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=time // SECOND)
    return round((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds()) * SECOND


def values_of(found: Sequence[Span]) -> list[str]:
    """Give the values of all spans, most frequent first."""
    total: Counter[str] = Counter()
    for span in found:
        total.update(span.counts)
    return sorted(total, key=lambda value: (-total[value], value))


def bar_lines(found: Sequence[Span], interval: int, zone: ZoneInfo, width: int, *, plain: bool) -> list[Text]:
    """Give a line a span: when it began, a bar, its events; `plain` draws in ASCII.

    Spans with several values have a bar of several parts; their legend stands above them.
    """
    values = values_of(found)
    stacked = values not in ([], [""])
    order = {value: min(place, MOST_VALUES) for place, value in enumerate(values)}
    labels = [_label(span.begin, interval, zone) for span in found]
    counts = [number(span.events) for span in found]
    label, count = max(map(width_of, labels)), max(map(len, counts))
    room = max(_LEAST_BAR, min(_MOST_BAR, width - label - count - 4))
    highest = max(span.events for span in found)
    lines = [*_legend(values, order, width, plain=plain)] if stacked else []
    for span, name, total in zip(found, labels, counts, strict=True):
        line = Text(fitted(name, label) + "  ")
        line.append(total.rjust(count) + "  ")
        line.append_text(_bar(span, order if stacked else {}, highest, room, plain=plain))
        line.rstrip()
        lines.append(line)
    return lines


def _bar(span: Span, order: Mapping[str, int], highest: int, room: int, *, plain: bool) -> Text:
    if order:
        return _stacked(span, order, highest, room, plain=plain)
    if plain:
        return Text("#" * max(_rounded(span.events, highest, room), 1 if span.events else 0))
    full, rest = divmod(max(_rounded(span.events, highest, room * 8), 1 if span.events else 0), 8)
    return Text("█" * full + _EIGHTHS[rest].strip(), style=_PARTS[0][1])


def _rounded(count: int, highest: int, room: int) -> int:
    return round(count * room / highest)


def _stacked(span: Span, order: Mapping[str, int], highest: int, room: int, *, plain: bool) -> Text:
    """Give a bar of parts; each ends where all events so far do, so that the whole is as long as it should be."""
    parts: Counter[int] = Counter()
    for value, count in span.counts.items():
        parts[order[value]] += count
    bar, so_far, drawn = Text(), 0, 0
    for part in sorted(parts):
        so_far += parts[part]
        end = _rounded(so_far, highest, room)
        sign, style = _sign(part, plain=plain)
        bar.append(sign * (end - drawn), style=style)
        drawn = end
    return bar


def _sign(part: int, *, plain: bool) -> tuple[str, str]:
    sign, style = _PARTS[part]
    return (_PLAIN_PARTS[part] if plain else sign), style


def _legend(values: Sequence[str], order: Mapping[str, int], width: int, *, plain: bool) -> Iterator[Text]:
    """Name the values, each with what its part is drawn in, in as many lines as they need."""
    line = Text()
    for value in values[: MOST_VALUES + 1]:
        rest = len(values) - MOST_VALUES
        other = order[value] == MOST_VALUES and rest > 1
        name = _("{count} other values").format(count=number(rest)) if other else visible(value) or _("(none)")
        sign, style = _sign(order[value], plain=plain)
        entry = Text().append(sign, style=style).append(f" {fitted(name, min(width_of(name), 40))}")
        if line and line.cell_len + 3 + entry.cell_len > width:
            yield line
            line = Text()
        line = line + Text("   ") + entry if line else entry
    yield line
    yield Text("")


def _label(begin: int, interval: int, zone: ZoneInfo) -> str:
    """Give when a span began, by the clock of the zone, as exactly as spans of this length need."""
    moment = (datetime.fromtimestamp(0, UTC) + timedelta(seconds=begin // SECOND)).astimezone(zone)
    if interval % DAY == 0:
        return f"{moment:%Y-%m-%d}"
    return f"{moment:%Y-%m-%d %H:%M:%S}" if interval % MINUTE else f"{moment:%Y-%m-%d %H:%M}"


def foot(found: Sequence[Span], interval: int, zone: ZoneInfo) -> Text:
    """Give one line of what is drawn: how many events, how long a span is, whose clock."""
    total = number(sum(span.events for span in found))
    text = _("{count} events; a line is {interval}; times are those of {zone}").format(
        count=total, interval=interval_text(interval), zone=zone.key
    )
    return Text(text, style=FAINT)


_UNITS: Final = ((WEEK, "w"), (DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s"))


def interval_text(interval: int) -> str:
    """Give an interval as the option takes it: 90s, 5m, 1h, 1d, 2w."""
    return next((f"{interval // unit}{name}" for unit, name in _UNITS if interval % unit == 0), f"{interval} ns")


def histogram_object(found: Sequence[Span], interval: int, by: str) -> dict[str, Any]:
    """Give a histogram as programs read it; with `by`, each span with its values."""
    bars = [
        {"time": iso(span.begin), "events": span.events} | ({"values": dict(sorted(span.counts.items()))} if by else {})
        for span in found
    ]
    return {"interval": interval_text(interval), "by": by or None, "events": sum(s.events for s in found), "bars": bars}


def csv_lines(found: Sequence[Span], by: str) -> Iterator[str]:
    """Give a histogram as CSV: time, events and, with `by`, a line for every value."""
    yield as_csv(("time", by, "events") if by else ("time", "events"))
    for span in found:
        if by:
            yield from (as_csv((iso(span.begin), value, count)) for value, count in sorted(span.counts.items()))
        else:
            yield as_csv((iso(span.begin), span.events))
