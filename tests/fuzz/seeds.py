"""What the fuzzer starts from: small sources of every format, made here, and rules that look at all of their fields."""

from __future__ import annotations

import bz2
import codecs
import gzip
import json
import lzma
from pathlib import Path
from typing import TYPE_CHECKING

import zstandard

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
from tests.formats.shapes import SHAPES, line_of
from tests.inputs.archive_writers import ARCHIVES, a_7z, a_tar, a_zip

if TYPE_CHECKING:
    from collections.abc import Iterator

_ODD = {
    "EventID": {"#attributes": {"Qualifiers": 0}, "#text": 7},
    "Channel": "Application",
    "Provider_Name": "x",
    "Big": 2**70,
    "Small": 1e-7,
    "Mixed": [1, True, None, "a", {"b": [2]}],
    "Image": "{6A910B9D-498A-5EE0-C903-000000000400}",
    "IpAddress": "::ffff:192.0.2.7",
}
_LINES = [line_of(record) for record in [*SHAPES.values(), _ODD]]
_EVENTS = [json.loads(line) for line in _LINES]
_EVTX = an_evtx([[an_event(number, {"Image": r"C:\a.exe", "CommandLine": "whoami"}) for number in range(2)]] * 2)
_NDJSON = b"\n".join(_LINES) + b"\n"

_SAMPLES = Path(__file__).parents[2] / "docs" / "samples"
_SAMPLE_BYTES = 6 << 10
_RECORDED = frozenset({".log", ".json", ".ndjson", ".csv", ".export"})


def _samples() -> list[bytes]:
    """Give the beginning of each recorded log."""
    paths = sorted(path for path in _SAMPLES.rglob("*") if path.suffix in _RECORDED)
    return [path.read_bytes()[:_SAMPLE_BYTES] for path in paths]


_WEB_JSON = web_lines.NGINX_JSON + web_lines.CADDY + web_lines.TRAEFIK

SEEDS: dict[str, list[bytes]] = {
    "ndjson": [_NDJSON, b"\r\n".join(_LINES), codecs.BOM_UTF8 + _NDJSON, b"\n\n".join(_LINES[:3]), _WEB_JSON],
    "json": [
        json.dumps(_EVENTS).encode(),
        json.dumps(_EVENTS, indent=2).encode(),
        b"".join(
            b"Record %d\n%s\n" % (number, json.dumps(event, indent=2).encode()) for number, event in enumerate(_EVENTS)
        ),
        b"".join(_LINES),
    ],
    "ecs": [document_lines.ALL],
    "evtx": [_EVTX],
    "network": network_lines.SEEDS,
    "auditd": [audit_lines.ALL, audit_lines.ALL[700:]],
    **web_lines.SOURCES,
    "syslog": [syslog_lines.LOG, syslog_lines.LOG[100:]],
    "syslog_frames": [syslog_lines.FRAMES],
    "cef": [syslog_lines.RECORDS],
    "journal": [syslog_lines.JOURNAL],
    **{name: [log] for name, log in server_logs.LOGS.items()},
    "cloud": ["".join(f"{json.dumps(record)}\n" for record in each).encode() for each in cloud_records.ALL.values()],
    "samples": _samples(),
    "packed": [
        gzip.compress(_NDJSON),
        gzip.compress(_NDJSON[:999]) + gzip.compress(_NDJSON[999:]),
        zstandard.compress(_NDJSON),
        zstandard.compress(gzip.compress(_EVTX)),
        bz2.compress(_NDJSON),
        lzma.compress(_NDJSON),
        *(write({"a.log": _NDJSON, "b/c": gzip.compress(_NDJSON)}) for write in ARCHIVES.values()),
        a_tar({"inner.zip": a_zip({"a": _NDJSON}), "inner.7z": a_7z({"a": _NDJSON})}),
        _NDJSON.decode().encode("utf-16"),
    ],
}

SEVERAL = frozenset({"cloud", "network", "packed", "samples"})
"""Groups of seeds that are of several formats."""

_RULE = """
title: {title}
logsource: {{{source}}}
detection:
    selection:
        {selection}
    condition: {condition}
---
"""
_WINDOWS = (
    ("Image|endswith: .exe", "selection"),
    ("CommandLine|contains|all: [cmd, echo]", "selection"),
    ("CommandLine|re: 'a.*[bx]$'", "selection"),
    ("Image|cased: x", "not selection"),
    ("IpAddress|cidr: 192.0.2.0/24", "selection"),
    ("Big|gte: 5", "selection"),
    ("User: null", "selection"),
    ("Image|fieldref: CommandLine", "selection"),
    ("EventID: 7", "selection"),
    ("- whoami", "selection"),
    ("Hashes|contains: 'SHA256='", "selection"),
)
# Log sources that together select every other dataset: a field of each that holds text, and one that holds an address.
_SOURCES = {
    "product: linux": ("message", "ip"),
    "product: linux, service: auditd": ("command_line", "saddr_ip"),
    "product: linux, service: sysmon": ("CommandLine", "DestinationIp"),
    "product: cisco": ("message", "src_ip"),
    "category: firewall": ("action", "src_ip"),
    "category: webserver": ("cs-uri-query", "c-ip"),
    "category: proxy": ("c-uri", "c-ip"),
    "product: nginx": ("message", "client"),
    "product: apache": ("message", "client"),
    "category: dns": ("query", "src_ip"),
    "category: dhcp": ("Host Name", "IP Address"),
    "product: bind": ("message", "client"),
    "product: unbound": ("message", "client"),
    "product: dnsmasq": ("message", "client"),
    "category: database": ("query", "remote_host"),
    "product: mysql": ("msg", "host"),
    "product: zeek": ("uri", "id.orig_h"),
    "product: suricata": ("http.url", "src_ip"),
    "product: csv": ("Note", "Source IP"),
    "product: aws": ("eventName", "sourceIPAddress"),
    "product: azure": ("operationName", "callerIpAddress"),
    "product: okta": ("eventType", "client.ipAddress"),
    "product: m365": ("Operation", "ClientIP"),
    "product: kubernetes": ("verb", "sourceIPs"),
    "product: gcp": ("protoPayload.methodName", "protoPayload.requestMetadata.callerIp"),
    "product: github": ("action", "actor_ip"),
    "product: bitbucket": ("auditType.action", "source"),
}
_ELSEWHERE = (
    ("{text}|contains: e", "not selection"),
    ("{text}|re: '[a-z]+ .*[ex]'", "selection"),
    ("{address}|cidr: 192.0.2.0/24", "selection"),
    ("- passwd", "selection"),
)


def _rules() -> Iterator[tuple[str, str, str]]:
    """Give log source, selection and condition of each rule."""
    for selection, condition in _WINDOWS:
        yield "product: windows", selection, condition
    for source, (text, address) in _SOURCES.items():
        for selection, condition in _ELSEWHERE:
            yield source, selection.format(text=text, address=address), condition


RULES = "".join(
    _RULE.format(title=f"Rule {number}", source=source, selection=selection, condition=condition)
    for number, (source, selection, condition) in enumerate(_rules())
).encode()
