"""Syslog, the journal and what devices log come out as ECS says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.formats import journal, syslog
from sentinel.normalise.batch import normalise
from sentinel.normalise.syslog_values import read_syslog
from sentinel.normalise.tables import family_of
from sentinel.normalise.times import Clock
from tests.builders import row_of
from tests.formats import syslog_lines as given
from tests.formats.reading import batches_of

if TYPE_CHECKING:
    from sentinel.formats.base import Format

HANOI = timezone(timedelta(hours=7))
NOW = int(datetime(2026, 10, 2, tzinfo=UTC).timestamp()) * 10**9
CLOCK = Clock(HANOI, NOW)
BESIDE = {"ecs.version", "event.created", "event.ingested", "event.kind", "event.module", "event.dataset", "message"}


def ecs_of(data: bytes, of: Format = syslog.FORMAT) -> dict[str, Any]:
    """Give what of an event is ECS, not the same for all events, and not of the header of syslog."""
    (batch,) = batches_of(of, data)
    row = row_of(normalise(batch, NOW, CLOCK))
    own = (f"{batch.kind.dataset}.", "log.syslog.", "related.")
    return {
        name: value
        for name, value in row.items()
        if value is not None and not name.startswith(own) and name not in BESIDE
    }


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


AT = at("2026-10-01T22:14:15+07:00")
HOST = {"@timestamp": AT, "host.name": "an-phu-01", "host.hostname": "an-phu-01"}
CASES: list[tuple[str, dict[str, Any]]] = [
    (
        given.FAILED,
        HOST
        | {
            "event.action": "ssh-login",
            "event.category": ["authentication"],
            "event.type": ["start"],
            "event.outcome": "failure",
            "user.name": "admin",
            "source.ip": "203.0.113.7",
            "source.address": "203.0.113.7",
            "source.port": 40022,
            "process.name": "sshd",
            "process.pid": 1234,
        },
    ),
    (
        given.SUDO,
        HOST
        | {
            "event.action": "sudo-command",
            "event.category": ["process"],
            "event.type": ["start"],
            "event.outcome": "success",
            "user.name": "lan",
            "user.effective.name": "root",
            "process.name": "sudo",
            "process.command_line": "/bin/sh -c a ; COMMAND=b",
            "process.working_directory": "/home/lan",
            "process.tty.name": "pts/0",
        },
    ),
    (
        given.ADDED,
        HOST
        | {
            "event.action": "user-added",
            "event.category": ["iam"],
            "event.type": ["user", "creation"],
            "event.outcome": "success",
            "user.target.name": "hotro",
            "user.target.id": "0",
            "process.name": "useradd",
            "process.pid": 1337,
            "process.tty.name": "/dev/pts/1",
        },
    ),
    (
        given.PACKET,
        HOST
        | {
            "event.action": "packet-logged",
            "event.category": ["network"],
            "event.type": ["denied"],
            "source.ip": "203.0.113.9",
            "source.port": 40000,
            "destination.ip": "192.0.2.10",
            "destination.port": 23,
            "network.transport": "tcp",
            "network.type": "ipv4",
            "observer.ingress.interface.name": "eth0",
            "rule.name": "[UFW BLOCK]",
            "process.name": "kernel",
        },
    ),
    (
        given.CEF,
        {
            "@timestamp": at("2026-10-01T15:14:15+00:00"),
            "event.action": "deny",
            "event.type": ["denied"],
            "event.code": "100",
            "host.name": "fw-01",
            "observer.vendor": "Example",
            "observer.product": "Wall",
            "observer.version": "1.0",
            "rule.name": "blocked | logged",
            "user.name": "lan",
            "source.ip": "203.0.113.7",
            "source.port": 4444,
            "destination.ip": "192.0.2.10",
            "destination.port": 22,
            "network.transport": "tcp",
            "network.type": "ipv4",
            "observer.hostname": "fw-01",
        },
    ),
    (
        given.LEEF,
        {
            "@timestamp": AT,
            "event.code": "100",
            "host.name": "fw-01",
            "observer.hostname": "fw-01",
            "observer.vendor": "Example",
            "observer.product": "Wall",
            "observer.version": "1.0",
            "source.ip": "203.0.113.7",
            "destination.ip": "192.0.2.10",
            "network.type": "ipv4",
        },
    ),
    (
        given.IOS,
        {
            "@timestamp": at("2026-10-01T22:14:15.123+00:00"),
            "event.code": "CFGLOG_LOGGEDCMD",
            "event.severity": 5,
            "log.level": "information",
            "observer.vendor": "Cisco",
            "user.name": "lan",
            "process.command_line": "no dot1x system-auth-control",
        },
    ),
    (
        given.ASA,
        {
            "@timestamp": AT,
            "event.action": "deny",
            "event.category": ["network"],
            "event.type": ["denied"],
            "event.code": "106023",
            "event.severity": 4,
            "log.level": "warning",
            "observer.vendor": "Cisco",
            "source.ip": "203.0.113.7",
            "source.port": 4444,
            "destination.ip": "192.0.2.10",
            "destination.port": 22,
            "network.transport": "tcp",
            "network.type": "ipv4",
            "observer.ingress.interface.name": "outside",
            "observer.egress.interface.name": "inside",
        },
    ),
]


@pytest.mark.parametrize(("line", "expected"), CASES, ids=[line[:60] for line, _expected in CASES])
def test_a_line_in_ecs(line: str, expected: dict[str, Any]) -> None:
    assert expected == ecs_of(line.encode())


def test_the_header_of_syslog_in_ecs() -> None:
    (batch,) = batches_of(syslog.FORMAT, given.PROTOCOL.encode())
    row = row_of(normalise(batch, NOW, CLOCK))
    assert {
        "log.syslog.appname": "evntslog",
        "log.syslog.facility.code": 20,
        "log.syslog.facility.name": "local4",
        "log.syslog.hostname": "portal.gov.example",
        "log.syslog.msgid": "ID47",
        "log.syslog.priority": 165,
        "log.syslog.procid": "77",
        "log.syslog.severity.code": 5,
        "log.syslog.severity.name": "notice",
        "log.syslog.version": "1",
    } == {name: value for name, value in row.items() if name.startswith("log.syslog.")}


def test_an_entry_of_the_journal_in_ecs() -> None:
    found = ecs_of(given.entry("sshd", given.FAILED.split(": ", 1)[1]), journal.FORMAT)
    assert {
        "@timestamp": at("2026-10-01T15:14:15.000123+00:00"),
        "event.action": "ssh-login",
        "event.category": ["authentication"],
        "event.type": ["start"],
        "event.outcome": "failure",
        "event.id": "s=1;i=1;b=2",
        "host.name": "an-phu-01",
        "host.hostname": "an-phu-01",
        "log.level": "information",
        "process.name": "sshd",
        "process.pid": 1234,
        "source.ip": "203.0.113.7",
        "source.address": "203.0.113.7",
        "source.port": 40022,
        "user.name": "admin",
    } == found


def test_a_peer_that_is_a_name_is_no_address() -> None:
    found = ecs_of(given.FAILED.replace("203.0.113.7", "pc-01.gov.example").encode())
    assert ("pc-01.gov.example", None) == (found["source.domain"], found.get("source.ip"))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Oct  1 22:14:15", "2026-10-01T22:14:15+07:00"),
        ("Dec 31 22:14:15", "2025-12-31T22:14:15+07:00"),
        ("Oct  1 2025 22:14:15", "2025-10-01T22:14:15+07:00"),
        ("Oct  1 22:14:15.5 GMT", "2026-10-01T22:14:15.5+00:00"),
        ("Oct  1 22:14:15 ICT", "2026-10-01T22:14:15+07:00"),
        ("2026-10-01T22:14:15Z", "2026-10-01T22:14:15+00:00"),
        ("1790867655000", "2026-10-01T15:14:15+00:00"),
    ],
)
def test_times_are_read_by_the_clock(text: str, time: str) -> None:
    assert int(datetime.fromisoformat(time).timestamp() * 10) * 10**8 == read_syslog(text, CLOCK)


def test_what_is_no_time_is_none() -> None:
    assert [None, None] == [read_syslog("Foo  1 22:14:15", CLOCK), read_syslog("22:14", CLOCK)]


HEAD = "Nov 20 10:05:02 ns1 "
QUERY = "client @0x7f 10.49.8.11#1000 (pool.example): query: pool.example IN A -E(0)DC (10.49.8.1)"
CARRIED = {
    f"{HEAD}named[99]: {QUERY}": ("bind.query", "2026-11-20T10:05:02"),
    f"{HEAD}audisp-syslog: type=USER_AUTH msg=audit(1795144301.000:1): pid=900 uid=0 res=failed": (
        "linux.auditd",
        "2026-11-20T03:11:41",
    ),
    f"{HEAD}audit[1]: SYSCALL arch=c000003e syscall=59": ("linux.auditd", "2026-11-20T10:05:02"),
    f"{HEAD}haproxy[1]: 203.0.113.9:51009 [20/Nov/2026:10:04:09.123] fe_https~ be_app/app1 0/0/1/12/13 200 1234 - - "
    '---- 1/1/0/0/0 0/0 "GET /d HTTP/1.1"': ("haproxy.http", "2026-11-20T10:04:09"),
    f"{HEAD}squid[9]: 1795143600.123    250 10.49.8.10 TCP_MISS/200 45 GET http://u.example/f - "
    "HIER_DIRECT/203.0.113.20 text/html": ("squid.access", "2026-11-20T03:00:00"),
}


@pytest.mark.parametrize(("line", "expected"), CARRIED.items(), ids=[expected[0] for expected in CARRIED.values()])
def test_a_log_within_syslog_has_the_host_of_the_header_and_a_time(line: str, expected: tuple[str, str]) -> None:
    dataset, time = expected
    (batch,) = batches_of(syslog.FORMAT, line.encode())
    now = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp()) * 10**9
    row = normalise(batch, now).columns.to_pylist()[0]
    assert (dataset, "ns1", time) == (
        batch.kind.dataset,
        row["host.name"],
        f"{row['@timestamp']:%Y-%m-%dT%H:%M:%S}",
    )
    first = next(name for name in family_of(dataset).hosts if f"{dataset}.{name}" in row)
    assert "ns1" == row[f"{dataset}.{first}"]
