"""The recorded samples: what the README says is there, and nothing of the machine that recorded it."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from docs.samples import record
from docs.samples.recording.audit import kept
from docs.samples.recording.machine import Missing
from docs.samples.recording.table import RECORDINGS
from docs.samples.recording.visits import INTRUDER, SCANNER

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "docs" / "samples"
FOLDERS = ("database", "dns", "linux", "network", "web")
RECORDED = sorted(path for folder in FOLDERS for path in (SAMPLES / folder).rglob("*") if path.is_file())
NAMES = [path.relative_to(SAMPLES).as_posix() for path in RECORDED]
LIMIT = 1_500_000

ALLOWED = [
    ipaddress.ip_network(text)
    for text in (
        *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),  # RFC 5737
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),  # RFC 1918
        *("127.0.0.0/8", "0.0.0.0/32", "169.254.169.254/32"),  # itself, any, and what a forged request asks clouds for
        *("2001:db8::/32", "::1/128", "::/128", "fe80::/10", "ff02::/16"),
    )
]
ADDRESS = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
ADDRESS_6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}|:)(?![\w:])|(?<![\w:])fe80::[\w:]+")
VERSION = re.compile(r"(?:Chrome|Edg|Safari)/[\d.]+")
CLOCK_OR_CARD = re.compile(r"\d\d:\d\d:\d\d|(?:[0-9a-f]{2}:){5,}[0-9a-f]{2}")
OF_THE_RECORDER = re.compile(
    rb"/root\b|/work/|/tmp/record-|/tmp/bash|pyenv|firecracker|-fc-|/docs/samples|/home/(?!\w*0\d|hotro|saoluu)"
)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def addresses(text: str) -> set[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    plain = VERSION.sub("", text)
    return {*read(ADDRESS.findall(plain)), *read(ADDRESS_6.findall(CLOCK_OR_CARD.sub("", plain)))}


def read(texts: list[str]) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    for text in texts:
        with contextlib.suppress(ValueError):  # four numbers that are no address, or words between colons
            yield ipaddress.ip_address(text)


def of_intruders(text: str) -> bool:
    return INTRUDER in text or SCANNER in text


def test_the_readme_lists_exactly_the_recorded_files() -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    listed = re.findall(rf"^\| `((?:{'|'.join(FOLDERS)})/[^`]+)`", readme, re.MULTILINE)
    assert NAMES == sorted(listed)


def test_every_recorded_file_belongs_to_one_recording() -> None:
    promised = [name for one in RECORDINGS.values() for name in one.files]
    assert NAMES == sorted(promised)


def test_the_recorded_files_are_small_together() -> None:
    assert sum(path.stat().st_size for path in RECORDED) <= LIMIT


@pytest.mark.parametrize("path", RECORDED, ids=NAMES)
def test_nothing_of_the_recording_machine_is_in_it(path: Path) -> None:
    assert [] == OF_THE_RECORDER.findall(path.read_bytes())


@pytest.mark.parametrize("path", [path for path in RECORDED if path.suffix != ".pcap"], ids=str)
def test_only_documentation_and_private_addresses_are_in_it(path: Path) -> None:
    outside = [one for one in addresses(text_of(path)) if not any(one in network for network in ALLOWED)]
    assert [] == outside


@pytest.mark.parametrize("name", [name for name in NAMES if "-normal" in name])
def test_normal_traffic_has_no_intruder_in_it(name: str) -> None:
    assert not of_intruders(text_of(SAMPLES / name))


@pytest.mark.parametrize(
    "name", [name for name in NAMES if "normal" not in name and name.startswith(("web/", "linux/"))]
)
def test_an_attack_is_recorded_with_ordinary_traffic_beside_it(name: str) -> None:
    lines = text_of(SAMPLES / name).splitlines()
    assert [True, True] == [
        any(of_intruders(line) for line in lines),
        any("198.51.100." in x or "10.49.8.21" in x for x in lines),
    ]


def test_the_forms_of_one_recording_hold_the_same_records() -> None:
    lines = {name: text_of(SAMPLES / name).splitlines() for name in NAMES if not name.endswith(".pcap")}
    assert len(lines["web/nginx-access.log"]) == len(lines["web/nginx-access.json"])
    assert len(lines["web/apache-access.log"]) == len(lines["web/apache-common.log"])
    assert len(lines["linux/auth.log"]) == len(lines["linux/auth-5424.log"])
    exported = sum(line.startswith("__CURSOR=") for line in lines["linux/journal.export"])
    assert len(lines["linux/journal.json"]) == exported


@pytest.mark.parametrize("name", ["web/nginx-access.json", "linux/journal.json", "database/postgresql.json"])
def test_json_is_json_on_every_line(name: str) -> None:
    records = [json.loads(line) for line in text_of(SAMPLES / name).splitlines()]
    assert {dict} == {type(record) for record in records}


def test_audit_keeps_the_scene_and_leaves_out_the_daemon() -> None:
    scene = b"type=USER_CMD msg=audit(1.0:2): pid=9\n"
    assert scene == kept(b"type=DAEMON_START msg=audit(1.0:1): kernel=6.1\n" + scene)


def test_recording_names_what_there_is_and_refuses_what_is_not() -> None:
    command = [sys.executable, str(SAMPLES / "record.py")]
    listed = subprocess.run([*command, "--list"], check=True, capture_output=True, encoding="utf-8").stdout
    assert list(RECORDINGS) == [line.split()[0] for line in listed.splitlines()]
    refused = subprocess.run([*command, "khong-co"], check=False, capture_output=True, encoding="utf-8")
    assert (1, "record.py: no recording is called khong-co") == (refused.returncode, refused.stderr.partition(";")[0])


def test_only_root_may_record() -> None:
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(Missing, match="only root may make namespaces"):
            record.record(["nginx"])
    finally:
        os.seteuid(before)


def test_an_address_of_the_world_would_be_found() -> None:
    found = addresses("10:20:30 a=8.8.8.8 b=2606:4700::1111 Chrome/142.0.0.0 00:00:5e:00:53:01 999.1.1.1 port 2.4.71")
    assert {ipaddress.ip_address("8.8.8.8"), ipaddress.ip_address("2606:4700::1111")} == found
