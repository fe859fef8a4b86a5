"""Counts, fields and the state of a store as tables: golden text, and numbers for programs."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel import language
from sentinel.console.counts import field_object, fields_hint, fields_table, top_object, top_table
from sentinel.console.marks import Marks
from sentinel.console.store import old_lines, old_object, report_lines, report_object, stats_lines, stats_object
from sentinel.console.theme import console_for, put
from sentinel.console.times import zone_named
from sentinel.store.base import FieldUse, Top
from sentinel.store.embedded.retain import Old
from sentinel.store.embedded.stats import Held, Stats
from sentinel.store.embedded.verify import Finding, FindingKind, Report
from sentinel.store.query.parse import parse
from tests.console.a_stored import MINUTE, NOON

if TYPE_CHECKING:
    from rich.text import Text

GOLDEN = Path(__file__).parent / "golden"
ZONE = zone_named("Asia/Ho_Chi_Minh")
MARKS = Marks(parse("203.0.113.66")).of(["source.ip"])
HOSTILE = "evil\x1b[2J\u202e[red]"
TOP = Top((("203.0.113.66", 8123), ("198.51.100.7", 40), (HOSTILE, 1)), 17, 1200)
FIELDS = (
    FieldUse("process.command_line", "keyword", 12_345, ("windows.security", "windows.sysmon")),
    FieldUse("source.ip", "ip", 7, ("web.access",)),
    FieldUse(HOSTILE, "keyword", 1, (HOSTILE,)),
)
STATS = Stats(
    Path("/srv/sentinel"),
    "0f0a9e70-46f4-4b72-9a4d-1d3a4e6f0001",
    1,
    (
        Held("web.access", 1_240_000, 0, 3, 48_000_000, 2_000_000, NOON - 90_000 * MINUTE, NOON),
        Held(HOSTILE, 12, 12, 0, 0, 0, NOON, NOON),
    ),
    1,
    51_234_567,
)
OLD = Old(NOON, ("a", "b"), (("web.access", 1200, 48_000), (HOSTILE, 1, 7)), NOON - 1)
REPORT = Report(
    (
        Finding(
            FindingKind.CHANGED, f"segments/{HOSTILE}/a.parquet", "the file's bytes are not those that were written"
        ),
        Finding(FindingKind.ORPHAN, "journals/x.journal", "the manifest does not know it"),
    ),
    2,
    1,
    1_240_012,
    3,
    51_000_000,
)


def lines_of(name: str, width: int) -> list[Text]:
    match name:
        case "top":
            return top_table(TOP, "source.ip", 9364, width, MARKS)
        case "fields":
            return [*fields_table(FIELDS, width), *fields_hint(FIELDS)]
        case "stats":
            return stats_lines(STATS, ZONE, width)
        case "old":
            return old_lines(OLD, ZONE, width)
    return list(report_lines(REPORT))


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("code", ["en", "vi"])
@pytest.mark.parametrize("name", ["top", "fields", "stats", "old", "report"])
def test_what_is_shown_is_as_it_was_looked_at(
    name: str, code: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    language.use(code)
    out = io.StringIO()
    put(console_for(out, "never"), *lines_of(name, width))
    path = GOLDEN / f"counts-{name}-{code}-{width}.txt"
    if os.environ.get("REWRITE_GOLDEN"):  # look at every change before it is committed
        path.write_text(out.getvalue(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == out.getvalue()
    assert all(line.isprintable() for line in out.getvalue().splitlines())


def test_programs_read_the_same_numbers() -> None:
    top = top_object(TOP, "source.ip", 9364)
    assert {"value": HOSTILE, "events": 1} == top["values"][2]
    assert (17, 1200, 9364) == (top["distinct"], top["missing"], top["events"])
    assert {"name": "source.ip", "type": "ip", "events": 7, "datasets": ("web.access",)} == field_object(FIELDS[1])
    stats = json.loads(json.dumps(stats_object(STATS)))
    assert (1_240_012, "/srv/sentinel", 1) == (stats["events"], stats["folder"], stats["journals"])
    assert [2, 1201, True] == [
        len(old_object(OLD, dropped=True)["datasets"]),
        OLD.events,
        old_object(OLD, dropped=True)["dropped"],
    ]
    report = json.loads(json.dumps(report_object(REPORT)))
    assert (False, ["changed", "orphan"]) == (report["sound"], [each["kind"] for each in report["findings"]])


def test_a_field_whose_name_a_shell_or_query_could_misread_is_no_example() -> None:
    assert [] == list(fields_hint([FieldUse("a'; rm -rf '", "keyword", 1, ())]))


def test_nothing_old_is_said() -> None:
    assert ["No event lies in files that end before 2026-11-20 12:00:00."] == [
        str(line) for line in old_lines(Old(NOON, (), (), None), ZONE, 80)
    ]
