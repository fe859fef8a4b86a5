"""What every shipped rule and its evidence must be like."""

from __future__ import annotations

import ipaddress
import json
import re
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import yaml
from sigma.rule import SigmaRule

from tests.detections.logs import read_log

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SIGMA = ROOT / "detections" / "sigma"
SAMPLES = ROOT / "docs" / "samples"
RULES = sorted(SIGMA.rglob("*.yml"))
NAMES = [path.relative_to(SIGMA).with_suffix("").as_posix() for path in RULES]

KEYS = [
    "title",
    "id",
    "status",
    "description",
    "references",
    "author",
    "date",
    "tags",
    "logsource",
    "detection",
    "falsepositives",
    "level",
]
STATUSES = {"stable", "test", "experimental"}
LEVELS = {"informational", "low", "medium", "high", "critical"}
# The tactics of ATT&CK Enterprise 19, which split Defense Evasion in two.
TACTICS = {
    "reconnaissance",
    "resource-development",
    "initial-access",
    "execution",
    "persistence",
    "privilege-escalation",
    "stealth",
    "defense-impairment",
    "credential-access",
    "discovery",
    "lateral-movement",
    "collection",
    "command-and-control",
    "exfiltration",
    "impact",
}
REFERENCES = (
    "https://attack.mitre.org/techniques/",
    "https://learn.microsoft.com/",
    # Who lays down the format of a log, or the protocol or program that a rule looks at.
    "https://httpd.apache.org/docs/",
    "https://nginx.org/en/docs/",
    "https://docs.haproxy.org/",
    "https://owasp.org/",
    "https://cwe.mitre.org/data/definitions/",
    "https://man7.org/linux/man-pages/",
    "https://man.openbsd.org/",
    "https://www.sudo.ws/docs/",
    "https://www.postgresql.org/docs/",
    "https://mariadb.com/kb/en/",
    "https://dev.mysql.com/doc/",
    "https://bind9.readthedocs.io/",
    "https://www.rfc-editor.org/rfc/",
    "https://docs.suricata.io/",
    "https://docs.zeek.org/",
    "https://docs.aws.amazon.com/",
    "https://kubernetes.io/docs/",
)
FORMATS = {
    "evtx_dump JSON": "Event",
    "evtx_dump JSON, --separate-json-attributes": "Event",
    "NXLog im_msvistalog JSON": "SourceModuleType",
    "Winlogbeat 8 JSON": "winlog",
}
# RFC 5737, RFC 3849 (documentation) and RFC 1918, RFC 4193, RFC 3927, loopback (inside).
RESERVED = [
    ipaddress.ip_network(network)
    for network in [
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "2001:db8::/32",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "::1/128",
        "fd00::/8",
    ]
]
ACCOUNTS = {
    "nguyễn.an",
    "lan.pham",
    "trần.bình",
    "qt.hệthống",
    "qt.minh",
    "svc-dvc",
    "svc-dinhdanh",
    "svc-sql",
    "svc-vanban",
}
# Not `Chrome/142.0.0.0`, the version of a product.
DOTTED = re.compile(r"(?<![\w.])(?<![A-Za-z]/)\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
COLONS = re.compile(r"(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:(?:\.\d{1,3}){3})?(?![\w:.])", re.IGNORECASE)
HOST = re.compile(r"https?://([^\s/:'\")]+)", re.IGNORECASE)
# What Windows and scanners write of themselves.
TOOLS = {"schemas.microsoft.com", "nmap.org", "sqlmap.org"}

each_rule = pytest.mark.parametrize("path", RULES, ids=NAMES)


@cache
def rule_of(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


@cache
def evidence_of(path: Path) -> list[dict[str, Any]]:
    lines = path.with_suffix(".events.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def texts(value: object) -> Iterator[str]:
    """Give every string in an event, wherever it is nested."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def addresses(text: str) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Give every address in a text; what only looks like one (a version, a time of day) is left out."""
    for found in [*DOTTED.findall(text), *COLONS.findall(text)]:
        try:
            yield ipaddress.ip_address(found)
        except ValueError:
            continue


def test_there_are_rules() -> None:
    assert len(RULES) >= 16


@each_rule
def test_a_rule_has_every_key_in_the_house_order(path: Path) -> None:
    assert list(rule_of(path)) == KEYS


@each_rule
def test_pysigma_reads_a_rule_and_its_conditions_without_error(path: Path) -> None:
    rule = SigmaRule.from_yaml(path.read_text(encoding="utf-8"), collect_errors=True)
    assert rule.errors == []
    assert all(condition.parsed for condition in rule.detection.parsed_condition)


@each_rule
def test_a_rule_lies_under_its_log_source_and_is_named_in_snake_case(path: Path) -> None:
    source = rule_of(path)["logsource"]
    expected = (source.get("product", "any"), source.get("category") or source["service"])
    assert expected == path.relative_to(SIGMA).parts[:2]
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", path.stem)


@each_rule
def test_level_status_and_tags_are_known_words(path: Path) -> None:
    rule = rule_of(path)
    assert rule["level"] in LEVELS
    assert rule["status"] in STATUSES
    names = [tag.removeprefix("attack.") for tag in rule["tags"]]
    assert [] == [name for name in names if name not in TACTICS and not re.fullmatch(r"t\d{4}(\.\d{3})?", name)]
    assert TACTICS & set(names)
    assert set(names) - TACTICS


@each_rule
def test_references_are_public_pages_that_name_the_tagged_techniques(path: Path) -> None:
    rule = rule_of(path)
    assert [] == [link for link in rule["references"] if not link.startswith(REFERENCES)]
    linked = [link.removeprefix(REFERENCES[0]) for link in rule["references"] if link.startswith(REFERENCES[0])]
    tagged = {tag.removeprefix("attack.").upper().replace(".", "/") + "/" for tag in rule["tags"]}
    assert [] == [link for link in linked if link not in tagged]


def test_ids_and_titles_are_unique_and_ids_are_random_uuids() -> None:
    rules = [rule_of(path) for path in RULES]
    assert len(RULES) == len({rule["id"] for rule in rules})
    assert len(RULES) == len({rule["title"] for rule in rules})
    assert {4} == {UUID(rule["id"]).version for rule in rules}


def test_no_evidence_lies_about_without_a_rule() -> None:
    evidence = {path.with_name(path.name.removesuffix(".events.jsonl")) for path in SIGMA.rglob("*.events.jsonl")}
    assert {path.with_suffix("") for path in RULES} == evidence


@each_rule
def test_evidence_holds_a_match_and_a_near_miss(path: Path) -> None:
    assert {True, False} == {case["match"] for case in evidence_of(path)}


@each_rule
def test_each_case_says_why_and_has_the_shape_it_names(path: Path) -> None:
    for case in evidence_of(path):
        assert case["why"].endswith(".")
        if "log" in case:
            assert ["match", "why", "format", "log"] == list(case)
            assert case["format"] == read_log(case["log"])[0].title
        else:
            assert ["match", "why", "format", "event"] == list(case)
            assert FORMATS[case["format"]] in case["event"]
            assert case["format"].endswith("attributes") == ("Event_attributes" in case["event"])


@each_rule
def test_a_log_in_evidence_is_read_without_fault(path: Path) -> None:
    for case in evidence_of(path):
        if "log" in case:
            _format, gatherer = read_log(case["log"])
            assert (True, []) == (gatherer.events > 0, gatherer.faults)


def test_the_evidence_uses_every_shape() -> None:
    shapes = {case["format"] for path in RULES for case in evidence_of(path) if "event" in case}
    assert set(FORMATS) == shapes


@each_rule
def test_every_address_in_evidence_is_reserved_or_private(path: Path) -> None:
    for case in evidence_of(path):
        found = {one for text in texts(case.get("event", case.get("log"))) for one in addresses(text)}
        assert set() == {one for one in found if not is_reserved(one)}


def is_reserved(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any((inner or address) in network for network in RESERVED)


def is_address(text: str) -> bool:
    return any(is_reserved(one) for one in addresses(text))


@each_rule
def test_every_host_and_person_in_evidence_is_invented(path: Path) -> None:
    for case in evidence_of(path):
        strings = list(texts(case.get("event", case.get("log"))))
        hosts = {host for text in strings for host in HOST.findall(text)}
        assert set() == {host for host in hosts - TOOLS if not host.endswith(".example") and not is_address(host)}
        people = {found for text in strings for found in re.findall(r"SOTNMT\\([^\s\"<\\]+)", text)}
        assert set() == people - ACCOUNTS
        assert strings == [unicodedata.normalize("NFC", text) for text in strings]


def test_the_samples_are_what_their_script_writes() -> None:
    done = subprocess.run(
        [sys.executable, str(SAMPLES / "build.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


def test_the_samples_are_small() -> None:
    assert sum(path.stat().st_size for path in (SAMPLES / "windows").iterdir()) < 400_000
