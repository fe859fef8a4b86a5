"""Reading speed of each format on records made here."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from sentinel.formats import json_documents, json_lines
from sentinel.formats.base import Block
from sentinel.formats.gather import Gatherer

if TYPE_CHECKING:
    from collections.abc import Iterator

_RECORDS = 40_000


def _nested(number: int) -> dict[str, object]:
    return {
        "Event": {
            "System": {
                "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}},
                "EventID": 1,
                "Channel": "Microsoft-Windows-Sysmon/Operational",
                "Computer": "an-phu-01.gov.example",
                "TimeCreated": {"#attributes": {"SystemTime": "2026-11-20T01:02:03.000000Z"}},
                "EventRecordID": number,
            },
            "EventData": {
                "Image": f"C:\\Windows\\System32\\{number % 97}.exe",
                "CommandLine": f"{number} " + "x" * 200,
                "User": "AN-PHU\\lan.pham",
                "Hashes": "SHA256=" + f"{number:064x}",
            },
        }
    }


def _flat(number: int) -> dict[str, object]:
    return {
        "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "SourceName": "Microsoft-Windows-Sysmon",
        "Hostname": "an-phu-01.gov.example",
        "@timestamp": "2026-11-20T01:02:03.000Z",
        "Image": f"C:\\Windows\\System32\\{number % 97}.exe",
        "CommandLine": f"{number} " + "x" * 200,
        "User": "AN-PHU\\lan.pham",
        "Hashes": "SHA256=" + f"{number:064x}",
    }


def rates() -> Iterator[tuple[str, float, float]]:
    """Give the name of each case, and its MB and events per processor second."""
    nested = [_nested(number) for number in range(_RECORDS)]
    flat = [_flat(number) for number in range(_RECORDS)]
    cases = (
        ("NDJSON, flat", json_lines.FORMAT, "\n".join(map(json.dumps, flat))),
        ("NDJSON, nested", json_lines.FORMAT, "\n".join(map(json.dumps, nested))),
        ("JSON array, nested, indented", json_documents.FORMAT, json.dumps(nested, indent=2)),
    )
    for name, of, text in cases:
        data = text.encode()
        gatherer = Gatherer(lambda _kind: ("Image", "CommandLine", "User"))
        began = time.process_time()
        of.read(Block(0, 0, data, 1, last=True), gatherer)
        for _batch in gatherer.rest():
            pass
        seconds = time.process_time() - began
        yield name, len(data) / 1e6 / seconds, gatherer.events / seconds
