"""What a scan shows, as golden text: tables, timeline, account, at 80 and 200 columns, in both languages."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from sentinel import language
from sentinel.console.groups import timeline_table
from sentinel.console.summary import files_table, summary_lines
from sentinel.console.tally import Tally
from sentinel.console.theme import console_for, put
from sentinel.console.times import zone_named
from sentinel.console.views import GroupsView, TimelineView, View
from sentinel.detect.plan import Atom, Rejection, Ruleset, Variant
from sentinel.formats.base import Fault
from sentinel.model.batch import EventKind
from sentinel.reading import Finding
from tests.console.a_scan import a_hit, a_rule, a_source

GOLDEN = Path(__file__).parent / "golden"
ZONE = zone_named("Asia/Ho_Chi_Minh")
SYSMON = EventKind("windows.sysmon", "sysmon", "p", "1")
RULES = Ruleset(
    (
        a_rule("Database Server Starts a Command Shell and Nobody Knows Why", 3, "attack.t1059.003", identity="r1"),
        a_rule("Shadow Copies Deleted", 4, "attack.t1490", "attack.impact", identity="r2"),
        a_rule("[red]Đăng nhập\x1b[2J \u202egpj.exe", 0, identity="r3"),
    ),
    (Atom("Hashes", "contains", ("x",)),),
    (Variant.of(0, ("sysmon",), (), ("1",), 0),),
    (Rejection("bad.yml", 3, "", "no", "", fault=True), Rejection("dns.yml", 1, "", "no", "", fault=False)),
)
HITS = (
    a_hit(
        0,
        1,
        host="sql01.gov.example",
        user="GOV\\lan.pham",
        detail="CommandLine: cmd.exe /c vssadmin delete shadows /all",
    ),
    a_hit(0, minute=7, host="web01.gov.example", detail="CommandLine: cmd.exe /c whoami"),
    a_hit(2, minute=None, host="\x1b]0;x\x07", user="=evil", detail="[bold]x[/]"),
)


def shown(view: str, width: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    out = io.StringIO()
    console = console_for(out, "never")
    sources = [
        a_source(0, "logs/sql01.ndjson", 123_456),
        a_source(1, "logs/empty.evtx", 0),
        a_source(2, "logs/x\x1b[31m", 5),
    ]
    finding = Finding(
        source=0,
        hits=HITS,
        faults=(Fault(2, -1, 0, "not recognised as any log format"), Fault(0, 99, 12, "not JSON")),
        events=1234,
        bytes_read=123_456,
        fields={SYSMON: {"Hashes": False}},
        formats={0: "ndjson", 1: ""},
    )
    tally = Tally(sources, RULES, left_out=3)
    shows: View = TimelineView(console, RULES, ZONE) if view == "timeline" else GroupsView(console, RULES, ZONE, view)
    shows.take(tally.add(finding))
    summary = tally.summary(2.0)
    shows.end(summary)
    put(console, "", *files_table(summary.files, width), "", *summary_lines(summary, width))
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("code", ["en", "vi"])
@pytest.mark.parametrize("view", ["rule", "host", "technique", "timeline"])
def test_what_is_shown_is_as_it_was_looked_at(
    view: str, code: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    language.use(code)
    text = shown(view, width, monkeypatch)
    path = GOLDEN / f"{view}-{code}-{width}.txt"
    if os.environ.get("REWRITE_GOLDEN"):  # look at every change before it is committed
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
    assert max(map(len, text.splitlines())) <= width


def test_without_colour_nothing_but_text_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(line.isprintable() for line in shown("rule", 80, monkeypatch).splitlines())


@pytest.mark.parametrize(
    ("color", "environ", "coloured"),
    [("always", {}, True), ("never", {}, False), ("auto", {}, False), ("always", {"NO_COLOR": "1"}, True)],
)
def test_colours_follow_the_setting(
    color: str, environ: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    out = io.StringIO()
    console = console_for(out, color)
    view = GroupsView(console, RULES, ZONE, "rule")
    view.take(HITS)
    tally = Tally([], RULES)
    tally.add(Finding(hits=HITS))
    view.end(tally.summary(1))
    assert coloured == ("\x1b[" in out.getvalue())


def test_no_rule_hit_is_only_said_of_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = []
    for formats in ({0: "ndjson"}, {}):
        out = io.StringIO()
        tally = Tally([a_source()], RULES)
        tally.add(Finding(formats=formats))
        GroupsView(console_for(out, "never"), RULES, ZONE, "rule").end(tally.summary(1))
        said.append(out.getvalue())
    assert ["No rule hit.\n", ""] == said


def test_the_timeline_tells_where_hits_came_from() -> None:
    lines = [(None, 0, "", "203.0.113.5", "", "x"), (None, 0, "web01", "", "", "y")]
    told = [line.plain.split() for line in timeline_table(lines, RULES, ZONE, 200)]
    assert (["source", "host"], ["203.0.113.5", "x"], ["web01", "y"]) == (told[0][3:5], told[1][-2:], told[2][-2:])
