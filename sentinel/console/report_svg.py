"""The histogram as an inline SVG.

Places are percentages, so that it takes any width while its letters keep their size; colours are classes of the style
sheet, so that they follow light, dark and print.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sentinel.console.numbers import number
from sentinel.console.report_histogram import SECOND
from sentinel.console.report_markup import Html, tag
from sentinel.console.theme import LEVELS
from sentinel.console.times import shown
from sentinel.language import _, n_
from sentinel.model.severity import Level

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from sentinel.console.report_histogram import Bar, Histogram

_TOP, _HEIGHT, _LABELS = 18, 150, 22
_DAY: Final = 86400
_TICK_STEPS: Final = (
    10, 60, 300, 600, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, _DAY, 2 * _DAY, 7 * _DAY, 28 * _DAY,
    182 * _DAY, 364 * _DAY, 3640 * _DAY, 36400 * _DAY,
)  # fmt: skip
_MOST_TICKS: Final = 8
_LEAST_SHOWN: Final = 1.5
"""Pixels: a single hit beside thousands must still be seen."""


def histogram_svg(histogram: Histogram, zone: ZoneInfo) -> Html:
    """Give the drawing; nothing where there is no bar."""
    if not histogram.bars:
        return Html("")
    width = 100 / len(histogram.bars)
    bars = [_bar(bar, place * width, width, histogram, zone) for place, bar in enumerate(histogram.bars)]
    return tag(
        "svg",
        *_grid(histogram.highest),
        *_ticks(histogram, zone),
        tag("g", *bars, id="bars"),
        role="img",
        aria_label=told(histogram, zone),
        height=_TOP + _HEIGHT + _LABELS,
        cls="histogram",
        focusable="false",
    )


def told(histogram: Histogram, zone: ZoneInfo) -> str:
    """Give in words what the drawing shows."""
    highest = max(histogram.bars, key=lambda bar: bar.hits)
    total = sum(bar.hits for bar in histogram.bars)
    return _("{hits} over time, from {first} to {last}; most, {most}, from {busiest}").format(
        hits=hits_text(total),
        first=shown(histogram.bars[0].begin, zone),
        last=shown(histogram.bars[-1].begin + histogram.step * SECOND, zone),
        most=number(highest.hits),
        busiest=bar_name(highest, histogram.step, zone),
    )


def hits_text(count: int) -> str:
    """Give a number of hits in words."""
    return n_("{count} hit", "{count} hits", count).format(count=number(count))


def levels_text(bar: Bar) -> str:
    """Give a bar's hits by level in words, gravest first."""
    return ", ".join(
        f"{number(bar.counts[level])} {_(look.label)}" for level, look in LEVELS.items() if bar.counts.get(level)
    )


def bar_name(bar: Bar, step: int, zone: ZoneInfo) -> str:
    """Give a bar's span: 2026-11-20 10:10 – 10:20."""
    begin, end = shown(bar.begin, zone), shown(bar.begin + step * SECOND, zone)
    if begin[:10] == end[:10]:
        end = end[11:]
    if step % 60 == 0:
        begin, end = begin[:-3], end[:-3]
    return begin[:10] if step == _DAY else f"{begin} – {end}"


def _bar(bar: Bar, left: float, width: float, histogram: Histogram, zone: ZoneInfo) -> Html:
    if not bar.hits:
        return Html("")
    parts, bottom = [], float(_TOP + _HEIGHT)
    for level in Level:
        if count := bar.counts.get(level, 0):
            height = max(_LEAST_SHOWN, count / histogram.highest * _HEIGHT)
            bottom -= height
            parts.append(_rectangle(f"l{level}", left + width * 0.07, bottom, width * 0.86, height))
    name = f"{bar_name(bar, histogram.step, zone)}: {hits_text(bar.hits)} ({levels_text(bar)})"
    return tag("g", tag("title", name), *parts)


def _rectangle(cls: str, left: float, top: float, width: float, height: float) -> Html:
    return tag("rect", cls=cls, x=f"{left:.2f}%", y=f"{top:.1f}", width=f"{width:.2f}%", height=f"{height:.1f}")


def _grid(highest: int) -> Iterator[Html]:
    for part in (1.0, 0.5):
        top = _TOP + _HEIGHT * (1 - part)
        if part == 1 or highest > 1:
            yield tag("line", cls="grid", x1="0", x2="100%", y1=f"{top:.1f}", y2=f"{top:.1f}")
    yield tag("text", number(highest), cls="scale", x="0", y=str(_TOP - 5))
    yield tag("line", cls="base", x1="0", x2="100%", y1=str(_TOP + _HEIGHT), y2=str(_TOP + _HEIGHT))


def _ticks(histogram: Histogram, zone: ZoneInfo) -> Iterator[Html]:
    """Mark round times of the zone; every other one gives way on a narrow screen."""
    begin = histogram.bars[0].begin // SECOND
    span = histogram.step * len(histogram.bars)
    step = next((each for each in _TICK_STEPS if span / each <= _MOST_TICKS), _TICK_STEPS[-1])
    clock = _local(begin, zone)
    if clock is None:
        return
    since = (clock - datetime(1970, 1, 1)).days * _DAY + clock.hour * 3600 + clock.minute * 60 + clock.second  # noqa: DTZ001
    day = ""
    for place, second in enumerate(range(-(-since // step) * step, since + span, step)):
        moment = clock + timedelta(seconds=second - since)
        label = moment.strftime("%Y-%m-%d" if step >= _DAY else "%H:%M:%S" if step < 60 else "%H:%M")  # noqa: PLR2004
        date = "" if step >= _DAY or moment.strftime("%m-%d") == day else moment.strftime("%m-%d ")
        day = moment.strftime("%m-%d")
        x = 100 * (second - since) / span
        cls = "minor" if place % 2 else "major"
        yield tag("line", cls=f"tick {cls}", x1=f"{x:.2f}%", x2=f"{x:.2f}%", y1=_TOP + _HEIGHT, y2=_TOP + _HEIGHT + 4)
        anchor = "start" if x < 4 else "end" if x > 95 else "middle"  # noqa: PLR2004
        label_cls = f"tick-label {cls} {anchor}"
        yield tag("text", date + label, cls=label_cls, x=f"{x:.2f}%", y=_TOP + _HEIGHT + 17)


def _local(second: int, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.fromtimestamp(second, UTC).astimezone(zone).replace(tzinfo=None)
    except (OverflowError, ValueError, OSError):
        return None
