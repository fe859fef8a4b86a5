"""Events of the Linux audit system come out as ECS says."""

from __future__ import annotations

from typing import Any

import pytest

from sentinel.formats import auditd
from sentinel.formats.auditd_sysmon import parse_sysmon
from sentinel.formats.gather import ALL, Gatherer
from sentinel.normalise import audit as tables
from sentinel.normalise.batch import normalise
from tests.builders import row_of
from tests.formats import audit_lines as audit
from tests.formats.audit_lines import log, program, record
from tests.formats.reading import batches_of
from tests.formats.test_auditd_sysmon import EVENT

NOW = 1_750_000_000_000_000_000
BESIDE = {"@timestamp", "ecs.version", "event.created", "event.ingested", "event.kind", "event.module"}


def ecs_of(*lines: str) -> dict[str, Any]:
    """Give what of an event is ECS and not the same for all events."""
    (batch,) = batches_of(auditd.FORMAT, log(*lines))
    row = row_of(normalise(batch, NOW))
    return {
        name: value
        for name, value in row.items()
        if value is not None and not name.startswith("linux.auditd.") and name not in BESIDE
    }


def test_an_executed_program() -> None:
    assert {
        "event.dataset": "linux.auditd",
        "event.action": "executed",
        "event.category": ["process"],
        "event.type": ["start"],
        "event.outcome": "success",
        "event.sequence": 456,
        "user.id": "1000",
        "user.name": "an",
        "user.effective.id": "1000",
        "user.effective.name": "an",
        "group.id": "1000",
        "group.name": "an",
        "process.pid": 101,
        "process.parent.pid": 100,
        "process.executable": "/usr/bin/ls",
        "process.name": "ls",
        "process.command_line": "ls -l đường dẫn",
        "process.working_directory": "/home/an",
        "process.tty.name": "pts0",
        "process.session_id": "3",
        "rule.name": "exec",
        "related.user": ["an"],
    } == ecs_of(*audit.LS)


def parts(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: row.get(name) for name in names}


CASES: dict[str, tuple[list[str], dict[str, Any]]] = {
    "a connection": (
        audit.CONNECT,
        {
            "event.action": "connected-to",
            "event.category": ["network"],
            "event.outcome": "failure",
            "destination.ip": "198.51.100.7",
            "destination.port": 4444,
            "related.ip": ["198.51.100.7"],
        },
    ),
    "a file": (
        audit.CREATE,
        {
            "event.action": "opened-file",
            "file.path": "/var/www/x y.sh",
            "file.name": "x y.sh",
            "file.extension": "sh",
            "file.directory": "/var/www",
        },
    ),
    "a removed file": (
        [
            record("SYSCALL", audit.call(87, "/usr/bin/rm")),
            record("PATH", audit.path("/var/log/", "PARENT")),
            record("PATH", audit.path("/var/log/x.log", "DELETE", 1)),
        ],
        {"event.action": "deleted", "event.type": ["deletion"], "file.path": "/var/log/x.log", "file.name": "x.log"},
    ),
    "a failed login": (
        [audit.LOGIN],
        {
            "event.action": "logged-in",
            "event.category": ["authentication", "session"],
            "event.outcome": "failure",
            "user.name": "an",
            "source.ip": "203.0.113.9",
            "source.domain": None,
            "process.executable": "/usr/sbin/sshd",
        },
    ),
    "a new account": (
        [audit.ADDED],
        {
            "event.action": "added-user-account",
            "event.type": ["user", "creation"],
            "user.name": "root",
            "user.target.id": "1001",
            "source.ip": None,
            "_overflow": None,
        },
    ),
    "a command of sudo": (
        [program("USER_CMD", 'cwd="/root" cmd=6C73202D6C exe="/usr/bin/sudo" terminal=pts/0 res=success', uid=1000)],
        {"event.action": "ran-command", "process.command_line": "ls -l", "process.working_directory": "/root"},
    ),
    "a service": (
        [program("SERVICE_STOP", 'unit=ufw comm="systemd" exe="/usr/lib/systemd/systemd" res=success')],
        {"event.action": "stopped-service", "service.name": "ufw", "event.type": ["end"]},
    ),
    "what SELinux denied": (
        [audit.AVC],
        {"event.type": ["denied"], "event.outcome": "failure", "process.name": "httpd", "file.path": "shadow"},
    ),
    "a changed rule": (
        [record("CONFIG_CHANGE", "auid=0 ses=1 op=remove_rule key=(null) list=4 res=1")],
        {"event.category": ["configuration"], "event.type": ["change"], "event.outcome": "success", "rule.name": None},
    ),
    "a host with a name": (audit.PLAIN, {"host.name": "portal-1", "user.name": "root", "event.action": "executed"}),
}


@pytest.mark.parametrize("case", CASES)
def test_an_event_has_the_fields_of_its_kind(case: str) -> None:
    lines, expected = CASES[case]
    assert expected == parts(ecs_of(*lines), *expected)


def test_the_time_is_that_of_the_record() -> None:
    (batch,) = batches_of(auditd.FORMAT, log(*audit.LS))
    assert "2023-11-14 22:13:20.123000" == str(row_of(normalise(batch, NOW))["@timestamp"])[:26]


def test_no_code_has_two_rows() -> None:
    codes = [event.code for event in tables.AUDITD.events]
    assert len(codes) == len(set(codes))


def test_an_event_of_sysmon_for_linux_is_as_one_of_windows() -> None:
    read = parse_sysmon(EVENT)
    assert read is not None
    gatherer = Gatherer(lambda _kind: ALL)
    gatherer.of(read[0]).take(read[1], EVENT.encode(), 0)
    (batch,) = gatherer.rest()
    expected = {"event.category": ["network"], "destination.ip": "198.51.100.7", "host.name": "portal-1"}
    assert expected == parts(row_of(normalise(batch, NOW)), *expected)
