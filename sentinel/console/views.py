"""What a scan writes: tables for people, streams for programs.

A view takes hits as they are found and ends with the account of the scan. Views for people show that account; those for
programs leave it to whoever runs them.
"""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any, Protocol

import msgspec

from sentinel.console.groups import groups_table, timeline_table
from sentinel.console.hits import CSV_FIELDS, Rows, as_csv, as_json, harmless
from sentinel.console.tally import Groups
from sentinel.console.theme import put
from sentinel.language import _
from sentinel.model.severity import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from sentinel.console.tally import Summary
    from sentinel.detect.plan import Ruleset
    from sentinel.model.hit import Hit

_DETAIL_KEPT = 240


class View(Protocol):
    """One way to show hits."""

    def take(self, hits: Iterable[Hit]) -> None:
        """Take hits that were found."""

    def end(self, summary: Summary) -> None:
        """Show what has not been shown yet."""


class GroupsView:
    """A table of groups; it keeps counts, not hits."""

    def __init__(self, console: Console, ruleset: Ruleset, zone: ZoneInfo, by: str) -> None:
        """Group by `rule`, `host` or `technique`."""
        self._console, self._ruleset, self._zone, self._by = console, ruleset, zone, by
        self._groups = Groups(ruleset, by)

    def take(self, hits: Iterable[Hit]) -> None:
        """Count hits."""
        self._groups.add(hits)

    def end(self, summary: Summary) -> None:
        """Show the table; nothing where nothing hit."""
        groups = self._groups.groups()
        if groups:
            put(self._console, *groups_table(groups, self._by, self._ruleset, self._zone, self._console.width))
        _put_foot(self._console, summary, self._zone)


class TimelineView:
    """A line a hit, in order of time; it keeps a short line of each."""

    def __init__(self, console: Console, ruleset: Ruleset, zone: ZoneInfo) -> None:
        """Begin with no line."""
        self._console, self._ruleset, self._zone = console, ruleset, zone
        self._lines: list[tuple[int | None, int, str, str, str, str]] = []

    def take(self, hits: Iterable[Hit]) -> None:
        """Keep a line of every hit."""
        for hit in hits:
            host, peer, user = map(sys.intern, (hit.host, hit.peer, hit.user))
            self._lines += [(hit.time, rule, host, peer, user, hit.detail[:_DETAIL_KEPT]) for rule in hit.rules]

    def end(self, summary: Summary) -> None:
        """Show the lines in order; those without a time come last."""
        levels = [rule.level for rule in self._ruleset.rules]
        self._lines.sort(key=lambda line: (line[0] is None, line[0] or 0, -levels[line[1]], line[1:]))
        if self._lines:
            put(self._console, *timeline_table(self._lines, self._ruleset, self._zone, self._console.width))
        _put_foot(self._console, summary, self._zone)


def _put_foot(console: Console, summary: Summary, zone: ZoneInfo) -> None:
    if any(summary.hits.values()):
        put(console, "", _("Times are those of {zone}.").format(zone=zone.key))
    elif summary.read:
        put(console, _("No rule hit."))


class NdjsonView:
    """A JSON object a line, as hits are found."""

    def __init__(self, out: IO[bytes], rows: Rows) -> None:
        """Write to a stream of bytes."""
        self._out, self._rows = out, rows

    def take(self, hits: Iterable[Hit]) -> None:
        """Write hits and let the reader have them."""
        for row in self._rows.of(hits):
            self._out.write(as_json(row) + b"\n")
        self._out.flush()

    def end(self, summary: Summary) -> None:
        """Write nothing more."""


class JsonView:
    """One JSON document, written as hits are found: their list, and then the summary."""

    def __init__(self, out: IO[bytes], rows: Rows) -> None:
        """Write to a stream of bytes."""
        self._out, self._rows = out, rows
        self._before = b'{"hits":[\n'

    def take(self, hits: Iterable[Hit]) -> None:
        """Write hits."""
        for row in self._rows.of(hits):
            self._out.write(self._before + as_json(row))
            self._before = b",\n"

    def end(self, summary: Summary) -> None:
        """Write the summary and close the document."""
        begin = self._before if self._before.startswith(b"{") else b""
        account = harmless(msgspec.json.encode(summary_object(summary)))
        self._out.write(begin + b'\n],"summary":' + account + b"}\n")


class CsvView:
    """A line of CSV a hit, below a line of headings."""

    def __init__(self, out: IO[bytes], rows: Rows) -> None:
        """Write to a stream of bytes, and the headings at once."""
        self._out, self._rows = out, rows
        self._write([field.name for field in CSV_FIELDS])

    def _write(self, cells: Sequence[object]) -> None:
        self._out.write(as_csv(cells).encode("utf-8", "backslashreplace"))

    def take(self, hits: Iterable[Hit]) -> None:
        """Write hits."""
        for row in self._rows.of(hits):
            self._write([field.value(row) for field in CSV_FIELDS])

    def end(self, summary: Summary) -> None:
        """Write nothing more."""


def summary_object(summary: Summary) -> dict[str, Any]:
    """Give the account of a scan as programs read it."""
    return {
        "files": {
            "read": summary.read,
            "empty": summary.empty,
            "not_read": summary.unread,
            "not_begun": summary.not_begun,
            "bytes": summary.size,
        },
        "events": summary.events,
        "seconds": round(summary.seconds, 3),
        "hits": {Level(level).label: count for level, count in summary.hits.items()},
        "events_unlooked": {
            "events": summary.unlooked,
            "datasets": summary.unlooked_datasets if summary.unlooked else (),
        },
        "events_hit": summary.events_hit,
        "events_hit_without_time": summary.without_time,
        "hits_outside_window": summary.outside,
        "rules": {
            "run": summary.rules.run,
            "left_out": summary.rules.left_out,
            "faulty": summary.rules.faulty,
            "not_read": summary.rules.not_read,
        },
        "faults": summary.fault_count,
        "fields_lacking": [
            {"dataset": lack.dataset, "code": lack.code, "field": lack.field, "rules": lack.rules}
            for lack in summary.lacks
        ],
        "interrupted": summary.interrupted,
    }
