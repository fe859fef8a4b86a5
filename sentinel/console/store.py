"""What a store holds, what is wrong with it and what would go, as tables and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sentinel.console.numbers import number, size
from sentinel.console.tables import EXTRA, Column, table
from sentinel.console.text import visible
from sentinel.console.theme import FAINT, WARNING
from sentinel.console.times import iso, shown
from sentinel.language import _, later, n_
from sentinel.model.datasets import title_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.store.embedded.compact import Compaction
    from sentinel.store.embedded.retain import Old
    from sentinel.store.embedded.stats import Held, Stats
    from sentinel.store.embedded.verify import Finding, Report

_KINDS: Final = {
    "missing": later("missing"),
    "changed": later("changed"),
    "false": later("contradiction"),
    "orphan": later("left over"),
}


def stats_lines(found: Stats, zone: ZoneInfo, width: int) -> list[Text]:
    """Give the lines of what a store holds."""
    lines = [*_held_table(found.datasets, zone, width), Text("")] if found.datasets else []
    events = n_("{count} event", "{count} events", found.events).format(count=number(found.events))
    taken = _("{size} on the disk").format(size=size(found.bytes))
    parts = [events, taken]
    if found.events:
        parts.append(_("{size} an event").format(size=size(found.bytes / found.events)))
    unsealed = sum(held.unsealed for held in found.datasets)
    if unsealed:
        parts.append(_("{count} not packed yet").format(count=number(unsealed)))
    return [*lines, Text(visible(str(found.folder))), Text(", ".join(parts))]


def _held_table(datasets: Sequence[Held], zone: ZoneInfo, width: int) -> list[Text]:
    columns = [
        Column(_("dataset"), [held.dataset for held in datasets], least=16),
        Column(_("events"), [number(held.events) for held in datasets], right=True),
        Column(_("size"), [_size(held) for held in datasets], rank=1, right=True),
        Column(_("first"), [shown(held.first, zone)[:10] for held in datasets], rank=2),
        Column(_("last"), [shown(held.last, zone)[:16] for held in datasets], rank=2),
        Column(_("files"), [number(held.segments) for held in datasets], rank=EXTRA, right=True),
        Column(
            _("what it is"), [_(title_of(held.dataset)) for held in datasets], rank=EXTRA + 1, least=20, style=FAINT
        ),
    ]
    return table(columns, width)


def _size(held: Held) -> str:
    return size(held.bytes + held.search_bytes) if held.segments else "–"


def stats_object(found: Stats) -> dict[str, Any]:
    """Give what a store holds as programs read it; times are those of the first and last event."""
    datasets = [
        {
            "dataset": held.dataset,
            "events": held.events,
            "unsealed": held.unsealed,
            "segments": held.segments,
            "bytes": held.bytes,
            "search_bytes": held.search_bytes,
            "first": iso(held.first),
            "last": iso(held.last),
        }
        for held in found.datasets
    ]
    return {
        "folder": str(found.folder),
        "id": found.id,
        "format": found.format,
        "events": found.events,
        "bytes": found.bytes,
        "journals": found.journals,
        "datasets": datasets,
    }


def compacted_lines(packed: int, done: Compaction) -> list[Text]:
    """Give the line of what was merged; `packed` journals were before."""
    parts = [
        n_("{count} journal packed", "{count} journals packed", packed).format(count=number(packed)),
        n_("{count} file merged", "{count} files merged", done.merged).format(count=number(done.merged)),
        n_("{count} file made of them", "{count} files made of them", done.made).format(count=number(done.made)),
        n_("{count} file removed", "{count} files removed", done.removed).format(count=number(done.removed)),
    ]
    return [Text(", ".join(parts))]


def old_lines(old: Old, zone: ZoneInfo, width: int) -> list[Text]:
    """Give the lines of what goes, where a store keeps no more than it is told to."""
    before = shown(old.before, zone)
    if not old.events:
        return [Text(_("No event lies in files that end before {time}.").format(time=before))]
    datasets = old.datasets
    columns = [
        Column(_("dataset"), [dataset for dataset, _events, _bytes in datasets], least=16),
        Column(_("events"), [number(events) for _dataset, events, _bytes in datasets], right=True),
        Column(_("size"), [size(taken) for _dataset, _events, taken in datasets], right=True),
    ]
    told = n_("{count} event before {time}: {size}", "{count} events before {time}: {size}", old.events)
    return [
        *table(columns, width),
        Text(""),
        Text(told.format(count=number(old.events), time=before, size=size(old.bytes))),
    ]


def old_object(old: Old, *, dropped: bool) -> dict[str, Any]:
    """Give what goes, or went, as programs read it."""
    return {
        "before": iso(old.before),
        "events": old.events,
        "bytes": old.bytes,
        "last": iso(old.last),
        "datasets": [{"dataset": name, "events": events, "bytes": taken} for name, events, taken in old.datasets],
        "dropped": dropped,
    }


def report_lines(report: Report) -> Iterator[Text]:
    """Give the lines of what was found wrong, and of what was looked at."""
    for finding in report.findings:
        style = FAINT if finding.kind == "orphan" else WARNING
        yield Text(visible(f"{_(_KINDS[finding.kind])}: {finding.place}: {finding.message}"), style=style)
    told = (
        n_("{count} file of events", "{count} files of events", report.segments).format(count=number(report.segments)),
        n_("{count} journal", "{count} journals", report.journals).format(count=number(report.journals)),
        n_("{count} event", "{count} events", report.events).format(count=number(report.events)),
        n_("{count} alert", "{count} alerts", report.alerts).format(count=number(report.alerts)),
        size(report.bytes),
    )
    yield Text(_("looked at: {parts}").format(parts=", ".join(told)))
    damage = len(report.damage)
    if damage:
        text = n_("{count} thing is not as it was written", "{count} things are not as they were written", damage)
        yield Text(text.format(count=number(damage)), style=WARNING)
    else:
        yield Text(_("everything is as it was written"))


def report_object(report: Report) -> dict[str, Any]:
    """Give what was found wrong as programs read it."""
    return {
        "sound": not report.damage,
        "segments": report.segments,
        "journals": report.journals,
        "events": report.events,
        "alerts": report.alerts,
        "bytes": report.bytes,
        "findings": [*map(_finding_object, report.findings)],
    }


def _finding_object(finding: Finding) -> dict[str, str]:
    return {"kind": finding.kind, "place": finding.place, "message": finding.message}
