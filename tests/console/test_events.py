"""Stored events as tables and whole: golden text at 80 and 200 columns, and that hostile values do no harm."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel import language
from sentinel.console.events import chosen_table, event_lines, events_table
from sentinel.console.marks import Marks
from sentinel.console.theme import MARK, console_for, put
from sentinel.console.times import zone_named
from sentinel.store.base import StoredEvent
from sentinel.store.query.parse import parse
from tests.console.a_stored import NOON, a_login, a_process, a_stored, an_access

if TYPE_CHECKING:
    from rich.text import Text

GOLDEN = Path(__file__).parent / "golden"
ZONE = zone_named("Asia/Ho_Chi_Minh")
NO_MARKS = Marks(parse("*"))
ACCESS = [
    an_access("/nop-ho-so?id=1' UNION SELECT 1,2--", minute=3),
    an_access("/login", 403, minute=1, client="203.0.113.66"),
    an_access("/\x1b]0;x\x07[red]\u202e", 404, minute=1),
]
PROCESSES = [
    a_process("cmd.exe /c vssadmin delete shadows /all", minute=2),
    a_process("cmd.exe /c whoami", minute=1, host="web01.gov.example"),
]
SSH = a_stored(
    "linux.syslog",
    {"host": "gw01", "program": "sshd", "message": "Failed password for root from 203.0.113.66 port 4711 ssh2"},
    minute=5,
)
EVENTS = {
    "access": ACCESS,
    "processes": PROCESSES,
    "mixed": [SSH, *ACCESS, *PROCESSES, a_login("quản trị", minute=-400_000)],
}


def plain(lines: list[Text]) -> list[str]:
    return [line.plain for line in lines]


def table(*events: StoredEvent, width: int = 200, query: str = "*") -> list[Text]:
    return events_table(events, ZONE, width, Marks(parse(query)))


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("code", ["en", "vi"])
@pytest.mark.parametrize("name", [*EVENTS, "whole"])
def test_what_is_shown_is_as_it_was_looked_at(
    name: str, code: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    language.use(code)
    out = io.StringIO()
    lines = event_lines(PROCESSES[0], ZONE, width) if name == "whole" else table(*EVENTS[name], width=width)
    put(console_for(out, "never"), *lines)
    path = GOLDEN / f"events-{name}-{code}-{width}.txt"
    if os.environ.get("REWRITE_GOLDEN"):  # look at every change before it is committed
        path.write_text(out.getvalue(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == out.getvalue()
    assert max(map(len, out.getvalue().splitlines())) <= width
    assert all(line.isprintable() for line in out.getvalue().splitlines())


def test_events_of_one_kind_have_columns_by_the_names_that_queries_know() -> None:
    assert "process.command_line" in plain(table(*PROCESSES))[0].split()
    assert "response.status_code" in plain(table(*ACCESS))[0].split()


def test_different_events_each_tell_their_own() -> None:
    lines = plain(table(*PROCESSES, *ACCESS))
    assert "what happened" in lines[0]
    assert "cmd.exe /c whoami · process.executable: C:" in lines[2]
    assert "GET /login HTTP/1.1 · response.status_code: 403" in lines[4]


def test_an_event_of_an_unknown_dataset_tells_its_first_own_fields() -> None:
    event = a_stored("windows.nobody_knows", {"Computer": "pc1", "Strange": "a", "Other": "b"}, code="7")
    assert "Other: b · Strange: a" in plain(table(event))[1]


def test_where_it_is_narrow_what_was_done_stands_before_what_does_not_read_as_a_sentence() -> None:
    lines = plain(table(*EVENTS["mixed"], width=80))
    assert "logon-failed · source.ip" in lines[-1]
    assert "process-created" not in lines[-2]


def test_an_event_that_tells_nothing_is_shown_all_the_same() -> None:
    lines = plain(table(StoredEvent("00", NOON, "windows.system", {})))
    assert ["2026-11-20 12:00:00", "00"] == [lines[1][:19], lines[1].split()[-1]]


def test_the_first_text_of_a_column_is_never_left_out() -> None:
    assert all("cmd" in line for line in plain(table(*PROCESSES, width=40))[1:])


@pytest.mark.parametrize("width", [30, 50, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = [*table(*EVENTS["mixed"], width=width), *table(*ACCESS, width=width)]
    assert max(line.cell_len for line in lines if width > 40 or line.cell_len < 60) <= max(width, 59)


def test_what_was_looked_for_is_marked_where_it_was_found() -> None:
    lines = table(*PROCESSES, query="process.command_line:*WHOAMI* AND NOT user.name:lan")
    marked = [line.plain[span.start : span.end] for line in lines for span in line.spans if span.style == MARK]
    assert ["whoami"] == marked


def test_chosen_fields_are_shown_in_the_order_in_which_they_were_chosen() -> None:
    lines = plain(chosen_table(PROCESSES, ["event.id", "@timestamp", "related.user", "no.such"], ZONE, 200, NO_MARKS))
    assert ["event.id", "@timestamp", "related.user", "no.such"] == lines[0].split()
    assert [PROCESSES[0].id, "2026-11-20", "12:02:00", "lan.pham"] == lines[1].split()


def test_a_whole_event_leaves_no_character_out() -> None:
    long = "đ" * 500 + "\x1b[31m"
    event = replace(
        PROCESSES[0], fields={"message": long, "message.more": "x", "list": ["a", "b"], "_overflow": {"a": "b"}}
    )
    lines = plain(event_lines(event, ZONE, 60))
    assert 500 == "".join(lines).count("đ")
    assert "\\x1b[31m" in "".join(line.strip() for line in lines)
    assert any(line.split() == ["list", "a;", "b"] for line in lines)
    assert any(line.split() == ["more", "x"] for line in lines)
    assert all(line.isprintable() for line in lines)
