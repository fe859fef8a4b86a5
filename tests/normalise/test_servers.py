"""Logs of DNS, DHCP and database servers come out in the schema."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sentinel.formats.local_dates import iso_of
from sentinel.normalise.batch import normalise
from sentinel.normalise.database_times import read_mysql, read_postgresql
from sentinel.normalise.tables import FAMILIES
from sentinel.normalise.times import Clock
from tests.builders import row_of
from tests.formats.reading import batches_of
from tests.formats.server_logs import LOGS
from tests.normalise.server_rows import NOW, ecs_of, time_of

# What one event of each dataset says: log, dataset, its number, its time, and some of its columns.
SAID = [
    ("bind", "bind.query", 0, "2026-11-22T10:00:00.123000+00:00",
     {"dns.question.name": "www.example.com", "dns.question.type": "A", "source.ip": "192.0.2.1", "source.port": 53211,
      "network.transport": "udp", "dns.header_flags": ["RD"], "server.ip": "192.0.2.53"}),
    ("bind", "bind.query", 1, "2026-11-22T10:00:01+00:00", {"network.transport": "tcp", "source.ip": "2001:db8::7"}),
    ("bind", "bind.log", 0, "2026-11-22T10:00:03+00:00", {"event.outcome": "failure", "log.logger": "security"}),
    ("bind", "bind.log", 1, "2026-11-22T10:00:04+00:00", {"rule.name": "bad.example.rpz.local"}),
    ("unbound", "unbound.query", 1, "2023-11-14T22:13:21+00:00",
     {"dns.question.name": "www.example.com", "dns.type": "answer", "dns.response_code": "NOERROR",
      "event.duration": 20_500_000}),
    ("unbound", "unbound.log", 2, "2023-11-14T22:13:24.500000+00:00",
     {"event.action": "rpz-nxdomain", "rule.ruleset": "local", "source.port": 5353}),
    ("dnsmasq", "dnsmasq.query", 1, "2026-11-22T10:00:00+00:00", {"dns.resolved_ip": ["192.0.2.80"]}),
    ("dnsmasq", "dnsmasq.query", 3, "2026-11-22T10:00:01+00:00", {"dns.response_code": "NXDOMAIN"}),
    ("dnsmasq", "dnsmasq.dhcp", 0, "2026-11-22T10:00:03+00:00",
     {"event.action": "dhcp-assign", "source.mac": "00-00-5E-00-53-23", "host.name": "may-01"}),
    ("windows_dns", "msdns.debug", 1, "2026-11-22T09:55:13+00:00",
     {"dns.type": "query", "source.ip": "192.0.2.1", "source.port": 54397, "network.direction": "ingress"}),
    ("windows_dns", "msdns.debug", 2, "2026-11-22T09:55:14+00:00",
     {"dns.response_code": "NXDOMAIN", "dns.header_flags": ["AA", "RD", "RA"], "network.transport": "tcp",
      "dns.resolved_ip": ["192.0.2.80", "192.0.2.81"], "destination.ip": "192.0.2.1"}),
    ("windows_dhcp", "msdhcp.server", 1, "2026-11-22T08:30:00+00:00",
     {"event.action": "dhcp-assign", "event.type": ["start"], "event.outcome": "success", "client.ip": "192.0.2.10",
      "host.mac": "00-00-5E-00-53-23", "host.name": "may-01.example"}),
    ("windows_dhcp", "msdhcp.server", 2, "2026-11-22T08:31:00+00:00",
     {"event.type": ["denied"], "event.outcome": "failure"}),
    ("postgresql", "postgresql.log", 2, "2026-11-22T10:00:02+00:00",
     {"user.name": "postgres", "event.action": "authentication", "event.outcome": "failure"}),
    ("postgresql", "postgresql.log", 3, "2026-11-22T03:00:03+00:00",
     {"event.duration": 12_500_000, "source.ip": "192.0.2.9", "sentinel.database.name": "shop",
      "sentinel.database.statement": "select 1,\n'LOG:  not an entry'\nfrom t"}),
    ("postgresql_csv", "postgresql.log", 1, "2026-11-22T10:00:02+00:00",
     {"error.code": "42601", "event.outcome": "failure", "source.address": "[local]"}),
    ("mysql_error", "mysql.error", 1, "2026-11-22T10:00:01.123456+00:00",
     {"user.name": "root", "source.ip": "192.0.2.1", "event.outcome": "failure"}),
    ("mysql_general", "mysql.general", 3, "2026-11-22T10:00:01+00:00",
     {"event.action": "connect", "event.outcome": "failure", "user.name": "root"}),
    ("mysql_slow", "mysql.slow", 0, "2026-11-22T10:00:00.123456+00:00",
     {"event.duration": 2_000_123_000, "sentinel.database.name": "shop", "source.ip": "127.0.0.1"}),
    ("mysql_audit", "mysql.audit", 3, "2026-11-22T10:00:02+00:00",
     {"event.action": "logon", "event.outcome": "failure", "error.code": "1045", "host.name": "db1"}),
    ("csv", "csv.table", 0, "2026-11-22T10:00:00+00:00", {"user.name": "an"}),
]  # fmt: skip


@pytest.mark.parametrize(("log", "dataset", "row", "time", "said"), SAID)
def test_an_event_has_the_columns_of_the_schema(
    log: str, dataset: str, row: int, time: str, said: dict[str, object]
) -> None:
    columns = ecs_of(log, dataset, row)
    assert time == time_of(columns)
    assert said == {name: columns.get(name) for name in said}


@pytest.mark.parametrize("log", sorted(LOGS))
def test_every_text_fits_its_column(log: str) -> None:
    from sentinel.formats.registry import formats

    of = next(each for each in formats() if each.name == log)
    for batch in batches_of(of, LOGS[log]):
        made = normalise(batch, NOW)
        assert [None] * len(batch) == [row_of(made, row)["_overflow"] for row in range(len(batch))]


def test_every_dataset_here_has_an_event() -> None:
    ours = {"bind", "unbound", "dnsmasq", "msdns", "msdhcp", "postgresql", "mysql", "csv"}
    named = {family.dataset for family in FAMILIES if family.dataset.partition(".")[0] in ours}
    assert {"dnsmasq.log"} == named - {dataset for _log, dataset, *_rest in SAID}


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("22/11/2026 10:00:00", "2026-11-22T10:00:00"),
        ("11/22/2026 10:00:00", "2026-11-22T10:00:00"),
        ("02/11/2026 10:00:00", "2026-11-02T10:00:00"),
        ("2/11/2026 1:00:00 PM", "2026-02-11T13:00:00"),
        ("22/11/2026 12:00:00 AM", "2026-11-22T00:00:00"),
        ("2/11/2026 1:00:00 CH", "2026-11-02T13:00:00"),
        ("2/11/2026 12:30:00 SA", "2026-11-02T00:30:00"),
        ("2.11.2026 10.00.00", "2026-11-02T10:00:00"),
        ("2026/11/02 10:00:00.5", "2026-11-02T10:00:00.5"),
        ("2/11/26 10:00", "2026-11-02T10:00:00"),
        ("yesterday", None),
    ],
)
def test_the_day_of_a_date_of_numbers_is_told_by_rule(text: str, iso: str | None) -> None:
    assert iso == iso_of(text)


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2026-11-22 10:00:00 UTC", 10), ("2026-11-22 10:00:00.5 ICT", 3), ("2026-11-22 10:00:00 +07", 3)],
)
def test_postgresql_names_its_zone(text: str, hour: int) -> None:
    time = read_postgresql(text, Clock())
    assert time is not None
    assert datetime(2026, 11, 22, hour, tzinfo=UTC) == datetime.fromtimestamp(time // 10**9, UTC)


def test_mysql_writes_years_of_two_digits_and_hours_of_one() -> None:
    times = {read_mysql(text, Clock()) for text in ("261122  7:00:00", "2026-11-22  7:00:00", "20261122 07:00:00")}
    assert {int(datetime(2026, 11, 22, 7, tzinfo=UTC).timestamp()) * 10**9} == times
