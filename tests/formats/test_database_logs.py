"""Native events of database logs: statements whole, whoever wrote them and however they are cut."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sentinel.formats import json_lines, postgresql
from sentinel.formats.registry import formats
from tests.formats.reading import faults_of, rows_of
from tests.formats.server_logs import LOGS

OF = {each.name: each for each in formats()}


def events_of(name: str, data: bytes | None = None) -> list[dict[str, Any]]:
    rows = rows_of(OF[name], LOGS[name] if data is None else data)
    return [{column.split(".", 2)[2]: value for column, value in row.items()} for row in rows]


def test_a_line_feed_in_a_statement_forges_no_event_of_the_csv_log() -> None:
    statements = [event.get("statement") for event in events_of("postgresql_csv")]
    assert [None, "select *\nfrom users, t where name = '\n2026-11-22 10:00:03.000 UTC,,,forged", None] == statements


def test_a_line_feed_in_a_statement_forges_no_event_of_the_plain_log() -> None:
    assert "select 1,\n'LOG:  not an entry'\nfrom t" == events_of("postgresql")[3]["query"]


PREFIXES = [
    ("2026-11-22 10:00:00.123 UTC [762] ", {"pid": "762"}),
    ("2026-11-22 10:00:00 UTC [762]: [3-1] user=web,db=shop,app=psql 16,client=192.0.2.9 ",
     {"pid": "762", "line_num": "3", "user": "web", "dbname": "shop", "application_name": "psql 16",
      "remote_host": "192.0.2.9"}),
    ("2026-11-22 10:00:00 +07 [762] web@shop ", {"pid": "762", "user": "web", "dbname": "shop"}),
    ("2026-11-22 10:00:00 UTC:192.0.2.9(5123):web@shop:[762]:",
     {"pid": "762", "user": "web", "dbname": "shop", "remote_host": "192.0.2.9", "remote_port": "5123"}),
    ("2026-11-22 10:00:00 UTC-6b038f19.2fa-", {"session_id": "6b038f19.2fa"}),
    ("1795341600.123 [762] ", {"pid": "762"}),
]  # fmt: skip


@pytest.mark.parametrize(("prefix", "parts"), PREFIXES)
def test_the_parts_of_a_prefix_are_found_whatever_their_order(prefix: str, parts: dict[str, str]) -> None:
    line = f"{prefix}LOG:  statement: select 1"
    (event,) = events_of("postgresql", line.encode())
    time = event.pop("timestamp")
    said = {"prefix": prefix, "error_severity": "LOG", "message": "statement: select 1", "query": "select 1"}
    assert (parts | said, True) == (event, prefix.startswith(time))


def test_a_detail_of_another_process_is_no_part_of_an_entry() -> None:
    log = b"2026-11-22 10:00:00 UTC [1] ERROR:  a\n2026-11-22 10:00:00 UTC [2] DETAIL:  b\n"
    assert [("a", None), (None, "b")] == [
        (event.get("message"), event.get("detail")) for event in events_of("postgresql", log)
    ]


def test_a_line_of_no_entry_is_told() -> None:
    log = b"2026-11-22 10:00:00 UTC [1] LOG:  a\nsh: 1: not found\n2026-11-22 10:00:00 UTC [1] LOG:  b\n"
    assert [2] == [fault.line for fault in faults_of(OF["postgresql"], log)]
    assert 2 == len(events_of("postgresql", log))


def test_syslog_hands_over_a_message_without_its_number() -> None:
    told = postgresql.tell('[5-1] 2026-11-22 10:00:00 UTC [762] web@shop ERROR:  relation "x" does not exist')
    assert told is not None
    assert ("ERROR", 'relation "x" does not exist') == (told[1]["error_severity"], told[1]["message"])


JSON_LOGS = [
    ({"timestamp": "2026-11-22 10:00:00.1 UTC", "pid": 7, "session_id": "a.b", "line_num": 1, "error_severity": "LOG",
      "message": "statement: drop table users"}, "postgresql.log", "drop table users"),
    ({"prio": 2, "err_code": 10068, "msg": "CA certificate", "time": "2026-11-22T10:00:00.1Z", "label": "Warning"},
     "mysql.error", None),
    ({"timestamp": "2026-11-22 10:00:00", "id": 0, "class": "general", "event": "status", "connection_id": 8,
      "account": {"user": "root", "host": "localhost"},
      "general_data": {"command": "Query", "sql_command": "drop_table", "query": "drop table users", "status": 0}},
     "mysql.audit", "drop table users"),
    ({"audit_record": {"name": "Query", "record": "1_2", "timestamp": "2026-11-22T10:00:00 UTC", "status": 0,
      "sqltext": "drop table users", "user": "root[root] @ localhost []"}}, "mysql.audit", "drop table users"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "dataset", "query"), JSON_LOGS)
def test_json_of_database_servers_is_told_by_its_names(record: dict[str, Any], dataset: str, query: str | None) -> None:
    line = json.dumps(record).encode()
    assert json_lines.recognise(line)
    (row,) = rows_of(json_lines.FORMAT, line)
    assert (True, query) == (any(name.startswith(dataset) for name in row), row.get(f"{dataset}.query"))


def test_a_statement_of_the_general_log_goes_over_lines_and_takes_the_time_before() -> None:
    events = events_of("mysql_general")
    assert "select *\nfrom users\nwhere a = 1" == events[1]["query"]
    assert ["261122 10:00:00"] * 3 == [event["Time"] for event in events[:3]]


def test_an_entry_of_the_slow_log_ends_where_the_next_begins() -> None:
    first, second = events_of("mysql_slow")
    assert ("select sleep(2),\n# not a head\n'x';", "2.000123", "shop") == (
        first["query"], first["Query_time"], first["db"],
    )  # fmt: skip
    assert ("Quit", first["Time"], "192.0.2.9") == (second["administrator_command"], second["Time"], second["ip"])


def test_the_audit_log_escapes_quotes_and_line_feeds() -> None:
    assert "select 'a', b\nfrom t where c = 'O',1" == events_of("mysql_audit")[1]["query"]
