"""Rules for Linux hit what the audit system recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentinel.detect.sigma.load import compile_files
from sentinel.detect.sigma.logsource import resolve
from sentinel.formats.auditd_sysmon import parse_sysmon
from sentinel.formats.gather import ALL, Gatherer
from tests.detect.builders import rule
from tests.detections.logs import rules_hit
from tests.formats import audit_lines as audit
from tests.formats.audit_lines import executed, log, record

if TYPE_CHECKING:
    from pathlib import Path

AUDITD = "{product: linux, service: auditd}"
PROCESS = "{product: linux, category: process_creation}"
FILE = "{product: linux, category: file_event}"
NETWORK = "{product: linux, category: network_connection}"


def hits(detection: str, source: str, *lines: str) -> bool:
    """Tell whether a detection hits a log; it must compile."""
    ruleset = compile_files([("0.yml", rule(detection, source).encode())])
    assert () == ruleset.rejections
    return bool(rules_hit(ruleset, log(*lines).decode()))


def failed(lines: list[str]) -> list[str]:
    return [line.replace("success=yes", "success=no") for line in lines]


READ = [line.replace("a2=241", "a2=80000").replace("nametype=CREATE", "nametype=NORMAL") for line in audit.CREATE]
TO_SOCKET = [audit.CONNECT[0], record("SOCKADDR", "saddr=01002F72756E2F78", 457)]
CASES: list[tuple[str, str, list[str], bool]] = [
    ("{type: EXECVE, a0: ls, a1: '-l'}", AUDITD, audit.LS, True),
    ("{type: SYSCALL, SYSCALL: execve, exe|endswith: /ls}", AUDITD, audit.LS, True),
    ("{type: execve, a0: ls}", AUDITD, audit.LS, True),
    ("{type: EXECVE, a0: '55d0'}", AUDITD, audit.LS, False),
    ("{type: PATH, name: /usr/bin/ls}", AUDITD, audit.LS, True),
    ("{type: PATH, nametype: CREATE, name|contains: 'x y'}", AUDITD, audit.CREATE, True),
    ("{type: ADD_USER}", AUDITD, [audit.ADDED], True),
    ("{Image|endswith: /ls, CommandLine|contains: 'ls -l', User: an}", PROCESS, audit.LS, True),
    ("{CurrentDirectory: /home/an, ProcessId: 101, ParentProcessId: 100, LogonId: 3}", PROCESS, audit.LS, True),
    ("['ls -l', 'nothing']", AUDITD, audit.LS, True),
    ("['đường dẫn']", AUDITD, audit.LS, True),
    ("['x y.sh']", AUDITD, audit.CREATE, True),
    ("['a command that nobody ran']", AUDITD, audit.LS, False),
    ("{Image|endswith: /ls, ParentImage|endswith: /bash}", PROCESS, audit.LS, False),
    ("{Image|endswith: /ls}", PROCESS, failed(audit.LS), False),
    ("{Image|endswith: /wget}", PROCESS, audit.CREATE, False),
    ("{Image|endswith: /wget, TargetFilename: '/var/www/x y.sh'}", FILE, audit.CREATE, True),
    ("{Image|endswith: /wget}", FILE, READ, False),
    ("{Image|endswith: /wget}", FILE, failed(audit.CREATE), False),
    ("{Initiated: 'true', DestinationIp|cidr: 198.51.100.0/24, DestinationPort: 4444}", NETWORK, audit.CONNECT, True),
    ("{Image|endswith: /bash}", NETWORK, TO_SOCKET, False),
]  # fmt: skip


@pytest.mark.parametrize(("selection", "source", "lines", "expected"), CASES)
def test_a_rule_for_linux_hits_what_it_means(selection: str, source: str, lines: list[str], expected: bool) -> None:
    assert expected == hits(f"selection: {selection}", source, *lines)


def test_every_log_source_of_sigmahq_for_auditd_is_read() -> None:
    sources = [(None, "auditd"), *((name, None) for name in ("process_creation", "file_event", "network_connection"))]
    for category, service in sources:
        assert "linux.auditd" in {name for each in resolve("linux", category, service) for name in each.datasets}


def unit(name: str) -> str:
    return audit.program("SERVICE_STOP", f'unit={name} comm="systemd" exe="/usr/lib/systemd/systemd" res=success')


def called(number: int, name: str, *, a0: str = "0") -> str:
    return record("SYSCALL", audit.call(number, "/usr/bin/x", name=name, registers=(a0, "0", "0"), items=0))


# A rule of SigmaHQ by its path → a log that it is about.
EVIDENCE: dict[str, list[str]] = {
    "auditd/execve/lnx_auditd_susp_cmds.yml": executed("/usr/bin/chmod", "chmod", "777", "/etc/x"),
    "auditd/execve/lnx_auditd_bpfdoor_port_redirect.yml": executed(
        "/usr/sbin/iptables", "/sbin/iptables", "-t", "nat", "-A", "PREROUTING", "-j", "REDIRECT", "--to-ports 42392"
    ),
    "auditd/execve/lnx_auditd_user_discovery.yml": executed("/usr/bin/whoami", "whoami"),
    "auditd/execve/lnx_auditd_hidden_files_directories.yml": executed("/usr/bin/touch", "touch", "/srv/.x"),
    "auditd/execve/lnx_auditd_susp_histfile_operations.yml": executed("/usr/bin/rm", "rm", "/root/.bash_history"),
    "auditd/path/lnx_auditd_ld_so_preload_mod.yml": [record("PATH", audit.path("/etc/ld.so.preload"))],
    "auditd/path/lnx_auditd_systemd_service_creation.yml": [
        record("PATH", audit.path("/etc/systemd/system/", "PARENT")),
        record("PATH", audit.path("/etc/systemd/system/x.service", "CREATE", 1)),
    ],
    "auditd/service_stop/lnx_auditd_disable_system_firewall.yml": [unit("ufw")],
    "auditd/syscall/lnx_auditd_susp_discovery_sysinfo_syscall.yml": [called(99, "sysinfo")],
    "auditd/syscall/lnx_auditd_susp_special_file_creation_via_mknod_syscall.yml": [called(133, "")],
    "auditd/syscall/lnx_auditd_clean_disable_dmesg_logs_via_syslog.yml": [called(103, "", a0="5")],
    "auditd/syscall/lnx_auditd_create_account.yml": [audit.ADDED],
    "auditd/lnx_auditd_disable_aslr_protection.yml": [called(135, "", a0="40000")],
    "process_creation/proc_creation_lnx_base64_decode.yml": executed("/usr/bin/base64", "base64", "-d", "x"),
    "process_creation/proc_creation_lnx_mount_hidepid.yml": executed("/usr/bin/mount", "mount", "-o", "hidepid=2"),
    "file_event/file_event_lnx_persistence_sudoers_files.yml": [
        line.replace("/var/www", "/etc/sudoers.d") for line in audit.CREATE
    ],
    "network_connection/net_connection_lnx_susp_malware_callback_port.yml": audit.CONNECT,
}


@pytest.mark.parametrize("name", EVIDENCE)
def test_a_rule_of_sigmahq_hits_a_log_that_it_is_about(shared: Path, name: str) -> None:
    ruleset = compile_files([(name, (shared / "sigma/rules/linux" / name).read_bytes())])
    assert [0] == sorted(rules_hit(ruleset, log(*EVIDENCE[name]).decode()))
    assert [] == sorted(rules_hit(ruleset, log(*executed("/usr/bin/true", "true")).decode()))


def test_every_rule_of_sigmahq_for_auditd_compiles(shared: Path) -> None:
    paths = sorted((shared / "sigma/rules/linux/auditd").rglob("*.yml"))
    ruleset = compile_files([(str(path), path.read_bytes()) for path in paths])
    assert (len(paths), ()) == (len(ruleset.rules), ruleset.rejections)
    assert len(paths) > 50


SYSMON = (
    '<Event><System><Provider Name="Linux-Sysmon" Guid="{ff032593-a8d3-4f13-b0d6-01fc615a0f97}"/>'
    "<EventID>1</EventID><Version>5</Version><Level>4</Level><EventRecordID>77</EventRecordID>"
    '<TimeCreated SystemTime="2023-11-14T22:13:20.123456000Z"/><Channel>Linux-Sysmon/Operational</Channel>'
    '<Computer>portal-1</Computer><Security UserId="0"/></System><EventData><Data Name="RuleName">-</Data>'
    '<Data Name="Image">/usr/bin/base64</Data><Data Name="CommandLine">base64 -d &lt;x&gt;</Data>'
    '<Data Name="ParentImage">/usr/bin/bash</Data></EventData></Event>'
)


def test_rules_for_a_category_hit_events_of_sysmon(shared: Path) -> None:
    from sentinel.detect.engine import Engine
    from sentinel.reading import texts_of

    name = "process_creation/proc_creation_lnx_base64_decode.yml"
    ruleset = compile_files([(name, (shared / "sigma/rules/linux" / name).read_bytes())])
    read = parse_sysmon(SYSMON)
    assert read is not None
    gatherer = Gatherer(lambda _kind: ALL)
    gatherer.of(read[0]).take(read[1], SYSMON.encode(), 0)
    assert [[(0, [0])]] == [
        [(number, list(rows)) for number, rows in Engine(ruleset, texts_of).hits(batch)] for batch in gatherer.rest()
    ]
