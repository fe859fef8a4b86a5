"""Documents of the Elastic Common Schema, as agents and our own export write them."""

from __future__ import annotations

import json
from typing import Any, Final

ID: Final = "01a1f640c1a3" + "3f" * 12
NGINX: Final[dict[str, Any]] = {
    "@timestamp": "2026-11-20T00:00:01.443Z",
    "ecs": {"version": "8.17.0"},
    "event": {"dataset": "nginx.access", "category": ["web"], "outcome": "success"},
    "source": {"ip": "192.0.2.1", "port": 4135},
    "http": {"response": {"status_code": 200}},
    "nginx": {"access": {"upstream": "10.0.0.1:8080", "weight": 5}},
    "labels": {"platform": "portal", "share": 0.5},
}
SYSMON: Final[dict[str, Any]] = {
    "@timestamp": "2026-11-20T00:00:01.443Z",
    "ecs.version": "8.17.0",
    "event.dataset": "windows.sysmon",
    "event.code": "1",
    "event.id": ID,
    "winlog.channel": "Microsoft-Windows-Sysmon/Operational",
    "winlog.provider_name": "Microsoft-Windows-Sysmon",
    "winlog.event_data.Image": "C:\\a.exe",
    "winlog.event_data.ProcessGuid": "{8C1F33A0-498A-5EE0-C903-000000000400}",
    "winlog.record_id": 7,
}


def line(document: dict[str, Any], **dump: Any) -> bytes:  # noqa: ANN401 - what json.dumps takes
    """Write a document as most programs do."""
    return json.dumps(document, **({"separators": (",", ":")} | dump)).encode() + b"\n"


def dotted(document: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Give a document's fields by dotted names."""
    found: dict[str, Any] = {}
    for name, value in document.items():
        found |= dotted(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return found


ALL: Final = (
    line(NGINX) + line(dotted(NGINX)) + line(SYSMON) + line(SYSMON | {"event.code": "3"}, separators=(", ", ": "))
)
