"""Tables: columns shorten, then go, and no row ever wraps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from sentinel.console.tables import EXTRA, Column, table
from sentinel.console.text import width_of

COLUMNS = [
    Column("level", ["high", "low"]),
    Column("rule", ["A program is started by a document", "Log cleared"], least=8, fair=20),
    Column("hits", ["1", "1,234"], right=True),
    Column("host", ["web01", "sql01"], rank=1),
    Column("example", ["CommandLine: x.exe", ""], rank=EXTRA, least=10),
]


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (
            90,
            [
                "level  rule                                 hits  host   example",
                "high   A program is started by a document      1  web01  CommandLine: x.exe",
                "low    Log cleared                         1,234  sql01",
            ],
        ),
        (
            54,
            [
                "level  rule                    hits  host   example",
                "high   A program is started…      1  web01  CommandLi…",
                "low    Log cleared            1,234  sql01",
            ],
        ),
        (
            44,
            [
                "level  rule                      hits  host",
                "high   A program is started b…      1  web01",
                "low    Log cleared              1,234  sql01",
            ],
        ),
        (24, ["level  rule         hits", "high   A program…      1", "low    Log clear…  1,234"]),
    ],
)
def test_columns_shorten_and_go_with_the_width(width: int, lines: list[str]) -> None:
    assert lines == [line.plain.rstrip() for line in table(COLUMNS, width)]


@given(st.integers(20, 200), st.lists(st.text(max_size=80), min_size=1, max_size=4))
def test_no_line_is_wider_than_it_may_be(width: int, cells: list[str]) -> None:
    columns = [
        Column("level", ["high"] * len(cells)),
        Column("rule", cells, least=6),
        Column("host", cells, rank=1, least=4),
    ]
    lines = table(columns, width)
    assert len(cells) + 1 == len(lines)
    assert all(width_of(line.plain) <= width and "\n" not in line.plain for line in lines)


def test_cells_are_neither_markup_nor_commands() -> None:
    lines = table([Column("host", ["[red]x\x1b[2J\u202e", Text("y\x1b", style="bold")])], 80)
    assert ["host", r"[red]x\x1b[2J\u202e", r"y\x1b"] == [line.plain for line in lines]
