"""What the fuzzer starts from: small sources of every format, made here, and rules that look at all of their fields."""

from __future__ import annotations

import bz2
import codecs
import gzip
import json
import lzma

import zstandard

from tests.formats import audit_lines, network_lines, server_logs, syslog_lines, web_lines
from tests.formats.evtx_writer import an_event, an_evtx
from tests.formats.shapes import SHAPES, line_of
from tests.inputs.archive_writers import ARCHIVES, a_7z, a_tar, a_zip

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
    "evtx": [_EVTX],
    "network": network_lines.SEEDS,
    "auditd": [audit_lines.ALL, audit_lines.ALL[700:]],
    **web_lines.SOURCES,
    "syslog": [syslog_lines.LOG, syslog_lines.LOG[100:]],
    "syslog_frames": [syslog_lines.FRAMES],
    "cef": [syslog_lines.RECORDS],
    "journal": [syslog_lines.JOURNAL],
    **{name: [log] for name, log in server_logs.LOGS.items()},
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

_RULE = """
title: {title}
logsource: {{product: windows}}
detection:
    selection:
        {selection}
    condition: {condition}
---
"""
_RULES = (
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
RULES = "".join(
    _RULE.format(title=f"Rule {number}", selection=selection, condition=condition)
    for number, (selection, condition) in enumerate(_RULES)
).encode()
