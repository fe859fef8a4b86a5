"""The ticket: what Markdown readers make of it, and what they must not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel.console.markdown import code, markdown, table, text
from sentinel.detect.plan import About
from sentinel.formats.base import Fault
from tests.console.a_report import RULES, a_report, an_event, told_of

JOINER = "\u2060"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a|b", "a&#124;b"),
        ("a\\|b", "a&#92;&#124;b"),
        ("`x`", "\\`x\\`"),
        ("<img src=x>", "&#60;img src=x&#62;"),
        ("![x](http://e.example)", f"\\!\\[x\\](http{JOINER}://e.example)"),
        ("www.e.example", f"www{JOINER}.e.example"),
        ("@lan #12", f"@{JOINER}lan #{JOINER}12"),
        ("javascript:x", f"javascript{JOINER}:x"),
        ("*a* _b_ ~c~ $d$", "\\*a\\* \\_b\\_ \\~c\\~ \\$d\\$"),
        ("&lt;", "&#38;lt;"),
        ("a\nb\x1b\u202e", "a&#92;nb&#92;x1b&#92;u202e"),
        ("Báo cáo quý III", "Báo cáo quý III"),
    ],
)
def test_text_stays_text(value: str, written: str) -> None:
    assert written == text(value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a", "`a`"),
        ("a`b", "``a`b``"),
        ("``", "``` `` ```"),
        (" a ", "`  a  `"),
        ("", "–"),
        ("a\nb", "`a\\nb`"),
        ("x" * 400, f"`{'x' * 300}…`"),
    ],
)
def test_values_stand_in_code_whatever_backticks_they_hold(value: str, written: str) -> None:
    assert written == code(value)


def test_a_table_has_as_many_cells_in_every_row() -> None:
    lines = list(table(["a", "b"], [["x|y", "z"]], right={1}))
    assert ["| a | b |", "| --- | ---: |", "| x&#124;y | z |"] == lines


def test_the_ticket_tells_rules_evidence_and_account() -> None:
    told = markdown(a_report(an_event(minute=5), an_event(1), faults=(Fault(0, 3, 7, "is broken"),)))
    assert told.startswith("# Scan report: logs\n\n2 hits: **1 critical**, **1 high**\n")
    assert (
        "| critical | Copies deleted | 1 | web01.gov.example | 2026-11-20 12:00:00 | 2026-11-20 12:00:00 | T1059.003 |"
        in told
    )
    assert (
        "**Shell started** (high): 2026-11-20 12:05:00 · web01.gov.example · GOV&#92;lan\n\n- CommandLine: `evil.exe`\n"
        in told
    )
    assert "| Execution | 2 | T1059.003 |" in told
    assert "- fault: `logs/a.ndjson:7`: is broken\n" in told
    assert "| logs/a.ndjson | ndjson | 9 | 1 |\n" in told


def test_a_ticket_without_hits_says_so() -> None:
    assert "No rule hit." in markdown(a_report())


def test_hostile_titles_hosts_and_paths_do_no_harm() -> None:
    evil = "](javascript:alert(1)) | <script> `x` \x1b[31m\n# head"
    ruleset = told_of(RULES, 0, About(), title=evil)
    told = markdown(a_report(an_event(host=evil, user=evil), ruleset=ruleset, asked=(evil,), path="a|<b>.log"))
    assert "<" not in told
    assert "\x1b" not in told
    assert ["# Scan report", "## Rules that hit", "## Evidence", "## ATT", "## Account"] == [
        line.split(":")[0].split("&")[0].removesuffix(" of the scan")
        for line in told.splitlines()
        if line.startswith("#")
    ]
    assert {8} == {line.count("|") for line in told.splitlines() if line.startswith("| high")}


def test_the_ticket_tells_where_a_hit_came_from() -> None:
    assert "203.0.113.5 → web01.gov.example" in markdown(a_report(replace(an_event(0), peer="203.0.113.5")))
