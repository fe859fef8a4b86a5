"""One folder with logs of every kind, plain, packed and in archives: each is told for what it is."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
from pathlib import Path

import pytest
import zstandard

from sentinel.cli.main import main
from sentinel.formats.registry import formats, recognise
from tests.formats import (
    audit_lines,
    cloud_records,
    document_lines,
    network_lines,
    server_logs,
    syslog_lines,
    web_lines,
)
from tests.formats.evtx_writer import an_event, an_evtx
from tests.inputs.archive_writers import a_7z, a_tar, a_zip

SAMPLES = Path(__file__).resolve().parents[1] / "docs" / "samples"
RECORDED = {
    "web/nginx-access.log": "access_log",
    "web/nginx-access.json": "ndjson",
    "web/nginx-error.log": "nginx_error",
    "web/apache-access.log": "access_log",
    "web/apache-common.log": "access_log",
    "web/apache-error.log": "apache_error",
    "web/haproxy.log": "haproxy",
    "linux/audit.log": "auditd",
    "linux/auth.log": "syslog",
    "linux/auth-5424.log": "syslog",
    "linux/journal.export": "journal",
    "linux/journal.json": "ndjson",
    "network/firewall.log": "syslog",
    "dns/bind-query.log": "bind",
    "dns/unbound.log": "unbound",
    "database/postgresql.log": "postgresql",
    "database/postgresql.csv": "postgresql_csv",
    "database/postgresql.json": "ndjson",
    "database/mariadb-error.log": "mysql_error",
    "database/mariadb-general.log": "mysql_general",
    "windows/database.json": "json",
    "windows/portal.ndjson": "ndjson",
}
ARCHIVES = (".zip", ".xz", ".7z", ".zst", ".gz", ".bz2")
WRITTEN = {
    "zeek-conn": ("zeek", network_lines.CONN),
    "zeek-json": ("ndjson", network_lines.ndjson(*network_lines.CONN_JSON)),
    "suricata": ("ndjson", network_lines.ndjson(*network_lines.EVE)),
    "suricata-fast": ("suricata_fast", network_lines.FAST),
    "frames": ("syslog_frames", syslog_lines.FRAMES),
    "cef-and-leef": ("cef", syslog_lines.RECORDS),
    "audit": ("auditd", audit_lines.ALL),
    "dnsmasq": ("dnsmasq", server_logs.DNSMASQ),
    "dns-server": ("windows_dns", server_logs.WINDOWS_DNS),
    "dhcp-server": ("windows_dhcp", server_logs.WINDOWS_DHCP),
    "mysql-slow": ("mysql_slow", server_logs.MYSQL_SLOW),
    "mysql-audit": ("mysql_audit", server_logs.MYSQL_AUDIT),
    "table": ("csv", server_logs.CSV),
    "iis": ("w3c", web_lines.IIS),
    "squid": ("squid", web_lines.SQUID),
    "envoy": ("envoy", web_lines.ENVOY),
    "balancer": ("aws_alb", web_lines.ALB),
    "documents": ("ecs", document_lines.ALL),
    "evtx": ("evtx", an_evtx([[an_event(1, {"Image": "C:\\a.exe"})]])),
    "cloud": (
        "ndjson",
        b"".join(json.dumps(one).encode() + b"\n" for several in cloud_records.ALL.values() for one in several),
    ),
}


def recorded(folder: str) -> dict[str, bytes]:
    return {name: (SAMPLES / name).read_bytes() for name in RECORDED if name.startswith(f"{folder}/")}


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Give a folder of everything: archives, an archive within an archive, packed files, plain ones."""
    for name, content in {
        "web.zip": a_zip(recorded("web")),
        "linux.tar.xz": lzma.compress(a_tar(recorded("linux"))),
        "database.7z": a_7z(recorded("database")),
        "inner.tar.zst": zstandard.compress(a_tar({"dns.zip": a_zip(recorded("dns"))})),
        "network.tar.gz": gzip.compress(a_tar(recorded("network"))),
        "windows.tar.bz2": bz2.compress(a_tar(recorded("windows"))),
    }.items():
        (tmp_path / name).write_bytes(content)
    packings = (bytes, gzip.compress, bz2.compress, lzma.compress, zstandard.compress)
    for number, (name, (_format, content)) in enumerate(WRITTEN.items()):
        (tmp_path / f"{name}.bin").write_bytes(packings[number % len(packings)](content))
    return tmp_path


def test_each_file_and_member_is_told_for_what_it_is(
    mixed: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    assert 0 == main(["scan", str(mixed), "--files"])
    rows = re.findall(r"^(\S+) +(\S+) +([\d,]+) +([\d,]+) *$", capfd.readouterr().out, re.MULTILINE)
    told = {path.rpartition("!")[2].removeprefix(f"{mixed}/"): (found, errors) for path, found, _events, errors in rows}
    written = {f"{name}.bin": found for name, (found, _data) in WRITTEN.items()}
    assert {name: (found, "0") for name, found in (RECORDED | written).items()} == {
        name: row for name, row in told.items() if not name.endswith(ARCHIVES)
    }
    assert [] == [path for path, _found, events, _errors in rows if events == "0" and not path.endswith(ARCHIVES)]


@pytest.mark.parametrize("name", WRITTEN)
def test_no_format_takes_the_log_of_another(name: str) -> None:
    expected, content = WRITTEN[name]
    found = recognise(content)
    assert found is not None
    assert expected == found.name


def test_every_format_is_in_the_folder() -> None:
    there = {*RECORDED.values(), *(found for found, _data in WRITTEN.values())}
    assert set() == {each.name for each in formats()} - there
