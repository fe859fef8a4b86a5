"""Hits for other programs: JSON and CSV from one table."""

from __future__ import annotations

import csv
import io
import json

import pytest

from sentinel.console.hits import CSV_FIELDS, FIELDS, Rows, as_csv, as_json, cell
from tests.console.a_scan import a_hit, a_rule, a_ruleset, a_source

RULES = a_ruleset(a_rule("Log cleared", 3, "attack.t1070.001"), a_rule("Other", 0, identity="r2"))


def rows() -> Rows:
    return Rows(RULES, [a_source(path="logs/a.ndjson"), a_source(1, "b.zip!a.ndjson")])


def test_a_hit_is_one_json_object_a_rule() -> None:
    hit = a_hit(0, 1, evidence=b'{"host":{"name":"web01"}}', user="lan", peer="203.0.113.5")
    first, second = (json.loads(as_json(row)) for row in rows().of([hit]))
    assert {
        "rule": {
            "id": "r1",
            "title": "Log cleared",
            "level": "high",
            "status": "test",
            "tags": ["attack.t1070.001"],
            "path": "rules/r1.yml",
        },
        "event": {
            "id": "e1",
            "time": "2026-11-20T05:00:00.000000000Z",
            "dataset": "windows.system",
            "code": "104",
            "host": "web01",
            "user": "lan",
            "source": "203.0.113.5",
            "file": "logs/a.ndjson",
            "offset": 7,
        },
        "evidence": {"host": {"name": "web01"}},
    } == first
    assert ("r2", "e1") == (second["rule"]["id"], second["event"]["id"])


def test_json_holds_nothing_that_a_terminal_obeys_and_loses_nothing() -> None:
    hostile = "\x1b[2J\x07\x7f\x9b31m\x85\u061c\u200e\u2028\u202e\u2066 ế \U0001f600"
    (row,) = rows().of([a_hit(host=hostile, evidence=json.dumps({"x": hostile}, ensure_ascii=False).encode())])
    written = as_json(row).decode()
    assert (hostile, hostile) == (json.loads(written)["event"]["host"], json.loads(written)["evidence"]["x"])
    assert [" ", "ế", "\U0001f600"] == sorted({c for c in written if not c.isascii() or not c.isprintable()} | {" "})


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", r"'\tx"),
        ("\r=x", r"'\r=x"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
        ("\x1b[2J", r"\x1b[2J"),
        (None, ""),
        (("attack.t1", "b"), "attack.t1 b"),
    ],
)
def test_no_cell_is_a_formula(value: object, shown: str) -> None:
    assert shown == cell(value)


def test_csv_reads_back_as_the_columns_it_names() -> None:
    (row,) = rows().of([a_hit(host='a,"b', detail="x\ny")])
    (line,) = csv.reader(io.StringIO(as_csv([field.value(row) for field in CSV_FIELDS])))
    values = dict(zip([field.name for field in CSV_FIELDS], line, strict=True))
    assert ('a,"b', r"x\ny", "7") == (values["event.host"], values["detail"], values["event.offset"])
    assert len(FIELDS) + 1 == len(line)
